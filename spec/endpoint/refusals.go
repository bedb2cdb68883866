// This file answers: how does an endpoint refuse a wrong signature, if it does? A
// status, a body or the end of a connection may say it; an endpoint that accepts
// everything does not.

package endpoint

import (
	"context"
	"fmt"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// refusals looks at how wrong signatures are refused. before was answered to one
// that no right one preceded.
func (e *Endpoint) refusals(ctx context.Context, before webhook.Reply, right, wrong []webhook.Reply) (*Diagnosis,
	error) {
	switch reply := wrong[0]; reply.Verdict {
	case reference.Accept:
		if reply.Socket != nil && e.watched(reply.Socket) == reference.Reject {
			for _, r := range wrong {
				if r.Socket != nil {
					e.refusesAfter = max(e.refusesAfter, r.Socket.Lived)
				}
			}
			e.refusalTime = &protocol.Answer{Verdict: reference.Accept,
				Detail: "it is answered 101 and closed afterwards" + code(reply.Socket)}
			return nil, nil
		}
		if before.Verdict == reference.Reject {
			return e.remembers(reply), nil
		}
		if e.isWebSocket() || !e.toldApart(right, wrong) {
			return e.bypass(ctx, reply)
		}
		e.refusesOddly, e.refusal = true, reply.Status
		e.notes = append(e.notes, fmt.Sprintf("the endpoint answers %d to right and wrong signatures, with bodies "+
			"that differ: the bodies tell them apart; --reject-body TEXT says so", reply.Status))
	case reference.Unsupported:
		return &Diagnosis{
			Status: conformance.StatusUsage,
			Sentence: fmt.Sprintf("a correct request is accepted, but it is not plain that a wrong signature is "+
				"refused: it is %s", reply.Detail),
			Hints: []string{fmt.Sprintf("if that is how your application refuses, say so: --reject-status %d",
				reply.Status)},
		}, nil
	case reference.Timeout, reference.Died:
		if !e.isWebSocket() {
			return nil, fmt.Errorf("a request with a wrong signature: %s", reply.Detail)
		}
		e.refusesSilently = true
		e.webhook.Widen(atOnce)
		e.notes = append(e.notes, "a wrong handshake is not answered ("+reply.Detail+"): that refuses it, and says "+
			"nothing; an answer of 403 would")
	case reference.Error:
		if reply.Status != 0 {
			e.refusesOddly, e.refusal = true, reply.Status
			e.refusalStatus = &protocol.Answer{Verdict: reference.Accept,
				Detail: fmt.Sprintf("it is answered %d", reply.Status)}
		}
	case reference.Reject:
		e.refusal = reply.Status
	}
	if e.acceptance.distinctive() && e.acceptance.isPartOf(wrong[0].Body) && !e.refusesOddly {
		e.refusalBody = &protocol.Answer{
			Verdict: reference.Accept,
			Detail:  fmt.Sprintf("a wrong signature is answered %d with the body of the acceptance", wrong[0].Status),
		}
	}
	return nil, nil
}

// deadSocket is the diagnosis of an endpoint that answers 101 to a correct handshake
// and cannot be talked to; nil if it can.
func (e *Endpoint) deadSocket(reply webhook.Reply) *Diagnosis {
	d := &Diagnosis{Status: conformance.StatusNotConformant, Rules: []string{"url-verbatim"}, Kind: vectors.FalseReject}
	switch s := reply.Socket; {
	case s == nil:
		return nil
	case s.Wrong != "":
		d.Sentence = "a correct handshake is answered 101, but no client can use it: " + s.Wrong
		d.Hints = []string{"let a WebSocket library answer the handshake; a 101 needs Upgrade, Connection and " +
			"Sec-WebSocket-Accept"}
	case s.Closed && !s.Spoke:
		d.Sentence = "a correct handshake is accepted, and the connection is closed at once" + code(s) +
			": Twilio is locked out"
		d.Hints = []string{"what comes behind the validator fails: its own log says why"}
	default:
		return nil
	}
	return d
}

// code says with what code a connection was closed, as the end of a phrase.
func code(s *webhook.Socket) string {
	if s.Code == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d)", s.Code)
}

// toldApart reports whether bodies tell acceptances from refusals: what all of the
// one kind have in common is not what all of the other have.
func (e *Endpoint) toldApart(right, wrong []webhook.Reply) bool {
	for i := range right {
		if e.rejection.shows(right[i].Body) || e.acceptance.shows(wrong[i].Body) || wrong[i].Status != wrong[0].Status {
			return false
		}
	}
	return true
}

// bypass is the diagnosis of an endpoint that accepts a wrong signature.
func (e *Endpoint) bypass(ctx context.Context, wrong webhook.Reply) (*Diagnosis, error) {
	unsigned, err := e.send(ctx, e.shape.request(e.url, e.product))
	if err != nil {
		return nil, err
	}
	d := &Diagnosis{
		Status: conformance.StatusNotConformant, Rules: []string{"hmac-sha1-base64"}, Kind: vectors.FalseAccept,
		Sentence: "authentication bypass: the endpoint accepts everything, a signature made with a wrong key and a " +
			"request without one",
		Hints: []string{
			"is validation switched off here (a test or debug mode, no token configured), or is the validator's " +
				"answer not looked at?",
			"if the application refuses with a status that means acceptance here, say so: --reject-status",
		},
	}
	d.Hints = append(d.Hints, e.adviseApplication(onRefusal, onGuard)...)
	switch {
	case wrong.Later:
		d.Sentence = fmt.Sprintf("authentication bypass: a wrong handshake is refused with %d, and then accepted "+
			"with 101 on the same connection, which stays open", wrong.Status)
		d.Hints = append([]string{"return after the refusal: what follows it runs all the same"},
			e.advise(onRefusal, onSocket)...)
	case wrong.Socket != nil && wrong.Socket.Spoke && wrong.Socket.Closed:
		d.Sentence = "authentication bypass: a wrong handshake is accepted with 101, and the application speaks " +
			"before it closes the connection"
		d.Hints = append([]string{refuseBefore}, e.advise(onSocket)...)
	case unsigned.Verdict != reference.Accept:
		d.Sentence = "authentication bypass: the endpoint accepts a signature made with a wrong key; it only looks " +
			"whether there is one"
	}
	return d, nil
}
