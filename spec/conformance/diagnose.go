package conformance

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/vectors"
)

// Diagnosis says what is wrong with the validator, as far as its failures tell.
type Diagnosis struct {
	Causes      []*Cause
	Unexplained []*Result // failures that no cause explains
	Unsteady    []*Result // failures that did not fail when they were sent again: nothing else explains them
	Nearest     *Cause    // explains most of what is unexplained, but is contradicted; may be nil
	Stopped     string    // why not everything was tested that could be; "" if it was
}

// Cause is a defect that the validator has, as far as its answers tell.
type Cause struct {
	Defect      defect.Variant
	Equals      []defect.Variant // defects that would have answered just the same
	Explains    []*Result        // failures, the worst first
	Contradicts []*Result        // right answers that it would have got wrong; only of the nearest
	State       diagnosis.State  // how sure it is
	// Of Probed requests that were signed as the defect signs them, and as Twilio
	// does not, the validator accepted Confirmed.
	Probed, Confirmed int
}

// CauseOf returns the cause that explains the result; nil if none does.
func (d *Diagnosis) CauseOf(r *Result) *Cause {
	if d == nil {
		return nil
	}
	for _, cause := range d.Causes {
		if slices.Contains(cause.Explains, r) {
			return cause
		}
	}
	return nil
}

// failedStrictly: the answer fails with --strict alone, and is no reason to look
// for other causes: --strict changes what is demanded, not what is wrong.
func failedStrictly(r *Result) bool {
	return r.Vector.Result == vectors.Invalid &&
		(r.Answer.Verdict == reference.Error || r.Answer.Verdict == reference.Accept && r.Vector.BugType() == vectors.Malleability)
}

// diagnose explains the failures, known ones too, among the results of the cases with
// what the validator answers to further requests. If it gives no more answers, that is
// noted.
func (run *Run) diagnose(ctx context.Context, validator adapters.Validator, bounds diagnosis.Bounds,
	cases []protocol.Case, results []*Result) {
	var answered []*Result // in the order in which they were sent
	var observations []diagnosis.Observation
	failed, strictly := false, false
	for i, r := range results {
		token, request, computed := cases[i].AuthToken, cases[i].Request, true
		if a, is := validator.(Application); is {
			token, request, computed = a.KeysOf(r.Vector)
		}
		if !r.Answered() || !computed {
			continue
		}
		question := r.Vector.Result == vectors.Question
		// What a validator that knows no SharedKeys refuses rightly, it refuses for its own reasons.
		unread := run.noSharedKeys && r.Vector.Request.SignatureSettings != nil && !r.failed()
		o := diagnosis.Observation{
			AuthToken: token,
			Request:   request,
			Verdict:   r.Answer.Verdict,
			Failed:    r.failed() && !question && !failedStrictly(r),
			Open: question || unread || failedStrictly(r) && r.Answer.Verdict == reference.Accept ||
				r.Answer.Elsewhere && !r.failed(),
			StringToSign: r.Answer.StringToSign,
		}
		failed = failed || o.Failed
		strictly = strictly || r.failed() && failedStrictly(r)
		answered = append(answered, r)
		observations = append(observations, o)
	}
	if !failed && !strictly {
		return
	}
	run.Diagnosis = &Diagnosis{}
	engine := engine(validator, bounds)
	if run.setAside(ctx, engine, answered, observations) {
		return
	}
	run.explain(ctx, engine, answered, observations)
	if strictly {
		for i, r := range answered {
			o := &observations[i]
			o.Failed, o.Open = r.failed() && failedStrictly(r), o.Open || o.Failed
		}
		run.explain(ctx, engine, answered, observations)
	}
	run.Diagnosis.clearestFirst()
	slices.SortStableFunc(run.Diagnosis.Causes, func(a, b *Cause) int {
		return cmp.Compare(severity(a.Explains[0].Kind), severity(b.Explains[0].Kind))
	})
}

// setAside sets aside the failures that did not fail when they were sent again,
// unless the validator remembers something: chance has no other cause. It reports
// whether nothing is left to be explained.
func (run *Run) setAside(ctx context.Context, engine diagnosis.Engine, answered []*Result, observations []diagnosis.Observation) bool {
	unsteady := run.unsteady(answered)
	if len(unsteady) == 0 && !run.erratic() {
		return false
	}
	remembers, err := engine.Remembers(ctx, observations)
	run.warn(err)
	if remembers {
		return false
	}
	if run.erratic() {
		unsteady = nil
		for i, o := range observations {
			if o.Failed {
				unsteady = append(unsteady, i)
			}
		}
	}
	for _, i := range unsteady {
		observations[i].Failed, observations[i].Open = false, true
	}
	run.Diagnosis.Unsteady = pick(answered, unsteady)
	return run.erratic()
}

