// This file answers: which URL, token or body does an application verify that
// refuses a correct request? The same request is sent again and again, each
// time signed as one misunderstanding would have it; the one that is accepted
// is the diagnosis. Most often it is the URL: a proxy or tunnel stands in front,
// and the application believes that it was called at an address of its own.

package conformance

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// diagnose says why a correct request was not accepted.
func (e *Endpoint) diagnose(ctx context.Context, reply webhook.Reply) (*EndpointDiagnosis, error) {
	switch {
	case reply.Verdict == protocol.Timeout || reply.Verdict == protocol.Died:
		return nil, fmt.Errorf("a correct request: %s", reply.Detail)
	case reply.Verdict == protocol.Error:
		return e.crashes(ctx, reply)
	case reply.Challenge != "" || reply.Verdict == protocol.Unsupported:
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
		if tried++; reply.Verdict == protocol.Accept {
			return e.explained(g, correct), nil
		}
	}
	return &EndpointDiagnosis{
		Status: StatusNotConformant, Kind: vectors.FalseReject, Rules: []string{"url-verbatim"},
		Sentence: fmt.Sprintf("a correctly signed request is refused with %d, and so is one signed for %d other URLs, tokens and bodies that applications have been seen to verify", reply.Status, tried),
		Signs:    reference.SignedURLs(correct.URL, e.product)[0],
		Hints: []string{
			"is the token the one that the application uses (of the account or subaccount, the primary one)?",
			"let the application log the URL that it hands to its validator, and compare it with what Twilio signs",
			"is the body read by something else before the validator sees it?",
			"'sigconform run --endpoint … --public-url …' says what Twilio is configured with, if a proxy or tunnel is in front",
		},
	}, nil
}

// try returns the correct request, without a signature, and the one that an
// application accepts of which the guess is true.
func (e *Endpoint) try(g guess) (correct, guessed reference.Request) {
	correct = e.shape.request(e.url, e.product)
	guessed = correct
	if g.hashed != nil {
		correct = jsonShape.request(e.url, e.product)
		guessed = e.json(jsonShape.body, *g.hashed)
	}
	signature := g.sign(guessed)
	guessed.Signature = &signature
	return correct, guessed
}

// sign returns the signature as the guess has it.
func (g guess) sign(r reference.Request) string {
	var params []reference.Param
	if !g.urlOnly && reference.CoverageOf(r) == reference.CoveredByParams {
		params = reference.OrderParams(reference.ParseForm(r.Body))
	}
	return reference.Encode(reference.MAC(g.token, reference.Join(g.url, params)))
}

// explained is the diagnosis for the guess that was accepted in place of the
// correct request. The password of the URL is not in it.
func (e *Endpoint) explained(g guess, correct reference.Request) *EndpointDiagnosis {
	signs := reference.SignedURLs(correct.URL, e.product)[0]
	d := e.difference(g, signs)
	d.Sentence, d.Verifies, d.Signs = e.conceal(d.Sentence), e.conceal(d.Verifies), e.conceal(d.Signs)
	for i, hint := range d.Hints {
		d.Hints[i] = e.conceal(hint)
	}
	return d
}

