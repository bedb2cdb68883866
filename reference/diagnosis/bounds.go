// This file answers: how long may explaining take? As long as a person waits
// for it.

package diagnosis

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

// Bounds limit the work of the engine. The zero value stands for the default of
// each; a negative number stands for no limit.
type Bounds struct {
	Compute time.Duration // own computing, as a person waits for it; 2 s
	Probes  int           // requests sent to the validator; 200
	Asking  time.Duration // time that the validator takes to answer them; 30 s
	// Steps is how many answers of defects are computed, for a diagnosis that must not
	// depend on how fast the machine is; 0 for no limit.
	Steps int
}

// Longer returns bounds that are ten times as wide.
func (b Bounds) Longer() Bounds {
	b = b.withDefaults()
	return Bounds{10 * b.Compute, 10 * b.Probes, 10 * b.Asking, 10 * b.Steps}
}

func (b Bounds) withDefaults() Bounds {
	if b.Compute == 0 {
		b.Compute = 2 * time.Second
	}
	if b.Probes == 0 {
		b.Probes = 200
	}
	if b.Asking == 0 {
		b.Asking = 30 * time.Second
	}
	return b
}

// cores is how many processors compute at once for most of the time: so much more is
// computed than a person waits.
var cores = time.Duration(min(2, runtime.GOMAXPROCS(0)))

// budget is what is left of the bounds. It is looked at between steps: a step
// that has begun is finished, so that what is known is never half known.
type budget struct {
	Bounds
	ctx    context.Context
	began  time.Duration // computed until then
	inAsk  time.Duration // computed while the validator was to answer
	steps  atomic.Int64
	sent   int
	asking time.Duration
}

func newBudget(ctx context.Context, b Bounds) *budget {
	return &budget{Bounds: b.withDefaults(), ctx: ctx, began: Computed()}
}

// over reports whether nobody waits for the diagnosis any more.
func (b *budget) over() bool { return b.ctx.Err() != nil }

// computing reports whether there is time left for own computing.
func (b *budget) computing() bool {
	if b.Steps > 0 && b.steps.Load() >= int64(b.Steps) {
		return false
	}
	return b.Compute < 0 || Computed()-b.began-b.inAsk < cores*b.Compute
}

// room returns how many more requests may be sent.
func (b *budget) room() int {
	switch {
	case b.Asking >= 0 && b.asking >= b.Asking:
		return 0
	case b.Probes < 0:
		return 1 << 30
	}
	return max(0, b.Probes-b.sent)
}

// stopped says in a sentence which bound was reached; "" if none was.
func (b *budget) stopped() string {
	switch {
	case b.Steps > 0 && b.steps.Load() >= int64(b.Steps):
		return fmt.Sprintf("explaining stopped after %d answers of known mistakes", b.Steps)
	case !b.computing():
		return fmt.Sprintf("explaining stopped after %s of computing", b.Compute)
	case b.Asking >= 0 && b.asking >= b.Asking:
		return fmt.Sprintf("explaining stopped after %s of waiting for answers", b.Asking)
	case b.Probes >= 0 && b.sent >= b.Probes:
		return fmt.Sprintf("explaining stopped after %d requests", b.sent)
	}
	return ""
}
