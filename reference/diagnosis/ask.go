// This file answers: what does the validator answer to the probes of its causes?

package diagnosis

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// mostRivals is how many defects that answer the same, or nearly, are tested in one round.
const mostRivals = 12

// mostTold is how many values of a defect one of them is told apart from.
const mostTold = 6

// goodPart is the share of the probes of a defect, as one in so many, that must be accepted.
const goodPart = 4

// mostBehind is how many defects that look like rejecting everything get a request.
const mostBehind = 100

// test sends the probes of the causes and of their rivals, and takes out those
// that they refute. It reports whether anything was sent or taken out.
func (q *inquiry) test(ctx context.Context, found *Diagnosis) (sent bool, err error) {
	var news []Observation
	claimed := found.Causes
	if found.Nearest != nil {
		claimed = append(claimed[:len(claimed):len(claimed)], *found.Nearest)
	}
	for _, cause := range claimed {
		beside := slices.DeleteFunc(found.Variants(), func(v defect.Variant) bool { return v.Key() == cause.Defect.Key() })
		beside = slices.Concat(q.Established, beside)
		tested := 0
		// all tests defects, all or until one is confirmed, and reports whether it refutes
		// every one of them.
		all := func(rivals made, untilOne bool) (refutesAll bool) {
			refutesAll = true
			for _, rival := range rivals {
				t := q.tally(rival)
				if t.all || t.none || tested == mostRivals || q.budget.room() == 0 || err != nil {
					refutesAll = false
					continue
				}
				tested++
				var more []Observation
				var refuted bool
				more, refuted, err = q.testOne(ctx, rival, beside, sameMistake(rival, rivals))
				news = append(news, more...)
				if refuted {
					q.table.refute(rival)
				}
				sent = sent || refuted || len(more) > 0
				if refutesAll = refutesAll && refuted; t.accepted > 0 && !refuted && untilOne {
					break
				}
			}
			return refutesAll
		}
		group := slices.Concat(made{cause.Defect}, cause.Equals, q.table.otherValues(cause))
		if all(group, false) || !slices.ContainsFunc(group, func(v defect.Variant) bool { return !q.tally(v).none }) {
			all(q.table.likeIt(cause), true) // nothing is known of the cause: one like it can perhaps be confirmed
		}
		if err != nil {
			return sent, err
		}
	}
	if q.acquit(found) {
		sent = true
	}
	q.table.extend(news)
	return sent, nil
}

// blamed is a defect that is refuted by nothing but controls that were accepted.
type blamed struct {
	defect.Variant
	controls []probe
}

// acquit takes back what was refuted by controls alone that a confirmed cause accepts:
// they say nothing any more. It reports whether there was any.
func (q *inquiry) acquit(found *Diagnosis) (any bool) {
	for _, c := range found.Causes {
		if t := q.tally(c.Defect); t.accepted == 0 || t.admitted || q.table.refuted[c.Defect.Key()] {
			continue
		}
		q.blamed = slices.DeleteFunc(q.blamed, func(b blamed) bool {
			if b.Key() == c.Defect.Key() {
				return false
			}
			v := defect.In(reference.New(), b.Variant, c.Defect)
			if slices.ContainsFunc(b.controls, func(p probe) bool { return !answers(v, p, reference.Accept) }) {
				return false
			}
			if q.acquitted[b.Key()] {
				return true // once is enough
			}
			any, q.acquitted[b.Key()] = true, true
			q.tallies[b.Key()] = nil
			q.table.restore(b.Variant)
			return true
		})
	}
	return any
}

// sameMistake returns the rivals that are a defect with another value, a few of them.
func sameMistake(v defect.Variant, rivals made) (same made) {
	for _, r := range rivals {
		if r.Slug == v.Slug && r.Value != v.Value && len(same) < mostTold {
			same = append(same, r)
		}
	}
	return same
}

// behind looks for a mistake that looks like rejecting everything: another key,
// digest, encoding or URL than Twilio's makes every right signature wrong. Each
// defect that explains as much gets one request, signed as it signs it. It reports
// whether one was accepted.
func (q *inquiry) behind(ctx context.Context, found *Diagnosis) (accepted bool, err error) {
	if q.looked || len(found.Causes) != 1 || !found.Causes[0].Defect.Behaviour || len(q.Only) > 0 {
		return false, nil
	}
	q.looked = true
	var first []probe
	of := map[string]defect.Variant{} // by the keys of the probes
	for _, v := range slices.Concat(q.table.unlooked(found.Causes[0].Explains), q.table.likeIt(found.Causes[0])) {
		if len(first) < min(mostBehind, q.budget.room()) && q.budget.computing() {
			for _, p := range q.probesOf(v, nil, 1) {
				first = append(first, p)
				of[p.key()] = v
			}
		}
	}
	news, err := q.send(ctx, first)
	var more made // of those that were put off
	for _, p := range first {
		if v := of[p.key()]; q.probed[p.key()] == reference.Accept && !q.table.has(v) {
			more = append(more, v)
		}
	}
	q.table.extend(news, more...)
	return slices.ContainsFunc(news, func(o Observation) bool { return o.Verdict == reference.Accept }), err
}

