// This file answers: which URL, token or body does an application verify that
// refuses a correct request? The same request is sent again and again, each
// time signed as one misunderstanding would have it; the one that is accepted
// is the diagnosis. Most often it is the URL: a proxy or tunnel stands in front,
// and the application believes that it was called at an address of its own.

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

// diagnose says why a correct request was not accepted.
func (e *Endpoint) diagnose(ctx context.Context, a *attempt) (*Diagnosis, error) {
	reply := a.right
	if a.passedGuard() {
		return e.failsBehind(a), nil
	}
	neighbour, err := e.meetNeighbour(ctx)
	if err != nil {
		return nil, err
	}
	if d, err := e.unreached(ctx, a); d != nil || err != nil {
		return d, err
	}
	switch {
	case reply.Verdict == reference.Error:
		return e.crashes(ctx, reply)
	case reply.Challenge != "" || reply.Verdict == reference.Unsupported:
		return e.notReached(reply), nil
	}
	correct := e.shape.request(e.url, e.product)
	tried := 0
	for _, g := range e.guesses(correct) {
		correct, guessed := e.try(g)
		reply, err := e.send(ctx, guessed)
		if err != nil {
			return nil, err
		}
		if tried++; reply.Verdict == reference.Accept {
			return e.explained(g, correct, a.right), nil
		}
	}
	if d, err := e.knownNames(ctx, correct); d != nil || err != nil {
		return d, err
	}
	if d, err := e.renamed(ctx, reply); d != nil || err != nil {
		return d, err
	}
	d, more, err := e.mistaken(ctx, reply)
	if d != nil || err != nil {
		return d, err
	}
	tried += more
	hints := []string{"is the token the one that the application uses (of the account or subaccount, the primary one)?"}
	if account := e.sentAccount(e.shape); account != "" {
		hints = append(hints, account)
	}
	if neighbour.Status == a.right.Status && neighbour.Body == a.right.Body {
		hints = append(hints, "other paths are refused alike: if no validator stands there, something in front refuses everything, as "+
			"where a host is not permitted (config.hosts in Rails, ALLOWED_HOSTS in Django) or a firewall stands")
	}
	hints = append(hints, "let the application log the URL that it hands to its validator, and compare it with what Twilio signs")
	if proxy := e.proxy(); proxy != nil && proxy.ownHost && e.inside == "" {
		hints = append(hints, proxy.name+" calls the application by the name and port of its upstream, unless it is told to pass "+
			"Host on: --upstream http://127.0.0.1:3000 tries a name and port that you know")
	} else {
		hints = append(hints, "if a proxy or tunnel is in front, --public-url says what Twilio is configured with, and --upstream "+
			"by what name and port the proxy calls the application")
	}
	return &Diagnosis{
		Status: conformance.StatusNotConformant, Kind: vectors.FalseReject, Rules: []string{"url-verbatim"},
		Sentence: fmt.Sprintf("a correctly signed request is refused with %d%s, and so is one signed for %d other "+
			"URLs, tokens and bodies that applications have been seen to verify",
			reply.Status, e.quoted(reply), tried),
		Signs: reference.SignedURLs(correct.URL, e.product)[0],
		Hints: slices.Concat(hints, []string{
			"does X-Twilio-Signature arrive? A proxy or a framework may drop it, or name it otherwise",
			"is the body read by something else before the validator sees it?",
		}, e.advise(onHeader, onOrigin), e.adviseTarget(correct.URL), e.advise(onBody)),
	}, nil
}

// meetNeighbour calls a path next to the endpoint's: the page for what is not there
// shows the framework.
func (e *Endpoint) meetNeighbour(ctx context.Context) (webhook.Reply, error) {
	return e.sendAs(ctx, e.shape.request(e.url, e.product),
		func(d *webhook.Delivery) { d.Target = e.nextTo(*d).Target })
}

// try returns the correct request, without a signature, and the one that an
// application accepts if the guess is true.
func (e *Endpoint) try(g guess) (correct, guessed reference.Request) {
	correct = e.shape.request(e.url, e.product)
	guessed = correct
	if g.hashed != nil {
		correct = jsonShape.request(e.url, e.product)
		guessed = e.json(jsonShape.body, *g.hashed)
	}
	if g.hashedForm != nil {
		guessed.URL = e.withHash(guessed, []byte(*g.hashedForm)).URL
	}
	signature := g.sign(guessed)
	guessed.Signature = &signature
	return correct, guessed
}

