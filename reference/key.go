// This file answers: with which key and which algorithm was a request signed? The
// rules are
//
//   - sk-header: a webhook that a SharedKey signs names the key and the algorithm in
//     X-Twilio-Webhooks-Signature-Settings: key=ID,algorithm=HMAC_SHA256. Without that
//     header the key is the auth token and the algorithm HMAC-SHA1.
//   - sk-wrong-key: the header alone decides which key counts. A validator never
//     falls back to another key or algorithm.
//   - sk-secret-text: a secret is text, never decoded from Base64 or hex.
//
// Twilio's documentation described SharedKeys as a beta in September 2026.

package reference

import "strings"

// Algorithm is the name of a MAC, as it is spelled in the settings header.
type Algorithm string

// The algorithms that Twilio signs with.
const (
	HMACSHA1   Algorithm = "HMAC_SHA1"
	HMACSHA256 Algorithm = "HMAC_SHA256"
)

// SharedKey is a key that is configured in addition to the auth token.
type SharedKey struct {
	ID     string // the name that the settings header gives it
	Secret string // its text, used verbatim
}

// Key is a secret and the algorithm to use it with.
type Key struct {
	Secret    string
	Algorithm Algorithm
	Shared    bool // the secret is a shared key's, not the auth token
}

// ChooseKey returns the key and the algorithm that a request was signed with: the
// shared key that the settings header names, or the auth token if there is no such
// header. It returns false if the header is unusable or names an unknown key.
func ChooseKey(authToken string, r Request) (key Key, ok bool) {
	if r.SignatureSettings == nil {
		return Key{Secret: authToken, Algorithm: HMACSHA1}, true
	}
	id, algorithm, ok := ParseSettings(*r.SignatureSettings)
	if !ok {
		return Key{}, false
	}
	for _, shared := range r.SharedKeys {
		if shared.ID == id {
			return Key{Secret: shared.Secret, Algorithm: algorithm, Shared: true}, true
		}
	}
	return Key{}, false
}

// Settings returns the settings header as Twilio writes it: key=ID,algorithm=NAME.
func Settings(keyID string, algorithm Algorithm) string {
	return "key=" + keyID + ",algorithm=" + string(algorithm)
}

// ParseSettings reads a settings header: key=ID and algorithm=NAME in either order,
// separated by a comma, with optional spaces around names and values. It returns
// false for anything else: a field that is missing, empty or repeated, another
// algorithm, another spelling (sk-unsupported-algorithm).
func ParseSettings(header string) (keyID string, algorithm Algorithm, ok bool) {
	fields := map[string]string{}
	for field := range strings.SplitSeq(header, ",") {
		name, value, found := strings.Cut(strings.Trim(field, " "), "=")
		name, value = strings.Trim(name, " "), strings.Trim(value, " ")
		if _, twice := fields[name]; !found || twice || value == "" {
			return "", "", false
		}
		fields[name] = value
	}
	keyID, algorithm = fields["key"], Algorithm(fields["algorithm"])
	return keyID, algorithm, keyID != "" && (algorithm == HMACSHA1 || algorithm == HMACSHA256)
}
