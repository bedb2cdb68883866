// This file answers: how does a delivery end? It is sent once, or twice if the answer
// is a challenge; a later request of a call is sent after one that logged in.
// Redirects are not followed: they are not an answer. connection.go sends and
// receives the bytes.

package webhook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"

	"sigconform/adapters/protocol"
	"sigconform/adapters/secrets"
	"sigconform/reference"
)

// largeRequest is how many bytes of a request a server may refuse to read, and
// close the connection upon.
const largeRequest = 1 << 20

// longHeader is how many bytes of headers a server may refuse to read, and drop the
// connection or leave it unanswered.
const longHeader = 8000

// maxDetail is how many bytes of what an endpoint says are kept.
const maxDetail = 300

// Client sends deliveries to one endpoint.
type Client struct {
	hide        sync.Once
	hider       *secrets.Hider // of what no text of the endpoint may contain
	options     Options
	connect     reference.URLParts // where to connect to
	public      reference.URLParts // what Twilio is configured with
	address     string             // host:port of connect
	tls         *tls.Config        // nil for plain TCP
	credentials *credentials       // nil if the URL has none

	connections
	gateways gateways
	pace
	mu          sync.Mutex // guards certificate
	certificate error      // what is wrong with the certificate, if that is put up with
}

// Reply is what came of a delivery.
type Reply struct {
	protocol.Answer
	Status    int         // 0 if there was no answer
	Header    http.Header // of the answer
	Body      string      // its beginning; untrusted
	Socket    *Socket     // what came of a handshake that was answered 101
	Later     bool        // a 101 stands behind this answer, on the same connection
	Challenge string      // the WWW-Authenticate of the first leg, if that was a challenge
}

// Send sends a delivery and says what came of it; if it is answered with a
// challenge and the URL has credentials, a second time with them. What the
// endpoint does wrong is in the reply. The error is an [ErrUnreachable], a
// [*CertificateError], or the end of ctx.
func (c *Client) Send(ctx context.Context, d Delivery) (Reply, error) {
	if d.After == nil {
		reply, _, err := c.call(ctx, d, nil)
		return reply, err
	}
	reply, login, err := c.call(ctx, Delivery{Case: protocol.Case{ID: d.ID, Request: *d.After}}, nil)
	switch {
	case err != nil:
		return reply, err
	case login == nil || reply.Verdict != reference.Accept:
		reply.Answer = protocol.Answer{Verdict: reference.Unsupported,
			Detail: "the request before it got no challenge to log in, or was not accepted"}
		return reply, nil
	}
	reply, _, err = c.call(ctx, d, login)
	return reply, err
}

// call sends a delivery, with the login of an earlier request at once if there
// is one, and answers a challenge. It returns the login that was used: nil if
// none was asked for.
func (c *Client) call(ctx context.Context, d Delivery, login *login) (Reply, *login, error) {
	d.idempotencyToken = uuid() // one for both legs: they are the same request
	d.socketKey = base64.StdEncoding.EncodeToString(random(16))
	reply, err := c.leg(ctx, d, login, true)
	if err != nil || reply.Challenge == "" || c.credentials == nil {
		return reply, login, err
	}
	challenge := reply.Challenge
	if login, err = c.credentials.answer(reply.Header); err != nil {
		reply.Answer = protocol.Answer{Verdict: reference.Unsupported, Detail: err.Error()}
		return reply, nil, nil
	}
	if d.LoginSignature != nil {
		d.Signatures = []string{*d.LoginSignature}
	}
	reply, err = c.leg(ctx, d, login, false)
	reply.Challenge = challenge
	return reply, login, err
}

// targetOf returns the request target of a delivery.
func (c *Client) targetOf(d Delivery) string {
	if d.Target != "" {
		return d.Target
	}
	parts, _ := reference.SplitURL(d.Request.URL)
	return c.target(parts)
}

// leg sends a request once, with a login if that is not nil. A 401 is a challenge
// only if it may be one; after it was answered it is a refusal.
func (c *Client) leg(ctx context.Context, d Delivery, login *login, mayChallenge bool) (Reply, error) {
	authorization, err := login.authorization(d.Request.Method, c.targetOf(d))
	if err != nil {
		return Reply{Answer: protocol.Answer{Verdict: reference.Unsupported, Detail: err.Error()}}, nil
	}
	wire, err := c.wire(d, authorization)
	if err != nil {
		return Reply{Answer: protocol.Answer{Verdict: reference.Unsupported, Detail: err.Error()}}, nil
	}
	if err := c.pace.wait(ctx, c.options.PerSecond); err != nil {
		return Reply{}, err
	}
	reply, err := c.passedOn(ctx, outgoing{
		wire: wire, method: cmp.Or(d.Method, d.Request.Method), socketKey: d.socketKey,
		living: cmp.Or(d.Living, liveFor), patience: cmp.Or(d.Patience, c.options.Timeout),
	})
	if certificate := (*CertificateError)(nil); errors.Is(err, ErrUnreachable) || errors.As(err, &certificate) ||
		ctx.Err() != nil {
		return reply, cmp.Or(err, context.Cause(ctx))
	}
	if err != nil && isClosed(err) && len(wire) > largeRequest {
		reply.Answer = notJudged("nothing", "the connection was closed while a large body was sent: a limit")
		return reply, nil
	}
	if c.isGateways(reply.Status) && len(wire) > largeRequest {
		reply.Answer = notJudged(statusText(reply.Status), "the application closed the connection while a proxy passed on a large body: a limit")
		return reply, nil
	}
	if head := bytes.Index(wire, []byte("\r\n\r\n")); err != nil && head > longHeader {
		reply.Answer = notJudged("nothing", "the headers are longer than many servers read: a limit")
		return reply, nil
	}
	if err != nil {
		reply.Answer = c.failed(err)
		return reply, nil
	}
	if mayChallenge && reply.Status == http.StatusUnauthorized && !c.options.Reject.Has(reply.Status) {
		reply.Challenge = strings.Join(reply.Header.Values("WWW-Authenticate"), ", ")
	}
	reply.Answer = c.verdict(reply, isWebSocket(c.public.Scheme))
	reply.Detail = c.Redact(reply.Detail)
	return reply, nil
}

// failed is the answer of an endpoint that gave none.
func (c *Client) failed(err error) protocol.Answer {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return protocol.Answer{Verdict: reference.Timeout,
			Detail: fmt.Sprintf("no answer within %v", c.options.Timeout)}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isClosed(err) {
		return protocol.Answer{Verdict: reference.Died, Detail: "the connection was closed before there was an answer"}
	}
	return protocol.Answer{Verdict: reference.Error, Detail: c.Redact("the answer is not HTTP: " + err.Error())}
}

func isClosed(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && !op.Timeout()
}

// Redact takes the secrets of the options and the URL's password out of a text
// that the endpoint may have chosen, and all of it but the beginning.
func (c *Client) Redact(s string) string {
	c.hide.Do(func() {
		hidden := c.options.Secrets
		if c.credentials != nil {
			// The password is shown as it is, or as a page that lists the request's headers has it.
			hidden = append(hidden[:len(hidden):len(hidden)], c.credentials.password, c.credentials.basic())
		}
		c.hider = secrets.New(hidden...)
	})
	s = c.hider.Hide(s)
	if len(s) > maxDetail {
		s = s[:maxDetail] + "…"
	}
	return s
}
