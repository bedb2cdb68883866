// This file answers: is every way into the application guarded? Guards are often
// bound to a path, a method or a pattern, while the router behind them decodes,
// cleans or ignores. Each check sends a family of requests, unsigned or signed
// wrongly, that must not get the application's own answer; it fails once, with
// all that got through (guard-covers-the-route). The rules are
//
//   - The endpoint's own path refuses such requests: the calibration has seen it.
//   - An answer counts as the application's if its status and its body are those
//     of the acceptance and the body is distinctive (evidence.go).
//   - A control, which differs from the request in one name alone, must be answered
//     otherwise. What answers the control alike is no way into the application.

package endpoint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// trial is a request that must not get through, as it is sent.
type trial struct {
	name    string // what is special about it, as it is listed: "/%73ms"
	request webhook.Delivery
	// control is the request next to it. Nil where the endpoint's own refusal is
	// the control: the same path, the same method.
	control *webhook.Delivery
	// before are sent first, in their order; what they get does not matter.
	before []webhook.Delivery
	// byStatus: the path and the method are the endpoint's own, so the status tells.
	byStatus bool
	// spelling: it is a POST to another spelling of the path, where an accepting
	// status is evidence enough if the control's does not accept.
	spelling bool
}

// tryAll sends the trials of a check and answers for all of them: accept, with
// those that got through, or reject. What cannot be told is unsupported.
func (e *Endpoint) tryAll(ctx context.Context, trials []trial) (answer protocol.Answer, sent []webhook.Delivery, err error) {
	var through, silent []string
	tested := 0
	came := make([]struct {
		through bool
		why     string
	}, len(trials))
	err = webhook.InParallel(ctx, e.trialsAtOnce(), len(trials), func(ctx context.Context, i int) (done func(), err error) {
		came[i].through, came[i].why, err = e.attempt(ctx, trials[i])
		return func() {}, err
	})
	if err != nil {
		return protocol.Answer{}, nil, err
	}
	for i, c := range came {
		switch {
		case c.why != "":
			silent = append(silent, c.why)
			continue
		case c.through:
			through, sent = append(through, trials[i].name), append(sent, trials[i].request)
		}
		tested++
	}
	switch {
	case len(through) > 0:
		return protocol.Answer{Verdict: reference.Accept, Detail: listed(through)}, sent, nil
	case tested == 0 && len(silent) > 0:
		return protocol.Answer{Verdict: reference.Unsupported, Detail: silent[0]}, nil, nil
	}
	return protocol.Answer{Verdict: reference.Reject}, nil, nil
}

// trialsAtOnce is how many trials are under way at a time: one, for some are about what came
// before. None of a handshake is, and each takes the time that a connection is watched.
func (e *Endpoint) trialsAtOnce() int {
	switch {
	case e.refusalTime != nil, e.refusesSilently:
		return atOnce
	case e.isWebSocket():
		return 4
	}
	return 1
}

// attempt reports whether a trial got the application's own answer; why is not empty
// where that cannot be told.
func (e *Endpoint) attempt(ctx context.Context, t trial) (through bool, why string, err error) {
	for _, d := range t.before {
		if _, err := e.deliver(ctx, d); err != nil {
			return false, "", err
		}
	}
	reply, err := e.deliver(ctx, t.request)
	if err != nil || !e.accepts(reply) {
		return false, "", err
	}
	if t.byStatus { // but a framework may answer by itself, with nothing (Next does to a prefetch)
		return !e.acceptance.distinctive() || len(wordsOf(reply.Body)) > 0, "", nil
	}
	if !e.acceptance.shows(reply.Body) || reply.Status != e.acceptance.status {
		return false, "", nil
	}
	evident := e.acceptance.distinctive() && !e.isWebSocket()
	if t.control == nil {
		if !evident {
			return false, nothingDistinctive, nil
		}
		return true, "", nil
	}
	control, err := e.deliver(ctx, *t.control)
	if err != nil {
		return false, "", err
	}
	alike := control.Status == reply.Status && e.acceptance.shows(control.Body)
	switch {
	case alike:
		return false, "", nil
	case evident, (t.spelling || e.isWebSocket()) && !e.accepts(control):
		return true, "", nil
	}
	return false, nothingDistinctive, nil
}

const nothingDistinctive = "the accepted answer is empty, or anybody's (<Response/>, OK): let the application answer " +
	"test requests with a text of its own"

// accepts reports whether a reply has an accepting status, and no body that
// refuses.
func (e *Endpoint) accepts(reply webhook.Reply) bool { return e.verdictOf(reply) == reference.Accept }

// listed names what got through, and cuts a long list.
func listed(names []string) string {
	const most = 8
	names = slices.Compact(names)
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// unguarded returns the two requests that must be refused whatever they are sent
// to: one without a signature, one signed with a wrong key. Change, if it is not nil,
// says how they are sent. An endpoint that takes what is not signed at all is not tested
// for ways past its guard with unsigned requests: it would be the same mistake again and again.
func (e *Endpoint) unguarded(r reference.Request, change func(*webhook.Delivery)) []webhook.Delivery {
	var both []webhook.Delivery
	for _, request := range []reference.Request{r, e.sign(r, wrongKey)} {
		if e.takesUnsigned && request.Signature == nil {
			continue
		}
		d := webhook.Delivery{Case: caseOf(request)}
		if e.isWebSocket() {
			d.Living = e.refusing()
		}
		if change != nil {
			change(&d)
		}
		both = append(both, d)
	}
	return both
}

// next makes the control of a trial: the request next to it.
type next func(webhook.Delivery) *webhook.Delivery

// pair returns a trial for each of the two unguarded requests. Without a control the
// path and the method are the endpoint's own, and the status tells.
func (e *Endpoint) pair(name string, r reference.Request, change func(*webhook.Delivery), control next) []trial {
	var both []trial
	for _, d := range e.unguarded(r, change) {
		t := trial{name: name, request: d, byStatus: control == nil}
		if control != nil {
			if e.isWebSocket() {
				t.request.Living, d.Living = e.besides(), e.besides()
			}
			t.control = control(d)
		}
		both = append(both, t)
	}
	return both
}

// withHeader changes a delivery to carry the fields.
func withHeader(fields ...webhook.Field) func(*webhook.Delivery) {
	return func(d *webhook.Delivery) { d.Header = fields }
}

// unguardedByQuery finds a guard that compares the whole request target: whatever has a
// query gets past it, and no vector with one would tell anything else.
func (e *Endpoint) unguardedByQuery(ctx context.Context) (*Diagnosis, error) {
	r := e.withQuery(e.shape.request(e.url, e.product), "x")
	for _, d := range e.unguarded(r, nil) {
		if reply, err := e.deliver(ctx, d); err != nil || !e.accepts(reply) {
			return nil, err
		}
	}
	others, _, err := e.tryAll(ctx, e.pathTrials())
	if err != nil {
		return nil, err
	}
	d := &Diagnosis{
		Status: conformance.StatusNotConformant, Rules: []string{"guard-covers-the-route"}, Kind: vectors.FalseAccept,
		Sentence: "authentication bypass: unsigned requests to the endpoint's path with a query (?x) are accepted: " +
			"the guard compares the whole request target, or a path that the query is part of",
		Hints: []string{"bind the guard to the route itself, behind the router, so that whatever leads to the " +
			"application has passed it"},
	}
	d.Hints = append(d.Hints, e.advise(onGuard)...)
	if others.Verdict == reference.Accept {
		d.Hints = append(d.Hints, "these get past it as well: "+others.Detail)
	}
	return d, nil
}
