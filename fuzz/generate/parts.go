package generate

import (
	"strconv"
	"strings"

	"sigconform/fuzz/judge"
	"sigconform/reference"
)

// This file draws the parts of a request as Twilio might send it: every piece of
// the URL, names and values and their spelling, and bodies.

func drawToken(s *Source) string {
	switch s.weighted(50, 6, 4, 4, 1) {
	case 0:
		return pick(s, tokens)
	case 1:
		return drawBytes(s, []byte(lowerHex))
	case 2:
		return string(pick(s, printable)) + drawEscaped(s, printable)
	case 3:
		return strings.Repeat(pick(s, []string{"x", "0"}), drawSize(s, longestToken))
	default:
		return pick(s, []string{"", "ñandú", drawText(s)})
	}
}

func drawProduct(s *Source) reference.Product {
	return []reference.Product{reference.ProductUnknown, reference.Voice, reference.Messaging}[s.weighted(1, 2, 2)]
}

func drawURL(s *Source) reference.URLParts {
	u := reference.URLParts{Scheme: pick(s, []string{"https", "https", "https", "http", "http", "wss"})}
	s.maybe(64, func() { u.Scheme = pick(s, []string{"ws", "HTTPS", "Http"}) })
	rarely := 1
	if u.Scheme == "wss" {
		rarely = 8
	}
	s.maybe(8*rarely, func() { u.Userinfo = pick(s, userinfo) })
	u.Host = drawHost(s)
	s.maybe(3*rarely, func() { u.Port = drawPort(s) })
	s.span(func() { u.Path = drawPath(s) })
	s.maybe(2, func() { u.Query = "?" + drawQuery(s) })
	s.maybe(64, func() { u.Fragment = "#" + pick(s, []string{"rc=2", "", "bodySHA256=x"}) })
	return u
}

func drawHost(s *Source) string {
	if !s.oneIn(8) {
		return pick(s, hosts)
	}
	switch s.weighted(3, 1, 1) {
	case 0:
		host := pick(s, labels)
		s.repeat(2, 6, func() { host = pick(s, labels) + "." + host })
		return host
	case 1:
		return strconv.Itoa(1+s.below(255)) + "." + strconv.Itoa(s.below(256)) + "." +
			strconv.Itoa(s.below(256)) + "." + strconv.Itoa(s.below(256))
	default: // an IPv6 address, seldom as short as it could be
		var groups [8]string
		for i := range groups {
			groups[i] = pick(s, []string{"0", "0000", "1", "db8", "DB8", "0a", "ffff", "2001"})
		}
		if s.oneIn(2) {
			return "[" + groups[0] + "::" + strings.Join(groups[4:], ":") + "]"
		}
		return "[" + strings.Join(groups[:], ":") + "]"
	}
}

func drawPort(s *Source) string {
	if s.oneIn(8) {
		return ":" + strconv.Itoa(1+s.below(65535))
	}
	return pick(s, ports)
}

func drawPath(s *Source) string {
	if s.oneIn(32) {
		return pick(s, []string{"/", ""})
	}
	path := ""
	s.repeat(2, 5, func() { path += "/" + drawSegment(s) })
	s.maybe(16, func() { path += "/" + drawBytes(s, pathBytes) })
	if path == "" {
		path = "/p"
	}
	s.maybe(6, func() { path += "/" })
	return path
}

func drawSegment(s *Source) string {
	switch s.weighted(26, 2, 2, 1, 1) {
	case 0:
		segment := pick(s, segments)
		if strings.IndexByte(segment, ' ') >= 0 {
			segment = strings.ReplaceAll(segment, " ", "%20")
		}
		return segment
	case 1:
		return drawEscaped(s, pathBytes)
	case 2:
		return pick(s, open)
	case 3:
		return pick(s, open) + pick(s, extensions)
	default:
		return pick(s, open) + escapeOnce(pick(s, syntax))
	}
}

func drawQuery(s *Source) string {
	pairs := []string{drawPair(s)}
	s.repeat(3, 8, func() { pairs = append(pairs, drawPair(s)) })
	query := strings.Join(pairs, "&")
	if s.oneIn(96) {
		query += pick(s, []string{"&", "?", "&&", `"`, "[]", "|", "%", "ñ", " ", "\\", "^", "{}"})
	}
	return query
}

func drawPair(s *Source) string {
	switch s.weighted(28, 2, 1, 1) {
	case 0:
		return pick(s, queryNames) + "=" + pick(s, queryValues)
	case 1:
		return pick(s, queryNames)
	case 2:
		return drawEscaped(s, queryBytes)
	default:
		meant := pick(s, syntax)
		if s.oneIn(2) {
			meant = escapeOnce(meant)
		}
		return pick(s, queryNames) + "=" + pick(s, queryValues) + forURL(meant)
	}
}

func (d *draft) drawParams(s *Source) {
	// A single name with odd characters leaves the whole request open (question
	// name-characters), so most forms have none.
	plain := !s.oneIn(3)
	s.repeat(5, 12, func() {
		p := reference.Param{Name: drawName(s), Value: drawValue(s)}
		if plain && !judge.PlainName(p.Name) {
			p.Name = pick(s, sent)
		}
		if p.Name == "AccountSid" && s.oneIn(2) {
			p.Value = drawSid(s, "AC")
		}
		if len(d.params) > 0 && s.oneIn(12) { // a name much like another
			p.Name = edit(s, pick(s, d.params).Name)
			if s.oneIn(2) {
				p.Name += pick(s, suffixes)
			}
		}
		for i := range d.params {
			// Repeated names are a separate question; they are drawn rarely.
			if d.params[i].Name == p.Name && !s.oneIn(32) {
				return
			}
		}
		d.params = append(d.params, p)
	})
}

func drawName(s *Source) string {
	switch s.weighted(18, 1, 2, 1) {
	case 0:
		return pick(s, names)
	case 1:
		return "n" + drawText(s)
	case 2:
		return pick(s, sent)
	default: // one that has parts
		name := pick(s, names)
		s.repeat(4, 10, func() { name += pick(s, suffixes) })
		s.maybe(4, func() { name += strings.Repeat(pick(s, suffixes), s.below(25)) })
		return name
	}
}

func drawValue(s *Source) string {
	switch s.weighted(60, 8, 6) {
	case 0:
		value := pick(s, values)
		s.maybe(40, func() { value += pick(s, syntax) + pick(s, values) })
		return value
	case 1:
		return drawText(s)
	default:
		return drawStructured(s)
	}
}

// drawContent draws a body that is not a form.
func drawContent(s *Source) []byte {
	switch s.weighted(16, 4, 1) {
	case 0:
		return []byte(pick(s, bodies))
	case 1:
		return []byte(drawJSON(s, 3))
	default:
		return []byte(drawText(s))
	}
}

func drawSpelling(s *Source) spelling {
	return spelling{
		percent20: s.oneIn(2), lower: s.oneIn(4), escape: s.weighted(16, 1, 2),
		bare: s.oneIn(16), blanks: s.oneIn(32),
	}
}

// forURL drops what would end the URL or cannot be sent in it, and escapes what a
// URL must not contain.
func forURL(s string) string {
	var out []byte
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ' || c == 0x7f || c == '#':
		case c >= 0x80 || strings.IndexByte("\"<>\\^`{|}[]", c) >= 0:
			out = reference.AppendEscape(out, c)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
