// This file answers: how is an endpoint asked what nobody wrote down? Requests
// are drawn for a stand-in, a public address with a public token; rebasing moves
// them to the endpoint, as it moves vectors. What is shown of a drawn request, or
// written into a file, is what was drawn: it cannot hold the endpoint's token.

package conformance

import (
	"cmp"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// perSecond is how many drawn requests an endpoint is asked in a second at most,
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

// Move returns a drawn vector as it is asked of the endpoint, signed with its
// token. The error says why it cannot be asked.
func (e *Endpoint) Move(v *vectors.Vector) (*vectors.Vector, error) { return e.rebase(v) }

// OpenDrawn opens the calibrated endpoint anew, for vectors that were moved. The
// timeout is how long an answer may take, if that is less than usual.
func (e *Endpoint) OpenDrawn(timeout time.Duration) (adapters.Validator, error) {
	options := e.options
	options.Refusal, options.PerSecond = e.refusal, cmp.Or(options.PerSecond, perSecond)
	if timeout > 0 && (options.Timeout == 0 || timeout < options.Timeout) {
		options.Timeout = timeout
	}
	return webhook.Open(options)
}
