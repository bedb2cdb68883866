package report

import (
	"fmt"
	"slices"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// shownFailures is how many unexplained failures are shown in full unless all
// are, and shownIDs how many ids of a cause.
const (
	shownFailures = 15
	shownIDs      = 8
)

// causes writes each cause with one failure as the example: what is wrong, how
// sure that is, the bytes, and how it is mended.
func (t *Terminal) causes(run *conformance.Run) {
	if run.Diagnosis == nil {
		return
	}
	failures := run.Failures()
	for _, cause := range run.Diagnosis.Causes {
		if i := slices.IndexFunc(cause.Explains, isFresh); i >= 0 {
			t.cause(cause, cause.Explains[i], len(failures))
		}
	}
}

// isFresh reports whether a failure is not a known one.
func isFresh(r *conformance.Result) bool { return r.Outcome == conformance.Fails }

func (t *Terminal) cause(cause *conformance.Cause, example *conformance.Result, failures int) {
	t.line("%s %s  (%s)   %s", t.red("✗"), t.bold("it "+cause.Defect.Says()), cause.Defect.Key(), t.red(string(example.Kind)))
	t.prose("likely cause", Sureness(cause, failures))
	for _, equal := range cause.Equals[:min(3, len(cause.Equals))] {
		t.prose("or", fmt.Sprintf("it %s (%s)", equal.Says(), equal.Key()))
	}
	if more := len(cause.Equals) - 3; more > 0 {
		t.field("", fmt.Sprintf("or one of %d more that answer the same; a run of more vectors tells them apart", more))
	}
	t.prose("mend", cause.Defect.Hint())
	t.prose("for example", fmt.Sprintf("%s   %s: %s", example.Vector.ID, example.Why, example.Vector.Comment))
	if !cause.Defect.Behaviour {
		t.rules(example.Vector)
		mistaken, _ := defect.StringToSign(cause.Defect.New(), example.Vector.Request.Reference())
		t.stringsToSign(example, mistaken)
	}
	t.said(example)
	t.field("repeat", t.Repeat(example.Vector.ID))
	if cause.Defect.Behaviour {
		t.line("")
		return
	}
	t.others(slices.DeleteFunc(slices.Clone(cause.Explains), func(r *conformance.Result) bool { return r == example }))
	t.line("")
}

// others lists the failures beside the one that is shown.
func (t *Terminal) others(results []*conformance.Result) {
	ids := ids(results)
	if over := len(ids) - shownIDs; over > 1 && !t.All {
		ids = append(ids[:shownIDs], fmt.Sprintf("… and %d more (--all)", over))
	}
	if len(ids) > 0 {
		t.items("also fails", ids, ", ")
	}
}

// Sureness says how well a cause explains a run with so many failures.
func Sureness(cause *conformance.Cause, failures int) string {
	contradicted := "none"
	if n := len(cause.Contradicts); n > 0 {
		contradicted = fmt.Sprint(n)
	}
	text := fmt.Sprintf("explains %d of %d failures, contradicts %s", len(cause.Explains), max(failures, len(cause.Explains)), contradicted)
	switch {
	case cause.Probed > 0 && cause.Confirmed > 0:
		text += fmt.Sprintf("; confirmed: it accepts %d of %d requests signed this wrong way", cause.Confirmed, cause.Probed)
	case cause.Probed > 0:
		text += fmt.Sprintf("; not confirmed: it accepts none of %d requests signed this wrong way", cause.Probed)
	}
	return text
}

// failures writes the failures that no cause explains: those that share a flag
// are shown by one of them.
func (t *Terminal) failures(run *conformance.Run) {
	var groups [][]*conformance.Result
	unexplained := 0
	for _, r := range run.Failures() {
		if run.Diagnosis.CauseOf(r) != nil {
			continue
		}
		unexplained++
		alike := slices.IndexFunc(groups, func(g []*conformance.Result) bool { return sameFlag(g[0], r) })
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
}

// sameFlag reports whether two failures point to the same mistake in the same
// direction, as far as the vectors say.
func sameFlag(a, b *conformance.Result) bool {
	return a.Vector.Family == b.Vector.Family && a.Kind == b.Kind &&
		len(a.Vector.Flags) > 0 && len(b.Vector.Flags) > 0 && a.Vector.Flags[0] == b.Vector.Flags[0]
}

func these(n int) string {
	if n == 1 {
		return "this failure"
	}
	return fmt.Sprintf("these %d failures", n)
}

func (t *Terminal) failure(group []*conformance.Result) {
	r, v := group[0], group[0].Vector
	t.line("%s %s   %s  %s", t.red("✗"), t.bold(v.ID), r.Why, t.red(string(r.Kind)))
	t.prose("asked", v.Comment)
	t.rules(v)
	t.stringsToSign(r, "")
	for _, flag := range v.Flags {
		if note := v.Family.Notes[flag]; note.BugType == r.Kind {
			t.prose("often", fmt.Sprintf("%s: %s", flag, note.Effect))
		}
	}
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
	t.field("source", fmt.Sprintf("%s, %s (%s:%d)", v.Source.Kind, v.Source.Ref, v.Family.File, v.Line))
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
// diagnosis has it ("" if there is none).
func (t *Terminal) stringsToSign(r *conformance.Result, diagnosed string) {
	const limit = 220
	v := r.Vector
	twilio := reference.StringToSign(v.Request.Reference())
	mine := diagnosed
	if r.Answer.StringToSign != nil {
		mine = *r.Answer.StringToSign
	}
	if mine != "" && mine != twilio {
		right, yours, column := Excerpt(twilio, mine)
		t.field("Twilio signs", right)
		t.field("yours signs", yours)
		t.field("", strings.Repeat(" ", column)+t.red("^"))
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
		return r.Answer.Verdict == protocol.Accept || r.Answer.Verdict == protocol.Reject
	})
}
