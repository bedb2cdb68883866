// This file lists the checks of how an endpoint is called: other spellings of its own
// path, and the requests of a login.

package endpoint

import (
	"fmt"
	"strings"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// pathChecks: other spellings of the endpoint's own path, signed as they are
// called, and signed for its own. Both are questions: Twilio calls the configured
// spelling alone, and an application that verifies the URL of its configuration,
// or whose server cleans paths, answers either way and is right.
func (e *Endpoint) pathChecks() []check {
	path := e.url.Path
	segment := strings.LastIndexByte(path, '/') + 1
	not := ""
	if e.address.Path != path {
		not = "between the public URL and the endpoint the path is another one"
	}
	var all []check
	for _, variant := range []struct{ slug, comment, path string }{
		{"double-slash", "The endpoint's path with its first slash doubled", "/" + path},
		{"dot-segment", "The endpoint's path with a /./ in it", path[:segment] + "./" + path[segment:]},
		{"escaped-dot-segment", "The endpoint's path with a /%2e/ in it", path[:segment] + "%2e/" + path[segment:]},
		{"escaped-letter", "The endpoint's path with a letter escaped", escapeLetter(path)},
		{"letter-case", "The endpoint's path in another case", vectors.SwapCase(path)},
	} {
		url := e.url
		if url.Path = variant.path; path == "" || url.Path == path {
			continue
		}
		request := e.shape.request(url, e.product)
		canonical, _ := reference.SplitURL(reference.SignedURLs(request.URL, e.product)[0])
		canonical.Path = path
		all = append(all, at(check{
			id: "endpoint-path/" + variant.slug, comment: variant.comment +
				", signed as it is called", question: "path-as-called=" + variant.slug, request: request, not: not,
		}), at(check{
			id: "endpoint-path/" + variant.slug + "-normalized", comment: variant.comment +
				", signed without", question: "path-spelling=" + variant.slug, request: request, not: not,
			signed: canonical.String(),
		}))
	}
	return all
}

// escapeLetter escapes the last letter of a path.
func escapeLetter(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if c := path[i]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			if i >= 2 && path[i-1] == '%' || i >= 3 && path[i-2] == '%' {
				continue
			}
			return fmt.Sprintf("%s%%%02X%s", path[:i], c, path[i+1:])
		}
	}
	return path
}

// loginChecks: the same request comes twice, and the signature holds for both.
func (e *Endpoint) loginChecks() []check {
	if !e.challenges {
		return nil
	}
	right := e.shape.request(e.url, e.product)
	signed := e.sign(right, e.token)
	signature, wrong := *signed.Signature, *e.sign(right, wrongKey).Signature
	return []check{
		at(check{id: loggedInWrong, comment: "Challenged with a right signature, it is called again with a wrong one",
			rule: "auth-challenge", result: vectors.Invalid, request: right, signature: &wrong,
			deliver: func(d *webhook.Delivery) { d.Signatures, d.LoginSignature = []string{signature}, &wrong }}),
		at(check{id: challengedWrong, comment: "Called with a wrong signature, then with a right one and the " +
			"credentials", question: "signature-before-login=not-checked", request: right,
			deliver: func(d *webhook.Delivery) {
				d.Signatures, d.LoginSignature = []string{wrong}, d.Request.Signature
			}}),
		// Later in the call. A nonce may have been used up meanwhile: then there is
		// another challenge, which is answered.
		at(check{id: "endpoint-login/later", comment: "A later request of the call, which carries the credentials at " +
			"once", rule: "auth-challenge", request: right,
			deliver: func(d *webhook.Delivery) { d.After = &signed }}),
		at(check{id: "endpoint-login/later-wrong", comment: "A later request of the call, which carries the " +
			"credentials at once and a wrong signature", rule: "auth-challenge", result: vectors.Invalid,
			request: right, signature: &wrong,
			deliver: func(d *webhook.Delivery) { d.After = &signed }}),
	}
}

// The checks that say on which of the two requests the signature is looked at.
const (
	loggedInWrong   = "endpoint-login/second-wrong"
	challengedWrong = "endpoint-login/first-wrong"
)
