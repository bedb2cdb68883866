// This file answers: which pieces of the URL do people lose or replace? The URL
// that an application sees is seldom the one that was signed: a proxy ends TLS,
// a router takes a prefix off, a framework offers a path without its query.

package defect

import (
	"strings"

	"sigconform/reference"
)

var url = []Defect{
	{
		Slug: "scheme-hard-coded",
		Says: "signs {} as the scheme, whatever scheme the URL has",
		Hint: "Behind a proxy that ends TLS the application sees http, or somebody wrote the scheme down to " +
			"fix just that. Take it from the configured public URL, or from X-Forwarded-Proto where the proxy is " +
			"trusted (trust proxy in Express, ProxyFix in Flask, ForwardedHeaders in ASP.NET).",
		BugTypes: both, Breaks: "url-verbatim",
		Values: []string{"https", "http"},
		StepFor: func(value string) Step {
			return editURL(func(p *reference.URLParts) { p.Scheme = value })
		},
	},
	{
		Slug: "http-as-https",
		Says: "signs https instead of http",
		Hint: "A replacement of http: by https:, because TLS ends at a proxy. It is right behind that proxy " +
			"and wrong without; sign the URL as it is configured at Twilio.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			if p.Scheme == "http" {
				p.Scheme = "https"
			}
		}),
	},
	{
		Slug: "wss-as-https",
		Says: "signs https instead of wss for a WebSocket handshake",
		Hint: "A handshake is an HTTP request, so that frameworks build an https URL for it. Twilio signs the " +
			"wss URL that is configured in <Stream>.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			if p.Scheme == "wss" {
				p.Scheme = "https"
			}
		}),
	},
	{
		Slug:     "wss-as-ws",
		Says:     "signs ws instead of wss for a WebSocket handshake",
		Hint:     "Behind a proxy that ends TLS the handshake arrives without it. Twilio signs the wss URL that is configured in <Stream>.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			if p.Scheme == "wss" {
				p.Scheme = "ws"
			}
		}),
	},
	{
		Slug: "scheme-and-host-lost",
		Says: "signs path and query without scheme and host",
		Hint: "req.url in Node, PATH_INFO or REQUEST_URI elsewhere hold the path alone. Put the public scheme " +
			"and host before it.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: mapSigned(func(signed, _ string) string {
			if p, ok := reference.SplitURL(signed); ok {
				return p.Path + p.Query
			}
			return signed
		}),
	},
	{
		Slug: "host-with-www-tried",
		Says: "accepts what is signed for the same host with www. before it",
		Hint: "Somebody made a redirect between the two hosts work by trying both. Configure at Twilio the URL " +
			"that answers.",
		BugTypes: accepts, Breaks: "url-verbatim",
		Step: alsoSigned(func(p *reference.URLParts) { p.Host = "www." + p.Host }),
	},
	{
		Slug:     "host-trailing-dot-removed",
		Says:     "removes the final dot of the host",
		Hint:     "A URL class or a proxy normalizes the host. Sign the URL as it is configured.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) { p.Host = strings.TrimSuffix(p.Host, ".") }),
	},
	{
		Slug: "query-dropped",
		Says: "drops the query",
		Hint: "request.path, request.base_url, $_SERVER['SCRIPT_URI'] or getRequestURL() in Java end before " +
			"the query. Append it, as it was received.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) { p.Query = "" }),
	},
	{
		Slug:     "query-cut-at-second-question-mark",
		Says:     "cuts the query at its second question mark",
		Hint:     "The URL is split at every question mark and only two parts are used. Cut at the first one.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editURL(cutAtSecondQuestionMark),
	},
	{
		Slug: "mount-prefix-lost",
		Says: "loses the first segment of the path",
		Hint: "A router takes the prefix it is mounted at off the path: req.url instead of req.originalUrl in " +
			"Express, PATH_INFO without SCRIPT_NAME in WSGI and Rack, a proxy that strips a prefix.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			if _, rest, found := strings.Cut(strings.TrimPrefix(p.Path, "/"), "/"); found {
				p.Path = "/" + rest
			}
		}),
	},
	{
		Slug: "path-info-lost",
		Says: "signs the first segment of the path alone",
		Hint: "SCRIPT_NAME without PATH_INFO in CGI, PHP, WSGI and Rack: what follows the script is elsewhere. " +
			"Use the path of the request line.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			if p.Path != "" {
				segment, _, _ := strings.Cut(p.Path[1:], "/")
				p.Path = "/" + segment
			}
		}),
	},
	{
		Slug: "index-file-added",
		Says: "adds {} to the path of a directory",
		Hint: "The server maps the directory to its index file, and PHP_SELF and SCRIPT_NAME name that. Use " +
			"REQUEST_URI.",
		BugTypes: both, Breaks: "index-page",
		Values: []string{"index.php", "index.html"},
		StepFor: func(file string) Step {
			return editURL(func(p *reference.URLParts) {
				if !strings.Contains(p.Path[strings.LastIndexByte(p.Path, '/')+1:], ".") {
					p.Path = strings.TrimSuffix(p.Path, "/") + "/" + file
				}
			})
		},
	},
	{
		Slug: "index-file-removed",
		Says: "takes an index file off the path",
		Hint: "A canonical URL for visitors (search engines, analytics) is used for signing. Sign the URL as " +
			"it is configured.",
		BugTypes: both, Breaks: "index-page",
		Step: editURL(func(p *reference.URLParts) { p.Path = strings.TrimSuffix(p.Path, "/index.php") }),
	},
	{
		Slug: "final-slash-added",
		Says: "adds a final slash to the path",
		Hint: "A router redirects to the path with a slash (APPEND_SLASH in Django) or a URL helper normalizes " +
			"it. /twilio and /twilio/ are signed differently: configure at Twilio what your framework sees.",
		BugTypes: rejects, Breaks: "index-page",
		Step: editURL(func(p *reference.URLParts) {
			if !strings.HasSuffix(p.Path, "/") {
				p.Path += "/"
			}
		}),
	},
	{
		Slug: "final-slash-removed",
		Says: "removes the final slash of the path",
		Hint: "A router or a URL helper trims it (Laravel's url(), trim($path, '/')). /twilio and /twilio/ are " +
			"signed differently: sign what is configured.",
		BugTypes: rejects, Breaks: "index-page",
		Step: editURL(func(p *reference.URLParts) { p.Path = strings.TrimRight(p.Path, "/") }),
	},
	{
		Slug: "final-slash-tolerated",
		Says: "accepts a signature for the path with the final slash {} as well",
		Hint: "The advice of Twilio's Security page for WebSocket handshakes is applied to every URL. " +
			"Configure at Twilio the path that your framework sees.",
		BugTypes: accepts, Breaks: "slash-tolerance",
		Values: []string{"added", "removed"},
		StepFor: func(value string) Step {
			return alsoSigned(func(p *reference.URLParts) {
				switch {
				case strings.HasPrefix(p.Scheme, "ws"):
				case value == "removed":
					p.Path = strings.TrimSuffix(p.Path, "/")
				case !strings.HasSuffix(p.Path, "/"):
					p.Path += "/"
				}
			})
		},
	},
	{
		Slug: "query-at-most-1000-params",
		Says: "signs the first 1000 parameters of the query only",
		Hint: "The query is parsed and rewritten by a parser with such a limit (querystring and qs in Node, " +
			"max_input_vars in PHP). What is beyond it is not signed and can be forged. Sign the query as it was received.",
		BugTypes: accepts, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			if pairs := strings.Split(p.Query, "&"); len(pairs) > 1000 {
				p.Query = strings.Join(pairs[:1000], "&")
			}
		}),
	},
	{
		Slug: "url-at-most-n-chars",
		Says: "signs the first {} characters of the URL only",
		Hint: "The URL goes through a column, a log line or a buffer that is too short. What follows is not " +
			"signed and can be forged.",
		BugTypes: both, Breaks: "url-verbatim",
		Values: []string{"255", "1024", "2048"},
		Sized: sized(func(n int) (url, body string) {
			const start = "https://example.com/"
			return start + strings.Repeat("a", max(0, n-len(start))), ""
		}),
		StepFor: func(value string) Step {
			return mapSigned(func(signed, _ string) string { return signed[:min(count(value), len(signed))] })
		},
	},
	{
		Slug: "fragment-kept",
		Says: "signs the fragment that the configured URL has",
		Hint: "A fragment (#rc=2) overrides connection settings at Twilio and is never sent. Cut the URL " +
			"before it.",
		BugTypes: both, Breaks: "fragment",
		Step: restore(func(p *reference.URLParts, configured reference.URLParts) { p.Fragment = configured.Fragment }),
	},
}

func cutAtSecondQuestionMark(p *reference.URLParts) {
	if p.Query != "" {
		p.Query = "?" + before(p.Query[1:], "?")
	}
}
