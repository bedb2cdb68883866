package defect

import (
	"cmp"
	neturl "net/url"
	"slices"
	"strconv"
	"strings"

	"sigconform/reference"
)

// symfonyQuery is a query as Symfony's Request::normalizeQueryString prints it, and with
// it Laravel's fullUrl: parsed by PHP, but that names keep their spelling, sorted, and
// escaped as RFC 3986 says.
func symfonyQuery(query string) string {
	read := phpRead(reference.ParseForm([]byte(query)), phpInQuery, func(full string) (name string, keys []string) {
		full = before(strings.TrimLeft(full, " "), "\x00")
		name, rest, _ := strings.Cut(full, "[")
		if !strings.Contains(rest, "]") {
			return full, nil
		}
		return name, phpKeys(rest)
	})
	slices.SortStableFunc(read.keys, func(a, b string) int {
		if n, m := phpInt(a), phpInt(b); n != nil && m != nil {
			return cmp.Compare(*n, *m)
		}
		return strings.Compare(a, b)
	})
	if pairs := read.built("", func(name string) string { return name }); len(pairs) > 0 {
		return "?" + strings.Join(pairs, "&")
	}
	return ""
}

// built are the pairs that http_build_query makes of an array.
func (a *phpArray) built(outer string, within func(key string) string) (pairs []string) {
	for _, key := range a.keys {
		name := outer + within(key)
		if inner, isArray := a.items[key].(*phpArray); isArray {
			pairs = append(pairs, inner.built(name, func(key string) string { return "[" + key + "]" })...)
		} else {
			pairs = append(pairs, rawURLEncode(name)+"="+rawURLEncode(a.items[key].(string)))
		}
	}
	return pairs
}

// phpInt is the number that PHP makes of a key; nil if the key is a text.
func phpInt(key string) *int {
	if n, err := strconv.Atoi(key); err == nil && strconv.Itoa(n) == key {
		return &n
	}
	return nil
}

func rawURLEncode(s string) string { return strings.ReplaceAll(neturl.QueryEscape(s), "+", "%20") }
