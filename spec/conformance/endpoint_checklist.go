// This file lists what only a running endpoint can be asked: what headers, the
// transfer of the body and the spelling of the request target do to a verdict.

package conformance

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/netip"
	"strings"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// checklist returns the checks for the endpoint.
func (e *Endpoint) checklist() []check {
	all := []check{at(check{id: "endpoint/calibration", comment: "A correctly signed request is accepted", rule: "hmac-sha1-base64", request: e.shape.request(e.url, e.product)})}
	all = append(all, e.loginChecks()...)
	if !e.isWebSocket() {
		all = append(all, e.forwardingChecks()...)
		all = append(all, e.bodyChecks()...)
	}
	all = append(all, e.headerChecks()...)
	return append(all, e.pathChecks()...)
}

// form returns a POST form to the endpoint.
func (e *Endpoint) form(body string) reference.Request {
	s := formShape
	s.body = body
	return s.request(e.url, e.product)
}

// json returns a JSON request to the endpoint; hashed is the body whose hash is
// in the query.
func (e *Endpoint) json(body, hashed string) reference.Request {
	s := jsonShape
	s.body = hashed
	r := s.request(e.url, e.product)
	r.Body = []byte(body)
	return r
}

// signedElsewhere is what Twilio would sign for the endpoint with its URL
// changed.
func (e *Endpoint) signedElsewhere(change func(*reference.URLParts)) string {
	url, _ := reference.SplitURL(reference.SignedURLs(e.configured(), e.product)[0])
	change(&url)
	return url.String()
}

// With a public URL the requests go past the proxy that stands in front, and
// these headers are the proxy's to set.
const pastTheProxy = "with --public-url the headers of a proxy are trusted for good reason"

// forwardingChecks: a client must not choose the URL that is verified. Twilio
// does not reach an address on this machine or of a private network: who calls
// an application there is past its proxy, and it may trust the headers with good
// reason. Then this is a question.
func (e *Endpoint) forwardingChecks() []check {
	not := ""
	if e.isPublic {
		not = pastTheProxy
	}
	inside := isInside(e.address.Host)
	const elsewhere = foreignHost
	host := func(u *reference.URLParts) { u.Host, u.Port = elsewhere, "" }
	scheme := func(u *reference.URLParts) { u.Scheme = other(u.Scheme) }
	path := func(u *reference.URLParts) { u.Path = "/elsewhere" }
	var all []check
	add := func(slug, header, value, what string, change func(*reference.URLParts)) {
		c := at(check{
			id: "endpoint-forwarding/" + slug, rule: "url-verbatim", result: vectors.Invalid,
			comment: fmt.Sprintf("Signed for another %s, which the client names in the header %s", what, header),
			request: e.form(calibrationParams), signed: e.signedElsewhere(change), not: not,
			deliver: func(d *webhook.Delivery) { d.Header = []webhook.Field{{Name: header, Value: value}} },
		})
		if inside {
			c.openTo("forwarding-headers=" + what)
		}
		all = append(all, c)
	}
	proto := other(e.url.Scheme)
	for _, header := range []string{"X-Forwarded-Host", "X-Original-Host", "X-Host", "X-HTTP-Host-Override", "X-Forwarded-Server"} {
		add(strings.ToLower(header), header, elsewhere, "host", host)
	}
	for _, header := range []string{"X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Forwarded-Scheme", "X-Url-Scheme"} {
		add(strings.ToLower(header), header, proto, "scheme", scheme)
	}
	if proto == "https" {
		for _, header := range []string{"Front-End-Https", "X-Forwarded-Ssl"} {
			add(strings.ToLower(header), header, "on", "scheme", scheme)
		}
	}
	add("x-forwarded-port", "X-Forwarded-Port", "8443", "port", func(u *reference.URLParts) { u.Port = ":8443" })
	add("forwarded", "Forwarded", "for=192.0.2.1;host="+elsewhere, "host", host)
	add("forwarded-proto", "Forwarded", "for=192.0.2.1;proto="+proto, "scheme", scheme)
	for _, header := range []string{"X-Original-URL", "X-Rewrite-URL", "X-Original-URI", "X-Forwarded-Uri", "X-Forwarded-Path"} {
		add(strings.ToLower(header), header, "/elsewhere", "path", path)
	}
	add("x-forwarded-prefix", "X-Forwarded-Prefix", "/elsewhere", "path", func(u *reference.URLParts) { u.Path = "/elsewhere" + u.Path })
	all = append(all, at(check{
		id: "endpoint-forwarding/host", question: "host-from-request=accepted", not: not,
		comment: "Signed for another host, which the client names in the header Host",
		request: e.form(calibrationParams), signed: e.signedElsewhere(host),
		deliver: func(d *webhook.Delivery) { d.Header = []webhook.Field{{Name: "Host", Value: elsewhere}} },
	}))
	return all
}