// sign returns the signature as the guess has it.
func (g guess) sign(r reference.Request) string {
	var params []reference.Param
	if !g.urlOnly && reference.CoverageOf(r) == reference.CoveredByParams {
		body := r.Body
		if g.params != nil {
			body = g.params
		}
		params = reference.OrderParams(reference.ParseForm(body))
	}
	return reference.Encode(reference.MAC(*g.token, reference.Join(g.url, params)))
}

// explained is the diagnosis for the guess that was accepted in place of the
// correct request, which was refused. The password of the URL is not in it.
func (e *Endpoint) explained(g guess, correct reference.Request, refused webhook.Reply) *Diagnosis {
	signs := reference.SignedURLs(correct.URL, e.product)[0]
	d := e.difference(g, signs)
	d.Sentence, d.Verifies, d.Signs = e.conceal(d.Sentence), e.conceal(d.Verifies), e.conceal(d.Signs)
	d.Refusal = e.firstLine(refused)
	for i, hint := range d.Hints {
		d.Hints[i] = e.conceal(hint)
	}
	return d
}

// difference says how the guess differs from what Twilio signs.
func (e *Endpoint) difference(g guess, signs string) *Diagnosis {
	d := &Diagnosis{Status: conformance.StatusNotConformant, Kind: vectors.FalseReject, Rules: []string{"url-verbatim"},
		found: true}
	if g.url == signs || g.bypass || g.hashed != nil || g.hashedForm != nil {
		d.Sentence, d.Signs = g.cause, signs
		d.Hints = append(d.Hints, g.hint)
		switch {
		case g.bypass:
			d.Rules, d.Kind, d.key = []string{"token-verbatim"}, vectors.FalseAccept, g.token
			if g.url != signs {
				d.Sentence += ". It verifies another URL than Twilio signs, too"
				d.Verifies = g.url
			}
		case g.hashedForm != nil:
			d.Rules, d.Hints = []string{"body-sha256"}, append(d.Hints, e.advise(onForm)...)
		case g.hashed != nil:
			d.Rules, d.Hints = []string{"body-sha256"}, append(d.Hints, e.advise(onBody)...)
		case g.urlOnly, g.params != nil:
			d.Rules, d.Hints = []string{"name-value-appended"}, append(d.Hints, e.advise(onForm, onBody)...)
		default:
			d.Rules = []string{"token-verbatim"}
		}
		return d
	}
	d.Verifies, d.Signs = g.url, signs
	verified, isURL := reference.SplitURL(g.url)
	if !isURL && g.cause != "" {
		d.Sentence, d.Hints = "your application verifies what is no URL: "+g.cause, []string{g.hint}
		d.Hints = append(d.Hints, e.advise(onOrigin)...)
		return d
	}
	signed, _ := reference.SplitURL(signs)
	var differs []string
	differ := func(what, mine, yours string) {
		if mine != yours {
			differs = append(differs, fmt.Sprintf("%s (%s instead of %s)", what, cmp.Or(yours, "none"),
				cmp.Or(mine, "none")))
		}
	}
	differ("the scheme", signed.Scheme, verified.Scheme)
	differ("the host", signed.Host, verified.Host)
	differ("the port", signed.Port, verified.Port)
	differ("the path", signed.Path, verified.Path)
	differ("the user and password", signed.Userinfo, verified.Userinfo)
	if signed.Query != verified.Query {
		differs = append(differs, "the query (dropped, re-ordered or re-encoded)")
	}
	d.Sentence = fmt.Sprintf("your application verifies another URL than Twilio signs: it differs in %s",
		enumerated(differs))
	if g.cause != "" {
		d.Sentence += "; " + g.cause
	}
	d.Hints = e.hintsFor(signed, verified)
	return d
}

// enumerated joins items as a sentence does.
func enumerated(items []string) string {
	last := len(items) - 1
	if last < 1 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:last], ", ") + " and " + items[last]
}

