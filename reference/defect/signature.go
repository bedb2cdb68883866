// This file answers: what do people get wrong about the signature itself: how it
// is computed, and how it is spelled?

package defect

import (
	"encoding/base64"
	"encoding/hex"
	"strings"

	"sigconform/reference"
)

var signature = []Defect{
	{
		Slug: "other-digest",
		Says: "computes {} instead of HMAC-SHA1",
		Hint: "SHA-256 is the habit of other services, and a plain digest over token and text is no HMAC. Use " +
			"HMAC-SHA1, keyed with the auth token.",
		BugTypes: both, Breaks: "hmac-sha1-base64",
		Values: []string{"hmac-md5", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512",
			"sha1", "sha1-token-first", "sha1-token-last", "hmac-sha1-swapped"},
		StepFor: func(value string) Step {
			return func(v *reference.Validator) {
				v.MAC = digestOf(value)
			}
		},
	},
	{
		Slug: "second-digest-accepted",
		Says: "accepts {} besides HMAC-SHA1",
		Hint: "A migration that was never needed: Twilio has never signed so. Every further digest is one more " +
			"to attack.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Values: []string{"hmac-sha512", "hmac-md5", "sha1"},
		StepFor: func(value string) Step {
			return tryAgain(func(v *reference.Validator) { v.MAC = digestOf(value) })
		},
	},
	{
		Slug: "sha256-accepted-without-settings",
		Says: "accepts HMAC-SHA256 under the auth token besides HMAC-SHA1",
		Hint: "Twilio signs with SHA-256 under a SharedKey only, and says so in " +
			"X-Twilio-Webhooks-Signature-Settings. Nothing is forged by accepting it, but without that header the " +
			"digest is SHA-1.",
		BugTypes: accepts, Breaks: "sha256-without-settings",
		Step: tryAgain(func(v *reference.Validator) { v.MAC = digestOf("hmac-sha256") }),
	},
	{
		Slug: "other-encoding",
		Says: "spells the signature in {} instead of Base64",
		Hint: "hexdigest() instead of digest(), or one of the two applied twice. Encode the 20 bytes of the " +
			"MAC in standard Base64.",
		BugTypes: both, Breaks: "hmac-sha1-base64",
		Values: []string{"hex", "hex-capitals", "base64-of-hex", "base64-twice", "base64-url", "base64-without-padding",
			"base64-of-10-bytes", "base64-of-21-bytes", "base64-reversed"},
		StepFor: func(value string) Step {
			return func(v *reference.Validator) {
				v.Encode = encodings[value]
			}
		},
	},
	{
		Slug:     "hex-accepted-too",
		Says:     "accepts the signature in hex as well as in Base64",
		Hint:     "Either spelling is tried, for a scheme of another provider. Twilio sends standard Base64: compare with that alone.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: alsoEqual(func(computed, received string) bool {
			mac, err := base64.StdEncoding.DecodeString(computed)
			return err == nil && strings.EqualFold(hex.EncodeToString(mac), received)
		}),
	},
}
