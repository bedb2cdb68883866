// This file answers: how do the bytes of a request go out and those of its
// answer come in? The rules are
//
//   - A connection is kept for the next request, as Twilio keeps it; one that
//     the endpoint has closed meanwhile is opened again. One on which more came
//     than an answer is not used again: the rest would be taken for the next.
//   - An endpoint that serves one connection at a time gets one at a time.
//   - An answer must begin within the time limit. Its head and the beginning of
//     its body are read, never more than a fixed number of bytes, and the body
//     only for a moment: the verdict is the status code.

package webhook

import (
	"bufio"
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
	"sync/atomic"
	"time"
)

const (
	maxHead     = 64 << 10 // bytes of an answer's status line and headers
	maxBody     = 64 << 10 // bytes of its body that are read
	maxInterims = 8        // answers with a 1xx status before the answer
	// bodyTime is how long a body is waited for; less, down to shortBodyTime,
	// after each that did not end.
	bodyTime      = time.Second
	shortBodyTime = 30 * time.Millisecond
	// linger is how long more than an answer is waited for, lingerFor behind how
	// many of the first answers.
	linger    = 10 * time.Millisecond
	lingerFor = 8
)

// connections are those to one endpoint. The zero value has none.
type connections struct {
	mutex sync.Mutex    // guards idle
	idle  []*connection // kept for the next request; each rests
	// turns is held for reading by each request, and for writing by one that must
	// be alone.
	turns sync.RWMutex
	alone atomic.Int32 // whether every request must be: see below
	// untidy: more has come on a connection than an answer. None is used twice.
	untidy   atomic.Bool
	answers  atomic.Int32 // that were complete
	bodyTime atomic.Int64 // 0 for the full one
}

// What is known of an endpoint that left a request without an answer while other
// connections were open.
const (
	unknownIfAlone int32 = iota
	alone                // it answered once they were closed
	together             // it did not even then
)

// warnings says how the requests were sent, if not as Twilio would send them.
func (cs *connections) warnings() []string {
	var all []string
	if cs.alone.Load() == alone {
		all = append(all, "the endpoint serves one connection at a time and got one at a time; Twilio may open several")
	}
	if cs.untidy.Load() {
		all = append(all, "the endpoint sends more than an answer (a body after HEAD, or one longer than its "+
			"Content-Length); "+
			"each request got its own connection")
	}
	return all
}

// connection is a connection to the endpoint with what is buffered of it.
type connection struct {
	net.Conn
	limit  *io.LimitedReader
	reader *bufio.Reader
	failed error      // of the last read: HTTP's reader says only what was malformed then
	used   bool       // an answer has come through it
	heard  chan error // while it is idle: what a read has come to
}

// Read reads from the connection and keeps the error.
func (conn *connection) Read(p []byte) (int, error) {
	n, err := conn.Conn.Read(p)
	conn.failed = err
	return n, err
}

// rest waits, while the connection is idle, for what must not come.
func (conn *connection) rest() {
	conn.limit.N = maxHead
	conn.SetDeadline(time.Time{})
	conn.heard = make(chan error, 1)
	go func() {
		_, err := conn.reader.Peek(1)
		conn.heard <- err
	}()
}

// wake ends the rest. Silent says whether nothing came, not even the end;
// spoke, whether bytes did.
func (conn *connection) wake() (silent, spoke bool) {
	conn.SetReadDeadline(time.Unix(1, 0))
	err := <-conn.heard
	return errors.Is(err, os.ErrDeadlineExceeded), err == nil
}

// outgoing is a request on its way.
type outgoing struct {
	wire             []byte
	method           string
	socketKey        string // of a handshake
	living, patience time.Duration
}

// roundTrip sends the bytes of a request and reads the answer.
func (c *Client) roundTrip(ctx context.Context, out outgoing) (Reply, error) {
	if c.alone.Load() == alone {
		c.turns.Lock()
		defer c.turns.Unlock()
		return c.attempt(ctx, out)
	}
	c.turns.RLock()
	reply, err := c.attempt(ctx, out)
	c.turns.RUnlock()
	if !timedOut(err) || c.alone.Load() == together || ctx.Err() != nil {
		return reply, err
	}
	// It may be busy with another connection: once, or if it is known to serve
	// only one, the request is sent again when no other is open.
	c.turns.Lock()
	defer c.turns.Unlock()
	others := c.connections.drop()
	if known := c.alone.Load(); known == together || known == unknownIfAlone && others == 0 {
		return reply, err
	}
	reply, err = c.attempt(ctx, out)
	switch {
	case timedOut(err):
		c.alone.CompareAndSwap(unknownIfAlone, together)
	case err == nil:
		c.alone.Store(alone)
	}
	return reply, err
}

// timedOut reports whether an answer, or a handshake, did not come in time.
func timedOut(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
}

