// This file answers: what do vectors say that are newer than the version by which the
// validator is judged, and requests that are drawn beside them? They are sent like all
// others and listed, and fail nobody: a suite that is upgraded must not turn a build red
// whose code did not change.

package conformance

import (
	"fmt"

	"sigconform/vectors"
)

// freeze takes the results of newer vectors out of the judgement. What they would
// be is kept.
func (run *Run) freeze(asOf string) {
	if asOf == "" {
		return
	}
	for _, r := range run.Results {
		if !r.Vector.Newer(asOf) || r.Outcome == NotApplicable {
			continue
		}
		r.Newer, r.Why = r.Outcome, NewerThan(r.Vector, asOf)+": "+wouldBe(r)
		r.Outcome, r.Kind = Skipped, ""
	}
}

// freeze takes a drawn request out of the judgement: no version has it. What would come
// of it is kept.
func (d *Drawn) freeze(asOf string) {
	if asOf != "" {
		d.Newer, d.Outcome = d.Outcome, Skipped
	}
}

// noteDrawn notes how many drawn requests would fail if they were judged.
func (run *Run) noteDrawn(asOf string) {
	wrong := 0
	for _, d := range run.Drawn {
		if d.Newer == Failed && !run.explained(d) {
			wrong++
		}
	}
	if wrong > 0 {
		run.Warnings = append(run.Warnings, fmt.Sprintf("%d of %d requests that were drawn beside the vectors were answered wrongly; "+
			"version %s has none of them, so they fail nothing", wrong, len(run.Drawn), asOf))
	}
}

// NewerThan says that a vector came after a version.
func NewerThan(v *vectors.Vector, version string) string {
	switch v.Since {
	case "":
		return "newer than " + version
	case vectors.Next:
		return "newer than " + version + " (not released yet)"
	}
	return "newer than " + version + " (since " + v.Since + ")"
}

// wouldBe is what the result is when it is judged.
func wouldBe(r *Result) string {
	switch r.Outcome {
	case Failed, Known, Skipped:
		return r.Why
	case Answered:
		return "an answer to an open question"
	default:
		return "passes"
	}
}

// Newer returns the results of the vectors that are newer than the version by which
// the validator was judged, in their order.
func (run *Run) Newer() []*Result {
	var newer []*Result
	for _, r := range run.Results {
		if r.Newer != "" {
			newer = append(newer, r)
		}
	}
	return newer
}
