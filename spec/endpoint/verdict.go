// This file answers: what does an answer of this endpoint mean, now that it is
// calibrated? A status alone does not tell everything. The rules are
//
//   - What looks like the calibrated refusal is a refusal, whatever its status: a
//     TwiML <Reject/> needs a 200, and a broken error page is a 500.
//   - A 4xx that is not the calibrated refusal (and 501, 505) to a request that must
//     be accepted says nothing until the same request was sent with a wrong
//     signature. The same answer again: it comes from before the validator. The usual
//     refusal: the signature was accepted, and what comes behind it failed. An answer
//     with the status of the refusal is another one if it has none of its text.
//   - What is accepted on another path than the endpoint's says nothing where anything
//     is accepted. (Other spellings of the endpoint's own path are in guard_paths.go.)
//   - A refusal with another status than the calibrated one is as good as that, but tells
//     nothing of the validator: a parser may have refused what it cannot read. Nor does that of
//     multipart/form-data: a framework may have taken its fields for those of a form.
//   - To what Twilio is documented to send, every answer that does not accept is a
//     rejection, whoever stands in front: the caller is locked out. But an endpoint that
//     takes no JSON at all, as a route for forms does, locks nobody out.

package endpoint

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
)

// documented are the families of what Twilio is documented to send.
var documented = []string{"twilio-requests", "self-test"}

// isDocumented reports whether Twilio is documented to send what a vector sends.
func isDocumented(id string) bool {
	family, _, _ := strings.Cut(id, "/")
	return slices.Contains(documented, family) || id == cookieCheck || id == emptyBodyCheck
}

// interpret is the verdict on a reply to a delivery. It may send the delivery
// again, with a wrong signature.
func (e *Endpoint) interpret(ctx context.Context, d webhook.Delivery, reply webhook.Reply) (protocol.Answer, error) {
	if proxy := e.limits(reply); proxy != "" {
		said := fmt.Sprintf("%s itself answers 503: it does not get to the application", proxy)
		if e.unavailable.Add(1) < mostLimited {
			return protocol.Answer{Verdict: reference.Unsupported, Detail: said}, nil
		}
		return protocol.Answer{}, fmt.Errorf("%s itself answers 503, to %d requests and still: it limits how many it passes on, or "+
			"nothing answers behind it any more; lift its limit for the time of the run", proxy, mostLimited)
	}
	verdict := e.verdictOf(reply)
	if verdict != reply.Verdict {
		return protocol.Answer{Verdict: verdict, Detail: reply.Detail}, nil
	}
	genuine := e.isGenuine(d)
	if silent := reply.Verdict == reference.Died || reply.Verdict == reference.Timeout; e.refusesSilently && silent &&
		!genuine {
		return protocol.Answer{Verdict: reference.Reject}, nil
	}
	if !genuine && verdict == reference.Accept {
		why, err := e.isUnguarded(ctx, d)
		if why != "" {
			return protocol.Answer{Verdict: reference.Unsupported, Detail: why}, err
		}
		return reply.Answer, err
	}
	if !genuine || !e.isClientError(reply) {
		reply.Answer.Elsewhere = reply.Verdict == reference.Reject &&
			(e.isClientError(reply) && reply.Status != e.refusal || isMultipart(d.Request))
		return reply.Answer, nil
	}
	usual, err := e.isUsualRefusal(ctx, d, reply)
	if err != nil || usual {
		return reply.Answer, err
	}
	said := fmt.Sprintf("answered %d", reply.Status)
	if isDocumented(d.ID) && !(e.jsonUntaken && kindOf(d.Request) == kindJSON) {
		return protocol.Answer{Verdict: reference.Reject, Detail: said + toDocumented}, nil
	}
	again := d
	again.Request = e.sign(d.Request, wrongKey)
	wrong, err := e.deliver(ctx, again)
	if err != nil {
		return reply.Answer, err
	}
	refused, err := e.isUsualRefusal(ctx, again, wrong)
	switch {
	case err != nil:
		return reply.Answer, err
	case refused:
		return protocol.Answer{Verdict: reference.Accept, Detail: said + " where a wrong signature is refused: the " +
			"signature was accepted, and what comes behind it failed"}, nil
	case wrong.Status == reply.Status:
		return protocol.Answer{Verdict: reference.Unsupported, Detail: said + fromBeforeItself}, nil
	}
	return reply.Answer, nil
}

// mostLimited is how many requests a proxy may answer 503 itself before it is said to limit
// them. A request that makes the application fail is another matter: that is a 502.
const mostLimited = 20

