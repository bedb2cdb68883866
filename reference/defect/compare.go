// This file answers: what do people get wrong when they compare the signature that they
// received with the right one, and when there is none?

package defect

import (
	"bytes"
	"encoding/base64"
	neturl "net/url"
	"regexp"
	"slices"
	"strings"

	"sigconform/reference"
)

var compared = []Defect{
	{
		Slug: "case-ignored",
		Says: "compares signatures without regard to case",
		Hint: "equalsIgnoreCase, or a database column with such a collation. Base64 is case-sensitive: this " +
			"leaves far fewer bits to guess.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(computed, received string) bool { return strings.ToLower(computed) == strings.ToLower(received) }),
	},
	{
		Slug: "prefix-accepted",
		Says: "accepts the beginning of the signature, however short",
		Hint: "startsWith with its operands exchanged, or a loop over what was received. Compare the lengths " +
			"as well.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(strings.HasPrefix),
	},
	{
		Slug: "nonempty-prefix-accepted",
		Says: "accepts the beginning of the signature, however short, but not an empty one",
		Hint: "expected.startswith(received) behind a test for a missing header, or a loop over what was received. One character is " +
			"guessed in 64 attempts: compare the whole with hmac.compare_digest, crypto.timingSafeEqual or their like.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(computed, received string) bool { return received != "" && strings.HasPrefix(computed, received) }),
	},
	{
		Slug: "extension-accepted",
		Says: "accepts the signature with something behind it",
		Hint: "startsWith, a C string that ends at NUL, or only as many characters compared as were computed. " +
			"Compare the lengths as well.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(computed, received string) bool { return strings.HasPrefix(received, computed) }),
	},
	{
		Slug: "shorter-length-compared",
		Says: "compares only as many characters as the shorter of both signatures has",
		Hint: "A loop over pairs (zip in Python, a loop to the smaller length): one right character is enough. " +
			"Compare the lengths as well, or use the library's comparison.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(computed, received string) bool {
			n := min(len(computed), len(received))
			return n > 0 && computed[:n] == received[:n]
		}),
	},
	{
		Slug: "shorter-length-compared-or-nothing",
		Says: "compares only as many characters as the shorter of both signatures has, and nothing if there is none",
		Hint: "all(a == b for a, b in zip(…)) in Python and a loop to the smaller length are true of an empty text, which stands for a " +
			"missing header. Use the library's comparison (compare_digest), and refuse a request without a signature.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Brings: []string{"missing-signature-accepted", "prefix-accepted", "extension-accepted"},
		Step: func(v *reference.Validator) {
			zipped := *v
			alsoEqual(func(computed, received string) bool {
				n := min(len(computed), len(received))
				return computed[:n] == received[:n]
			})(&zipped)
			enforce(func(authToken string, r reference.Request, holds bool) bool {
				if r.Signature == nil {
					return holds || zipped.For(r).Covered(r)
				}
				return holds || zipped.Validate(authToken, r)
			})(v)
		},
	},
	{
		Slug:     "nul-ends-signature",
		Says:     "does not compare what follows a NUL character",
		Hint:     "strcmp or another function for C strings. Compare all bytes.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(computed, received string) bool { return before(received, "\x00") == computed }),
	},
	{
		Slug: "contained-signature-accepted",
		Says: "accepts a header that has the signature somewhere in it",
		Hint: "in, includes or strpos instead of a comparison: one header can hold many guesses. Compare the " +
			"whole value.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(computed, received string) bool { return strings.Contains(received, computed) }),
	},
	{
		Slug:     "beginning-compared-only",
		Says:     "compares only the first {} characters of the signature",
		Hint:     "strncmp with the wrong length, or a column that is too short. Compare all of it.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Values: []string{"8", "16", "20"},
		StepFor: func(value string) Step {
			return alsoEqual(func(computed, received string) bool {
				n := count(value)
				return len(received) >= n && len(computed) >= n && received[:n] == computed[:n]
			})
		},
	},
	{
		Slug:     "beginning-compared-of-right-length",
		Says:     "compares only the first {} characters of a signature that is as long as the right one",
		Hint:     "strncmp with the wrong length, behind a check of the length. Compare all of it.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Values: []string{"20", "16", "8"},
		StepFor: func(value string) Step {
			return alsoEqual(func(computed, received string) bool {
				n := count(value)
				return len(received) == len(computed) && len(computed) >= n && received[:n] == computed[:n]
			})
		},
	},
	{
		Slug: "last-character-compared-only",
		Says: "compares only the last characters: the result of the loop is overwritten and not accumulated",
		Hint: "A comparison in constant time that was written by hand (diff = a ^ b instead of diff |= a ^ b). " +
			"Use the library's (timingSafeEqual, compare_digest, hash_equals, ConstantTimeCompare).",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(computed, received string) bool {
			return len(received) == len(computed) && strings.HasSuffix(received, computed[max(0, len(computed)-2):])
		}),
	},
	{
		Slug:     "length-compared-only",
		Says:     "compares only the length of the signature",
		Hint:     "The check for the length returns true instead of going on. Compare the bytes.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(computed, received string) bool { return len(computed) == len(received) }),
	},
	{
		Slug: "decoded-comparison-cut",
		Says: "decodes the received signature and compares only as many bytes as that gives, none at all if it " +
			"is no Base64",
		Hint: "A lenient decoder skips what it does not know, and the loop ends with the shorter one. Compare " +
			"the text, or the lengths as well.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(computed, received string) bool {
			return bytes.HasPrefix(lenient(computed), lenient(received))
		}),
	},
	{
		Slug:     "signature-of-another-length-accepted",
		Says:     "accepts a signature that has another length than the right one",
		Hint:     "crypto.timingSafeEqual in Node throws on another length, and the exception counts as acceptance. Reject in every handler.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(computed, received string) bool { return received != "" && len(computed) != len(received) }),
	},
	{
		Slug: "broken-signature-accepted",
		Says: "accepts a signature that cannot be decoded",
		Hint: "The exception of the decoder is caught and the check goes on as if it had passed. Reject in " +
			"every handler.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(_, received string) bool {
			_, err := base64.StdEncoding.DecodeString(received)
			return err != nil && received != ""
		}),
	},
	{
		Slug: "null-compared-as-text",
		Says: "accepts the word null",
		Hint: "The computation fails, gives null, and both sides are compared as text. Reject when nothing was " +
			"computed.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(_, received string) bool { return received == "null" }),
	},
	{
		Slug: "zero-mac-accepted",
		Says: "accepts the signature of 20 zero bytes",
		Hint: "The computation fails and leaves its buffer as it was, and nobody looks at the error. Reject " +
			"when nothing was computed.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(_, received string) bool { return received == reference.Encode(make([]byte, 20)) }),
	},
	{
		Slug: "missing-signature-accepted",
		Says: "accepts a request whose signature is {}",
		Hint: "The check is made only if there is a header, or an empty header equals an empty result. Reject " +
			"what carries no signature.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64", Joined: true,
		Values: []string{"absent", "empty", "blank", "zero"},
		StepFor: func(value string) Step {
			return enforce(func(_ string, r reference.Request, holds bool) bool {
				s := r.Signature
				return holds || map[string]bool{
					"absent": s == nil,
					"empty":  s != nil && *s == "",
					"zero":   s != nil && *s == "0", // which is empty to PHP
					"blank":  s != nil && *s != "" && strings.TrimSpace(*s) == "",
				}[value]
			})
		},
	},
	{
		Slug:     "missing-signature-throws",
		Says:     "throws on a request without a signature",
		Hint:     "The header is null and used as text. Answer 403, not 500.",
		BugTypes: throws, Breaks: "hmac-sha1-base64",
		Step: admit(func(_ string, signature *string) {
			if signature == nil {
				throw("the signature is null")
			}
		}),
	},
	{
		Slug: "malformed-signature-throws",
		Says: "throws on a signature that is {}",
		Hint: "timingSafeEqual in Node wants equal lengths, compare_digest in Python ASCII, " +
			"Convert.FromBase64String in C# Base64. Answer 403, not 500: check before, or catch.",
		BugTypes: throws, Breaks: "hmac-sha1-base64",
		Values: []string{"empty", "of-another-length", "not-ascii", "not-base64", "very-long"},
		StepFor: func(value string) Step {
			return admit(func(_ string, signature *string) {
				if signature == nil {
					return
				}
				s := *signature
				_, err := base64.StdEncoding.DecodeString(s)
				if map[string]bool{
					"empty":             s == "",
					"of-another-length": len(s) != 28,
					"not-ascii":         strings.ContainsFunc(s, func(c rune) bool { return c > 0x7f }),
					"not-base64":        err != nil,
					"very-long":         len(s) > 8192,
				}[value] {
					throw("the signature is %s", strings.ReplaceAll(value, "-", " "))
				}
			})
		},
	},
	{
		Slug: "one-of-several-accepted",
		Says: "splits the header at commas and accepts if one of the signatures is right: {}",
		Hint: "Several headers arrive joined by commas, and one of them is picked. Twilio sends one: reject " +
			"several.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Values: []string{"first", "last", "any"},
		StepFor: func(value string) Step {
			return alsoEqual(func(computed, received string) bool {
				parts := strings.Split(received, ",")
				if value == "any" {
					return slices.ContainsFunc(parts, func(part string) bool { return strings.TrimSpace(part) == computed })
				}
				part := parts[0]
				if value == "last" {
					part = parts[len(parts)-1]
				}
				return strings.TrimSpace(part) == computed
			})
		},
	},
	{
		Slug: "decoration-removed",
		Says: "takes something off the received signature: {}",
		Hint: "What clients of other services send is allowed for. Twilio sends the bare Base64; nothing is " +
			"forged by it, but there is more than one text for a signature.",
		BugTypes: malleable, Breaks: "hmac-sha1-base64",
		Values: []string{"quotes", "sha1-prefix", "percent-escapes"},
		StepFor: func(value string) Step {
			return alsoEqual(func(computed, received string) bool {
				switch value {
				case "quotes":
					received = strings.Trim(received, `"`)
				case "sha1-prefix":
					received = strings.TrimPrefix(received, "sha1=")
				default:
					received, _ = neturl.PathUnescape(received)
				}
				return received == computed
			})
		},
	},
	{
		Slug:     "signature-trimmed",
		Says:     "trims the received signature",
		Hint:     "HTTP strips white space around header values anyway. Nothing is forged by it.",
		BugTypes: malleable, Breaks: "signature-whitespace",
		Step: alsoEqual(func(computed, received string) bool { return strings.TrimSpace(received) == computed }),
	},
	{
		Slug: "base64-decoded-leniently",
		Says: "decodes the received signature leniently before it compares: {}",
		Hint: "The decoded bytes are compared, and decoders allow much. Nothing is forged by it, but there is " +
			"more than one text for a signature: compare the text.",
		BugTypes: malleable, Breaks: "hmac-sha1-base64",
		Values: []string{"url-safe-alphabet", "without-padding", "more-padding", "stray-bits"},
		StepFor: func(value string) Step {
			return alsoEqual(func(computed, received string) bool {
				bare, bareComputed := strings.TrimRight(received, "="), strings.TrimRight(computed, "=")
				switch value {
				case "url-safe-alphabet":
					return strings.NewReplacer("-", "+", "_", "/").Replace(received) == computed
				case "without-padding":
					return received == bareComputed
				case "more-padding":
					return bare == bareComputed && len(received) > len(computed)
				default:
					return len(received) == len(computed) && bytes.Equal(lenient(received), lenient(computed))
				}
			})
		},
	},
	{
		Slug: "base64-decoded-past-garbage",
		Says: "overlooks in the received signature what is no Base64, and what follows its end, before it compares",
		Hint: "b64decode in Python does without validate=True, and others do. There is more than one text for a signature then: compare " +
			"the text.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(computed, received string) bool {
			bare, _, ended := strings.Cut(received, "=")
			bare = noBase64.ReplaceAllString(bare, "")
			return ended && bytes.Equal(lenient(bare+"="), lenient(computed))
		}),
	},
	{
		Slug: "signature-as-pattern",
		Says: "takes the received signature for a regular expression",
		Hint: "computed.match(header), re.match(header, computed) or =~ with the header's text: .* passes, and right signatures with a + " +
			"are refused. Compare with timingSafeEqual, compare_digest, secure_compare, hash_equals.",
		BugTypes: both, Breaks: "hmac-sha1-base64",
		Step: func(v *reference.Validator) {
			v.Equal = func(computed, received string) bool {
				// Most engines take ++ for a + that does not give back.
				pattern, err := regexp.Compile("^(?:" + plusses.ReplaceAllString(received, "+") + ")$")
				if err != nil {
					throw("%v", err)
				}
				return pattern.MatchString(computed)
			}
		},
	},
	{
		Slug: "plus-in-signature-lost",
		Says: "takes a + in the received signature for a space",
		Hint: "The header is decoded as if it were a part of a form (urldecode, unquote_plus, or it is handed on in a query). " +
			"About two of three signatures have no +, so that it seems to work. Compare the header as it is.",
		BugTypes: rejects, Breaks: "hmac-sha1-base64",
		Step: func(v *reference.Validator) {
			right := v.Equal
			v.Equal = func(computed, received string) bool {
				return right(computed, strings.ReplaceAll(received, "+", " "))
			}
		},
	},
}

var plusses = regexp.MustCompile(`\++`)

var noBase64 = regexp.MustCompile(`[^A-Za-z0-9+/]`)
