// This file answers: how is a URL put together wrongly? Scheme, host, path and
// query come from different places of a request, and of the configuration.

package defect

import (
	"slices"
	"strings"

	"sigconform/reference"
)

var assemble = []Defect{
	{
		Slug: "url-put-together-wrong",
		Says: "puts the URL together wrongly: {}",
		Hint: "A base URL that ends in a slash meets a path that begins with one; req.protocol, r.URL.Scheme or r.URL.Host is empty on a " +
			"server (in Go: a configured scheme + \"://\" + r.Host + r.RequestURI); a URI class gives up on the host. " +
			"Print the string to sign once and compare it with the URL at Twilio.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Values: []string{"double-slash", "double-slash-inside", "undefined-scheme", "no-scheme", "no-host",
			"http-without-host", "one-slash-and-path", "undefined-host"},
		StepFor: func(value string) Step {
			return mapSigned(func(signed, _ string) string {
				p, ok := reference.SplitURL(signed)
				if !ok {
					return signed
				}
				host, rest := p.Host+p.Port, p.Path+p.Query
				last := max(strings.LastIndexByte(p.Path, '/'), 0)
				return map[string]string{
					"double-slash-inside": p.Scheme + "://" + host + p.Path[:last] + "/" + p.Path[last:] + p.Query,
					"double-slash":        p.Scheme + "://" + host + "/" + rest,
					"undefined-scheme":    "undefined://" + host + rest,
					"no-scheme":           "://" + host + rest,
					"no-host":             p.Scheme + "://" + rest,
					"http-without-host":   "http://" + rest,
					"one-slash-and-path":  p.Scheme + ":" + rest,
					"undefined-host":      p.Scheme + "://undefined" + rest,
				}[value]
			})
		},
	},
	{
		Slug: "url-hard-coded",
		Says: "signs {} whatever URL was called",
		Hint: "One URL is configured (WEBHOOK_URL) or one route written down, and several are called, or one with a query. " +
			"Build the URL from the configured origin and the raw target of each request.",
		BugTypes: both, Breaks: "url-verbatim",
		Values: []string{"https://example.com/myapp", "/myapp", "https://example.com"},
		StepFor: func(value string) Step {
			return mapSigned(func(signed, _ string) string {
				p, ok := reference.SplitURL(signed)
				fixed, whole := reference.SplitURL(value)
				switch {
				case !ok:
					return signed
				case !whole:
					p.Path, p.Query = value, ""
				case fixed.Path != "":
					return value
				default:
					p.Scheme, p.Host, p.Port = fixed.Scheme, fixed.Host, fixed.Port
				}
				return p.String()
			})
		},
	},
	{
		Slug: "other-scheme-tolerated",
		Says: "accepts a signature for the same URL with the scheme {} as well",
		Hint: "Candidates are tried because a proxy ends TLS. Nobody can forge by it, but a signature of one URL opens another: " +
			"configure the public scheme, or trust the proxy's X-Forwarded-Proto (trust proxy in Express, ProxyFix in Flask, " +
			"SECURE_PROXY_SSL_HEADER in Django, trustProxies in Laravel).",
		BugTypes: accepts, Breaks: "url-verbatim",
		Values: []string{"http", "https"},
		StepFor: func(scheme string) Step {
			return mapURLs(func(signed []string, _ string, _ reference.Product) []string {
				for _, url := range slices.Clone(signed) {
					signed = with(signed, edited(url, func(p *reference.URLParts) {
						if p.Scheme == "http" || p.Scheme == "https" {
							p.Scheme = scheme
						}
					}))
				}
				return signed
			})
		},
	},
	{
		Slug: "query-drop-tolerated",
		Says: "accepts a signature for the same URL without its query as well",
		Hint: "A second attempt is made with request.url.split('?')[0], for a URL that a proxy changed. Then anybody who has a signature of " +
			"the bare URL can write any query: sign the URL as it was configured and received, and make one attempt.",
		BugTypes: accepts, Breaks: "url-verbatim",
		Step: alsoSigned(func(p *reference.URLParts) { p.Query = "" }),
	},
	{
		Slug:     "url-without-path-signed",
		Says:     "signs scheme and host alone, without path and query",
		Hint:     "request.host_url in Flask, window.location.origin or a base URL from the settings is signed. Append the raw request target.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: mapSigned(func(signed, _ string) string {
			return edited(signed, func(p *reference.URLParts) { p.Path, p.Query = "", "" })
		}),
	},
}

// lastSegment is what follows the last slash of a URL's path.
func lastSegment(url string) string {
	p, _ := reference.SplitURL(url)
	return p.Path[strings.LastIndexByte(p.Path, '/')+1:]
}
