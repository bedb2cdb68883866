// This file answers: how is a request sent and its answer read? The rules are
//
//   - A connection is kept for the next request, as Twilio keeps it; one that
//     the endpoint has closed meanwhile is opened again, once.
//   - An answer must begin within the time limit. Its head and the beginning of
//     its body are read, never more than a fixed number of bytes, and the body
//     only for a moment: the verdict is the status code.
//   - Redirects are not followed. They are no answer.

package webhook

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

const (
	maxHead     = 64 << 10 // bytes of an answer's status line and headers
	maxBody     = 64 << 10 // bytes of its body that are read
	maxDetail   = 300      // bytes of it that are kept
	bodyTime    = time.Second
	maxInterims = 8 // answers with a 1xx status before the answer
)

// Client sends deliveries to one endpoint.
type Client struct {
	options     Options
	connect     reference.URLParts // where to connect to
	public      reference.URLParts // what Twilio is configured with
	address     string             // host:port of connect
	tls         *tls.Config        // nil for plain TCP
	credentials *credentials       // nil if the URL has none

	mu          sync.Mutex
	idle        []*connection
	certificate error // what is wrong with the certificate, if that is put up with
}

// Reply is what came of a delivery.
type Reply struct {
	protocol.Answer
	Status    int         // 0 if there was no answer
	Header    http.Header // of the answer
	Body      string      // its beginning; untrusted
	Challenge string      // the WWW-Authenticate of the first leg, if that was a challenge
}

// ErrUnreachable is the error of an endpoint that cannot be connected to.
var ErrUnreachable = errors.New("cannot connect")

// Send sends a delivery and says what came of it; if it is answered with a
// challenge and the URL has credentials, a second time with them. What the
// endpoint does wrong is in the reply. The error is an [ErrUnreachable], a
// [*CertificateError], or the end of ctx.
func (c *Client) Send(ctx context.Context, d Delivery) (Reply, error) {
	reply, err := c.leg(ctx, d, "")
	if err != nil || reply.Challenge == "" || c.credentials == nil {
		return reply, err
	}
	challenge := reply.Challenge
	authorization, err := c.credentials.answer(reply.Header, d.Request.Method, c.targetOf(d))
	if err != nil {
		reply.Answer = protocol.Answer{Verdict: protocol.Unsupported, Detail: err.Error()}
		return reply, nil
	}
	if d.LoginSignature != nil {
		d.Signatures = []string{*d.LoginSignature}
	}
	reply, err = c.leg(ctx, d, authorization)
	reply.Challenge = challenge
	return reply, err
}

func (c *Client) targetOf(d Delivery) string {
	if d.Target != "" {
		return d.Target
	}
	parts, _ := reference.SplitURL(d.Request.URL)
	return c.target(parts)
}

// leg sends a request once.
func (c *Client) leg(ctx context.Context, d Delivery, authorization string) (Reply, error) {
	wire, err := c.wire(d, authorization)
	if err != nil {
		return Reply{Answer: protocol.Answer{Verdict: protocol.Unsupported, Detail: err.Error()}}, nil
	}
	websocket := isWebSocket(c.public.Scheme)
	reply, err := c.roundTrip(ctx, wire, d.Request.Method)
	if certificate := (*CertificateError)(nil); errors.Is(err, ErrUnreachable) || errors.As(err, &certificate) || ctx.Err() != nil {
		return reply, cmp.Or(err, context.Cause(ctx))
	}
	if err != nil {
		reply.Answer = c.failed(err)
		return reply, nil
	}
	if reply.Status == http.StatusUnauthorized && authorization == "" && !c.options.Reject.Has(reply.Status) {
		reply.Challenge = strings.Join(reply.Header.Values("WWW-Authenticate"), ", ")
	}
	reply.Answer = c.verdict(reply, websocket)
	reply.Detail = c.redact(reply.Detail)
	return reply, nil
}

// failed is the answer of an endpoint that gave none.
func (c *Client) failed(err error) protocol.Answer {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return protocol.Answer{Verdict: protocol.Timeout, Detail: fmt.Sprintf("no answer within %v", c.options.Timeout)}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isClosed(err) {
		return protocol.Answer{Verdict: protocol.Died, Detail: "the connection was closed before there was an answer"}
	}
	return protocol.Answer{Verdict: protocol.Error, Detail: c.redact("the answer is no HTTP: " + err.Error())}
}

func isClosed(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && !op.Timeout()
}

