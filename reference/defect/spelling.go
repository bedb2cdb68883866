// This file answers: how do people re-spell the URL? A URL class that parses
// and prints it again changes bytes that were signed.

package defect

import (
	"fmt"
	neturl "net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"sigconform/reference"
)

var spelling = []Defect{
	{
		Slug: "host-lowercased",
		Says: "puts the host in lower case",
		Hint: "URL classes do that (new URL() in JavaScript, Uri in C#). Cut the URL at its delimiters instead " +
			"of printing a parsed one.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) { p.Host = strings.ToLower(p.Host) }),
	},
	{
		Slug:     "host-made-unicode",
		Says:     "writes a host in Punycode with its Unicode characters",
		Hint:     "A URL class shows internationalized hosts so. Sign the host as it is configured.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) { p.Host = unicodeHost(p.Host) }),
	},
	{
		Slug:     "host-with-underscore-throws",
		Says:     "throws on a host with an underscore",
		Hint:     "java.net.URI gives no host for it, and strict parsers refuse it. Cut the URL at its delimiters.",
		BugTypes: throws, Breaks: "host-underscore",
		Step: editURL(func(p *reference.URLParts) {
			if strings.Contains(p.Host, "_") {
				throw("the host is null")
			}
		}),
	},
	{
		Slug: "path-lowercased",
		Says: "puts the path in lower case",
		Hint: "A setting for lower-case URLs (LowercaseUrls in ASP.NET) or a router that does not look at " +
			"case. Use the path of the request line.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) { p.Path = strings.ToLower(p.Path) }),
	},
	{
		Slug: "escapes-recased",
		Says: "puts the hex digits of escapes in {} case",
		Hint: "A normalizing URL class: RFC 3986 prefers capitals, some encoders write small letters. Sign the " +
			"escapes as they are.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Values: []string{"upper", "lower"},
		StepFor: func(value string) Step {
			return editURL(func(p *reference.URLParts) {
				recase := strings.ToUpper
				if value == "lower" {
					recase = strings.ToLower
				}
				p.Path, p.Query = escape.ReplaceAllStringFunc(p.Path, recase), escape.ReplaceAllStringFunc(p.Query, recase)
			})
		},
	},
	{
		Slug: "query-escapes-recased",
		Says: "puts the hex digits of escapes in the query in {} case",
		Hint: "The query was parsed and printed, or normalized: RFC 3986 prefers capitals, some encoders write small letters. Sign the " +
			"query as it was received.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Values: []string{"upper", "lower"},
		StepFor: func(value string) Step {
			recase := map[string]func(string) string{"upper": strings.ToUpper, "lower": strings.ToLower}[value]
			return editURL(func(p *reference.URLParts) { p.Query = escape.ReplaceAllStringFunc(p.Query, recase) })
		},
	},
	{
		Slug: "escapes-decoded",
		Says: "decodes the percent-escapes of the {}",
		Hint: "request.path in most frameworks and getPath() of java.net.URI are decoded. Use the raw path and " +
			"the raw query (getRawPath, REQUEST_URI, req.originalUrl).",
		BugTypes: rejects, Breaks: "url-verbatim",
		Brings: []string{"query-not-utf-8-replaced", "query-not-utf-8-throws"},
		Values: []string{"path", "query", "query-and-its-plus"},
		StepFor: func(value string) Step {
			return editURL(func(p *reference.URLParts) {
				switch value {
				case "path":
					p.Path = decodePercent(p.Path)
				case "query":
					p.Query = decodePercent(p.Query)
				default:
					p.Query = decodePercent(strings.ReplaceAll(p.Query, "+", " "))
				}
			})
		},
	},
	{
		Slug: "unreserved-unescaped",
		Says: "decodes the escapes that nobody needs: letters, digits, - . _ ~",
		Hint: "RFC 3986 calls the two spellings equivalent, and normalizers make one of them. They sign " +
			"differently: keep what was received.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			p.Path, p.Query = unescapeUnreserved(p.Path), unescapeUnreserved(p.Query)
		}),
	},
	{
		Slug:     "apostrophe-escaped",
		Says:     "writes an apostrophe in the query as %27",
		Hint:     "The WHATWG URL class and Node's querystring.escape do so. Sign the query as it was received.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) { p.Query = strings.ReplaceAll(p.Query, "'", "%27") }),
	},
	{
		Slug: "apostrophe-escaped-beside",
		Says: "writes an apostrophe in the query as %27 if the query has a raw {} as well",
		Hint: "A server in front parses the target only where it has such a character (Hono's for Node, http-proxy), and new URL prints it. " +
			"Sign the target as it was received (req.url of Node's server, c.env.incoming.url in Hono).",
		BugTypes: rejects, Breaks: "url-verbatim",
		Values: []string{"at-sign", "colon"},
		StepFor: func(value string) Step {
			return editURL(func(p *reference.URLParts) {
				if strings.Contains(p.Query, map[string]string{"at-sign": "@", "colon": ":"}[value]) {
					p.Query = strings.ReplaceAll(p.Query, "'", "%27")
				}
			})
		},
	},
	{
		Slug: "apostrophe-unescaped",
		Says: "writes %27 in the query as an apostrophe",
		Hint: "encodeURIComponent does not escape it, so that decoding and encoding again changes it. Sign the " +
			"query as it was received.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) { p.Query = strings.ReplaceAll(p.Query, "%27", "'") }),
	},
	{
		Slug: "query-spaces-respelled",
		Says: "spells every space in the query as {}",
		Hint: "The query is decoded and encoded again (URLSearchParams and http_build_query write +, " +
			"rawurlencode and encodeURIComponent %20). Sign the query as it was received.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Values: []string{"plus", "percent-20"},
		StepFor: func(value string) Step {
			return editURL(func(p *reference.URLParts) {
				if value == "plus" {
					p.Query = strings.ReplaceAll(p.Query, "%20", "+")
				} else {
					p.Query = strings.ReplaceAll(p.Query, "+", "%20")
				}
			})
		},
	},
	{
		Slug: "query-sorted",
		Says: "sorts the parameters of the query",
		Hint: "Rack and Symfony sort when they normalize the query (Request::getQueryString), CDNs when they " +
			"make cache keys. Use the raw QUERY_STRING.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			if p.Query != "" {
				pairs := strings.Split(p.Query[1:], "&")
				slices.Sort(pairs)
				p.Query = "?" + strings.Join(pairs, "&")
			}
		}),
	},
	{
		Slug: "query-rebuilt",
		Says: "rebuilds the query from its decoded parameters",
		Hint: "A full-URL helper (fullUrl() in Laravel, UriComponentsBuilder in Spring, urlencode in Python) " +
			"encodes what it decoded before. Use the raw QUERY_STRING.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Brings: []string{"query-not-utf-8-replaced", "query-not-utf-8-throws"},
		Step: editURL(func(p *reference.URLParts) {
			if p.Query == "" {
				return
			}
			var pairs []string
			for _, param := range reference.ParseForm([]byte(p.Query[1:])) {
				pairs = append(pairs, neturl.QueryEscape(param.Name)+"="+neturl.QueryEscape(param.Value))
			}
			p.Query = "?" + strings.Join(pairs, "&")
		}),
	},
	{
		Slug: "query-rebuilt-without-blanks",
		Says: "rebuilds the query from those of its decoded parameters that have a value",
		Hint: "urlencode(parse_qsl(query)) in Python encodes what it decoded before, and parse_qsl leaves out blank values. Use the raw " +
			"query.",
		BugTypes: both, Breaks: "url-verbatim",
		Brings: []string{"query-not-utf-8-replaced", "query-not-utf-8-throws"},
		Step: editURL(func(p *reference.URLParts) {
			pairs := ""
			for _, param := range queryParams(p.String()) {
				if param.Value != "" {
					pairs += "&" + neturl.QueryEscape(param.Name) + "=" + neturl.QueryEscape(param.Value)
				}
			}
			p.Query = strings.Replace(pairs, "&", "?", 1)
		}),
	},
	{
		Slug:     "query-names-lowercased",
		Says:     "puts the names in the query in lower case",
		Hint:     "A query collection without regard to case prints them so. Use the raw query.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			pairs := strings.Split(p.Query, "&")
			for i, pair := range pairs {
				name := before(pair, "=")
				pairs[i] = strings.ToLower(name) + pair[len(name):]
			}
			p.Query = strings.Join(pairs, "&")
		}),
	},
	{
		Slug:     "query-without-empty-values",
		Says:     "leaves out parameters of the query that have no value",
		Hint:     "The query is rebuilt from a map, and empty values are skipped. Use the raw query.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			if p.Query != "" {
				pairs := strings.Split(p.Query[1:], "&")
				p.Query = "?" + strings.Join(slices.DeleteFunc(pairs, func(pair string) bool {
					_, value, _ := strings.Cut(pair, "=")
					return value == ""
				}), "&")
			}
		}),
	},
}

