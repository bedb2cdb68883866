package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// causes writes each cause with one failure as the example: what is wrong, how
// sure that is, the bytes, and how it is fixed.
func (t *Terminal) causes(run *conformance.Run) {
	if run.Diagnosis == nil {
		return
	}
	failures, shown := failing(run), 0
	t.explained(run)
	for _, cause := range run.Diagnosis.Causes {
		explains := slices.DeleteFunc(clearest(run.Diagnosis, cause), func(r *conformance.Result) bool { return !isFresh(r) })
		if len(explains) == 0 {
			continue
		}
		if shown++; shown <= shownFailures || t.All {
			t.cause(cause, explains, failures)
		}
	}
	if over := shown - shownFailures; over > 0 && !t.All {
		t.line("… and %s: --all shows them\n", plural(over, "more cause"))
	}
}

// explained says how many failures the causes explain, where no single cause says it
// of all of them. Known failures are counted elsewhere.
func (t *Terminal) explained(run *conformance.Run) {
	causes, failures, explained := 0, run.Failures(), 0
	for _, cause := range run.Diagnosis.Causes {
		if slices.ContainsFunc(cause.Explains, isFresh) {
			causes++
		}
	}
	for _, r := range failures {
		if run.Diagnosis.CauseOf(r) != nil {
			explained++
		}
	}
	if causes > 1 || causes == 1 && explained < len(failures) {
		t.line("%s\n", t.bold(explainedText(causes, explained, len(failures))))
	}
}

// failing is how many results of the run fail, known ones too.
func failing(run *conformance.Run) int {
	return run.Count(conformance.Failed) + run.Count(conformance.Known)
}

// isFresh reports whether a failure is not a known one.
func isFresh(r *conformance.Result) bool { return r.Outcome == conformance.Failed }

// clearest are the failures that a cause explains, the best example first: among
// those that are not known the worst, of these those that no other cause explains,
// and of these the shortest.
func clearest(d *conformance.Diagnosis, cause *conformance.Cause) []*conformance.Result {
	causes := func(r *conformance.Result) int {
		n := 0
		for _, other := range d.Causes {
			if slices.Contains(other.Explains, r) {
				n++
			}
		}
		return n
	}
	length := func(r *conformance.Result) int {
		request := r.Vector.Request.Reference()
		return len(request.URL) + len(request.Body)
	}
	severity := func(r *conformance.Result) int {
		if isFresh(r) {
			return slices.Index(worstFirst, r.Kind)
		}
		return slices.Index(worstFirst, r.Kind) + len(worstFirst)
	}
	sorted := slices.Clone(cause.Explains)
	slices.SortStableFunc(sorted, func(a, b *conformance.Result) int {
		return cmp.Or(cmp.Compare(severity(a), severity(b)), cmp.Compare(causes(a), causes(b)), cmp.Compare(length(a), length(b)))
	})
	return sorted
}

// lockedOut is what a bug does, in the few words that fit behind its name.
var lockedOut = map[vectors.BugType]string{
	vectors.FalseAccept: "an attacker gets in", vectors.FalseReject: "Twilio is locked out",
	vectors.Crash: "it throws or ends", vectors.Malleability: "nothing can be forged",
}

func (t *Terminal) cause(cause *conformance.Cause, explains []*conformance.Result, failures int) {
	example := explains[0]
	t.line("%s %s  (%s)   %s", t.red("✗"), t.bold("It "+cause.Defect.Says()), cause.Defect.Key(),
		t.red(fmt.Sprintf("%s: %s", example.Kind, lockedOut[example.Kind])))
	t.prose("cause", Sureness(cause, failures))
	for _, equal := range cause.Equals[:min(3, len(cause.Equals))] {
		t.prose("or", fmt.Sprintf("it %s (%s)", equal.Says(), equal.Key()))
	}
	if more := len(cause.Equals) - 3; more > 0 {
		t.field("", fmt.Sprintf("or one of %d more that answer the same; a run of more vectors tells them apart", more))
	}
	t.prose("fix", cause.Defect.Hint())
	t.advice("", example)
	t.prose("for example", fmt.Sprintf("%s   %s: %s", example.Vector.ID, example.Why, example.Vector.Comment))
	if !cause.Defect.Behaviour {
		t.rules(example.Vector)
		mistaken, _ := defect.StringToSign(cause.Defect.New(), example.Vector.Request.Reference())
		t.stringsToSign(example, mistaken, cause.State)
	}
	t.said(example)
	t.field("repeat", t.Repeat(example.Vector.ID))
	if !cause.Defect.Behaviour {
		t.others(explains[1:])
	}
	t.line("")
}

