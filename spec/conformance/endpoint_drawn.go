// This file answers: how is an endpoint asked what nobody wrote down? Requests
// are drawn for a stand-in, a public address with a public token; rebasing moves
// them to the endpoint, as it moves vectors. What is shown of a drawn request, or
// written into a file, is what was drawn: it cannot hold the endpoint's token.

package conformance

import (
	"time"

	"sigconform/adapters"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// perSecond is how many drawn requests an endpoint is asked in a second at most:
// there is no end of them.
const perSecond = 200

// StandIn returns what drawn requests are drawn for: the scheme and port that
// are to stand in their URLs, and the product. What is a question is left out:
// the scheme ws, a port of wss, and one of HTTPS without a product.
func (e *Endpoint) StandIn() (scheme, port string, product reference.Product) {
	scheme, port, product = e.url.Scheme, e.url.Port, e.product
	switch {
	case e.isWebSocket():
		return "wss", "", product
	case scheme == "https" && product == reference.ProductUnknown:
		return scheme, "", product
	case port != "" && port != ":80" && port != ":443":
		port = ":8443" // it stands for any port without a meaning of its own
	}
	return scheme, port, product
}

// Move returns a drawn vector as it is asked of the endpoint, signed with its
// token. The error says why it cannot be asked.
func (e *Endpoint) Move(v *vectors.Vector) (*vectors.Vector, error) { return e.rebase(v) }

// OpenDrawn opens the calibrated endpoint anew, for vectors that were moved. The
// timeout is how long an answer may take, if that is less than usual.
func (e *Endpoint) OpenDrawn(timeout time.Duration) (adapters.Validator, error) {
	options := e.options
	options.Refusal, options.PerSecond = e.refusal, perSecond
	if timeout > 0 && (options.Timeout == 0 || timeout < options.Timeout) {
		options.Timeout = timeout
	}
	return webhook.Open(options)
}
