package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// This file and failures.go write what a person reads where the command was run.
// The rules are: what a bug does to an application comes before how it works; a
// list is cut unless everything is asked for; what is inferred is called probable;
// the last line says it all, and can be pasted.

// How much is shown unless everything is: items of a list, causes and kinds of
// unexplained failures, questions, reasons.
const (
	shownIDs       = 8
	shownFailures  = 12
	shownQuestions = 5
	shownReasons   = 6
)

// Terminal writes the report that a person reads where he ran the command.
type Terminal struct {
	Out    io.Writer
	Color  bool
	Target string                 // which validator was tested
	Repeat func(id string) string // the command that sends one vector again
	// RepeatAll is the command that repeats the whole run, with its seed.
	RepeatAll string
	Report    string            // the page that the report is written to; "" if there is none
	All       bool              // cut no list
	Book      *vectors.Rulebook // what the rules say
	AsOf      string            // the version of the vectors that was judged; "" if all were
}

// Write writes the report of a run: families, failures with the bytes, answers
// to questions, warnings, and a line that says it all.
func (t *Terminal) Write(run *conformance.Run) {
	apply := len(run.Results) - run.Count(conformance.NotApplicable)
	t.line("sigconform: %s against %s\n", plural(apply, "vector"), Clean(t.Target, 200))
	if run.Stopped != nil && !anyVerdict(run) {
		t.stopped(run)
		if t.Report != "" {
			t.line("report in %s", t.Report)
		}
		return
	}
	t.families(run)
	t.effects(run)
	t.causes(run)
	t.failures(run)
	t.drawn(run)
	t.known(run)
	t.listed(run)
	t.reasons(run)
	t.questions(run)
	t.skipped(run)
	t.notApplicable(run)
	t.newer(run)
	t.warnings(run)
	t.summary(run)
}

