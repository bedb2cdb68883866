// This file answers: did the run prove anything? A validator that never says
// accept, or never says reject, has not shown that it decides.

package conformance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/vectors"
)

// listener wraps a validator and counts all its verdicts.
type listener struct {
	adapters.Validator
	run *Run
}

// listeningApplication is a listener that is also an application.
type listeningApplication struct {
	listener
	application Application
}

func (a listeningApplication) KeysOf(v *vectors.Vector) (string, reference.Request, bool) {
	return a.application.KeysOf(v)
}

// listen returns the validator, wrapped so that its verdicts are counted.
func (run *Run) listen(validator adapters.Validator) adapters.Validator {
	l := listener{validator, run}
	if application, is := validator.(Application); is {
		return listeningApplication{l, application}
	}
	return l
}

func (a listeningApplication) NotApplicable(v *vectors.Vector) string {
	return a.application.NotApplicable(v)
}

// Ask asks the validator; see [adapters.Validator].
func (l listener) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	return l.Validator.Ask(ctx, cases, func(i int, a protocol.Answer) {
		l.run.heard[a.Verdict]++
		l.run.detail = cmp.Or(l.run.detail, a.Detail, a.Stderr)
		answered(i, a)
	})
}

// unproven returns why the run proves nothing: the validator never said accept, or
// never said reject, or was sent nothing that it must accept or must reject.
func (run *Run) unproven() error {
	selected, judged := map[vectors.Result]int{}, map[vectors.Result]int{}
	for _, r := range run.Results {
		if !r.Vector.Askable() || r.Outcome == NotApplicable {
			continue
		}
		selected[r.Vector.Result]++
		if r.Answered() {
			judged[r.Vector.Result]++
		}
	}
	var never []string
	for verdict, about := range map[reference.Verdict]vectors.Result{reference.Accept: vectors.Valid, reference.Reject: vectors.Invalid} {
		// No request is drawn for an application if there is nothing to draw from.
		if run.heard[verdict] == 0 && (selected[about] > 0 || len(run.Drawn) > 0) {
			never = append(never, string(verdict))
		}
	}
	if len(never) > 0 {
		slices.Sort(never)
		return fmt.Errorf("it never said %s; of %d answers %s%s", strings.Join(never, " or "), run.answers(), run.saidInstead(),
			run.firstDetail())
	}
	for _, result := range []vectors.Result{vectors.Valid, vectors.Invalid} {
		if selected[result] > 0 && judged[result] == 0 {
			return fmt.Errorf("all %d %s vectors were skipped%s", selected[result], result, run.firstDetail())
		}
	}
	return nil
}

func (run *Run) answers() int {
	n := 0
	for _, count := range run.heard {
		n += count
	}
	return n
}

// saidInstead counts the verdicts in words: "23 were accepted, 2 ended in an error".
func (run *Run) saidInstead() string {
	var parts []string
	for _, verdict := range []reference.Verdict{
		reference.Accept, reference.Reject, reference.Error, reference.Unsupported, reference.Timeout, reference.Died, reference.Malformed,
	} {
		if n := run.heard[verdict]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d were %q", n, verdict))
		}
	}
	if len(parts) == 0 {
		return "none came"
	}
	return strings.Join(parts, ", ")
}

// firstDetail is the first detail that the validator gave, as the end of a sentence.
func (run *Run) firstDetail() string {
	if run.detail == "" {
		return ""
	}
	return "; the first time: " + run.detail
}
