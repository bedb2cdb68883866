// This file computes a signature. The rules are
//
//   - name-value-appended: the name and value of each parameter are appended to
//     the URL, in order, without any delimiter.
//   - hmac-sha1-base64: HMAC-SHA1 keyed with the auth token, in Base64 with
//     padding.
//   - token-verbatim: the token is the key, byte for byte.

package reference

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Sign returns the signature that Twilio sends with r: the value of the header
// X-Twilio-Signature. r.URL is the configured URL, with userinfo and port if it
// has them; r.Signature is ignored. The product decides about the port of an HTTPS
// URL; ProductUnknown signs as messaging does. If the body is not a form, its hash
// must already be in the URL's query: see [BodyHash]. The settings header of r says
// which key signs; if it names an unknown key there is no signature, and Sign
// returns "".
func Sign(authToken string, r Request) string {
	key, ok := ChooseKey(authToken, r)
	if !ok {
		return ""
	}
	return Encode(key.MAC(StringToSign(r)))
}

// StringToSign returns the bytes that Twilio signs for r: the URL, followed by the
// parameters of a POST form. See [Sign] for what it reads from r.
func StringToSign(r Request) string {
	return Join(SignedURLs(r.URL, r.Product)[0], OrderParams(Params(r)))
}

// Join appends the name and value of each parameter to the URL, in the given order
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

// MAC returns the HMAC of the string to sign, keyed with the bytes of the secret: 20
// bytes for HMAC-SHA1, 32 for HMAC-SHA256 (sk-sha256, sk-string-unchanged).
func (k Key) MAC(stringToSign string) []byte {
	if k.Algorithm == HMACSHA1 {
		return MAC(k.Secret, stringToSign)
	}
	mac := hmac.New(sha256.New, []byte(k.Secret))
	mac.Write([]byte(stringToSign))
	return mac.Sum(nil)
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