// redact takes out what must not be shown, and all but the beginning.
func (c *Client) redact(s string) string {
	secrets := c.options.Secrets
	if c.credentials != nil {
		secrets = append(secrets[:len(secrets):len(secrets)], c.credentials.password)
	}
	for _, secret := range secrets {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, "[secret]")
		}
	}
	if len(s) > maxDetail {
		s = s[:maxDetail] + "…"
	}
	return s
}

// connection is a connection to the endpoint with what is buffered of it.
type connection struct {
	net.Conn
	limit  *io.LimitedReader
	reader *bufio.Reader
	failed error // of the last read: HTTP's reader says only what was malformed then
	used   bool  // an answer has come through it
}

// Read reads from the connection and keeps the error.
func (conn *connection) Read(p []byte) (int, error) {
	n, err := conn.Conn.Read(p)
	conn.failed = err
	return n, err
}

// roundTrip sends the bytes of a request and reads the answer.
func (c *Client) roundTrip(ctx context.Context, wire []byte, method string) (Reply, error) {
	for {
		conn, err := c.connection(ctx)
		if err != nil {
			return Reply{}, err
		}
		stale := conn.used
		reply, keep, err := c.exchange(ctx, conn, wire, method)
		if keep {
			c.put(conn)
		} else {
			conn.Close()
		}
		if err != nil && stale && reply.Status == 0 && !errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil {
			continue // the endpoint had closed it, or did now: a new one tells
		}
		return reply, err
	}
}

// exchange sends a request on a connection and reads the answer; keep says
// whether the connection may be used again.
func (c *Client) exchange(ctx context.Context, conn *connection, wire []byte, method string) (reply Reply, keep bool, err error) {
	conn.SetDeadline(time.Now().Add(c.options.Timeout))
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	// The answer may come before all of the request was taken: one that is too
	// long is refused at its head.
	sent := make(chan error, 1)
	go func() {
		_, err := conn.Write(wire)
		sent <- err
	}()
	response, err := conn.response(method)
	if err != nil {
		conn.Close()
		<-sent
		return Reply{}, false, err
	}
	conn.used = true
	reply = Reply{Status: response.StatusCode, Header: response.Header}
	if response.StatusCode == http.StatusSwitchingProtocols {
		conn.Close()
		<-sent
		return reply, false, nil
	}
	conn.SetReadDeadline(time.Now().Add(min(bodyTime, c.options.Timeout)))
	conn.limit.N = maxBody + maxHead // the chunks' own lengths count as well
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	complete := err == nil && len(body) <= maxBody
	reply.Body = string(body)
	select {
	case err = <-sent:
	case <-time.After(bodyTime / 10): // it answered without taking the request
		conn.Close()
		err = errors.Join(<-sent, net.ErrClosed)
	}
	return reply, complete && err == nil && !response.Close, nil
}

// response reads the head of an answer.
func (conn *connection) response(method string) (*http.Response, error) {
	conn.limit.N = maxHead
	for range maxInterims {
		response, err := http.ReadResponse(conn.reader, &http.Request{Method: method})
		switch {
		case err != nil && conn.limit.N <= 0:
			return nil, fmt.Errorf("its head is longer than %d bytes", maxHead)
		case err != nil && conn.failed != nil:
			return nil, conn.failed
		case err != nil:
			return nil, err
		case response.StatusCode >= 200 || response.StatusCode == http.StatusSwitchingProtocols:
			return response, nil
		}
	}
	return nil, fmt.Errorf("more than %d interim answers", maxInterims)
}

// connection returns a connection that is idle, or a new one.
func (c *Client) connection(ctx context.Context) (*connection, error) {
	c.mu.Lock()
	if last := len(c.idle) - 1; last >= 0 {
		conn := c.idle[last]
		c.idle = c.idle[:last]
		c.mu.Unlock()
		return conn, nil
	}
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.address)
	if err != nil {
		return nil, fmt.Errorf("%w to %s: %w", ErrUnreachable, c.address, err)
	}
	if c.tls != nil {
		secure := tls.Client(raw, c.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			raw.Close()
			if certificate := (*CertificateError)(nil); errors.As(err, &certificate) {
				return nil, err
			}
			return nil, fmt.Errorf("%w to %s: TLS: %w", ErrUnreachable, c.address, err)
		}
		raw = secure
	}
	conn := &connection{Conn: raw}
	conn.limit = &io.LimitedReader{R: conn}
	conn.reader = bufio.NewReader(conn.limit)
	return conn, nil
}

func (c *Client) put(conn *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, conn)
}

// Close drops the idle connections.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.idle {
		conn.Close()
	}
	c.idle = nil
}
