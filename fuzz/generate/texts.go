package generate

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"sigconform/vectors"
)

// This file draws texts: words, and texts with a structure that software looks for,
// such as numbers, dates, JSON and the syntax of languages.

// drawText draws text of any characters.
func drawText(s *Source) string {
	var text strings.Builder
	s.repeat(5, 24, func() { text.WriteRune(drawRune(s)) })
	return text.String()
}

// drawRune draws a character: one that software treats specially, or any one of some
// Unicode block.
func drawRune(s *Source) rune {
	if !s.oneIn(5) {
		return pick(s, runes)
	}
	block := pick(s, blocks)
	return block[0] + rune(s.below(int(block[1]-block[0])+1))
}

// drawBytes draws a text of characters in the alphabet.
func drawBytes(s *Source, alphabet []byte) string {
	var text []byte
	s.repeat(6, 24, func() { text = append(text, pick(s, alphabet)) })
	return string(text)
}

// drawEscaped draws a piece of a URL: bytes that are allowed there, and escapes.
func drawEscaped(s *Source, alphabet []byte) string {
	var text []byte
	s.repeat(6, 24, func() {
		if !s.oneIn(8) {
			text = append(text, pick(s, alphabet))
			return
		}
		digits := pick(s, []string{upperHex, lowerHex})
		text = append(text, '%', digits[s.below(16)], digits[s.below(16)])
	})
	return string(text)
}

// drawStructured draws a text that means something to some software.
func drawStructured(s *Source) string {
	switch s.below(4) {
	case 0:
		return drawNumber(s)
	case 1:
		return drawJSON(s, 3)
	case 2:
		return drawTime(s)
	default:
		return drawSid(s, pick(s, []string{"CA", "SM", "AC", "PN", "MG", "SK"}))
	}
}

// drawSid draws a SID, Twilio's name for a resource.
func drawSid(s *Source, kind string) string {
	return kind + strings.Repeat(pick(s, []string{"0123456789abcdef", "0", "a", "X", "x", "9F"}), 32)[:32]
}

// drawNumber draws a number as somebody might write it.
func drawNumber(s *Source) string {
	number := pick(s, []string{"", "-", "+", " ", "0", "0x", "$", "."}) + drawDigits(s)
	s.maybe(3, func() { number += pick(s, []string{".", ",", " ", "-", ":", "_", "/"}) + drawDigits(s) })
	s.maybe(6, func() { number += pick(s, []string{"e3", "E-2", ".0", "0", "%", " ", "n", "f"}) })
	return number
}

func drawDigits(s *Source) string {
	digits := string(pick(s, decimals))
	s.repeat(3, 20, func() { digits += string(pick(s, decimals)) })
	return digits
}

// drawTime draws a date or a time in one of the usual forms.
func drawTime(s *Source) string {
	year, month, day := strconv.Itoa(1969+s.below(70)), strconv.Itoa(101 + s.below(12))[1:], strconv.Itoa(101 + s.below(28))[1:]
	clock := pick(s, []string{"12:00:00", "00:00:00", "23:59:60"})
	return pick(s, []string{
		year + "-" + month + "-" + day,
		year + "-" + month + "-" + day + pick(s, []string{"T", " ", "t"}) + clock +
			pick(s, []string{"Z", "", ".000Z", "+00:00", "+0200", " UTC"}),
		"Tue, " + day + " Mar " + year + " " + clock + " +0000",
		month + "/" + day + "/" + year,
		clock,
	})
}

// drawJSON draws a JSON text with at most the given depth.
func drawJSON(s *Source, depth int) string {
	space := func() string { return pick(s, []string{"", "", " ", "\n  ", "\t", "\r\n"}) }
	kind := s.weighted(4, 3, 2, 2, 2)
	if depth == 0 {
		kind = s.below(3)
	}
	switch kind {
	case 0:
		return drawString(s)
	case 1:
		return pick(s, []string{"1", "0", "-0", "1.0", "1e3", "1E+2", "0.1", "12345678901234567890", "1.10", "-1"})
	case 2:
		return pick(s, []string{"null", "true", "false"})
	case 3:
		text := "["
		s.repeat(2, 4, func() {
			if len(text) > 1 {
				text += ","
			}
			text += space() + drawJSON(s, depth-1)
		})
		return text + space() + "]"
	default:
		text := "{"
		s.repeat(2, 4, func() {
			if len(text) > 1 {
				text += "," + space()
			}
			text += space() + drawString(s) + space() + ":" + space() + drawJSON(s, depth-1)
		})
		return text + space() + "}"
	}
}

