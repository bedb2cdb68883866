package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// Terminal writes the report that a person reads where he ran the command.
type Terminal struct {
	Out    io.Writer
	Color  bool
	Target string                 // who was asked
	Repeat func(id string) string // the command that asks one vector again
	All    bool                   // show every failure, not only the first
	Book   *vectors.Rulebook      // what the rules say
}

// Write writes the report of a run: families, failures with the bytes, answers
// to questions, warnings, and a line that says it all.
func (t *Terminal) Write(run *conformance.Run) {
	t.line("sigconform: %s against %s\n", plural(len(run.Results), "vector"), Clean(t.Target, 200))
	if run.Stopped != nil && !anyVerdict(run) {
		t.stopped(run)
		return
	}
	t.families(run)
	t.causes(run)
	t.failures(run)
	t.known(run)
	t.listed(run)
	t.questions(run)
	t.unjudged(run)
	t.warnings(run)
	t.summary(run)
}

// families writes one line for each family: how many of its judged vectors hold.
func (t *Terminal) families(run *conformance.Run) {
	width := 0
	for _, r := range run.Results {
		width = max(width, len(r.Vector.Family.Name))
	}
	t.line("%s", t.dim(fmt.Sprintf("  %-*s hold / of     ✗ fail  ? question  - not judged", width, "")))
	for start := 0; start < len(run.Results); {
		family := run.Results[start].Vector.Family
		count := map[conformance.Outcome]int{}
		end := start
		for ; end < len(run.Results) && run.Results[end].Vector.Family == family; end++ {
			count[run.Results[end].Outcome]++
		}
		start = end
		judged := count[conformance.Holds] + count[conformance.Fails] + count[conformance.Known]
		text := fmt.Sprintf("  %-*s %4d / %-4d", width, family.Name, count[conformance.Holds], judged)
		if n := count[conformance.Fails]; n > 0 {
			text += t.red(fmt.Sprintf("  ✗ %d", n))
		}
		if n := count[conformance.Known]; n > 0 {
			text += fmt.Sprintf("  (%d known)", n)
		}
		if n := count[conformance.Answered]; n > 0 {
			text += t.dim(fmt.Sprintf("  ? %d", n))
		}
		if n := count[conformance.Unjudged]; n > 0 {
			text += t.dim(fmt.Sprintf("  - %d", n))
		}
		t.line("%s", strings.TrimRight(text, " "))
	}
	t.line("")
}

// listed writes what holds and is worth knowing all the same.
func (t *Terminal) listed(run *conformance.Run) {
	byKind := map[vectors.BugType][]string{}
	for _, r := range run.Results {
		if r.Outcome == conformance.Holds && r.Kind != "" {
			byKind[r.Kind] = append(byKind[r.Kind], r.Vector.ID)
		}
	}
	explain := map[vectors.BugType]string{
		vectors.Crash:        "ended in an error where a rejection was due (an endpoint would answer 500 instead of 403)",
		vectors.Malleability: "accepted another spelling of the right signature",
	}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		ids := byKind[kind]
		t.line("%s: %d vectors hold, but the validator %s; --strict lets them fail", t.bold(string(kind)), len(ids), explain[kind])
		t.wrapped(ids)
	}
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

