// This file answers: which URL does a framework say that it was called at? What it
// offers as the full URL is parsed and printed again, and its query is another one.

package defect

import (
	"cmp"
	"fmt"
	neturl "net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sigconform/reference"
)

var framework = []Defect{
	{
		Slug: "full-url-helper",
		Says: "signs the query as {} prints it after parsing it",
		Hint: "A helper for the full URL parses the query: names are sorted, the last of a repeated name stays, and everything is " +
			"escaped again. Use the raw request target: $request->getRequestUri() in Laravel and Symfony (not fullUrl() or getUri()), " +
			"request.original_url in Rails (not url_for), getRequestURL() + '?' + getQueryString() in Spring.",
		BugTypes: both, Breaks: "url-verbatim",
		Brings: []string{"query-not-utf-8-replaced", "query-not-utf-8-throws"},
		Values: []string{"symfony", "laravel", "rails", "spring", "java-uri", "url-search-params", "go",
			"sorted-urlencode", "sorted-rawurlencode", "query-object", "query-object-escaped"},
		Hints: map[string]string{
			"java-uri": "new URI(scheme, host, path, query, null) takes decoded parts and quotes what is no URI, so that %2B becomes + and " +
				"%26 becomes &. Sign request.getRequestURL() + '?' + request.getQueryString(), which are raw.",
			"query-object": "The query was put together from an object of its decoded parameters (event.queryStringParameters of API Gateway, " +
				"req.query): escapes are gone, and repeated names are one. Sign it as it was sent: event.rawQueryString, req.originalUrl.",
			"query-object-escaped": "new URLSearchParams(req.query) or (event.queryStringParameters) escapes decoded parameters in its own " +
				"way, and joins the values of a repeated name. Sign the query as it was sent: event.rawQueryString, req.originalUrl.",
			"go": "r.URL.Query().Encode() sorts the query by name and escapes it again. Sign the target as it was sent: r.RequestURI.",
			"sorted-rawurlencode": "The query was parsed, one value for each name, sorted, and escaped again (ksort and http_build_query with " +
				"PHP_QUERY_RFC3986). Sign it as it was received ($_SERVER['REQUEST_URI']).",
			"sorted-urlencode": "urlencode(sorted(parse_qsl(query))) sorts the query and escapes it again. Sign it as it was received " +
				"(QUERY_STRING, scope[\"query_string\"], $_SERVER['QUERY_STRING']).",
		},
		StepFor: func(value string) Step {
			return editURL(func(p *reference.URLParts) {
				if value == "laravel" && strings.Count(p.Query, "&") >= phpInQuery {
					throw("Input variables exceeded %d", phpInQuery) // a warning is an exception there
				}
				p.Query = reprintedQuery(p.Query, value)
			})
		},
	},
	{
		Slug: "werkzeug-url",
		Says: "signs request.url of Werkzeug {}, an IRI in which most escapes of the query are undone",
		Hint: "request.url in Flask is meant for display. Put scheme, host and request.environ['RAW_URI'] (gunicorn, Werkzeug's own server) " +
			"or ['REQUEST_URI'] (uWSGI, mod_wsgi) together, or use the configured URL and request.query_string.",
		BugTypes: both, Breaks: "url-verbatim",
		Values: []string{"before-2.3", "since-2.3"},
		StepFor: func(value string) Step {
			return editURL(func(p *reference.URLParts) {
				if p.Query = iri(strings.TrimPrefix(p.Query, "?"), value); p.Query != "" {
					p.Query = "?" + p.Query
				}
			})
		},
	},
	{
		Slug: "front-controller-query",
		Says: "signs the query of the front controller, which begins with {}= and the path",
		Hint: "A rewrite rule hands the path over in the query (try_files $uri /index.php?q=$uri&$args; RewriteRule with ?route=), and " +
			"QUERY_STRING is read behind it. Use REQUEST_URI, the target as it was sent.",
		BugTypes: both, Breaks: "url-verbatim",
		Values: []string{"q", "route", "_url", "url"},
		StepFor: func(name string) Step {
			return editURL(func(p *reference.URLParts) {
				p.Query = "?" + name + "=" + p.Path + "&" + strings.TrimPrefix(p.Query, "?")
			})
		},
	},
	{
		Slug: "query-respelled-in-part",
		Says: "respells a part of the query: {}",
		Hint: "An encoder leaves some characters raw, or escapes more of them than the sender did (encodeURI, a replacement that was " +
			"added for SIP addresses or phone numbers). Sign the query as it was received (req.originalUrl, REQUEST_URI).",
		BugTypes: both, Breaks: "url-verbatim",
		Values: []string{"at-and-colon-unescaped", "at-and-colon-unescaped-in-capitals", "plus-escaped", "slashes-unescaped",
			"slashes-unescaped-in-capitals", "brackets-unescaped", "brackets-unescaped-in-capitals", "comma-unescaped",
			"comma-unescaped-in-capitals", "colon-unescaped", "colon-unescaped-in-capitals", "plus-unescaped",
			"plus-unescaped-in-capitals", "question-marks-between"},
		StepFor: func(value string) Step {
			respell := map[string]*strings.Replacer{
				"plus-escaped":           strings.NewReplacer("+", "%2B"),
				"question-marks-between": strings.NewReplacer("&", "?"),
			}[value]
			if characters, in, is := strings.Cut(value, "-unescaped"); is {
				respell = unescaping(map[string]string{
					"at-and-colon": "@:", "slashes": "/", "brackets": "[]", "comma": ",", "colon": ":", "plus": "+",
				}[characters], in == "")
			}
			return editURL(func(p *reference.URLParts) { p.Query = respell.Replace(p.Query) })
		},
	},
	{
		Slug: "question-mark-escaped",
		Says: "escapes the question mark before the query",
		Hint: "url.format({pathname: req.originalUrl}) in Node takes the query for a part of the path. Give it the path and the query " +
			"apart, or put scheme, host and req.originalUrl together as text.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editText(func(url string) string { return strings.ReplaceAll(url, "?", "%3F") }),
	},
	{
		Slug:     "bare-query-names-given-equals-signs",
		Says:     "adds an equals sign to a name in the query that has none: ?foo becomes ?foo=",
		Hint:     "The query is printed from parsed parameters (URLSearchParams, urlencode, Ktor, Play). Sign the query as it was received.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			if len(p.Query) < 2 {
				return
			}
			pairs := strings.Split(p.Query[1:], "&")
			for i, pair := range pairs {
				if pair != "" && !strings.Contains(pair, "=") {
					pairs[i] += "="
				}
			}
			p.Query = "?" + strings.Join(pairs, "&")
		}),
	},
	{
		Slug: "whole-url-decoded",
		Says: "decodes the whole URL with {} before it signs it",
		Hint: "urldecode($url), URLDecoder.decode(url) or unquote(url) was added to repair one URL. " +
			"Twilio signs the URL as it is configured: remove it.",
		BugTypes: both, Breaks: "url-verbatim",
		Hints: map[string]string{"unquote": "urllib.parse.unquote(url) was added to repair one URL. " +
			"Twilio signs the URL as it is configured: remove it."},
		Brings: []string{"query-not-utf-8-throws", "query-not-utf-8-replaced"},
		Values: []string{"urldecode", "rawurldecode", "unquote", "decodeURI", "decodeURI-before-the-Node-SDK"},
		StepFor: func(value string) Step {
			if value == "decodeURI-before-the-Node-SDK" { // which tries what escapes it again, too
				return mapURLs(func(signed []string, _ string, _ reference.Product) []string {
					var all []string
					for _, url := range signed {
						decoded := escapes.ReplaceAllStringFunc(url, decodedURI)
						legacy := edited(decoded, func(p *reference.URLParts) { p.Query = reprintedQuery(p.Query, "querystring") })
						all = with(all, decoded, escapeAllBut(decoded, urlKept), legacy)
					}
					return all
				})
			}
			return editText(func(url string) string {
				switch decoded := decodePercent(url); value {
				case "decodeURI":
					return escapes.ReplaceAllStringFunc(url, decodedURI)
				case "urldecode":
					return decodePercent(strings.ReplaceAll(url, "+", " "))
				case "unquote": // what is not UTF-8 is replaced
					return string([]rune(decoded))
				default:
					return decoded
				}
			})
		},
	},
	{
		Slug: "url-lowercased",
		Says: "puts the whole URL in lower case before it signs it",
		Hint: "strtolower($url), url.toLowerCase() or LowercaseUrls was meant for the host. Path and query are case-sensitive, and so " +
			"is the name bodySHA256: sign the URL as it was received.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editText(strings.ToLower),
	},
	{
		Slug:     "url-escaped-again",
		Says:     "escapes the URL with {} before it signs it, escapes too",
		Hint:     "A URL that is received is escaped already: %20 becomes %2520. Remove it, and sign the URL as it was received.",
		BugTypes: both, Breaks: "url-verbatim",
		Values: []string{"encodeURI", "quote"},
		StepFor: func(value string) Step {
			kept := "-_.~/:?&=" // quote(url, safe=":/?&=") in Python
			if value == "encodeURI" {
				kept = "-_.~;,/?:@&=+$!*'()#"
			}
			return mapSigned(func(signed, _ string) string { return escapeAllBut(signed, kept) })
		},
	},
	{
		Slug:     "url-re-escaped",
		Says:     "decodes the whole URL and escapes it again, with {}",
		Hint:     "quote(unquote(url), safe=…) changes every escape that the sender wrote otherwise. Sign the URL as it was received.",
		BugTypes: both, Breaks: "url-verbatim",
		Brings: []string{"query-not-utf-8-throws", "query-not-utf-8-replaced"},
		Values: []string{"quote", "requote"},
		StepFor: func(value string) Step {
			kept := map[string]string{"quote": "-_.~/:?&=", "requote": "-_.~!#$%&'()*+,/:;=?@[]"}[value]
			return editText(func(url string) string { return escapeAllBut(decodePercent(url), kept) })
		},
	},
	{
		Slug: "path-normalized-by-proxy",
		Says: "signs the path as {} hands it on: decoded, cleaned and escaped again",
		Hint: "A proxy in front rewrites the path. nginx: no path behind proxy_pass (proxy_pass http://app; without a slash); Apache: nocanon " +
			"and AllowEncodedSlashes NoDecode; ASP.NET Core: take the raw target (IHttpRequestFeature.RawTarget).",
		BugTypes: rejects, Breaks: "url-verbatim",
		Values: []string{"nginx", "kestrel"},
		StepFor: func(value string) Step {
			return editURL(func(p *reference.URLParts) { p.Path = proxiedPath(p.Path, value) })
		},
	},
	{
		Slug: "path-re-escaped",
		Says: "decodes the path and escapes it again with {}",
		Hint: "The path was rebuilt from its decoded form (quote(environ['PATH_INFO']) as PEP 3333 has it, request.path). Take the raw " +
			"target: environ['RAW_URI'] or ['REQUEST_URI'], or the configured URL.",
		BugTypes: both, Breaks: "url-verbatim",
		Hints: map[string]string{
			"encodeURI": "The path was rebuilt from its decoded form (encodeURI(decodeURIComponent(path)), Ruby's URI.encode). Take the " +
				"raw target (req.originalUrl), or the configured URL.",
			"new-URI": "new URI(scheme, host, path, …) in Java and Uri.UnescapeDataString in .NET rebuild the path from its decoded " +
				"form. Take the raw target (getRequestURI(), RawTarget), or the configured URL.",
		},
		Values: []string{"quote", "encodeURI", "new-URI"},
		StepFor: func(value string) Step {
			raw := map[string]string{"quote": "_.-~/", "encodeURI": "_.-~/!*'();:@&=+$,?#", "new-URI": "_.-~/!*'();:@&=+$,"}[value]
			return editURL(func(p *reference.URLParts) { p.Path = escapeAllBut(decodePercent(p.Path), raw) })
		},
	},
	{
		Slug: "final-slash-of-url-chomped",
		Says: "cuts a slash off the end of the URL, in the query too",
		Hint: "url.chomp('/') in Ruby, rtrim($url, '/') in PHP or removesuffix in Python is meant for the path. " +
			"Remove it: /twilio and /twilio/ are signed differently, and a query may end in a slash.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editText(func(url string) string { return strings.TrimSuffix(url, "/") }),
	},
}

