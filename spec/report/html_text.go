package report

import (
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"

	"sigconform/spec/conformance"
)

// shown writes untrusted text or bytes into a page: escaped for HTML, and what
// Clean would write out instead of a character is marked as such.
func shown(v any) template.HTML {
	switch v := v.(type) {
	case Bytes:
		return shownBytes(v)
	case *Bytes:
		if v == nil {
			return ""
		}
		return shownBytes(*v)
	case *string:
		if v == nil {
			return ""
		}
		return shownText(*v)
	case string:
		return shownText(v)
	default:
		return shownText(fmt.Sprint(v))
	}
}

// mostShown is how many bytes of one value a page shows.
const mostShown = 1000

func shownBytes(b Bytes) template.HTML {
	b = b.start(mostShown)
	text := shownText(b.Data)
	if b.From > 0 {
		text = elided(b.From) + text
	}
	if rest := b.Of - b.From - len(b.Data); rest > 0 {
		text += elided(rest)
	}
	return text
}

func elided(n int) template.HTML {
	return template.HTML(fmt.Sprintf(`<i class="cut">… %d bytes …</i>`, n))
}

// shownName is a name that may be broken behind its dots, slashes and underscores.
func shownName(s string) template.HTML {
	var out template.HTML
	for s != "" {
		end := strings.IndexAny(s, "./_") + 1
		if end == 0 || end == len(s) {
			return out + shownText(s)
		}
		out += shownText(s[:end]) + "<wbr>"
		s = s[end:]
	}
	return out
}

func shownText(s string) template.HTML {
	var out, plain strings.Builder
	flush := func() {
		out.WriteString(template.HTMLEscapeString(plain.String()))
		plain.Reset()
	}
	for i := 0; i < len(s); {
		char, size := utf8.DecodeRuneInString(s[i:])
		raw := s[i : i+size]
		if clean := cleanChar(char, raw); clean == raw {
			plain.WriteString(raw)
		} else {
			flush()
			out.WriteString(`<i class="esc">` + template.HTMLEscapeString(clean) + `</i>`)
		}
		i += size
	}
	flush()
	return template.HTML(out.String())
}

// shownLines is shown for a text of several lines.
func shownLines(s string) template.HTML {
	var lines []string
	for _, line := range strings.Split(strings.TrimRight(s, "\r\n"), "\n") {
		lines = append(lines, string(shownText(strings.TrimRight(line, "\r"))))
	}
	return template.HTML(strings.Join(lines, "\n"))
}

// diff shows where two byte strings part: the bytes before, those that differ
// in each, and those after.
type diff struct {
	Before, After template.HTML
	Right, Yours  template.HTML
	At            int    // the first byte that differs, from 0
	RightByte     string // that byte as hex, or "the end"
	YoursByte     string
}

// newDiff compares what Twilio signs with what the validator signs. It is nil
// if there is nothing to compare.
func newDiff(right Bytes, yours *Bytes) *diff {
	if yours == nil || right.Data == yours.Data && right.Of == yours.Of {
		return nil
	}
	a, b := right.Data, yours.Data
	before := parting(a, b)
	after := 0
	if right.Whole() && yours.Whole() || right.Of-right.From-len(a) == yours.Of-yours.From-len(b) {
		for after < len(a)-before && after < len(b)-before && a[len(a)-1-after] == b[len(b)-1-after] {
			after++
		}
		for after > 0 && !utf8.RuneStart(a[len(a)-after]) {
			after--
		}
	}
	return &diff{
		Before: context(a[:before], right.From, true), After: context(a[len(a)-after:], right.Of-right.From-len(a), false),
		Right: shortened(a[before : len(a)-after]), Yours: shortened(b[before : len(b)-after]),
		At: right.From + before, RightByte: byteAt(a, before), YoursByte: byteAt(b, before),
	}
}

// nearby is how many equal bytes are shown on either side of a difference.
const nearby = 160

// context shows the equal bytes beside a difference, without those further
// away; missing are those that the report has not kept.
func context(s string, missing int, before bool) template.HTML {
	cut := max(0, len(s)-nearby)
	for cut > 0 && cut < len(s) && !utf8.RuneStart(s[cut]) {
		cut--
	}
	if before {
		text := shownText(s[cut:])
		if cut+missing > 0 {
			text = elided(cut+missing) + text
		}
		return text
	}
	end := min(len(s), nearby)
	for end > 0 && end < len(s) && !utf8.RuneStart(s[end]) {
		end--
	}
	text := shownText(s[:end])
	if rest := len(s) - end + missing; rest > 0 {
		text += elided(rest)
	}
	return text
}

// shortened shows bytes that differ, and cuts a long run of them.
func shortened(s string) template.HTML {
	const most = 600
	if len(s) <= most {
		return shownText(s)
	}
	end := most
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return shownText(s[:end]) + elided(len(s)-end)
}

// byteAt names a byte, as in "0x20 (space)".
func byteAt(s string, i int) string {
	if i >= len(s) {
		return "the end"
	}
	name := ""
	switch c := s[i]; {
	case c == ' ':
		name = " (space)"
	case c == '\n':
		name = " (line feed)"
	case c == '\r':
		name = " (carriage return)"
	case c == '\t':
		name = " (tab)"
	case c > ' ' && c < 0x7f:
		name = fmt.Sprintf(" (%c)", c)
	}
	return fmt.Sprintf("0x%02x%s", s[i], name)
}

// outcomeMark is the sign of an outcome; its colour says the same.
func outcomeMark(outcome string) string {
	switch conformance.Outcome(outcome) {
	case conformance.Passed:
		return "✓"
	case conformance.Failed:
		return "✗"
	case conformance.Known:
		return "≈"
	case conformance.Answered:
		return "?"
	default:
		return "–"
	}
}

// firstSentence is the first sentence of what a rule says.
func firstSentence(s string) string {
	first, _, more := strings.Cut(s, ". ")
	if more {
		first += "."
	}
	return first
}
