package generate

import (
	"slices"
	"strings"
)

// This file has the building blocks of moves: changes to one text, and to the pieces
// of a URL.

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

// hostRune drops characters that cannot be in a host.
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

var standardBase64 = strings.NewReplacer("-", "+", "_", "/", "=", "")

// decodesAlike reports whether a lenient Base64 decoder may decode two texts to the
// same bytes.
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
