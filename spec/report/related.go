package report

import (
	"fmt"
	"slices"
	"strings"

	"sigconform/reference/diagnosis"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// This file answers: which results, causes and families of a report belong together?

// Family is the family of the result's vector.
func (r Result) Family() string {
	family, _, _ := strings.Cut(r.ID, "/")
	return family
}

// Failed reports whether the answer was not the expected one, known or not.
func (r Result) Failed() bool {
	return r.Outcome == string(conformance.Failed) || r.Outcome == string(conformance.Known)
}

// Often is what often goes wrong where a vector fails as this one does.
func (r *Report) Often(result Result) []string {
	var effects []string
	for _, flag := range result.Flags {
		if note := r.Families[result.Family()].Notes[flag]; note.BugType == result.BugType {
			effects = append(effects, flag+": "+note.Effect)
		}
	}
	return effects
}

// Departs reports whether another answer to the question is recommended.
func (r Reply) Departs() bool {
	return r.Recommended != "" && r.Words != r.Recommended && len(r.Other) == 0
}

// result returns the result with the id; nil if there is none.
func (r *Report) result(id string) *Result {
	i := slices.IndexFunc(r.Results, func(result Result) bool { return result.ID == id })
	if i < 0 {
		return nil
	}
	return &r.Results[i]
}

// Example is the failure by which a cause is shown: the first that is not known.
func (r *Report) Example(c Cause) *Result {
	var example *Result
	for _, id := range c.Explains {
		if found := r.result(id); found != nil {
			if found.Outcome == string(conformance.Failed) {
				return found
			}
			if example == nil {
				example = found
			}
		}
	}
	return example
}

// Worst is the bug type of the worst failure that the cause explains.
func (r *Report) Worst(c Cause) vectors.BugType {
	if example := r.Example(c); example != nil {
		return example.BugType
	}
	return ""
}

// Others are the other failures of a cause, by their ids.
func (r *Report) Others(c Cause) []string {
	example := r.Example(c)
	return slices.DeleteFunc(slices.Clone(c.Explains), func(id string) bool { return example != nil && id == example.ID })
}

// IsKnown reports whether all failures of the cause are known ones.
func (r *Report) IsKnown(c Cause) bool {
	example := r.Example(c)
	return example != nil && example.Outcome == string(conformance.Known)
}

// Unexplained are the failures without a cause, known ones last.
func (r *Report) Unexplained() []Result {
	var found []Result
	for _, result := range r.Results {
		if result.Failed() && result.Cause == "" {
			found = append(found, result)
		}
	}
	slices.SortStableFunc(found, func(a, b Result) int { return rank(a) - rank(b) })
	return found
}

// IsDiagnosis reports whether the report is of an endpoint that cannot be tested: its
// only failure says why.
func (r *Report) IsDiagnosis() bool {
	return len(r.Results) == 1 && r.Results[0].ID == "endpoint/calibration" && r.Results[0].Failed()
}

// alike are failures without a cause that point to the same mistake, as far as what
// the validator said tells, or the flags of the vectors.
type alike struct {
	First Result
	Alike []string // the ids of the others
}

// isAlike reports whether two failures without a cause point to the same mistake.
func isAlike(a, b Result) bool {
	switch {
	case a.BugType != b.BugType || a.Outcome != b.Outcome || a.Verdict != b.Verdict:
		return false
	case a.BugType == vectors.Crash && a.Detail != "":
		return saying(a.Detail) == saying(b.Detail)
	default:
		return a.Family() == b.Family() && len(a.Flags) > 0 && len(b.Flags) > 0 && a.Flags[0] == b.Flags[0]
	}
}

// Unlike are the failures without a cause, grouped.
func (r *Report) Unlike() []*alike {
	var groups []*alike
	for _, result := range r.Unexplained() {
		i := slices.IndexFunc(groups, func(g *alike) bool { return isAlike(g.First, result) })
		if i < 0 {
			groups = append(groups, &alike{First: result})
		} else {
			groups[i].Alike = append(groups[i].Alike, result.ID)
		}
	}
	return groups
}

// rank orders failures: unknown before known, the worst bug first.
func rank(r Result) int {
	rank := slices.Index(worstFirst, r.BugType)
	if r.Outcome == string(conformance.Known) {
		rank += 10
	}
	return rank
}

// With returns a result with the report that it is part of, and the cause that
// explains it.
func (r *Report) With(result Result) resultView {
	return resultView{r, result, r.cause(result.Cause)}
}

// By returns a result as one of the causes that explain it has it.
func (r *Report) By(c Cause, result Result) resultView { return resultView{r, result, &c} }

// resultView is a result with what else the report knows of it.
type resultView struct {
	Report *Report
	Result
	by *Cause // nil if no cause explains it
}

// Signs is what the validator signs: as it says, or as the cause has it; nil if
// neither is known.
func (v resultView) Signs() *Bytes {
	switch {
	case v.ValidatorSigns != nil:
		return v.ValidatorSigns
	case v.by != nil && v.by.Signs != nil && len(v.by.Explains) > 0 && v.by.Explains[0] == v.ID:
		return v.by.Signs
	case v.by != nil && v.by.Defect != v.Cause:
		return nil
	default:
		return v.LikelySigns
	}
}

// Label heads what the validator signs: it says so itself, or probes confirmed it,
// or it is inferred.
func (v resultView) Label() string {
	if v.ValidatorSigns != nil || v.by != nil && v.by.State == string(diagnosis.Confirmed) {
		return signsSurely
	}
	return signsProbably
}

// How what the validator signs is headed.
const (
	signsSurely   = "yours signs"
	signsProbably = "yours probably signs"
)

// BugReport is the failure as a bug report in Markdown.
func (v resultView) BugReport() string { return v.Report.bugReport(v) }

// cause is the cause with the key of that defect; nil if there is none.
func (r *Report) cause(key string) *Cause {
	i := slices.IndexFunc(r.Causes, func(c Cause) bool { return c.Defect == key })
	if key == "" || i < 0 {
		return nil
	}
	return &r.Causes[i]
}

// Explained says how many failures, known ones too, the causes explain of all.
func (r *Report) Explained() string {
	failing, explained := 0, 0
	for _, result := range r.Results {
		if result.Failed() {
			failing++
			if result.Cause != "" {
				explained++
			}
		}
	}
	return explainedText(len(r.Causes), explained, failing)
}

// explainedText says how many failures so many mistakes explain of all.
func explainedText(mistakes, explained, failing int) string {
	if mistakes == 1 {
		return fmt.Sprintf("1 mistake explains %d of %s", explained, plural(failing, "failure"))
	}
	return fmt.Sprintf("%d mistakes explain %d of %s", mistakes, explained, plural(failing, "failure"))
}
