// This file answers: which framework answered, and what is there to say in its
// words? Advice for another one than the reader's own leads astray, so it is given
// for the one that is recognized, or for the two likeliest, and otherwise in
// general words alone.

package endpoint

import (
	"cmp"
	"html"
	"regexp"
	"slices"
	"strings"
	"sync"

	"sigconform/adapters/webhook"
)

// advice are the lines of an entry, each for one kind of mistake; "" where it has
// none. A line completes the sentence that begins with "in " and the entry's name.
type advice struct {
	origin  string // the scheme or the host is not the public one
	target  string // the path or the query is not the one that was sent
	body    string // the raw bytes of the body are needed
	form    string // the parameters of the form are needed
	refusal string // a wrong signature must be refused, and nothing done
	guard   string // the guard is bound to a spelling of the path
	csrf    string // each POST is refused for want of a CSRF token
	host    string // the host is not permitted
	socket  string // a handshake is not upgraded, or too early
	cache   string // an answer is kept, and given to others
	header  string // the signature does not arrive
}

// framework is an entry of the table.
type framework struct {
	name  string
	proxy bool // it stands in front of the application
	// silent: it rewrites targets and adds nothing to the application's answers.
	silent bool
	// ownHost: it calls the application by a name of its own, unless it is told otherwise.
	ownHost bool
	// dropsChunks: it reads as much of a body as Content-Length says; see [Endpoint.dropsChunks].
	dropsChunks bool
	signs       []sign
	// What a proxy rewrites, as patterns of the paths and queries; "" for nothing.
	rewritesPath, rewritesQuery string
	advice                      advice
}

// sign is what an answer shows of the framework that gave it.
type sign struct {
	header  string // "" for the body
	pattern string // a regular expression
	weight  int    // see the constants
}

// How much a sign says: that of the framework is stronger than that of the server
// or the framework below it.
const (
	faint    = 1 // others show it too
	likeness = 2 // a page or a header looks like its own
	byName   = 3 // it gives its name
	specific = 4 // it gives its name, and is built on something that gives its own
	onTop    = 5 // the same once more
)

// topic takes the line about one kind of mistake out of an entry's advice.
type topic func(advice) string

var (
	onOrigin  topic = func(a advice) string { return a.origin }
	onTarget  topic = func(a advice) string { return a.target }
	onBody    topic = func(a advice) string { return a.body }
	onForm    topic = func(a advice) string { return a.form }
	onRefusal topic = func(a advice) string { return a.refusal }
	onGuard   topic = func(a advice) string { return a.guard }
	onCSRF    topic = func(a advice) string { return a.csrf }
	onHost    topic = func(a advice) string { return a.host }
	onSocket  topic = func(a advice) string { return a.socket }
	onCache   topic = func(a advice) string { return a.cache }
	onHeader  topic = func(a advice) string { return a.header }
)

// topicOf is what a failure of a rule is about; nil for what no framework changes.
var topicOf = map[string]topic{
	"url-verbatim":           onTarget,
	"get-signs-url-only":     onForm, // what it appends is of the query
	"port-kept":              onOrigin,
	"body-sha256":            onBody,
	"body-covered":           onBody,
	"body-not-params":        onBody,
	"all-params":             onForm,
	"name-value-appended":    onForm,
	"decoded-once":           onForm,
	"whitespace-kept":        onForm,
	"guard-covers-the-route": onGuard,
	"refusal-refuses":        onRefusal,
}

// patterns are those of the table, compiled.
var patterns = sync.OnceValue(func() map[string]*regexp.Regexp {
	all := map[string]*regexp.Regexp{}
	for _, f := range frameworks {
		for _, s := range f.signs {
			all[s.pattern] = regexp.MustCompile(s.pattern)
		}
		for _, pattern := range []string{f.rewritesPath, f.rewritesQuery} {
			all[pattern] = regexp.MustCompile(pattern)
		}
	}
	return all
})

