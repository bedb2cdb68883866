package report

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"sigconform/spec/conformance"
)

// Comparison says what changed since an earlier report. All are ids of vectors,
// or slugs of questions, in order.
type Comparison struct {
	NewlyFailing []string // held, or were not there, and fail now
	Mended       []string // failed, and hold now
	StillFailing []string
	Answers      []string // questions that are answered otherwise
	Unasked      []string // failed, and were not judged this time
	OtherVectors bool     // the earlier report was made with another set of vectors
}

// Compare compares a report with an earlier one of the same validator. Known
// failures are failures here.
func Compare(before, now *Report) Comparison {
	c := Comparison{OtherVectors: before.Suite.Digest != now.Suite.Digest}
	earlier := map[string]string{}
	for _, r := range before.Results {
		earlier[r.ID] = r.Outcome
	}
	seen := map[string]bool{}
	for _, r := range now.Results {
		seen[r.ID] = true
		failed, fails := isFailure(earlier[r.ID]), isFailure(r.Outcome)
		switch {
		case fails && failed:
			c.StillFailing = append(c.StillFailing, r.ID)
		case fails:
			c.NewlyFailing = append(c.NewlyFailing, r.ID)
		case failed && r.Outcome == string(conformance.Holds):
			c.Mended = append(c.Mended, r.ID)
		case failed:
			c.Unasked = append(c.Unasked, r.ID)
		}
	}
	for _, r := range before.Results {
		if isFailure(r.Outcome) && !seen[r.ID] {
			c.Unasked = append(c.Unasked, r.ID)
		}
	}
	for _, question := range slices.Sorted(maps.Keys(now.Questions)) {
		if was, asked := before.Questions[question]; asked && was.Words != now.Questions[question].Words {
			c.Answers = append(c.Answers, fmt.Sprintf("%s (%s, was %s)", question, now.Questions[question].Words, was.Words))
		}
	}
	return c
}

func isFailure(outcome string) bool {
	return outcome == string(conformance.Fails) || outcome == string(conformance.Known)
}

// Write writes the comparison with the report of that name.
func (c Comparison) Write(out io.Writer, name string) {
	fmt.Fprintf(out, "compared with %s: %d newly failing, %d mended, %d still failing\n", Clean(name, 200), len(c.NewlyFailing), len(c.Mended), len(c.StillFailing))
	if c.OtherVectors {
		fmt.Fprintf(out, "  that report was made with other vectors: some of this may be the vectors' doing, and not the validator's\n")
	}
	for _, part := range []struct {
		label string
		items []string
	}{{"newly failing", c.NewlyFailing}, {"mended", c.Mended}, {"not judged this time", c.Unasked}, {"answered otherwise", c.Answers}} {
		if len(part.items) == 0 {
			continue
		}
		fmt.Fprintf(out, "  %s\n", part.label)
		for _, line := range wrap(part.items, ", ", 110) {
			fmt.Fprintf(out, "    %s\n", Clean(line, 400))
		}
	}
}
