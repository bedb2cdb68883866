// This file answers: what does a request look like on the wire? The rules are
//
//   - url-verbatim: the request target is the bytes of the URL, from the path
//     through the query. Nothing is decoded, escaped or collapsed on the way,
//     which is why requests are written here and not by a client library.
//   - userinfo-dropped: user, password and fragment are not part of it.
//   - Headers are those of Twilio's webhooks, in a fixed order. What was not
//     there (no signature, no content type) is not sent, and what was empty is
//     sent empty.

package webhook

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

// Delivery is a case on its way to an endpoint. With the zero value of every
// other field the case is sent as Twilio sends it; the others change how, for
// what only a running endpoint can be tested.
type Delivery struct {
	protocol.Case
	// Target is the request target, instead of that of the URL.
	Target string
	// Signatures are the values of the signature header, one header each,
	// instead of the case's signature.
	Signatures []string
	// SignatureName spells the name of the signature header.
	SignatureName string
	// Header are more headers, or replace Twilio's own of the same name.
	Header []Field
	// WireBody are the bytes sent as the body, if they are not the request's own.
	WireBody []byte
	// Chunked sends the body in chunks, without a length.
	Chunked bool
	// Method is sent in place of the request's, byte for byte.
	Method string
	// Version of HTTP, if it is not HTTP/1.1.
	Version string
	// Unforwarded leaves out X-Forwarded-Proto and -Host, which are sent where the
	// public URL is another one: this is how Twilio calls, whom no proxy precedes.
	Unforwarded bool
	// LoginSignature is the signature of the request that follows a challenge,
	// if it is not that of the first.
	LoginSignature *string
	// After is a request that comes before this one in the same call and logs in:
	// this one carries the Authorization at once. What comes of it is not judged.
	After *reference.Request

	// Living is how long an accepted handshake is read on; 0 for the default.
	Living time.Duration
	// Patience is how long an answer may take, if that is not the usual.
	Patience time.Duration
	// Plain sends the request of a WebSocket's URL without asking for an upgrade.
	Plain bool

	idempotencyToken string // "" for a new one
	socketKey        string // of a handshake
}

// Field is one header field: its name as spelled, and its value.
type Field struct{ Name, Value string }

// The names of the headers that this package itself looks at.
const (
	signatureHeader     = "X-Twilio-Signature"
	settingsHeader      = "X-Twilio-Webhooks-Signature-Settings"
	contentTypeHeader   = "Content-Type"
	authorizationHeader = "Authorization"
)

// errUnsendable is the error of a delivery that HTTP cannot carry.
var errUnsendable = errors.New("HTTP cannot carry it")

// wire returns the bytes of the request. An authorization of "" is no header.
func (c *Client) wire(d Delivery, authorization string) ([]byte, error) {
	r := d.Request
	parts, ok := reference.SplitURL(r.URL)
	if !ok {
		return nil, fmt.Errorf("%w: %q is not an absolute URL", errUnsendable, r.URL)
	}
	target := d.Target
	if target == "" {
		target = c.target(parts)
	}
	body := r.Body
	if d.WireBody != nil {
		body = d.WireBody
	}
	headers := c.headers(d, parts, len(body), authorization)
	method := cmp.Or(d.Method, r.Method)
	if err := sendable(method, target, headers); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s %s\r\n", method, target, cmp.Or(d.Version, "HTTP/1.1"))
	for _, f := range headers {
		fmt.Fprintf(&out, "%s: %s\r\n", f.Name, f.Value)
	}
	out.WriteString("\r\n")
	if d.Chunked {
		writeChunks(&out, body)
	} else {
		out.Write(body)
	}
	return out.Bytes(), nil
}

// target returns the request target of a URL: its path and query as they
// stand. Where Twilio is configured with another URL than the one to connect
// to, a path below the configured one becomes the same below the endpoint's.
func (c *Client) target(p reference.URLParts) string {
	path := p.Path
	if rest, below := strings.CutPrefix(path, c.public.Path); below && c.public.Path != c.connect.Path {
		path = c.connect.Path + rest
	}
	if path == "" {
		path = "/"
	}
	return path + p.Query
}

