package fuzz

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/vectors"
)

// This file looks into a difference: is it of a cause that is known already,
// does it happen again, what is the smallest request that shows it, and which
// mistake explains it?

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
	other := r.together(f)
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

// known returns the finding whose cause explains the answer, or nil.
func (r *run) known(o observed) *Finding {
	for _, f := range r.report.Findings {
		if f.Causes == nil {
			continue
		}
		verdict := f.predicted // of what remembers; it has been asked already
		if len(f.Before) == 0 {
			verdict, _ = defect.Ask(f.validator(), o.Token, o.Request)
		}
		if predicts(verdict, o.answer) {
			return f
		}
	}
	return r.partOf(o)
}

// together returns the known finding that has a part in f, if no mistake alone
// explains f: the known causes all at once do, or do with an answer to a
// question of the norm that fails nothing by itself. The answer is remembered.
func (r *run) together(f *Finding) *Finding {
	if f.Causes != nil || f.Before != nil {
		return nil
	}
	found := observed{f.Case, f.Answer}
	if known := r.partOf(found); known != nil {
		return known
	}
	before := r.understood(nil)
	for _, answer := range harmlessAlone() {
		v := r.understood(nil, answer)
		contradicts := func(o observed) bool { return answers(before, o) && !answers(v, o) }
		if answers(v, found) && !slices.ContainsFunc(r.recent, contradicts) {
			r.answered = append(r.answered, answer)
			return r.partOf(found)
		}
	}
	return nil
}

// partOf returns the known finding without whose cause all that is known of the
// validator would not explain the answer; nil if it does not explain it.
func (r *run) partOf(o observed) *Finding {
	if !answers(r.understood(nil), o) {
		return nil
	}
	for _, known := range r.report.Findings {
		if !answers(r.understood(known), o) {
			return known
		}
	}
	return nil
}

// explainLate explains the findings that were found before their causes were
// known: by those that have a part in them.
func (r *run) explainLate() {
	for _, f := range r.report.Findings {
		found := observed{f.Case, f.Answer}
		if f.Causes != nil || f.Before != nil || !answers(r.understood(nil), found) {
			continue
		}
		for _, known := range r.report.Findings {
			if !answers(r.understood(known), found) {
				f.Causes = append(f.Causes, known.Causes...)
			}
		}
	}
}

// answers reports whether v gives the observed answer.
func answers(v reference.Validator, o observed) bool {
	verdict, _ := defect.Ask(v, o.Token, o.Request)
	return predicts(verdict, o.answer)
}

// understood returns the validator as far as it is understood: the reference
// with the causes of all findings but one, and the answers to questions that
// are known and some more.
func (r *run) understood(but *Finding, more ...defect.Variant) reference.Validator {
	v := reference.New()
	for _, answer := range slices.Concat(more, r.answered) {
		v = answer.Apply(v)
	}
	for _, f := range r.report.Findings {
		if f != but && f.Before == nil {
			for _, cause := range f.Causes {
				v = cause.Apply(v)
			}
		}
	}
	return v
}

// harmlessAlone are the mistakes that are none: answers to questions.
var harmlessAlone = sync.OnceValue(func() []defect.Variant {
	questions := vectors.Rules().Questions
	return slices.DeleteFunc(defect.Variants(), func(v defect.Variant) bool {
		_, isQuestion := questions[v.Breaks]
		return !isQuestion || v.Remembers
	})
})

// live asks the causes that remember something what the validator was asked.
func (r *run) live(c *Case) {
	for _, f := range r.report.Findings {
		if f.live != nil {
			f.predicted, _ = defect.Ask(*f.live, c.Token, c.Request)
		}
	}
}

