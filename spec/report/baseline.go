package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"sigconform/spec/conformance"
)

// Comparison says what changed since an earlier report.
type Comparison struct {
	Baseline     string    `json:"baseline"`               // how the earlier report was named
	NewlyFailing []Changed `json:"newlyFailing,omitempty"` // passed, or were not there, and fail now
	Fixed        []Changed `json:"fixed,omitempty"`        // failed, and pass now
	StillFailing []string  `json:"stillFailing,omitempty"`
	Answers      []string  `json:"answers,omitempty"`      // questions that are answered otherwise, in words
	Skipped      []string  `json:"skipped,omitempty"`      // failed, and were skipped or not selected this time
	OtherVectors bool      `json:"otherVectors,omitempty"` // the earlier report was made with another set of vectors
}

// Changed are vectors that fail, or failed, for one cause: that of the report in
// which they fail.
type Changed struct {
	Cause string   `json:"cause,omitempty"` // the defect; "" if the failures are unexplained
	Says  string   `json:"says,omitempty"`  // completes "The validator …"
	IDs   []string `json:"ids"`
}

// Compare compares a report with an earlier one of the same validator, which is
// called so. Known failures are failures here.
func Compare(name string, before, now *Report) *Comparison {
	c := &Comparison{Baseline: valid(name), OtherVectors: before.Suite.Digest != now.Suite.Digest}
	earlier := map[string]Result{}
	for _, r := range before.Results {
		earlier[r.ID] = r
	}
	seen := map[string]bool{}
	for _, r := range now.Results {
		seen[r.ID] = true
		failed, fails := isFailure(earlier[r.ID].Outcome), isFailure(r.Outcome)
		switch {
		case fails && failed:
			c.StillFailing = append(c.StillFailing, r.ID)
		case fails:
			c.NewlyFailing = add(c.NewlyFailing, now, r)
		case failed && r.Outcome == string(conformance.Passed):
			c.Fixed = add(c.Fixed, before, earlier[r.ID])
		case failed:
			c.Skipped = append(c.Skipped, r.ID)
		}
	}
	for _, r := range before.Results {
		if isFailure(r.Outcome) && !seen[r.ID] {
			c.Skipped = append(c.Skipped, r.ID)
		}
	}
	for _, question := range slices.Sorted(maps.Keys(now.Questions)) {
		if was, asked := before.Questions[question]; asked && was.Words != now.Questions[question].Words {
			c.Answers = append(c.Answers, fmt.Sprintf("%s (%s, was %s)", question, now.Questions[question].Words, was.Words))
		}
	}
	return c
}

// add puts a failure with the others of its cause.
func add(all []Changed, in *Report, failure Result) []Changed {
	i := slices.IndexFunc(all, func(c Changed) bool { return c.Cause == failure.Cause })
	if i < 0 {
		changed := Changed{Cause: failure.Cause}
		if cause := in.cause(failure.Cause); cause != nil {
			changed.Says = cause.Says
		}
		i, all = len(all), append(all, changed)
	}
	all[i].IDs = append(all[i].IDs, failure.ID)
	return all
}

func vectorsOf(all []Changed) (ids []string) {
	for _, changed := range all {
		ids = append(ids, changed.IDs...)
	}
	return ids
}

// why is what the vectors have in common: their cause.
func (c Changed) why() string {
	if c.Says == "" {
		return "unexplained"
	}
	return fmt.Sprintf("it %s (%s)", c.Says, c.Cause)
}

func isFailure(outcome string) bool {
	return outcome == string(conformance.Failed) || outcome == string(conformance.Known)
}

// otherVectors warns where the vectors themselves may have changed.
const otherVectors = "that report was made with other vectors: some differences may come from the vectors, not from the validator"

func (c *Comparison) counts() string {
	return fmt.Sprintf("%d newly failing, %d fixed, %d still failing",
		len(vectorsOf(c.NewlyFailing)), len(vectorsOf(c.Fixed)), len(c.StillFailing))
}

// Write writes the comparison for the terminal.
func (c *Comparison) Write(out io.Writer) {
	fmt.Fprintf(out, "compared with %s: %s\n", Clean(c.Baseline, 200), c.counts())
	if c.OtherVectors {
		fmt.Fprintf(out, "  %s\n", otherVectors)
	}
	list := func(label string, items []string) {
		if len(items) == 0 {
			return
		}
		fmt.Fprintf(out, "  %s\n", Clean(label, 300))
		for _, line := range wrap(items, ", ", 110) {
			fmt.Fprintf(out, "    %s\n", Clean(line, 400))
		}
	}
	for _, changed := range c.NewlyFailing {
		list("newly failing: "+changed.why(), changed.IDs)
	}
	for _, changed := range c.Fixed {
		list("fixed: "+changed.why(), changed.IDs)
	}
	list("skipped this time", c.Skipped)
	list("answered otherwise", c.Answers)
}

// markdownComparison writes what changed, which in a pull request is what matters.
func (r *Report) markdownComparison(m *markdown) {
	c := r.Comparison
	if c == nil {
		return
	}
	m.line("\n### Changes since %s\n\n%s.", code(Clean(c.Baseline, 200)), capital(c.counts()))
	if c.OtherVectors {
		m.line("%s.", text(capital(otherVectors)))
	}
	m.line("")
	list := func(label string, ids []string) {
		var shown []string
		for _, id := range ids[:min(len(ids), shownIDs)] {
			shown = append(shown, code(Clean(id, 200)))
		}
		if over := len(ids) - len(shown); over > 0 {
			shown = append(shown, fmt.Sprintf("… and %d more", over))
		}
		m.line("- %s: %s", label, strings.Join(shown, ", "))
	}
	for _, part := range []struct {
		mark, label string
		all         []Changed
	}{{"✗", "newly failing", c.NewlyFailing}, {"✓", "fixed", c.Fixed}} {
		for _, changed := range part.all {
			list(fmt.Sprintf("%s **%s**, %s, %s", part.mark, part.label, plural(len(changed.IDs), "vector"), text(changed.why())), changed.IDs)
		}
	}
	if len(c.Skipped) > 0 {
		list("skipped this time", c.Skipped)
	}
	for _, answer := range c.Answers {
		m.line("- answered otherwise: %s", text(answer))
	}
}
