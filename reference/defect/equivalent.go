// This file answers: what do people take for the same URL? Dot segments, characters that
// no URL may have, empty parts and capitals are signed as they stand.

package defect

import (
	neturl "net/url"
	"strings"
	"unicode/utf8"

	"sigconform/reference"
)

var equivalent = []Defect{
	{
		Slug:     "dot-segments-removed",
		Says:     "resolves the dot segments of the path",
		Hint:     "URL classes resolve /a/../b to /b, escaped dots too. Sign the path of the request line.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) { p.Path = reference.RemoveDotSegments(p.Path) }),
	},
	{
		Slug: "double-slashes-merged",
		Says: "merges double slashes in the path",
		Hint: "nginx does (merge_slashes), and so do path joiners. Sign the path that is configured, or switch " +
			"it off.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) { p.Path = slashes.ReplaceAllString(p.Path, "/") }),
	},
	{
		Slug: "path-parameters-removed",
		Says: "removes the parameters of path segments, from the semicolon on",
		Hint: "getServletPath() in Java and Spring's UrlPathHelper remove ;jsessionid and its like. Use " +
			"getRequestURI().",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) { p.Path = pathParameter.ReplaceAllString(p.Path, "") }),
	},
	{
		Slug: "final-semicolon-lost",
		Says: "loses a semicolon at the end of the path",
		Hint: "urlparse() in Python takes what follows the last semicolon for parameters, and geturl() prints " +
			"no empty ones (the Python SDK does). Cut the URL at its delimiters.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) { p.Path = strings.TrimSuffix(p.Path, ";") }),
	},
	{
		Slug: "illegal-characters-escaped",
		Says: "escapes a character that no URL may have: {}",
		Hint: "A URL class makes the URL legal before it is signed. What Twilio signs for such a URL is not " +
			"documented: escape it where it is configured.",
		BugTypes: rejects, Breaks: "illegal-uri-characters",
		Values: []string{"non-ascii", "quotation-mark", "pipe", "caret", "brackets"},
		StepFor: func(value string) Step {
			return editURL(func(p *reference.URLParts) {
				p.Path, p.Query = escapeIllegal(p.Path, value), escapeIllegal(p.Query, value)
			})
		},
	},
	{
		Slug: "equivalent-spelling-tolerated",
		Says: "accepts a signature for the URL in an equivalent spelling as well: {}",
		Hint: "Spellings are tried because one of them was signed somewhere. Nothing is forged by it as long " +
			"as the resource is the same.",
		BugTypes: accepts, Breaks: "equivalent-spelling",
		Values: []string{"apostrophe-escaped", "apostrophe-raw", "space-plus", "hex-lower", "host-lower", "dot-segments", "idn"},
		StepFor: func(value string) Step {
			return alsoSigned(func(p *reference.URLParts) {
				switch value {
				case "apostrophe-escaped":
					p.Query = strings.ReplaceAll(p.Query, "'", "%27")
				case "apostrophe-raw":
					p.Query = strings.ReplaceAll(p.Query, "%27", "'")
				case "space-plus":
					p.Query = strings.ReplaceAll(p.Query, "%20", "+")
				case "hex-lower":
					p.Query = escape.ReplaceAllStringFunc(p.Query, strings.ToLower)
				case "host-lower":
					p.Host = strings.ToLower(p.Host)
				case "dot-segments":
					p.Path = reference.RemoveDotSegments(p.Path)
				case "idn":
					p.Host = unicodeHost(p.Host)
				}
			})
		},
	},
	{
		Slug:     "query-not-utf-8-replaced",
		Says:     "replaces bytes that are not UTF-8 in the query by U+FFFD",
		Hint:     "Decoders do (unquote and parse_qsl in Python, URLSearchParams). Sign the query as it was received.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			p.Query = escapes.ReplaceAllStringFunc(p.Query, func(run string) string {
				if raw := decodePercent(run); !utf8.ValidString(raw) {
					return neturl.QueryEscape(string([]rune(raw)))
				}
				return run
			})
		}),
	},
	{
		Slug:     "query-not-utf-8-throws",
		Says:     "throws on bytes that are not UTF-8 in the query",
		Hint:     "decodeURIComponent throws a URIError. Sign the query as it was received.",
		BugTypes: throws, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			if !utf8.ValidString(decodePercent(p.Query)) {
				throw("URI malformed")
			}
		}),
	},
	{
		Slug:     "empty-path-made-slash",
		Says:     "signs a slash where the URL has no path",
		Hint:     "On the wire there is always a path, and URL classes add it. Configure the URL with its slash.",
		BugTypes: both, Breaks: "empty-path",
		Step: editURL(func(p *reference.URLParts) {
			if p.Path == "" {
				p.Path = "/"
			}
		}),
	},
	{
		Slug:     "empty-query-dropped",
		Says:     "drops the question mark of an empty query",
		Hint:     "URL classes take an empty query for none. Configure the URL without the question mark.",
		BugTypes: both, Breaks: "empty-query",
		Step: editURL(func(p *reference.URLParts) {
			if p.Query == "?" {
				p.Query = ""
			}
		}),
	},
	{
		Slug:     "scheme-lowercased",
		Says:     "puts the scheme in lower case",
		Hint:     "URL classes do. Configure the URL with its scheme in lower case.",
		BugTypes: both, Breaks: "scheme-case",
		Step: editURL(func(p *reference.URLParts) { p.Scheme = strings.ToLower(p.Scheme) }),
	},
}