// advice writes what to change in the framework that gave the answer, the first line
// behind the label.
func (t *Terminal) advice(label string, r *conformance.Result) {
	for _, line := range r.Advice {
		t.prose(label, line)
		label = ""
	}
}

// others lists the failures beside the one that is shown.
func (t *Terminal) others(results []*conformance.Result) {
	if len(results) > 0 {
		t.items("also fails", t.cut(ids(results)), ", ")
	}
}

// Sureness says how well a cause explains a run with so many failures.
func Sureness(cause *conformance.Cause, failures int) string {
	text := fmt.Sprintf("explains %d of %s", len(cause.Explains), plural(max(failures, len(cause.Explains)), "failure"))
	if n := len(cause.Contradicts); n > 0 {
		text += fmt.Sprintf(", but %d other answers contradict it", n)
	}
	switch {
	case cause.State == diagnosis.Confirmed && cause.Probed > 0:
		text += fmt.Sprintf("; confirmed: it accepts %d of %d requests signed this way", cause.Confirmed, cause.Probed)
	case cause.State != "" && len(cause.Contradicts) == 0:
		text += "; " + string(cause.State)
	}
	return text
}

// failures writes the failures that no cause explains: errors with the same
// message, and others that share a flag, are shown by one of them.
func (t *Terminal) failures(run *conformance.Run) {
	var groups [][]*conformance.Result
	unexplained := 0
	for _, r := range run.Failures() {
		if run.Diagnosis.CauseOf(r) != nil || run.Diagnosis != nil && slices.Contains(run.Diagnosis.Unsteady, r) {
			continue // what changes is shown as that
		}
		unexplained++
		alike := slices.IndexFunc(groups, func(g []*conformance.Result) bool { return alikeFailures(g[0], r) })
		if alike < 0 {
			groups = append(groups, []*conformance.Result{r})
		} else {
			groups[alike] = append(groups[alike], r)
		}
	}
	if unexplained == 0 {
		return
	}
	for i, group := range groups {
		if i == shownFailures && !t.All {
			t.line("… and %d more kinds of failures: --all shows them\n", len(groups)-i)
			break
		}
		t.failure(group)
	}
	if run.Diagnosis != nil && run.Diagnosis.Nearest != nil {
		nearest := run.Diagnosis.Nearest
		t.line("No known mistake explains %s. The nearest: it %s (%s), %s.\n", these(unexplained),
			nearest.Defect.Says(), nearest.Defect.Key(), Sureness(nearest, unexplained))
	}
	if run.Diagnosis != nil && run.Diagnosis.Stopped != "" {
		t.line("note: %s; --explain-longer goes on for ten times as long\n", run.Diagnosis.Stopped)
	}
}

// drawn writes the drawn requests that were answered wrongly, with the first of
// them as the example.
func (t *Terminal) drawn(run *conformance.Run) {
	failures := run.DrawnFailures()
	if len(failures) == 0 {
		return
	}
	first := failures[0]
	t.line("%s %s   %s", t.red("✗"), t.bold(DrawnWrongly(len(failures), len(run.Drawn))), t.red(string(first.Kind)))
	t.prose("why", WhyDrawn)
	t.prose("for example", fmt.Sprintf("sent as %s: %s", first.Case.ID, first.Why))
	t.prose("", first.Vector.Comment)
	if first.From != "" {
		t.field("vector", first.From)
	}
	t.said(&first.Result)
	t.field("repeat", t.RepeatAll)
	t.line("")
}

// WhyDrawn says what it means that a drawn request is answered wrongly.
const WhyDrawn = "the vectors that they are made from pass. Its answers may depend on ids that it knows, on what it was sent before, " +
	"on how much it was sent, or on tokens, hosts, settings headers and values that the vectors use"

// DrawnWrongly says in one sentence how many drawn requests were answered wrongly.
func DrawnWrongly(failures, sent int) string {
	return fmt.Sprintf("%d of %d requests that were drawn beside the vectors were answered wrongly", failures, sent)
}

// Unsteadiness says in one sentence that answers changed, and of how many.
func Unsteadiness(run *conformance.Run) string {
	failed := 0
	for _, change := range run.Unsteady {
		if slices.ContainsFunc(run.Failures(), func(r *conformance.Result) bool { return r.Vector == change.Vector }) {
			failed++
		}
	}
	text := "its answers change: sent again in another order, " + differently(len(run.Unsteady))
	if failed > 0 {
		text += fmt.Sprintf(", %d of the %d that failed", failed, len(run.Failures()))
	}
	return text
}

