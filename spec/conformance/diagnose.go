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

// mostProbes is how many requests are asked to confirm a cause.
const mostProbes = 8

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

// diagnose explains the failures, known ones too, and asks the validator to
// confirm the explanation.
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
			Failed:       (r.Outcome == Fails || r.Outcome == Known) && r.Vector.Result != vectors.Question,
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
	found := diagnosis.Explain(observations)
	run.Diagnosis = &Diagnosis{Unexplained: pick(answered, found.Unexplained)}
	for _, c := range found.Causes {
		run.Diagnosis.Causes = append(run.Diagnosis.Causes, causeOf(c, answered))
	}
	if found.Nearest != nil {
		run.Diagnosis.Nearest = causeOf(*found.Nearest, answered)
	}
	slices.SortStableFunc(run.Diagnosis.Causes, func(a, b *Cause) int {
		return cmp.Compare(severity(a.Explains[0].Kind), severity(b.Explains[0].Kind))
	})
	run.confirm(ctx, validator, found, observations)
}

func causeOf(c diagnosis.Cause, answered []*Result) *Cause {
	explains := pick(answered, c.Explains)
	slices.SortStableFunc(explains, func(a, b *Result) int { return cmp.Compare(severity(a.Kind), severity(b.Kind)) })
	return &Cause{Defect: c.Defect, Equals: c.Equals, Explains: explains, Contradicts: pick(answered, c.Contradicts)}
}

func pick(results []*Result, indices []int) []*Result {
	var picked []*Result
	for _, i := range indices {
		picked = append(picked, results[i])
	}
	return picked
}

// confirm signs requests as the defective validator would, where Twilio signs
// otherwise, and asks whether they are accepted. That the validator cannot be
// asked any more is noted.
func (run *Run) confirm(ctx context.Context, validator adapters.Validator, found *diagnosis.Diagnosis, observations []diagnosis.Observation) {
	defective := found.Validator()
	for i, cause := range run.Diagnosis.Causes {
		var cases []protocol.Case
		for _, probe := range probes(cause, observations) {
			signature, ok := defect.Sign(defective, probe.AuthToken, probe.Request)
			if !ok {
				continue
			}
			probe.Request.Signature = &signature
			cases = append(cases, protocol.Case{ID: fmt.Sprintf("diagnosis/%d-%d", i+1, len(cases)+1), AuthToken: probe.AuthToken, Request: probe.Request})
		}
		cause.Probed = len(cases)
		err := validator.Ask(ctx, cases, func(_ int, a protocol.Answer) {
			if a.Verdict == protocol.Accept {
				cause.Confirmed++
			}
		})
		if err != nil {
			run.Warnings = append(run.Warnings, fmt.Sprintf("asked to confirm the diagnosis: %v", err))
			return
		}
	}
}

// probes picks requests that the defective validator expects to be signed
// otherwise than the reference does. For a defect that only accepts more there
// is none.
func probes(cause *Cause, observations []diagnosis.Observation) []diagnosis.Observation {
	defective, right := cause.Defect.New(), reference.New()
	seen := map[string]bool{}
	var picked []diagnosis.Observation
	for _, o := range observations {
		signature, ok := defect.Sign(defective, o.AuthToken, o.Request)
		if !ok || o.Open || seen[signature] || len(picked) == mostProbes {
			continue
		}
		if expected, ok := defect.Sign(right, o.AuthToken, o.Request); !ok || expected != signature {
			seen[signature] = true
			picked = append(picked, o)
		}
	}
	return picked
}
