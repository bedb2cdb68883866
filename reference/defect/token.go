// This file answers: which other key do people use? The token is the key, byte
// for byte.

package defect

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"sigconform/reference"
)

var token = []Defect{
	{
		Slug: "wrong-token",
		Says: "takes none of the tokens that it is handed: it has one of its own",
		Hint: "An API key secret instead of the auth token, the token of another (sub)account, of the test " +
			"credentials, or a secondary one that is not promoted yet. Compare it with the console's.",
		BugTypes: rejects, Breaks: "token-primary", Behaviour: true,
		Step: editToken(func(token string) string { return "another " + token }),
	},
	{
		Slug:     "token-in-one-case",
		Says:     "puts the token in {} case",
		Hint:     "A setting or an environment is normalized. The token's case matters.",
		BugTypes: both, Breaks: "token-verbatim",
		Values: []string{"lower", "upper"},
		StepFor: func(value string) Step {
			return editToken(func(token string) string {
				if value == "lower" {
					return strings.ToLower(token)
				}
				return strings.ToUpper(token)
			})
		},
	},
	{
		Slug:     "token-decoded-from-hex",
		Says:     "takes the token for hex and uses the bytes that it stands for",
		Hint:     "The token looks like hex, and so do the keys of other services. Use its characters.",
		BugTypes: both, Breaks: "token-verbatim",
		Step: editToken(func(token string) string {
			if decoded, err := hex.DecodeString(token); err == nil {
				return string(decoded)
			}
			return token
		}),
	},
	{
		Slug: "token-literal",
		Says: "uses the text {} as the token",
		Hint: "The variable's name is quoted, or an absent variable is printed: anybody knows that key. Read " +
			"the variable, and stop at the start if it is not set.",
		BugTypes: both, Breaks: "hmac-sha1-base64",
		Values: []string{"TWILIO_AUTH_TOKEN", "undefined", "null", "None", "your_auth_token", "${TWILIO_AUTH_TOKEN}"},
		StepFor: func(value string) Step {
			return editToken(func(_ string) string { return value })
		},
	},
	{
		Slug:     "token-decorated",
		Says:     "uses the token with what stands around it: {}",
		Hint:     "A file ends in a line end, and a settings file has quotation marks. Trim where the token is read.",
		BugTypes: both, Breaks: "token-verbatim",
		Values: []string{"line-end", "quotes"},
		StepFor: func(value string) Step {
			return editToken(func(token string) string {
				if value == "quotes" {
					return `"` + token + `"`
				}
				return token + "\n"
			})
		},
	},
	{
		Slug:     "token-transformed",
		Says:     "uses another text than the token, made of it: {}",
		Hint:     "The token is decoded, or reversed by a copy through another system. Use its characters, as the console shows them.",
		BugTypes: both, Breaks: "token-verbatim",
		Values: []string{"reversed", "decoded-from-base64"},
		StepFor: func(value string) Step {
			return editToken(func(token string) string {
				if value == "decoded-from-base64" {
					if decoded, err := base64.StdEncoding.DecodeString(token); err == nil {
						return string(decoded)
					}
					return token
				}
				reversed := []byte(token)
				slices.Reverse(reversed)
				return string(reversed)
			})
		},
	},
	{
		Slug:     "tokens-joined",
		Says:     "uses the primary and the secondary token as one key, here with the secondary one " + placeholderSecondary,
		Hint:     "Both are in one setting, which is not split. Try one after the other, or use the primary one alone.",
		BugTypes: both, Breaks: "token-primary",
		Step: editToken(func(token string) string { return token + placeholderSecondary }),
	},
	{
		Slug:     "token-percent-decoded",
		Says:     "decodes escapes in the token",
		Hint:     "The token comes out of a URL (a connection string). The token is used as it is.",
		BugTypes: both, Breaks: "token-verbatim",
		Step: editToken(decodePercent),
	},
	{
		Slug: "token-chosen-by-sender",
		Says: "accepts a signature made with the parameter {} of the request",
		Hint: "The key is looked up by what the request names, and what is not found falls back to it. The " +
			"sender can name anything: the key is yours.",
		BugTypes: accepts, Breaks: "token-verbatim",
		Values: []string{"AccountSid", "AuthToken"},
		StepFor: func(name string) Step {
			return func(v *reference.Validator) {
				again := *v
				unchecked(func(r reference.Request) bool {
					return slices.ContainsFunc(reference.Params(r), func(p reference.Param) bool {
						return p.Name == name && again.Validate(p.Value, r)
					})
				})(v)
			}
		},
	},
	{
		Slug: "account-unknown",
		Says: "refuses every form that names an AccountSid that it does not know: {}",
		Hint: "The AccountSids of these requests are nobody's. An adapter hands the authToken of each request to the validator, whatever " +
			"account the form names; an application is sent the one that it serves with --account-sid.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Values: accounts,
		StepFor: func(unknown string) Step {
			return enforce(func(_ string, r reference.Request, holds bool) bool { return holds && !namesAccount(r, unknown) })
		},
	},
	{
		Slug: "account-unknown-has-empty-key",
		Says: "verifies with an empty key where a form names an AccountSid that it does not know: {}",
		Hint: "The token is looked up by the AccountSid that the sender wrote, and a look-up without a result gives an empty text " +
			"(tokens[sid] in Go, tokens.get(sid, \"\") in Python): anybody can sign with that. Refuse an account that is not known.",
		BugTypes: both, Breaks: "name-value-appended",
		Values: accounts,
		StepFor: func(unknown string) Step {
			return func(v *reference.Validator) {
				right, keyless := *v, *v
				editToken(func(string) string { return "" })(&keyless)
				v.Instead = func(r reference.Request) *reference.Validator {
					if namesAccount(r, unknown) {
						return &keyless
					}
					return &right
				}
			}
		},
	},
	{
		Slug: "token-empty",
		Says: "uses an empty key whatever the token is",
		Hint: "The token is not read (a misspelled setting) and an empty default is used: anybody knows that " +
			"key. Stop at the start if it is not set.",
		BugTypes: both, Breaks: "hmac-sha1-base64",
		Step: editToken(func(string) string { return "" }),
	},
	{
		Slug: "empty-key-accepted-too",
		Says: "accepts signatures made with an empty key as well",
		Hint: "A second token (the old one while it is rotated, a subaccount's) is not set, and its empty default is a key that anybody " +
			"knows. Leave out what is not set.",
		BugTypes: accepts, Breaks: "token-verbatim",
		Step: tryAgain(editToken(func(string) string { return "" })),
	},
	{
		Slug:     "token-at-most-n-chars",
		Says:     "uses the first {} characters of the token only",
		Hint:     "A column or a buffer that is too short. The token is used whole.",
		BugTypes: both, Breaks: "token-verbatim",
		Values: []string{"16", "64"},
		StepFor: func(value string) Step {
			return editToken(func(token string) string { return token[:min(count(value), len(token))] })
		},
	},
	{
		Slug:     "token-without-inner-spaces",
		Says:     "removes spaces inside of the token",
		Hint:     "A setting is cleaned up. The token is used as it is.",
		BugTypes: rejects, Breaks: "token-form",
		Step: editToken(func(token string) string {
			trimmed := strings.TrimSpace(token)
			return strings.Replace(token, trimmed, strings.ReplaceAll(trimmed, " ", ""), 1)
		}),
	},
	{
		Slug:     "token-not-utf-8",
		Says:     "makes bytes of the token as {}",
		Hint:     "getBytes() without a charset, Encoding.ASCII. Tokens are ASCII in practice; use UTF-8.",
		BugTypes: rejects, Breaks: "non-ascii-token",
		Values: []string{"ascii", "latin-1"},
		StepFor: func(encoding string) Step {
			return editToken(func(token string) string { return encodedAs(token, encoding) })
		},
	},
	{
		Slug: "token-trimmed",
		Says: "trims the token",
		Hint: "White space around a token comes from a file or a copied line. Trimming it is kind, where it is " +
			"read.",
		BugTypes: both, Breaks: "token-whitespace",
		Step: editToken(strings.TrimSpace),
	},
	{
		Slug: "no-token-accepts-everything",
		Says: "accepts everything if no token is configured",
		Hint: "A missing token switches the check off, for development. In production it is missing one day: " +
			"reject, and stop at the start if it is not set.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: enforce(func(authToken string, _ reference.Request, holds bool) bool { return holds || authToken == "" }),
	},
	{
		Slug: "no-token-throws",
		Says: "throws if no token is configured",
		Hint: "The key is null or empty, which the HMAC of some languages refuses (Java). Stop at the start if " +
			"it is not set, not at each request.",
		BugTypes: throws, Breaks: "hmac-sha1-base64",
		Step: admit(func(authToken string, _ *string) {
			if authToken == "" {
				throw("the key is empty")
			}
		}),
	},
	{
		Slug:     "empty-token-used",
		Says:     "checks with the empty key if no token is configured",
		Hint:     "Anybody can sign with the empty key. Reject, and stop at the start if it is not set.",
		BugTypes: accepts, Breaks: "empty-token",
		Step: func(v *reference.Validator) {
			right := v.Admit
			v.Admit = func(authToken string, signature *string) bool {
				return right(authToken, signature) || authToken == "" && signature != nil
			}
		},
	},
}

// placeholderSecondary is the secondary token of the samples.
const placeholderSecondary = "secondary0123456789"

// knownAccount is one that an application may serve, and accounts are those that it does not.
const knownAccount = "AC0123456789abcdef0123456789abcdef"

var accounts = []string{"all", "all-but-" + knownAccount}

// namesAccount reports whether a form names an account that is not known.
func namesAccount(r reference.Request, unknown string) bool {
	return slices.ContainsFunc(reference.Params(r), func(p reference.Param) bool {
		return p.Name == "AccountSid" && (unknown == "all" || p.Value != knownAccount)
	})
}
