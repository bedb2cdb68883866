package report

import (
	"encoding/json"
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
	if r.Stopped != "" {
		m.line("\n**The run says nothing about the validator:**\n")
		m.fence("", strings.Join(CleanLines(r.Stopped, 20, 300), "\n"))
	}
	for _, stale := range r.Stale {
		m.line("\n- ✗ %s", code(Clean(stale, 400)))
	}
	if len(r.Unsteady) > 0 {
		m.line("\n✗ Asked again in another order, %d vectors were answered differently. A verdict may depend on nothing but the request.\n", len(r.Unsteady))
		for _, change := range r.Unsteady {
			m.line("- `%s`: %s, then %s", change.ID, change.First, change.Second)
		}
	}
	r.markdownCauses(&m)
	r.markdownFailures(&m)
	r.markdownFamilies(&m)
	r.markdownQuestions(&m)
	for i, warning := range r.Warnings {
		if i == 0 {
			m.line("\n### Notes\n")
		}
		m.line("- %s", code(Clean(warning, 400)))
	}
	m.line("\n%s", text(fmt.Sprintf("sigconform %s, %s, vectors %s", r.Suite.Version, r.Date.Format("2006-01-02 15:04 MST"), r.shortDigest())))
	return m.String()
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
	holds, fails, known := count(conformance.Holds), count(conformance.Fails), count(conformance.Known)
	summary := fmt.Sprintf("%d of %d hold", holds, holds+fails+known)
	kinds := map[vectors.BugType]int{}
	for _, result := range r.Results {
		if result.Outcome == string(conformance.Fails) {
			kinds[result.BugType]++
		}
	}
	if fails > 0 {
		var parts []string
		for _, kind := range worstFirst {
			if n := kinds[kind]; n > 0 {
				parts = append(parts, plural(n, bugName(kind)))
			}
		}
		summary += fmt.Sprintf(", %d fail (%s)", fails, strings.Join(parts, ", "))
	}
	if known > 0 {
		summary += ", " + plural(known, "known failure")
	}
	if n := count(conformance.Answered); n > 0 {
		summary += fmt.Sprintf(" · %d asked as questions", n)
	}
	if n := count(conformance.Unjudged); n > 0 {
		summary += fmt.Sprintf(" · %d not judged", n)
	}
	return summary
}

// worstFirst is the order of bug types everywhere.
var worstFirst = []vectors.BugType{vectors.FalseAccept, vectors.Crash, vectors.FalseReject, vectors.Malleability}

// plural is a number and its noun.
func plural(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "sh"):
		return fmt.Sprintf("%d %ses", n, what)
	case strings.HasSuffix(what, "ty"):
		return fmt.Sprintf("%d %s", n, what)
	default:
		return fmt.Sprintf("%d %ss", n, what)
	}
}

func (r *Report) markdownCauses(m *markdown) {
	if len(r.Causes) == 0 {
		return
	}
	m.line("\n### Causes\n")
	for _, cause := range r.Causes {
		known := ""
		if r.IsKnown(cause) {
			known = ", known"
		}
		m.line("- **It %s** (`%s`; %s%s). %s.", text(cause.Says), cause.Defect, bugName(r.Worst(cause)), known, text(capital(cause.Sureness)))
		m.line("  %s", text(cause.Hint))
		if example := r.Example(cause); example != nil && !cause.Behaviour {
			if mine := example.Signs(); mine != nil && mine.Data != example.TwilioSigns.Data {
				m.line("")
				m.indented("  ", excerptOf(example))
			}
		}
	}
}

// excerptOf shows where the strings to sign part.
func excerptOf(r *Result) string {
	right, yours, column := Excerpt(r.TwilioSigns.Data, r.Signs().Data)
	return fmt.Sprintf("Twilio signs  %s\nyours signs   %s\n              %s^", right, yours, strings.Repeat(" ", column))
}

func (r *Report) markdownFailures(m *markdown) {
	var failures []Result
	for _, result := range r.Results {
		if result.Outcome == string(conformance.Fails) {
			failures = append(failures, result)
		}
	}
	if len(failures) == 0 {
		return
	}
	slices.SortStableFunc(failures, func(a, b Result) int { return rank(a) - rank(b) })
	m.line("\n### Failures\n\n| vector | | cause | asked |\n|---|---|---|---|")
	for i, failure := range failures {
		if i == shownInMarkdown {
			m.line("\n… and %d more in report.json and index.html", len(failures)-i)
			break
		}
		cause := "unexplained"
		if failure.Cause != "" {
			cause = code(failure.Cause)
		}
		m.line("| `%s` | %s: %s | %s | %s |", failure.ID, bugName(failure.BugType), text(failure.Why), cell(cause), cell(text(failure.Comment)))
	}
	m.line("\nRepeat one: %s", code(Clean(failures[0].Repeat, 500)))
}

