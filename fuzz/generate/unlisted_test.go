package generate

import (
	"crypto/sha1"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// This file has mistakes that the catalogue does not list. They are a sample that
// measures the breadth of the generator: it must find them because it draws the
// structure in which they show. Do not add any of them to the catalogue, or to the
// generator's words, for the sake of this test.

// steps replaces one step of the reference.
type steps func(v *reference.Validator)

func onURL(edit func(p *reference.URLParts)) steps {
	return func(v *reference.Validator) {
		right := v.SignedURLs
		v.SignedURLs = func(url string, product reference.Product) []string {
			if p, ok := reference.SplitURL(url); ok {
				edit(&p)
				url = p.String()
			}
			return right(url, product)
		}
	}
}

func alsoURL(edit func(p *reference.URLParts)) steps {
	return func(v *reference.Validator) {
		right := v.SignedURLs
		v.SignedURLs = func(url string, product reference.Product) []string {
			signed := right(url, product)
			if p, ok := reference.SplitURL(url); ok {
				edit(&p)
				signed = append(signed, right(p.String(), product)...)
			}
			return signed
		}
	}
}

func onParams(edit func(params []reference.Param) []reference.Param) steps {
	return func(v *reference.Validator) {
		right := v.Params
		v.Params = func(r reference.Request) []reference.Param { return edit(slices.Clone(right(r))) }
	}
}

func onValues(edit func(value string) string) steps {
	return onParams(func(params []reference.Param) []reference.Param {
		for i := range params {
			params[i].Value = edit(params[i].Value)
		}
		return params
	})
}

func sortedBy(compare func(a, b string) int) steps {
	return func(v *reference.Validator) {
		v.OrderParams = func(params []reference.Param) []reference.Param {
			params = reference.OrderParams(params)
			slices.SortStableFunc(params, func(a, b reference.Param) int { return compare(a.Name, b.Name) })
			return params
		}
	}
}

func coveredToo(covered func(hash string, r reference.Request) bool) steps {
	return func(v *reference.Validator) {
		v.Covered = func(r reference.Request) bool {
			return reference.Covered(r) || slices.ContainsFunc(reference.BodyHashes(r.URL), func(hash string) bool { return covered(hash, r) })
		}
	}
}

func onToken(edit func(token string) string) steps {
	return func(v *reference.Validator) {
		v.MAC = func(key reference.Key, stringToSign string) []byte {
			return reference.MAC(edit(key.Secret), stringToSign)
		}
	}
}

func equalBy(equal func(computed, received string) bool) steps {
	return func(v *reference.Validator) { v.Equal = equal }
}

var unlisted = map[string]steps{
	"also tries the host without www.": alsoURL(func(p *reference.URLParts) { p.Host = strings.TrimPrefix(p.Host, "www.") }),
	"also tries the path without its first segment": alsoURL(func(p *reference.URLParts) {
		if i := strings.Index(strings.TrimPrefix(p.Path, "/"), "/"); i >= 0 {
			p.Path = p.Path[i+1:]
		}
	}),
	"prints IPv6 addresses as short as it can": onURL(func(p *reference.URLParts) {
		if address, err := netip.ParseAddr(strings.Trim(p.Host, "[]")); err == nil && address.Is6() {
			p.Host = "[" + address.String() + "]"
		}
	}),
	"cuts a query at %00": onURL(func(p *reference.URLParts) { p.Query = before(p.Query, "%00") }),
	"takes 32 pairs of a query": onURL(func(p *reference.URLParts) {
		pairs := strings.Split(p.Query, "&")
		p.Query = strings.Join(pairs[:min(32, len(pairs))], "&")
	}),
	"takes ten segments of a path": onURL(func(p *reference.URLParts) {
		segments := strings.Split(p.Path, "/")
		p.Path = strings.Join(segments[:min(11, len(segments))], "/")
	}),
	"compares the bytes of names as signed numbers": sortedBy(func(a, b string) int {
		signed := func(s string) (out []int8) {
			for i := range len(s) {
				out = append(out, int8(s[i]))
			}
			return out
		}
		return slices.Compare(signed(a), signed(b))
	}),
	"sorts names by their escaped spelling": sortedBy(func(a, b string) int { return strings.Compare(escapeOnce(a), escapeOnce(b)) }),
	"loses names that are nested more than five deep": onParams(func(params []reference.Param) []reference.Param {
		return slices.DeleteFunc(params, func(p reference.Param) bool { return strings.Count(p.Name, "[") > 5 })
	}),
	"leaves out what is 0": onParams(func(params []reference.Param) []reference.Param {
		return slices.DeleteFunc(params, func(p reference.Param) bool { return p.Value == "0" })
	}),
	"straightens quotation marks": onValues(strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`).Replace),
	"expands $ in values":         onValues(func(value string) string { return os.Expand(value, func(string) string { return "" }) }),
	"decomposes Hangul":           onValues(func(value string) string { return hangul.ReplaceAllString(value, "\u1100") }),
	"rewrites times in values":    onValues(func(value string) string { return timeOfDay.ReplaceAllString(value, "$1 $2") }),
	"compares eight digits of hash": coveredToo(func(hash string, r reference.Request) bool {
		return len(hash) == 64 && hash[:8] == reference.BodyHash(r.Body)[:8]
	}),
	"skips a hash that is no hex": coveredToo(func(hash string, _ reference.Request) bool {
		return hash != "" && strings.Trim(hash, lowerHex+upperHex) != ""
	}),
	"takes the hash of nothing": coveredToo(func(hash string, _ reference.Request) bool { return hash == reference.BodyHash(nil) }),
	"hashes a key of just 64 bytes": onToken(func(token string) string {
		if sum := sha1.Sum([]byte(token)); len(token) == 64 {
			return string(sum[:])
		}
		return token
	}),
	"cuts the token at #":            onToken(func(token string) string { return before(token, "#") }),
	"compares every second letter":   equalBy(func(a, b string) bool { return len(a) == len(b) && everySecond(a) == everySecond(b) }),
	"ignores + and / of a signature": equalBy(func(a, b string) bool { return lettersOnly.Replace(a) == lettersOnly.Replace(b) }),
}

var (
	hangul      = regexp.MustCompile(`[\x{ac00}-\x{d7a3}]`)
	timeOfDay   = regexp.MustCompile(`(\d)T(\d)`)
	lettersOnly = strings.NewReplacer("+", "", "/", "", "=", "")
)

func before(s, end string) string {
	s, _, _ = strings.Cut(s, end)
	return s
}

func everySecond(s string) (out string) {
	for i := 0; i < len(s); i += 2 {
		out += s[i : i+1]
	}
	return out
}

// TestFindsWhatIsNotListed checks that all but a few of the mistakes above are found
// within a limited number of cases.
func TestFindsWhatIsNotListed(t *testing.T) {
	const limit, seldom = 20_000, 2
	left := map[string]reference.Validator{}
	for name, replace := range unlisted {
		v := reference.New()
		replace(&v)
		left[name] = v
	}
	next := episodes(1)
	for n := 1; n <= limit && len(left) > 0; n++ {
		c := next()
		for name, v := range left {
			verdict, _ := defect.Ask(v, c.Token, c.Request)
			if isWrong(c, verdict) {
				t.Logf("%5d cases: %s", n, name)
				delete(left, name)
			}
		}
	}
	if len(left) > seldom {
		for name := range left {
			t.Errorf("not found in %d cases: a validator that %s", limit, name)
		}
	}
}
