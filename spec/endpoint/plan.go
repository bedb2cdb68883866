// This file answers: what is sent to an endpoint, and what does a run of that mean?
// A plan is made once, after the calibration. It says of each vector whether it is
// sent and how, and nothing changes it any more.

package endpoint

import (
	"context"
	"fmt"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// Plan is a calibrated endpoint and the vectors that are meant for it. It is a
// [conformance.Application] for these vectors.
type Plan struct {
	// Vectors are those of the corpus, moved to the endpoint under their own ids,
	// followed by what only an endpoint can show. One that cannot be sent is there
	// as well, as it was.
	Vectors []*vectors.Vector

	endpoint *Endpoint
	items    map[string]item // by the id that a case has of its vector
	// through are the trials of each check that got through.
	through map[string][]webhook.Delivery
}

// item is a vector of a plan.
type item struct {
	vector *vectors.Vector
	// not says why it cannot be sent to this endpoint; "" if it can.
	not string
	// deliver changes how it is sent; nil if it is sent as Twilio sends.
	deliver func(*webhook.Delivery)
	// trials are sent in its place, if there are any.
	trials []trial
	// settled is the answer, if the calibration has got it already.
	settled *protocol.Answer
}

// Plan returns what is sent to the calibrated endpoint: these vectors and its
// checks.
func (e *Endpoint) Plan(all []*vectors.Vector) *Plan {
	p := &Plan{endpoint: e, items: map[string]item{}, through: map[string][]webhook.Delivery{}}
	items := make([]item, len(all))
	for i, v := range all {
		items[i].vector = v
		if m, err := e.rebase(v); err != nil {
			items[i].not = err.Error()
		} else {
			items[i].vector = m
		}
	}
	if e.isWebSocket() {
		onlyOnce(items, all)
	}
	for _, i := range items {
		p.add(i)
	}
	for _, check := range e.checks() {
		p.add(check)
	}
	return p
}

func (p *Plan) add(i item) {
	p.Vectors = append(p.Vectors, i.vector)
	p.items[i.vector.ID] = i
}

// Applicable returns an error if none of the vectors can be sent.
func (p *Plan) Applicable(selected []*vectors.Vector) error {
	why := ""
	for _, v := range selected {
		if why = p.items[v.ID].not; why == "" {
			return nil
		}
	}
	return fmt.Errorf("nothing of what was selected can be sent to this endpoint: %s", why)
}

// NotApplicable says why a vector of the plan cannot be sent; "" if it can.
func (p *Plan) NotApplicable(v *vectors.Vector) string { return p.items[v.ID].not }

// Ask sends what the plan says, and answers itself what the calibration settled. A case
// of no vector of the plan is sent as Twilio sends.
func (p *Plan) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	var sent []webhook.Delivery
	var index, several []int
	for i, c := range cases {
		switch planned := p.items[c.ID]; {
		case planned.settled != nil:
			answered(i, *planned.settled)
		case planned.trials != nil:
			several = append(several, i)
		default:
			d := webhook.Delivery{Case: c}
			if planned.deliver != nil {
				planned.deliver(&d)
			}
			if p.endpoint.isWebSocket() {
				p.endpoint.pace(&d)
				if planned.vector != nil && planned.vector.Result == vectors.Invalid {
					d.Living = p.endpoint.refusing()
				}
			}
			sent, index = append(sent, d), append(index, i)
		}
	}
	if len(sent) > 0 {
		err := p.endpoint.webhook.SendAll(ctx, sent, func(i int, a protocol.Answer) { answered(index[i], a) })
		if err != nil {
			return err
		}
	}
	for _, i := range several {
		id := cases[i].ID
		answer, through, err := p.endpoint.tryAll(ctx, p.items[id].trials)
		if err != nil {
			return err
		}
		p.through[id] = through
		answered(i, answer)
	}
	return nil
}

// KeysOf returns the endpoint's token and the request with its shared keys, which all
// vectors were signed with, as the application gets it: a fragment is not transmitted.
// Computed is false for a check that is not sent as Twilio sends: its result is due to
// that, and no mistake in computing a signature explains it.
func (p *Plan) KeysOf(v *vectors.Vector) (token string, request reference.Request, computed bool) {
	i := p.items[v.ID]
	plain := i.deliver == nil && i.trials == nil && i.settled == nil
	request = p.endpoint.withKeys(v.Request.Reference())
	if parts, ok := reference.SplitURL(request.URL); ok && p.endpoint.url.Fragment == "" {
		parts.Fragment = ""
		request.URL = parts.String()
	}
	return p.endpoint.token, request, !isCheck(v) || plain
}

// Close closes the endpoint and returns what was noticed.
func (p *Plan) Close() []string { return p.endpoint.Close() }

// Explain puts the results of a run of this plan into the words of an endpoint.
func (p *Plan) Explain(run *conformance.Run) {
	for _, r := range run.Results {
		if r.Outcome == conformance.Failed && r.Answer.Verdict == reference.Accept && r.Answer.Detail != "" {
			// What got through: the suite's own words.
			r.Why, r.Answer.Detail = r.Why+": "+r.Answer.Detail, ""
		}
		if r.Answer.Verdict == reference.Died {
			r.Why = strings.Replace(r.Why, conformance.Says(reference.Died), "closed the connection", 1)
		}
		if r.Outcome != conformance.Skipped || r.Answer.Verdict != reference.Unsupported {
			continue
		}
		r.Why, r.Answer.Detail = r.Answer.Detail, ""
	}
	if p.endpoint.challenges {
		explainLogin(run)
	}
	p.endpoint.adviseOn(run)
	p.endpoint.blameProxy(run)
	p.nameHoles(run)
	if why := p.endpoint.untested(run); why != nil && run.Count(conformance.Failed) > 0 {
		run.Warnings = append(run.Warnings, why.Error()) // what failed says more
	} else if run.Stopped == nil {
		run.Stopped = why
	}
}

// explainLogin says on which of the two requests of a login the signature is
// checked.
func explainLogin(run *conformance.Run) {
	verdicts := map[string]reference.Verdict{}
	for _, r := range run.Results {
		verdicts[r.Vector.ID] = r.Answer.Verdict
	}
	before, after := verdicts[challengedWrong], verdicts[loggedInWrong]
	if before == "" || after == "" {
		return
	}
	where := map[[2]bool]string{
		{true, true}:   "on both requests, without and with the credentials",
		{true, false}:  "only on the request without credentials, not on the one that is acted upon",
		{false, true}:  "only on the request with the credentials",
		{false, false}: "on neither request",
	}[[2]bool{before != reference.Accept, after != reference.Accept}]
	run.Warnings = append(run.Warnings, "the endpoint asks for a login; the signature is checked "+where)
}
