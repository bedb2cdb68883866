// This file answers: what stands between Twilio and the validator, where right and
// wrong requests are answered alike or not at all? Servers, proxies and frameworks
// say it in words of their own.

package endpoint

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

var (
	// What nginx, Apache, and Caddy and Go say to plain HTTP at a port of theirs.
	plainAtTLS = regexp.MustCompile(`(?i)plain HTTP request was sent to HTTPS port|` +
		`speaking plain HTTP to an SSL-enabled server|HTTP request to an HTTPS server|requires TLS`)
	// What says of a host that it is not served.
	hostRefused = regexp.MustCompile(`(?i)host not permitted|blocked hosts?:|blocked request\. this host|` +
		`invalid host(name)?\b|DisallowedHost|<h1>Bad Request \(400\)</h1>`)
)

// tokenMissing is what says of a form that it has no CSRF token.
var tokenMissing = regexp.MustCompile(`(?i)csrf|xsrf|forgery|authenticity.?token|antiforgery|change you wanted was rejected`)

// unreached is the diagnosis of an endpoint whose validator is not reached, as far as
// the answers say why; nil if they do not.
func (e *Endpoint) unreached(ctx context.Context, a *attempt) (*Diagnosis, error) {
	right, wrong := a.right, a.wrong
	alike := right.Status == wrong.Status
	location := right.Header.Get("Location")
	lockedOut := Diagnosis{Status: conformance.StatusNotConformant, Rules: []string{"url-verbatim"},
		Kind: vectors.FalseReject}
	d := &lockedOut
	switch {
	case right.Verdict == reference.Timeout && wrong.Verdict == reference.Reject:
		d.Rules, d.Kind = []string{"hmac-sha1-base64"}, vectors.Crash
		d.Sentence = fmt.Sprintf("a right request has %s, where a wrong one is refused with %d at once: the "+
			"signature was accepted, and what follows hangs", right.Detail, wrong.Status)
		d.Hints = append([]string{"what follows waits for a body that was read before: keep the bytes that were " +
			"read, and hand these on"}, e.advise(onBody)...)
	case right.Verdict == reference.Timeout || right.Verdict == reference.Died:
		return nil, fmt.Errorf("a correct request gets no answer: %s; a wrong one is answered %d", right.Detail, wrong.Status)
	case !alike:
		return nil, nil
	case plainAtTLS.MatchString(right.Body):
		secure := map[string]string{"http": "https", "ws": "wss"}[e.address.Scheme]
		d.Status = conformance.StatusUsage
		d.Sentence = fmt.Sprintf("plain HTTP was sent to a port that speaks TLS%s", e.quoted(right))
		d.Hints = []string{fmt.Sprintf("write --endpoint %s://… in place of %s://…", cmp.Or(secure, "https"),
			e.address.Scheme)}
	case hostRefused.MatchString(right.Body):
		d.Sentence = fmt.Sprintf("the framework, or a server in front, does not permit the host %s: every request is "+
			"answered %d%s", e.url.Host+e.url.Port, right.Status, e.quoted(right))
		d.Hints = append([]string{"permit the host that Twilio calls"}, e.advise(onHost)...)
	case a.isDown() && (e.proxy() != nil || right.Status != http.StatusServiceUnavailable):
		name := "it gives no name"
		if proxy := e.proxy(); proxy != nil {
			name = proxy.name
		}
		d.Status = conformance.StatusNotRun
		d.Sentence = fmt.Sprintf("a proxy (%s) answers %d%s: nothing answers behind it", name, right.Status, e.quoted(right))
		d.Hints = []string{"is the application started, and does the proxy call it where it listens?"}
	case e.isWebSocket() && right.Status >= 200 && right.Status < 300:
		d.Sentence = fmt.Sprintf("a correct handshake is answered %d%s: Upgrade does not reach the application, or "+
			"there is no WebSocket at this path", right.Status, e.quoted(right))
		d.Hints = append([]string{"let the proxy in front pass Upgrade and Connection on, by HTTP/1.1"},
			e.advise(onSocket)...)
	case right.Status >= 300 && right.Status < 400 && e.isSecured(location):
		d.Sentence = fmt.Sprintf("every request is redirected (%d) to the same URL by https: the application takes "+
			"it for plain HTTP", right.Status)
		d.Hints = append([]string{
			"behind a proxy that ends TLS it must be sent X-Forwarded-Proto: https, and trust it (force_ssl in " +
				"Rails, SECURE_SSL_REDIRECT in Django and the like)",
			"to test it as it is called behind such a proxy, say what is configured at Twilio: --public-url " +
				e.conceal(e.webhook.Redact(location)),
		}, e.advise(onOrigin)...)
		d.Status = conformance.StatusUsage
	case right.Verdict == reference.Reject && e.ownPage(right) != "":
		return e.turnedAway(a), nil
	default:
		return e.beforeTheValidator(a), nil
	}
	return d, nil
}