// headerChecks: the name of a header has no case, and there is one signature.
func (e *Endpoint) headerChecks() []check {
	right := e.shape.request(e.url, e.product)
	signature, wrong, none := reference.Sign(e.token, right), reference.Sign(wrongKey, right), ""
	all := []check{
		at(check{id: "endpoint-header/lower-case", comment: "The name of the signature header in lower case", rule: "hmac-sha1-base64", request: right,
			deliver: func(d *webhook.Delivery) { d.SignatureName = "x-twilio-signature" }}),
		at(check{id: "endpoint-header/upper-case", comment: "The name of the signature header in upper case", question: "header-case=capitals", request: right,
			deliver: func(d *webhook.Delivery) { d.SignatureName = "X-TWILIO-SIGNATURE" }}),
		at(check{id: "endpoint-header/other-name", comment: "A right signature in a header of another name", rule: "hmac-sha1-base64", result: vectors.Invalid, request: right, signature: &none,
			deliver: func(d *webhook.Delivery) { d.SignatureName, d.Signatures = "X-Signature", []string{signature} }}),
		at(check{id: "endpoint-header/twice-wrong", comment: "Two signature headers, both wrong", rule: "hmac-sha1-base64", result: vectors.Invalid, request: right, signature: &wrong,
			deliver: func(d *webhook.Delivery) { d.Signatures = []string{wrong, "AAAA" + wrong[4:]} }}),
		at(check{id: "endpoint-header/right-then-wrong", comment: "Two signature headers, the first is right", question: "two-signature-headers=first", request: right,
			deliver: func(d *webhook.Delivery) { d.Signatures = []string{*d.Request.Signature, wrong} }}),
		at(check{id: "endpoint-header/wrong-then-right", comment: "Two signature headers, the last is right", question: "two-signature-headers=last", request: right,
			deliver: func(d *webhook.Delivery) { d.Signatures = []string{wrong, *d.Request.Signature} }}),
	}
	if e.isWebSocket() {
		return all
	}
	for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		all = append(all, at(check{
			// A framework that makes a GET of it may hide the body from all that follows.
			id: "endpoint-header/" + strings.ToLower(header), question: "method-override=honoured",
			comment: "A POST form of which only the URL is signed, called a GET in " + header,
			request: e.form("Digits=1"), urlOnly: true,
			deliver: func(d *webhook.Delivery) { d.Header = []webhook.Field{{Name: header, Value: "GET"}} },
		}))
	}
	return all
}

