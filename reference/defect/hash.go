// This file answers: what do people take for the hash of a body? It is the value of the
// parameter bodySHA256 of the query, and nothing else: the SHA-256 of the bytes that were
// received, in hex.

package defect

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"sigconform/reference"
)

var bodyHash = []Defect{
	{
		Slug: "hash-found-by-text-search",
		Says: "takes the hash from wherever the URL has the text bodySHA256=",
		Hint: "A pattern over the whole URL also finds the fragment, the path, and names that only end in it. " +
			"Parse the query and compare the whole name.",
		BugTypes: accepts, Breaks: "body-sha256-query-only",
		Step: editCovered(func(r *reference.Request) {
			if _, rest, found := strings.Cut(r.URL, reference.BodyHashParam+"="); found {
				r.URL = hashedURL(before(before(rest, "&"), "#"))
			}
		}),
	},
	{
		Slug:     "hash-anywhere-in-url",
		Says:     "takes the hash from wherever it stands in the URL",
		Hint:     "Whether the hash is a part of the URL says nothing of its place. Parse the query, and compare the value of bodySHA256.",
		BugTypes: accepts, Breaks: "body-sha256-query-only",
		Step: editCovered(func(r *reference.Request) {
			if hash := reference.BodyHash(r.Body); strings.Contains(r.URL, hash) {
				r.URL = hashedURL(hash)
			}
		}),
	},
	{
		Slug:     "query-decoded-before-split",
		Says:     "decodes the query before it looks for the hash, and finds it inside of another value",
		Hint:     "An escaped & becomes a separator. Split first, then decode.",
		BugTypes: accepts, Breaks: "body-sha256-query-only",
		Step: editCovered(func(r *reference.Request) { r.URL = decodePercent(r.URL) }),
	},
	{
		Slug:     "hash-name-in-any-case",
		Says:     "takes bodysha256 and other spellings of its case for the hash, {} of several",
		Hint:     "A query collection without regard to case (ASP.NET, headers-like maps). Compare the name exactly.",
		BugTypes: accepts, Breaks: "hash-name-spelling",
		Values: []string{"the-last", "the-first"},
		StepFor: func(value string) Step {
			named := hashNamed
			if value == "the-first" {
				named = firstHashNamed
			}
			return named(func(name string) bool { return strings.EqualFold(name, reference.BodyHashParam) })
		},
	},
	{
		Slug:     "hash-name-with-brackets",
		Says:     "takes bodySHA256[] for the hash",
		Hint:     "PHP, Rack and qs make a list of it and call it by the bare name. Compare the name as it was sent.",
		BugTypes: accepts, Breaks: "body-sha256-query-only",
		Step: hashNamed(func(name string) bool { return strings.TrimSuffix(name, "[]") == reference.BodyHashParam }),
	},
	{
		Slug:     "hash-name-not-decoded",
		Says:     "misses the hash if its name has an escape",
		Hint:     "The raw query is searched. Decode the names before they are compared.",
		BugTypes: rejects, Breaks: "hash-name-escaped",
		Step: editCovered(func(r *reference.Request) {
			if p, _ := reference.SplitURL(r.URL); !strings.Contains(p.Query, reference.BodyHashParam) {
				p.Query = ""
				r.URL = p.String()
			}
		}),
	},
	{
		Slug: "body-without-media-type-ignored",
		Says: "takes a body for none if its content type is absent or, read {}, no media type",
		Hint: "Body parsers read what they know the type of (express.text({type: '*/*'}) passes over a missing one), and the validator " +
			"sees nothing to check. Read such a body as well (express.raw({type: () => true})), or refuse it.",
		BugTypes: accepts, Breaks: "body-covered",
		Values: []string{"with-its-parameters", "up-to-the-semicolon"},
		StepFor: func(value string) Step {
			return editCovered(func(r *reference.Request) {
				read := ""
				if r.ContentType != nil {
					read = *r.ContentType
				}
				if value == "up-to-the-semicolon" {
					read = strings.TrimSpace(before(read, ";"))
				}
				if !mediaType.MatchString(read) {
					r.Body = nil
				}
			})
		},
	},
	{
		Slug: "hash-wanted-where-named",
		Says: "wants a hash wherever it finds the text bodySHA256: {}",
		Hint: "The text is searched to tell which kind of request it is. Only a query parameter of that name " +
			"is a hash; a form is covered by its parameters, and a request without a body needs none.",
		BugTypes: rejects, Breaks: "body-sha256-query-only",
		Values: []string{"url", "url-unless-it-is-a-form", "body"},
		StepFor: func(value string) Step {
			return uncoveredIf(func(r reference.Request) bool {
				where := r.URL
				switch {
				case value == "body":
					where = string(r.Body)
				case value != "url" && isForm(r):
					return false
				}
				return strings.Contains(where, reference.BodyHashParam) && !reference.HashHolds(r.URL, r.Body)
			})
		},
	},
	{
		Slug: "hash-replaces-params",
		Says: "does not sign the parameters of a form if the query has a bodySHA256, and does not compare that " +
			"either",
		Hint: "The query decides which of two checks is made, and the sender writes the query. The content " +
			"type decides.",
		BugTypes: both, Breaks: "body-covered",
		Step: formOnlyIf(func(r reference.Request) bool { return !hasHash(r) }),
	},
	{
		Slug: "form-covered-by-hash-of-empty-object",
		Says: "accepts a form without its parameters if the query has the hash of an empty JSON object",
		Hint: "The text bodySHA256 in the URL says that there is a body, a form has no raw one, and {} is " +
			"taken for it (the middleware of the Node SDK: rawBody || \"{}\"). Whoever has a URL that was signed " +
			"with the body {} can send any form to it: the content type decides which check is made.",
		BugTypes: accepts, Breaks: "body-covered",
		Step: tryAgainAs(func(r *reference.Request) {
			if r.IsForm() {
				r.ContentType, r.Body = nil, []byte("{}")
			}
		}, "POST"),
	},
	{
		Slug:     "form-covered-by-hash",
		Says:     "accepts a form that its hash covers instead of its parameters",
		Hint:     "The query decides which of two checks is made. Twilio sends no hash with a form.",
		BugTypes: accepts, Breaks: "bodySHA256-with-form-body",
		Step: tryAgainAs(func(r *reference.Request) { r.ContentType = nil }, "POST"),
	},
	{
		Slug:     "form-and-hash-both-wanted",
		Says:     "compares a bodySHA256 in the query with the body of a form as well",
		Hint:     "The hash is compared wherever there is one. Twilio sends none with a form.",
		BugTypes: rejects, Breaks: "bodySHA256-with-form-body",
		Step: uncoveredIf(func(r reference.Request) bool { return hasHash(r) && !reference.HashHolds(r.URL, r.Body) }),
	},
	{
		Slug: "hash-taken-from-form",
		Says: "takes a form parameter bodySHA256 for the sign that there is a hash, and does not sign the " +
			"parameters",
		Hint:     "Query and form are one collection (params, $_REQUEST). Look for the hash in the query.",
		BugTypes: both, Breaks: "body-sha256-query-only",
		Step: formOnlyIf(func(r reference.Request) bool {
			return !slices.ContainsFunc(reference.ParseForm(r.Body), func(p reference.Param) bool { return p.Name == reference.BodyHashParam })
		}),
	},
	{
		Slug: "hash-compared-by-prefix",
		Says: "accepts a hash that the right one begins with, an empty one too",
		Hint: "startsWith, strncmp with the length of what was received, or a comparison that ends with the " +
			"shorter one. Compare all of it.",
		BugTypes: accepts, Breaks: "body-sha256",
		Step: hashAlso(func(hash string, body []byte) bool { return strings.HasPrefix(reference.BodyHash(body), hash) }),
	},
	{
		Slug:     "hash-compared-by-beginning",
		Says:     "accepts a hash that only begins right",
		Hint:     "What was received is cut to 64 characters, or searched for the right one. Compare all of it.",
		BugTypes: accepts, Breaks: "body-sha256",
		Step: hashAlso(func(hash string, body []byte) bool { return strings.HasPrefix(hash, reference.BodyHash(body)) }),
	},
	{
		Slug:     "empty-hash-accepted",
		Says:     "takes an empty hash for none and checks nothing",
		Hint:     "An empty string counts as false. A body whose hash is empty is not covered.",
		BugTypes: accepts, Breaks: "body-sha256",
		Step: hashAlso(func(hash string, _ []byte) bool { return hash == "" }),
	},
	{
		Slug: "empty-hash-of-empty-body-accepted",
		Says: "takes an empty hash for none where the body is empty",
		Hint: "Query().Get in Go and parse_qs in Python do not tell an empty value from an absent one. Nothing " +
			"is forged by it as long as the body is empty.",
		BugTypes: accepts, Breaks: "empty-json-body-without-hash",
		Step: hashAlso(func(hash string, body []byte) bool { return hash == "" && len(body) == 0 }),
	},
	{
		Slug:     "hash-in-any-case",
		Says:     "accepts the hash in capitals",
		Hint:     "Hex is compared without regard to case. Twilio writes small letters; nothing is forged by it.",
		BugTypes: malleable, Breaks: "hash-hex-case",
		Step: hashAlso(func(hash string, body []byte) bool { return strings.EqualFold(hash, reference.BodyHash(body)) }),
	},
	{
		Slug:     "other-hash-accepted",
		Says:     "accepts {} as the body's hash",
		Hint:     "Several digests or spellings are tried. Twilio's Security page names one: SHA-256 in hex.",
		BugTypes: accepts, Breaks: "body-sha256",
		Values: []string{"sha1", "sha512", "base64"},
		StepFor: func(value string) Step {
			return hashAlso(func(hash string, body []byte) bool { return hash == bodyHashes[value](body) })
		},
	},
	{
		Slug:     "hash-computed-otherwise",
		Says:     "compares the hash of a body with {} of it",
		Hint:     "Twilio's Security page names one hash of a body: SHA-256 of its bytes, in hex, in small letters.",
		BugTypes: both, Breaks: "body-sha256",
		Values: []string{"sha1", "sha512", "md5", "base64", "base64-url", "upper-case-hex"},
		StepFor: func(value string) Step {
			return editCovered(func(r *reference.Request) {
				if hashes := reference.BodyHashes(r.URL); !isForm(*r) && len(hashes) > 0 {
					if hashes[0] == bodyHashes[value](r.Body) {
						r.URL = hashedURL(reference.BodyHash(r.Body))
					} else {
						r.URL = hashedURL("")
					}
				}
			})
		},
	},
	{
		Slug:     "one-of-two-hashes",
		Says:     "compares only the {} of two hashes",
		Hint:     "A query collection gives one value for a name. Twilio has been seen to send the same hash twice.",
		BugTypes: accepts, Breaks: "hash-duplicated",
		Values: []string{"first", "last"},
		StepFor: func(value string) Step {
			return editCovered(func(r *reference.Request) {
				if hashes := reference.BodyHashes(r.URL); len(hashes) > 1 {
					r.URL = hashedURL(hashes[map[string]int{"first": 0, "last": len(hashes) - 1}[value]])
				}
			})
		},
	},
	{
		Slug: "repeated-hash-rejected",
		Says: "rejects a hash that is there twice",
		Hint: "A query collection joins the values or makes a list of them, which equals no hash. Compare each " +
			"of them.",
		BugTypes: rejects, Breaks: "hash-duplicated",
		Step: uncoveredIf(func(r reference.Request) bool { return len(reference.BodyHashes(r.URL)) > 1 }),
	},
}

