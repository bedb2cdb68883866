package report

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// This file answers: what does the page of a report show, in which order, and how
// much of it?

// reportPage is what the template of a report is given.
type reportPage struct {
	page
	*Report
	Details map[string]bool // the vectors that are shown with everything, by their ids
}

// mostDetails is how many failures a page shows with everything, and mostIDs how
// many ids a list has, and how many kinds of unexplained failures: the page of a
// thousand failures is to have less than 500 KB, whatever fails.
const (
	mostDetails = 25
	mostIDs     = 100
	mostKinds   = 15
)

// detailed chooses the failures that a page shows with everything: the examples of
// the causes, which are linked, then the worst.
func detailed(r *Report) map[string]bool {
	details := map[string]bool{}
	add := func(id string) {
		if len(details) < mostDetails {
			details[id] = true
		}
	}
	for _, cause := range r.Causes {
		if example := r.Example(cause); example != nil {
			add(example.ID)
		}
	}
	var failures []Result
	for _, result := range r.Results {
		if result.Failed() {
			failures = append(failures, result)
		}
	}
	slices.SortStableFunc(failures, func(a, b Result) int { return rank(a) - rank(b) })
	for _, result := range failures {
		add(result.ID)
	}
	return details
}

// Detailed reports whether the vector is shown with everything.
func (p reportPage) Detailed(id string) bool { return p.Details[id] }

// AllDetailed reports whether all failures are.
func (p reportPage) AllDetailed() bool {
	return len(p.Details) == p.Counts[string(conformance.Failed)]+p.Counts[string(conformance.Known)]
}

func firstIDs(ids []string) []string { return ids[:min(len(ids), mostIDs)] }
func moreIDs(ids []string) int       { return max(0, len(ids)-mostIDs) }

// askedQuestion is a question with the validator's answer.
type askedQuestion struct {
	Slug string
	Reply
}

// Asked are the questions: first those to which another answer is recommended.
func (p reportPage) Asked() []askedQuestion {
	var asked, others []askedQuestion
	for _, slug := range slices.Sorted(maps.Keys(p.Questions)) {
		question := askedQuestion{slug, p.Questions[slug]}
		if question.Departs() {
			asked = append(asked, question)
		} else {
			others = append(others, question)
		}
	}
	return append(asked, others...)
}

// effect is what the failures of a kind do to an application.
type effect struct {
	Kind vectors.BugType
	Says string
}

// Effects are those of the failures, the worst first.
func (p reportPage) Effects() []effect {
	var effects []effect
	for _, kind := range worstFirst {
		if p.failing(kind) > 0 {
			effects = append(effects, effect{kind, Effect(kind)})
		}
	}
	return effects
}

// FirstKinds are the kinds of unexplained failures that a page shows, and MoreKinds
// how many there are beside them.
func (p reportPage) FirstKinds() []*alike { all := p.Unlike(); return all[:min(len(all), mostKinds)] }
func (p reportPage) MoreKinds() int       { return max(0, len(p.Unlike())-mostKinds) }

// CauseLink links to the cause of that defect on the page of the report.
func (r *Report) CauseLink(defect string) template.URL {
	i := slices.IndexFunc(r.Causes, func(c Cause) bool { return c.Defect == defect })
	if i < 0 {
		return "#causes"
	}
	return template.URL(fmt.Sprintf("#cause-%d", i))
}

// SearchText is what a search looks through beside the id and the comment.
func (r Result) SearchText() string {
	words := []string{
		r.Verdict, r.Outcome, string(r.BugType), r.Cause, r.Question, r.Answer, r.Source.Kind, r.Source.Ref, r.Request.URL.Data,
	}
	return strings.Join(slices.Concat(words, r.Rules, r.Flags), " ")
}
