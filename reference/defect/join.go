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
		Replace: mapJoined(func(p reference.Param) reference.Param { return reference.Param{Value: p.Value} }),
	},
	{
		Slug:     "values-not-signed",
		Says:     "appends the names without their values",
		Hint:     "Iterating over a map gives its keys only. The values can be forged: append name and value of each parameter.",
		BugTypes: both, Breaks: "name-value-appended",
		Replace: mapJoined(func(p reference.Param) reference.Param { return reference.Param{Name: p.Name} }),
	},
	{
		Slug:     "value-before-name",
		Says:     "appends the value before the name",
		Hint:     "The two are exchanged. Append the name, then the value.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Replace: mapJoined(func(p reference.Param) reference.Param { return reference.Param{Name: p.Value, Value: p.Name} }),
	},
	{
		Slug:     "delimiters-added",
		Says:     "puts delimiters between names and values: {}",
		Hint:     "Parameters are joined as a query string. Append names and values with nothing between.",
		BugTypes: both, Breaks: "name-value-appended",
		Values: []string{"query-string", "question-mark", "equals-signs", "line-feeds"},
		Replace: func(v *reference.Validator, value string) {
			right := v.Join
			v.Join = func(url string, params []reference.Param) string {
				if len(params) == 0 {
					return right(url, params)
				}
				var pairs []string
				for _, p := range params {
					pairs = append(pairs, p.Name+"="+p.Value)
				}
				switch value {
				case "question-mark":
					return right(url+"?", params)
				case "equals-signs":
					return url + strings.Join(pairs, "")
				case "line-feeds":
					return url + strings.ReplaceAll(strings.Join(pairs, "\n"), "=", "\n")
				default:
					return url + strings.Join(pairs, "&")
				}
			}
		},
	},
	{
		Slug:     "params-as-json",
		Says:     "appends the parameters as a JSON object",
		Hint:     "The parsed form is serialized (JSON.stringify(req.body), String(map)). Append names and values with nothing between.",
		BugTypes: both, Breaks: "name-value-appended",
		Replace: func(v *reference.Validator, _ string) {
			right := v.Join
			v.Join = func(url string, params []reference.Param) string {
				if len(params) == 0 {
					return right(url, params)
				}
				var members []string
				for _, p := range params {
					name, _ := json.Marshal(p.Name)
					value, _ := json.Marshal(p.Value)
					members = append(members, string(name)+":"+string(value))
				}
				return url + "{" + strings.Join(members, ",") + "}"
			}
		},
	},
	{
		Slug:     "params-before-url",
		Says:     "puts the parameters before the URL",
		Hint:     "The two are joined in the wrong order. The URL comes first.",
		BugTypes: both, Breaks: "name-value-appended",
		Replace: func(v *reference.Validator, _ string) {
			right := v.Join
			v.Join = func(url string, params []reference.Param) string { return right("", params) + url }
		},
	},
	{
		Slug:     "string-trimmed",
		Says:     "trims the string to sign at its end",
		Hint:     "The string goes through a file, a shell or a template. Sign it as it is.",
		BugTypes: both, Breaks: "whitespace-kept",
		Replace: editString(func(s string) string { return strings.TrimRight(s, " \t\r\n") }),
	},
	{
		Slug:     "string-encoded-as",
		Says:     "encodes the string to sign as {} instead of UTF-8",
		Hint:     "getBytes() without a charset, Encoding.ASCII or Encoding.Unicode in C#, 'binary' in Node. Say UTF-8. With ASCII every other character becomes a question mark, and one can stand for another.",
		BugTypes: both, Breaks: "name-value-appended",
		Values: []string{"ascii", "latin-1", "utf-16"},
		Replace: func(v *reference.Validator, value string) {
			editString(func(s string) string { return encodedAs(s, value) })(v, "")
		},
	},
	{
		Slug:     "emoji-as-surrogates",
		Says:     "encodes characters beyond the BMP as two surrogates of three bytes each",
		Hint:     "Modified UTF-8 of Java (DataOutputStream.writeUTF, JNI) and CESU-8 do so. Use UTF-8.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Replace: editString(func(s string) string {
			if isASCII(s) {
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
		Replace: func(v *reference.Validator, value string) {
			editString(func(s string) string { return s[:min(count(value), len(s))] })(v, "")
		},
	},
}

// mapJoined changes each parameter after they were sorted.
func mapJoined(change func(p reference.Param) reference.Param) replace {
	return func(v *reference.Validator, _ string) {
		right := v.Join
		v.Join = func(url string, params []reference.Param) string {
			var changed []reference.Param
			for _, p := range params {
				changed = append(changed, change(p))
			}
			return right(url, changed)
		}
	}
}

// editString changes the string to sign.
func editString(edit func(s string) string) replace {
	return func(v *reference.Validator, _ string) {
		right := v.Join
		v.Join = func(url string, params []reference.Param) string { return edit(right(url, params)) }
	}
}

func encodedAs(s, encoding string) string {
	if encoding != "utf-16" && isASCII(s) {
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
		default:
			out = append(out, '?')
		}
	}
	return string(out)
}