// drawString draws a string of JSON, in one of its spellings.
func drawString(s *Source) string {
	text := pick(s, names)
	if s.oneIn(8) {
		text = drawText(s)
	}
	var out strings.Builder
	out.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteRune(c)
		case c < ' ':
			out.WriteString(`\u00`)
			out.WriteByte(lowerHex[c>>4])
			out.WriteByte(lowerHex[c&15])
		default:
			out.WriteRune(c)
		}
	}
	out.WriteString(pick(s, []string{"", "", "", `\u00e9`, `\/`, `\n`, "</", `\ud83d\ude00`}))
	out.WriteByte('"')
	return out.String()
}

// edit changes a text at one place, often its end.
func edit(s *Source, text string) string {
	at := s.below(len(text) + 1)
	if s.oneIn(6) {
		at = len(text)
	}
	end := min(at+1, len(text))
	switch s.below(12) {
	case 0:
		return text[:at] + string(pick(s, edits)) + text[at:]
	case 1:
		return text[:at] + text[end:]
	case 2:
		return text[:at] + string(pick(s, edits)) + text[end:]
	case 3:
		return text[:at] + vectors.SwapCase(text[at:end]) + text[end:]
	case 4:
		return text[:at]
	case 5:
		return text[:at] + text[at:] + text[at:]
	case 6:
		return strings.TrimSpace(text)
	case 7:
		return pick(s, []string{" " + text, text + " ", text + "\n", text + "\x00", text + "\x00x", text + text})
	case 8:
		return text[:at] + pick(s, syntax) + text[at:]
	case 9:
		return text[:at] + string(drawRune(s)) + text[at:]
	case 10: // two neighbours change places
		if end > at && at > 0 {
			return text[:at-1] + text[at:end] + text[at-1:at] + text[end:]
		}
		return text[at:] + text[:at]
	default:
		return pick(s, []string{strings.ToLower(text), strings.ToUpper(text), "", escapeOnce(text)})
	}
}

// rewrites are what software does to a body that it does not pass on verbatim.
var rewrites = []func([]byte) []byte{
	bytes.TrimSpace, bytes.ToLower,
	func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(" "), nil) },
	func(b []byte) []byte { return append(b[:len(b):len(b)], '\n') },
	func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")) },
	func(b []byte) []byte { return append([]byte("\ufeff"), b...) },
	func(b []byte) []byte { return bytes.ToValidUTF8(b, []byte("\ufffd")) },
	func(b []byte) []byte { return []byte(escapeOnce(string(b))) },
	func(b []byte) []byte { return []byte(unescaped(string(b))) },
	func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("+"), []byte(" ")) },
	func(b []byte) []byte {
		var compact bytes.Buffer
		if json.Compact(&compact, b) != nil {
			return b
		}
		return compact.Bytes()
	},
	func(b []byte) []byte {
		var value any
		if json.Unmarshal(b, &value) != nil {
			return b
		}
		again, _ := json.Marshal(value)
		return again
	},
	func([]byte) []byte { return nil },
	func([]byte) []byte { return []byte("{}") },
}

// percentEscape is a byte that is escaped.
var percentEscape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// unescaped decodes the escapes of printable ASCII; others get upper-case digits.
func unescaped(s string) string {
	return percentEscape.ReplaceAllStringFunc(s, func(escape string) string {
		if c, _ := strconv.ParseUint(escape[1:], 16, 8); ' ' <= c && c <= '~' {
			return string(rune(c))
		}
		return strings.ToUpper(escape)
	})
}
