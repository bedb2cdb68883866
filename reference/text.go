// This file holds helpers for texts that several steps share: is a text ASCII,
// which byte does an escape encode, where does a path lead?

package reference

import "strings"

// IsASCII reports whether all bytes of s are ASCII.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Unescape returns the byte that the percent-escape at s[i:] encodes. It reports
// false if s[i:] does not start with a percent sign and two hex digits
// (question malformed-percent).
func Unescape(s string, i int) (byte, bool) {
	if i+2 >= len(s) || s[i] != '%' || !isHex(s[i+1]) || !isHex(s[i+2]) {
		return 0, false
	}
	return unhex(s[i+1])<<4 | unhex(s[i+2]), true
}

// AppendEscape appends the percent-escape of a byte, with upper-case digits.
func AppendEscape(to []byte, c byte) []byte {
	const digits = "0123456789ABCDEF"
	return append(to, '%', digits[c>>4], digits[c&15])
}

var unescapeDots = strings.NewReplacer("%2e", ".", "%2E", ".")

// RemoveDotSegments resolves the segments "." and ".." of a path, escaped or not, as
// RFC 3986 does (§5.2.4), and changes nothing else. Twilio signs a path exactly as
// it is configured (question equivalent-spelling).
func RemoveDotSegments(path string) string {
	if !strings.Contains(path, "/.") && !strings.Contains(path, "%2") {
		return path
	}
	var kept []string
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		switch plain := unescapeDots.Replace(segment); {
		case plain != "." && plain != "..":
			kept = append(kept, segment)
			continue
		case plain == ".." && len(kept) > 1:
			kept = kept[:len(kept)-1]
		}
		if i == len(segments)-1 {
			kept = append(kept, "") // the directory, with its slash
		}
	}
	return strings.Join(kept, "/")
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// unhex returns the value of a hex digit.
func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