// limits is the name of the proxy that answers 503 with a page of its own, to requests of
// any kind: it limits them, or the application is gone; "" if that is not so.
func (e *Endpoint) limits(reply webhook.Reply) string {
	if reply.Status != http.StatusServiceUnavailable || e.refusal == reply.Status {
		return ""
	}
	return e.ownPage(reply)
}

// isUnguarded says why an acceptance of a delivery says nothing about the validator; ""
// if it does. On another path than the endpoint's a server may answer anybody: whether a
// validator is there shows when nothing at all is signed. And some frameworks hand the
// body of a GET or HEAD to nobody (Fetch's Request has none), so that a right request
// without it is what was verified.
func (e *Endpoint) isUnguarded(ctx context.Context, d webhook.Delivery) (string, error) {
	if method := d.Request.Method; (method == http.MethodGet || method == http.MethodHead) && len(d.Request.Body) > 0 {
		bare := d
		bare.Request.Body, bare.Request.ContentType = nil, nil
		if e.isGenuine(bare) {
			return "without its body it is right, and a server may hand the body of a " + method + " to nobody", nil
		}
	}
	if parts, _ := reference.SplitURL(d.Request.URL); parts.Path == e.url.Path || d.Target != "" {
		return "", nil
	}
	control := webhook.Delivery{Case: caseOf(d.Request)}
	control.Request.Signature = nil
	reply, err := e.deliver(ctx, control)
	if err == nil && e.accepts(reply) {
		return fmt.Sprintf("this path is answered %d without a signature, too: the validator is not there",
			reply.Status), nil
	}
	return "", err
}

// isClientError reports whether a reply may come from somebody else than the validator.
func (e *Endpoint) isClientError(reply webhook.Reply) bool {
	client := reply.Status >= 400 && reply.Status < 500 && reply.Status != http.StatusTooManyRequests
	if !client && reply.Status != http.StatusNotImplemented && reply.Status != http.StatusHTTPVersionNotSupported {
		return false
	}
	return e.refusal != 0 && reply.Challenge == "" && !e.options.Reject.Has(reply.Status) &&
		!e.options.Accept.Has(reply.Status)
}

// isUsualRefusal reports whether a reply is the calibrated refusal. One that has its
// status may still be somebody else's: of a framework that answers 400 to a query that it
// cannot read, where the validator refuses with 400. Its text is then that of no refusal.
// A refusal may be another for each kind of request, so one of the kind is looked at.
func (e *Endpoint) isUsualRefusal(ctx context.Context, d webhook.Delivery, reply webhook.Reply) (bool, error) {
	if reply.Status != e.refusal || e.isWebSocket() {
		return reply.Status == e.refusal, nil
	}
	for _, s := range []shape{formShape, jsonShape, getShape} {
		if s.kind() != kindOf(d.Request) {
			continue
		}
		known, err := e.refusalOf(ctx, e.fitted(s))
		return err != nil || known.status != e.refusal || known.mayBe(reply.Body), err
	}
	return true, nil
}

// refusalOf is what the refusals of a shape have in common; each is asked for once.
func (e *Endpoint) refusalOf(ctx context.Context, s shape) (portrait, error) {
	e.asking.Lock()
	defer e.asking.Unlock()
	if known, ok := e.refusalsOf[s.kind()]; ok {
		return known, nil
	}
	request := webhook.Delivery{Case: caseOf(e.sign(s.request(e.url, e.product), wrongKey))}
	var replies []webhook.Reply
	for range 2 {
		reply, err := e.deliver(ctx, request)
		if err != nil {
			return portrait{}, err
		}
		replies = append(replies, reply)
	}
	e.refusalsOf[s.kind()] = portraitOf(request, replies...)
	return e.refusalsOf[s.kind()], nil
}

// verdictOf is the verdict on a reply by itself.
func (e *Endpoint) verdictOf(reply webhook.Reply) reference.Verdict {
	if e.refusesOddly && reply.Status == e.rejection.status && e.rejection.shows(reply.Body) {
		return reference.Reject
	}
	if reply.Verdict == reference.Accept && reply.Socket != nil {
		return e.watched(reply.Socket)
	}
	return reply.Verdict
}

func isNoForm(r reference.Request) bool { return !r.IsForm() }

// isMultipart reports whether a body is one of several parts.
func isMultipart(r reference.Request) bool {
	return r.ContentType != nil && strings.HasPrefix(strings.ToLower(*r.ContentType), "multipart/")
}