// reprintedQuery is the query after a framework has parsed and printed it.
func reprintedQuery(query, how string) string {
	if len(query) < 2 {
		return ""
	}
	switch how {
	case "spring":
		return groupedQuery(query[1:])
	case "java-uri":
		decoded := string([]rune(decodePercent(strings.ReplaceAll(query, "+", " "))))
		return "?" + escapeWhere(decoded[1:], func(c byte) bool { return c <= ' ' || strings.IndexByte("\"#%<>\\^`{|}\x7f", c) >= 0 })
	case "symfony", "laravel":
		return symfonyQuery(query[1:])
	}
	params := reference.ParseForm([]byte(query[1:]))
	escapeWith := neturl.QueryEscape
	switch how {
	case "url-search-params":
		escapeWith = func(s string) string {
			return strings.NewReplacer("~", "%7E", "%2A", "*").Replace(neturl.QueryEscape(s))
		}
	case "querystring": // of Node
		escapeWith = func(s string) string { return escapeAllBut(s, "-_.!~*'()") }
	case "query-object":
		params, escapeWith = objectOf(params), func(s string) string { return s }
	case "query-object-escaped":
		params, escapeWith = objectOf(params), neturl.QueryEscape
	case "go":
		values, _ := neturl.ParseQuery(query[1:]) // what it cannot parse is lost
		return "?" + values.Encode()
	case "sorted-urlencode":
		slices.SortFunc(params, func(a, b reference.Param) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
		})
	case "sorted-rawurlencode":
		params, escapeWith = onePerName(params, true), rawURLEncode
		params = slices.DeleteFunc(params, func(p reference.Param) bool { return p.Name == "" })
		slices.SortStableFunc(params, func(a, b reference.Param) int { return strings.Compare(a.Name, b.Name) })
	case "rails":
		params = slices.DeleteFunc(onePerName(params, true), func(p reference.Param) bool {
			return slices.Contains([]string{"", "host", "format", "only_path"}, p.Name)
		})
		slices.SortStableFunc(params, func(a, b reference.Param) int { return strings.Compare(a.Name, b.Name) })
	}
	var pairs []string
	for _, p := range params {
		pairs = append(pairs, escapeWith(p.Name)+"="+escapeWith(p.Value))
	}
	if len(pairs) == 0 {
		return ""
	}
	return "?" + strings.Join(pairs, "&")
}

