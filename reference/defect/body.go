// This file answers: how do people leave a body uncovered, or hash another one?
// A body other than a form is covered by its hash in the query, which must be
// present and right for the bytes that were received.

package defect

import (
	"regexp"
	"strings"

	"sigconform/reference"
)

// mediaType is a content type that parsers of media types understand, with its parameters.
var mediaType = regexp.MustCompile(`^[\w!#$&^.+-]+/[\w!#$&^.+-]+([ \t]*;[ \t]*[\w!#$&^.+-]+=([\w!#$&^.+-]+|"[^"]*"))*[ \t]*$`)

var body = []Defect{
	{
		Slug: "body-not-covered",
		Says: "accepts any body with a signature that is valid for the URL",
		Hint: "validate() of an SDK is called with empty parameters for anything but a form, and nothing looks " +
			"at the body. Call the method that checks the body's hash too (validateRequestWithBody, " +
			"validate_body).",
		BugTypes: accepts, Breaks: "body-covered",
		Step: func(v *reference.Validator) {
			v.Covered = func(reference.Request) bool { return true }
		},
	},
	{
		Slug: "hash-not-checked",
		Says: "requires a hash of the body and does not compare it",
		Hint: "The signature over the URL is checked, and the hash in it is taken for true. Compare it with " +
			"the SHA-256 of the raw body.",
		BugTypes: accepts, Breaks: "body-sha256",
		Step: coveredIf(func(r reference.Request) bool { return hasHash(r) }),
	},
	{
		Slug: "hash-not-required",
		Says: "accepts a body without a hash",
		Hint: "The hash is compared if it is there. Whoever has a signed URL without one can send any body: " +
			"reject a body that nothing covers.",
		BugTypes: accepts, Breaks: "body-covered",
		Brings: []string{"empty-hash-accepted"}, // if (hash && …)
		Step:   coveredIf(func(r reference.Request) bool { return !hasHash(r) }),
	},
	{
		Slug: "body-ignored-unless-url-names-hash",
		Says: "looks at a body other than a form only if the text bodySHA256 occurs in the URL",
		Hint: "A search of the URL decides whether the body is checked (the middleware of the Node SDK). " +
			"Whoever has a signed URL without that text sends any body with it: reject a body that is neither a " +
			"form nor hashed.",
		BugTypes: accepts, Breaks: "body-covered",
		Step: coveredIf(func(r reference.Request) bool { return !strings.Contains(r.URL, reference.BodyHashParam) }),
	},
	{
		Slug: "body-ignored-unless-url-gives-hash",
		Says: "looks at a body other than a form only if the text bodySHA256= occurs in the URL",
		Hint: "A search of the URL decides whether the body is checked. Whoever has a signed URL without that text sends any body with " +
			"it: reject a body that is neither a form nor hashed.",
		BugTypes: accepts, Breaks: "body-covered",
		Brings: []string{"empty-hash-accepted"},
		Step:   coveredIf(func(r reference.Request) bool { return !strings.Contains(r.URL, reference.BodyHashParam+"=") }),
	},
	{
		Slug: "unhashed-body-taken-for-form",
		Says: "takes any body without a hash for a form, whatever its content type",
		Hint: "The validator is not told the content type (ValidateBody of the Go SDK). The pairs of a signed " +
			"form can be put in an order in which they are JSON as well: reject a body that is neither a form nor " +
			"hashed before calling it.",
		BugTypes: accepts, Breaks: "body-covered",
		Step: tryAgainAs(func(r *reference.Request) {
			hashes := append(reference.BodyHashes(r.URL), "") // an empty one is taken for none
			if form := "application/x-www-form-urlencoded"; hashes[0] == "" && !r.IsForm() {
				r.Method, r.ContentType = "POST", &form
			}
		}, ""),
	},
	{
		Slug: "hash-of-empty-body-not-checked",
		Says: "does not compare the hash of an empty body",
		Hint: "An empty body is taken for none (if (body)). It has a hash as well, and a body that was taken " +
			"away must show.",
		BugTypes: accepts, Breaks: "body-sha256",
		Step: coveredIf(func(r reference.Request) bool { return len(r.Body) == 0 }),
	},
	{
		Slug: "hash-of-absent-body-not-checked",
		Says: "does not compare the hash if there is neither a body nor a content type",
		Hint: "Such a request is taken for a form without parameters. Who takes away the body may take away " +
			"its type as well: if the query has a hash, compare it.",
		BugTypes: accepts, Breaks: "body-sha256",
		Step: coveredIf(func(r reference.Request) bool { return len(r.Body) == 0 && r.ContentType == nil }),
	},
	{
		Slug: "hash-checked-for-json-only",
		Says: "compares the hash only if the content type is application/json",
		Hint: "Other types are let through, and the sender chooses the type. Compare the hash of every body " +
			"that is not a form.",
		BugTypes: accepts, Breaks: "body-covered",
		Step: coveredIf(func(r reference.Request) bool { return !isJSON(r) }),
	},
	{
		Slug: "hash-checked-for-exact-json-only",
		Says: "compares the hash only if the content type is application/json and nothing else",
		Hint: "With a charset behind it, in capitals or as another type it is let through, and the sender " +
			"chooses the type. Compare the hash of every body that is not a form.",
		BugTypes: accepts, Breaks: "body-covered",
		Step: coveredIf(func(r reference.Request) bool { return !exactlyJSON(r) }),
	},
	{
		Slug: "hash-checked-for-types-naming-json-only",
		Says: "compares the hash only if the content type has the text json in it, {}",
		Hint: "Other types are let through, and the sender chooses the type. Compare the hash of every body " +
			"that is not a form.",
		BugTypes: accepts, Breaks: "body-covered",
		Values: []string{"in-any-case", "in-small-letters"},
		StepFor: func(value string) Step {
			return coveredIf(func(r reference.Request) bool {
				return !namesJSON(r) || value == "in-small-letters" && !strings.Contains(*r.ContentType, "json")
			})
		},
	},
	{
		Slug: "hash-checked-on-post-only",
		Says: "compares the hash only on POST",
		Hint: "The check of the body is bound to one method, and the sender chooses the method. Compare the " +
			"hash wherever there is one.",
		BugTypes: accepts, Breaks: "body-sha256",
		Step: coveredIf(func(r reference.Request) bool { return r.Method != "POST" }),
	},
	{
		Slug: "other-types-than-json-rejected",
		Says: "rejects a hashed body whose content type is not {}",
		Hint: "The hash is looked at for one spelling of one type. Twilio's Security page spells it " +
			"application-json; a charset may follow, the case may differ, other types have a hash too.",
		BugTypes: rejects, Breaks: "body-sha256",
		Values: []string{"json", "exactly-json"},
		StepFor: func(value string) Step {
			return uncoveredIf(func(r reference.Request) bool {
				exact := r.ContentType != nil && *r.ContentType == "application/json"
				return hasHash(r) && !exact && (value == "exactly-json" || !isJSON(r))
			})
		},
	},
}

// hasHash reports whether the query gives a hash.
func hasHash(r reference.Request) bool { return len(reference.BodyHashes(r.URL)) > 0 }

func isJSON(r reference.Request) bool {
	return r.ContentType != nil && strings.EqualFold(strings.TrimSpace(before(*r.ContentType, ";")), "application/json")
}

// coveredIf lets more bodies through.
func coveredIf(covered func(r reference.Request) bool) Step {
	return func(v *reference.Validator) {
		right := v.Covered
		v.Covered = func(r reference.Request) bool { return right(r) || covered(r) }
	}
}

// uncoveredIf lets fewer bodies through.
func uncoveredIf(uncovered func(r reference.Request) bool) Step {
	return func(v *reference.Validator) {
		right := v.Covered
		v.Covered = func(r reference.Request) bool { return right(r) && !uncovered(r) }
	}
}
