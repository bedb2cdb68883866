// This file lists other spellings of the endpoint's path that frameworks, servers and
// proxies are known to take for it, and other paths at which its handler is often mounted
// once more (guard-covers-the-route). They are sent raw, byte for
// byte: a URL type that cleans them would hide the hole.

package endpoint

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"sigconform/adapters/webhook"
	"sigconform/reference"
)

// spelledPaths are other spellings of a path. dir ends in a slash; s is the last segment.
var spelledPaths = []func(dir, s string) string{
	// What a router decodes, once or behind a proxy twice.
	func(dir, s string) string { return dir + escaped(s, 0) },
	func(dir, s string) string { return dir + escaped(s, len(s)-1) },
	func(dir, s string) string { return dir + strings.ToLower(escaped(s, 0)) },
	func(dir, s string) string { return dir + strings.Replace(escaped(s, 0), "%", "%25", 1) },
	// What a server or a proxy cleans.
	func(dir, s string) string { return "/" + dir + s },
	func(dir, s string) string { return dir + "/" + s },
	func(dir, s string) string { return dir + "./" + s },
	func(dir, s string) string { return dir + "%2e/" + s },
	func(dir, s string) string { return dir + "%2e%2f" + s },
	func(dir, s string) string { return dir + "x/../" + s },
	func(dir, s string) string { return dir + "x/%2e%2e/" + s },
	func(dir, s string) string { return dir + "x/%252e%252e/" + s },
	func(dir, s string) string { return dir + "x/..%2f" + s },
	func(dir, s string) string { return dir + "x/..%252f" + s },
	func(dir, s string) string { return dir + "x%2f..%2f" + s },
	func(dir, s string) string { return dir + "x/..%5c" + s },
	func(dir, s string) string { return dir + `x\..\` + s },
	func(dir, s string) string { return dir + "%2f" + s },
	func(dir, s string) string { return dir + "%5c" + s },
	func(dir, s string) string { return dir + `\` + s },
	func(dir, s string) string { return dir + s + "/" },
	func(dir, s string) string { return dir + s + "//" },
	func(dir, s string) string { return dir + s + "%2f" },
	func(dir, s string) string { return dir + s + `\` },
	func(dir, s string) string { return dir + s + "/." },
	func(dir, s string) string { return dir + s + "/%2e" },
	func(dir, s string) string { return dir + s + "/x/.." },
	// What a router does not tell apart: case, a suffix that names a format.
	func(dir, s string) string { return dir + strings.ToUpper(s) },
	func(dir, s string) string { return dir + strings.ToUpper(s[:1]) + s[1:] },
	func(dir, s string) string { return strings.ToUpper(dir + s) },
	func(dir, s string) string { return dir + s + ".json" },
	func(dir, s string) string { return dir + s + ".xml" },
	func(dir, s string) string { return dir + s + ".html" },
	func(dir, s string) string { return dir + s + ".x" },
	func(dir, s string) string { return dir + s + "." },
	func(dir, s string) string { return dir + s + "/x" },
	func(dir, s string) string { return dir + s + "/x.css" },
	// Parameters of a path, which servlets take out of it.
	func(dir, s string) string { return dir + s + ";" },
	func(dir, s string) string { return dir + s + ";x" },
	func(dir, s string) string { return dir + s + ";x=1" },
	func(dir, s string) string { return dir + s + ";.css" },
	func(dir, s string) string { return dir + s + ";x=.js" },
	func(dir, s string) string { return dir + s + "/;x" },
	func(dir, s string) string { return dir + ";x/" + s },
	func(dir, s string) string { return dir + ".;/" + s },
	func(dir, s string) string { return dir + "x/..;/" + s },
	// What ends a text, or is trimmed.
	func(dir, s string) string { return dir + s + "%00" },
	func(dir, s string) string { return dir + s + "%00.css" },
	func(dir, s string) string { return dir + s + "%0a" },
	func(dir, s string) string { return dir + s + "%0d" },
	func(dir, s string) string { return dir + s + "%09" },
	func(dir, s string) string { return dir + s + "%0c" },
	func(dir, s string) string { return dir + s + "%20" },
	func(dir, s string) string { return dir + "%20" + s },
	func(dir, s string) string { return dir + s + "%a0" },
	func(dir, s string) string { return dir + s + "%c2%a0" },
	func(dir, s string) string { return dir + s + "%c2%85" },
	func(dir, s string) string { return dir + s + "\xa0" },
	func(dir, s string) string { return dir + s + "\x85" },
	func(dir, s string) string { return dir + s + "%3f" },
	func(dir, s string) string { return dir + s + "%23" },
	// A guard that compares the whole target, or looks for what is exempt in it.
	func(dir, s string) string { return dir + s + "?x" },
	func(dir, s string) string { return dir + s + "?" },
	func(dir, s string) string { return dir + s + "#x" },
	func(dir, s string) string { return dir + s + "?x.css" },
	func(dir, s string) string { return dir + s + "?x=.js" },
	// Front controllers.
	func(dir, s string) string { return "/index.php" + dir + s },
	func(dir, s string) string { return "/public/index.php" + dir + s },
}

// aliases are where a second route to the same handler is often mounted. What answers
// there may be another application, so that the body must tell.
var aliases = []func(dir, s string) string{
	func(dir, s string) string { return dir + s + "-test" },
	func(dir, s string) string { return dir + s + "-dev" },
	func(dir, s string) string { return dir + s + "_test" },
	func(dir, s string) string { return dir + s + "/test" },
	func(dir, s string) string { return "/" + s },
}

// aliasPrefixes are those that a second route often has.
var aliasPrefixes = []string{
	"api", "v1", "api/v1", "webhook", "webhooks", "twilio", "test", "dev", "debug", "internal", "legacy",
}

// exemptPrefixes are where applications serve what needs no signature.
var exemptPrefixes = []string{
	"public", "static", "assets", "images", "css", "js", "_next/static", "favicon.ico", ".well-known", "health",
	"healthz", "api/health", "status", "ping", "metrics", "docs", "login",
}

// escapedUps lead from a prefix back to the root.
var escapedUps = []string{"../", "..;/", "%2e%2e/", "..%2f"}

func init() {
	for _, prefix := range aliasPrefixes {
		aliases = append(aliases, func(dir, s string) string { return "/" + prefix + dir + s })
	}
	for _, prefix := range exemptPrefixes {
		depth := strings.Count(prefix, "/") + 1
		for _, up := range escapedUps {
			spelledPaths = append(spelledPaths, func(dir, s string) string {
				return "/" + prefix + "/" + strings.Repeat(up, depth) + dir[1:] + s
			})
		}
		spelledPaths = append(spelledPaths, func(dir, s string) string { return dir + s + "?/" + prefix })
	}
}

// escaped returns a segment with one of its characters percent-encoded.
func escaped(s string, i int) string {
	if s[i] == '%' || i > 0 && s[i-1] == '%' || i > 1 && s[i-2] == '%' {
		return s
	}
	return fmt.Sprintf("%s%%%02X%s", s[:i], s[i], s[i+1:])
}

// pathTrials are the other spellings of the endpoint's path, sent raw.
func (e *Endpoint) pathTrials() []trial {
	path := e.address.Path
	slash := ""
	if bare := strings.TrimRight(path, "/"); bare != path {
		path, slash = bare, "/"
	}
	i := strings.LastIndexByte(path, '/') + 1
	if i == 0 || path[i:] == "" {
		return nil // the endpoint is the root
	}
	dir, segment := path[:i], path[i:]
	request := e.shape.request(e.url, e.product)
	sent, _ := reference.SplitURL(request.URL)
	seen := map[string]bool{e.address.Path: true}
	queryTo := func(target string) string {
		if sent.Query != "" && strings.Contains(target, "?") {
			return "&" + sent.Query[1:]
		}
		return sent.Query
	}
	var all []trial
	add := func(target, control string, more ...webhook.Field) {
		if seen[target] && more == nil {
			return
		}
		seen[target] = true
		name := printable(target)
		if more != nil {
			name = fmt.Sprintf("%s with %s: %s", target, more[0].Name, more[0].Value)
		}
		to := func(d *webhook.Delivery) { d.Target, d.Header = target+queryTo(target), more }
		beside := func(d webhook.Delivery) *webhook.Delivery {
			d.Target = control + queryTo(control)
			if control == target {
				d.Header = nil // the control of a header is the same target without it
			}
			return &d
		}
		all = append(all, e.pair(name, request, to, beside)...)
	}
	for _, spelled := range spelledPaths {
		add(spelled(dir, segment)+slash, spelled(dir, segment+"x")+slash)
	}
	own := e.address.Scheme + "://" + e.address.Host + e.address.Port
	for _, origin := range []string{own, "http://" + foreignHost} {
		add(origin+path+slash, origin+path+"x"+slash)
	}
	beside := path + "x" + slash
	for _, header := range rewriteHeaders {
		add(beside, beside, webhook.Field{Name: header, Value: path + slash})
		add("/", "/", webhook.Field{Name: header, Value: path + slash})
	}
	add(path+slash, beside, webhook.Field{Name: "X-Forwarded-Prefix", Value: "/x"})
	for _, header := range rewriteHeaders { // a guard may believe them where the router does not
		for _, exempt := range []string{"/", "/health", "/static/x.css"} {
			add(path+slash, beside, webhook.Field{Name: header, Value: exempt})
		}
	}
	for i := range all {
		all[i].spelling = e.shape.method == http.MethodPost
	}
	for _, alias := range aliases {
		add(alias(dir, segment)+slash, alias(dir, segment+"x")+slash)
	}
	return all
}

// rewriteHeaders are those in which routers and proxies are told of another path than
// that of the request.
var rewriteHeaders = []string{
	"X-Original-URL", "X-Rewrite-URL", "X-Override-URL", "X-Original-URI", "X-Forwarded-Uri", "X-Forwarded-Path",
	"X-Envoy-Original-Path", "X-Matched-Path",
}

// printable is a target as it is listed: bytes that are no ASCII are shown as Go writes
// them.
func printable(target string) string {
	if strings.ContainsFunc(target, func(c rune) bool { return c >= 0x7f }) {
		return strings.Trim(strconv.QuoteToASCII(target), `"`)
	}
	return target
}
