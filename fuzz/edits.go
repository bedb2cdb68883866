package fuzz

import (
	"slices"
	"strings"
)

// This file holds what several moves are made of: changes to one text, and to
// the pieces of a URL.

// unsign makes the signature one that was made of nothing.
func (c *Case) unsign(signature *string) {
	c.Signed = Signed{None: true}
	c.Request.Signature = signature
}

func editURL(s *Source, d *draft) bool {
	u := &d.url
	switch s.weighted(1, 3, 4, 3) {
	case 0:
		u.Scheme = pick(s, []string{"https", "http", "wss", "HTTPS"})
	case 1:
		u.Host = editHost(s, u.Host)
	case 2:
		u.Path = editPath(s, u.Path)
	case 3:
		if u.Query == "" {
			return false
		}
		if u.Query = "?" + forURL(edit(s, u.Query[1:])); s.oneIn(8) {
			u.Query = pick(s, []string{"", "?"})
		}
	}
	return true
}

// editHost changes a host: a letter, a label, or all of it.
func editHost(s *Source, host string) string {
	_, parent, isChild := strings.Cut(host, ".")
	switch s.weighted(2, 2, 1, 1, 1) {
	case 0:
		return strings.Map(hostRune, edit(s, host))
	case 1:
		return drawHost(s)
	case 2:
		return pick(s, labels[:4]) + "." + host
	case 3:
		if isChild {
			return parent
		}
		return pick(s, labels) + "." + host
	default:
		return host + pick(s, []string{".", ".example", ".com"})
	}
}

// hostRune drops what no host holds.
func hostRune(c rune) rune {
	if strings.ContainsRune("-_.:[]", c) || 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' {
		return c
	}
	return -1
}

// editPath changes a path: a letter, a segment, or all of it.
func editPath(s *Source, path string) string {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	at := s.below(len(segments))
	switch s.weighted(4, 1, 1, 1, 1) {
	case 0:
		return "/" + strings.TrimPrefix(forURL(edit(s, path)), "/")
	case 1:
		segments = slices.Delete(segments, at, at+1)
	case 2:
		segments = slices.Insert(segments, at, drawSegment(s))
	case 3:
		segments[at] = drawSegment(s)
	default:
		return pick(s, []string{"/", path + "/", strings.ToUpper(path), "/" + path, strings.TrimSuffix(path, "/"), path + "/" + segments[0]})
	}
	return "/" + strings.Join(segments, "/")
}

// forURL drops what would end the URL, or cannot be sent in it, and escapes
// what no URL may hold.
func forURL(s string) string {
	if legal(s, "/?") {
		return s
	}
	var out []byte
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ' || c == 0x7f || c == '#':
		case c >= 0x80 || strings.IndexByte("\"<>\\^`{|}[]", c) >= 0:
			out = append(out, '%', upperHex[c>>4], upperHex[c&15])
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

func editQuery(d *draft, edit func(pairs []string) []string) bool {
	var pairs []string
	if len(d.url.Query) > 1 {
		pairs = strings.Split(d.url.Query[1:], "&")
	}
	if d.url.Query = ""; pairs != nil {
		d.url.Query = "?"
	}
	if pairs = edit(pairs); len(pairs) > 0 {
		d.url.Query = "?" + strings.Join(pairs, "&")
	}
	return true
}

func changeParam(s *Source, d *draft, change func(i int)) bool {
	if !d.form || len(d.params) == 0 {
		return false
	}
	change(s.below(len(d.params)))
	return true
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
		return text[:at] + swapCase(text[at:end]) + text[end:]
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

func swapCase(text string) string {
	if lower := strings.ToLower(text); lower != text {
		return lower
	}
	return strings.ToUpper(text)
}

func escapeOnce(text string) string {
	return string(spelling{percent20: true}.escaped(nil, text))
}

var standardBase64 = strings.NewReplacer("-", "+", "_", "/", "=", "")

// decodesAlike reports whether two texts may stand for the same bytes to a
// lenient decoder of Base64.
func decodesAlike(a, b string) bool {
	strip := func(s string) string {
		s = standardBase64.Replace(s)
		s = strings.Map(func(c rune) rune {
			if c <= ' ' || c > '~' || strings.ContainsRune("%&?#.:@;,'\"\\[]", c) {
				return -1
			}
			return c
		}, s)
		return s[:min(len(s), 26)] // the last character has two bits that carry nothing
	}
	return strip(a) == strip(b)
}
