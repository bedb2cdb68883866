package judge

import (
	"net/netip"
	"strings"

	"sigconform/reference"
)

// Punycode is the one Punycode label that is known to be valid; any other may not
// decode to a name.
const Punycode = "xn--bcher-kva"

// controls reports whether s has control characters or spaces: some URL parsers
// drop them.
func controls(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}

// legal reports whether s consists of characters that RFC 3986 allows in a path
// segment, and of the bytes in also.
func legal(s, also string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%':
			if _, isEscape := reference.Unescape(s, i); !isEscape {
				return false
			}
		case 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9':
		case strings.IndexByte("-._~!$&'()*+,;=:@", c) < 0 && strings.IndexByte(also, c) < 0:
			return false
		}
	}
	return true
}

// legalHost reports whether a host is a valid name or address.
func legalHost(host string) bool {
	if address, isIPv6 := strings.CutPrefix(host, "["); isIPv6 {
		address, closed := strings.CutSuffix(address, "]")
		ip, err := netip.ParseAddr(address)
		return closed && err == nil && ip.Is6() && ip.Zone() == ""
	}
	host = strings.TrimSuffix(host, ".")
	if len(host) > 253 {
		return false
	}
	if numeric(host) {
		ip, err := netip.ParseAddr(host)
		return err == nil && ip.Is4()
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if len(label) > 4 && strings.EqualFold(label[:4], "xn--") && !strings.EqualFold(label, Punycode) {
			return false
		}
		for i := range len(label) {
			c := label[i]
			if ('a' > c|0x20 || c|0x20 > 'z') && ('0' > c || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// numeric reports whether the host is an address, or some parsers take it for one:
// its last label starts with a digit.
func numeric(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	return strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") || last != "" && '0' <= last[0] && last[0] <= '9'
}

// unescaped decodes percent-escapes, except those of the bytes in keep and of bytes
// that are not printable ASCII; these get upper-case digits.
func unescaped(s, keep string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		decoded, isEscape := reference.Unescape(s, i)
		if !isEscape {
			out = append(out, s[i])
			continue
		}
		if i += 2; decoded < ' ' || decoded > '~' || strings.IndexByte(keep, decoded) >= 0 {
			out = reference.AppendEscape(out, decoded)
		} else {
			out = append(out, decoded)
		}
	}
	return string(out)
}

// escapedBeyondASCII escapes all bytes outside ASCII.
func escapedBeyondASCII(s string) string {
	var out []byte
	for i := range len(s) {
		if c := s[i]; c < 0x80 {
			out = append(out, c)
		} else {
			out = reference.AppendEscape(out, c)
		}
	}
	return string(out)
}
