// This file answers: how do languages print a JSON value that they have parsed?
// Each prints another text than the one that was received: spaces, escapes,
// numbers, empty objects.

package defect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// object is a JSON object, its members in their order.
type object []member

type member struct {
	name  string
	value any // nil, bool, json.Number, string, []any or object
}

// parseJSON returns the value of a JSON text, and false if it is not JSON (or
// nested deeper than encoding/json allows). Of members of one name the last
// counts, at the place of the first.
func parseJSON(text []byte) (any, bool) {
	if !json.Valid(text) {
		return nil, false
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	return readJSON(in), true
}

func readJSON(in *json.Decoder) any {
	token, _ := in.Token()
	switch token {
	case json.Delim('['):
		list := []any{}
		for in.More() {
			list = append(list, readJSON(in))
		}
		in.Token()
		return list
	case json.Delim('{'):
		members, place := object{}, map[string]int{}
		for in.More() {
			name, _ := in.Token()
			m := member{name.(string), readJSON(in)}
			if i, repeated := place[m.name]; repeated {
				members[i] = m
				continue
			}
			place[m.name] = len(members)
			members = append(members, m)
		}
		in.Token()
		return members
	}
	return token
}

// dialect is how a language prints JSON, or one of its own values.
type dialect struct {
	comma, colon      string // between elements, and behind a name
	null, yes, no     string
	quote, number     func(string) string
	emptyObjectIsList bool // PHP does not tell them apart
	javaScriptObjects bool // names that are numbers come first
	sorted            bool // by name
}

var dialects = map[string]dialect{
	"javascript":           {",", ":", "null", "true", "false", quoteJavaScript, shortestNumber, false, true, false},
	"python":               {", ", ": ", "null", "true", "false", quoteASCII, plainNumber, false, false, false},
	"python-compact":       {",", ":", "null", "true", "false", quoteASCII, plainNumber, false, false, false},
	"python-sorted":        {", ", ": ", "null", "true", "false", quoteASCII, plainNumber, false, false, true},
	"python-utf-8":         {", ", ": ", "null", "true", "false", quoteJavaScript, plainNumber, false, false, false},
	"python-compact-utf-8": {",", ":", "null", "true", "false", quoteJavaScript, plainNumber, false, false, false},
	"php":                  {",", ":", "null", "true", "false", quotePHP, plainNumber, true, false, false},
	"rails":                {",", ":", "null", "true", "false", quoteRails, plainNumber, false, false, false},
	// What these languages print of a list or a map that is no text.
	"python-repr":      {", ", ": ", "None", "True", "False", pythonRepr, plainNumber, false, false, false},
	"ruby-inspect":     {", ", "=>", "nil", "true", "false", rubyInspect, plainNumber, false, false, false},
	"ruby-3.4-inspect": {", ", " => ", "nil", "true", "false", rubyInspect, plainNumber, false, false, false},
}

// print prints a value that [parseJSON] returned.
func (d dialect) print(value any) string {
	switch value := value.(type) {
	case nil:
		return d.null
	case bool:
		if value {
			return d.yes
		}
		return d.no
	case json.Number:
		return d.number(string(value))
	case string:
		return d.quote(value)
	case []any:
		var elements []string
		for _, element := range value {
			elements = append(elements, d.print(element))
		}
		return "[" + strings.Join(elements, d.comma) + "]"
	}
	members := value.(object)
	if d.emptyObjectIsList && len(members) == 0 {
		return "[]"
	}
	if d.javaScriptObjects {
		members = javaScriptOrder(members)
	}
	if d.sorted {
		members = slices.Clone(members)
		slices.SortStableFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	}
	var pairs []string
	for _, m := range members {
		pairs = append(pairs, d.quote(m.name)+d.colon+d.print(m.value))
	}
	return "{" + strings.Join(pairs, d.comma) + "}"
}

// javaScriptOrder puts names that are array indices first, by their number.
func javaScriptOrder(members object) object {
	members = slices.Clone(members)
	slices.SortStableFunc(members, func(a, b member) int { return arrayIndex(a.name) - arrayIndex(b.name) })
	return members
}

func arrayIndex(name string) int {
	if n, err := strconv.ParseUint(name, 10, 31); err == nil && strconv.FormatUint(n, 10) == name {
		return int(n)
	}
	return 1 << 31
}

// shortestNumber prints a number as JavaScript does.
func shortestNumber(n string) string {
	f, err := strconv.ParseFloat(n, 64)
	if err != nil {
		return "null" // beyond the largest number: Infinity
	}
	text, _ := json.Marshal(f)
	return string(text)
}

// plainNumber prints a number as Python does, and most languages with integers:
// those keep their digits, and a fraction is printed even if it is zero.
func plainNumber(n string) string {
	if !strings.ContainsAny(n, ".eE") {
		if n == "-0" {
			return "0"
		}
		return n
	}
	f, err := strconv.ParseFloat(n, 64)
	switch text := strconv.FormatFloat(f, 'f', -1, 64); {
	case err != nil:
		return "Infinity"
	case f != 0 && (f < 1e-4 && f > -1e-4 || f >= 1e16 || f <= -1e16):
		return strconv.FormatFloat(f, 'e', -1, 64)
	case !strings.Contains(text, "."):
		return text + ".0"
	default:
		return text
	}
}

// quoteJavaScript quotes a text as JSON.stringify does.
func quoteJavaScript(s string) string { return quoteJSON(s, "") }

// quoteRails quotes as ActiveSupport does, which escapes what HTML might read.
func quoteRails(s string) string { return quoteJSON(s, "<>&\u2028\u2029") }

// quotePHP quotes as json_encode does, which escapes slashes too.
func quotePHP(s string) string { return strings.ReplaceAll(quoteASCII(s), "/", `\/`) }

// quoteASCII quotes as json.dumps does: everything beyond ASCII is escaped.
func quoteASCII(s string) string {
	var out strings.Builder
	for _, c := range quoteJSON(s, "") {
		if c < 0x7f || c == 0x7f {
			out.WriteRune(c)
			continue
		}
		for _, unit := range utf16.Encode([]rune{c}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.String()
}

// quoteJSON escapes what JSON demands, and more.
func quoteJSON(s, more string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, c := range s {
		short := strings.IndexRune("\"\\\b\f\n\r\t", c)
		switch {
		case short >= 0:
			out.WriteString(`\` + `"\bfnrt`[short:short+1])
		case c < ' ' || strings.ContainsRune(more, c):
			fmt.Fprintf(&out, `\u%04x`, c)
		default:
			out.WriteRune(c)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// pythonRepr quotes as repr() does.
func pythonRepr(s string) string {
	quote := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = `"`
	}
	var out strings.Builder
	for _, c := range s {
		switch {
		case string(c) == quote || c == '\\':
			out.WriteString(`\` + string(c))
		case strings.ContainsRune("\n\r\t", c):
			out.WriteString(strings.Trim(strconv.QuoteRune(c), "'"))
		case unicode.IsPrint(c):
			out.WriteRune(c)
		case c < 0x100:
			fmt.Fprintf(&out, `\x%02x`, c)
		case c < 0x10000:
			fmt.Fprintf(&out, `\u%04x`, c)
		default:
			fmt.Fprintf(&out, `\U%08x`, c)
		}
	}
	return quote + out.String() + quote
}

// rubyInspect quotes as String#inspect does.
func rubyInspect(s string) string {
	var out strings.Builder
	for i, c := range s {
		control := strings.IndexRune("\a\b\t\n\v\f\r\x1b", c)
		switch {
		case c == '"' || c == '\\':
			out.WriteString(`\` + string(c))
		case c == '#' && i+1 < len(s) && strings.IndexByte("{$@", s[i+1]) >= 0:
			out.WriteString(`\#`)
		case control >= 0:
			out.WriteString(`\` + "abtnvfre"[control:control+1])
		case unicode.IsPrint(c):
			out.WriteRune(c)
		case c < 0x80:
			fmt.Fprintf(&out, `\x%02X`, c)
		default:
			fmt.Fprintf(&out, `\u%04X`, c)
		}
	}
	return `"` + out.String() + `"`
}
