// This file answers: how do people change the text of names and values? Twilio
// signs them as they were decoded: nothing is trimmed, cleaned or converted.

package defect

import (
	"bytes"
	"encoding/json"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sigconform/reference"
)

var text = []Defect{
	{
		Slug: "values-trimmed",
		Says: "trims values: {}",
		Hint: "A middleware or a model binder trims (TrimStrings in Laravel, strip in validators, data " +
			"annotations). Twilio keeps white space, and so must the validator: use the raw parameters.",
		BugTypes: both, Breaks: "whitespace-kept",
		Values: []string{"spaces", "white-space", "ascii-white-space", "php", "ruby", "java", "javascript", "python", "leading", "trailing"},
		StepFor: func(value string) Step {
			trim := map[string]func(string) string{
				"spaces":            func(s string) string { return strings.Trim(s, " ") },
				"white-space":       strings.TrimSpace,
				"ascii-white-space": func(s string) string { return strings.Trim(s, " \t\n\v\f\r") },
				"php":               func(s string) string { return strings.Trim(s, " \t\n\r\x00\v") },
				"ruby": func(s string) string {
					return strings.TrimRight(strings.TrimLeft(s, " \t\n\v\f\r\x00"), " \t\n\v\f\r\x00")
				},
				"java": func(s string) string { return strings.TrimFunc(s, func(c rune) bool { return c <= ' ' }) },
				"javascript": func(s string) string {
					return strings.TrimFunc(s, func(c rune) bool { return c == '\ufeff' || c != '\u0085' && unicode.IsSpace(c) })
				},
				"python": func(s string) string {
					return strings.TrimFunc(s, func(c rune) bool { return c >= 0x1c && c <= 0x1f || unicode.IsSpace(c) })
				},
				"leading":  func(s string) string { return strings.TrimLeft(s, " \t\r\n") },
				"trailing": func(s string) string { return strings.TrimRight(s, " \t\r\n") },
			}[value]
			return mapValues(trim)
		},
	},
	{
		Slug: "values-trimmed-of-unicode-space",
		Says: "trims no-break spaces, ideographic spaces and byte order marks off values",
		Hint: "trim() in JavaScript and strip() in Python and Java know all of Unicode's white space. Do not " +
			"trim at all.",
		BugTypes: rejects, Breaks: "whitespace-kept",
		Step: mapValues(func(s string) string { return strings.Trim(s, "\u00a0\u2000\u3000\ufeff") }),
	},
	{
		Slug:     "names-trimmed",
		Says:     "trims names",
		Hint:     "Parsers do it on the way (PHP drops leading spaces of names). Use the raw body.",
		BugTypes: rejects, Breaks: "whitespace-kept",
		Step: mapParams(func(p reference.Param) reference.Param {
			return reference.Param{Name: strings.TrimSpace(p.Name), Value: p.Value}
		}),
	},
	{
		Slug:     "white-space-collapsed",
		Says:     "makes one space of several",
		Hint:     "A sanitizer or a pattern like \\s+ tidies the text. Sign it as it was received.",
		BugTypes: rejects, Breaks: "whitespace-kept",
		Step: mapValues(func(s string) string {
			if !strings.ContainsAny(s, " \t\r\n") {
				return s
			}
			return spaces.ReplaceAllString(s, " ")
		}),
	},
	{
		Slug: "values-squished",
		Says: "trims values and makes one space of all white space in them",
		Hint: "squish in Rails, and split and join in other languages, do. Sign the text as it was received " +
			"(URI.decode_www_form(request.raw_post)).",
		BugTypes: both, Breaks: "whitespace-kept",
		Step: mapValues(func(s string) string {
			return strings.Trim(strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " "), " \x00")
		}),
	},
	{
		Slug: "line-ends-converted",
		Says: "converts line ends in values to {}",
		Hint: "A text layer normalizes them (form serializers write CR LF, text streams LF). Sign the value as " +
			"it was received.",
		BugTypes: rejects, Breaks: "whitespace-kept",
		Values: []string{"lf", "crlf"},
		StepFor: func(value string) Step {
			return mapValues(func(s string) string {
				s = strings.ReplaceAll(s, "\r\n", "\n")
				if value == "crlf" {
					s = strings.ReplaceAll(s, "\n", "\r\n")
				}
				return s
			})
		},
	},
	{
		Slug: "control-characters-dropped",
		Says: "drops control characters",
		Hint: "A sanitizer (FILTER_FLAG_STRIP_LOW, a web application firewall) cleans what comes in. Check the " +
			"signature before anything is cleaned.",
		BugTypes: both, Breaks: "whitespace-kept",
		Step: mapValues(func(s string) string {
			return string(slices.DeleteFunc([]byte(s), func(b byte) bool { return b < ' ' || b == 0x7f }))
		}),
	},
	{
		Slug:     "value-cut-at-nul",
		Says:     "cuts a value at a NUL character",
		Hint:     "The value passes through a C string. What follows is not signed and can be forged.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: mapValues(func(s string) string { return before(s, "\x00") }),
	},
	{
		Slug:     "name-cut-at-nul",
		Says:     "cuts a name at a NUL character",
		Hint:     "The name passes through a C string. Twilio sends no such names.",
		BugTypes: both, Breaks: "nul-in-name",
		Step: mapParams(func(p reference.Param) reference.Param {
			return reference.Param{Name: before(p.Name, "\x00"), Value: p.Value}
		}),
	},
	{
		Slug: "value-at-most-n-chars",
		Says: "signs the first {} characters of a value only",
		Hint: "A field limit (a column, a form parser's limit per field) cuts the value off silently. What is " +
			"beyond it is not signed: reject what exceeds the limit.",
		BugTypes: both, Breaks: "name-value-appended",
		Values: []string{"255", "1600", "4096", "65535", "65536"},
		Sized: sized(func(n int) (url, body string) {
			return "https://example.com/myapp", "a=" + strings.Repeat("b", n)
		}),
		StepFor: func(value string) Step {
			return mapValues(func(s string) string { return s[:min(count(value), len(s))] })
		},
	},
	{
		Slug: "form-at-most-n-bytes",
		Says: "signs the first {} bytes of a form only",
		Hint: "A single read of the body fills one buffer and leaves the rest, or a body parser has a limit (100 KiB in " +
			"Express, 1 MiB elsewhere) and hands over what it got. What is beyond it is not signed and can be forged: " +
			"read to the end, and reject what exceeds the limit.",
		BugTypes: both, Breaks: "name-value-appended",
		Values: []string{"1024", "4096", "8192", "16384", "65536", "102400", "1048576"},
		Sized:  longForm,
		StepFor: func(n string) Step {
			return editForm(func(body string) string { return firstBytes(body, n) })
		},
	},
	{
		Slug: "unicode-composed",
		Says: "composes characters: e and a combining accent become é (normalization {})",
		Hint: "A database, a file system or a framework normalizes text. Twilio signs the code points that it " +
			"sends.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Values: []string{"nfc", "nfkc"},
		StepFor: func(value string) Step {
			form := norm.NFC
			if value == "nfkc" {
				form = norm.NFKC
			}
			return mapText(form.String)
		},
	},
	{
		Slug:     "invisible-characters-dropped",
		Says:     "drops zero-width and bidirectional characters",
		Hint:     "A sanitizer against look-alike text. Check the signature before anything is cleaned.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: mapText(func(s string) string {
			if reference.IsASCII(s) {
				return s
			}
			return invisible.ReplaceAllString(s, "")
		}),
	},
	{
		Slug: "emoji-lost",
		Says: "loses characters beyond the BMP, such as emoji",
		Hint: "A layer with three bytes a character (utf8 in MySQL, UCS-2) drops or replaces them. Check the " +
			"signature over what was received.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: mapText(func(s string) string {
			if reference.IsASCII(s) {
				return s
			}
			return beyondBMP.ReplaceAllString(s, "\ufffd")
		}),
	},
	{
		Slug: "beyond-bmp-dropped",
		Says: "leaves characters beyond the BMP out of values",
		Hint: "A filter for a database (utf8 in MySQL, UCS-2) removes emoji, and a=1 is signed for a=1 with an emoji in it too. " +
			"Check the signature over what was received.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: mapValues(func(s string) string {
			if reference.IsASCII(s) {
				return s
			}
			return beyondBMP.ReplaceAllString(s, "")
		}),
	},
	{
		Slug: "control-characters-made-spaces",
		Says: "makes spaces of control characters in values: {}",
		Hint: "A filter cleans what comes in, as get_argument in Tornado does (self.request.body_arguments has the bytes as they were " +
			"received). Verify the signature over what was received.",
		BugTypes: both, Breaks: "whitespace-kept",
		Brings: []string{"last-value-only"},
		Values: []string{"but-tabs-and-line-ends-and-trims-them", "all-of-them", "all-of-them-but-DEL"},
		StepFor: func(value string) Step {
			return mapValues(map[string]func(string) string{
				"but-tabs-and-line-ends-and-trims-them": func(s string) string { return strings.TrimSpace(controls.Replace(s)) },
				"all-of-them":                           allControls.Replace,
				"all-of-them-but-DEL":                   controlsBelowSpace.Replace,
			}[value])
		},
	},
	{
		Slug: "values-lowercased",
		Says: "puts values in lower case",
		Hint: "Answers are compared without regard to case, and converted too early. Sign the value as it was " +
			"received.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: mapValues(strings.ToLower),
	},
	{
		Slug: "html-in-values",
		Says: "treats values as HTML: {}",
		Hint: "A filter against cross-site scripting (strip_tags, htmlspecialchars, xss-clean, request " +
			"validation) changes the parameters. Check the signature before it runs.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Values: []string{"escaped", "unescaped", "tags-stripped", "sanitized"},
		StepFor: func(value string) Step {
			change := map[string]func(string) string{
				"escaped":       html.EscapeString,
				"unescaped":     html.UnescapeString,
				"sanitized":     special.Replace,
				"tags-stripped": func(s string) string { return tag.ReplaceAllString(s, "") },
			}[value]
			return mapValues(change)
		},
	},
	{
		Slug:     "backslashes",
		Says:     "changes the backslashes in values: {}",
		Hint:     "addslashes and stripslashes (WordPress adds them to $_POST), or a shell between. Use the raw body.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Values: []string{"added", "stripped"},
		StepFor: func(value string) Step {
			slash := strings.NewReplacer(`\`, `\\`, `'`, `\'`, `"`, `\"`)
			if value == "stripped" {
				slash = strings.NewReplacer(`\\`, `\`, `\`, "")
			}
			return mapValues(slash.Replace)
		},
	},
	{
		Slug:     "numbers-converted",
		Says:     "takes values that look like {} for numbers, so that 007 becomes 7",
		Hint:     "A parser or a model that guesses types. Keep every value a string.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Values: []string{"numbers", "digits"},
		StepFor: func(value string) Step {
			return mapValues(func(s string) string {
				if n, err := strconv.ParseFloat(s, 64); err == nil && value == "numbers" {
					return strconv.FormatFloat(n, 'f', -1, 64)
				}
				if zeros := strings.TrimLeft(s, "0"); value == "digits" && s != "" && strings.Trim(s, "0123456789") == "" {
					return s[min(len(s)-len(zeros), len(s)-1):]
				}
				return s
			})
		},
	},
	{
		Slug:     "leading-plus-lost",
		Says:     "takes the plus off the beginning of values",
		Hint:     "Phone numbers are normalized before the signature is verified. Verify it first, over the values as they were received.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: mapValues(func(s string) string { return strings.TrimLeft(s, "+") }),
	},
	{
		Slug: "json-values-parsed",
		Says: "parses values that look like JSON and re-serializes them",
		Hint: "WhatsApp puts JSON into a value (ChannelMetadata), and a binder or a middleware parses it. Sign " +
			"the text as it was received.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Step: mapValues(func(s string) string {
			var out bytes.Buffer
			if strings.HasPrefix(s, "{") && json.Compact(&out, []byte(s)) == nil {
				return out.String()
			}
			return s
		}),
	},
	{
		Slug: "empty-values-made-text",
		Says: "appends {} where a value is empty",
		Hint: "Empty strings are made null on the way (ConvertEmptyStringsToNull in Laravel, model binding in " +
			"ASP.NET) and printed as that. An empty value appends nothing.",
		BugTypes: rejects, Breaks: "all-params",
		Values: []string{"null", "None", "undefined", "nil"},
		StepFor: func(value string) Step {
			return mapValues(func(s string) string {
				if s == "" {
					return value
				}
				return s
			})
		},
	},
}

var (
	spaces    = regexp.MustCompile(`\s{2,}`)
	invisible = regexp.MustCompile(`[\x{200b}-\x{200f}\x{202a}-\x{202e}\x{feff}]`)
	beyondBMP = regexp.MustCompile(`[\x{10000}-\x{10ffff}]`)
	tag       = regexp.MustCompile(`<[^>]*>`)

	controls           = replacer(func(c rune) bool { return c < ' ' && (c < '\t' || c > '\r') }, func(rune) string { return " " })
	allControls        = replacer(func(c rune) bool { return c < ' ' || c == 0x7f }, func(rune) string { return " " })
	controlsBelowSpace = replacer(func(c rune) bool { return c < ' ' }, func(rune) string { return " " })
	// FILTER_SANITIZE_SPECIAL_CHARS
	special = replacer(func(c rune) bool { return c < ' ' || strings.ContainsRune(`&'"<>`, c) }, entity)
)

// replacer replaces some of the ASCII characters. It is much quicker than a pattern.
func replacer(is func(c rune) bool, by func(c rune) string) *strings.Replacer {
	var pairs []string
	for c := range unicode.MaxASCII + 1 {
		if is(c) {
			pairs = append(pairs, string(c), by(c))
		}
	}
	return strings.NewReplacer(pairs...)
}

// entity is the numeric character reference of a character.
func entity(c rune) string { return "&#" + strconv.Itoa(int(c)) + ";" }
