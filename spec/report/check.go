package report

import (
	"cmp"
	"fmt"
	"maps"

	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// This file answers: does a report contradict itself? Others may have written it.
// What is shown of it is computed from its results, so a report whose counts, status
// or outcomes say otherwise is refused.

// check returns an error that names the first contradiction.
func (r *Report) check() error {
	for _, result := range r.Results {
		if err := result.check(); err != nil {
			return err
		}
	}
	if counts := r.counts(); !maps.Equal(counts, r.Counts) {
		return fmt.Errorf("this report contradicts itself: its counts are %s, and its results are %s", inWords(r.Counts), inWords(counts))
	}
	if scope := r.scope(); !scope.equal(r.Scope) {
		return fmt.Errorf("this report contradicts itself: its scope is %s, and its results come to %s", scopeText(r.Scope), scopeText(scope))
	}
	if status := r.status(); status != r.Status {
		return fmt.Errorf("this report contradicts itself: its status is %d, and its results come to %d", r.Status, status)
	}
	return nil
}

// counts counts the results by outcome.
func (r *Report) counts() map[string]int {
	counts := map[string]int{}
	for _, result := range r.Results {
		counts[result.Outcome]++
	}
	return counts
}

// status is the exit status of the run that the report is of.
func (r *Report) status() int {
	switch drawn := r.Drawn != nil && len(r.Drawn.Failures) > 0; {
	case r.Stopped != "":
		return conformance.StatusNotRun
	case r.counts()[string(conformance.Failed)] > 0, drawn, len(r.Unsteady) > 0, r.Deaths != "", len(r.Stale) > 0:
		return conformance.StatusNotConformant
	default:
		return conformance.StatusConformant
	}
}

// check returns an error for a result that is said to pass where its verdict is not
// the expected one, or not to apply where it has a verdict.
func (r Result) check() error {
	verdict := reference.Verdict(r.Verdict)
	listed := verdict == reference.Error && r.Expected == vectors.Invalid || verdict == reference.Accept && r.BugType == vectors.Malleability
	right := verdict == reference.Reject && r.Expected != vectors.Valid || verdict == reference.Accept && r.Expected != vectors.Invalid
	switch conformance.Outcome(r.Outcome) {
	case conformance.Passed:
		if required := r.Expected == vectors.Question && !verdict.IsFault() && verdict != ""; right || listed || required {
			return nil
		}
	case conformance.Answered:
		if r.Expected == vectors.Question && !verdict.IsFault() {
			return nil
		}
	case conformance.NotApplicable:
		if verdict == "" {
			return nil
		}
		return fmt.Errorf("this report contradicts itself: %s is said not to apply, and was answered with %s", r.ID, r.Verdict)
	default:
		return nil
	}
	return fmt.Errorf("this report contradicts itself: %s is %s, was answered with %s, and is said to be right",
		r.ID, r.Expected, cmp.Or(r.Verdict, "nothing"))
}

// scopeText is a scope in words.
func scopeText(s *Scope) string {
	if s == nil {
		return "everything"
	}
	return s.String()
}

// inWords is a map of counts as text.
func inWords(counts map[string]int) string {
	text := ""
	for _, outcome := range []conformance.Outcome{
		conformance.Passed, conformance.Failed, conformance.Known, conformance.Answered, conformance.Skipped, conformance.NotApplicable,
	} {
		if n := counts[string(outcome)]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, outcome)
		}
	}
	return "[" + text[min(2, len(text)):] + "]"
}
