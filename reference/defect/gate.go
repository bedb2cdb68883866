// This file answers: for which requests do people not look at the signature? A
// gate in front of the check that fails open lets attackers in.

package defect

import (
	"slices"
	"strings"

	"sigconform/reference"
)

var gate = []Defect{
	{
		Slug: "trusted-host",
		Says: "accepts everything for the host {}",
		Hint: "The check is switched off for development, by the host. The Host header is the sender's: switch " +
			"it off by configuration, or better sign the test requests.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Joined: true,
		Values: append([]string{"localhost", "127.0.0.1", "[::1]", "ngrok", "private-network", "test-domain"}, tunnels...),
		StepFor: func(value string) Step {
			return unchecked(func(r reference.Request) bool {
				p, _ := reference.SplitURL(r.URL)
				switch value {
				case "ngrok":
					return strings.Contains(p.Host, ".ngrok")
				case "private-network":
					return strings.HasPrefix(p.Host, "10.") || strings.HasPrefix(p.Host, "192.168.")
				case "test-domain":
					return strings.HasSuffix(p.Host, ".test")
				}
				return p.Host == value || slices.Contains(tunnels, value) && strings.HasSuffix(p.Host, "."+value)
			})
		},
	},
	{
		Slug: "trusted-text",
		Says: "accepts everything whose URL has the text {} somewhere",
		Hint: "A search of the URL switches the check off for development, and whoever sends a request writes its URL. Switch it off by " +
			"configuration, or better sign the test requests.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Values: []string{"localhost", "127.0.0.1", "ngrok"},
		StepFor: func(text string) Step {
			return unchecked(func(r reference.Request) bool { return strings.Contains(r.URL, text) })
		},
	},
	{
		Slug: "switched-off-by-parameter",
		Says: "accepts everything that asks for it in a parameter: debug, test, skip_validation, …",
		Hint: "A switch for development is read from the request, which is the sender's. Switch the check off " +
			"by configuration, or better sign the test requests.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: unchecked(func(r reference.Request) bool {
			return slices.ContainsFunc(append(queryParams(r.URL), reference.Params(r)...), func(p reference.Param) bool {
				return slices.Contains([]string{"debug", "test", "skip_validation", "no_validate"}, p.Name)
			})
		}),
	},
	{
		Slug: "account-trusted",
		Says: "accepts everything that names the account it knows, here " + placeholderAccount,
		Hint: "The AccountSid is compared instead of the signature. It is no secret: it stands in every " +
			"request, in URLs and in logs.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: unchecked(func(r reference.Request) bool {
			return slices.Contains(reference.Params(r), reference.Param{Name: "AccountSid", Value: placeholderAccount})
		}),
	},
	{
		Slug: "method-not-checked",
		Says: "accepts everything whose method is {}",
		Hint: "The check is bound to one route or method (app.post, [HttpPost]), and the others reach the same " +
			"code. Check whatever reaches it.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Values: []string{"GET", "PUT", "DELETE"},
		StepFor: func(value string) Step {
			return unchecked(func(r reference.Request) bool {
				return r.Method == value
			})
		},
	},
	{
		Slug: "only-post-checked",
		Says: "accepts everything that is no POST",
		Hint: "The check stands in the branch for POST, and the sender chooses the method. Check whatever " +
			"reaches it.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: unchecked(func(r reference.Request) bool { return r.Method != "POST" }),
	},
	{
		Slug: "scheme-not-checked",
		Says: "accepts everything over {}",
		Hint: "Plain HTTP is taken for development, or WebSocket handshakes go past the middleware that " +
			"checks. Check the handshake as well, before it is upgraded.",
		BugTypes: accepts, Breaks: "url-verbatim",
		Values: []string{"http", "wss"},
		StepFor: func(value string) Step {
			return unchecked(func(r reference.Request) bool {
				p, _ := reference.SplitURL(r.URL)
				return p.Scheme == value
			})
		},
	},
	{
		Slug: "type-not-checked",
		Says: "accepts everything whose content type is {}",
		Hint: "The check is made for forms only, and the sender chooses the content type. Check whatever " +
			"reaches the application.",
		BugTypes: accepts, Breaks: "body-covered",
		Values: []string{"json", "no-form", "absent", "any-but-a-form's", "any-but-a-form's-by-POST"},
		StepFor: func(value string) Step {
			return unchecked(func(r reference.Request) bool {
				return map[string]bool{
					"json":                     isJSON(r),
					"no-form":                  r.ContentType != nil && !r.IsForm() && !isJSON(r),
					"absent":                   r.ContentType == nil,
					"any-but-a-form's":         !r.IsForm(),
					"any-but-a-form's-by-POST": !r.IsForm() && r.Method == "POST",
				}[value]
			})
		},
	},
	{
		Slug: "hash-alone-checked",
		Says: "accepts a body other than a form whose hash is right, whatever the signature is",
		Hint: "The hash is compared and that is returned, instead of going on. Anybody can compute it: " +
			"check the signature of the URL as well.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: unchecked(func(r reference.Request) bool {
			return reference.CoverageOf(r) == reference.CoveredByHash && reference.HashHolds(r.URL, r.Body)
		}),
	},
	{
		Slug:     "empty-request-not-checked",
		Says:     "accepts everything that has no body",
		Hint:     "Nothing received is taken for nothing to check. The URL is signed without a body as well.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64",
		Step: unchecked(func(r reference.Request) bool { return len(r.Body) == 0 }),
	},
	{
		Slug: "tries-again-without-params",
		Says: "tries again without the parameters if the signature is not valid with them",
		Hint: "One of two calls has to succeed, because some requests are signed with a body and some without. " +
			"Any URL that was signed alone then vouches for any form: let the content type decide.",
		BugTypes: accepts, Breaks: "body-covered",
		Step: tryAgain(func(v *reference.Validator) {
			v.Params = func(reference.Request) []reference.Param { return nil }
			v.Covered = func(reference.Request) bool { return true }
		}),
	},
}

// placeholderAccount is the account of published samples.
const placeholderAccount = "ACXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"

// tunnels are the domains of tunnels to a developer's machine. Anybody can have a
// name below them, and any name can stand in the Host header.
var tunnels = []string{"ngrok.io", "ngrok.app", "ngrok-free.app", "ngrok-free.dev", "ts.net", "trycloudflare.com",
	"loca.lt", "lhr.life", "serveo.net"}