// attempt sends the bytes on an idle connection, or a new one if the endpoint
// has closed that.
func (c *Client) attempt(ctx context.Context, out outgoing) (Reply, error) {
	for {
		conn, err := c.connection(ctx)
		if err != nil {
			return Reply{}, err
		}
		stale := conn.used
		reply, keep, err := c.exchange(ctx, conn, out)
		if keep && !c.untidy.Load() {
			c.connections.put(conn)
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
func (c *Client) exchange(ctx context.Context, conn *connection, out outgoing) (reply Reply, keep bool, err error) {
	conn.SetDeadline(time.Now().Add(out.patience))
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	// The answer may come before all of the request was taken: one that is too
	// long is refused at its head.
	sent := make(chan error, 1)
	go func() {
		_, err := conn.Write(out.wire)
		sent <- err
	}()
	response, err := conn.response(out.method)
	if err != nil {
		conn.Close()
		<-sent
		return Reply{}, false, err
	}
	conn.used = true
	reply = Reply{Status: response.StatusCode, Header: response.Header}
	if response.StatusCode == http.StatusSwitchingProtocols {
		if isWebSocket(c.public.Scheme) {
			reply.Socket = conn.watch(response.Header, out.socketKey, out.living)
		}
		conn.Close()
		<-sent
		return reply, false, nil
	}
	later := isWebSocket(c.public.Scheme) && conn.acceptsBehind()
	body, complete := c.body(conn, response.Body)
	reply.Body = string(body)
	select {
	case err = <-sent:
	case <-time.After(bodyTime / 10): // it answered without taking the request
		conn.Close()
		err = errors.Join(<-sent, net.ErrClosed)
	}
	reply.Later = later || isWebSocket(c.public.Scheme) && complete && conn.acceptedLater()
	if complete && c.more(conn) {
		c.untidy.Store(true)
		complete = false
	}
	return reply, complete && err == nil && !response.Close, nil
}

// more reports whether more has come than an answer. Behind the first answers,
// by which the endpoint is calibrated, that is waited for.
func (c *Client) more(conn *connection) bool {
	if c.answers.Add(1) <= lingerFor {
		conn.SetReadDeadline(time.Now().Add(linger))
		conn.reader.Peek(1)
	}
	return conn.reader.Buffered() > 0
}

// body reads the beginning of a body, for no longer than bodies are waited for.
// Complete says whether that is all of it.
func (c *Client) body(conn *connection, from io.Reader) (body []byte, complete bool) {
	patience := min(bodyTime, c.options.Timeout)
	if shorter := time.Duration(c.bodyTime.Load()); shorter > 0 {
		patience = min(patience, shorter)
	}
	conn.SetReadDeadline(time.Now().Add(patience))
	conn.limit.N = maxBody + maxHead // the chunks' own lengths count as well
	body, err := io.ReadAll(io.LimitReader(from, maxBody+1))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.bodyTime.Store(int64(max(patience/2, shortBodyTime)))
	}
	return body, err == nil && len(body) <= maxBody
}

// response reads the head of an answer.
func (conn *connection) response(method string) (*http.Response, error) {
	conn.limit.N = maxHead
	for range maxInterims {
		const start = "HTTP/"
		if begins, _ := conn.reader.Peek(len(start)); len(begins) > 0 && !strings.HasPrefix(start, string(begins)) {
			begins, _ = conn.reader.Peek(min(conn.reader.Buffered(), maxDetail))
			return nil, fmt.Errorf("it begins with %q", begins)
		}
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

// connection returns a connection that is idle and has nothing on it, or a new
// one. The error is an ErrUnreachable or a *CertificateError.
func (c *Client) connection(ctx context.Context) (*connection, error) {
	for conn := c.connections.take(); conn != nil; conn = c.connections.take() {
		silent, spoke := conn.wake()
		if spoke {
			c.untidy.Store(true)
		}
		if silent && !c.untidy.Load() {
			return conn, nil
		}
		conn.Close()
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.address)
	if err != nil {
		return nil, notDialed(c.address, err)
	}
	if c.tls != nil {
		secure := tls.Client(raw, c.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			raw.Close()
			if certificate := (*CertificateError)(nil); errors.As(err, &certificate) {
				return nil, err
			}
			return nil, notSecured(c.address, err)
		}
		raw = secure
	}
	conn := &connection{Conn: raw}
	conn.limit = &io.LimitedReader{R: conn}
	conn.reader = bufio.NewReader(conn.limit)
	return conn, nil
}

// put keeps a connection for the next request.
func (cs *connections) put(conn *connection) {
	conn.rest()
	cs.mutex.Lock()
	defer cs.mutex.Unlock()
	cs.idle = append(cs.idle, conn)
}

// take returns an idle connection, which must be woken, or nil.
func (cs *connections) take() *connection {
	cs.mutex.Lock()
	defer cs.mutex.Unlock()
	last := len(cs.idle) - 1
	if last < 0 {
		return nil
	}
	conn := cs.idle[last]
	cs.idle = cs.idle[:last]
	return conn
}

// drop closes the idle connections and returns how many there were.
func (cs *connections) drop() int {
	n := 0
	for conn := cs.take(); conn != nil; conn = cs.take() {
		conn.Close()
		n++
	}
	return n
}

// Close drops the idle connections.
func (c *Client) Close() { c.connections.drop() }
