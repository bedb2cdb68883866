package webhook

import (
	"context"
	"sync"
	"time"
)

// pace spreads requests over time, so that an application under test has no
// more to do than it can.
type pace struct {
	guard sync.Mutex // of next
	next  time.Time  // when the next request may go
}

// wait waits until one more request may go, if so many may in a second, or any
// number for 0. It ends early, with an error, when ctx ends.
func (p *pace) wait(ctx context.Context, perSecond int) error {
	if perSecond == 0 {
		return nil
	}
	p.guard.Lock()
	now := time.Now()
	at := p.next
	if at.Before(now) {
		at = now
	}
	p.next = at.Add(time.Second / time.Duration(perSecond))
	p.guard.Unlock()
	if at == now {
		return nil
	}
	select {
	case <-time.After(at.Sub(now)):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