// enliven prepares a cause that remembers: as far as we know, it has been asked
// what the validator was asked first, and what came last.
func (r *run) enliven(f *Finding, d *difference) {
	if len(f.Before) == 0 || f.Causes == nil {
		return
	}
	v := f.validator()
	f.live = &v
	asked := append([]*Case{r.At.harmless()}, d.batch.cases[:d.index+1]...)
	if r.first != d.batch {
		asked = slices.Concat(asked[:1], r.first.cases, asked[1:])
	}
	for _, c := range asked {
		f.predicted, _ = defect.Ask(v, c.Token, c.Request)
	}
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

// explains reports whether the diagnosis gives the observed answer; one that
// found nothing does not stand in the way.
func explains(d *diagnosis.Diagnosis, o observed) bool {
	if len(d.Causes) == 0 {
		return true
	}
	return answers(d.Validator(), o)
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

// diagnose asks which mistakes explain the failures, given answers that were
// right. The failure to be explained is the last observation.
func diagnose(recent, failed, contrast []observed, last observed) (*diagnosis.Diagnosis, int) {
	var observations []diagnosis.Observation
	for _, o := range slices.Concat(recent, failed, contrast, []observed{last}) {
		observations = append(observations, diagnosis.Observation{
			AuthToken: o.Token, Request: o.Request, Verdict: defect.Verdict(o.answer.Verdict),
			Failed: differs(o.Case, o.answer), Open: o.Expected == NotJudged, StringToSign: o.answer.StringToSign,
		})
	}
	return diagnosis.Explain(observations), len(observations) - 1
}

// chosen returns of a diagnosis the cause of one failure: the one that explains
// most besides.
func chosen(d *diagnosis.Diagnosis, failure int) *diagnosis.Diagnosis {
	one := &diagnosis.Diagnosis{Nearest: d.Nearest}
	for _, cause := range d.Causes {
		if slices.Contains(cause.Explains, failure) {
			one.Causes = []diagnosis.Cause{cause}
			break
		}
	}
	return one
}

// diagnoseSequence asks which mistake explains that the last answer is wrong
// after the others and would be right alone: one that remembers.
func diagnoseSequence(sequence []observed) *diagnosis.Diagnosis {
	d := &diagnosis.Diagnosis{}
	last := sequence[len(sequence)-1]
	best := -1
	for _, variant := range defect.Variants() {
		if verdict, _ := defect.Ask(variant.New(), last.Token, last.Request); predicts(verdict, last.answer) {
			continue
		}
		v, agree := variant.New(), 0
		var verdict defect.Verdict
		for _, o := range sequence {
			if verdict, _ = defect.Ask(v, o.Token, o.Request); predicts(verdict, o.answer) {
				agree++
			}
		}
		switch {
		case !predicts(verdict, last.answer) || agree < best:
		case agree == best:
			d.Causes[0].Equals = append(d.Causes[0].Equals, variant)
		default:
			best, d.Causes = agree, []diagnosis.Cause{{Defect: variant, Explains: []int{len(sequence) - 1}}}
		}
	}
	return d
}

// recall puts before a finding what must be asked first, if its causes remember
// and the validator could not be made to forget: they are asked in its place.
func (f *Finding) recall(d *difference) {
	fails := func(cases []*Case) bool {
		v, verdict := f.validator(), defect.Verdict("")
		for _, c := range cases {
			verdict, _ = defect.Ask(v, c.Token, c.Request)
		}
		return predicts(verdict, d.answer)
	}
	if f.Causes == nil || fails([]*Case{f.Case}) {
		return
	}
	leaveOut(d.batch.cases[:d.index+1], len(d.batch.cases), func(cases []*Case) bool {
		last := len(cases) - 1
		if !fails(cases) {
			return false
		}
		f.Before, f.Case, f.Move = cases[:last:last], cases[last], cases[last].Move
		return true
	})
}

// conclude takes the diagnosis over and gives the finding its key.
func (f *Finding) conclude(d *diagnosis.Diagnosis) {
	f.contrast, f.Causes, f.Equals, f.Nearest = nil, nil, nil, nil
	for _, cause := range d.Causes {
		if len(cause.Explains) > 0 {
			f.Causes = append(f.Causes, cause.Defect)
			f.Equals = append(f.Equals, cause.Equals...)
		}
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