// families writes one line for each family: how many of its vectors passed. A
// column that would be empty is left out, and so is a family that does not apply.
func (t *Terminal) families(run *conformance.Run) {
	others := []struct {
		outcome    conformance.Outcome
		mark, head string
		style      func(string) string
	}{
		{conformance.Failed, "✗", "failed", t.red}, {conformance.Known, "≈", "known failure", nil},
		{conformance.Answered, "?", "open question", t.dim}, {conformance.Skipped, "-", "skipped", t.dim},
	}
	head, styles := []string{"", " passed"}, []func(string) string{nil, nil}
	for _, o := range others {
		if run.Count(o.outcome) > 0 {
			head, styles = append(head, o.mark+" "+o.head), append(styles, o.style)
		}
	}
	rows := [][]string{head}
	for start := 0; start < len(run.Results); {
		family, end := run.Results[start].Vector.Family, start
		count := map[conformance.Outcome]int{}
		for ; end < len(run.Results) && run.Results[end].Vector.Family == family; end++ {
			count[run.Results[end].Outcome]++
		}
		if count[conformance.NotApplicable] == end-start {
			start = end
			continue
		}
		start = end
		judged := count[conformance.Passed] + count[conformance.Failed] + count[conformance.Known]
		row := []string{family.Name, fmt.Sprintf("%4d / %-4d", count[conformance.Passed], judged)}
		for _, o := range others {
			if run.Count(o.outcome) == 0 {
				continue
			}
			text := ""
			if n := count[o.outcome]; n > 0 {
				text = fmt.Sprintf("%s %d", o.mark, n)
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	for i, line := range strings.Split(strings.TrimSuffix(styledColumns(rows, styles), "\n"), "\n") {
		if i == 0 {
			line = t.dim(line)
		}
		t.line("  %s", line)
	}
	t.line("")
}

// effects says, before any detail, what the failures do to an application.
func (t *Terminal) effects(run *conformance.Run) {
	kinds := kindsOf(run)
	for _, kind := range worstFirst {
		if n := kinds[kind]; n > 0 {
			t.line("%s %s  (%s)", t.red("✗"), t.bold(Effect(kind)+"."), plural(n, "failure"))
		}
	}
	if len(kinds) > 0 {
		t.line("")
	}
}

// kindsOf counts the failures that are not known by their bug type.
func kindsOf(run *conformance.Run) map[vectors.BugType]int {
	kinds := map[vectors.BugType]int{}
	for _, r := range run.Results {
		if r.Outcome == conformance.Failed {
			kinds[r.Kind]++
		}
	}
	return kinds
}

// listed writes what passed and is worth knowing all the same; errors by what
// the validator said.
func (t *Terminal) listed(run *conformance.Run) {
	byKind := map[vectors.BugType][]*conformance.Result{}
	for _, r := range run.Results {
		if r.Outcome == conformance.Passed && r.Kind != "" {
			byKind[r.Kind] = append(byKind[r.Kind], r)
		}
	}
	explain := map[vectors.BugType]string{
		vectors.Crash:        "ended in an error where a rejection was due: an endpoint would answer 500 instead of 403",
		vectors.Malleability: "accepted another spelling of a right signature",
	}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		t.line("%s: %s passed, but the validator %s. They fail with --strict", t.bold(string(kind)),
			plural(len(byKind[kind]), "vector"), explain[kind])
		for i, group := range bySaying(byKind[kind]) {
			if i == shownReasons && !t.All {
				t.line("    … and other errors (--all)")
				break
			}
			if said := group[0].Answer.Detail; said != "" {
				t.line("    %d × %s", len(group), Clean(said, 120))
			}
			t.wrapped(t.cut(ids(group)))
		}
	}
}

// bySaying groups results by what the validator said, the largest group first.
func bySaying(results []*conformance.Result) [][]*conformance.Result {
	var groups [][]*conformance.Result
	for _, r := range results {
		i := slices.IndexFunc(groups, func(g []*conformance.Result) bool { return saying(g[0].Answer.Detail) == saying(r.Answer.Detail) })
		if i < 0 {
			groups = append(groups, []*conformance.Result{r})
		} else {
			groups[i] = append(groups[i], r)
		}
	}
	slices.SortStableFunc(groups, func(a, b []*conformance.Result) int { return cmp.Compare(len(b), len(a)) })
	return groups
}

// saying is the first line of what the validator said, without the numbers and
// quoted texts in it, which differ from request to request.
func saying(detail string) string {
	first, _, _ := strings.Cut(detail, "\n")
	var out strings.Builder
	quote := rune(0)
	for _, c := range first[:min(len(first), 300)] {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
			out.WriteRune('"')
		case c >= '0' && c <= '9':
			out.WriteRune('0')
		default:
			out.WriteRune(c)
		}
	}
	return strings.ReplaceAll(out.String(), "00", "0")
}

// known counts the known failures by their cause.
func (t *Terminal) known(run *conformance.Run) {
	if run.Count(conformance.Known) == 0 || run.Diagnosis == nil {
		return
	}
	t.line("%s", t.bold("known failures")+" by cause")
	for _, cause := range run.Diagnosis.Causes {
		if n := len(cause.Explains); !slices.ContainsFunc(cause.Explains, isFresh) {
			t.line("    %4d  it %s (%s)", n, cause.Defect.Says(), cause.Defect.Key())
		}
	}
	if n := len(run.Diagnosis.Unexplained); n > 0 {
		t.line("    %4d  unexplained", n)
	}
}

// questions writes the validator's answers to what the docs leave open: those
// that are not the recommended ones with the reason, and the others if all are
// to be shown.
func (t *Terminal) questions(run *conformance.Run) {
	var items []string
	departing := 0
	for _, reply := range run.Replies() {
		question := t.Book.Questions[reply.Question]
		answer := answerText(reply, question)
		items = append(items, reply.Question+": "+answer)
		asked := question.Recommended == "rejected" || slices.Contains(reply.Asked, question.Recommended)
		if !asked || answer == question.Recommended || len(reply.Other) > 0 {
			continue
		}
		if departing++; departing > shownQuestions && !t.All {
			continue
		}
		if departing == 1 {
			t.line("%s: the docs leave these open, and another answer is recommended", t.bold("questions"))
		}
		t.line("    %s: %s; recommended is %s", t.bold(reply.Question), answer, question.Recommended)
		for _, line := range Wrap(question.Why, 100) {
			t.line("        %s", line)
		}
	}
	if over := departing - shownQuestions; over > 0 && !t.All {
		t.line("    … and %s (--all)", plural(over, "more question"))
	}
	switch {
	case t.All && len(items) > 0:
		t.line("%s (never judged; --require question=answer makes a rule of one)", t.bold("answers to all questions"))
		t.wrappedWith(items, " · ")
	case len(items) > 0:
		t.line("%s answered, none judged (--all shows the answers, 'sigconform rules' what they mean)", plural(len(items), "question"))
	}
}

// answerText says what a reply comes to: the answers that were accepted, or
// that none was.
func answerText(reply conformance.Reply, question vectors.OpenQuestion) string {
	answer := strings.Join(reply.Accepted, " + ")
	if answer == "" {
		answer = "rejected"
		if len(question.Answers) > 1 {
			answer = "none accepted"
		}
		if question.Recommended == "rejected" {
			answer = "rejected"
		}
	}
	wasSent := func(other string) bool { return !strings.HasSuffix(other, ": skipped") }
	if len(reply.Accepted) == 0 && len(reply.Other) > 0 && !slices.ContainsFunc(reply.Other, wasSent) {
		return "not tested"
	}
	if len(reply.Other) > 0 {
		answer += " (" + strings.Join(reply.Other, ", ") + ")"
	}
	return answer
}

// skipped counts what was skipped, by the reason.
func (t *Terminal) skipped(run *conformance.Run) {
	reasons := map[string]int{}
	for _, r := range run.Results {
		if r.Outcome == conformance.Skipped && r.Newer == "" {
			why := r.Why
			if r.Answer.Verdict == reference.Unsupported && r.Answer.Detail != "" {
				why += ": " + Clean(r.Answer.Detail, 120)
			}
			reasons[why]++
		}
	}
	for i, reason := range byCount(reasons) {
		if i == shownReasons && !t.All {
			t.line("%s for %s (--all)", t.bold("skipped"), plural(len(reasons)-i, "other reason"))
			break
		}
		t.line("%s %d: %s", t.bold("skipped"), reason.Count, reason.Why)
	}
}

func (t *Terminal) warnings(run *conformance.Run) {
	if len(run.Unsteady) > 0 {
		t.line("%s %s", t.red("✗"), t.bold(Unsteadiness(run)))
		for i, change := range run.Unsteady {
			if i == shownIDs && !t.All {
				t.line("    … and %d more (--all)", len(run.Unsteady)-i)
				break
			}
			t.line("    %s: %s, then %s", change.Vector.ID, change.First, change.Second)
		}
		t.line("    A verdict may depend on nothing but the request. Two things make it change: chance (a race, a time-out, a")
		t.line("    rate limit), and what was sent before (a cached token, signature or verdict, parameters left over).")
	}
	if run.Deaths != "" {
		t.line("%s %s", t.red("✗"), t.bold(Clean(run.Deaths, 400)))
	}
	for _, stale := range run.Stale {
		t.line("%s %s", t.red("✗"), Clean(stale, 400))
	}
	for _, warning := range run.Warnings {
		t.line("note: %s", strings.Join(CleanLines(warning, 8, 300), "\n    "))
	}
}

// summary is the line that says it all.
func (t *Terminal) summary(run *conformance.Run) {
	failed := run.Count(conformance.Failed)
	text := passedText(run.Count(conformance.Passed), failed, run.Count(conformance.Known), kindsOf(run))
	if failed > 0 {
		words := fmt.Sprintf("%d failed", failed)
		text = strings.Replace(text, words, t.red(words), 1)
	}
	if n := run.Count(conformance.Answered); n > 0 {
		text += fmt.Sprintf(" · %s", plural(n, "open question"))
	}
	if n := run.Count(conformance.Skipped); n > 0 {
		text += fmt.Sprintf(" · %d skipped", n)
	}
	text += unsupportedText(run)
	text += notApplicableText(run.Count(conformance.NotApplicable), scopeOfRun(run))
	if n := len(run.DrawnFailures()); n > 0 {
		text += " · " + t.red(fmt.Sprintf("%d of %d drawn failed", n, len(run.Drawn)))
	}
	text += fmt.Sprintf(" · %.1f s · seed %d", run.Elapsed.Seconds(), run.Seed)
	if t.Report != "" {
		text += " · report in " + t.Report
	}
	t.line("\n%s", text)
	t.stopped(run)
}

// stopped says why nothing was proven.
func (t *Terminal) stopped(run *conformance.Run) {
	if run.Stopped != nil {
		t.line("%s the run proves nothing: %s", t.red("✗"), strings.Join(CleanLines(run.Stopped.Error(), 20, 300), "\n    "))
	}
}