func (r *Report) markdownFamilies(m *markdown) {
	m.line("\n<details><summary>Families</summary>\n\n| family | hold | fail | known | questions | not judged |\n|---|--:|--:|--:|--:|--:|")
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

// BugReport returns a failure as Markdown to be pasted into the issue tracker
// of the validator's project: what it did, why that is wrong, the request, the
// bytes, and how it is repeated.
func (r *Report) BugReport(failure *Result) string {
	var m markdown
	title := failure.Comment
	if cause := r.cause(failure.Cause); cause != nil {
		title = "The validator " + cause.Says
	}
	m.line("### %s\n", text(title))
	m.line("%s %s: X-Twilio-Signature validation %s (%s).", r.Validator.label(), text(failure.Why), "of `"+failure.ID+"`", bugName(failure.BugType))
	m.line("")
	for _, rule := range failure.Rules {
		m.line("- Rule `%s`: %s (%s, %s)", rule, text(r.Rules[rule].Says), text(r.Rules[rule].Source.Kind), text(r.Rules[rule].Source.Ref))
	}
	m.line("- Vector `%s`: %s (%s, %s)", failure.ID, text(failure.Comment), failure.Source.Kind, text(failure.Source.Ref))
	for _, often := range r.Often(*failure) {
		m.line("- Often %s", text(often))
	}
	m.line("\nRequest:\n")
	request, _ := json.MarshalIndent(failure.Request, "", "  ")
	m.fence("json", string(request))
	m.line("")
	if mine := failure.Signs(); mine != nil && mine.Data != failure.TwilioSigns.Data {
		m.fence("", excerptOf(failure))
	} else {
		m.fence("", "Twilio signs  "+Clean(failure.TwilioSigns.Data, 400))
	}
	if failure.NotCovered {
		m.line("\nThe signature does not cover the body.")
	}
	if failure.Detail != "" {
		m.line("\nIt said:\n")
		m.fence("", strings.Join(CleanLines(failure.Detail, 20, 300), "\n"))
	}
	if cause := r.cause(failure.Cause); cause != nil {
		m.line("\nLikely cause: it %s (`%s`; %s). %s", text(cause.Says), cause.Defect, text(cause.Sureness), text(cause.Hint))
	}
	m.line("\nRepeat with sigconform %s:\n", text(r.Suite.Version))
	m.fence("sh", Clean(failure.Repeat, 2000))
	return m.String()
}

func (r *Report) cause(key string) *Cause {
	i := slices.IndexFunc(r.Causes, func(c Cause) bool { return c.Defect == key })
	if key == "" || i < 0 {
		return nil
	}
	return &r.Causes[i]
}

// markdown is a text in the making.
type markdown struct{ strings.Builder }

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

// fence writes text as it is, whatever backticks it has.
func (m *markdown) fence(language, text string) {
	fence := strings.Repeat("`", max(3, longestRun(text)+1))
	m.line("%s%s\n%s\n%s", fence, language, text, fence)
}

// indented is fence within a list.
func (m *markdown) indented(indent, text string) {
	var inner markdown
	inner.fence("", text)
	for _, line := range strings.Split(strings.TrimSuffix(inner.String(), "\n"), "\n") {
		m.line("%s%s", indent, line)
	}
}

// code returns text, which has no line feeds, as a code span.
func code(s string) string {
	tick := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return tick + s + tick
}

// text returns plain text that means nothing in Markdown or HTML, on one line.
func text(s string) string {
	var out strings.Builder
	for _, char := range Clean(s, 2000) {
		if strings.ContainsRune("\\`*_[]<>|~&", char) {
			out.WriteByte('\\')
		}
		out.WriteRune(char)
	}
	return out.String()
}

// cell makes a code span fit for a table, where a bar ends a cell even in one.
func cell(s string) string {
	if strings.HasPrefix(s, "`") {
		return strings.ReplaceAll(s, "|", "\\|")
	}
	return s
}

func longestRun(s string) int {
	longest, run := 0, 0
	for _, char := range s {
		if char == '`' {
			run++
		} else {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

func capital(s string) string {
	return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):]
}