// alikeFailures reports whether two failures point to the same mistake, as far as
// the validator's message says, or the flags of the vectors.
func alikeFailures(a, b *conformance.Result) bool {
	if a.Kind != b.Kind || a.Answer.Verdict != b.Answer.Verdict {
		return false
	}
	if a.Answer.Detail != "" && a.Kind == vectors.Crash {
		return saying(a.Answer.Detail) == saying(b.Answer.Detail)
	}
	return a.Vector.Family == b.Vector.Family && len(a.Vector.Flags) > 0 && len(b.Vector.Flags) > 0 && a.Vector.Flags[0] == b.Vector.Flags[0]
}

func these(n int) string {
	if n == 1 {
		return "this failure"
	}
	return fmt.Sprintf("these %d failures", n)
}

func (t *Terminal) failure(group []*conformance.Result) {
	r, v := group[0], group[0].Vector
	effect := t.red(fmt.Sprintf("%s: %s", r.Kind, lockedOut[r.Kind]))
	if r.Answer.Detail != "" && len(group) > 1 && r.Kind == vectors.Crash {
		t.line("%s %s %s", t.red("✗"), t.bold(fmt.Sprintf("%d requests: %s", len(group), Clean(r.Answer.Detail, 120))), effect)
	}
	t.line("%s %s   %s  %s", t.red("✗"), t.bold(v.ID), r.Why, effect)
	t.prose("sent", v.Comment)
	t.field("cause", "unknown")
	t.rules(v)
	t.stringsToSign(r, "", diagnosis.Unknown)
	for _, flag := range v.Flags {
		if note := v.Family.Notes[flag]; note.BugType == r.Kind {
			t.prose("often", fmt.Sprintf("%s: %s", flag, note.Effect))
		}
	}
	t.advice("fix", r)
	t.said(r)
	t.field("repeat", t.Repeat(v.ID))
	t.others(group[1:])
	t.line("")
}

// rules writes what demands the result, and where it stands.
func (t *Terminal) rules(v *vectors.Vector) {
	for _, rule := range v.Rules {
		first, _, _ := strings.Cut(t.Book.Rules[rule].Says, ". ")
		t.prose("rule", fmt.Sprintf("%s: %s.", rule, strings.TrimSuffix(first, ".")))
	}
	t.field("source", fmt.Sprintf("%s (%s:%d)", v.Source, v.Family.File, v.Line))
}

// said writes what the validator wrote beside its verdict.
func (t *Terminal) said(r *conformance.Result) {
	if r.Answer.Detail != "" {
		t.field("it said", Clean(r.Answer.Detail, 600))
	}
	if r.Answer.Stderr == "" {
		return
	}
	for i, line := range CleanLines(r.Answer.Stderr, 6, 160) {
		label := ""
		if i == 0 {
			label = "stderr"
		}
		t.field(label, line)
	}
}

// stringsToSign shows what Twilio signs, what this signature covers if that is
// something else, and what the validator signed: as it said itself, or as the
// diagnosis has it ("" if there is none), which is probable unless it is confirmed.
func (t *Terminal) stringsToSign(r *conformance.Result, diagnosed string, state diagnosis.State) {
	const limit = 220
	v := r.Vector
	twilio := reference.StringToSign(v.Request.Reference())
	mine, label := diagnosed, signsProbably
	if r.Answer.StringToSign != nil {
		mine, label = *r.Answer.StringToSign, signsSurely
	} else if state == diagnosis.Confirmed {
		label = signsSurely
	}
	if mine != "" && mine != twilio {
		right, yours, column := Excerpt(twilio, mine)
		t.fieldAs(len(label), "Twilio signs", right)
		t.fieldAs(len(label), label, yours)
		t.fieldAs(len(label), "", strings.Repeat(" ", column)+t.red("^"))
	} else {
		t.field("Twilio signs", Clean(twilio, limit))
	}
	switch note, covered := aboutSignature(v); {
	case note != "":
		t.field("signature", note)
	case covered != twilio && covered != mine:
		t.field("signature", "covers "+Clean(covered, limit))
	}
	request := v.Request.Reference()
	switch coverage := reference.CoverageOf(request); {
	case coverage == reference.NotCovered && v.Result == vectors.Invalid:
		t.field("body", "not covered by the signature: "+Clean(string(request.Body), 80))
	case coverage == reference.CoveredByHash:
		t.field("body", fmt.Sprintf("its SHA-256 is %s: %q", reference.BodyHash(request.Body), Clean(string(request.Body), 40)))
	}
}

func signatureText(signature *string) string {
	if signature == nil {
		return "none: there is no header"
	}
	return fmt.Sprintf("%q", Clean(*signature, 80))
}

// anyVerdict reports whether the validator accepted or rejected anything.
func anyVerdict(run *conformance.Run) bool {
	return slices.ContainsFunc(run.Results, func(r *conformance.Result) bool {
		return r.Answer.Verdict == reference.Accept || r.Answer.Verdict == reference.Reject
	})
}
