package fuzz

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference/diagnosis"
)

// This file looks into a difference: does it happen again, and what is the
// smallest request that shows it?

const (
	shrinkCalls     = 3000                   // attempts to make a finding simpler
	slowShrinkCalls = 60                     // … if each costs a timeout or a new process
	sparingAsked    = 500                    // requests to make a finding of a target simpler that is asked sparingly
	slowTimeout     = 500 * time.Millisecond // how long an answer may take meanwhile
	contrast        = 200                    // attempts remembered for the diagnosis
)

// difference is an answer that is not what is demanded.
type difference struct {
	batch   *batch
	episode int // in the batch
	index   int // of the case in the batch
	answer  protocol.Answer
}

func (d *difference) observed() observed { return observed{d.batch.cases[d.index], d.answer} }

// lookInto makes a finding of a difference, or counts it where it belongs.
func (r *run) lookInto(ctx context.Context, d difference) error {
	if f := r.known(d.observed()); f != nil {
		f.Count++
		return nil
	}
	if !r.backoff.look() {
		r.report.Unexamined++
		return nil
	}
	f, err := r.investigate(ctx, &d)
	if err != nil {
		return err
	}
	if err := r.unchanged(ctx); err != nil {
		return err
	}
	if f == nil {
		r.report.Flaky++
		r.backoff.brought(false)
		return nil
	}
	var other *Finding
	if parts := r.together(f); parts != nil {
		other = parts[0]
	}
	for _, known := range r.report.Findings {
		if known.Key == f.Key {
			other = known
		}
	}
	if other != nil {
		other.Count++
		r.backoff.brought(false)
		return nil
	}
	r.backoff.brought(true)
	f.Seed, f.Count = r.Seed, 1
	r.enliven(f, &d)
	r.report.Findings = append(r.report.Findings, f)
	if r.Found != nil {
		return r.Found(f)
	}
	return nil
}

// compareLater keeps the case if it is the first that was accepted, or rejected
// because of its key, as it must.
func (r *run) compareLater(c *Case, a protocol.Answer) {
	switch {
	case r.accepted == nil && c.Expected == MustAccept && a.Verdict == protocol.Accept:
		r.accepted = c
	case r.rejected == nil && c.Expected == MustReject && a.Verdict == protocol.Reject && !c.Signed.None && !c.sameKey():
		r.rejected = c
	}
}

// unchanged returns an error if a target that lasts answers otherwise by now than
// it did: it locks out whoever asks too often, or is another one.
func (r *run) unchanged(ctx context.Context) error {
	if !r.Lasting || r.accepted == nil || r.rejected == nil {
		return nil
	}
	answers, err := r.second.ask(ctx, []*Case{r.accepted, r.rejected})
	switch {
	case err != nil:
		return err
	case answers[0].Verdict != protocol.Accept:
		return fmt.Errorf("it does not accept any more what it accepted before (%s): does it lock out whoever sends wrong signatures, or refuse what it has seen? Lift that for the time of the run", cmp.Or(answers[0].Detail, string(answers[0].Verdict)))
	case answers[1].Verdict == protocol.Accept:
		return errors.New("it accepts by now what it rejected before, a signature made with another key: was it restarted, or its configuration changed?")
	}
	return nil
}

// investigate returns nil for a difference that does not happen again.
func (r *run) investigate(ctx context.Context, d *difference) (*Finding, error) {
	episode := d.batch.episodes[d.episode]
	cases := d.batch.cases[episode.from : d.index+1]
	c := cases[len(cases)-1]
	f := &Finding{Episode: episode.number, Move: c.Move}

	fresh := r.asker(d.answer.Verdict == protocol.Timeout)
	defer fresh.close()
	again := func(cases []*Case) ([]protocol.Answer, error) {
		fresh.close()
		return fresh.ask(ctx, cases)
	}
	alone, err := again(cases[len(cases)-1:])
	switch {
	case err != nil:
		return nil, err
	case sameFailure(c, alone[0], d.answer):
		err := r.shrinkAlone(ctx, f, d)
		if r.Lasting {
			f.recall(d)
		}
		return f, err
	}
	if err := r.shrinkSequence(f, d, again); err != nil || f.Case == nil {
		return nil, err
	}
	return f, nil
}

// sameFailure reports whether the case still fails, and in the same way.
func sameFailure(c *Case, a, was protocol.Answer) bool {
	return differs(c, a) && a.Verdict == was.Verdict
}

// shrinkAlone makes simpler what fails whatever was asked before, and
// diagnoses it. The cause is pinned: the first diagnosis must go on to explain
// the answer, and no finding that is known already may. If the first diagnosis
// does not stand, all is done again without it.
func (r *run) shrinkAlone(ctx context.Context, f *Finding, d *difference) error {
	pinned := chosen(diagnose(r.recent, r.failed, nil, d.observed()))
	for {
		if err := r.shrinkPinned(ctx, f, d, pinned); err != nil {
			return err
		}
		f.conclude(chosen(diagnose(r.recent, r.failed, f.contrast, observed{f.Case, f.Answer})))
		if f.Causes != nil || len(pinned.Causes) == 0 {
			return nil
		}
		pinned = &diagnosis.Diagnosis{}
	}
}

