package webhook

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// This file answers: is a 502 the application's answer? A proxy that keeps connections
// to the application sends a request on one that the application is closing, and says
// 502, 503 or 504 in its place. The same request is answered when it is sent again; one
// that makes the application fail is not.

const (
	// gatewayAgain is how long to wait before a request is sent again that a proxy
	// could not pass on.
	gatewayAgain = 100 * time.Millisecond
	// gatewayLasting is how many requests may remain without another answer before no
	// more are sent again: the application answers so.
	gatewayLasting = 40
)

var gatewayStatuses = []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// gateways counts the answers of a proxy that could not pass a request on.
type gateways struct {
	passing, lasting atomic.Int32 // whether the request was answered when it was sent again
}

// passedOn sends a request, and again if a proxy answers that it could not pass it on.
func (c *Client) passedOn(ctx context.Context, out outgoing) (Reply, error) {
	reply, err := c.roundTrip(ctx, out)
	if err != nil || !c.isGateways(reply.Status) || len(out.wire) > largeRequest || c.gateways.lasting.Load() >= gatewayLasting {
		return reply, err
	}
	for range attempts - 1 {
		select {
		case <-time.After(gatewayAgain):
		case <-ctx.Done():
			return reply, err
		}
		if reply, err = c.roundTrip(ctx, out); err != nil || !c.isGateways(reply.Status) {
			c.gateways.passing.Add(1)
			return reply, err
		}
	}
	c.gateways.lasting.Add(1)
	return reply, err
}

// isGateways reports whether a status may be that of a proxy which reaches nobody.
func (c *Client) isGateways(status int) bool {
	return slices.Contains(gatewayStatuses, status) && !c.options.Accept.Has(status) && !c.options.Reject.Has(status)
}

func (g *gateways) warnings() []string {
	n := g.passing.Load()
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("a proxy in front answered 502, 503 or 504 to %d requests, and passed them on when they were sent "+
		"again: it keeps connections that the application closes; let the application keep them longer than the proxy does, since "+
		"Twilio does not send again", n)}
}