// testOne sends the probes of one defect: a few first, and the others and their
// controls only if one of those is accepted.
func (q *inquiry) testOne(ctx context.Context, v defect.Variant, beside, rivals made) (news []Observation, refuted bool, err error) {
	t := q.tally(v)
	accepted, controls := q.probes(v, beside, rivals)
	if len(accepted) == 0 {
		accepted, controls = q.unlooked(v, beside)
	}
	if len(accepted) == 0 {
		accepted, t.admitted = admitted(q.base, v.New(), defect.In(reference.New(), append(beside[:len(beside):len(beside)], v)...)), true
	}
	if len(accepted) == 0 || t.admitted && v.Only != "" {
		t.none = true
		return nil, v.Only != "", nil // a condition is only claimed if requests confirm it
	}
	t.all = true
	first := len(requests(accepted, firstProbes))
	for _, part := range [][]probe{accepted[:first], accepted[first:]} {
		more, err := q.send(ctx, part)
		news = append(news, more...)
		if err != nil {
			return news, false, err
		}
		q.count(v, part)
		if t.accepted == 0 {
			return news, t.sent > 0, nil
		}
	}
	more, err := q.send(ctx, controls)
	news = append(news, more...)
	against := slices.DeleteFunc(controls, func(c probe) bool { return q.probed[c.key()] != reference.Accept })
	if len(against) > 0 && t.isBorneOut() {
		q.blamed = append(q.blamed, blamed{v, against})
	}
	return news, len(against) > 0 || !t.isBorneOut(), err
}

// count adds up what the probes of a part said. Of two signatures of one request
// it is enough that one is accepted.
func (q *inquiry) count(v defect.Variant, part []probe) {
	t := q.tally(v)
	type request struct {
		kind
		url, body string
	}
	best := map[request]bool{}
	for _, p := range part {
		verdict, sent := q.probed[p.key()]
		if !sent || verdict == "" || verdict == reference.Unsupported {
			continue // it says nothing
		}
		r := request{kindOf(p.Request), p.Request.URL, string(p.Request.Body)}
		best[r] = best[r] || verdict == reference.Accept
	}
	if t.kinds == nil {
		t.kinds = map[kind]share{}
	}
	for r, accepted := range best {
		s := t.kinds[r.kind]
		s.sent, t.sent = s.sent+1, t.sent+1
		if accepted {
			s.accepted, t.accepted = s.accepted+1, t.accepted+1
		}
		t.kinds[r.kind] = s
	}
}

// isBorneOut reports whether enough of a defect's probes were accepted: a good part of
// them, or all of one kind. Another mistake may have the others refused.
func (t *tally) isBorneOut() bool {
	if t.accepted > 0 && goodPart*t.accepted >= t.sent {
		return true
	}
	for _, s := range t.kinds {
		if s.sent > 1 && s.accepted == s.sent {
			return true
		}
	}
	return false
}

// send sends the probes that were not sent yet, as many as there is room for, and
// returns those with the answers.
func (q *inquiry) send(ctx context.Context, probes []probe) ([]Observation, error) {
	var cases []Case
	var keys []string
	for _, p := range probes {
		key := p.key()
		if _, known := q.probed[key]; known || len(cases) == q.budget.room() {
			continue
		}
		q.probed[key] = ""
		cases, keys = append(cases, p.Case), append(keys, key)
	}
	if len(cases) == 0 {
		return nil, nil
	}
	given, err := q.timed(ctx, q.Ask, cases)
	var news []Observation
	for i, a := range given {
		c := cases[i]
		q.probed[keys[i]] = a.Verdict
		right, _ := defect.Ask(reference.New(), c.AuthToken, c.Request)
		news = append(news, Observation{
			AuthToken: c.AuthToken, Request: c.Request, Verdict: a.Verdict, StringToSign: a.StringToSign, probe: true,
			Failed: (a.Verdict == reference.Accept) != (right == reference.Accept),
		})
	}
	return news, err
}

// timed asks, and counts the requests and the time.
func (q *inquiry) timed(ctx context.Context, ask Ask, cases []Case) ([]Answer, error) {
	q.budget.sent += len(cases)
	began, before := time.Now(), Computed()
	given, err := ask(ctx, cases)
	q.budget.asking += time.Since(began)
	q.budget.inAsk += Computed() - before
	for i := range given {
		if q.throws {
			given[i].Verdict = rejection(given[i].Verdict)
		}
	}
	if err == nil && len(given) != len(cases) {
		err = fmt.Errorf("%d of %d requests were answered", len(given), len(cases))
	}
	return given, err
}
