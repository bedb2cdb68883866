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
	"net/url"
	"slices"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// guess is a way in which an application may have come to another signature.
type guess struct {
	url     string // that was signed
	token   string
	urlOnly bool    // the parameters are not appended
	hashed  *string // the body whose hash goes into the query, instead of the request's own
	cause   string  // what is wrong, if it is not the URL
	hint    string
}

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

// guesses returns what to try, the likeliest first.
func (e *Endpoint) guesses(r reference.Request) []guess {
	right := reference.SignedURLs(r.URL, e.product)[0]
	seen := map[string]bool{}
	var all []guess
	add := func(g guess) {
		g.token = cmp.Or(g.token, e.token)
		if key := fmt.Sprintf("%q %q %v", g.url, g.token, g.urlOnly); !seen[key] {
			seen[key] = true
			all = append(all, g)
		}
	}
	add(guess{url: right})
	origins := e.origins()
	here, _ := reference.SplitURL(right)
	for _, o := range origins {
		add(guess{url: moved(here, o, here.Path, here.Query)})
	}
	for _, t := range tokenGuesses(e.token) {
		add(guess{url: right, token: t.token, cause: "the application uses another token than Twilio: the one here " + t.change, hint: "compare the token that the application has loaded with the one here, byte by byte"})
	}
	add(guess{url: right, urlOnly: true, cause: "the application verifies the URL alone: the form's parameters are not appended", hint: "hand the validator the decoded parameters of the body; something may have read the body before"})
	if !e.isWebSocket() {
		for _, b := range bodyGuesses {
			hashed := e.json(b.body, b.body)
			add(guess{url: reference.SignedURLs(hashed.URL, e.product)[0], hashed: &b.body, cause: "the application hashes another body than it is sent: " + b.change, hint: "hash the raw bytes of the body, before a parser reads them (in Express the verify function of express.json, in Flask request.get_data())"})
		}
	}
	for _, path := range e.paths() {
		for _, o := range origins {
			add(guess{url: moved(here, o, path, here.Query)})
		}
	}
	for _, query := range queryGuesses(here.Query) {
		for _, o := range origins {
			add(guess{url: moved(here, o, here.Path, query)})
		}
	}
	for _, o := range origins {
		add(guess{url: moved(here, o, here.Path, here.Query), urlOnly: true, cause: "the application verifies another URL, and that alone: the form's parameters are not appended"})
	}
	for _, o := range developmentOrigins() {
		for _, path := range e.paths() {
			add(guess{url: moved(here, o, path, here.Query)})
		}
	}
	return all
}

// origin is where an application may believe it was called: "https", "host:port".
type origin struct{ scheme, host string }

// origins are the schemes and hosts that the endpoint may be taken for.
func (e *Endpoint) origins() []origin {
	connect := e.address
	hosts := []string{
		e.url.Host + e.url.Port, connect.Host + connect.Port, e.url.Host, connect.Host,
		e.url.Host + connect.Port, "localhost" + connect.Port, "127.0.0.1" + connect.Port, "localhost", "127.0.0.1",
		e.url.Userinfo + e.url.Host + e.url.Port,
		e.url.Host + ":443", e.url.Host + ":80",
	}
	schemes := []string{e.url.Scheme, other(e.url.Scheme)}
	if e.isWebSocket() {
		schemes = []string{e.url.Scheme, other(e.url.Scheme), "https", "http"}
	}
	var all []origin
	if inside, ok := reference.SplitURL(e.inside); ok {
		all = append(all, origin{inside.Scheme, inside.Host + inside.Port})
		hosts = append(hosts, inside.Host+inside.Port, inside.Host)
	}
	for _, host := range hosts {
		for _, scheme := range schemes {
			if o := (origin{scheme, host}); !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
	}
	return all
}

// developmentOrigins are where a proxy's upstream usually listens.
func developmentOrigins() []origin {
	var all []origin
	for _, port := range []string{"3000", "5000", "8000", "8080", "4567", "9292", "1337", "8888"} {
		for _, host := range []string{"127.0.0.1:", "localhost:", "0.0.0.0:"} {
			all = append(all, origin{"http", host + port})
		}
	}
	return all
}

// paths are the paths that a proxy may have made of the configured one.
func (e *Endpoint) paths() []string {
	path := e.url.Path
	all := []string{path, e.address.Path}
	if inside, ok := reference.SplitURL(e.inside); ok && inside.Path != "" {
		all = append(all, inside.Path)
	}
	if bare := strings.TrimSuffix(path, "/"); bare != path {
		all = append(all, bare)
	} else {
		all = append(all, path+"/")
	}
	// A prefix that was stripped.
	for rest := strings.TrimPrefix(path, "/"); ; {
		_, below, found := strings.Cut(rest, "/")
		if !found {
			break
		}
		all = append(all, "/"+below)
		rest = below
	}
	if decoded, err := url.PathUnescape(path); err == nil {
		all = append(all, decoded)
	}
	slices.Sort(all[1:])
	return slices.Compact(append(all, "/"))
}

// queryGuesses are what may have become of a query.
func queryGuesses(query string) []string {
	all := []string{"", "?"}
	if values, err := url.ParseQuery(strings.TrimPrefix(query, "?")); err == nil && len(values) > 0 {
		all = append(all, "?"+values.Encode())
	}
	if decoded, err := url.QueryUnescape(query); err == nil {
		all = append(all, decoded)
	}
	return all
}

// changed is a token, and how it is another than the endpoint's.
type changed struct{ token, change string }

// tokenGuesses are what may have become of a token on its way.
func tokenGuesses(token string) []changed {
	bare := strings.TrimSpace(token)
	return []changed{
		{bare + "\n", "with a line feed after it"}, {bare + "\r\n", "with a line end (CR LF) after it"}, {bare + "\r", "with a carriage return after it"},
		{bare + " ", "with a space after it"}, {" " + bare, "with a space before it"}, {bare, "without the white space around it"},
		{"\ufeff" + bare, "with a byte order mark before it"}, {`"` + bare + `"`, "in double quotes"}, {"'" + bare + "'", "in single quotes"},
		{strings.Trim(bare, `"'`), "without the quotes around it"}, {strings.ToLower(bare), "in lower case"}, {strings.ToUpper(bare), "in upper case"},
	}
}

// bodyGuesses are what may have become of the body of jsonShape.
var bodyGuesses = []struct{ body, change string }{
	{`{"Body": "Hello"}`, "JSON that was parsed and written again, with spaces"},
	{"{\n  \"Body\": \"Hello\"\n}", "JSON that was parsed and written again, indented"},
	{"{\n    \"Body\": \"Hello\"\n}", "JSON that was parsed and written again, indented"},
	{`"{\"Body\":\"Hello\"}"`, "the body as a JSON string, written twice"},
	{"", "an empty one; something may have read it before"},
	{"{}", "an empty object; something may have read it before"},
	{"[object Object]", "what a program makes of an object, not of text"},
}

// moved returns a URL elsewhere.
func moved(u reference.URLParts, o origin, path, query string) string {
	return o.scheme + "://" + o.host + path + query
}

// other is the scheme that a proxy turns one into.
func other(scheme string) string {
	return map[string]string{"https": "http", "http": "https", "wss": "ws", "ws": "wss"}[strings.ToLower(scheme)]
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
