// This file lists what an application may verify instead of what Twilio signs:
// URLs that proxies, tunnels and frameworks make of the configured one, tokens
// that were read wrongly, bodies that something had in hand before.

package endpoint

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// guess is a way in which an application may have come to another signature.
type guess struct {
	url     string  // that was signed
	token   *string // that it was signed with; nil for the endpoint's own
	urlOnly bool    // the parameters are not appended
	params  []byte  // the form whose parameters are appended in place of the request's; nil for that
	bypass  bool    // whoever sends it is let in
	hashed  *string // the body whose hash goes into the query, instead of the request's own
	// hashedForm is what a hash of the form is taken of, which goes into its query.
	hashedForm *string
	cause      string // what is wrong, if it is not the URL
	hint       string
}

// guesses returns what to try, the likeliest first.
func (e *Endpoint) guesses(r reference.Request) []guess {
	right := reference.SignedURLs(r.URL, e.product)[0]
	seen := map[string]bool{}
	var all []guess
	add := func(g guess) {
		if g.token == nil {
			g.token = &e.token
		}
		if key := fmt.Sprintf("%q %q %v %q", g.url, *g.token, g.urlOnly, g.params); !seen[key] {
			seen[key] = true
			all = append(all, g)
		}
	}
	for _, key := range slices.Concat(defect.AbsentTokens, defect.PlaceholderTokens) {
		hint := loadToken
		if key != "" {
			hint += ". If you gave it this token for a test, set TWILIO_AUTH_TOKEN to it here, too"
		}
		add(guess{url: right, token: &key, bypass: true, hint: hint,
			cause: unloaded(key)})
	}
	add(guess{url: right})
	origins := e.origins()
	here, _ := reference.SplitURL(right)
	for _, o := range origins {
		add(guess{url: moved(here, o, here.Path, here.Query)})
	}
	for _, form := range defect.TokenForms {
		token := form.Of(strings.TrimSpace(e.token))
		add(guess{
			url: right, token: &token,
			cause: "the application uses another token than Twilio: it " + form.Says,
			hint:  "compare the token that the application has loaded with the one here, byte by byte",
		})
	}
	add(guess{url: right, urlOnly: true, cause: "the application verifies the URL alone: the form's parameters are " +
		"not appended", hint: "hand the validator the decoded parameters of the body; something may have read the " +
		"body before"})
	if r.IsForm() {
		add(guess{url: right, params: []byte(base64.StdEncoding.EncodeToString(r.Body)), cause: "the application takes a form for its " +
			"parameters that is in Base64 still", hint: "decode the body first where the gateway says that it is encoded"})
	}
	if !e.isWebSocket() {
		for _, b := range bodyGuesses {
			hashed := e.json(b.body, b.body)
			add(guess{url: reference.SignedURLs(hashed.URL, e.product)[0], hashed: &b.body,
				cause: "the application hashes another body than it is sent: " +
					b.change, hint: "hash the raw bytes of the body, before a parser reads them"})
		}
	}
	for _, body := range formBodies(r) {
		add(guess{url: reference.SignedURLs(e.withHash(r, []byte(body)).URL, e.product)[0], hashedForm: &body, urlOnly: true,
			cause: "the application looks for the hash of a form, too (bodySHA256), and does not append its parameters",
			hint: "Twilio sends a hash with what is no form. Let the content type decide: validateRequest with the form's " +
				"parameters for a form, validateRequestWithBody for everything else"})
	}
	for _, unset := range []string{"undefined", "null", "None", "nil"} {
		add(guess{url: unset + here.Path + here.Query, cause: "what it puts before the path is not set: it prints " + unset,
			hint: "see where the base URL is read (the name of the environment variable), and refuse to start without one"})
	}
	for _, url := range malformed(here) {
		add(guess{url: url})
	}
	for _, path := range e.paths() {
		for _, o := range origins {
			add(guess{url: moved(here, o, path, here.Query)})
		}
	}
	for _, query := range queryGuesses(here.Path, here.Query) {
		for _, o := range origins {
			add(guess{url: moved(here, o, here.Path, query)})
		}
	}
	for _, o := range origins {
		add(guess{url: moved(here, o, here.Path, here.Query), urlOnly: true, cause: "the application verifies " +
			"another URL, and that alone: the form's parameters are not appended"})
	}
	for _, o := range developmentOrigins() {
		for _, path := range e.paths() {
			add(guess{url: moved(here, o, path, here.Query)})
		}
	}
	for _, o := range origins { // two mistakes at once: no token, and another URL
		for _, key := range defect.AbsentTokens {
			add(guess{url: moved(here, o, here.Path, here.Query), token: &key, bypass: true, cause: unloaded(key), hint: loadToken})
		}
	}
	return all
}

