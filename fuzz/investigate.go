package fuzz

import (
	"context"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
)

// This file looks into a difference: is it of a cause that is known already,
// does it happen again, what is the smallest request that shows it, and which
// mistake explains it?

const (
	shrinkCalls     = 3000                   // attempts to make a finding simpler
	slowShrinkCalls = 60                     // … if each costs a timeout or a new process
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
	if f == nil {
		r.report.Flaky++
		r.backoff.brought(false)
		return nil
	}
	for _, other := range r.report.Findings {
		if other.Key == f.Key {
			other.Count++
			r.backoff.brought(false)
			return nil
		}
	}
	r.backoff.brought(true)
	f.Seed, f.Count = r.Seed, 1
	r.report.Findings = append(r.report.Findings, f)
	if r.Found != nil {
		return r.Found(f)
	}
	return nil
}

// known returns the finding whose cause explains the answer, or nil.
func (r *run) known(o observed) *Finding {
	for _, f := range r.report.Findings {
		if f.Causes == nil || len(f.Before) > 0 {
			continue
		}
		if verdict, _ := defect.Ask(f.validator(), o.Token, o.Request); predicts(verdict, o.answer) {
			return f
		}
	}
	return nil
}

// investigate returns nil for a difference that does not happen again.
func (r *run) investigate(ctx context.Context, d *difference) (*Finding, error) {
	episode := d.batch.episodes[d.episode]
	cases := d.batch.cases[episode.from : d.index+1]
	c := cases[len(cases)-1]
	f := &Finding{Episode: episode.number, Move: c.Move}

	fresh := &asker{open: r.Open}
	defer fresh.close()
	again := func(cases []*Case) (bool, []protocol.Answer, error) {
		fresh.close()
		answers, err := fresh.ask(ctx, cases)
		return err == nil && sameFailure(cases[len(cases)-1], answers[len(answers)-1], d.answer), answers, err
	}
	alone, _, err := again([]*Case{c})
	switch {
	case err != nil:
		return nil, err
	case alone:
		err = r.shrinkAlone(ctx, f, d)
	default:
		err = r.shrinkSequence(f, d, again)
	}
	if err != nil || f.Case == nil {
		return nil, err
	}
	f.finish(r.recent)
	return f, nil
}

// sameFailure reports whether the case still fails, and in the same way.
func sameFailure(c *Case, a, was protocol.Answer) bool {
	return differs(c, a) && a.Verdict == was.Verdict
}

// shrinkAlone makes simpler what fails whatever was asked before. The cause is
// pinned: the first diagnosis must go on to explain the answer, and no finding
// that is known already may.
func (r *run) shrinkAlone(ctx context.Context, f *Finding, d *difference) error {
	first := diagnose(r.recent, nil, []observed{d.observed()})
	f.Case, f.Answer = d.batch.cases[d.index], d.answer
	second, calls := r.second, shrinkCalls
	if d.answer.Verdict == protocol.Timeout || d.answer.Verdict == protocol.Died {
		second, calls = &asker{open: r.Open, timeout: slowTimeout}, slowShrinkCalls
		defer second.close()
	}
	var failed error
	shrink(choicesOf(r.Seed, f.Episode), calls, func(choices []int) bool {
		cases := Episode(replayed(choices), nil)
		answers, err := second.ask(ctx, warmedUp(cases))
		if err != nil {
			failed = err
			return false
		}
		for i, a := range answers[1:] {
			o := observed{cases[i], a}
			if !sameFailure(o.Case, a, d.answer) || o.Expected != d.batch.cases[d.index].Expected {
				f.contrast = remember(f.contrast, o)
				continue
			}
			if explains(first, o) && r.known(o) == nil {
				f.Case, f.Answer, f.Move = o.Case, a, o.Move
				return true
			}
		}
		return false
	})
	return failed
}

// warmedUp puts a harmless request first: a new process may take its time for
// the first answer.
func warmedUp(cases []*Case) []*Case { return append([]*Case{harmless}, cases...) }

var harmless = Episode(replayed([]int{}), nil)[0]

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

// explains reports whether the diagnosis gives the observed answer; one that
// found nothing does not stand in the way.
func explains(d *diagnosis.Diagnosis, o observed) bool {
	if len(d.Causes) == 0 {
		return true
	}
	verdict, _ := defect.Ask(d.Validator(), o.Token, o.Request)
	return predicts(verdict, o.answer)
}

// choicesOf returns the choices of an episode.
func choicesOf(seed, number uint64) []int {
	source := Seeded(seed, number)
	source.record = &tape{}
	Episode(source, nil)
	return source.record.choices
}

// shrinkSequence makes simpler what fails only after other requests: each
// attempt is asked of a new process.
func (r *run) shrinkSequence(f *Finding, d *difference, again func([]*Case) (bool, []protocol.Answer, error)) error {
	var sequence []*Case
	for _, from := range []int{d.batch.episodes[d.episode].from, 0} {
		cases := d.batch.cases[from : d.index+1]
		fails, answers, err := again(cases)
		if err != nil {
			return err
		}
		if fails {
			sequence = cases
			for i, a := range answers {
				f.contrast = append(f.contrast, observed{cases[i], a})
			}
			break
		}
	}
	if sequence == nil {
		return nil
	}
	// Leave out ever smaller parts of what was asked before.
	target := sequence[len(sequence)-1]
	before := sequence[:len(sequence)-1]
	left := 2 * slowShrinkCalls
	for size := (len(before) + 1) / 2; size > 0 && left > 0; size /= 2 {
		for from := 0; from < len(before) && left > 0; {
			left--
			to := min(from+size, len(before))
			fewer := append(append([]*Case{}, before[:from]...), before[to:]...)
			fails, _, err := again(append(fewer[:len(fewer):len(fewer)], target))
			if err != nil {
				return err
			}
			if fails {
				before = fewer
			} else {
				from = to
			}
		}
	}
	f.Before, f.Case, f.Answer = before, target, d.answer
	return nil
}

// diagnose asks which mistake explains the failures, given answers that were
// right.
func diagnose(recent, contrast, failed []observed) *diagnosis.Diagnosis {
	var observations []diagnosis.Observation
	for _, part := range [][]observed{recent, contrast, failed} {
		for _, o := range part {
			observations = append(observations, diagnosis.Observation{
				AuthToken: o.Token, Request: o.Request, Verdict: defect.Verdict(o.answer.Verdict),
				Failed: differs(o.Case, o.answer), Open: o.Expected == NotJudged, StringToSign: o.answer.StringToSign,
			})
		}
	}
	return diagnosis.Explain(observations)
}

// finish diagnoses the shrunk finding and gives it its key.
func (f *Finding) finish(recent []observed) {
	last := []observed{{f.Case, f.Answer}}
	var d *diagnosis.Diagnosis
	if len(f.Before) > 0 {
		d = diagnose(nil, nil, f.contrast) // in the order in which it was asked
	} else {
		d = diagnose(recent, f.contrast, last)
	}
	f.contrast = nil
	for _, cause := range d.Causes {
		if len(cause.Explains) > 0 {
			f.Causes = append(f.Causes, cause.Defect)
			f.Equals = append(f.Equals, cause.Equals...)
		}
	}
	if len(d.Unexplained) > 0 {
		f.Causes = nil
	}
	if f.Causes == nil && d.Nearest != nil {
		f.Nearest = &d.Nearest.Defect
	}
	f.Key = f.key()
}

// validator returns the reference with the causes of the finding.
func (f *Finding) validator() reference.Validator {
	v := reference.New()
	for _, cause := range f.Causes {
		v = cause.Apply(v)
	}
	return v
}
