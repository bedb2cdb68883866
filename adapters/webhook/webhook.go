// Package webhook asks an endpoint: a running application that is called as
// Twilio calls it, and whose status code is the verdict.
//
//	webhook.go      the validator: cases in, answers out, a few at a time
//	delivery.go     what a request looks like on the wire
//	client.go       what comes of a request: its answer, and that to a challenge
//	connection.go   connections, time limits, how much is read
//	pace.go         how many requests a second
//	login.go        Basic and Digest challenges
//	gateway.go      is a 502 the application's answer?
//	socket.go       is a WebSocket open, after a handshake was accepted?
//	tls.go          certificates, checked as Twilio checks them
//	verdict.go      what a status code means
//	unreachable.go  why an endpoint cannot be connected to
//	function.go     the validator protocol over HTTP, for a function or a worker
//
// An endpoint is untrusted: it may answer slowly, endlessly, or with bytes that
// would play tricks on a terminal. What it sends is bounded here, and cleaned
// where it is shown. Cases are sent as they are: whoever makes them has put the
// endpoint's own URL into them, and signed them with its token.
package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

// Options say how to reach an endpoint and how to read its answers.
type Options struct {
	// URL is where to connect to: http, https, ws or wss. It is also what Twilio
	// is configured with, unless PublicURL says otherwise. User and password in
	// either answer a challenge.
	URL string
	// PublicURL is what Twilio is configured with, where a proxy or tunnel stands
	// before the address to connect to. It goes into Host, X-Forwarded-Proto and
	// X-Forwarded-Host.
	PublicURL string
	// ConnectTo is the host and port to connect to in place of URL's, as curl's
	// --connect-to has it: an outermost proxy is called at its address, by the name
	// that Twilio knows, and without any header of a proxy. "" for URL's own.
	ConnectTo string
	// RejectBody is a text in the body of an answer that refuses, where the status
	// does not tell; "" if the status tells.
	RejectBody string
	// Accept and Reject are status codes with a meaning of their own; see Statuses.
	Accept, Reject Statuses
	// Refusal is the status that a wrong signature is known to be refused with, if
	// no other is to mean a rejection: a server or a framework in front of the
	// validator refuses what it does not like with 400 or 403 as well. 0 if any may.
	Refusal   int
	Header    []Field        // sent with every request
	Timeout   time.Duration  // how long an answer may take; 0 for the default
	Parallel  int            // how many requests at a time; 0 for the default
	PerSecond int            // how many requests a second at most; 0 for any number
	CA        *x509.CertPool // who may vouch for a certificate; nil for the system's
	Insecure  bool           // accept an invalid certificate
	Secrets   []string       // texts that must not appear in any answer's detail
}

const (
	defaultTimeout  = 5 * time.Second
	defaultParallel = 4
	// attempts is how often a request is sent that cannot be, or is one too many,
	// before the endpoint is given up; reconnectAfter is how long to wait in
	// between, and longestWait how long if the endpoint asks for it.
	attempts       = 3
	reconnectAfter = 300 * time.Millisecond
	longestWait    = 5 * time.Second
	// silentAfter is how many requests in a row may stay without an answer.
	silentAfter = 12
)

// errTooMany is the error of an endpoint that goes on to answer 429.
var errTooMany = errors.New("it answers 429 Too Many Requests, and still does after a while; lift its limit for the " +
	"time of the run")

// Validator is an endpoint under test.
type Validator struct {
	*Client
	// Interpret says what a reply means, if the status alone does not tell; nil
	// takes the reply's own verdict. It may send more.
	Interpret func(context.Context, Delivery, Reply) (protocol.Answer, error)

	silent atomic.Int32 // how many were not answered, in a row
}

// Open returns the endpoint. An URL that cannot be called is an error here; an
// endpoint that cannot be reached is reported by Ask.
func Open(options Options) (*Validator, error) {
	client, err := NewClient(options)
	if err != nil {
		return nil, err
	}
	return &Validator{Client: client}, nil
}

// Ask sends the cases as Twilio sends them; see [Validator.SendAll].
func (v *Validator) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	deliveries := make([]Delivery, len(cases))
	for i, c := range cases {
		deliveries[i].Case = c
	}
	return v.SendAll(ctx, deliveries, answered)
}

// SendAll sends the deliveries, a few at a time and in their order. It ends with an
// error when the endpoint cannot be reached any more, does not answer any more,
// or limits how many requests it takes.
func (v *Validator) SendAll(ctx context.Context, deliveries []Delivery, answered func(int, protocol.Answer)) error {
	return InParallel(ctx, v.options.Parallel, len(deliveries), func(ctx context.Context, i int) (func(), error) {
		d := deliveries[i]
		reply, err := v.sendPatiently(ctx, d)
		if err == nil && v.Interpret != nil {
			reply.Answer, err = v.Interpret(ctx, d, reply)
		}
		if reply.Verdict != reference.Timeout {
			v.silent.Store(0)
		} else if v.silent.Add(1) == silentAfter && err == nil {
			err = fmt.Errorf("it does not answer any more: %d requests in a row had no answer within %v", silentAfter,
				v.options.Timeout)
		}
		return func() { answered(i, reply.Answer) }, err
	})
}

