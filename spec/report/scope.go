package report

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"sigconform/spec/conformance"
)

// This file answers: how much of what the vectors are about could an application be
// tested for? A WebSocket endpoint is sent no body, and a URL without a port says nothing
// about ports: such vectors do not apply. They are neither tested nor skipped, and what
// is left must not be taken for the whole.

// Scope says how many of the rules that the vectors name were tested, where some vectors
// do not apply to the application.
type Scope struct {
	Rules    int      `json:"rules"`              // that the selected vectors name
	Tested   int      `json:"tested"`             // by at least one vector that passed or failed
	Untested []string `json:"untested,omitempty"` // the others, sorted
}

// String is the scope as a part of a summary.
func (s *Scope) String() string {
	return fmt.Sprintf("%d of %s tested", s.Tested, plural(s.Rules, "rule"))
}

// equal reports whether two scopes say the same; either may be nil.
func (s *Scope) equal(other *Scope) bool {
	if s == nil || other == nil {
		return s == other
	}
	return s.Rules == other.Rules && s.Tested == other.Tested && slices.Equal(s.Untested, other.Untested)
}

// scopeOf returns the scope of results, each an outcome and the rules of its vector; it
// is nil if all vectors apply.
func scopeOf(results iter.Seq2[conformance.Outcome, []string]) *Scope {
	tested, all := map[string]bool{}, true
	for outcome, rules := range results {
		all = all && outcome != conformance.NotApplicable
		for _, rule := range rules {
			judged := outcome == conformance.Passed || outcome == conformance.Failed || outcome == conformance.Known
			tested[rule] = tested[rule] || judged
		}
	}
	if all {
		return nil
	}
	s := &Scope{Rules: len(tested)}
	for _, rule := range slices.Sorted(maps.Keys(tested)) {
		if tested[rule] {
			s.Tested++
		} else {
			s.Untested = append(s.Untested, rule)
		}
	}
	return s
}

func scopeOfRun(run *conformance.Run) *Scope {
	return scopeOf(func(yield func(conformance.Outcome, []string) bool) {
		for _, r := range run.Results {
			if !yield(r.Outcome, r.Vector.Rules) {
				return
			}
		}
	})
}

func (r *Report) scope() *Scope {
	return scopeOf(func(yield func(conformance.Outcome, []string) bool) {
		for _, result := range r.Results {
			if !yield(conformance.Outcome(result.Outcome), result.Rules) {
				return
			}
		}
	})
}

// Reason is why vectors are skipped or do not apply, and how many.
type Reason struct {
	Why   string
	Count int
}

// byCount sorts reasons, the most frequent first.
func byCount(count map[string]int) []Reason {
	var reasons []Reason
	for why, n := range count {
		reasons = append(reasons, Reason{why, n})
	}
	slices.SortFunc(reasons, func(a, b Reason) int { return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Why, b.Why)) })
	return reasons
}

// NotApplicable are the reasons why vectors do not apply to the application.
func (r *Report) NotApplicable() []Reason {
	count := map[string]int{}
	for _, result := range r.Results {
		if result.Outcome == string(conformance.NotApplicable) {
			count[result.Why]++
		}
	}
	return byCount(count)
}

// notApplicable says what of the vectors does not apply to the application, and why.
func (t *Terminal) notApplicable(run *conformance.Run) {
	count := map[string]int{}
	for _, r := range run.Results {
		if r.Outcome == conformance.NotApplicable {
			count[r.Why]++
		}
	}
	if len(count) == 0 {
		return
	}
	t.line("%s: %s to this endpoint", t.bold("not applicable"), applying(run.Count(conformance.NotApplicable)))
	for i, reason := range byCount(count) {
		if i == shownReasons && !t.All {
			t.line("    … for %s (--all)", plural(len(count)-i, "other reason"))
			break
		}
		t.line("    %d × %s", reason.Count, reason.Why)
	}
	if scope := scopeOfRun(run); t.All && len(scope.Untested) > 0 {
		t.line("%s by any vector", t.bold("rules not tested"))
		t.wrapped(scope.Untested)
	}
}

// applying is a number of vectors that do not apply, as the beginning of a sentence.
func applying(n int) string {
	if n == 1 {
		return "1 vector does not apply"
	}
	return plural(n, "vector") + " do not apply"
}

// markdownNotApplicable writes what does not apply to the application, and why.
func (r *Report) markdownNotApplicable(m *markdown) {
	reasons := r.NotApplicable()
	if len(reasons) == 0 {
		return
	}
	m.line("\n<details><summary>Not applicable: %s</summary>\n", applying(r.Counts[string(conformance.NotApplicable)]))
	for _, reason := range reasons {
		m.line("- %d × %s", reason.Count, text(Clean(reason.Why, 300)))
	}
	var untested []string
	for _, rule := range r.Scope.Untested {
		untested = append(untested, code(Clean(rule, 100)))
	}
	if len(untested) > 0 {
		m.line("\nRules that no vector tested: %s", strings.Join(untested, ", "))
	}
	m.line("\n</details>")
}
