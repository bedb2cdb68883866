// This file lists what only a running endpoint can show, and what headers do to a
// verdict. The transfer of the body is in checklist_body.go, the spelling of the request
// target in checklist_path.go.

package endpoint

import (
	"fmt"
	"net/netip"
	"strings"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// checklist returns the checks for the endpoint.
func (e *Endpoint) checklist() []check {
	all := []check{at(check{id: "endpoint/calibration", comment: "A correctly signed request is accepted",
		rule: "hmac-sha1-base64", request: e.shape.request(e.url, e.product)})}
	all = append(all, e.loginChecks()...)
	if !e.isWebSocket() {
		all = append(all, e.forwardingChecks()...)
		all = append(all, e.bodyChecks()...)
	}
	all = append(all, e.headerChecks()...)
	all = append(all, e.pathChecks()...)
	return append(all, e.guardChecks()...)
}

// form returns a POST form to the endpoint.
func (e *Endpoint) form(body string) reference.Request {
	s := formShape
	s.body = body
	return e.fitted(s).request(e.url, e.product)
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
	for _, header := range []string{"X-Forwarded-Host", "X-Original-Host", "X-Host", "X-HTTP-Host-Override",
		"X-Forwarded-Server"} {
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
	for _, header := range []string{"X-Original-URL", "X-Rewrite-URL", "X-Original-URI", "X-Forwarded-Uri",
		"X-Forwarded-Path"} {
		add(strings.ToLower(header), header, "/elsewhere", "path", path)
	}
	add("x-forwarded-prefix", "X-Forwarded-Prefix", "/elsewhere", "path",
		func(u *reference.URLParts) { u.Path = "/elsewhere" + u.Path })
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
	signature, wrong, none := *e.sign(right, e.token).Signature, *e.sign(right, wrongKey).Signature, ""
	cookie := func(value string) func(d *webhook.Delivery) {
		return func(d *webhook.Delivery) { d.Header = []webhook.Field{{Name: "Cookie", Value: value}} }
	}
	all := []check{
		at(check{id: cookieCheck, comment: "A right request with the cookie that the application set before",
			rule: "cookies-not-signed", request: right,
			deliver: cookie("session=4f2a; PHPSESSID=1c9b0f2e; Body=cookie")}),
		at(check{id: "endpoint-header/lower-case", comment: "The name of the signature header in lower case",
			rule: "hmac-sha1-base64", request: right,
			deliver: func(d *webhook.Delivery) { d.SignatureName = "x-twilio-signature" }}),
		at(check{id: "endpoint-header/upper-case", comment: "The name of the signature header in upper case",
			question: "header-case=capitals", request: right,
			deliver: func(d *webhook.Delivery) { d.SignatureName = "X-TWILIO-SIGNATURE" }}),
		at(check{id: "endpoint-header/other-name", comment: "A right signature in a header of another name",
			rule: "hmac-sha1-base64", result: vectors.Invalid, request: right, signature: &none,
			deliver: func(d *webhook.Delivery) { d.SignatureName, d.Signatures = "X-Signature", []string{signature} }}),
		at(check{id: "endpoint-header/twice-wrong", comment: "Two signature headers, both wrong",
			rule: "hmac-sha1-base64", result: vectors.Invalid, request: right, signature: &wrong,
			deliver: func(d *webhook.Delivery) { d.Signatures = []string{wrong, "AAAA" + wrong[4:]} }}),
		at(check{id: "endpoint-header/right-then-wrong", comment: "Two signature headers, the first is right",
			question: "two-signature-headers=first", request: right,
			deliver: func(d *webhook.Delivery) { d.Signatures = []string{*d.Request.Signature, wrong} }}),
		at(check{id: "endpoint-header/wrong-then-right", comment: "Two signature headers, the last is right",
			question: "two-signature-headers=last", request: right,
			deliver: func(d *webhook.Delivery) { d.Signatures = []string{wrong, *d.Request.Signature} }}),
	}
	if e.isWebSocket() {
		return all
	}
	for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		all = append(all, at(check{
			// A framework that makes a GET of it may hide the body from all that follows.
			id: "endpoint-header/" + strings.ToLower(header), question: "method-override=honoured",
			comment: "A POST form with only its URL signed, called a GET in " + header,
			request: e.form("Digits=1"), urlOnly: true,
			deliver: func(d *webhook.Delivery) { d.Header = []webhook.Field{{Name: header, Value: "GET"}} },
		}))
	}
	return all
}

// withQuery returns the request with more in its query.
func (e *Endpoint) withQuery(r reference.Request, query string) reference.Request {
	url, _ := reference.SplitURL(r.URL)
	url.Query = joinQuery(url.Query, "?"+query)
	r.URL = url.String()
	return r
}

// isInside reports whether a host is this machine, of a private network, or has
// a name that only such a network knows: Twilio does not reach it.
func isInside(host string) bool {
	if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
	}
	name := strings.ToLower(host)
	return !strings.Contains(name, ".") || strings.HasSuffix(name, ".localhost") || strings.HasSuffix(name, ".local") ||
		strings.HasSuffix(name, ".internal")
}
