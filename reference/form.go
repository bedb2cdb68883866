// This file answers: which parameters were signed, and in which order? The
// rules are
//
//   - all-params: every received parameter counts, empty and unknown ones too.
//   - decoded-once: "+" and "%20" are a space, "%2B" is a "+"; names as values.
//   - whitespace-kept: nothing is trimmed.
//   - sorted-by-name: names are sorted by their bytes, case-sensitively.

package reference

import (
	"cmp"
	"slices"
	"strings"
)

// Param is one form parameter, decoded. Name and Value are bytes: they need
// not be UTF-8, and either may be empty.
type Param struct {
	Name, Value string
}

// Params returns the parameters that were signed with r, in the order of the
// body: those of a POST form, and none of any other request (body-not-params,
// get-signs-url-only).
func Params(r Request) []Param {
	if CoverageOf(r) != CoveredByParams {
		return nil
	}
	return ParseForm(r.Body)
}

// ParseForm decodes a body of type application/x-www-form-urlencoded, as the
// WHATWG URL standard does: pairs are separated by "&", empty pairs are
// skipped, the first "=" ends the name, a pair without one is a name with an
// empty value, and a "%" that two hex digits do not follow stays as it is
// (question malformed-percent). The parameters keep the body's order; repeated
// ones are all there. An empty body has none.
func ParseForm(body []byte) []Param {
	var params []Param
	for rest := string(body); rest != ""; {
		var pair string
		if pair, rest, _ = strings.Cut(rest, "&"); pair == "" {
			continue
		}
		if params == nil {
			params = make([]Param, 0, 8) // enough for most
		}
		name, value, _ := strings.Cut(pair, "=")
		params = append(params, Param{decodeComponent(name), decodeComponent(value)})
	}
	return params
}

// OrderParams returns the parameters in the order in which they are signed: by
// name, in the order of the bytes (sorted-by-name, question sort-beyond-bmp).
// The values of a repeated name are sorted as well, and equal ones count once
// (question duplicate-names). The input is not changed.
func OrderParams(params []Param) []Param {
	ordered := slices.Clone(params)
	slices.SortFunc(ordered, func(a, b Param) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
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
		switch c := s[i]; {
		case c == '+':
			decoded.WriteByte(' ')
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			decoded.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
		default:
			decoded.WriteByte(c)
		}
	}
	return decoded.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// unhex returns the value of a hex digit.
func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