var (
	escape        = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	slashes       = regexp.MustCompile(`//+`)
	pathParameter = regexp.MustCompile(`;[^/]*`)
	unreserved    = regexp.MustCompile(`^[A-Za-z0-9._~-]$`)
)

// decodePercent decodes escapes once and leaves "+" as it is.
func decodePercent(s string) string {
	return escape.ReplaceAllStringFunc(s, func(e string) string {
		decoded, _ := neturl.PathUnescape(e)
		return decoded
	})
}

func unescapeUnreserved(s string) string {
	return escape.ReplaceAllStringFunc(s, func(e string) string {
		if decoded := decodePercent(e); unreserved.MatchString(decoded) {
			return decoded
		}
		return e
	})
}

func escapeIllegal(s, value string) string {
	illegal := map[string]string{"quotation-mark": `"`, "pipe": "|", "caret": "^", "brackets": "[]"}[value]
	return escapeWhere(s, func(c byte) bool { return c >= 0x80 && value == "non-ascii" || strings.IndexByte(illegal, c) >= 0 })
}

// escapeWhere escapes the bytes for which escaped is true.
func escapeWhere(s string, escaped func(c byte) bool) string {
	var out strings.Builder
	for _, c := range []byte(s) {
		if escaped(c) {
			fmt.Fprintf(&out, "%%%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// escapeAllBut escapes all bytes but the letters and digits of ASCII and those kept.
func escapeAllBut(s, kept string) string {
	return escapeWhere(s, func(c byte) bool {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		return !letter && (c < '0' || c > '9') && strings.IndexByte(kept, c) < 0
	})
}

// unicodeHost decodes the labels of a host that are in Punycode.
func unicodeHost(host string) string {
	if decoded, err := idna.Punycode.ToUnicode(host); err == nil {
		return decoded
	}
	return host
}
