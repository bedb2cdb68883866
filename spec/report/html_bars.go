package report

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// This file answers: how do the bars of a page divide, and by what words and colours?

// Segments are the parts of the bar that shows all results, the worst first.
func (p reportPage) Segments() []segment {
	count := func(match func(*Result) bool) int {
		n := 0
		for i := range p.Results {
			if match(&p.Results[i]) {
				n++
			}
		}
		return n
	}
	outcome := func(o conformance.Outcome) func(*Result) bool {
		return func(r *Result) bool { return r.Outcome == string(o) }
	}
	fails := func(kind vectors.BugType) func(*Result) bool {
		return func(r *Result) bool { return r.Outcome == string(conformance.Failed) && r.BugType == kind }
	}
	failing := func(kind string) template.URL { return linkWhere("outcome", "failed", "bug", kind) }
	all := []segment{
		{Class: "accept", Label: "false accepts", Link: failing("FALSE_ACCEPT"), Count: count(fails(vectors.FalseAccept))},
		{Class: "crash", Label: "crashes", Link: failing("CRASH"), Count: count(fails(vectors.Crash))},
		{Class: "reject", Label: "false rejects", Link: failing("FALSE_REJECT"), Count: count(fails(vectors.FalseReject))},
		{Class: "malleable", Label: "malleable", Link: failing("MALLEABILITY"), Count: count(fails(vectors.Malleability))},
		{Class: "known", Label: "known failures", Link: linkWhere("outcome", "known"), Count: count(outcome(conformance.Known))},
		{Class: "passed", Label: fmt.Sprintf("of %d passed", p.judged()), Link: linkWhere("outcome", "passed"),
			Count: count(outcome(conformance.Passed))},
		{Class: "answered", Label: "open questions", Link: linkWhere("outcome", "answered"), Count: count(outcome(conformance.Answered))},
		{Class: "skipped", Label: "skipped", Link: linkWhere("outcome", "skipped"), Count: count(outcome(conformance.Skipped))},
	}
	sent := 0
	for _, s := range all {
		sent += s.Count
	}
	// What does not apply has no part in the bar.
	all = append(all, segment{Class: "not-applicable", Label: "not applicable", Link: linkWhere("outcome", "not-applicable"),
		Count: count(outcome(conformance.NotApplicable))})
	x := 0.0
	for i := range all {
		if all[i].Count == 1 {
			all[i].Label = strings.TrimSuffix(strings.Replace(all[i].Label, "crashes", "crash", 1), "s")
		}
	}
	for i := range all {
		if all[i].Class == "not-applicable" {
			continue
		}
		all[i].X, all[i].Width = x, percent(all[i].Count, sent)
		x += all[i].Width
	}
	return all
}

// judged is how many vectors passed or failed: of these the passed ones are counted
// everywhere.
func (p reportPage) judged() int {
	n := 0
	for _, outcome := range []conformance.Outcome{conformance.Passed, conformance.Failed, conformance.Known} {
		n += p.Counts[string(outcome)]
	}
	return n
}

// segment is a part of a bar, in percent of its width.
type segment struct {
	Class, Label string
	Link         template.URL // to its results
	Count        int
	X, Width     float64
}

func percent(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(n) / float64(of)
}

// familyRow is a family with its results by outcome.
type familyRow struct {
	Name, Title                   string
	Holds, Fails, Known, Asked, N int // Asked are open questions; N were skipped
	Judged                        int
	kinds                         map[vectors.BugType]int // failures
}

// Words are the numbers of the row beside those that passed.
func (f familyRow) Words() string {
	var words []string
	for _, part := range []struct {
		n    int
		what string
	}{{f.Fails, "failed"}, {f.Known, "known"}, {f.Asked, "open questions"}, {f.N, "skipped"}} {
		if part.n > 0 {
			if part.n == 1 {
				part.what = strings.TrimSuffix(part.what, "s")
			}
			words = append(words, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return strings.Join(words, " · ")
}

// FamilyRows are the families in their order, without those that do not apply.
func (p reportPage) FamilyRows() []*familyRow {
	var rows []*familyRow
	for _, r := range p.Results {
		name := r.Family()
		if len(rows) == 0 || rows[len(rows)-1].Name != name {
			rows = append(rows, &familyRow{Name: name, Title: p.Families[name].Title, kinds: map[vectors.BugType]int{}})
		}
		row := rows[len(rows)-1]
		switch conformance.Outcome(r.Outcome) {
		case conformance.Passed:
			row.Holds++
		case conformance.Failed:
			row.Fails++
			row.kinds[r.BugType]++
		case conformance.Known:
			row.Known++
		case conformance.Answered:
			row.Asked++
		case conformance.Skipped:
			row.N++
		}
		row.Judged = row.Holds + row.Fails + row.Known
	}
	return slices.DeleteFunc(rows, func(row *familyRow) bool { return row.Judged+row.Asked+row.N == 0 })
}

// Bars are the parts of the row's bar, in the colours of the summary.
func (f familyRow) Bars() []segment {
	bars := []segment{{Class: "passed", Count: f.Holds}}
	for _, kind := range worstFirst {
		bars = append(bars, segment{Class: tone(kind), Count: f.kinds[kind]})
	}
	bars = append(bars, segment{Class: "known", Count: f.Known})
	x := 0.0
	for i := range bars {
		bars[i].X, bars[i].Width = x, percent(bars[i].Count, f.Judged)
		x += bars[i].Width
	}
	return slices.DeleteFunc(bars, func(s segment) bool { return s.Count == 0 })
}
