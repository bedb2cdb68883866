// This file answers: what do people get wrong about SharedKeys? The settings header
// says which key and which algorithm sign; it is not signed itself, so whoever
// sends a request writes into it what he likes.

package defect

import (
	"encoding/base64"
	"encoding/hex"
	"strings"

	"sigconform/reference"
)

// choice is the step that chooses the key.
type choice = func(token string, r reference.Request) (reference.Key, bool)

// chooser replaces the step that chooses the key, given the right one.
func chooser(choose func(right choice, token string, r reference.Request) (reference.Key, bool)) Step {
	return func(v *reference.Validator) {
		right := v.ChooseKey
		v.ChooseKey = func(token string, r reference.Request) (reference.Key, bool) { return choose(right, token, r) }
	}
}

// editSecret changes the secret of a shared key before it is used.
func editSecret(edit func(key reference.Key, r reference.Request) reference.Key) Step {
	return chooser(func(right choice, token string, r reference.Request) (reference.Key, bool) {
		key, ok := right(token, r)
		if ok && r.SignatureSettings != nil {
			key = edit(key, r)
		}
		return key, ok
	})
}

// settingsHeader returns the settings header, or "" if the request has none: another
// mistake that is made as well may have taken it away.
func settingsHeader(r reference.Request) string {
	if r.SignatureSettings == nil {
		return ""
	}
	return *r.SignatureSettings
}

// settingsOf reads a settings header as far as it can be read.
func settingsOf(r reference.Request) (id, algorithm string) {
	for field := range strings.SplitSeq(settingsHeader(r), ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(field), "="); strings.TrimSpace(name) {
		case "key":
			id = strings.TrimSpace(value)
		case "algorithm":
			algorithm = strings.TrimSpace(value)
		}
	}
	return id, algorithm
}

// emptyKey verifies with an empty key where a settings header names no known one,
// under the condition.
func emptyKey(where func(r reference.Request) bool) Step {
	return func(v *reference.Validator) {
		v.Admit = func(_ string, signature *string) bool { return signature != nil }
		v.ChooseKey = func(token string, r reference.Request) (reference.Key, bool) {
			if _, known := reference.ChooseKey(token, r); known || r.SignatureSettings == nil || !where(r) {
				return reference.Key{}, false
			}
			_, algorithm := settingsOf(r)
			return reference.Key{Algorithm: reference.Algorithm(algorithm)}, true
		}
	}
}

