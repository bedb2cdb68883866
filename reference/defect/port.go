// This file answers: what do people get wrong about ports? HTTP keeps them,
// messaging over HTTPS too, voice over HTTPS drops them.

package defect

import (
	"cmp"
	"regexp"
	"strings"

	"sigconform/reference"
)

var port = []Defect{
	{
		Slug: "port-kept-for-voice",
		Says: "keeps the port of an HTTPS URL of voice",
		Hint: "Twilio drops the port for voice callbacks over HTTPS, an explicit :443 too. Drop it, or try the " +
			"URL with and without.",
		BugTypes: rejects, Breaks: "port-dropped-https-voice",
		Step: editProduct(func(_ string, product reference.Product) reference.Product {
			if product == reference.Voice {
				return reference.Messaging
			}
			return product
		}),
	},
	{
		Slug: "port-443-kept-for-voice",
		Says: "keeps an explicit :443 in an HTTPS URL of voice",
		Hint: "The default port is left alone because it is taken for no port (the C# SDK never tries the URL " +
			"without it). Drop any port.",
		BugTypes: rejects, Breaks: "port-dropped-https-voice",
		Step: editProduct(func(url string, product reference.Product) reference.Product {
			if p, _ := reference.SplitURL(url); p.Port == ":443" && product == reference.Voice {
				return reference.Messaging
			}
			return product
		}),
	},
	{
		Slug: "other-ports-kept-for-voice",
		Says: "drops an explicit :443 from an HTTPS URL of voice, and keeps any other port",
		Hint: "Only the default port of the scheme is removed (url.replace(':443', ''), new URL in JavaScript). " +
			"Voice drops any port of an HTTPS URL.",
		BugTypes: rejects, Breaks: "port-dropped-https-voice",
		Step: editProduct(func(url string, product reference.Product) reference.Product {
			if p, _ := reference.SplitURL(url); p.Port != ":443" && product == reference.Voice {
				return reference.Messaging
			}
			return product
		}),
	},
	{
		Slug:     "port-made-443-for-voice",
		Says:     "writes :443 into an HTTPS URL of voice instead of dropping the port",
		Hint:     "The port is set to the default one, and printed. Drop it with its colon.",
		BugTypes: rejects, Breaks: "port-dropped-https-voice",
		Step: mapURLs(func(signed []string, url string, product reference.Product) []string {
			if product == reference.Voice && strings.HasPrefix(url, "https:") {
				signed[0] = edited(signed[0], func(p *reference.URLParts) { p.Port = ":443" })
			}
			return signed
		}),
	},
	{
		Slug: "port-dropped-for-messaging",
		Says: "drops the port of an HTTPS URL of messaging",
		Hint: "The rule for voice is applied to everything over HTTPS, or the host is taken without its port " +
			"(request.host in Rails, req.hostname in Express). Keep the port for messaging.",
		BugTypes: rejects, Breaks: "port-kept",
		Step: editProduct(func(_ string, product reference.Product) reference.Product {
			if product == reference.Messaging {
				return reference.Voice
			}
			return product
		}),
	},
	{
		Slug: "port-dropped-on-http",
		Says: "drops the port of an HTTP URL",
		Hint: "The host is taken without its port (request.host in Rails, req.hostname in Express, " +
			"getServerName() in Java). Over HTTP Twilio signs the port.",
		BugTypes: rejects, Breaks: "port-kept",
		Step: editURL(func(p *reference.URLParts) {
			if p.Scheme == "http" {
				p.Port = ""
			}
		}),
	},
	{
		Slug: "host-name-alone",
		Says: "signs the host without its port, whatever the scheme and the product are, as {} gives it",
		Hint: "getHost() and getServerName() in Java, request.host in Rails and parse_url() in PHP give the host without its " +
			"port. Append the port where it is signed.",
		Hints: map[string]string{
			"javascript": "hostname of new URL() has no port, and is in lower case. Cut the URL at its delimiters instead.",
			"go":         "Hostname() of url.URL has neither the port nor the brackets of an IPv6 host. Take Host.",
			"python": "hostname of urlparse() has no port, is in lower case, and lacks the brackets of an IPv6 host. Take netloc, " +
				"and cut it after its last @.",
			"a-pattern": "A pattern such as ://[^/:]+(:\\d+) drops whatever port there is, and a group of an IPv6 host. Drop the port over HTTPS " +
				"for voice alone, and find it behind the host.",
		},
		BugTypes: rejects, Breaks: "url-verbatim",
		Values: []string{"java", "javascript", "go", "python", "a-pattern"},
		Brings: []string{"host-lowercased"},
		StepFor: func(value string) Step {
			return editURL(func(p *reference.URLParts) {
				if value == "a-pattern" { // what follows the first colon, as in an IPv6 host
					p.Host, p.Port = firstPort.ReplaceAllString(p.Host+p.Port, "$1"), ""
					return
				}
				p.Port = ""
				if value == "go" || value == "python" {
					p.Host = strings.Trim(p.Host, "[]")
				}
				if value == "javascript" || value == "python" {
					p.Host = strings.ToLower(p.Host)
				}
			})
		},
	},
	{
		Slug: "default-port-dropped",
		Says: "drops a port that is the default of the scheme",
		Hint: "URL classes print :443 and :80 only for the other scheme. Twilio's Security page keeps an " +
			"explicit default port over HTTP and for messaging.",
		BugTypes: rejects, Breaks: "port-kept",
		Step: editURL(dropDefaultPort),
	},
	{
		Slug: "port-443-dropped",
		Says: "drops an explicit :443, and no other port",
		Hint: "A framework's URL or a replacement leaves out the default port of HTTPS. For messaging Twilio's " +
			"Security page keeps it.",
		BugTypes: rejects, Breaks: "port-kept",
		Step: editURL(func(p *reference.URLParts) {
			if p.Scheme+p.Port == "https:443" {
				p.Port = ""
			}
		}),
	},
	{
		Slug: "default-port-signed",
		Says: "signs the default port of the scheme where the URL has none",
		Hint: "The URL is put together from host and port, and the port is always there. Leave it out where " +
			"the configured URL has none.",
		BugTypes: both, Breaks: "default-port-added",
		Step: editURL(func(p *reference.URLParts) {
			if p.Port == "" {
				p.Port = reference.DefaultPort(p.Scheme)
			}
		}),
	},
	{
		Slug:     "default-port-tolerated",
		Says:     "accepts a signature for {} with the default port where the URL has none",
		Hint:     "All SDKs try the URL with its default port. The port says nothing that the scheme does not.",
		BugTypes: accepts, Breaks: "default-port-added",
		Values: []string{"https", "http"},
		StepFor: func(value string) Step {
			return alsoSigned(func(p *reference.URLParts) {
				if p.Port == "" && p.Scheme == value {
					p.Port = reference.DefaultPort(p.Scheme)
				}
			})
		},
	},
	{
		Slug: "server-port-signed",
		Says: "signs port {}, the one that it listens on, in place of the URL's",
		Hint: "Behind a proxy the server's own port (SERVER_PORT, request.port) is not the public one. Take " +
			"the port from the configured URL, or from X-Forwarded-Port where the proxy is trusted.",
		BugTypes: both, Breaks: "port-kept",
		Values: []string{"80", "443", "8081", "8443", "9443"},
		StepFor: func(value string) Step {
			return editSigned(func(p *reference.URLParts) { p.Port = ":" + value })
		},
	},
	{
		Slug: "underscore-host-keeps-port",
		Says: "does not drop the port of a host name that has an underscore",
		Hint: "java.net.URI takes such an authority for one that names no server: getHost() returns null, and " +
			"the URL is left as it is (the Java SDK). Cut the authority at its last colon.",
		BugTypes: both, Breaks: "host-underscore",
		Step: editProduct(func(url string, product reference.Product) reference.Product {
			if p, _ := reference.SplitURL(url); strings.Contains(p.Host, "_") {
				return reference.Messaging
			}
			return product
		}),
	},
	{
		Slug: "port-found-by-pattern",
		Says: "drops whatever looks like a port, in the path and the query too",
		Hint: `A pattern like :\d+ is replaced in the whole URL. Cut the URL at its delimiters and look at the ` +
			`authority alone.`,
		BugTypes: rejects, Breaks: "port-dropped-https-voice",
		Step: func(v *reference.Validator) {
			right := v.SignedURLs
			v.SignedURLs = func(url string, product reference.Product) []string {
				p, _ := reference.SplitURL(url)
				if p.Scheme == "https" && product == reference.Voice {
					url = anyPort.ReplaceAllString(url, "$1")
				}
				return right(url, product)
			}
		},
	},
	{
		Slug: "url-rebuilt-without-port",
		Says: "changes the rest of the URL when it drops the port: {}",
		Hint: "The URL is rebuilt from its parsed pieces, which are decoded (getPath() and getQuery() in the " +
			"Java SDK) or normalized (UriBuilder in the C# SDK). Cut the port out and leave every other byte.",
		BugTypes: both, Breaks: "port-dropped-https-voice",
		Values: []string{"escapes-decoded", "dot-segments-removed"},
		StepFor: func(value string) Step {
			return mapSigned(func(signed, url string) string {
				configured, _ := reference.SplitURL(url)
				return edited(signed, func(p *reference.URLParts) {
					switch {
					case configured.Port == "" || p.Port != "":
					case value == "escapes-decoded":
						p.Path, p.Query = quoteIllegal(decodePercent(p.Path)), quoteIllegal(decodePercent(p.Query))
					default:
						p.Path = reference.RemoveDotSegments(p.Path)
					}
				})
			})
		},
	},
	{
		Slug: "ipv6-host-split",
		Says: "cuts an IPv6 host at its first colon when it drops the port",
		Hint: "host, port = netloc.split(':') takes [2001 for the host (the Python and the Go SDK do). The " +
			"port follows the closing bracket.",
		BugTypes: both, Breaks: "port-dropped-https-voice",
		Step: restore(func(p *reference.URLParts, configured reference.URLParts) {
			if configured.Port != "" && p.Port == "" && strings.HasPrefix(p.Host, "[") {
				p.Host = before(p.Host, ":")
			}
		}),
	},
	{
		Slug: "ipv6-port-not-found",
		Says: "does not find the port behind an IPv6 host, and keeps it",
		Hint: "A pattern for the host ends at its first colon. The host ends at the bracket: look for the port " +
			"behind that.",
		BugTypes: rejects, Breaks: "port-dropped-https-voice",
		Step: restore(func(p *reference.URLParts, configured reference.URLParts) {
			if strings.HasPrefix(p.Host, "[") {
				p.Port = configured.Port
			}
		}),
	},
	{
		Slug:     "ipv6-group-taken-for-port",
		Says:     "takes the last group of an IPv6 host for a port",
		Hint:     "The host is cut at its last colon. A port can only follow the closing bracket.",
		BugTypes: both, Breaks: "port-dropped-https-voice",
		Step: mapURLs(func(signed []string, url string, product reference.Product) []string {
			p, _ := reference.SplitURL(url)
			last := strings.LastIndexByte(p.Host, ':')
			if p.Scheme != "https" || p.Port != "" || last < 0 || product == reference.Messaging {
				return signed
			}
			cut := edited(signed[0], func(p *reference.URLParts) {
				if last := strings.LastIndexByte(p.Host, ':'); last >= 0 { // another mistake may have left none
					p.Host = p.Host[:last]
				}
			})
			if product == reference.Voice {
				return []string{cut}
			}
			return append(signed, cut)
		}),
	},
	{
		Slug: "ipv6-host-throws",
		Says: "throws on an IPv6 host",
		Hint: "int(netloc.split(':')[1]) and patterns for hosts do not know brackets. Answer 403, not 500; " +
			"better, cut the authority right.",
		BugTypes: throws, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			if strings.HasPrefix(p.Host, "[") {
				throw("invalid port")
			}
		}),
	},
	{
		Slug: "unusual-port-throws",
		Says: "throws on a port that is neither 80 nor 443",
		Hint: "The default ports are looked up by port and the others are not there (java.net.URL answers -1, " +
			"a dictionary throws). Treat any port alike.",
		BugTypes: throws, Breaks: "port-kept",
		Step: editURL(func(p *reference.URLParts) {
			if len(p.Port) > 1 && p.Port != ":443" && p.Port != ":80" {
				throw("no scheme has the default port %s", p.Port[1:])
			}
		}),
	},
	{
		Slug: "product-not-told",
		Says: "accepts HTTPS URLs with and without their port, whatever the product",
		Hint: "A validator that is not told the product has to. It meets both rules, and accepts the other " +
			"product's spelling too.",
		BugTypes: accepts, Breaks: "port-by-product",
		Step: editProduct(func(string, reference.Product) reference.Product { return reference.ProductUnknown }),
	},
	{
		Slug: "one-product-assumed",
		Says: "takes a request whose product it is not told for one of {}",
		Hint: "One of the two rules on ports is applied to all. Try the URL with and without its port, or tell " +
			"the validator the product.",
		BugTypes: rejects, Breaks: "port-by-product",
		Values: []string{"voice", "messaging"},
		StepFor: func(value string) Step {
			return editProduct(func(_ string, product reference.Product) reference.Product {
				return cmp.Or(product, reference.Product(value))
			})
		},
	},
	{
		Slug:     "http-port-drop-tolerated",
		Says:     "accepts a signature without the port for an HTTP URL that has one",
		Hint:     "All SDKs try the URL without its port. Twilio's Security page keeps it over HTTP.",
		BugTypes: accepts, Breaks: "http-port-dropped",
		Step: alsoSigned(func(p *reference.URLParts) {
			if p.Scheme == "http" {
				p.Port = ""
			}
		}),
	},
	{
		Slug:     "empty-port-dropped",
		Says:     "drops the colon of an empty port",
		Hint:     "URL classes take an empty port for none. Configure the URL without the colon.",
		BugTypes: rejects, Breaks: "empty-port",
		Step: editURL(func(p *reference.URLParts) {
			if p.Port == ":" {
				p.Port = ""
			}
		}),
	},
	{
		Slug: "scheme-case-breaks-port",
		Says: "adds :80 to an HTTPS URL whose scheme is in capitals",
		Hint: "The scheme is compared with https letter by letter, and everything else is taken for http (the " +
			"PHP and the Java SDK). Compare it without regard to case.",
		BugTypes: both, Breaks: "scheme-case",
		Step: editSigned(func(p *reference.URLParts) {
			if p.Scheme != "https" && strings.EqualFold(p.Scheme, "https") && p.Port == "" {
				p.Port = ":80"
			}
		}),
	},
}

// anyPort is a colon and digits, where what follows may be the end of a host.
var anyPort = regexp.MustCompile(`:\d+(/|$|\?|&)`)

// quoteIllegal escapes what may not stand in a URL, and every percent sign, as
// java.net.URI does with decoded pieces.
func quoteIllegal(s string) string {
	return escapeWhere(s, func(c byte) bool { return c <= ' ' || c == 0x7f || strings.IndexByte("%#\"<>\\^`{|}", c) >= 0 })
}

func dropDefaultPort(p *reference.URLParts) {
	if p.Scheme+p.Port == "https:443" || p.Scheme+p.Port == "http:80" {
		p.Port = ""
	}
}

var firstPort = regexp.MustCompile(`^([^:]*):[0-9]+`)
