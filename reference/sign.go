// This file computes a signature. The rules are
//
//   - name-value-appended: name and value of each parameter are appended to the
//     URL, in order, without any delimiter.
//   - hmac-sha1-base64: HMAC-SHA1 keyed with the auth token, in Base64 with
//     padding.
//   - token-verbatim: the token is the key, byte for byte.

package reference

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"strings"
)

// Sign returns the signature that Twilio sends with r: the value of the header
// X-Twilio-Signature. r.URL is the URL as it is configured (with userinfo and
// port, if it has any) and r.Signature is not looked at. For an HTTPS URL with
// a port the product decides; an unknown one signs as messaging does. The hash
// of a body that is no form must already be in the URL's query: see [BodyHash].
func Sign(authToken string, r Request) string {
	return Encode(MAC(authToken, StringToSign(r)))
}

// StringToSign returns the bytes that Twilio signs for r: the URL, and for a
// POST form its parameters. See [Sign] for what is read from r.
func StringToSign(r Request) string {
	return Join(SignedURLs(r.URL, r.Product)[0], OrderParams(Params(r)))
}

// Join appends name and value of each parameter to the URL, in the given order
// and without delimiters (name-value-appended).
func Join(url string, params []Param) string {
	size := len(url)
	for _, p := range params {
		size += len(p.Name) + len(p.Value)
	}
	var s strings.Builder
	s.Grow(size)
	s.WriteString(url)
	for _, p := range params {
		s.WriteString(p.Name)
		s.WriteString(p.Value)
	}
	return s.String()
}

// MAC returns the 20 bytes of the HMAC-SHA1 of the string to sign, keyed with
// the bytes of the auth token (hmac-sha1-base64, token-verbatim).
func MAC(authToken, stringToSign string) []byte {
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(stringToSign))
	return mac.Sum(nil)
}

// Encode returns the standard Base64 of a MAC, with padding (hmac-sha1-base64).
func Encode(mac []byte) string {
	return base64.StdEncoding.EncodeToString(mac)
}