// difference says how the guess differs from what Twilio signs.
func (e *Endpoint) difference(g guess, signs string) *EndpointDiagnosis {
	d := &EndpointDiagnosis{Status: StatusNotConformant, Kind: vectors.FalseReject, Rules: []string{"url-verbatim"}, found: true}
	if g.url == signs || g.hashed != nil {
		d.Sentence, d.Signs = g.cause, signs
		switch {
		case g.hashed != nil:
			d.Rules = []string{"body-sha256"}
		case g.urlOnly:
			d.Rules = []string{"name-value-appended"}
		default:
			d.Rules = []string{"token-verbatim"}
		}
		d.Hints = append(d.Hints, g.hint)
		return d
	}
	d.Verifies, d.Signs = g.url, signs
	verified, _ := reference.SplitURL(g.url)
	signed, _ := reference.SplitURL(signs)
	var differs []string
	differ := func(what, mine, yours string) {
		if mine != yours {
			differs = append(differs, fmt.Sprintf("%s (%s instead of %s)", what, cmp.Or(yours, "none"), cmp.Or(mine, "none")))
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
	d.Sentence = fmt.Sprintf("your application verifies another URL than Twilio signs: it differs in %s", enumerated(differs))
	if g.cause != "" {
		d.Sentence += "; " + g.cause
	}
	d.Hints = hintsFor(signed, verified, e.isPublic)
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

// hintsFor says what mends a URL that differs.
func hintsFor(signed, verified reference.URLParts, public bool) []string {
	var hints []string
	if signed.Scheme != verified.Scheme || signed.Host != verified.Host || signed.Port != verified.Port {
		if !public && signed.Scheme == "http" && verified.Scheme == "https" {
			hints = append(hints, "if the application knows its public URL, say it here too: --public-url "+verified.String())
		}
		hints = append(hints,
			"it does not trust, or is not sent, the headers in which a proxy passes on scheme and host (X-Forwarded-Proto, X-Forwarded-Host, Host):",
			"in Express app.set('trust proxy', 1); in Flask ProxyFix(app.wsgi_app, x_proto=1, x_host=1), and trusted_proxy if waitress serves it; in nginx proxy_set_header Host $http_host and X-Forwarded-Proto $scheme",
			"or hand the validator the URL that is configured at Twilio, from your configuration",
		)
	}
	if signed.Path != verified.Path {
		hints = append(hints, "a proxy strips or adds a part of the path; hand the validator the path as Twilio calls it")
	}
	if signed.Query != verified.Query {
		hints = append(hints, "hand the validator the query as it came, not one that was parsed and written again")
	}
	return hints
}

// crashes is the diagnosis of an endpoint that ends in an error.
func (e *Endpoint) crashes(ctx context.Context, right webhook.Reply) (*EndpointDiagnosis, error) {
	wrong, err := e.sendSigned(ctx, e.shape, wrongKey)
	if err != nil {
		return nil, err
	}
	d := &EndpointDiagnosis{
		Status: StatusNotConformant, Kind: vectors.Crash, Rules: []string{"hmac-sha1-base64"},
		Sentence: "a correctly signed request is " + right.Detail,
		Hints:    []string{"its own log says why; it may miss a parameter, or what it calls itself"},
	}
	if right.Status == 0 {
		d.Sentence = "what answers a correctly signed request is broken: " + right.Detail
		d.Hints = []string{"is it a web server that listens at this port, and does it speak TLS (https, wss) or not (http, ws) as the URL says?"}
	}
	if wrong.Verdict == protocol.Reject {
		d.Hints = append(d.Hints, fmt.Sprintf("a wrong signature is refused with %d, so the signature was accepted and what comes after it fails", wrong.Status))
	}
	return d, nil
}

// notReached is the diagnosis of a request that no validator has answered.
func (e *Endpoint) notReached(reply webhook.Reply) *EndpointDiagnosis {
	d := &EndpointDiagnosis{Status: StatusUsage, Sentence: "a correct request did not get to the validator: " + reply.Detail}
	switch location := reply.Header.Get("Location"); {
	case reply.Challenge != "" && reply.Verdict == protocol.Reject: // after the credentials
		d.Sentence = "the endpoint asks for a login and refuses the user and password in the URL, or the signature that comes with them"
	case reply.Challenge != "":
		d.Hints = []string{"write user and password into the URL as at Twilio: --endpoint https://user:password@host/path"}
	case location != "":
		d.Hints = []string{"it redirects to " + e.conceal(e.webhook.Redact(location)) + "; Twilio is to be configured with the URL that answers, and so is --endpoint"}
	default:
		d.Hints = []string{"are path and port those of the webhook? Does it take POST, or GET?"}
	}
	return d
}