// hintsFor says how to fix a URL that differs.
func (e *Endpoint) hintsFor(signed, verified reference.URLParts) []string {
	var hints []string
	if strings.HasPrefix(signed.Scheme, "ws") && strings.HasPrefix(verified.Scheme, "http") &&
		signed.Host+signed.Port == verified.Host+verified.Port {
		hints = append(hints, fmt.Sprintf("the framework calls the handshake's URL %s://: Twilio signs %s://, as it "+
			"is configured; replace the scheme", verified.Scheme, signed.Scheme))
	} else if signed.Scheme != verified.Scheme || signed.Host != verified.Host || signed.Port != verified.Port {
		if !e.isPublic && signed.Scheme == "http" && verified.Scheme == "https" {
			hints = append(hints,
				"if the application knows its public URL, say it here too: --public-url "+verified.String())
		}
		hints = append(hints,
			"it does not trust, or is not sent, the headers in which a proxy passes on scheme and host "+
				"(X-Forwarded-Proto, X-Forwarded-Host, Host)",
			"or hand the validator the URL that is configured at Twilio, from your configuration",
		)
		hints = append(hints, e.advise(onOrigin)...)
	}
	if signed.Path != verified.Path {
		hints = append(hints, "a proxy or a router strips or adds a part of the path; hand the validator the path as "+
			"Twilio calls it")
	}
	if isFrontController(signed, verified) {
		hints = append(hints, "a rewrite rule hands the path to a front controller in the query (try_files $uri /index.php?q=$uri&$args), "+
			"and QUERY_STRING has it: take REQUEST_URI, the target as it was sent")
	} else if slices.Contains(absentQueries, strings.TrimPrefix(verified.Query, "?")) {
		hints = append(hints, "append a question mark and the query only where there is a query: it prints what stands for none")
	} else if signed.Query != verified.Query {
		hints = append(hints, "hand the validator the query as it came, not one that was parsed and written again")
	}
	switch {
	case signed.Path != verified.Path:
		hints = append(hints, e.advise(onTarget)...)
	case signed.Query != verified.Query:
		hints = append(hints, e.adviseTarget(signed.String())...)
	}
	return hints
}

// crashes is the diagnosis of an endpoint that ends in an error.
func (e *Endpoint) crashes(ctx context.Context, right webhook.Reply) (*Diagnosis, error) {
	wrong, err := e.sendSigned(ctx, e.shape, wrongKey)
	if err != nil {
		return nil, err
	}
	d := &Diagnosis{
		Status: conformance.StatusNotConformant, Kind: vectors.Crash, Rules: []string{"hmac-sha1-base64"},
		Sentence: fmt.Sprintf("a right request (%s) is answered %d%s", e.shape.name, right.Status, e.quoted(right)),
		Hints:    []string{"its own log says why; it may miss a parameter, or what it calls itself"},
	}
	if right.Status == 0 {
		d.Sentence = "what answers a correctly signed request is broken: " + right.Detail
		d.Hints = []string{"is it a web server that listens at this port, and does it speak TLS (https, wss) or not " +
			"(http, ws) as the URL says?"}
	}
	if e.isWebSocket() && right.Status == http.StatusHTTPVersionNotSupported {
		// A proxy that speaks HTTP/1.0 to the application passes no Upgrade on either.
		d.Hints = append([]string{"let the proxy in front pass Upgrade and Connection on, by HTTP/1.1"}, e.advise(onSocket)...)
		return d, nil
	}
	if wrong.Verdict == reference.Reject {
		d.Hints = append(d.Hints, fmt.Sprintf("a wrong signature is refused with %d, so the signature was accepted "+
			"and what comes after it fails", wrong.Status))
		return d, nil
	}
	switch {
	case right.Status == 0:
	case noURL.MatchString(right.Body):
		d.Sentence += ", and so is a wrong one: what it hands to its validator is no URL"
		d.Hints = append([]string{"let it print that: a base URL that is not set makes undefined/sms of it, and a path alone has no " +
			"scheme and no host"}, e.advise(onOrigin)...)
	default:
		d.Sentence += ", and so is a wrong one"
		d.Hints = append(d.Hints, "something may have read the body before the validator does")
		d.Hints = append(d.Hints, e.advise(onBody)...)
	}
	return d, nil
}

// noURL is what libraries say of a text that they cannot parse as a URL.
var noURL = regexp.MustCompile(`(?i)invalid url|InvalidURIError|bad URI|no scheme|URISyntaxException|missing protocol scheme|Invalid URI`)

// failsBehind is the diagnosis of an endpoint whose validator accepts a correct
// signature, while what comes behind it does not answer with an acceptance.
func (e *Endpoint) failsBehind(a *attempt) *Diagnosis {
	d := &Diagnosis{
		Status: conformance.StatusUsage,
		Sentence: fmt.Sprintf("a correctly signed request is answered %d and a wrong signature is refused with %d: "+
			"the signature was accepted, and what comes behind the validator says %d%s",
			a.right.Status, a.wrong.Status, a.right.Status, e.quoted(a.right)),
	}
	if a.shape.kind() == kindForm && e.lacksToken(a.right) {
		d.Hints = append([]string{exemptFromCSRF}, e.advise(onCSRF)...)
	}
	d.Hints = append(d.Hints,
		fmt.Sprintf("if that is all right for a request of the suite's, say so: --accept-status %d", a.right.Status),
		"or give the application what it looks for: --account-sid, --form NAME=VALUE")
	return d
}
