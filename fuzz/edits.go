package fuzz

import (
	"strings"

	"sigconform/reference"
)

// This file holds what several moves are made of: changes to one text, to the
// pieces of a URL, and to the place of the body's hash.

// unsign makes the signature one that was made of nothing.
func (c *Case) unsign(signature *string) {
	c.Signed = Signed{None: true}
	c.Request.Signature = signature
}

func editURL(s *Source, d *draft) bool {
	u := &d.url
	switch s.weighted(1, 2, 3, 3, 1) {
	case 0:
		u.Scheme = pick(s, []string{"https", "http", "wss", "HTTPS"})
	case 1:
		if u.Host = forURL(edit(s, u.Host)); s.oneIn(2) {
			u.Host = pick(s, hosts)
		}
		if strings.ContainsAny(u.Host, "@/?#\\") {
			return false
		}
	case 2:
		u.Path = "/" + strings.TrimPrefix(forURL(edit(s, u.Path)), "/")
	case 3:
		if u.Query == "" {
			return false
		}
		u.Query = "?" + forURL(edit(s, u.Query[1:]))
	case 4:
		u.Path = pick(s, []string{"/", u.Path + "/", strings.ToUpper(u.Path), "/" + u.Path, strings.TrimSuffix(u.Path, "/")})
	}
	return true
}

// forURL drops what would end the URL, or cannot be sent in it.
func forURL(s string) string {
	return strings.Map(func(c rune) rune {
		if c <= ' ' || c == 0x7f || c == '#' {
			return -1
		}
		return c
	}, s)
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

// displaceHash puts the hash of the body where it does not count.
func displaceHash(s *Source, d *draft) bool {
	if !d.hashed {
		return false
	}
	name, value := reference.BodyHashParam, reference.BodyHash(d.body)
	pair := name + "=" + value
	d.url.Query = strings.Trim(strings.ReplaceAll(strings.ReplaceAll(d.url.Query[1:], pair+"&", ""), pair, ""), "&")
	prefix := "?"
	if d.url.Query != "" {
		d.url.Query = "?" + d.url.Query
		prefix = "&"
	}
	switch s.below(6) {
	case 0: // nowhere
	case 1:
		d.url.Query += prefix + pick(s, []string{strings.ToLower(name), "x" + name, name + "x", name + "%5B%5D", name + "[]", "BodySHA256", "body_sha256", "%20" + name}) + "=" + value
	case 2:
		d.url.Query += prefix + name + "=" + pick(s, []string{"", value[:63], value + "0", value[:32], "x", reference.BodyHash(nil), edit(s, value)})
	case 3:
		d.url.Path += "/" + pair
	case 4:
		d.url.Fragment = "#" + pair
	case 5:
		d.url.Query += prefix + "x=" + pick(s, []string{"%26" + pair, pair, name + "%3D" + value})
	}
	return true
}

// edit changes a text at one place.
func edit(s *Source, text string) string {
	at := s.below(len(text) + 1)
	end := min(at+1, len(text))
	switch s.below(9) {
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
	return string(spelling{percent20: true}.encode([]reference.Param{{Name: text}})[:])
}

// decodesAlike reports whether two texts may stand for the same bytes to a
// lenient decoder of Base64.
func decodesAlike(a, b string) bool {
	strip := func(s string) string {
		s = strings.Map(func(c rune) rune {
			switch {
			case c == '-':
				return '+'
			case c == '_':
				return '/'
			case c <= ' ' || c > '~' || strings.ContainsRune("=%&?#.:@;,'\"\\[]", c):
				return -1
			}
			return c
		}, s)
		return s[:min(len(s), 26)] // the last character has two bits that carry nothing
	}
	return strip(a) == strip(b)
}
