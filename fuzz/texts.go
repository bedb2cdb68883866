package fuzz

import (
	"strings"
)

// This file draws texts: words, and what has a structure that software likes to
// read into them, such as numbers, dates, JSON and the syntax of languages.

// drawText draws text of any characters.
func drawText(s *Source) string {
	var text strings.Builder
	s.repeat(5, 24, func() { text.WriteRune(drawRune(s)) })
	return text.String()
}

// drawRune draws a character: one of those that software treats on its own, or
// any of some block of Unicode.
func drawRune(s *Source) rune {
	if !s.oneIn(5) {
		return pick(s, runes)
	}
	block := pick(s, blocks)
	return block[0] + rune(s.below(int(block[1]-block[0])+1))
}

// drawBytes draws text of the alphabet.
func drawBytes(s *Source, alphabet []byte) string {
	var text []byte
	s.repeat(6, 24, func() { text = append(text, pick(s, alphabet)) })
	return string(text)
}

// drawEscaped draws a piece of a URL: bytes that may stand there, and escapes.
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

// drawStructured draws a text that means something to somebody.
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

// drawSid draws a name that Twilio gives to a thing.
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
	year, month, day, clock := decimal(1969+s.below(70)), decimal(101 + s.below(12))[1:], decimal(101 + s.below(28))[1:], pick(s, []string{"12:00:00", "00:00:00", "23:59:60"})
	return pick(s, []string{
		year + "-" + month + "-" + day,
		year + "-" + month + "-" + day + pick(s, []string{"T", " ", "t"}) + clock + pick(s, []string{"Z", "", ".000Z", "+00:00", "+0200", " UTC"}),
		"Tue, " + day + " Mar " + year + " " + clock + " +0000",
		month + "/" + day + "/" + year,
		clock,
	})
}

// drawJSON draws a JSON text, nested so deep at most.
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