// Widen has n deliveries sent at a time from now on. It must not be called while any is.
func (v *Validator) Widen(n int) { v.options.Parallel = n }

// sendPatiently sends a delivery, and again after a while if nothing listens, as
// an application that fell over may be started again, or if there were too many
// requests.
func (v *Validator) sendPatiently(ctx context.Context, d Delivery) (Reply, error) {
	for attempt := 1; ; attempt++ {
		reply, err := v.Send(ctx, d)
		wait := reconnectAfter
		switch {
		case err == nil && reply.Status == http.StatusTooManyRequests && reply.Verdict == reference.Unsupported:
			err = errTooMany
			if seconds, e := strconv.Atoi(reply.Header.Get("Retry-After")); e == nil {
				wait = max(wait, min(time.Duration(seconds)*time.Second, longestWait))
			}
		case err == nil || !errors.Is(err, ErrUnreachable):
			return reply, err
		}
		if attempt == attempts {
			return reply, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return reply, err
		}
	}
}

// Close drops the connections and returns what was noticed: a certificate that
// was put up with, connections that were not used as Twilio uses them.
func (v *Validator) Close() []string {
	v.Client.Close()
	return v.Client.warnings()
}

// NewClient returns a client for the endpoint that the options name.
func NewClient(options Options) (*Client, error) {
	if options.Timeout == 0 {
		options.Timeout = defaultTimeout
	}
	if options.Parallel == 0 {
		options.Parallel = defaultParallel
	}
	connect, err := ParseURL(options.URL)
	if err != nil {
		return nil, err
	}
	c := &Client{options: options, connect: connect, public: connect}
	if options.PublicURL != "" {
		if c.public, err = ParseURL(options.PublicURL); err != nil {
			return nil, err
		}
		if isWebSocket(c.public.Scheme) != isWebSocket(connect.Scheme) {
			return nil, errors.New("the endpoint and its public URL must both be for a WebSocket, or neither")
		}
	}
	if c.credentials, err = credentialsOf(c.public, connect); err != nil {
		return nil, err
	}
	switch strings.ToLower(connect.Scheme) {
	case "https", "wss":
		c.tls = c.tlsConfig()
	}
	c.address = connect.Host + connect.Port
	if strings.TrimPrefix(connect.Port, ":") == "" {
		c.address = connect.Host + map[bool]string{true: ":443", false: ":80"}[c.tls != nil]
	}
	if options.ConnectTo != "" {
		if _, _, err := net.SplitHostPort(options.ConnectTo); err != nil {
			return nil, fmt.Errorf("%q is not an address to connect to; one looks like 127.0.0.1:8443",
				options.ConnectTo)
		}
		c.address = options.ConnectTo
	}
	return c, nil
}

// ParseURL cuts the URL of an endpoint. What cannot be called is an error that
// says how one looks. An empty path is "/", which is what is called (question
// empty-path).
func ParseURL(url string) (reference.URLParts, error) {
	parts, ok := reference.SplitURL(url)
	scheme := strings.ToLower(parts.Scheme)
	switch {
	case !ok:
		return parts, fmt.Errorf("%q is not the URL of an endpoint; %s", url, meantURL(url))
	case scheme != parts.Scheme:
		return parts, fmt.Errorf("write the scheme of the endpoint's URL in lower case: %s", scheme)
	case scheme != "http" && scheme != "https" && !isWebSocket(scheme):
		return parts, fmt.Errorf("%q cannot be called: its scheme must be http, https, ws or wss", parts.Scheme)
	case parts.Host == "":
		return parts, fmt.Errorf("the URL of the endpoint has no host; one looks like http://127.0.0.1:3000/sms")
	case strings.ContainsFunc(url, func(c rune) bool { return c <= ' ' || c >= 0x7f }):
		return parts, errors.New("the URL of the endpoint has spaces or characters that must be escaped")
	}
	if port := strings.TrimPrefix(parts.Port, ":"); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return parts, fmt.Errorf("the URL has the port %s; a port is a number from 1 to 65535", port)
		}
	}
	if parts.Path == "" {
		parts.Path = "/"
	}
	return parts, nil
}

// meantURL says what was probably meant by a text that is no URL.
func meantURL(text string) string {
	host, _, _ := strings.Cut(text, "/")
	name, port, _ := strings.Cut(host, ":")
	scheme := "https://"
	if name == "localhost" || port != "" && port != "443" {
		scheme = "http://"
	}
	if host == "" || strings.ContainsFunc(host, func(c rune) bool { return c <= ' ' || c >= 0x7f }) || strings.HasPrefix(text, "-") {
		return "one looks like http://127.0.0.1:3000/sms"
	}
	return fmt.Sprintf("its scheme is missing: did you mean %s%s?", scheme, text)
}

// tlsConfig checks certificates for the host that Twilio calls.
func (c *Client) tlsConfig() *tls.Config {
	name := c.connect.Host
	if c.public.Scheme == "https" || c.public.Scheme == "wss" {
		name = c.public.Host
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	return &tls.Config{
		ServerName: name,
		// The certificate is checked in VerifyConnection, by the same rules, so
		// that what is wrong with it can be said even if the user goes on.
		InsecureSkipVerify: true,
		VerifyConnection:   func(state tls.ConnectionState) error { return c.checkCertificate(name, state) },
	}
}
