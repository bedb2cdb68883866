// This file answers: what do people carry over from one request to the next? A
// validator must give the same answer whatever came before. What these defects
// remember belongs to one validator.

package defect

import (
	"crypto/hmac"
	"crypto/sha1"
	"hash"

	"sigconform/reference"
)

var state = []Defect{
	{
		Slug: "token-cached",
		Says: "keeps using the first token that it was given",
		Hint: "The key is kept in a static or module variable. It changes when a token is rotated, and with " +
			"the account in a system that serves several.",
		BugTypes: both, Breaks: "token-primary", Remembers: true,
		Step: func(v *reference.Validator) {
			again, first := *v, (*string)(nil)
			v.Enforce = func(authToken string, r reference.Request, _ bool) bool {
				if first == nil {
					first = &authToken
				}
				return again.Validate(*first, r)
			}
		},
	},
	{
		Slug: "accepted-signatures-cached",
		Says: "accepts a signature again that it has accepted for another request",
		Hint: "The verdict is cached by the signature. Whoever has seen one request can send any other: cache " +
			"nothing, the computation costs microseconds.",
		BugTypes: accepts, Breaks: "body-covered", Remembers: true,
		Step: func(v *reference.Validator) {
			accepted := map[string]bool{}
			enforce(func(_ string, r reference.Request, holds bool) bool {
				if r.Signature == nil {
					return holds
				}
				if holds {
					accepted[*r.Signature] = true
				}
				return accepted[*r.Signature]
			})(v)
		},
	},
	{
		Slug:     "verdict-cached-by-url",
		Says:     "answers for a URL what it answered the first time",
		Hint:     "The verdict is cached by the URL. The signature covers the body as well: cache nothing.",
		BugTypes: both, Breaks: "hmac-sha1-base64", Behaviour: true, Remembers: true,
		Step: func(v *reference.Validator) {
			verdicts := map[string]bool{}
			enforce(func(_ string, r reference.Request, holds bool) bool {
				if verdict, known := verdicts[r.URL]; known {
					return verdict
				}
				verdicts[r.URL] = holds
				return holds
			})(v)
		},
	},
	{
		Slug: "verdict-cached-by-signature",
		Says: "answers for a URL and a signature what it answered to them the first time, whatever the body is",
		Hint: "The verdict is cached (lru_cache, a memoized method), and the body is not in the key. Cache " +
			"nothing, the computation costs microseconds.",
		BugTypes: both, Breaks: "body-covered", Remembers: true, ByPlace: true,
		Step: func(v *reference.Validator) {
			verdicts := map[[3]string]bool{}
			enforce(func(authToken string, r reference.Request, holds bool) bool {
				if r.Signature == nil {
					return holds
				}
				key := [3]string{authToken, r.URL, *r.Signature}
				if verdict, known := verdicts[key]; known {
					return verdict
				}
				verdicts[key] = holds
				return holds
			})(v)
		},
	},
	{
		Slug:     "first-verdict-repeated",
		Says:     "repeats its first answer for every request",
		Hint:     "The verdict is kept in a static or module variable. Compute it for each request.",
		BugTypes: both, Breaks: "hmac-sha1-base64", Behaviour: true, Remembers: true,
		Step: func(v *reference.Validator) {
			var first *bool
			enforce(func(_ string, _ reference.Request, holds bool) bool {
				if first == nil {
					first = &holds
				}
				return *first
			})(v)
		},
	},
	{
		Slug: "previous-verdict-answered",
		Says: "gives the answer to the request before",
		Hint: "Requests that run at the same time share a variable, or answers are taken from a queue that is " +
			"one behind. Keep nothing outside of the request.",
		BugTypes: both, Breaks: "hmac-sha1-base64", Behaviour: true, Remembers: true, ByPlace: true,
		Step: func(v *reference.Validator) {
			previous := false
			enforce(func(_ string, _ reference.Request, holds bool) bool {
				holds, previous = previous, holds
				return holds
			})(v)
		},
	},
	{
		Slug:     "mac-not-reset",
		Says:     "computes the MAC over everything that was ever signed with the token",
		Hint:     "One HMAC object is kept and not reset after use. Make a new one for each request, or reset it.",
		BugTypes: rejects, Breaks: "hmac-sha1-base64", Behaviour: true, Remembers: true,
		Step: func(v *reference.Validator) {
			macs := map[string]hash.Hash{}
			v.MAC = func(key reference.Key, stringToSign string) []byte {
				if macs[key.Secret] == nil {
					macs[key.Secret] = hmac.New(sha1.New, []byte(key.Secret))
				}
				macs[key.Secret].Write([]byte(stringToSign))
				return macs[key.Secret].Sum(nil)
			}
		},
	},
	{
		Slug: "params-of-previous-request-kept",
		Says: "signs the parameters of the previous form together with those of this one",
		Hint: "A list or map outside of the request, or a mutable default argument in Python, keeps them. Make " +
			"a new one for each request.",
		BugTypes: rejects, Breaks: "all-params", Remembers: true, ByPlace: true,
		Step: func(v *reference.Validator) {
			var previous []reference.Param
			editParams(func(params []reference.Param) []reference.Param {
				merged := append(previous[:len(previous):len(previous)], params...)
				previous = params
				return merged
			})(v)
		},
	},
	{
		Slug: "params-of-all-requests-kept",
		Says: "signs the parameters of all earlier forms together with those of this one, the last of each name",
		Hint: "A mutable default argument (def params(form, out={})), a class attribute or a module variable keeps them. " +
			"Make a new dictionary for each request: out=None, and out = {} in the function.",
		BugTypes: rejects, Breaks: "all-params", Remembers: true, ByPlace: true,
		Step: func(v *reference.Validator) {
			var kept []reference.Param
			mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
				if !isForm(r) {
					return params
				}
				kept = onePerName(append(kept, params...), true)
				return kept
			})(v)
		},
	},
	{
		Slug: "one-acceptance-opens",
		Says: "accepts everything once it has accepted one request",
		Hint: "The verdict is kept in an object that serves all requests (@valid ||= in a middleware, an attribute of a singleton). " +
			"Keep it in a local variable.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64", Behaviour: true, Remembers: true,
		Step: func(v *reference.Validator) {
			accepted := false
			enforce(func(_ string, _ reference.Request, holds bool) bool {
				accepted = accepted || holds
				return accepted
			})(v)
		},
	},
	{
		Slug:     "verdict-remembered-by-call",
		Says:     "accepts every further request of a call or message whose sid it has accepted once",
		Hint:     "The verdict is kept by CallSid or MessageSid. Both stand in requests and logs: check each request.",
		BugTypes: accepts, Breaks: "body-covered", Remembers: true, ByPlace: true,
		Step: func(v *reference.Validator) {
			accepted := map[string]bool{}
			enforce(func(_ string, r reference.Request, holds bool) bool {
				for _, p := range append(queryParams(r.URL), reference.Params(r)...) {
					if p.Name == "CallSid" || p.Name == "MessageSid" {
						accepted[p.Value] = accepted[p.Value] || holds
						return accepted[p.Value]
					}
				}
				return holds
			})(v)
		},
	},
	{
		Slug: "params-of-last-form-left-over",
		Says: "signs the parameters of the last form again where a request has none",
		Hint: "They are kept outside of the request and written over only when there are others. Begin each " +
			"request with none.",
		BugTypes: both, Breaks: "body-covered", Remembers: true, ByPlace: true,
		Step: func(v *reference.Validator) {
			var last []reference.Param
			right := v.Params
			v.Params = func(r reference.Request) []reference.Param {
				params := right(r)
				if len(params) > 0 {
					last = params
				} else if r.Method == "POST" && r.IsForm() {
					params = last
				}
				return params
			}
		},
	},
	{
		Slug:     "previous-body-hashed",
		Says:     "compares the hash with the body of the previous request",
		Hint:     "A buffer is used again before it is filled, or requests share it. Read the body of this request.",
		BugTypes: both, Breaks: "body-sha256", Remembers: true, ByPlace: true,
		Step: func(v *reference.Validator) {
			var previous []byte
			editHashed(func(body []byte) []byte {
				body, previous = previous, body
				return body
			})(v)
		},
	},
	{
		Slug: "every-second-form-missed",
		Says: "takes every second form for none and does not sign its parameters",
		Hint: "A regular expression with the flag g in JavaScript starts its next test where the last one " +
			"ended. Leave the flag out.",
		BugTypes: both, Breaks: "body-covered", Remembers: true, ByPlace: true,
		Step: func(v *reference.Validator) {
			second := true
			formOnlyIf(func(reference.Request) bool {
				second = !second
				return !second
			})(v)
		},
	},
}
