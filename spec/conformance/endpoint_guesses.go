// This file lists what an application may verify instead of what Twilio signs:
// URLs that proxies, tunnels and frameworks make of the configured one, tokens
// that were read wrongly, bodies that something had in hand before.

package conformance

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"sigconform/reference"
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
