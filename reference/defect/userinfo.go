// This file answers: what do people get wrong about user and password in the
// URL? Twilio drops them before it signs.

package defect

import (
	"regexp"
	"strings"

	"sigconform/reference"
)

var userinfo = []Defect{
	{
		Slug: "userinfo-kept",
		Says: "signs the user and the password that the URL has",
		Hint: "All seven SDKs do when they are handed the configured URL. Twilio drops both before it signs: " +
			"cut the authority after its last @.",
		BugTypes: both, Breaks: "userinfo-dropped",
		Step: userinfoKept(func(reference.URLParts) bool { return true }),
	},
	{
		Slug:     "userinfo-kept-on-http",
		Says:     "drops user and password over HTTPS only",
		Hint:     "The rule is taken for one about TLS. It applies to HTTP as well.",
		BugTypes: rejects, Breaks: "userinfo-dropped",
		Step: userinfoKept(func(p reference.URLParts) bool { return p.Scheme == "http" }),
	},
	{
		Slug:     "user-kept-without-password",
		Says:     "keeps a user that has no password",
		Hint:     "The pattern for userinfo requires a colon. Cut the authority after its last @.",
		BugTypes: rejects, Breaks: "userinfo-dropped",
		Step: userinfoKept(func(p reference.URLParts) bool { return !strings.Contains(p.Userinfo, ":") }),
	},
	{
		Slug:     "empty-password-kept",
		Says:     "keeps a user whose password is empty",
		Hint:     "The pattern for userinfo requires a password. Cut the authority after its last @.",
		BugTypes: both, Breaks: "password-empty",
		Step: userinfoKept(func(p reference.URLParts) bool { return strings.HasSuffix(p.Userinfo, ":@") }),
	},
	{
		Slug:     "password-dropped-alone",
		Says:     "drops the password and keeps the user",
		Hint:     "Only the secret is taken out, as for a log. Twilio drops both.",
		BugTypes: rejects, Breaks: "userinfo-dropped",
		Step: restore(func(p *reference.URLParts, configured reference.URLParts) {
			if user := before(strings.TrimSuffix(configured.Userinfo, "@"), ":"); user != "" && p.Userinfo == "" {
				p.Userinfo = user + "@"
			}
		}),
	},
	{
		Slug:     "userinfo-tolerated",
		Says:     "accepts a signature with user and password as well",
		Hint:     "The test suites of six SDKs demand it. Twilio's Security page says that both are dropped.",
		BugTypes: accepts, Breaks: "userinfo-kept",
		Step: func(v *reference.Validator) {
			kept := *v
			userinfoKept(func(p reference.URLParts) bool { return p.Scheme != "wss" })(&kept)
			mapURLs(func(signed []string, url string, product reference.Product) []string {
				return with(signed, kept.SignedURLs(url, product)...)
			})(v)
		},
	},
	{
		Slug: "userinfo-found-by-pattern",
		Says: "takes everything before an @ for userinfo, in the path and the query too",
		Hint: "A pattern like //.*@ runs over the whole URL: what an attacker writes into the path becomes the " +
			"host that is signed. Look for the @ in the authority alone.",
		BugTypes: both, Breaks: "userinfo-dropped",
		Step: editText(func(url string) string { return anyUserinfo.ReplaceAllString(url, "//") }),
	},
	{
		Slug: "userinfo-taken-for-host",
		Says: "takes the userinfo for the host",
		Hint: "The authority is split at the @ and the wrong half is used, or the host is cut off before the " +
			"first colon. The host follows the last @.",
		BugTypes: both, Breaks: "userinfo-dropped",
		Step: editURL(func(p *reference.URLParts) {
			if p.Userinfo != "" {
				p.Host, p.Port = strings.TrimSuffix(p.Userinfo, "@"), ""
			}
		}),
	},
	{
		Slug: "host-cut-at-first-colon",
		Says: "cuts the authority at its first colon when it drops the port, and keeps the user for the host",
		Hint: "netloc.split(':')[0] of user:secret@host:8443 is user (the Python SDK). Drop the userinfo " +
			"first; the port follows the last colon.",
		BugTypes: rejects, Breaks: "userinfo-dropped",
		Step: restore(func(p *reference.URLParts, configured reference.URLParts) {
			user, _, found := strings.Cut(configured.Userinfo, ":")
			if found && configured.Port != "" && p.Port == "" {
				p.Host = user
			}
		}),
	},
	{
		Slug: "port-lost-with-userinfo",
		Says: "loses the port when it drops user and password",
		Hint: "The URL is put together from the hostname, which has no port (u.hostname in JavaScript and " +
			"Python, url.Hostname() in Go). Add the port again.",
		BugTypes: rejects, Breaks: "port-kept",
		Step: editURL(func(p *reference.URLParts) {
			if p.Userinfo != "" {
				p.Port = ""
			}
		}),
	},
	{
		Slug: "userinfo-throws",
		Says: "throws on a URL with user and password",
		Hint: "new Request() and fetch() in JavaScript refuse such a URL, and some parsers do. Cut userinfo " +
			"off before the URL is parsed.",
		BugTypes: throws, Breaks: "userinfo-dropped",
		Step: editURL(func(p *reference.URLParts) {
			if p.Userinfo != "" {
				throw("a URL with credentials is not allowed")
			}
		}),
	},
}

var anyUserinfo = regexp.MustCompile(`//[^@]*@`)

// userinfoKept keeps the userinfo where keep is true.
func userinfoKept(keep func(configured reference.URLParts) bool) Step {
	return restore(func(p *reference.URLParts, configured reference.URLParts) {
		if configured.Userinfo != "" && keep(configured) {
			p.Userinfo = configured.Userinfo
		}
	})
}
