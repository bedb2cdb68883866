// This file answers: which requests do people refuse, or cannot read, before they
// look at the signature? Twilio is locked out, or gets a 500 for a 403.

package defect

import (
	"crypto/sha1"
	"regexp"
	"slices"
	"strings"

	"sigconform/reference"
)

var refuse = []Defect{
	{
		Slug: "body-required",
		Says: "rejects whatever has no body",
		Hint: "if (!body) return false, or a missing body taken for a failure to read it. GET requests, and POST requests without " +
			"parameters, have none: the URL alone is signed.",
		BugTypes: rejects, Breaks: "body-covered",
		Step: uncoveredIf(func(r reference.Request) bool { return len(r.Body) == 0 }),
	},
	{
		Slug: "get-refused",
		Says: "refuses GET: it {}",
		Hint: "Only POST is provided for. Twilio sends GET where the webhook's method is set to it: there is nothing to append, " +
			"the parameters are in the URL already.",
		BugTypes: rejects, Breaks: "get-signs-url-only",
		Values: []string{"rejects", "throws"},
		StepFor: func(value string) Step {
			return uncoveredIf(func(r reference.Request) bool {
				if r.Method == "GET" && value == "throws" {
					throw("only POST requests are supported")
				}
				return r.Method == "GET"
			})
		},
	},
	{
		Slug: "hash-wanted-of-every",
		Says: "wants a bodySHA256 of every {}",
		Hint: "A validator for JSON webhooks is used for all (ValidateBody of the Go SDK, validateRequestWithBody of the Node SDK with a " +
			"form). Twilio sends the hash with bodies that are not forms only: let the content type decide.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Values: []string{"form", "request", "request-in-its-URL"},
		StepFor: func(value string) Step {
			return uncoveredIf(func(r reference.Request) bool {
				switch value {
				case "form":
					return isForm(r) && len(r.Body) > 0 && !reference.HashHolds(r.URL, r.Body)
				case "request":
					return !reference.HashHolds(r.URL, r.Body)
				default:
					return !strings.Contains(r.URL, reference.BodyHashParam)
				}
			})
		},
	},
	{
		Slug: "body-throws",
		Says: "throws on {}",
		Hint: "A parsed body is handed to a hash function or a signer that wants text (Express without rawBody: keep it with " +
			"express.json({verify: (req, res, buf) => { req.rawBody = buf }})), or every body is parsed as a form. " +
			"Check the raw body first, and answer 403, not 500, to whatever cannot be read.",
		BugTypes: throws, Breaks: "body-sha256",
		Values: []string{"JSON", "JSON-and-its-absence", "any-body-but-a-form", "whatever-is-no-form"},
		StepFor: func(value string) Step {
			return editCovered(func(r *reference.Request) {
				if value == "whatever-is-no-form" && !r.IsForm() {
					throw("there is no form")
				}
				given := len(r.Body) > 0 || value == "JSON-and-its-absence" && hasHash(*r)
				if given && !isForm(*r) && (value == "any-body-but-a-form" || namesJSON(*r)) {
					throw("the body is no text, but an object")
				}
			})
		},
	},
	{
		Slug: "text-throws",
		Says: "throws on {} in a form",
		Hint: "The form is converted or filtered before the signature is checked: encode('ascii') in Python, ValidateRequest in ASP.NET, " +
			"a parser of nested names (Rack: a=1&a[]=2). Check the raw form first, and answer 403, not 500, to whatever cannot be read.",
		BugTypes: throws, Breaks: "name-value-appended",
		Values: []string{"text-beyond-ASCII", "markup", "NUL-characters", "names-that-are-a-value-and-a-list"},
		StepFor: func(value string) Step {
			is := map[string]func(s string) bool{
				"text-beyond-ASCII": func(s string) bool { return !reference.IsASCII(s) },
				"markup":            hasMarkup,
				"NUL-characters":    func(s string) bool { return strings.Contains(s, "\x00") },
			}[value]
			return editParams(func(params []reference.Param) []reference.Param {
				if is == nil && nameClash(params) || is != nil && anyText(params, is) {
					throw("cannot read %s", strings.ReplaceAll(value, "-", " "))
				}
				return params
			})
		},
	},
	{
		Slug:     "url-beyond-ascii-throws",
		Says:     "throws on a URL that has characters beyond ASCII",
		Hint:     "URI() in Ruby and url.encode('ascii') in Python do. Answer 403, not 500; better, sign the URL as it was received.",
		BugTypes: throws, Breaks: "illegal-uri-characters",
		Step: editText(func(url string) string {
			if !reference.IsASCII(url) {
				throw("URI must be ascii only")
			}
			return url
		}),
	},
	{
		Slug: "exception-accepts",
		Says: "accepts what makes it throw: {}",
		Hint: "The exception of a parser counts as acceptance (rescue true, catch (e) { return next() }, except: pass). Anybody can send " +
			"such a request, unsigned. Reject in every handler; better, check the signature over the raw request before anything is parsed.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Values: []string{"malformed-escapes-and-name-clashes", "whatever-cannot-be-parsed", "malformed-escapes",
			"malformed-json", "text-that-is-not-utf-8", "signature-of-another-length"},
		StepFor: func(value string) Step {
			return unchecked(func(r reference.Request) bool {
				p, _ := reference.SplitURL(r.URL)
				text := p.Query + "&"
				if isForm(r) || value == "whatever-cannot-be-parsed" { // malformed escapes and clashes, anywhere, and one half of [::1]
					text += string(r.Body)
				}
				switch value {
				case "signature-of-another-length": // as timingSafeEqual does, and Buffer.from of none
					return r.Signature == nil || len(*r.Signature) != len(reference.Encode(make([]byte, sha1.Size)))
				case "malformed-json":
					_, ok := parseJSON(r.Body)
					return namesJSON(r) && !ok
				case "text-that-is-not-utf-8":
					return strings.ToValidUTF8(decodePercent(text), "") != decodePercent(text)
				case "malformed-escapes":
					return malformedEscape(text)
				}
				halved := strings.Contains(p.Host, "[") != strings.Contains(p.Host, "]")
				return malformedEscape(text) || isForm(r) && nameClash(reference.Params(r)) || halved && value == "whatever-cannot-be-parsed"
			})
		},
	},
}

var openTag = regexp.MustCompile(`<[a-zA-Z!/?]`)

// hasMarkup reports whether request validation in ASP.NET takes a text for dangerous.
func hasMarkup(s string) bool { return strings.Contains(s, "&#") || openTag.MatchString(s) }

func anyText(params []reference.Param, is func(s string) bool) bool {
	return slices.ContainsFunc(params, func(p reference.Param) bool { return is(p.Name) || is(p.Value) })
}

func malformedEscape(s string) bool {
	return strings.Contains(escape.ReplaceAllString(s, ""), "%")
}

// nameClash reports whether a name is that of a value and of a structure: a=1&a[]=2.
func nameClash(params []reference.Param) bool {
	plain := map[string]bool{}
	for _, p := range params {
		plain[p.Name] = true
	}
	return slices.ContainsFunc(params, func(p reference.Param) bool {
		name, _, structure := strings.Cut(p.Name, "[")
		return structure && plain[name]
	})
}