// bodyChecks: however a body is sent, the signature covers all of it.
func (e *Endpoint) bodyChecks() []check {
	chunked := func(d *webhook.Delivery) { d.Chunked = true }
	gzipped := func(d *webhook.Delivery) {
		d.WireBody = compressed(d.Request.Body)
		d.Header = []webhook.Field{{Name: "Content-Encoding", Value: "gzip"}}
	}
	// Twilio sends bodies with their length. A server that does not read chunks
	// hands an empty body to the validator and to everybody else.
	unread := e.unreachable[chunkedBody]
	const hello = `{"Body":"Hello"}`
	all := []check{
		at(check{id: "endpoint-body/chunked-form", comment: "A form sent in chunks", rule: "all-params", request: e.form(calibrationParams), not: unread, deliver: chunked}),
		at(check{id: "endpoint-body/chunked-form-unsigned", comment: "A form sent in chunks, of which only the URL is signed", rule: "body-covered", result: vectors.Invalid,
			request: e.form(calibrationParams), urlOnly: true, deliver: chunked}),
		at(check{id: "endpoint-body/chunked-json", comment: "JSON sent in chunks", rule: "body-sha256", request: e.json(hello, hello), not: unread, deliver: chunked}),
		at(check{id: "endpoint-body/chunked-json-other", comment: "JSON sent in chunks, with the hash of another body", rule: "body-sha256", result: vectors.Invalid,
			request: e.json(hello, "{}"), deliver: chunked}),
		at(check{id: "endpoint-body/chunked-json-hash-of-nothing", comment: "JSON sent in chunks, with the hash of an empty body", rule: "body-sha256", result: vectors.Invalid,
			request: e.json(hello, ""), deliver: chunked}),
		at(check{id: "endpoint-body/gzip-form-unsigned", comment: "A compressed form, of which only the URL is signed: read by a form's parser as it is, it may hold nothing", question: "compressed-form=url-signed",
			request: e.form(calibrationParams), urlOnly: true, deliver: gzipped}),
		at(check{id: "endpoint-body/gzip-json-other", comment: "Compressed JSON, with the hash of another body", rule: "body-sha256", result: vectors.Invalid,
			request: e.json(hello, "{}"), deliver: gzipped}),
		at(check{id: "endpoint-body/gzip-json-hash-of-nothing", comment: "Compressed JSON, with the hash of an empty body", rule: "body-sha256", result: vectors.Invalid,
			request: e.json(hello, ""), deliver: gzipped}),
		at(check{id: "endpoint-body/query-and-form", comment: "The same parameter in the query and in the form, with different values", rule: "get-signs-url-only", request: e.withQuery(e.form("Digits=1"), "Digits=2")}),
		at(check{id: "endpoint-body/query-instead-of-form", comment: "A parameter in the query that was signed as one of the form", rule: "get-signs-url-only", result: vectors.Invalid,
			request: e.withQuery(e.form("Digits=1"), "To=2"), signed: e.signedElsewhere(func(*reference.URLParts) {}), params: []byte("Digits=1&To=2")}),
	}
	if unread != "" {
		for i := range all {
			switch all[i].id {
			case "endpoint-body/chunked-form-unsigned":
				all[i].openTo("chunked-body=form")
			case "endpoint-body/chunked-json-hash-of-nothing":
				all[i].openTo("chunked-body=json")
			}
		}
	}
	// Beyond what common parsers read. An application may refuse it, but what it
	// leaves out must not go unsigned.
	for _, limit := range []struct {
		slug string
		size int
	}{{"100-kib", 100 << 10}, {"1-mib", 1 << 20}, {"2-5-mib", 5 << 19}} {
		signed := "Body=" + strings.Repeat("x", limit.size)
		all = append(all,
			at(check{id: "endpoint-body/over-" + limit.slug, comment: "A form of more than " + limit.slug, question: "large-form=" + limit.slug, request: e.form(signed)}),
			at(check{id: "endpoint-body/over-" + limit.slug + "-unsigned", comment: "A form of more than " + limit.slug + " whose last parameter is not signed", rule: "body-covered", result: vectors.Invalid,
				request: e.form(signed + "&To=1"), params: []byte(signed)}),
		)
	}
	var many strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&many, "p%04d=1&", i)
	}
	return append(all, at(check{
		id: "endpoint-body/parameter-1001-unsigned", comment: "A form whose 1001st parameter is not signed", rule: "body-covered", result: vectors.Invalid,
		request: e.form(many.String() + "To=1"), params: []byte(many.String()),
	}))
}

// withQuery returns the request with more in its query.
func (e *Endpoint) withQuery(r reference.Request, query string) reference.Request {
	url, _ := reference.SplitURL(r.URL)
	url.Query = joinQuery(url.Query, "?"+query)
	r.URL = url.String()
	return r
}

