// This file answers: how is an endpoint tested with what nobody wrote down? Requests
// are drawn for a stand-in, a public address with a public token; rebasing moves
// them to the endpoint, as it moves vectors. What is shown of a drawn request, or
// written into a file, is what was drawn: it cannot hold the endpoint's token.

package endpoint

import (
	"cmp"
	"context"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// perSecond is how many drawn requests an endpoint is sent in a second at most,
// unless its options say otherwise: there is no end of them.
const perSecond = 200

// StandIn returns what drawn requests are drawn for: the scheme of their URLs,
// which have no port, and the product. A port was settled by the calibration, and
// ws without TLS is a question, so that wss stands for it.
func (e *Endpoint) StandIn() (scheme string, product reference.Product) {
	if e.isWebSocket() {
		return "wss", e.product
	}
	return e.url.Scheme, e.product
}

// Token returns the token that the endpoint verifies with. It must not be shown.
func (e *Endpoint) Token() string { return e.token }

// SharedKeys returns the endpoint's shared keys. They must not be shown.
func (e *Endpoint) SharedKeys() []reference.SharedKey { return e.sharedKeys }

// Move returns a drawn vector as it is sent to the endpoint, signed with its
// token. The error says why it cannot be sent.
func (e *Endpoint) Move(v *vectors.Vector) (*vectors.Vector, error) { return e.rebase(v) }

// OpenDrawn opens the calibrated endpoint again, for vectors that were moved. The
// timeout is how long an answer may take, if that is less than usual.
func (e *Endpoint) OpenDrawn(timeout time.Duration) (adapters.Validator, error) {
	options := e.options
	options.Refusal, options.PerSecond = e.refusal, cmp.Or(options.PerSecond, perSecond)
	if timeout > 0 && (options.Timeout == 0 || timeout < options.Timeout) {
		options.Timeout = timeout
	}
	drawn, err := webhook.Open(options)
	if err != nil {
		return nil, err
	}
	drawn.Interpret = e.interpret
	if e.isWebSocket() {
		return &drawnHandshakes{drawn, e}, nil
	}
	return drawn, nil
}

// drawnHandshakes is a WebSocket endpoint that is sent drawn handshakes: each is watched
// briefly, as there is no end of them.
type drawnHandshakes struct {
	*webhook.Validator
	endpoint *Endpoint
}

// Ask sends the handshakes.
func (v *drawnHandshakes) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	deliveries := make([]webhook.Delivery, len(cases))
	for i, c := range cases {
		deliveries[i].Case = c
		v.endpoint.paceDrawn(&deliveries[i])
	}
	return v.SendAll(ctx, deliveries, answered)
}