// questions writes the validator's answers to what the norm leaves open: those
// that are not the recommended ones with the reason, and the others if all are
// to be shown.
func (t *Terminal) questions(run *conformance.Run) {
	var items []string
	shown := false
	for _, reply := range run.Replies() {
		question := t.Book.Questions[reply.Question]
		answer := answerText(reply, question)
		items = append(items, reply.Question+": "+answer)
		asked := question.Recommended == "rejected" || slices.Contains(reply.Asked, question.Recommended)
		if !asked || answer == question.Recommended || len(reply.Other) > 0 {
			continue
		}
		if !shown {
			t.line("%s: the norm leaves these open, and another answer is recommended", t.bold("questions"))
			shown = true
		}
		t.line("    %s: %s; recommended is %s", t.bold(reply.Question), answer, question.Recommended)
		for _, line := range Wrap(question.Why, 100) {
			t.line("        %s", line)
		}
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
	wasAsked := func(other string) bool { return !strings.HasSuffix(other, ": not asked") }
	if len(reply.Accepted) == 0 && len(reply.Other) > 0 && !slices.ContainsFunc(reply.Other, wasAsked) {
		return "not asked"
	}
	if len(reply.Other) > 0 {
		answer += " (" + strings.Join(reply.Other, ", ") + ")"
	}
	return answer
}

// unjudged counts what could not be judged, by the reason.
func (t *Terminal) unjudged(run *conformance.Run) {
	reasons := map[string]int{}
	for _, r := range run.Results {
		if r.Outcome == conformance.Unjudged {
			why := r.Why
			if r.Answer.Verdict == protocol.Unsupported && r.Answer.Detail != "" {
				why += ": " + Clean(r.Answer.Detail, 120)
			}
			reasons[why]++
		}
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		t.line("%s %d: %s", t.bold("not judged"), reasons[why], why)
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
		t.line("    a verdict may depend on nothing but the request. Chance: a race, a time-out, a rate limit. What was asked")
		t.line("    before: a cached token, signature or verdict, parameters left over")
	}
	for _, stale := range run.Stale {
		t.line("%s %s", t.red("✗"), stale)
	}
	for _, warning := range run.Warnings {
		t.line("note: %s", strings.Join(CleanLines(warning, 8, 300), "\n    "))
	}
}

// summary is the line that says it all.
func (t *Terminal) summary(run *conformance.Run) {
	kinds := map[vectors.BugType]int{}
	for _, r := range run.Failures() {
		kinds[r.Kind]++
	}
	holds, fails, known := run.Count(conformance.Holds), run.Count(conformance.Fails), run.Count(conformance.Known)
	judged := holds + fails + known
	text := fmt.Sprintf("%d of %d hold", holds, judged)
	if fails > 0 {
		var parts []string
		for _, kind := range []vectors.BugType{vectors.FalseAccept, vectors.FalseReject, vectors.Crash, vectors.Malleability} {
			if kinds[kind] > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", kinds[kind], kind))
			}
		}
		text += fmt.Sprintf(", %s (%s)", t.red(fmt.Sprintf("%d fail", fails)), strings.Join(parts, ", "))
	}
	if known > 0 {
		text += fmt.Sprintf(", %d known failures", known)
	}
	if n := run.Count(conformance.Answered); n > 0 {
		text += fmt.Sprintf(" · %d asked as questions", n)
	}
	if n := run.Count(conformance.Unjudged); n > 0 {
		text += fmt.Sprintf(" · %d not judged", n)
	}
	t.line("\n%s · %.1f s", text, run.Elapsed.Seconds())
	t.stopped(run)
}

// stopped says why nothing was proven.
func (t *Terminal) stopped(run *conformance.Run) {
	if run.Stopped != nil {
		t.line("%s the run says nothing about the validator: %s", t.red("✗"), strings.Join(CleanLines(run.Stopped.Error(), 20, 300), "\n    "))
	}
}

func (t *Terminal) line(format string, args ...any) {
	fmt.Fprintf(t.Out, format+"\n", args...)
}

// field writes a labelled line of a failure, as it is.
func (t *Terminal) field(label, text string) {
	t.line("    %-13s %s", label, text)
}

// prose writes a labelled text of a failure, broken into lines.
func (t *Terminal) prose(label, text string) {
	t.items(label, strings.Fields(text), " ")
}

// items writes a labelled list of a failure, broken into lines.
func (t *Terminal) items(label string, items []string, separator string) {
	for _, line := range wrap(items, separator, 100) {
		t.field(label, line)
		label = ""
	}
}

func (t *Terminal) wrapped(items []string) { t.wrappedWith(items, ", ") }

// wrappedWith writes items in lines of a readable width, indented.
func (t *Terminal) wrappedWith(items []string, separator string) {
	for _, line := range wrap(items, separator, 110) {
		t.line("    %s", line)
	}
}

func (t *Terminal) red(s string) string  { return t.style("31", s) }
func (t *Terminal) bold(s string) string { return t.style("1", s) }
func (t *Terminal) dim(s string) string  { return t.style("2", s) }

func (t *Terminal) style(code, s string) string {
	if !t.Color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