func (r *run) shrinkPinned(ctx context.Context, f *Finding, d *difference, pinned *diagnosis.Diagnosis) error {
	f.Case, f.Answer = d.batch.cases[d.index], d.answer
	second, calls := r.second, shrinkCalls
	ends := d.answer.Verdict == protocol.Timeout || d.answer.Verdict == protocol.Died
	if ends {
		second, calls = r.asker(true), slowShrinkCalls
		second.timeout = slowTimeout
		defer second.close()
	}
	var failed error
	// holds asks cases and reports whether one of them shows the same.
	holds := func(cases []*Case) bool {
		answers, err := second.ask(ctx, cases)
		if err != nil {
			failed = err
			return false
		}
		for i, a := range answers {
			o := observed{cases[i], a}
			if !sameFailure(o.Case, a, d.answer) || o.Expected != d.observed().Expected {
				f.contrast = remember(f.contrast, o)
				continue
			}
			if explains(pinned, o) && r.known(o) == nil {
				f.Case, f.Answer, f.Move = o.Case, a, o.Move
				return true
			}
		}
		return false
	}
	asked, without := 0, map[string]bool{} // requests that do not show the same
	shrink(r.At, r.choicesOf(f.Episode), calls, func(choices []int) bool {
		cases := episodeAt(r.At, replayed(choices), nil)
		if !ends && !r.Lasting {
			return failed == nil && holds(cases)
		}
		// Each costs a process, a timeout, or somebody's server a request: one by
		// one, until one is enough, and none again that did not show it.
		for _, c := range cases {
			request := c.vector().Fingerprint()
			if failed != nil || c.Expected != d.observed().Expected || without[request] || r.Lasting && asked >= sparingAsked {
				continue
			}
			asked++
			if holds([]*Case{c}) {
				if ends {
					second.close()
				}
				return true
			}
			without[request] = true
		}
		return false
	})
	return failed
}

// remember keeps the latest of the attempts whose answers were right.
func remember(attempts []observed, o observed) []observed {
	if differs(o.Case, o.answer) || o.answer.Verdict == protocol.Unsupported {
		return attempts
	}
	if len(attempts) == 2*contrast {
		attempts = append(attempts[:0], attempts[contrast:]...)
	}
	return append(attempts, o)
}

// choicesOf returns the choices of an episode.
func (r *run) choicesOf(number uint64) []int {
	source := Seeded(r.Seed, number)
	source.record = &tape{}
	episodeAt(r.At, source, nil)
	return source.record.choices
}

// shrinkSequence makes simpler what fails only after other requests, and
// diagnoses it: each attempt is asked of a new process. It leaves f.Case nil if
// it does not fail again.
func (r *run) shrinkSequence(f *Finding, d *difference, again func([]*Case) ([]protocol.Answer, error)) error {
	var failed error
	// fails asks the cases and returns the index of the last that fails, or -1.
	fails := func(cases []*Case) (int, []protocol.Answer) {
		answers, err := again(cases)
		if err != nil {
			failed = err
			return -1, nil
		}
		for i := len(cases) - 1; i >= 0; i-- {
			if sameFailure(cases[i], answers[i], d.answer) && cases[i].Expected == d.observed().Expected {
				return i, answers
			}
		}
		return -1, nil
	}
	adopt := func(cases []*Case, i int, answers []protocol.Answer) {
		f.Before, f.Case, f.Answer, f.Move = cases[:i:i], cases[i], answers[i], cases[i].Move
		f.contrast = nil
		for k, a := range answers[:i+1] {
			f.contrast = append(f.contrast, observed{cases[k], a})
		}
	}
	choices := r.choicesOf(f.Episode)
	cases := episodeAt(r.At, replayed(choices), nil)
	if i, answers := fails(cases); i >= 0 {
		adopt(cases, i, answers)
		shrink(r.At, choices, 2*slowShrinkCalls, func(choices []int) bool {
			if failed != nil {
				return false
			}
			cases := episodeAt(r.At, replayed(choices), nil)
			i, answers := fails(cases)
			if i > 0 {
				adopt(cases, i, answers)
			}
			return i > 0
		})
	} else {
		leaveOut(d.batch.cases[:d.index+1], 2*slowShrinkCalls, func(cases []*Case) bool {
			i, answers := fails(cases)
			if i == len(cases)-1 && i > 0 {
				adopt(cases, i, answers)
				return true
			}
			return false
		})
	}
	if f.Case != nil && failed == nil {
		f.conclude(diagnoseSequence(f.contrast))
	}
	return failed
}

// leaveOut leaves out ever smaller parts of what comes before the last case.
func leaveOut(cases []*Case, most int, holds func([]*Case) bool) {
	if !holds(cases) {
		return
	}
	for size := len(cases) / 2; size > 0; size /= 2 {
		for from := 0; from < len(cases)-1 && most > 0; most-- {
			to := min(from+size, len(cases)-1)
			if fewer := slices.Delete(slices.Clone(cases), from, to); holds(fewer) {
				cases = fewer
			} else {
				from = to
			}
		}
	}
}