const loadToken = "see where the token is read (the name of the environment variable, the secret's name), and refuse to start without one"

// unloaded says that an application verifies with a key that is no token.
func unloaded(key string) string {
	return fmt.Sprintf("authentication bypass: the application verifies with %s, which anybody can sign with; it has probably not "+
		"loaded its token", named(key))
}

// formBodies are what an application may hash of a form: its bytes, and what
// JSON.stringify makes of it once it was parsed.
func formBodies(r reference.Request) []string {
	if !r.IsForm() || len(r.Body) == 0 {
		return nil
	}
	var members []string
	for _, p := range reference.ParseForm(r.Body) {
		members = append(members, fmt.Sprintf("%q:%q", p.Name, p.Value))
	}
	return []string{string(r.Body), "{" + strings.Join(members, ",") + "}"}
}

// withHash puts the hash of a body into the query of a request.
func (e *Endpoint) withHash(r reference.Request, body []byte) reference.Request {
	return e.withQuery(r, reference.BodyHashParam+"="+reference.BodyHash(body))
}

// named is a key as a sentence has it.
func named(key string) string {
	if key == "" {
		return "the empty key"
	}
	return fmt.Sprintf("the key %q", key)
}

// malformed are URLs that are put together of pieces, one of them missing or
// has a slash too many.
func malformed(u reference.URLParts) []string {
	rest, host := u.Path+u.Query, u.Host+u.Port
	return []string{
		u.Scheme + "://" + host + "/" + rest, other(u.Scheme) + "://" + host + "/" + rest,
		"undefined://" + host + rest, "://" + host + rest, "null://" + host + rest,
		u.Scheme + "://" + rest, other(u.Scheme) + "://" + rest, u.Scheme + "://undefined" + rest, u.Scheme + ":" +
			rest, rest, host + rest,
	}
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
		strings.ToLower(e.url.Host) + e.url.Port, // as some proxies write it
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

// upstreamNames are what a proxy's upstream is often called. A proxy that does not pass
// Host on calls the application by that name.
var upstreamNames = []string{"backend", "upstream", "app", "web", "api", "server", "application"}

// developmentOrigins are where a proxy's upstream usually listens.
func developmentOrigins() []origin {
	var all []origin
	for _, port := range defect.ApplicationPorts {
		for _, host := range []string{"127.0.0.1", "localhost", "0.0.0.0"} {
			all = append(all, origin{"http", host + port})
		}
	}
	for _, name := range upstreamNames {
		all = append(all, origin{"http", name})
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
	for _, stage := range []string{"/prod", "/dev", "/default", "/api"} { // of API Gateway, or a prefix that is not called
		all = append(all, stage+path)
	}
	if decoded, err := url.PathUnescape(path); err == nil {
		all = append(all, decoded)
	}
	slices.Sort(all[1:])
	return slices.Compact(append(all, "/"))
}

// pathNames are by what name a front controller is handed the path in its query.
var pathNames = []string{"q", "route", "_url", "url", "path", "p"}

// isFrontController reports whether the verified query begins with the path, as a front
// controller is handed it.
func isFrontController(signed, verified reference.URLParts) bool {
	return slices.ContainsFunc(pathNames, func(name string) bool {
		value, found := strings.CutPrefix(verified.Query, "?"+name+"=")
		return found && len(signed.Path) > 1 && strings.HasPrefix(strings.TrimPrefix(value, "/"), signed.Path[1:])
	})
}

// absentQueries are what a program prints behind a question mark where there is no query:
// getQueryString() is null in Java.
var absentQueries = []string{"null", "undefined", "None", "nil"}

// queryGuesses are what may have become of a query.
func queryGuesses(path, query string) []string {
	all := []string{"", "?"}
	for _, none := range absentQueries {
		all = append(all, "?"+none)
	}
	more := ""
	if len(query) > 1 {
		more = "&" + query[1:]
	}
	// Behind a front controller the query has the path, too.
	for _, name := range pathNames {
		all = append(all, "?"+name+"="+path+more, "?"+name+"="+strings.TrimPrefix(path, "/")+more,
			"?"+name+"="+path+"&"+strings.TrimPrefix(more, "&"))
	}
	if values, err := url.ParseQuery(strings.TrimPrefix(query, "?")); err == nil && len(values) > 0 {
		all = append(all, "?"+values.Encode())
	}
	if decoded, err := url.QueryUnescape(query); err == nil {
		all = append(all, decoded)
	}
	return all
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
