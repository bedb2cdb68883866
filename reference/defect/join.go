// This file answers: what do people get wrong when they put the string to sign
// together, and when they make bytes of it?

package defect

import (
	"encoding/json"
	"strings"
	"unicode/utf16"

	"sigconform/reference"
)

var join = []Defect{
	{
		Slug:     "names-not-signed",
		Says:     "appends the values without their names",
		Hint:     "The loop runs over the values only. Append name and value of each parameter.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: mapJoined(func(p reference.Param) reference.Param { return reference.Param{Value: p.Value} }),
	},
	{
		Slug: "values-not-signed",
		Says: "appends the names without their values",
		Hint: "Iterating over a map gives its keys only. The values can be forged: append name and value of " +
			"each parameter.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: mapJoined(func(p reference.Param) reference.Param { return reference.Param{Name: p.Name} }),
	},
	{
		Slug:     "value-before-name",
		Says:     "appends the value before the name",
		Hint:     "The two are exchanged. Append the name, then the value.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Step: mapJoined(func(p reference.Param) reference.Param { return reference.Param{Name: p.Value, Value: p.Name} }),
	},
	{
		Slug:     "delimiters-added",
		Says:     "puts delimiters between names and values: {}",
		Hint:     "Parameters are joined as a query string. Append names and values with nothing between.",
		BugTypes: both, Breaks: "name-value-appended",
		Values: []string{"query-string", "question-mark", "whole-query", "equals-signs", "line-feeds"},
		StepFor: func(value string) Step {
			return joinAs(func(params []reference.Param) string {
				var pairs []string
				for _, p := range params {
					pairs = append(pairs, p.Name+"="+p.Value)
				}
				switch value {
				case "question-mark":
					return "?" + reference.Join("", params)
				case "whole-query":
					return "?" + strings.Join(pairs, "&")
				case "equals-signs":
					return strings.Join(pairs, "")
				case "line-feeds":
					return strings.ReplaceAll(strings.Join(pairs, "\n"), "=", "\n")
				default:
					return strings.Join(pairs, "&")
				}
			})
		},
	},
	{
		Slug: "params-as-json",
		Says: "appends the parameters as a JSON object",
		Hint: "The parsed form is serialized (JSON.stringify(req.body), String(map)). Append names and values " +
			"with nothing between.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: joinAs(func(params []reference.Param) string {
			var members []string
			for _, p := range params {
				name, _ := json.Marshal(p.Name)
				value, _ := json.Marshal(p.Value)
				members = append(members, string(name)+":"+string(value))
			}
			return "{" + strings.Join(members, ",") + "}"
		}),
	},
	{
		Slug:     "query-and-form-exchanged",
		Says:     "takes the parameters of the query for the form's, and those of the form for the query",
		Hint:     "Two collections are exchanged where the URL is put together. The URL stays as it was received, with its query.",
		BugTypes: both, Breaks: "get-signs-url-only",
		Step: joinWith(func(url string, params []reference.Param) (string, []reference.Param) {
			if len(params) == 0 {
				return url, nil
			}
			query := queryParams(url)
			return edited(url, func(p *reference.URLParts) { p.Query = "?" + printedPairs(params) }), query
		}),
	},
	{
		Slug:     "params-before-url",
		Says:     "puts the parameters before the URL",
		Hint:     "The two are joined in the wrong order. The URL comes first.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: func(v *reference.Validator) {
			right := v.Join
			v.Join = func(url string, params []reference.Param) string { return right("", params) + url }
		},
	},
	{
		Slug:     "string-trimmed",
		Says:     "trims the string to sign at its end",
		Hint:     "The string goes through a file, a shell or a template. Sign it as it is.",
		BugTypes: both, Breaks: "whitespace-kept",
		Step: editString(func(s string) string { return strings.TrimRight(s, " \t\r\n") }),
	},
	{
		Slug: "string-encoded-as",
		Says: "encodes the string to sign as {} instead of UTF-8",
		Hint: "getBytes() without a charset, Encoding.ASCII or Encoding.Unicode in C#, 'binary' in Node. Say " +
			"UTF-8. With ASCII every other character becomes a question mark, and one can stand for another.",
		BugTypes: both, Breaks: "name-value-appended",
		Values: []string{"ascii", "ascii-without-the-rest", "latin-1", "utf-16"},
		StepFor: func(value string) Step {
			return editString(func(s string) string { return encodedAs(s, value) })
		},
	},
	{
		Slug: "string-encoded-strictly",
		Says: "encodes the string to sign as {}, and throws on what that lacks",
		Hint: "encode('ascii') and encode('latin-1') in Python, encode(Encoding::ISO_8859_1) in Ruby. Say UTF-8: names and " +
			"messages have any characters.",
		BugTypes: throws, Breaks: "name-value-appended",
		Values: []string{"ascii", "latin-1"},
		StepFor: func(value string) Step {
			return editString(func(s string) string {
				if strings.ContainsFunc(s, func(c rune) bool { return c >= 0x80 && (value == "ascii" || c >= 0x100) }) {
					throw("the codec cannot encode characters")
				}
				return encodedAs(s, value)
			})
		},
	},
	{
		Slug:     "emoji-as-surrogates",
		Says:     "encodes characters beyond the BMP as two surrogates of three bytes each",
		Hint:     "Modified UTF-8 of Java (DataOutputStream.writeUTF, JNI) and CESU-8 do so. Use UTF-8.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Step: editString(func(s string) string {
			if reference.IsASCII(s) {
				return s
			}
			return beyondBMP.ReplaceAllStringFunc(s, func(c string) string {
				var out []byte
				for _, unit := range utf16.Encode([]rune(c)) {
					out = append(out, 0xe0|byte(unit>>12), 0x80|byte(unit>>6&0x3f), 0x80|byte(unit&0x3f))
				}
				return string(out)
			})
		}),
	},
	{
		Slug:     "string-at-most-n-bytes",
		Says:     "signs the first {} bytes of the string to sign only",
		Hint:     "A buffer of a fixed size. What is beyond it is not signed and can be forged.",
		BugTypes: both, Breaks: "name-value-appended",
		Values: []string{"256", "1024", "4096", "65536"},
		Sized: sized(func(n int) (url, body string) {
			const start = "https://example.com/"
			return start, "a=" + strings.Repeat("b", max(0, n-len(start)-len("a")))
		}),
		StepFor: func(value string) Step {
			return editString(func(s string) string { return s[:min(count(value), len(s))] })
		},
	},
}

// joinAs makes another text of the parameters, where there are any.
func joinAs(text func(params []reference.Param) string) Step {
	return joinWith(func(url string, params []reference.Param) (string, []reference.Param) {
		if len(params) == 0 {
			return url, nil
		}
		return url, []reference.Param{{Value: text(params)}}
	})
}

// printedPairs prints parameters as a query, without escapes.
func printedPairs(params []reference.Param) string {
	var pairs []string
	for _, p := range params {
		pairs = append(pairs, p.Name+"="+p.Value)
	}
	return strings.Join(pairs, "&")
}

func encodedAs(s, encoding string) string {
	if encoding != "utf-16" && reference.IsASCII(s) {
		return s
	}
	out := make([]byte, 0, 2*len(s))
	for _, c := range s {
		switch {
		case encoding == "utf-16" && c < 0x10000:
			out = append(out, byte(c), byte(c>>8))
		case encoding == "utf-16":
			high, low := utf16.EncodeRune(c)
			out = append(out, byte(high), byte(high>>8), byte(low), byte(low>>8))
		case c < 0x80 || encoding == "latin-1" && c < 0x100:
			out = append(out, byte(c))
		case encoding != "ascii-without-the-rest":
			out = append(out, '?')
		}
	}
	return string(out)
}