// explain adds what explains the failures among the observations.
func (run *Run) explain(ctx context.Context, engine diagnosis.Engine, answered []*Result, observations []diagnosis.Observation) {
	found, err := engine.Explain(ctx, observations)
	if err == nil && run.noSharedKeys {
		found, err = withoutSettings(ctx, engine, observations, found)
	}
	run.warn(err)
	d := run.Diagnosis
	if found.Stopped != "" {
		d.Stopped = found.Stopped
	}
	for _, c := range found.Causes {
		cause := causeOf(c, answered)
		same := slices.IndexFunc(d.Causes, func(known *Cause) bool { return known.Defect.Key() == c.Defect.Key() })
		if same < 0 {
			d.Causes = append(d.Causes, cause)
		} else {
			d.Causes[same].Explains = append(d.Causes[same].Explains, cause.Explains...)
		}
	}
	d.Unexplained = append(d.Unexplained, pick(answered, found.Unexplained)...)
	if found.Nearest != nil && d.Nearest == nil {
		d.Nearest = causeOf(*found.Nearest, answered)
	}
}

// withoutSettings explains the failures of a validator that does not support SharedKeys once
// more, as of one that ignores the settings header, if a cause is about requests with that
// header alone. It returns what has fewer causes.
func withoutSettings(ctx context.Context, engine diagnosis.Engine, observations []diagnosis.Observation,
	found *diagnosis.Diagnosis) (*diagnosis.Diagnosis, error) {
	hasNone := func(i int) bool { return observations[i].Request.SignatureSettings == nil }
	ignored, err := defect.Find("settings-header-ignored")
	if err != nil || !slices.ContainsFunc(found.Causes, func(c diagnosis.Cause) bool { return !slices.ContainsFunc(c.Explains, hasNone) }) {
		return found, nil
	}
	engine.Established = append(slices.Clone(engine.Established), ignored)
	simpler, err := engine.Explain(ctx, observations)
	if len(simpler.Causes) < len(found.Causes) && len(simpler.Unexplained) <= len(found.Unexplained) {
		return simpler, err
	}
	return found, err
}

// warn notes why the validator gave no more answers.
func (run *Run) warn(err error) {
	if err != nil {
		run.Warnings = append(run.Warnings, fmt.Sprintf("sending requests to confirm the diagnosis: %v", err))
	}
}

// engine is the diagnosis of a validator.
func engine(validator adapters.Validator, bounds diagnosis.Bounds) diagnosis.Engine {
	_, application := validator.(Application)
	e := diagnosis.Engine{Ask: asker(validator), Limits: !application, Application: application, Bounds: bounds}
	target := validator
	if l, is := validator.(listener); is {
		target = l.Validator
	}
	e.Alone = func(ctx context.Context, cases []diagnosis.Case) ([]diagnosis.Answer, error) {
		answer, possible, err := adapters.AskAlone(ctx, target,
			protocol.Case{ID: "diagnosis/alone", AuthToken: cases[0].AuthToken, Request: cases[0].Request})
		if !possible {
			return e.Ask(ctx, cases)
		}
		return []diagnosis.Answer{answerOf(answer)}, err
	}
	return e
}

// asker sends cases to a validator.
func asker(validator adapters.Validator) diagnosis.Ask {
	sent := 0
	return func(ctx context.Context, cases []diagnosis.Case) ([]diagnosis.Answer, error) {
		asked := make([]protocol.Case, len(cases))
		for i, c := range cases {
			sent++
			asked[i] = protocol.Case{ID: fmt.Sprintf("diagnosis/%d", sent), AuthToken: c.AuthToken, Request: c.Request}
		}
		answers := make([]diagnosis.Answer, len(cases))
		err := validator.Ask(ctx, asked, func(i int, a protocol.Answer) { answers[i] = answerOf(a) })
		return answers, err
	}
}

func answerOf(a protocol.Answer) diagnosis.Answer {
	return diagnosis.Answer{Verdict: a.Verdict, StringToSign: a.StringToSign}
}

// clearestFirst puts the worst failures of each cause first: the first of them
// is the example that is shown.
func (d *Diagnosis) clearestFirst() {
	for _, cause := range d.Causes {
		slices.SortStableFunc(cause.Explains, func(a, b *Result) int { return cmp.Compare(severity(a.Kind), severity(b.Kind)) })
	}
}

// unsteady are the failures that did not fail when they were sent again.
func (run *Run) unsteady(answered []*Result) []int {
	var unsteady []int
	for i, r := range answered {
		if r.failed() && slices.ContainsFunc(run.Unsteady, func(c Change) bool { return c.Vector == r.Vector }) {
			unsteady = append(unsteady, i)
		}
	}
	return unsteady
}

func causeOf(c diagnosis.Cause, answered []*Result) *Cause {
	return &Cause{
		Defect: c.Defect, Equals: c.Equals, Explains: pick(answered, c.Explains), Contradicts: pick(answered, c.Contradicts),
		State: c.State, Probed: c.Probed, Confirmed: c.Accepted,
	}
}

func pick(results []*Result, indices []int) []*Result {
	var picked []*Result
	for _, i := range indices {
		picked = append(picked, results[i])
	}
	return picked
}
