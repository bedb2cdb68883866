// This file answers: which other bytes than the received ones do people hash,
// sign, or refuse?

package defect

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"sigconform/reference"
)

var jsonBody = []Defect{
	{
		Slug: "body-hashed-empty",
		Says: "hashes an empty body whatever was received",
		Hint: "The stream was read before (by the body parser, a logger) and is at its end, or the compressed " +
			"or chunked body is not seen. Buffer the raw body (EnableBuffering in ASP.NET, rewind in Rack, " +
			"ContentCachingRequestWrapper in Spring).",
		BugTypes: both, Breaks: "body-sha256",
		Step: editHashed(func([]byte) []byte { return nil }),
	},
	{
		Slug: "json-body-lost",
		Says: "sees no body where the content type is JSON",
		Hint: "The JSON parser has read the stream to its end, and what is left is empty: a request without a " +
			"hash passes as one without a body, and no hash is right. Keep the raw body before it is parsed " +
			"(verify of express.json, request.get_data()).",
		BugTypes: both, Breaks: "body-sha256",
		Step: editCovered(func(r *reference.Request) {
			if isJSON(*r) {
				r.Body = nil
			}
		}),
	},
	{
		Slug: "empty-body-made-object",
		Says: "hashes an empty object where the body is empty",
		Hint: "Body parsers of JavaScript give an empty object for no body, which is then serialized. Hash the " +
			"raw body.",
		BugTypes: both, Breaks: "body-sha256",
		Step: editHashed(func(body []byte) []byte {
			if len(body) == 0 {
				return []byte("{}")
			}
			return body
		}),
	},
	{
		Slug:     "body-trimmed",
		Says:     "trims the body before it hashes it",
		Hint:     "A text reader or a logger trims it. Hash the bytes that were received.",
		BugTypes: both, Breaks: "body-sha256",
		Step: editHashed(bytes.TrimSpace),
	},
	{
		Slug:     "body-line-ends-converted",
		Says:     "converts the line ends of the body before it hashes it",
		Hint:     "A text reader makes LF of CR LF. Hash the bytes that were received.",
		BugTypes: both, Breaks: "body-sha256",
		Step: editHashed(func(body []byte) []byte { return bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")) }),
	},
	{
		Slug: "body-read-as-latin-1",
		Says: "takes each byte of the body for a character and hashes those in UTF-8",
		Hint: "The body is read as ISO-8859-1 or binary text and encoded again as UTF-8. Hash the bytes that " +
			"were received.",
		BugTypes: rejects, Breaks: "body-sha256",
		Step: editHashed(func(body []byte) []byte { return []byte(fromLatin1(string(body))) }),
	},
	{
		Slug:     "body-hashed-up-to-n-bytes",
		Says:     "hashes the first {} bytes of the body only",
		Hint:     "A single read of a stream, or a buffer that is too short. Read to the end.",
		BugTypes: both, Breaks: "body-sha256",
		Values: []string{"8192", "16384", "65536"},
		Sized:  longBody,
		StepFor: func(value string) Step {
			return editHashed(func(body []byte) []byte { return body[:min(count(value), len(body))] })
		},
	},
	{
		Slug:     "json-taken-for-form",
		Says:     "decodes any body as if it were a form and appends that",
		Hint:     "The content type is not looked at. The body of anything but a form is never appended.",
		BugTypes: rejects, Breaks: "body-not-params",
		Step: mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
			if r.Method == "POST" && !r.IsForm() {
				return reference.ParseForm(r.Body)
			}
			return params
		}),
	},
	{
		Slug: "body-appended",
		Says: "appends {} body to the URL as it was received",
		Hint: "Other services sign the raw body. Twilio appends the sorted parameters of a form, and no other " +
			"body.",
		BugTypes: both, Breaks: "body-not-params",
		Values: []string{"any", "a-json"},
		StepFor: func(value string) Step {
			return mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
				if len(r.Body) > 0 && (value == "any" || !r.IsForm()) {
					return []reference.Param{{Value: string(r.Body)}}
				}
				return params
			})
		},
	},
	{
		Slug:     "form-appended-as-received",
		Says:     "appends the body of a form to the URL as it was received",
		Hint:     "Other services sign the raw body. Decode the pairs of a form, sort them, and append names and values with nothing between.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
			if isForm(r) && len(r.Body) > 0 {
				return []reference.Param{{Value: string(r.Body)}}
			}
			return params
		}),
	},
	{
		Slug: "hash-appended-again",
		Says: "appends the hash to the URL once more",
		Hint: "The hash is computed and added to the query, as the sender does it. It is in the received URL " +
			"already.",
		BugTypes: both, Breaks: "body-sha256",
		Step: editURL(func(p *reference.URLParts) {
			if hashes := reference.BodyHashes(p.String()); len(hashes) > 0 {
				p.Query += "&" + reference.BodyHashParam + "=" + hashes[0]
			}
		}),
	},
	{
		Slug:     "hash-taken-off-url",
		Says:     "takes bodySHA256 off the URL before it checks the signature",
		Hint:     "The hash is popped out of the query. It is signed with the URL: leave it there.",
		BugTypes: both, Breaks: "body-sha256",
		Step: editURL(func(p *reference.URLParts) {
			var kept []string
			for pair := range strings.SplitSeq(strings.TrimPrefix(p.Query, "?"), "&") {
				if before(pair, "=") != reference.BodyHashParam {
					kept = append(kept, pair)
				}
			}
			if query := strings.Join(kept, "&"); p.Query != "" {
				p.Query = strings.TrimSuffix("?"+query, "?")
			}
		}),
	},
	{
		Slug: "malformed-json-throws",
		Says: "throws on a body that claims to be JSON and is not",
		Hint: "A JSON parser runs before the signature is checked. Check the signature over the raw body " +
			"first; parse afterwards.",
		BugTypes: throws, Breaks: "body-sha256",
		Step: editCovered(func(r *reference.Request) {
			if isJSON(*r) && !json.Valid(r.Body) {
				throw("unexpected end of JSON input")
			}
		}),
	},
	{
		Slug: "json-not-object-throws",
		Says: "throws on JSON that is no object: a list, a number, a text",
		Hint: "The members of the parsed body are read from whatever it is (body.items() in Python). Check the hash of the raw body; " +
			"Event Streams send lists.",
		BugTypes: throws, Breaks: "body-sha256",
		Step: editCovered(func(r *reference.Request) {
			if parsed, ok := parseJSON(r.Body); ok && namesJSON(*r) {
				if _, isObject := parsed.(object); !isObject {
					throw("the body is no object")
				}
			}
		}),
	},
	{
		Slug:     "malformed-json-not-covered",
		Says:     "accepts a body that claims to be JSON and is not, read {}, with a signature that is valid for the URL",
		Hint:     "The exception of the JSON parser is caught, and the check goes on without parameters. Compare the hash of the raw body.",
		BugTypes: accepts, Breaks: "body-covered",
		Values: []string{"as-text", "as-bytes"},
		StepFor: func(value string) Step {
			return readAs(func(r reference.Request) ([]reference.Param, bool) {
				body, ok := r.Body, true
				if value == "as-bytes" { // json.loads(body) in Python
					body, ok = bytes.TrimPrefix(body, []byte("\ufeff")), utf8.Valid(body)
				}
				return nil, namesJSON(r) && !isForm(r) && !(ok && json.Valid(body))
			})
		},
	},
	{
		Slug:     "body-not-json-throws",
		Says:     "throws on a body other than a form that is not JSON, and on none where its hash is given",
		Hint:     "Whatever is no form is parsed as JSON before its hash is compared. Compare the hash with the raw body, and parse afterwards.",
		BugTypes: throws, Breaks: "body-sha256",
		Step: editCovered(func(r *reference.Request) {
			if !isForm(*r) && (len(r.Body) > 0 || hasHash(*r)) && !(json.Valid(r.Body) && utf8.Valid(r.Body)) {
				throw("unexpected token in JSON")
			}
		}),
	},
	{
		Slug: "hashed-body-not-json-throws",
		Says: "throws on a body that is not JSON if the URL has the text bodySHA256",
		Hint: "The hash is taken for the sign that the body is JSON, which is parsed before it is checked. " +
			"Other types have a hash as well: compare it with the raw body, and parse afterwards.",
		BugTypes: throws, Breaks: "body-sha256",
		Step: editCovered(func(r *reference.Request) {
			if strings.Contains(r.URL, reference.BodyHashParam) && !(json.Valid(r.Body) && utf8.Valid(r.Body)) {
				throw("unexpected token in JSON")
			}
		}),
	},
	{
		Slug:     "body-not-utf-8-throws",
		Says:     "throws on a body that is not UTF-8",
		Hint:     "The body is decoded as strict text (bytes.decode in Python). Hash the bytes that were received.",
		BugTypes: throws, Breaks: "body-sha256",
		Step: editCovered(func(r *reference.Request) {
			if !r.IsForm() && !utf8.Valid(r.Body) {
				throw("invalid start byte")
			}
		}),
	},
	{
		Slug:     "body-byte-order-mark-stripped",
		Says:     "strips a byte order mark off the body before it hashes it",
		Hint:     "A text reader takes it away (StreamReader in .NET, utf-8-sig). Hash the bytes that were received.",
		BugTypes: both, Breaks: "body-sha256",
		Step: editHashed(func(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\ufeff")) }),
	},
	{
		Slug: "body-read-as-text",
		Says: "reads the body as text, so that bytes that are not UTF-8 are replaced before it is hashed",
		Hint: "body.toString(), a text reader, or a method that takes the body as a string (validate in the " +
			"Python, the Java and the C# SDK). Hash the bytes that were received.",
		BugTypes: both, Breaks: "body-sha256",
		Step: editHashed(func(body []byte) []byte { return []byte(string([]rune(string(body)))) }), // each wrong byte by U+FFFD
	},
	{
		Slug:     "missing-body-throws",
		Says:     "throws on POST without a body",
		Hint:     "The body is null and not empty. Twilio sends POST without parameters: take null for no bytes.",
		BugTypes: throws, Breaks: "body-covered",
		Step: editCovered(func(r *reference.Request) {
			if r.Method == "POST" && len(r.Body) == 0 {
				throw("the body is null")
			}
		}),
	},
	{
		Slug: "missing-body-rejected",
		Says: "rejects POST without a body and without a hash",
		Hint: "Anything but a form is taken for a body that must have a hash (the middleware of the Ruby SDK), " +
			"though there is none. Nothing in an empty body needs to be covered.",
		BugTypes: rejects, Breaks: "body-covered",
		Step: uncoveredIf(func(r reference.Request) bool {
			return r.Method == "POST" && len(r.Body) == 0 && !isForm(r) && !hasHash(r)
		}),
	},
	{
		Slug:     "missing-content-type-throws",
		Says:     "throws on a request without a content type",
		Hint:     "The header is null. A request without a body has none: take null for no type.",
		BugTypes: throws, Breaks: "body-covered",
		Step: editCovered(func(r *reference.Request) {
			if r.ContentType == nil {
				throw("the content type is null")
			}
		}),
	},
	{
		Slug:     "empty-form-rejected",
		Says:     "rejects a form that yields no parameter",
		Hint:     "A form without parameters is taken for a failure to parse it. Nothing in it needs to be covered.",
		BugTypes: rejects, Breaks: "empty-form",
		Step: uncoveredIf(func(r reference.Request) bool {
			return isForm(r) && len(r.Body) > 0 && len(reference.Params(r)) == 0
		}),
	},
	{
		Slug:     "empty-json-without-hash-rejected",
		Says:     "rejects JSON with an empty body and no hash",
		Hint:     "A hash is required whenever the type is JSON. Nothing in an empty body needs to be covered.",
		BugTypes: rejects, Breaks: "empty-json-body-without-hash",
		Step: uncoveredIf(func(r reference.Request) bool { return isJSON(r) && !hasHash(r) }),
	},
	{
		Slug: "body-on-get-ignored",
		Says: "does not look at a body on GET",
		Hint: "GET is taken to have no body. Twilio sends none; a body that is there is not covered by the " +
			"signature.",
		BugTypes: accepts, Breaks: "body-on-get",
		Step: coveredIf(func(r reference.Request) bool { return r.Method == "GET" && !hasHash(r) }),
	},
	{
		Slug:     "json-on-get-rejected",
		Says:     "rejects a JSON body on GET, hashed or not",
		Hint:     "GET is taken to have no body. The sample of Twilio's Security page sends one.",
		BugTypes: rejects, Breaks: "json-on-get",
		Step: uncoveredIf(func(r reference.Request) bool { return r.Method == "GET" && len(r.Body) > 0 }),
	},
	{
		Slug:     "other-methods-rejected",
		Says:     "rejects every method but GET and POST",
		Hint:     "Twilio sends GET and POST. Whether to accept others is a matter of routing.",
		BugTypes: rejects, Breaks: "other-methods",
		Step: uncoveredIf(func(r reference.Request) bool { return r.Method != "GET" && r.Method != "POST" }),
	},
	{
		Slug: "body-on-put-ignored",
		Says: "does not look at a form on PUT",
		Hint: "Only POST is taken to have a form, and anything else is let through. Twilio sends no PUT; a " +
			"body that is there is not covered by the signature.",
		BugTypes: accepts, Breaks: "other-methods",
		Step: coveredIf(func(r reference.Request) bool { return r.Method == "PUT" && !hasHash(r) }),
	},
}