// urlKept is what new URL() leaves as it is in a query.
const urlKept = "-_.!~*();/?:@&=+$,#%[]{}|^\\`"

// objectOf gives each name once, with its values joined by commas, as JavaScript prints a
// list and API Gateway hands it over.
func objectOf(params []reference.Param) (object []reference.Param) {
	for _, p := range params {
		i := slices.IndexFunc(object, func(o reference.Param) bool { return o.Name == p.Name })
		if i < 0 {
			object = append(object, p)
		} else {
			object[i].Value += "," + p.Value
		}
	}
	return object
}

// groupedQuery puts the values of a repeated name together and leaves out empty
// pairs, with every byte else as it was.
func groupedQuery(query string) string {
	byName, names := map[string][]string{}, []string(nil)
	for pair := range strings.SplitSeq(query, "&") {
		if name := before(pair, "="); pair != "" {
			if byName[name] == nil {
				names = append(names, name)
			}
			byName[name] = append(byName[name], pair)
		}
	}
	var pairs []string
	for _, name := range names {
		pairs = append(pairs, byName[name]...)
	}
	return "?" + strings.Join(pairs, "&")
}

var (
	escapes     = regexp.MustCompile(`(?:%[0-9A-Fa-f]{2})+`)
	iriReserved = regexp.MustCompile(`[/?@\[\]"<>\\^{|}]`)
)