// headers returns the header fields of a delivery, in their order.
func (c *Client) headers(d Delivery, url reference.URLParts, length int, authorization string) []Field {
	r := d.Request
	websocket := isWebSocket(url.Scheme) && !d.Plain
	fields := []Field{{"Host", url.Host + url.Port}, {"User-Agent", "TwilioProxy/1.1"}}
	if websocket {
		fields = append(fields, Field{"Upgrade", "websocket"}, Field{"Connection", "Upgrade"},
			Field{"Sec-WebSocket-Key", d.socketKey}, Field{"Sec-WebSocket-Version", "13"})
	} else {
		fields = append(fields, Field{"Accept", "*/*"}, Field{"X-Home-Region", "us1"},
			Field{"I-Twilio-Idempotency-Token", cmp.Or(d.idempotencyToken, uuid())})
	}
	if r.ContentType != nil {
		fields = append(fields, Field{contentTypeHeader, *r.ContentType})
	}
	if r.SignatureSettings != nil {
		fields = append(fields, Field{settingsHeader, *r.SignatureSettings})
	}
	if d.Chunked {
		fields = append(fields, Field{"Transfer-Encoding", "chunked"})
	} else if length > 0 || r.Method != "GET" && r.Method != "DELETE" {
		fields = append(fields, Field{"Content-Length", fmt.Sprint(length)})
	}
	if c.options.PublicURL != "" && !d.Unforwarded {
		scheme := map[string]string{"ws": "http", "wss": "https"}
		proto := strings.ToLower(c.public.Scheme)
		if plain, ok := scheme[proto]; ok {
			proto = plain
		}
		fields = append(fields, Field{"X-Forwarded-Proto", proto}, Field{"X-Forwarded-Host", url.Host + url.Port})
	}
	if authorization != "" {
		fields = append(fields, Field{authorizationHeader, authorization})
	}
	for _, f := range append(c.options.Header[:len(c.options.Header):len(c.options.Header)], d.Header...) {
		fields = replaceField(fields, f)
	}
	name := d.SignatureName
	switch {
	case name != "":
	case websocket:
		name = strings.ToLower(signatureHeader) // as it arrives with a handshake
	default:
		name = signatureHeader
	}
	signatures := d.Signatures
	if signatures == nil && r.Signature != nil {
		signatures = []string{*r.Signature}
	}
	for _, signature := range signatures {
		fields = append(fields, Field{name, signature})
	}
	return fields
}

// replaceField puts f in the place of the first field of that name, or last.
func replaceField(fields []Field, f Field) []Field {
	for i, have := range fields {
		if strings.EqualFold(have.Name, f.Name) {
			fields[i] = f
			return fields
		}
	}
	return append(fields, f)
}

// sendable returns an error for what would break the message apart. Requests
// are untrusted: a line feed in a value must not become a header.
func sendable(method, target string, headers []Field) error {
	notLetter := func(c rune) bool { return !(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z') }
	if method == "" || strings.ContainsFunc(method, notLetter) {
		return fmt.Errorf("%w: the method %q", errUnsendable, method)
	}
	if i := strings.IndexFunc(target, func(c rune) bool { return c <= ' ' || c == 0x7f }); i >= 0 {
		return fmt.Errorf("%w: a control character or a space in the request target", errUnsendable)
	}
	for _, f := range headers {
		if f.Name == "" || strings.ContainsFunc(f.Name,
			func(c rune) bool { return c <= ' ' || c >= 0x7f || c == ':' }) {
			return fmt.Errorf("%w: the header name %q", errUnsendable, f.Name)
		}
		if strings.ContainsAny(f.Value, "\r\n\x00") {
			return fmt.Errorf("%w: a line end or NUL in the header %s", errUnsendable, f.Name)
		}
	}
	return nil
}

// Sendable reports whether HTTP delivers the value of a header just as it is:
// it has no control characters, and no white space around it, which HTTP strips.
func Sendable(value string) bool {
	control := func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }
	return !strings.ContainsFunc(value, control) && strings.Trim(value, " \t") == value
}

// writeChunks writes the body in chunks of a size that splits parameters.
func writeChunks(out *bytes.Buffer, body []byte) {
	const size = 7
	for len(body) > size {
		fmt.Fprintf(out, "%x\r\n%s\r\n", size, body[:size])
		body = body[size:]
	}
	if len(body) > 0 {
		fmt.Fprintf(out, "%x\r\n%s\r\n", len(body), body)
	}
	out.WriteString("0\r\n\r\n")
}

func isWebSocket(scheme string) bool {
	return strings.EqualFold(scheme, "ws") || strings.EqualFold(scheme, "wss")
}

// uuid returns a random UUID, version 4.
func uuid() string {
	b := random(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
