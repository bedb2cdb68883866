package conformance

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"sigconform/adapters"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/vectors"
)

// Diagnosis says what is wrong with the validator, as far as its failures tell.
type Diagnosis struct {
	Causes      []*Cause
	Unexplained []*Result // failures that no cause explains
	Unsteady    []*Result // failures that did not fail when they were asked again: nothing else explains them
	Nearest     *Cause    // explains some of them, but is contradicted; may be nil
}

// Cause is a defect that the validator seems to have.
type Cause struct {
	Defect      defect.Variant
	Equals      []defect.Variant // defects that would have answered just the same
	Explains    []*Result        // failures, the worst first
	Contradicts []*Result        // right answers that it would have got wrong
	// Of Probed requests that were signed as the defect signs them, and as Twilio
	// does not, the validator accepted Confirmed.
	Probed, Confirmed int
}

// CauseOf returns the first cause that explains the result; nil if none does.
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

// diagnose explains the failures, known ones too, with what the validator
// answers to further questions. That it cannot be asked any more is noted.
func (run *Run) diagnose(ctx context.Context, validator adapters.Validator) {
	var answered []*Result // in the order in which they were asked
	var observations []diagnosis.Observation
	failed := false
	for _, r := range run.Results {
		token, computed := string(r.Vector.AuthToken), true
		if e, is := validator.(*Endpoint); is {
			token, computed = e.tokenOf(r.Vector) // its token is in no vector
		}
		if r.Outcome == Unjudged || !computed {
			continue
		}
		o := diagnosis.Observation{
			AuthToken:    token,
			Request:      r.Vector.Request.Reference(),
			Verdict:      defect.Verdict(r.Answer.Verdict),
			Failed:       r.failed() && r.Vector.Result != vectors.Question,
			Open:         r.Vector.Result == vectors.Question || r.Vector.BugType() == vectors.Malleability && r.Outcome == Holds,
			StringToSign: r.Answer.StringToSign,
		}
		failed = failed || o.Failed
		answered = append(answered, r)
		observations = append(observations, o)
	}
	if !failed {
		return
	}
	run.Diagnosis = &Diagnosis{}
	if run.erratic() && !remembers(diagnosis.ExplainByMemory(observations)) {
		for i, o := range observations {
			if o.Failed {
				run.Diagnosis.Unsteady = append(run.Diagnosis.Unsteady, answered[i])
			}
		}
		return
	}
	found := diagnosis.Explain(observations)
	if unsteady := run.unsteady(answered); len(unsteady) > 0 && !remembers(found) {
		for _, i := range unsteady {
			observations[i].Failed, observations[i].Open = false, true
		}
		run.Diagnosis.Unsteady = pick(answered, unsteady)
		found = diagnosis.Explain(observations)
	}
	inquiry := &inquiry{ctx: ctx, validator: validator, observations: observations, found: found, verdicts: map[string]defect.Verdict{}}
	if err := inquiry.run(); err != nil {
		run.Warnings = append(run.Warnings, fmt.Sprintf("asked to confirm the diagnosis: %v", err))
	}
	found = inquiry.found
	run.Diagnosis.Unexplained = pick(answered, found.Unexplained)
	for _, c := range found.Causes {
		if cause := causeOf(c, answered); len(cause.Explains) > 0 {
			cause.Probed, cause.Confirmed = inquiry.confirmed(c)
			run.Diagnosis.Causes = append(run.Diagnosis.Causes, cause)
		}
	}
	if found.Nearest != nil {
		if nearest := causeOf(*found.Nearest, answered); len(nearest.Explains) > 0 {
			run.Diagnosis.Nearest = nearest
		}
	}
	run.Diagnosis.clearestFirst()
	slices.SortStableFunc(run.Diagnosis.Causes, func(a, b *Cause) int {
		return cmp.Compare(severity(a.Explains[0].Kind), severity(b.Explains[0].Kind))
	})
}

// clearestFirst puts first, among the worst failures of each cause, what no
// other cause has a part in: the first of them is the example that is shown.
func (d *Diagnosis) clearestFirst() {
	causes := map[*Result]int{}
	for _, cause := range d.Causes {
		for _, r := range cause.Explains {
			causes[r]++
		}
	}
	for _, cause := range d.Causes {
		slices.SortStableFunc(cause.Explains, func(a, b *Result) int {
			return cmp.Or(cmp.Compare(severity(a.Kind), severity(b.Kind)), cmp.Compare(causes[a], causes[b]))
		})
	}
}

// unsteady are the failures that did not fail when they were asked again.
func (run *Run) unsteady(answered []*Result) []int {
	var unsteady []int
	for i, r := range answered {
		if r.failed() && slices.ContainsFunc(run.Unsteady, func(c Change) bool { return c.Vector == r.Vector }) {
			unsteady = append(unsteady, i)
		}
	}
	return unsteady
}

// remembers reports whether the answers change because of what was asked before.
func remembers(found *diagnosis.Diagnosis) bool {
	return slices.ContainsFunc(found.Causes, func(c diagnosis.Cause) bool { return c.Defect.Remembers && len(c.Contradicts) == 0 })
}

func causeOf(c diagnosis.Cause, answered []*Result) *Cause {
	return &Cause{Defect: c.Defect, Equals: c.Equals, Explains: pick(answered, c.Explains), Contradicts: pick(answered, c.Contradicts)}
}

// pick leaves out what is no vector: the requests that were asked to confirm.
func pick(results []*Result, indices []int) []*Result {
	var picked []*Result
	for _, i := range indices {
		if i < len(results) {
			picked = append(picked, results[i])
		}
	}
	return picked
}