// shownBy is the weight of the strongest sign of the framework in an answer; 0 for none.
func (f *framework) shownBy(reply webhook.Reply) int {
	weight := 0
	for _, s := range f.signs {
		texts := []string{reply.Body}
		if s.header != "" {
			texts = reply.Header.Values(s.header)
		}
		if slices.ContainsFunc(texts, patterns()[s.pattern].MatchString) {
			weight = max(weight, s.weight)
		}
	}
	return weight
}

// recognize notes what an answer shows of the frameworks.
func (e *Endpoint) recognize(reply webhook.Reply) {
	if reply.Status == 0 {
		return
	}
	for i := range frameworks {
		f := &frameworks[i]
		e.shown[f] = max(e.shown[f], f.shownBy(reply))
	}
}

// likely are the frameworks that the answers came from: the one that shows most, and
// the proxy in front of it if that shows itself; or two that show as much.
func (e *Endpoint) likely() []*framework {
	var applications, proxies []*framework
	for i := range frameworks {
		f := &frameworks[i]
		if e.shown[f] == 0 {
			continue
		}
		if f.proxy {
			proxies = append(proxies, f)
		} else {
			applications = append(applications, f)
		}
	}
	strongest := func(a, b *framework) int { return e.shown[b] - e.shown[a] }
	slices.SortStableFunc(applications, strongest)
	slices.SortStableFunc(proxies, strongest)
	if len(applications) > 1 && e.shown[applications[1]] < e.shown[applications[0]] {
		applications = applications[:1]
	}
	if len(proxies) > 0 {
		applications = append(applications[:min(1, len(applications))], proxies[0])
	}
	return applications[:min(2, len(applications))]
}

// dropsChunks reports whether the framework that answered reads as much of a body as
// Content-Length says: of one in chunks nobody gets anything, the validator and the
// application alike.
func (e *Endpoint) dropsChunks() bool {
	likely := e.likely()
	return len(likely) > 0 && likely[0].dropsChunks
}

// advise returns the lines about the topics for the frameworks that answered.
func (e *Endpoint) advise(topics ...topic) []string {
	return e.adviseOf(func(*framework) bool { return true }, topics...)
}

// adviseOf returns the lines for those of the frameworks that are concerned.
func (e *Endpoint) adviseOf(concerned func(*framework) bool, topics ...topic) []string {
	var lines []string
	for _, f := range e.likely() {
		if !concerned(f) {
			continue
		}
		for _, about := range topics {
			if line := about(f.advice); line != "" {
				lines = append(lines, "in "+f.name+": "+line)
			}
		}
	}
	return lines
}

// adviseTarget returns the lines about a request target: those of a proxy only if it may
// have rewritten that of the URL.
func (e *Endpoint) adviseTarget(url string) []string {
	return e.adviseOf(func(f *framework) bool { return !f.proxy || f.mayRewrite(url) }, onTarget)
}

// adviseApplication returns the lines about the topics for the application alone.
func (e *Endpoint) adviseApplication(topics ...topic) []string {
	return e.adviseOf(func(f *framework) bool { return !f.proxy }, topics...)
}

// Of a page only its text is read.
var (
	unread = regexp.MustCompile(`(?is)<(script|style)\b.*?</(script|style)>|<!--.*?-->`)
	tags   = regexp.MustCompile(`(?s)<[!?/]?[A-Za-z][^>]*>`)
)

// anError is a line that gives the name of an error and what it says.
var anError = regexp.MustCompile(`\b[A-Za-z]*(Error|Exception): \S`)

// firstLine is the first line of a text that an endpoint sent, without the tags of
// HTML; "" if it says nothing. It may be as long as the text. The page of an error begins
// with a title, so the first line that gives an error is preferred.
func firstLine(body string) string {
	plain := html.UnescapeString(tags.ReplaceAllString(unread.ReplaceAllString(body, "\n"), "\n"))
	first := ""
	for line := range strings.Lines(plain) {
		line = strings.Join(strings.Fields(line), " ")
		if anError.MatchString(line) {
			return line
		}
		first = cmp.Or(first, line)
	}
	return first
}