// isSecured reports whether a redirect leads to the URL that was called, by https.
func (e *Endpoint) isSecured(location string) bool {
	to, ok := reference.SplitURL(location)
	return ok && to.Scheme == "https" && e.url.Scheme == "http" && strings.EqualFold(to.Host, e.url.Host) &&
		to.Path == e.url.Path
}

// proxy is that which the answers came through; nil if none shows.
func (e *Endpoint) proxy() *framework {
	for _, f := range e.likely() {
		if f.proxy {
			return f
		}
	}
	return nil
}

// ownPage is the name of the proxy whose own page an answer is; "" if it is none.
func (e *Endpoint) ownPage(reply webhook.Reply) string {
	for i := range frameworks {
		f := &frameworks[i]
		if f.proxy && f.shownBy(webhook.Reply{Body: reply.Body}) > 0 {
			return f.name
		}
	}
	return ""
}

// turnedAway is the diagnosis of requests of a kind that a proxy answers itself, with a
// page of its own, whatever the signature; nil if it passes them on.
func (e *Endpoint) turnedAway(a *attempt) *Diagnosis {
	proxy, status := e.ownPage(a.right), a.right.Status
	if proxy == "" || status < 400 || a.wrong.Status != status {
		return nil
	}
	hint := "see the proxy's own rules for this path and method (limit_except, Require, deny, a login, a firewall)"
	switch status {
	case http.StatusMethodNotAllowed:
		hint = "it serves a file in place of the application, or allows some methods only: see which location answers at this path"
	case http.StatusRequestEntityTooLarge:
		hint = "its limit is smaller than what Twilio sends (client_max_body_size in nginx, LimitRequestBody in Apache)"
	}
	return &Diagnosis{
		Status: conformance.StatusNotConformant, Rules: []string{"url-verbatim"}, Kind: vectors.FalseReject,
		Sentence: fmt.Sprintf("%s itself answers every %s with %d%s: it does not get to the application", proxy,
			a.shape.method, status, e.quoted(a.right)),
		Hints: []string{hint},
	}
}

// beforeTheValidator is the diagnosis of an endpoint that answers right and wrong
// forms alike with a client error, from before the validator; nil if it does not.
// GET is taken: it is not a matter of routing.
func (e *Endpoint) beforeTheValidator(a *attempt) *Diagnosis {
	status := a.right.Status
	if a.wrong.Status != status || a.shape.kind() != kindForm ||
		!slices.Contains([]int{400, 403, 409, 419, 422}, status) {
		return nil
	}
	if !e.lacksToken(a.right) {
		return nil
	}
	if fields := demandedFields(a.right.Body); fields != nil {
		var named []string
		for _, field := range fields {
			named = append(named, fmt.Sprintf("--form %s=1", field))
		}
		return &Diagnosis{
			Status: conformance.StatusNotConformant, Rules: []string{"all-params"}, Kind: vectors.FalseReject,
			Sentence: fmt.Sprintf("a form without %s is answered %d from before the validator, whatever the signature",
				enumerated(fields), status),
			Hints: append([]string{
				"if Twilio sends it in each of these requests, name it here: " + strings.Join(named, " "),
				"verify the signature before the fields are read: what demands more than Twilio sends locks it out",
			}, e.advise(onForm)...),
		}
	}
	return &Diagnosis{
		Status: conformance.StatusNotConformant, Rules: []string{"all-params"}, Kind: vectors.FalseReject,
		Sentence: fmt.Sprintf("every POST is answered %d from before the validator, whatever the signature%s: by a "+
			"CSRF filter, or by a form that demands more fields", status, e.quoted(a.right)),
		Hints: slices.Concat(
			[]string{exemptFromCSRF}, e.advise(onCSRF),
			[]string{"if the application demands fields of a form, name them: --form From=%2B15005550006 --form " +
				"Body=Hello"},
		),
	}
}

// refusesPOST is the diagnosis of an endpoint that takes right requests by another method,
// and refuses each POST alike, even one without a body, which no parser can have spoilt;
// nil if it takes that one.
func (e *Endpoint) refusesPOST(ctx context.Context, a *attempt) (*Diagnosis, error) {
	notAllowed := a.right.Status == http.StatusMethodNotAllowed
	if a.right.Verdict != reference.Reject && !notAllowed || a.shape.method != http.MethodPost || a.wrong.Status != a.right.Status {
		return nil, nil
	}
	bare, err := e.sendSigned(ctx, shape{method: http.MethodPost}, e.token)
	if err != nil || bare.Status != a.right.Status {
		return nil, err
	}
	d := &Diagnosis{
		Status: conformance.StatusNotConformant, Rules: []string{"url-verbatim"}, Kind: vectors.FalseReject,
		Sentence: fmt.Sprintf("every POST is answered %d, even a right one without a body%s: it is refused before the validator, as by a "+
			"CSRF filter or a firewall, or the validator takes GET alone", bare.Status, e.quoted(a.right)),
		Hints: append([]string{exemptFromCSRF}, e.advise(onCSRF)...),
	}
	if notAllowed {
		d.Sentence = fmt.Sprintf("every POST is answered 405%s: the route takes GET alone", e.quoted(a.right))
		d.Hints = []string{"let the route take POST: Twilio calls by POST unless it is told otherwise"}
	}
	return d, nil
}

