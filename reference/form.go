// This file answers: which parameters were signed, and in which order? The
// rules are
//
//   - all-params: every received parameter counts, even if it is empty or unknown.
//   - decoded-once: "+" and "%20" are a space, "%2B" is a "+", in names and in values.
//   - whitespace-kept: nothing is trimmed.
//   - sorted-by-name: names are sorted by their bytes, case-sensitively.

package reference

import (
	"slices"
	"strings"
)

// Param is one form parameter, decoded. Name and Value are bytes: they need
// not be UTF-8, and either may be empty.
type Param struct {
	Name, Value string
}

// Params returns the parameters that were signed with r, in the order of the
// body. Only a POST form has any (body-not-params, get-signs-url-only).
func Params(r Request) []Param {
	if CoverageOf(r) != CoveredByParams {
		return nil
	}
	return ParseForm(r.Body)
}

// ParseForm decodes a body of type application/x-www-form-urlencoded, as the
// WHATWG URL standard does: pairs are separated by "&", empty pairs are
// skipped, the first "=" ends the name, a pair without "=" is a name with an
// empty value, and a "%" without two hex digits after it is kept
// (question malformed-percent). The parameters keep the body's order and are not
// deduplicated. An empty body returns nil.
func ParseForm(body []byte) []Param {
	var params []Param
	for rest := string(body); rest != ""; {
		var pair string
		if pair, rest, _ = strings.Cut(rest, "&"); pair == "" {
			continue
		}
		if params == nil {
			params = make([]Param, 0, min(strings.Count(rest, "&")+2, 64)) // rest is what follows the first
		}
		name, value, _ := strings.Cut(pair, "=")
		params = append(params, Param{decodeComponent(name), decodeComponent(value)})
	}
	return params
}

// OrderParams returns the parameters in the order in which they are signed: by
// name, compared byte by byte (sorted-by-name, question sort-beyond-bmp).
// The values of a repeated name are sorted too, and equal values count once
// (question duplicate-names). OrderParams does not change its input.
func OrderParams(params []Param) []Param {
	ordered := slices.Clone(params)
	slices.SortFunc(ordered, func(a, b Param) int {
		if byName := strings.Compare(a.Name, b.Name); byName != 0 {
			return byName
		}
		return strings.Compare(a.Value, b.Value)
	})
	return slices.Compact(ordered)
}

// decodeComponent decodes "+" and percent-encoded bytes, once.
func decodeComponent(s string) string {
	if strings.IndexByte(s, '+') < 0 && strings.IndexByte(s, '%') < 0 {
		return s
	}
	var decoded strings.Builder
	decoded.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			if escaped, isEscape := Unescape(s, i); isEscape {
				c = escaped
				i += 2
			}
		}
		decoded.WriteByte(c)
	}
	return decoded.String()
}