// pathChecks: other spellings of the endpoint's own path, signed as they are
// called, and signed for its own. Both are questions: Twilio calls the configured
// spelling alone, and an application that verifies the URL of its configuration,
// or whose server cleans paths, answers either way and is right.
func (e *Endpoint) pathChecks() []check {
	path := e.url.Path
	segment := strings.LastIndexByte(path, '/') + 1
	not := ""
	if e.address.Path != path {
		not = "between the public URL and the endpoint the path is another one"
	}
	var all []check
	for _, variant := range []struct{ slug, comment, path string }{
		{"double-slash", "The endpoint's path with its first slash doubled", "/" + path},
		{"dot-segment", "The endpoint's path with a /./ in it", path[:segment] + "./" + path[segment:]},
		{"escaped-dot-segment", "The endpoint's path with a /%2e/ in it", path[:segment] + "%2e/" + path[segment:]},
		{"escaped-letter", "The endpoint's path with a letter escaped", escapeLetter(path)},
		{"letter-case", "The endpoint's path in another case", swapCase(path)},
	} {
		url := e.url
		if url.Path = variant.path; path == "" || url.Path == path {
			continue
		}
		request := e.shape.request(url, e.product)
		canonical, _ := reference.SplitURL(reference.SignedURLs(request.URL, e.product)[0])
		canonical.Path = path
		all = append(all, at(check{
			id: "endpoint-path/" + variant.slug, comment: variant.comment + ", signed as it is called", question: "path-as-called=" + variant.slug, request: request, not: not,
		}), at(check{
			id: "endpoint-path/" + variant.slug + "-normalized", comment: variant.comment + ", signed without", question: "path-spelling=" + variant.slug, request: request, not: not,
			signed: canonical.String(),
		}))
	}
	return all
}

// escapeLetter escapes the last letter of a path.
func escapeLetter(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if c := path[i]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			if i >= 2 && path[i-1] == '%' || i >= 3 && path[i-2] == '%' {
				continue
			}
			return fmt.Sprintf("%s%%%02X%s", path[:i], c, path[i+1:])
		}
	}
	return path
}

// loginChecks: the same request comes twice, and the signature holds for both.
func (e *Endpoint) loginChecks() []check {
	if !e.challenges {
		return nil
	}
	right := e.shape.request(e.url, e.product)
	signed := e.sign(right, e.token)
	signature, wrong := *signed.Signature, reference.Sign(wrongKey, right)
	return []check{
		at(check{id: loggedInWrong, comment: "Challenged with a right signature, it is called again with a wrong one", rule: "auth-challenge", result: vectors.Invalid, request: right, signature: &wrong,
			deliver: func(d *webhook.Delivery) { d.Signatures, d.LoginSignature = []string{signature}, &wrong }}),
		at(check{id: challengedWrong, comment: "Called with a wrong signature, then with a right one and the credentials", question: "signature-before-login=not-checked", request: right,
			deliver: func(d *webhook.Delivery) {
				d.Signatures, d.LoginSignature = []string{wrong}, d.Request.Signature
			}}),
		// Later in the call. A nonce may have been used up meanwhile: then there is
		// another challenge, which is answered.
		at(check{id: "endpoint-login/later", comment: "A later request of the call, which carries the credentials at once", rule: "auth-challenge", request: right,
			deliver: func(d *webhook.Delivery) { d.After = &signed }}),
		at(check{id: "endpoint-login/later-wrong", comment: "A later request of the call, which carries the credentials at once and a wrong signature", rule: "auth-challenge", result: vectors.Invalid, request: right, signature: &wrong,
			deliver: func(d *webhook.Delivery) { d.After = &signed }}),
	}
}

// The checks that say on which of the two requests the signature is looked at.
const (
	loggedInWrong   = "endpoint-login/second-wrong"
	challengedWrong = "endpoint-login/first-wrong"
)

func compressed(data []byte) []byte {
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	writer.Write(data)
	writer.Close()
	return out.Bytes()
}

// isInside reports whether a host is this machine, of a private network, or has
// a name that only such a network knows: Twilio does not reach it.
func isInside(host string) bool {
	if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
	}
	name := strings.ToLower(host)
	return !strings.Contains(name, ".") || strings.HasSuffix(name, ".localhost") || strings.HasSuffix(name, ".local") || strings.HasSuffix(name, ".internal")
}
