package report

import (
	"fmt"
	"slices"
	"strings"

	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// shownInMarkdown is how many failures report.md lists: a summary of a CI job
// may have one megabyte, and few people read so far.
const shownInMarkdown = 50

// Markdown returns the report for the summary of a CI job: what came of it, the
// causes, the failures (false accepts first) and the answers to questions.
func (r *Report) Markdown() string {
	var m markdown
	m.line("## %s: %s", r.headline(), r.Validator.label())
	m.line("")
	m.line("%s", r.Summary())
	for _, kind := range worstFirst {
		if r.failing(kind) > 0 {
			m.line("\n**%s.**", Effect(kind))
		}
	}
	if r.Stopped != "" {
		m.line("\n**The run proves nothing:**\n")
		m.fence("", strings.Join(CleanLines(r.Stopped, 20, 300), "\n"))
	}
	r.markdownNewer(&m)
	r.markdownComparison(&m)
	for _, stale := range r.Stale {
		m.line("\n- ✗ %s", code(Clean(stale, 400)))
	}
	if len(r.Unsteady) > 0 {
		m.line("\n✗ Sent again in another order, %s. %s\n", differently(len(r.Unsteady)),
			"A verdict may depend on nothing but the request.")
		for _, change := range r.Unsteady {
			m.line("- %s: %s, then %s", code(Clean(change.ID, 200)), text(change.First), text(change.Second))
		}
	}
	if r.Deaths != "" {
		m.line("\n✗ %s", text(Clean(r.Deaths, 400)))
	}
	if r.Drawn != nil && len(r.Drawn.Failures) > 0 {
		m.line("\n✗ %s: %s.\n", DrawnWrongly(len(r.Drawn.Failures), r.Drawn.Sent), WhyDrawn)
		for _, failure := range r.Drawn.Failures[:min(len(r.Drawn.Failures), shownInMarkdown)] {
			m.line("- sent as %s: %s. %s", code(Clean(failure.ID, 200)), text(failure.Why), text(failure.Comment))
		}
		m.line("\nRepeat it: %s", code(Clean(r.Drawn.Repeat, 500)))
	}
	r.markdownCauses(&m)
	r.markdownUnexplained(&m)
	r.markdownFailures(&m)
	r.markdownFamilies(&m)
	r.markdownQuestions(&m)
	r.markdownNotApplicable(&m)
	for i, warning := range r.Warnings {
		if i == 0 {
			m.line("\n### Notes\n")
		}
		m.line("- %s", code(Clean(warning, 400)))
	}
	m.line("\n%s", text(fmt.Sprintf("sigconform %s, %s, vectors %s", r.Suite.Version, r.Date.Format("2006-01-02 15:04 MST"), r.shortDigest())))
	return m.String()
}

// failing counts the failures of a kind that are not known.
func (r *Report) failing(kind vectors.BugType) int {
	n := 0
	for _, result := range r.Results {
		if result.Outcome == string(conformance.Failed) && result.BugType == kind {
			n++
		}
	}
	return n
}

func (r *Report) headline() string {
	switch {
	case r.Status == conformance.StatusConformant && r.Counts[string(conformance.Known)] > 0:
		return "≈ only known failures"
	case r.Status == conformance.StatusConformant:
		return "✓ conformant"
	case r.Status == conformance.StatusNotConformant:
		return "✗ not conformant"
	default:
		return "✗ nothing proven"
	}
}

// label is the validator's name and version, in Markdown.
func (v Validator) label() string {
	return code(strings.TrimSpace(Clean(v.Name, 200) + " " + Clean(v.Version, 60)))
}

func (r *Report) shortDigest() string {
	return strings.TrimPrefix(r.Suite.Digest, "sha256:")[:8]
}

// Summary is the report in one line.
func (r *Report) Summary() string {
	count := func(o conformance.Outcome) int { return r.Counts[string(o)] }
	kinds := map[vectors.BugType]int{}
	for _, result := range r.Results {
		if result.Outcome == string(conformance.Failed) {
			kinds[result.BugType]++
		}
	}
	summary := passedText(count(conformance.Passed), count(conformance.Failed), count(conformance.Known), kinds)
	if n := count(conformance.Answered); n > 0 {
		summary += fmt.Sprintf(" · %s", plural(n, "open question"))
	}
	if n := count(conformance.Skipped); n > 0 {
		summary += fmt.Sprintf(" · %d skipped", n)
	}
	return summary + notApplicableText(count(conformance.NotApplicable), r.Scope)
}

func (r *Report) markdownCauses(m *markdown) {
	if len(r.Causes) == 0 {
		return
	}
	m.line("\n### Causes: %s\n", r.Explained())
	for _, cause := range r.Causes {
		known := ""
		if r.IsKnown(cause) {
			known = ", known"
		}
		m.line("- **It %s** (%s; %s%s). %s.", text(cause.Says), code(Clean(cause.Defect, 100)),
			bugName(r.Worst(cause)), known, text(capital(cause.Sureness)))
		m.line("  %s", text(cause.Hint))
		example := r.Example(cause)
		if example == nil {
			continue
		}
		for _, line := range example.Advice {
			m.line("  %s.", text(capital(line)))
		}
		if excerpt := r.By(cause, *example).excerpt(); excerpt != "" && !cause.Behaviour {
			m.line("")
			m.indented("  ", excerpt)
		}
	}
}

// excerpt shows where the strings to sign part; "" if they do not.
func (v resultView) excerpt() string {
	mine := v.Signs()
	if mine == nil || mine.Data == v.TwilioSigns.Data {
		return ""
	}
	right, yours, column := Excerpt(v.TwilioSigns.Data, mine.Data)
	label := v.Label()
	width := max(13, len(label))
	return fmt.Sprintf("%-*s %s\n%-*s %s\n%*s^", width, "Twilio signs", right, width, label, yours, width+1+column, "")
}

// markdownUnexplained writes one failure of each kind that no cause explains, with
// what is known of it.
func (r *Report) markdownUnexplained(m *markdown) {
	groups := r.Unlike()
	if len(groups) == 0 {
		return
	}
	if r.IsDiagnosis() {
		m.line("\n### Diagnosis\n")
	} else {
		m.line("\n### Without a known cause: %s\n", plural(len(r.Unexplained()), "failure"))
	}
	for _, group := range groups[:min(len(groups), mostKinds)] {
		failure := r.With(group.First)
		more := ""
		if n := len(group.Alike); n > 0 {
			more = fmt.Sprintf(", and %d more of the kind", n)
		}
		m.line("- **%s** (%s%s): %s. %s", code(failure.ID), bugName(failure.BugType), more, text(failure.Why), text(failure.Comment))
		for _, line := range failure.Advice {
			m.line("  - %s", text(capital(line)))
		}
		if excerpt := failure.excerpt(); excerpt != "" {
			m.line("")
			m.indented("  ", excerpt)
		}
	}
	if more := len(groups) - mostKinds; more > 0 {
		m.line("\n… and %d more kinds of failures", more)
	}
}

func (r *Report) markdownFailures(m *markdown) {
	var failures []Result
	for _, result := range r.Results {
		if result.Outcome == string(conformance.Failed) {
			failures = append(failures, result)
		}
	}
	if len(failures) == 0 {
		return
	}
	slices.SortStableFunc(failures, func(a, b Result) int { return rank(a) - rank(b) })
	m.line("\n### Failures\n\n| vector | | cause | sent |\n|---|---|---|---|")
	for i, failure := range failures {
		if i == shownInMarkdown {
			m.line("\n… and %d more in report.json and index.html", len(failures)-i)
			break
		}
		cause := "unknown"
		if failure.Cause != "" {
			cause = code(Clean(failure.Cause, 100))
		}
		m.line("| `%s` | %s: %s | %s | %s |", failure.ID, bugName(failure.BugType), text(failure.Why), cell(cause), cell(text(failure.Comment)))
	}
	m.line("\nRepeat one: %s", code(Clean(failures[0].Repeat, 500)))
}

func (r *Report) markdownFamilies(m *markdown) {
	m.line("\n<details><summary>Families</summary>\n\n| family | passed | failed | known | questions | skipped |\n|---|--:|--:|--:|--:|--:|")
	for _, row := range (reportPage{Report: r}).FamilyRows() {
		m.line("| %s | %d | %s | %s | %s | %s |", row.Name, row.Holds, number(row.Fails), number(row.Known), number(row.Asked), number(row.N))
	}
	m.line("\n</details>")
}

// number leaves out a zero.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (r *Report) markdownQuestions(m *markdown) {
	if len(r.Questions) == 0 {
		return
	}
	m.line("\n<details><summary>Questions (never judged)</summary>\n\n| question | its answer | recommended |\n|---|---|---|")
	for _, reply := range (reportPage{Report: r}).Asked() {
		m.line("| %s: %s | %s | %s |", text(reply.Slug), cell(text(reply.Asks)), cell(text(reply.Words)), cell(text(reply.Recommended)))
	}
	m.line("\n</details>")
}
