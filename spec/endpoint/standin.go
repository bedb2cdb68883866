// This file answers: what does a check look like, to somebody who has no endpoint
// at hand? The checks are made for stand-ins, public addresses with a public token.

package endpoint

import (
	"fmt"
	"slices"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// Check is a check as a person reads about it.
type Check struct {
	Vector *vectors.Vector
	// Sent says how it is sent, where that is not as Twilio sends: a line each.
	Sent []string
}

// standInToken is the token of the stand-ins.
const standInToken = "12345"

// standIn returns an endpoint that is not there.
func standIn(scheme, userinfo, path string, s shape) *Endpoint {
	settled := &protocol.Answer{}
	url := reference.URLParts{Scheme: scheme, Userinfo: userinfo, Host: "example.com", Path: path}
	return &Endpoint{
		address: url, url: url, token: standInToken, shape: s, challenges: userinfo != "",
		refusalStatus: settled, refusalBody: settled, refusalTime: settled,
	}
}

// Checks returns all checks: those of https://example.com/sms, and then what is sent
// to another kind of endpoint alone. The token is 12345.
func Checks() []Check {
	form := standIn("https", "", "/sms", formShape)
	plain := standIn("http", "", "/sms", formShape) // a client may call it https
	login := standIn("https", "user:password@", "/sms", formShape)
	stream := standIn("wss", "", "/stream", handshakeShape)
	var all []Check
	seen := map[string]bool{}
	for _, made := range [][]item{
		form.vectorsOf(form.checklist()), plain.vectorsOf(plain.forwardingChecks()),
		login.vectorsOf(login.loginChecks()), stream.vectorsOf(stream.checklist()),
	} {
		for _, i := range made {
			if !seen[i.vector.ID] {
				seen[i.vector.ID] = true
				i.vector.AuthToken = standInToken
				all = append(all, Check{i.vector, i.sent()})
			}
		}
	}
	return all
}

// sent says how an item is sent, where that is not as Twilio sends.
func (i item) sent() []string {
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if i.settled != nil {
		say("no request of its own: the calibration has seen the answers")
		return lines
	}
	if i.trials != nil {
		var names []string
		for _, t := range i.trials {
			names = append(names, t.name)
		}
		names = slices.Compact(names)
		say("%d requests, and none of them may get through: %s", len(i.trials), listed(names))
		return lines
	}
	d := webhook.Delivery{Case: protocol.Case{Request: i.vector.Request.Reference()}}
	if i.deliver == nil {
		return nil
	}
	i.deliver(&d)
	if d.SignatureName != "" {
		say("the name of the signature header: %s", d.SignatureName)
	}
	for _, signature := range d.Signatures {
		say("the signature header: %s", signature)
	}
	for _, field := range d.Header {
		say("the header %s: %s", field.Name, field.Value)
	}
	if d.WireBody != nil {
		say("%d bytes in place of the body", len(d.WireBody))
	}
	if d.Chunked {
		say("the body in chunks, without Content-Length")
	}
	if d.LoginSignature != nil {
		say("the signature header of the request that follows the challenge: %s", *d.LoginSignature)
	}
	if d.After != nil {
		say("after a right request, which was challenged: the credentials come with it at once")
	}
	return lines
}
