// This file answers: what becomes of a body between a body parser, which makes nothing
// of most types, and an SDK, which takes what it is handed?

package defect

import (
	"strings"

	"sigconform/reference"
)

var middleware = []Defect{
	{
		Slug: "node-middleware",
		Says: "judges bodies as the middleware of the Node SDK does, with {}: it looks for a hash where the URL has the text bodySHA256, " +
			"compares it with that of an empty object where there is no rawBody, and takes all else for what the parsers made of it",
		Hint: "twilio.webhook() and validateExpressRequest() read req.rawBody, which Express does not set: " + keepRaw + ". What no parser " +
			"takes, they accept with a signature of the URL alone: answer 415 before them to what is neither a form nor JSON, " +
			"and 403 to JSON without bodySHA256 in req.query.",
		Hints: map[string]string{
			"raw-json":           nodeMiddlewareHint,
			"raw-json-and-forms": nodeMiddlewareHint,
		},
		BugTypes: both, Breaks: "body-covered",
		InApplications: true,
		Values:         []string{"no-raw-body", "no-raw-body-and-parsed-json", "raw-json", "raw-json-and-forms"},
		Brings:         []string{"hash-of-absent-body-not-checked", "malformed-json-throws"},
		StepFor: func(value string) Step {
			kept := func(r reference.Request) []byte {
				if strings.HasPrefix(value, "raw-json") && (isJSON(r) || value == "raw-json-and-forms" && r.IsForm()) {
					return r.Body
				}
				return []byte("{}")
			}
			namesHash := func(r reference.Request) bool { return strings.Contains(r.URL, reference.BodyHashParam) }
			return func(v *reference.Validator) {
				v.Covered = func(r reference.Request) bool { return !namesHash(r) || reference.HashHolds(r.URL, kept(r)) }
				right := v.Params
				v.Params = func(r reference.Request) []reference.Param {
					if namesHash(r) {
						return nil
					}
					if value != "no-raw-body" {
						if members, is := parsedMembers(r); is {
							return members
						}
					}
					return right(r)
				}
			}
		},
	},
	{
		Slug: "body-taken-as-parsed",
		Says: "appends what a body parser made ({}): the members of JSON, and nothing of other types",
		Hint: "validateRequest(token, signature, url, req.body) is called for whatever comes, and req.body is empty for what no parser " +
			"takes: any text or XML gets in with a signature of the URL alone. Call it for forms only (req.is('urlencoded')), " +
			"validateRequestWithBody with the raw bytes for JSON (" + keepRaw + "), and refuse every other body that has no hash.",
		BugTypes: both, Breaks: "body-covered",
		InApplications: true,
		Values:         []string{"always", "unless-hashed"},
		Brings:         []string{"hash-not-required", "empty-hash-accepted", "hash-checked-for-json-only", "malformed-json-throws"},
		StepFor: func(value string) Step {
			return readAs(func(r reference.Request) ([]reference.Param, bool) {
				if isForm(r) || hasHash(r) && value != "always" {
					return nil, false
				}
				members, _ := parsedMembers(r)
				return members, true
			})
		},
	},
}

const (
	keepRaw            = "express.json({verify: (req, res, buf) => { req.rawBody = buf }})"
	nodeMiddlewareHint = "twilio.webhook() and validateExpressRequest() accept what no parser takes with a signature of the URL alone, " +
		"and a form with the hash of an empty object if there is no raw body of it: answer 415 before them to what is neither a form nor JSON, " +
		"and 403 to JSON without bodySHA256 in req.query and to forms with it."
)

// parsedMembers returns the members of a JSON body as a body parser hands them over; it
// throws where that would.
func parsedMembers(r reference.Request) (members []reference.Param, is bool) {
	if !isJSON(r) || len(r.Body) == 0 {
		return nil, false
	}
	parsed, ok := parseJSON(r.Body)
	if !ok {
		throw("unexpected token in JSON")
	}
	return memberParams(parsed, "javascript", r), true
}