// iri undoes the escapes of a query as Werkzeug does.
func iri(query, version string) string {
	kept := "%&=+#\x7f"
	if version == "before-2.3" {
		kept = `"#%&/:<=>?@[\]^` + "`{|}\x7f"
	}
	query = escapes.ReplaceAllStringFunc(query, func(run string) string { return undone(run, kept) })
	if version == "before-2.3" {
		query = iriReserved.ReplaceAllStringFunc(query, neturl.QueryEscape)
	}
	return query
}

// undone decodes a run of escapes, but for those of controls, spaces, bytes that
// are not UTF-8 and what is to be kept: they keep their spelling.
func undone(run, kept string) string {
	raw := decodePercent(run)
	var out strings.Builder
	for i := 0; i < len(raw); {
		c, size := utf8.DecodeRuneInString(raw[i:])
		broken := c == utf8.RuneError && size == 1
		if broken || c <= ' ' || strings.ContainsRune(kept, c) || !unicode.IsPrint(c) {
			out.WriteString(run[3*i : 3*(i+size)])
		} else {
			out.WriteRune(c)
		}
		i += size
	}
	return out.String()
}

// decodedURI decodes a run of escapes as decodeURI in JavaScript does: those of delimiters stay.
func decodedURI(run string) string {
	var out strings.Builder
	for i, c := range []byte(decodePercent(run)) {
		if strings.IndexByte(";/?:@&=+$,#", c) >= 0 {
			out.WriteString(run[3*i : 3*i+3])
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// proxiedPath is the path as a proxy hands it on.
func proxiedPath(path, proxy string) string {
	if proxy == "nginx" {
		path = reference.RemoveDotSegments(slashes.ReplaceAllString(decodePercent(path), "/"))
		return escapeWhere(path, func(c byte) bool { return c <= ' ' || c >= 0x7f || strings.IndexByte(`%?#"`, c) >= 0 })
	}
	return escapeWhere(reference.RemoveDotSegments(unescapeUnreserved(path)), func(c byte) bool { return c >= 0x80 })
}

// unescaping undoes the escapes of characters, those whose digits are in lower case as well or
// not.
func unescaping(characters string, inEitherCase bool) *strings.Replacer {
	var pairs []string
	for _, c := range characters {
		escape := fmt.Sprintf("%%%02X", c)
		if pairs = append(pairs, escape, string(c)); inEitherCase {
			pairs = append(pairs, strings.ToLower(escape), string(c))
		}
	}
	return strings.NewReplacer(pairs...)
}
