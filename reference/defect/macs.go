// This file answers: how else do validators make a MAC, and how else do they spell it?

package defect

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"slices"
	"strings"

	"sigconform/reference"
)

// digestOf makes the MAC in another way, whatever the algorithm.
func digestOf(name string) func(reference.Key, string) []byte {
	return func(key reference.Key, s string) []byte { return MACs[name](key.Secret, s) }
}

// MACs are the other ways to make a MAC from the token and the string to sign that
// validators have been seen to accept, by name.
var MACs = map[string]func(token, s string) []byte{
	"hmac-md5":          hmacOf(md5.New),
	"hmac-sha224":       hmacOf(sha256.New224),
	"hmac-sha256":       hmacOf(sha256.New),
	"hmac-sha384":       hmacOf(sha512.New384),
	"hmac-sha512":       hmacOf(sha512.New),
	"sha1":              func(_, s string) []byte { return plainSHA1(s) },
	"sha1-token-first":  func(token, s string) []byte { return plainSHA1(token + s) },
	"sha1-token-last":   func(token, s string) []byte { return plainSHA1(s + token) },
	"hmac-sha1-swapped": func(token, s string) []byte { return reference.MAC(s, token) },
}

func hmacOf(digest func() hash.Hash) func(token, s string) []byte {
	return func(token, s string) []byte {
		mac := hmac.New(digest, []byte(token))
		mac.Write([]byte(s))
		return mac.Sum(nil)
	}
}

func plainSHA1(s string) []byte {
	sum := sha1.Sum([]byte(s))
	return sum[:]
}

var encodings = map[string]func(mac []byte) string{
	"hex":                    hex.EncodeToString,
	"hex-capitals":           func(mac []byte) string { return strings.ToUpper(hex.EncodeToString(mac)) },
	"base64-of-hex":          func(mac []byte) string { return reference.Encode([]byte(hex.EncodeToString(mac))) },
	"base64-twice":           func(mac []byte) string { return reference.Encode([]byte(reference.Encode(mac))) },
	"base64-url":             base64.URLEncoding.EncodeToString,
	"base64-without-padding": base64.RawStdEncoding.EncodeToString,
	"base64-of-10-bytes":     func(mac []byte) string { return reference.Encode(mac[:10]) },
	"base64-of-21-bytes":     func(mac []byte) string { return reference.Encode(append(slices.Clone(mac), 0)) },
	"base64-reversed": func(mac []byte) string {
		mac = slices.Clone(mac)
		slices.Reverse(mac)
		return reference.Encode(mac)
	},
}

// lenient decodes what it can of a Base64 text.
func lenient(s string) []byte {
	s = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(s), "=")
	decoded := make([]byte, base64.RawStdEncoding.DecodedLen(len(s)))
	n, _ := base64.RawStdEncoding.Decode(decoded, []byte(s))
	return decoded[:n]
}
