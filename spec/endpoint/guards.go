// This file makes checks of the trials: one check for each kind of way past a
// guard, so that one hole is one failure.

package endpoint

import (
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/vectors"
)

// Checks that say what Twilio is documented to send.
const (
	cookieCheck    = "endpoint-header/cookie"
	emptyBodyCheck = "endpoint-body/empty-text"
)

// refuseBefore says how a handshake is refused.
const refuseBefore = "refuse before the handshake is accepted, with 403"

// caseOf is a request as a case of no vector.
func caseOf(r reference.Request) protocol.Case {
	return protocol.Case{ID: "endpoint/probe", Request: r}
}

// guardChecks are the ways past the guard, each unsigned and signed with a wrong
// key unless its comment says otherwise.
func (e *Endpoint) guardChecks() []check {
	var all []check
	add := func(slug, rule, comment string, trials []trial) {
		if len(trials) == 0 {
			return
		}
		all = append(all, atCaller(check{
			id: "endpoint-guard/" + slug, rule: rule, result: vectors.Invalid, comment: comment,
			request: trials[0].request.Request, signature: signatureOf(trials[0].request.Request), trials: trials,
		}, 1))
	}
	right := e.shape.request(e.url, e.product)
	wrong := reference.Sign(wrongKey, right)
	for _, c := range []struct {
		slug, comment string
		settled       *protocol.Answer
	}{
		{"refusal-status", "A wrong signature is answered with a server error, which does not say that nothing was " +
			"done", e.refusalStatus},
		{"refusal-time", "A wrong handshake is accepted with 101 and closed afterwards: refuse before accepting",
			e.refusalTime},
		{"refusal-body", "A refusal carries the body of the acceptance: the work was done all the same", e.refusalBody},
	} {
		if c.settled != nil {
			all = append(all, at(check{
				id: "endpoint-guard/" + c.slug, comment: c.comment, rule: "refusal-refuses", result: vectors.Invalid,
				request: right, signature: &wrong, settled: c.settled,
			}))
		}
	}
	const covers, signed = "guard-covers-the-route", "hmac-sha1-base64"
	add("path", covers, "Other spellings of the endpoint's path, or other paths, lead to the application past its guard", e.pathTrials())
	add("host", covers, "A client says that it calls another host, as in development", e.hostTrials())
	add("address", signed, "A client claims an address of this machine, of a private network or of Twilio",
		e.addressTrials())
	if len(e.sharedKeys) > 0 {
		add("shared-key", "sk-wrong-key", "Another key than the one that the settings header names, or none, is "+
			"accepted", e.sharedKeyTrials())
	}
	if e.isWebSocket() {
		add("handshake", signed, "A handshake with another protocol, origin or spelling is exempt", e.handshakeTrials())
		return all
	}
	add("type", covers, "Requests of another content type lead to the application past its guard", e.typeTrials())
	add("method", covers, "Other methods lead to the application past its guard", e.methodTrials())
	add("method-override", covers, "A POST that a header or a field calls another method leads past the guard",
		e.overrideTrials())
	add("negotiation", signed, "A client that wants JSON, or calls itself a script, is exempt", e.negotiationTrials())
	add("parser", signed, "Requests that make a parser throw are accepted", e.parserTrials())
	add("multipart", "body-covered", "multipart/form-data, signed for the URL alone", e.multipartTrials())
	add("size", "body-covered", "Forms that a server frames, sizes or merges otherwise, signed for the URL alone",
		e.sizeTrials())
	add("state", signed, "An unsigned request that follows a right one is accepted", e.stateTrials())
	add("unknown-account", "token-verbatim", "For an account that it does not know the endpoint verifies with an "+
		"empty key", e.accountTrials())
	return all
}

// signatureOf is what the vector of a check shows as its signature: "" for none.
func signatureOf(r reference.Request) *string {
	if r.Signature == nil {
		none := ""
		return &none
	}
	return r.Signature
}
