// This file answers: what do people get wrong when they decode a form? It is
// decoded exactly once, as bytes that are UTF-8.

package defect

import (
	neturl "net/url"
	"strings"
	"unicode/utf8"

	"sigconform/reference"
)

var decode = []Defect{
	{
		Slug:     "not-decoded",
		Says:     "signs names and values as they stand in the body, not decoded",
		Hint:     "The raw body is split and not decoded. Decode + and %20 to a space and every escape to its byte.",
		BugTypes: both, Breaks: "decoded-once",
		Step: editForm(func(body string) string { return plus.Replace(strings.ReplaceAll(body, "%", "%25")) }),
	},
	{
		Slug:     "decoded-twice",
		Says:     "decodes twice: {}",
		Hint:     "The framework's parameters are decoded already and decoded once more. Use them as they are.",
		BugTypes: both, Breaks: "decoded-once",
		Values: []string{"all-as-a-form", "all-as-a-URL", "values-as-a-form", "values-as-a-URL",
			"names-as-a-form", "names-as-a-URL"},
		StepFor: func(value string) Step {
			what, how, _ := strings.Cut(value, "-as-")
			change := map[string]func(func(string) string) Step{"all": mapText, "values": mapValues, "names": mapNames}[what]
			return change(func(s string) string {
				if how == "a-form" {
					s = strings.ReplaceAll(s, "+", " ")
				}
				return decodePercent(s)
			})
		},
	},
	{
		Slug:     "names-not-decoded",
		Says:     "does not decode names",
		Hint:     "Only the value is passed to the decoder. Names are encoded in the same way.",
		BugTypes: both, Breaks: "decoded-once",
		Step: editForm(func(body string) string {
			pairs := strings.Split(body, "&")
			for i, pair := range pairs {
				name, value, equals := strings.Cut(pair, "=")
				pairs[i] = plus.Replace(strings.ReplaceAll(name, "%", "%25"))
				if equals {
					pairs[i] += "=" + value
				}
			}
			return strings.Join(pairs, "&")
		}),
	},
	{
		Slug: "plus-kept",
		Says: "keeps a + where it stands for a space",
		Hint: "decodeURIComponent, rawurldecode, unquote and PathUnescape decode URLs, not forms. Use the " +
			"decoder for forms (URLSearchParams, urldecode, unquote_plus, QueryUnescape).",
		BugTypes: both, Breaks: "decoded-once",
		Step: editForm(plus.Replace),
	},
	{
		Slug: "plus-made-space-late",
		Says: "turns an escaped plus, %2B, into a space",
		Hint: "+ is replaced after the escapes were decoded, or the value is decoded twice. Replace it before. " +
			"Phone numbers lose their + by this.",
		BugTypes: both, Breaks: "decoded-once",
		Step: mapText(func(s string) string { return strings.ReplaceAll(s, "+", " ") }),
	},
	{
		Slug:     "lower-case-escapes-kept",
		Says:     "does not decode escapes with small hex digits",
		Hint:     "A table or a pattern knows capitals only. Hex digits may have either case.",
		BugTypes: rejects, Breaks: "decoded-once",
		Step: editForm(func(body string) string {
			return escape.ReplaceAllStringFunc(body, func(e string) string {
				if e != strings.ToUpper(e) {
					return "%25" + e[1:]
				}
				return e
			})
		}),
	},
	{
		Slug: "split-after-decoding",
		Says: "decodes the body before it splits it at & and =",
		Hint: "An escaped & in a value becomes a separator, and what is signed means something else than what " +
			"is read. Split first, then decode each part.",
		BugTypes: both, Breaks: "decoded-once",
		Step: editForm(func(body string) string { return decodePercent(body) }),
	},
	{
		Slug: "re-encoded",
		Says: "encodes values again before it signs them",
		Hint: "The parameters are made a query string again (http_build_query, urlencode). Append decoded " +
			"names and values.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: mapText(neturl.QueryEscape),
	},
	{
		Slug:     "values-re-encoded",
		Says:     "encodes values, not names, again before it signs them, a space as {}",
		Hint:     "quote_plus(value), encodeURIComponent(value) or urlencode($value) was added to repair one. Append the decoded value.",
		BugTypes: both, Breaks: "name-value-appended",
		Values: []string{"plus", "percent-20"},
		StepFor: func(space string) Step {
			return mapValues(func(s string) string {
				if s = neturl.QueryEscape(s); space == "plus" {
					return s
				}
				return strings.ReplaceAll(s, "+", "%20")
			})
		},
	},
	{
		Slug: "value-cut-at-equals-sign",
		Says: "cuts a value at its first equals sign",
		Hint: "pair.split('=')[1] loses what follows a second one, which is then not signed. Split at the " +
			"first = only.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: editForm(func(body string) string {
			pairs := strings.Split(body, "&")
			for i, pair := range pairs {
				if parts := strings.SplitN(pair, "=", 3); len(parts) == 3 {
					pairs[i] = parts[0] + "=" + parts[1]
				}
			}
			return strings.Join(pairs, "&")
		}),
	},
	{
		Slug:     "split-at-last-equals-sign",
		Says:     "splits a pair at its last equals sign",
		Hint:     "A greedy pattern like (.*)=(.*). The first = ends the name.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: mapParams(func(p reference.Param) reference.Param {
			if last := strings.LastIndexByte(p.Value, '='); last >= 0 {
				return reference.Param{Name: p.Name + "=" + p.Value[:last], Value: p.Value[last+1:]}
			}
			return p
		}),
	},
	{
		Slug: "pair-split-throws",
		Says: "throws on a pair that has not exactly one equals sign",
		Hint: "name, value = pair.split('=') cannot unpack such a pair. Split at the first = only, and take a " +
			"name alone for one with an empty value.",
		BugTypes: throws, Breaks: "all-params",
		Step: splitThrows(true),
	},
	{
		Slug: "nonempty-pair-split-throws",
		Says: "throws on a pair that has not exactly one equals sign, unless the pair is empty",
		Hint: "name, value = pair.split('=') cannot unpack such a pair, and only empty ones are skipped before. " +
			"Split at the first = only, and take a name alone for one with an empty value.",
		BugTypes: throws, Breaks: "all-params",
		Step: splitThrows(false),
	},
	{
		Slug:     "semicolon-separates",
		Says:     "splits the form at semicolons too",
		Hint:     "Old parsers do (Python before 3.9.2, Rack). The WHATWG standard splits at & alone.",
		BugTypes: both, Breaks: "semicolon-separator",
		Step: editForm(func(body string) string { return strings.ReplaceAll(body, ";", "&") }),
	},
	{
		Slug:     "empty-names-dropped",
		Says:     "leaves out parameters with an empty name",
		Hint:     "Parsers differ: PHP drops them. Twilio sends none.",
		BugTypes: both, Breaks: "empty-name",
		Step: dropParams(func(p reference.Param) bool { return p.Name == "" }),
	},
	{
		Slug:     "byte-order-mark-stripped",
		Says:     "strips a byte order mark off the form",
		Hint:     "A decoder that looks for one (utf-8-sig, StreamReader) takes it away. Twilio sends none.",
		BugTypes: both, Breaks: "byte-order-mark",
		Step: editForm(func(body string) string { return strings.TrimPrefix(body, "\ufeff") }),
	},
	{
		Slug: "invalid-utf-8-replaced",
		Says: "replaces bytes that are not UTF-8 by U+FFFD",
		Hint: "Strings of most languages cannot hold them, and decoders replace them. What Twilio signs for " +
			"them is not documented.",
		BugTypes: both, Breaks: "invalid-utf8-values",
		Step: mapText(func(s string) string { return strings.ToValidUTF8(s, "\ufffd") }),
	},
	{
		Slug:     "invalid-utf-8-throws",
		Says:     "throws on bytes that are not UTF-8",
		Hint:     "A strict decoder (bytes.decode in Python, decodeURIComponent, fatal: true). Answer 403, not 500.",
		BugTypes: throws, Breaks: "invalid-utf8-values",
		Step: mapText(func(s string) string {
			if !utf8.ValidString(s) {
				throw("invalid UTF-8")
			}
			return s
		}),
	},
	{
		Slug:     "malformed-escapes-throw",
		Says:     "throws on a % that two hex digits do not follow",
		Hint:     "decodeURIComponent throws a URIError, URLDecoder an IllegalArgumentException. Answer 403, not 500.",
		BugTypes: throws, Breaks: "malformed-percent",
		Step: editForm(func(body string) string {
			if strings.Contains(escape.ReplaceAllString(body, ""), "%") {
				throw("malformed escape")
			}
			return body
		}),
	},
	{
		Slug:     "charset-honoured",
		Says:     "decodes the form in the charset that the content type names",
		Hint:     "Twilio sends UTF-8 whatever the header says; no other charset was seen.",
		BugTypes: both, Breaks: "other-charset",
		Step: mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
			if r.ContentType == nil || !strings.Contains(strings.ToLower(*r.ContentType), "charset=iso-8859-1") {
				return params
			}
			for i, p := range params {
				params[i] = reference.Param{Name: fromLatin1(p.Name), Value: fromLatin1(p.Value)}
			}
			return params
		}),
	},
	{
		Slug: "decoded-as-latin-1",
		Says: "decodes escapes as ISO-8859-1, so that é becomes Ã©",
		Hint: "The default charset of the servlet API and of old frameworks. Say UTF-8 before the parameters " +
			"are read (setCharacterEncoding, URIEncoding).",
		BugTypes: rejects, Breaks: "decoded-once",
		Step: mapText(fromLatin1),
	},
	{
		Slug:     "names-decoded-as-latin-1",
		Says:     "decodes names as ISO-8859-1, and values as UTF-8",
		Hint:     "Bottle and Tornado hand over names so. Parse the raw body: parse_qsl(body, keep_blank_values=True).",
		BugTypes: rejects, Breaks: "name-characters",
		Step: mapNames(fromLatin1),
	},
	{
		Slug: "latin-1-in-part",
		Says: "decodes as ISO-8859-1: {}",
		Hint: "utf8_encode in PHP and a second decoding spoil values, and Tomcat reads " +
			"a form whose content type has no charset so (setCharacterEncoding(\"UTF-8\") in a filter before any getParameter).",
		BugTypes: rejects, Breaks: "name-value-appended",
		Values: []string{"values", "forms-without-charset"},
		StepFor: func(value string) Step {
			return mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
				whole := value == "forms-without-charset"
				if whole && r.ContentType != nil && strings.Contains(strings.ToLower(*r.ContentType), "charset") {
					return params
				}
				for i := range params {
					if params[i].Value = fromLatin1(params[i].Value); whole {
						params[i].Name = fromLatin1(params[i].Name)
					}
				}
				return params
			})
		},
	},
}

// plus escapes what stands for a space.
var plus = strings.NewReplacer("+", "%2B")

// before returns what stands before the first separator, or all.
func before(s, separator string) string {
	s, _, _ = strings.Cut(s, separator)
	return s
}

// fromLatin1 takes each byte for a character.
func fromLatin1(s string) string {
	var out strings.Builder
	for _, b := range []byte(s) {
		out.WriteRune(rune(b))
	}
	return out.String()
}

// splitThrows throws on pairs that have not exactly one equals sign, empty ones as well if it is
// told so.
func splitThrows(onEmpty bool) Step {
	return editForm(func(body string) string {
		for pair := range strings.SplitSeq(body, "&") {
			if strings.Count(pair, "=") != 1 && body != "" && (onEmpty || pair != "") {
				throw("cannot unpack %q", pair)
			}
		}
		return body
	})
}
