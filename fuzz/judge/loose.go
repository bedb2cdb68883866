package judge

import (
	"net/netip"
	"slices"
	"strings"

	"sigconform/reference"
)

// colons reports whether a host that is not an IPv6 address has a colon: parsers
// disagree about where it ends and the port begins.
func colons(host string) bool { return host != "" && host[0] != '[' && strings.Contains(host, ":") }

// sameAuthority reports whether some answer to the questions on scheme case,
// userinfo, ports and host case makes the two authorities the same.
func sameAuthority(given, signed reference.URLParts) bool {
	if !strings.EqualFold(given.Scheme, signed.Scheme) {
		return false
	}
	if specialUserinfo(given.Userinfo) {
		return true // it is a question where it ends and the host begins
	}
	// Question equivalent-spelling: the case of the host, its final dot.
	if a, b := strings.TrimSuffix(given.Host, "."), strings.TrimSuffix(signed.Host, "."); !strings.EqualFold(a, b) {
		// … and other notations of an address. Questions illegal-uri-characters and
		// host-percent-encoded: Unicode, Punycode and escapes may spell the same name.
		return strings.Contains(a, "%") || !reference.IsASCII(a) || !reference.IsASCII(b) || numeric(a) && numeric(b) && mayBeOneAddress(a, b)
	}
	if signed.Userinfo != "" && signed.Userinfo != given.Userinfo {
		return false
	}
	if port := signed.Port; port != given.Port && port != "" && port != ":" {
		if odd := port[1] == '0' || strings.HasPrefix(given.Port, ":0"); odd {
			return true // :0443 is :443 to a parser that reads a number
		}
		return given.Port == "" && port == reference.DefaultPort(given.Scheme) // question default-port-added
	}
	return true
}

// mayBeOneAddress reports whether two different spellings may be the same address:
// some parsers read more notations than the usual ones.
func mayBeOneAddress(a, b string) bool {
	ipA, errA := netip.ParseAddr(strings.Trim(a, "[]"))
	ipB, errB := netip.ParseAddr(strings.Trim(b, "[]"))
	return errA != nil || errB != nil || ipA.Unmap() == ipB.Unmap()
}

// afterAuthority returns what follows scheme and authority.
func afterAuthority(s string) string {
	_, s, _ = strings.Cut(s, "://")
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		return s[i:]
	}
	return ""
}

// loose returns path and query in a canonical spelling: the same one for all
// spellings that the questions equivalent-spelling, slash-tolerance, empty-path and
// empty-query may make equal.
func loose(p reference.URLParts) string {
	path, query := p.Path, p.Query
	if !reference.IsASCII(path) || !reference.IsASCII(query) { // question illegal-uri-characters: raw or escaped
		path, query = escapedBeyondASCII(path), escapedBeyondASCII(query)
	}
	path = strings.ReplaceAll(path, `\`, "/") // as browsers read it
	if strings.ContainsAny(path, "%.'/") {
		path = strings.TrimSuffix(reference.RemoveDotSegments(unescaped(path, "/?#%;")), "/")
	}
	if strings.ContainsAny(query, "%+ '?") {
		query = strings.TrimPrefix(strings.ReplaceAll(unescaped(query, "&=+#%;"), "+", " "), "?")
	}
	return path + "?" + withoutEmptyPairs(query)
}

// withoutEmptyPairs drops empty pairs, gives a name without a value an empty one and
// sorts by name: an application reads the same parameters, as long as the values of
// one name keep their order.
func withoutEmptyPairs(query string) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		switch {
		case pair == "":
			continue
		case !strings.Contains(pair, "="):
			pair += "="
		}
		kept = append(kept, pair)
	}
	slices.SortStableFunc(kept, func(a, b string) int { return strings.Compare(before(a, "="), before(b, "=")) })
	return strings.Join(kept, "&")
}

// before returns what is before the first separator.
func before(s, separator string) string {
	s, _, _ = strings.Cut(s, separator)
	return s
}