var sharedKey = []Defect{
	{
		Slug: "settings-header-ignored",
		Says: "ignores the settings header: it verifies with the auth token and HMAC-SHA1 whatever signed",
		Hint: "The SDK is older than SharedKeys, or a gateway does not pass the header on. Take the key that " +
			"X-Twilio-Webhooks-Signature-Settings names, and its algorithm.",
		BugTypes: both, Breaks: "sk-header",
		Step: chooser(func(right choice, token string, r reference.Request) (reference.Key, bool) {
			r.SignatureSettings = nil
			return right(token, r)
		}),
	},
	{
		Slug: "settings-header-refused",
		Says: "refuses every request that has a settings header",
		Hint: "It knows no shared key: none is configured, or under another id, or the validator is older than SharedKeys. " +
			"Configure the secret under the id that X-Twilio-Webhooks-Signature-Settings names.",
		BugTypes: rejects, Breaks: "sk-header",
		Step: chooser(func(right choice, token string, r reference.Request) (reference.Key, bool) {
			key, ok := right(token, r)
			return key, ok && r.SignatureSettings == nil
		}),
	},
	{
		Slug: "unknown-key-is-empty",
		Says: "verifies with an empty key where the settings header names a key that it does not know",
		Hint: "A look-up without a result gives an empty text (keys[id] in Go, keys.get(id, \"\") in Python, " +
			"keys[id] || \"\" in JavaScript), and anybody can sign with that. Refuse an id that is not known.",
		BugTypes: accepts, Breaks: "sk-empty-key",
		Step: tryAgain(emptyKey(func(reference.Request) bool { return true })),
	},
	{
		Slug: "unknown-id-is-empty",
		Says: "verifies with an empty key where the settings header names a key that it does not know, though it " +
			"refuses a header that it cannot read",
		Hint: "A look-up without a result gives an empty text (keys[id] in Go, keys.get(id, \"\") in Python, " +
			"keys[id] || \"\" in JavaScript), and anybody can sign with that. Refuse an id that is not known.",
		BugTypes: accepts, Breaks: "sk-empty-key",
		Step: tryAgain(emptyKey(func(r reference.Request) bool {
			_, _, usable := reference.ParseSettings(settingsHeader(r))
			return usable
		})),
	},
	{
		Slug: "shared-secret-is-empty",
		Says: "verifies with an empty key whichever key the settings header names",
		Hint: "The secret of the shared key is not set where the application looks for it (an environment variable, a " +
			"configuration file), and an empty text is a key: anybody can sign with it. Do not start without the secret.",
		BugTypes: both, Breaks: "sk-empty-key",
		Step: func(v *reference.Validator) {
			right := *v
			v.Instead = func(r reference.Request) *reference.Validator {
				mistaken := right
				if r.SignatureSettings != nil {
					mistaken.Admit = func(_ string, signature *string) bool { return signature != nil }
					mistaken.ChooseKey = func(_ string, r reference.Request) (reference.Key, bool) {
						_, algorithm, usable := reference.ParseSettings(settingsHeader(r))
						return reference.Key{Algorithm: algorithm}, usable
					}
				}
				return &mistaken
			}
		},
	},
	{
		Slug:     "unknown-key-is-text",
		Says:     "verifies with the text {} where the settings header names a key that it does not know",
		Hint:     "What is not there is printed, and the text is a key that anybody knows. Refuse an id that is not known.",
		BugTypes: accepts, Breaks: "sk-empty-key",
		Values: []string{"undefined", "null", "None"},
		StepFor: func(value string) Step {
			return chooser(func(right choice, token string, r reference.Request) (reference.Key, bool) {
				key, ok := right(token, r)
				if !ok {
					_, algorithm := settingsOf(r)
					return reference.Key{Secret: value, Algorithm: reference.Algorithm(algorithm)}, true
				}
				return key, ok
			})
		},
	},
	{
		Slug:     "key-id-is-secret",
		Says:     "takes the key id in the settings header for the secret",
		Hint:     "The header names a key and does not hold it: whoever sends a request knows it. Look the secret up.",
		BugTypes: both, Breaks: "sk-empty-key",
		Step: editSecret(func(key reference.Key, r reference.Request) reference.Key {
			key.Secret, _ = settingsOf(r)
			return key
		}),
	},
	{
		Slug: "auth-token-beside-shared-key",
		Says: "accepts the auth token's signature where the settings header names a shared key",
		Hint: "Every key is tried until one fits. Who has the auth token, which SharedKeys are to contain, is let in: " +
			"with the header only the key that it names counts.",
		BugTypes: accepts, Breaks: "sk-wrong-key",
		Step: tryAgainAs(func(r *reference.Request) { r.SignatureSettings = nil }, ""),
	},
	{
		Slug:     "auth-token-with-named-algorithm",
		Says:     "uses the auth token, with the algorithm that the settings header names",
		Hint:     "The algorithm is read and the key is not. Take the secret of the key that the header names.",
		BugTypes: both, Breaks: "sk-wrong-key",
		Step: chooser(func(right choice, token string, r reference.Request) (reference.Key, bool) {
			key, ok := right(token, r)
			key.Secret = token
			return key, ok
		}),
	},
	{
		Slug:     "shared-key-without-header",
		Says:     "accepts the signature of a shared key on a request without the settings header",
		Hint:     "Every key is tried until one fits. Without the header only the auth token counts.",
		BugTypes: accepts, Breaks: "sk-wrong-key",
		Step: func(v *reference.Validator) {
			again := *v
			enforce(func(token string, r reference.Request, holds bool) bool {
				for _, key := range r.SharedKeys {
					for _, algorithm := range []reference.Algorithm{reference.HMACSHA1, reference.HMACSHA256} {
						settings := "key=" + key.ID + ",algorithm=" + string(algorithm)
						named := r
						named.SignatureSettings = &settings
						holds = holds || r.SignatureSettings == nil && again.Validate(token, named)
					}
				}
				return holds
			})(v)
		},
	},
	{
		Slug:     "shared-key-with-one-algorithm",
		Says:     "uses {} for every shared key, whatever the settings header says",
		Hint:     "The algorithm is a constant. Take the one that the header names.",
		BugTypes: both, Breaks: "sk-sha256",
		Values: []string{"HMAC_SHA1", "HMAC_SHA256"},
		StepFor: func(value string) Step {
			return editSecret(func(key reference.Key, _ reference.Request) reference.Key {
				key.Algorithm = reference.Algorithm(value)
				return key
			})
		},
	},
	{
		Slug:     "algorithm-handed-to-library",
		Says:     "takes any algorithm that the settings header names and its library knows: {}",
		Hint:     "The name goes to the crypto library as it came, and the sender chooses it. Accept HMAC_SHA1 and HMAC_SHA256 alone.",
		BugTypes: accepts, Breaks: "sk-unsupported-algorithm",
		Values: []string{"HMAC_MD5", "HMAC_SHA512"},
		StepFor: func(value string) Step {
			return tryAgain(func(v *reference.Validator) {
				v.MAC = digestOf(strings.ToLower(strings.ReplaceAll(value, "_", "-")))
				v.ChooseKey = func(token string, r reference.Request) (reference.Key, bool) {
					if r.SignatureSettings == nil {
						return reference.Key{}, false
					}
					id, algorithm := settingsOf(r)
					settings := "key=" + id + ",algorithm=HMAC_SHA256"
					r.SignatureSettings = &settings
					key, ok := reference.ChooseKey(token, r)
					return key, ok && algorithm == value
				}
			})
		},
	},
	{
		Slug:     "unknown-algorithm-replaced",
		Says:     "falls back to {} where the settings header names an algorithm that it does not know",
		Hint:     "The default of the helper is used for a header that could not be read. Refuse what is not known.",
		BugTypes: accepts, Breaks: "sk-unsupported-algorithm",
		Values: []string{"HMAC_SHA1", "HMAC_SHA256"},
		StepFor: func(value string) Step {
			return chooser(func(right choice, token string, r reference.Request) (reference.Key, bool) {
				if key, ok := right(token, r); ok || r.SignatureSettings == nil {
					return key, ok
				}
				id, algorithm := settingsOf(r)
				if id == "" || algorithm == "" {
					return reference.Key{}, false
				}
				settings := "key=" + id + ",algorithm=" + value
				r.SignatureSettings = &settings
				return right(token, r)
			})
		},
	},
	{
		Slug:     "secret-decoded",
		Says:     "decodes the secret from {} before it uses it",
		Hint:     "The secret looks like Base64 or hex, and keys of other services are. Use its characters.",
		BugTypes: both, Breaks: "sk-secret-text",
		Values: []string{"Base64", "hex"},
		StepFor: func(value string) Step {
			return editSecret(func(key reference.Key, _ reference.Request) reference.Key {
				decoded, err := base64.StdEncoding.DecodeString(key.Secret)
				if value == "hex" {
					decoded, err = hex.DecodeString(key.Secret)
				}
				if err == nil {
					key.Secret = string(decoded)
				}
				return key
			})
		},
	},
	{
		Slug:     "signature-of-28-characters-only",
		Says:     "refuses every signature that has not 28 characters",
		Hint:     "A pattern or a column fits HMAC-SHA1 alone. HMAC-SHA256 has 44 characters.",
		BugTypes: rejects, Breaks: "sk-sha256",
		Step: enforce(func(_ string, r reference.Request, holds bool) bool {
			return holds && r.Signature != nil && len(*r.Signature) == 28
		}),
	},
	{
		Slug:     "first-20-bytes-compared",
		Says:     "compares the first 20 bytes of a signature",
		Hint:     "The length of HMAC-SHA1 is a constant. Compare the whole signature.",
		BugTypes: accepts, Breaks: "sk-sha256",
		Step: alsoEqual(func(computed, received string) bool {
			mac, err := base64.StdEncoding.DecodeString(computed)
			return err == nil && len(mac) > 20 && reference.Encode(mac[:20]) == received
		}),
	},
	{
		Slug:     "settings-signed-too",
		Says:     "appends the settings header to the string to sign",
		Hint:     "The header is not signed: the string is URL and parameters, as before.",
		BugTypes: both, Breaks: "sk-string-unchanged",
		Step: func(v *reference.Validator) {
			right := *v
			v.Instead = func(r reference.Request) *reference.Validator {
				mistaken := right
				if r.SignatureSettings != nil {
					mistaken.Join = func(url string, params []reference.Param) string {
						return right.Join(url, params) + *r.SignatureSettings
					}
				}
				return &mistaken
			}
		},
	},
}
