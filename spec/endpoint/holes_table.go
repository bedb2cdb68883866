// This file is the table of the mistakes that only a running endpoint can show.

package endpoint

import (
	"crypto/sha1"
	"slices"

	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// trustNoHeader is what to do about an exemption that a client can ask for.
const trustNoHeader = "Whoever calls writes this, so that it exempts anybody. Take the exemption out; if tests need one, make " +
	"it a matter of configuration, or sign the test requests."

// bodyNotCovered is the slug of the mistake that no body but a form is verified.
const bodyNotCovered = "body-not-covered"

// holesOfGuards are the mistakes, those first that explain others.
var holesOfGuards = []hole{
	{
		checks: []string{"endpoint-guard/path"}, slug: "path-spelling-unguarded",
		says: "lets other spellings of its path, or other paths, past its guard",
		hint: "The guard compares a path, and the router behind it decodes, cleans or ignores more than the guard does. Or a " +
			"second route has none. Bind the guard to the handler, behind the router, so that whatever leads to it has passed it.",
	},
	{
		checks: []string{typeCheck}, slug: "type-unguarded",
		says: "lets requests of another content type, or of none, past its guard",
		hint: "The check is made for some content types, and the sender chooses his. Check whatever reaches the application, or " +
			"answer 415 to what it does not take.",
		shows:   isUnsigned,
		absorbs: true, drawn: isNoForm,
	},
	{
		// Frameworks that hand over what they have parsed: any JSON is an empty form to them.
		checks:   []string{"body-coverage/json-no-hash", "body-json/other-body", "body-coverage/text-no-hash", "body-coverage/xml-no-hash"},
		requires: []string{"body-coverage/json-no-hash", "body-json/other-body"},
		slug:     bodyNotCovered,
		says:     "accepts any body that is no form with a signature that is valid for the URL",
		hint: "The validator is handed the parsed form, and that of JSON is empty: the hash in the query is never compared. Take " +
			"the bytes of what is no form, and compare their SHA-256 with bodySHA256 (validateRequestWithBody), or answer 415.",
		shows:   isUnsigned,
		absorbs: true, drawn: isNoForm,
	},
	{
		checks: []string{methodCheck}, slug: "method-unguarded",
		says: "lets other methods past its guard",
		hint: "The guard is bound to some methods, and the application answers more. Guard the route whatever the method is, or " +
			"answer 405 to what Twilio does not send.",
	},
	{
		checks: []string{overrideCheck}, slug: "method-override-unguarded",
		says: "lets a POST past its guard that a header or a field calls another method",
		hint: "The router believes X-HTTP-Method-Override or _method, and no guard stands before that method. Switch the override " +
			"off for the webhook, or guard the route whatever the method is.",
		shows: names("_method"),
	},
	{
		checks: []string{"endpoint-guard/host"}, slug: "host-exempt",
		says: "exempts requests that name another host, as in development",
		hint: trustNoHeader,
	},
	{
		checks: []string{"endpoint-guard/address"}, slug: "claimed-address-exempt",
		says: "exempts whoever claims an address of this machine, of a private network or of Twilio",
		hint: "X-Forwarded-For and its like are the client's to write, and Twilio calls from no fixed addresses. " +
			"No address stands in for a signature.",
	},
	{
		checks: []string{"endpoint-guard/negotiation"}, slug: "client-claim-exempt",
		says: "exempts what a client says that it is or wants",
		hint: trustNoHeader,
	},
	{
		checks: []string{"endpoint-guard/parser"}, slug: "parser-exception-accepts",
		says: "accepts what makes a parser throw",
		hint: "An exception counts as acceptance (rescue true, catch (e) { next() }, except: pass). Refuse in the handler of the " +
			"exception, with 403.",
		beside: []string{"signature/missing", "signature/not-base64"},
	},
	{
		checks:   []string{"signature/missing", "signature/not-base64", "endpoint-header/other-name", "endpoint-header/twice-wrong"},
		requires: []string{"signature/missing", "signature/not-base64"},
		slug:     "comparison-that-throws-accepts",
		says:     "accepts a signature of another length, and none",
		hint: "timingSafeEqual throws where lengths differ, Buffer.from(undefined) and the like where there is no header, and the " +
			"exception counts as acceptance (catch (e) { next() }). Compare lengths first, and refuse in every handler.",
		shows: hasOddSignature,
	},
	{
		checks: []string{"endpoint-guard/multipart"}, slug: "multipart-not-covered",
		says: "accepts multipart/form-data with the signature of the URL alone",
		hint: "What reads the raw body finds none of it (php://input is empty, multer and its like have consumed it), and the " +
			"application reads the fields all the same. Twilio sends no multipart: refuse it before the validator.",
		shows: func(_ *conformance.Run, r *conformance.Result) bool {
			return isMultipart(r.Vector.Request.Reference())
		},
		drawn:  isMultipart,
		beside: []string{"body-coverage/text-no-hash", "body-coverage/octets-no-hash"},
		unless: []string{"body-covered", "body-sha256"},
	},
	{
		checks: []string{"endpoint-guard/size", "endpoint-body/over-100-kib-unsigned", "endpoint-body/over-1-mib-unsigned",
			"endpoint-body/over-2-5-mib-unsigned", "endpoint-body/parameter-1001-unsigned"}, slug: "large-form-not-covered",
		says: "does not sign all of a large form",
		hint: "A parser gives up at a limit, or leaves out what is beyond it, and the validator takes the rest for the form. Refuse " +
			"what is larger than the limit (413).",
		ofForms: true,
		within:  []string{"request-merged-first", "query-merged-by-name", "names-in-query-not-signed"}, // parsed by a servlet container
	},
	{
		checks: []string{"endpoint-body/chunked-form-unsigned", "endpoint-body/chunked-form", "endpoint-body/chunked-json",
			"endpoint-body/chunked-json-other", "endpoint-body/chunked-json-hash-of-nothing"}, slug: "chunked-body-not-covered",
		says:   "takes a body in chunks for none",
		hint:   "A missing Content-Length is taken for an empty body. Read the body to its end, whatever its length is said to be.",
		beside: []string{"body-json/plain", "body-json/other-body"}, ofForms: true,
		takes: []string{"hash-of-empty-body-not-checked"}, // where there is none, nothing else is looked at
	},
	{
		checks: []string{"endpoint-body/gzip-json-other", "endpoint-body/gzip-json-hash-of-nothing"}, slug: "compressed-body-not-covered",
		says:   "does not compare the hash of a compressed body",
		hint:   "Hash the body that the application reads: decompress it first, or refuse Content-Encoding (415).",
		beside: []string{"body-json/other-body", "body-json/hash-of-empty-object", "body-json/hash-of-the-empty-body"},
		unless: []string{"body-covered", "body-sha256"},
	},
	{
		checks: []string{"endpoint-guard/state"}, slug: "verdict-kept",
		says: "accepts an unsigned or replayed request that follows a right one",
		hint: "The verdict is kept under something that the sender chooses (an idempotency token, a CallSid, a session, the signature). Verify " +
			"each request by itself.",
		shows: hasSignatureOfAnother,
	},
	{
		checks: []string{"endpoint-guard/unknown-account"}, slug: "unknown-account-key",
		says: "verifies with an empty key for an account that it does not know",
		hint: "The lookup of the key by the AccountSid that the sender wrote finds nothing, and that becomes the key. Refuse an account " +
			"without a key.",
		beside: []string{"token/empty-key"}, // any account's
	},
	{
		checks: []string{"endpoint-guard/shared-key"}, slug: "shared-key-not-compared",
		says: "accepts another shared key than the one that the settings header names",
		hint: "Look the secret up by the id in the settings header, and refuse an id that is not configured.",
	},
	{
		checks: []string{"endpoint-guard/handshake"}, slug: "handshake-exempt",
		says: "exempts handshakes that carry another header, or spell one differently",
		hint: trustNoHeader,
	},
	{
		checks: []string{"endpoint-guard/refusal-time"}, slug: "refuses-after-accepting",
		says: "accepts a wrong handshake with 101 and closes the connection afterwards",
		hint: "Whatever the application does when a connection opens is done by then. Verify the signature before the handshake " +
			"is accepted, and answer 403.",
	},
	{
		checks: []string{"endpoint-guard/refusal-status"}, slug: "refuses-with-500",
		says: "answers a wrong signature with a server error",
		hint: "The refusal itself fails, perhaps after the work was done. Answer 403 before anything else happens.",
	},
	{
		checks: []string{"endpoint-guard/refusal-body"}, slug: "acts-before-refusing",
		says: "refuses by the status alone: the body is that of the acceptance, so the work was done all the same",
		hint: "What sets the status does not end the request. Return after the refusal.",
	},
	{
		checks: []string{"endpoint-forwarding/"}, slug: "forwarding-header-believed",
		says: "verifies the URL that a client names in a header of a proxy",
		hint: "Believe forwarding headers from your own proxy alone, and let it overwrite them; or verify the configured URL.",
	},
	{
		checks: []string{"endpoint-login/"}, slug: "signature-not-checked-after-login",
		says: "does not check the signature of both requests of a login",
		hint: "Check the signature of every request, whether it carries Authorization or not.",
	},
	{
		checks: []string{cookieCheck}, slug: "cookies-change-the-verdict",
		says: "refuses a right request that carries a Cookie",
		hint: "Twilio returns the cookies that an application sets, and does not sign them. PHP's $_REQUEST holds them: take $_POST.",
	},
	{
		checks: []string{emptyBodyCheck}, slug: "empty-text-refused",
		says: "refuses a message whose Body is empty",
		hint: "A message with media alone has an empty Body. A form class or a required field takes it for missing: let the text be " +
			"empty, and verify the signature before the fields are read.",
		shows: func(_ *conformance.Run, r *conformance.Result) bool {
			return slices.Contains(reference.ParseForm(r.Vector.Request.Reference().Body), reference.Param{Name: "Body"})
		},
		ofForms: true,
	},
}

// isUnsigned reports whether a request got in that is no form.
func isUnsigned(_ *conformance.Run, r *conformance.Result) bool {
	return r.Kind == vectors.FalseAccept && !r.Vector.Request.Reference().IsForm()
}

// hasOddSignature reports whether a request got in whose signature is absent, or as long as
// none is.
func hasOddSignature(_ *conformance.Run, r *conformance.Result) bool {
	signature := r.Vector.Request.Signature
	return r.Kind == vectors.FalseAccept && (signature == nil || len(*signature) != len(reference.Encode(make([]byte, sha1.Size))))
}

// names reports whether a form has a parameter of that name.
func names(name string) func(*conformance.Run, *conformance.Result) bool {
	return func(_ *conformance.Run, r *conformance.Result) bool {
		return slices.ContainsFunc(reference.ParseForm(r.Vector.Request.Reference().Body),
			func(p reference.Param) bool { return p.Name == name })
	}
}

// hasSignatureOfAnother reports whether a request was accepted whose signature is that of
// another request that was accepted, too.
func hasSignatureOfAnother(run *conformance.Run, r *conformance.Result) bool {
	own := r.Vector.Request.Signature
	return own != nil && r.Kind == vectors.FalseAccept && slices.ContainsFunc(run.Results, func(other *conformance.Result) bool {
		theirs := other.Vector.Request.Signature
		return other != r && theirs != nil && *theirs == *own && other.Vector.Result != vectors.Invalid &&
			other.Answer.Verdict == reference.Accept
	})
}