// hashedURL is a URL whose query gives that hash.
func hashedURL(hash string) string {
	return "https://example.com/?" + reference.BodyHashParam + "=" + strings.ReplaceAll(hash, "&", "%26")
}

// hashNamed takes more names of the query for the hash's.
func hashNamed(is func(name string) bool) Step {
	return editCovered(func(r *reference.Request) {
		for _, p := range queryParams(r.URL) {
			if is(p.Name) {
				r.URL = hashedURL(p.Value)
			}
		}
	})
}

// firstHashNamed takes the first of the names of the query that are so for the hash's.
func firstHashNamed(is func(name string) bool) Step {
	return editCovered(func(r *reference.Request) {
		params := queryParams(r.URL)
		if i := slices.IndexFunc(params, func(p reference.Param) bool { return is(p.Name) }); i >= 0 {
			r.URL = hashedURL(params[i].Value)
		}
	})
}

// hashAlso accepts a hash that is not the right one.
func hashAlso(holds func(hash string, body []byte) bool) Step {
	return coveredIf(func(r reference.Request) bool {
		for _, hash := range reference.BodyHashes(r.URL) {
			if holds(hash, r.Body) {
				return true
			}
		}
		return false
	})
}

// bodyHashes are other hashes of a body than Twilio's, and other spellings of that.
var bodyHashes = map[string]func(body []byte) string{
	"sha1":           func(body []byte) string { s := sha1.Sum(body); return hex.EncodeToString(s[:]) },
	"sha512":         func(body []byte) string { s := sha512.Sum512(body); return hex.EncodeToString(s[:]) },
	"md5":            func(body []byte) string { s := md5.Sum(body); return hex.EncodeToString(s[:]) },
	"base64":         func(body []byte) string { s := sha256.Sum256(body); return base64.StdEncoding.EncodeToString(s[:]) },
	"base64-url":     func(body []byte) string { s := sha256.Sum256(body); return base64.URLEncoding.EncodeToString(s[:]) },
	"upper-case-hex": func(body []byte) string { return strings.ToUpper(reference.BodyHash(body)) },
}

// OtherHash returns the hash of a body that a validator with the defect compares in place of
// Twilio's, and false if it compares that.
func (v Variant) OtherHash(body []byte) (hash string, is bool) {
	if v.Slug != "hash-computed-otherwise" {
		return "", false
	}
	return bodyHashes[v.Value](body), true
}
