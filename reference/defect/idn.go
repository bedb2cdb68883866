// This file answers: what is a host in Punycode in Unicode? A defect needs it.

package defect

import (
	"slices"
	"strings"
)

// unicodeHost decodes the labels of a host that are in Punycode (RFC 3492).
func unicodeHost(host string) string {
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if encoded, found := strings.CutPrefix(label, "xn--"); found {
			labels[i] = decodePunycode(encoded)
		}
	}
	return strings.Join(labels, ".")
}

func decodePunycode(s string) string {
	const base, tmin, tmax, skew, damp = 36, 1, 26, 38, 700
	last := strings.LastIndexByte(s, '-')
	out := []rune(s[:max(last, 0)])
	n, i, bias := 128, 0, 72
	for rest := s[last+1:]; rest != ""; {
		before := i
		for w, k := 1, base; ; k += base {
			if rest == "" {
				return s
			}
			digit := strings.IndexByte("abcdefghijklmnopqrstuvwxyz0123456789", rest[0])
			if digit < 0 || w > 1<<24 {
				return s
			}
			rest = rest[1:]
			i += digit * w
			t := min(max(k-bias, tmin), tmax)
			if digit < t {
				break
			}
			w *= base - t
		}
		delta := (i - before) / 2
		if before == 0 {
			delta = i / damp
		}
		delta += delta / (len(out) + 1)
		for bias = 0; delta > (base-tmin)*tmax/2; bias += base {
			delta /= base - tmin
		}
		bias += (base - tmin + 1) * delta / (delta + skew)
		n += i / (len(out) + 1)
		i %= len(out) + 1
		out = slices.Insert(out, i, rune(n))
		i++
	}
	return string(out)
}
