// This file says what to do about an endpoint that cannot be called at all.

package endpoint

import (
	"errors"
	"fmt"
	"strings"

	"sigconform/adapters/webhook"
	"sigconform/reference"
)

// outOfReach is an error with what to do about it.
type outOfReach struct {
	error
	hints []string
}

// Error is a sentence, and each hint on a line of its own.
func (o outOfReach) Error() string {
	return strings.Join(append([]string{o.error.Error()}, o.hints...), "\n    - ")
}

func (o outOfReach) Unwrap() error { return o.error }

// withHints adds to an error of connecting what is probably the reason, and what to
// type instead.
func (e *Endpoint) withHints(err error) error {
	unreachable := (*webhook.Unreachable)(nil)
	if !errors.As(err, &unreachable) {
		return err
	}
	var hints []string
	switch unreachable.Obstacle {
	case webhook.NothingListens:
		hints = []string{
			"start the application, and see in its log at which address and port it listens",
			"one that listens in a container must listen at 0.0.0.0, and its port must be published",
		}
	case webhook.NoSuchHost:
		hints = []string{
			"is the name spelled right, and is the tunnel up?",
			"--connect-to 127.0.0.1:3000 keeps the name and connects there",
		}
	case webhook.NobodyAnswers:
		hints = []string{"is this the address of the application, and does a firewall let you through?"}
	case webhook.NoTLS:
		hints = []string{"try plain HTTP: --endpoint " + e.by("http", "ws")}
		if !e.isPublic {
			hints = append(hints, "if a proxy in front of it speaks TLS, say what is configured at Twilio, too: --public-url "+
				e.by("https", "wss"))
		}
	case webhook.TLSRefused:
		hints = []string{"it may serve other names, or want a certificate of the client, which Twilio does not send"}
	}
	return outOfReach{err, hints}
}

// silent is the error of an endpoint that answers neither a right request nor a
// wrong one; nil if it answers one of them.
func (e *Endpoint) silent(a *attempt) error {
	var what string
	var hints []string
	switch right, wrong := a.right, a.wrong; {
	case right.Status != 0 || wrong.Status != 0 || right.Verdict != wrong.Verdict:
		return nil
	case right.Verdict == reference.Timeout:
		what = fmt.Sprintf("it takes connections and answers neither a right request nor a wrong one: %s", right.Detail)
		hints = []string{
			"is it stopped in a debugger, or busy with an earlier request? What does its log say?",
			"if it is that slow, --timeout 30s gives it longer",
		}
	case right.Verdict == reference.Died:
		what = "it takes connections and closes them without an answer"
		hints = []string{"does its log say why?"}
	case right.Verdict == reference.Error:
		what = "what listens there is no web server: " + right.Detail
		hints = []string{"is this the port of the application?"}
	default:
		return nil
	}
	if right := a.right; right.Verdict == reference.Error && !strings.Contains(right.Detail, `"\x15\x03`) {
		return outOfReach{fmt.Errorf("cannot test %s: %s", e.by(e.address.Scheme, e.address.Scheme), what), hints}
	}
	if e.address.Scheme == "http" || e.address.Scheme == "ws" {
		hints = append(hints, "does the port speak TLS? Then write --endpoint "+e.by("https", "wss"))
	}
	return outOfReach{fmt.Errorf("cannot test %s: %s", e.by(e.address.Scheme, e.address.Scheme), what), hints}
}

// by is the address of the endpoint with another scheme: one for HTTP, or one for
// WebSockets.
func (e *Endpoint) by(http, socket string) string {
	address := e.address
	address.Scheme = http
	if e.isWebSocket() {
		address.Scheme = socket
	}
	return e.conceal(e.webhook.Redact(address.String()))
}