const exemptFromCSRF = "exempt the webhook from the check for CSRF tokens: its signature stands in for one"

// lacksToken reports whether an answer may be that of a check for CSRF tokens.
func (e *Endpoint) lacksToken(reply webhook.Reply) bool {
	return reply.Status == 419 || reply.Status == http.StatusUnprocessableEntity || tokenMissing.MatchString(reply.Body)
}

// demanded is a field that is missing, as FastAPI and others that use Pydantic say it.
var demanded = regexp.MustCompile(`"loc": ?\["body", ?"([A-Za-z_][A-Za-z0-9_]{0,63})"\]`)

// demandedFields are the fields of a form that an answer says are missing.
func demandedFields(body string) []string {
	var fields []string
	for _, found := range demanded.FindAllStringSubmatch(body, -1) {
		if !slices.Contains(fields, found[1]) {
			fields = append(fields, found[1])
		}
	}
	return fields
}

// notReached is the diagnosis of a request that no validator has answered.
func (e *Endpoint) notReached(reply webhook.Reply) *Diagnosis {
	d := &Diagnosis{Status: conformance.StatusUsage,
		Sentence: "a correct request did not get to the validator: " + reply.Detail + e.quoted(reply)}
	switch location := reply.Header.Get("Location"); {
	case reply.Challenge != "" && reply.Verdict == reference.Reject: // after the credentials
		d.Sentence = "the endpoint asks for a login and refuses the user and password in the URL, or the signature " +
			"that comes with them"
	case reply.Challenge != "":
		d.Hints = []string{"write user and password into the URL as at Twilio: --endpoint " +
			"https://user:password@host/path"}
	case location != "":
		d.Hints = []string{"it redirects to " + e.conceal(e.webhook.Redact(location)) + "; Twilio is to be " +
			"configured with the URL that answers, and so is --endpoint"}
	default:
		d.Hints = []string{"are path and port those of the webhook? Does it take POST, or GET?"}
	}
	return d
}

// quoted is the first line of what a reply says, as the end of a sentence; "" if it
// says nothing.
func (e *Endpoint) quoted(reply webhook.Reply) string {
	if line := e.firstLine(reply); line != "" {
		return fmt.Sprintf(" (%q)", line)
	}
	return ""
}

// firstLine is the first line of what a reply says, cut and without secrets; "" if it
// says nothing.
func (e *Endpoint) firstLine(reply webhook.Reply) string {
	line := []rune(firstLine(reply.Body))
	const most = 120
	if len(line) > most {
		line = append(line[:most], '…')
	}
	return e.conceal(e.webhook.Redact(string(line)))
}

// formsUntaken is the diagnosis of an endpoint that answers every form with 415, and
// accepts nothing else.
func (e *Endpoint) formsUntaken(a *attempt) *Diagnosis {
	return &Diagnosis{
		Status: conformance.StatusNotConformant, Rules: []string{"all-params"}, Kind: vectors.FalseReject,
		Sentence: fmt.Sprintf("every form is answered %d from before the validator%s: nothing there takes forms, and most of what "+
			"Twilio sends is a form", a.right.Status, e.quoted(a.right)),
		Hints: append([]string{"let a parser for application/x-www-form-urlencoded read the body; if the endpoint takes none, say so: " +
			"--accepts json"}, e.advise(onForm)...),
	}
}

// isDown reports whether a proxy says that what is behind it does not answer.
func (a *attempt) isDown() bool {
	down := []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
	return a.right.Status == a.wrong.Status && slices.Contains(down, a.right.Status)
}

// hangs is the diagnosis of an endpoint that answers GET, and no request with a body; nil
// if it is none.
func (e *Endpoint) hangs(ctx context.Context, a *attempt) (*Diagnosis, error) {
	if a.right.Verdict != reference.Timeout || a.wrong.Verdict != reference.Timeout || a.shape.body == "" {
		return nil, nil
	}
	reply, err := e.sendSigned(ctx, e.fitted(getShape), wrongKey)
	if err != nil || reply.Status == 0 {
		return nil, err
	}
	lines := e.advise(onBody)
	for _, f := range silentRewriters() { // which nothing shows
		if line := "in " + f.name + ": " + f.advice.body; !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return &Diagnosis{
		Status: conformance.StatusNotConformant, Rules: []string{"hmac-sha1-base64"}, Kind: vectors.Crash,
		Sentence: fmt.Sprintf("no request with a body is answered (%s), right or wrong, where GET is answered %d at once: what should "+
			"read the body waits for one that was read before", a.right.Detail, reply.Status),
		Hints: append([]string{"keep the bytes that were read, and hand these on; a proxy that passes a request on stands before any " +
			"parser of bodies"}, lines...),
	}, nil
}
