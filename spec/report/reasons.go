package report

import (
	"cmp"
	"maps"
	"slices"

	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// reasons lists what the validator gave for its rejections of what must be rejected,
// in its own words. They are never judged: a right refusal for another reason is one.
func (t *Terminal) reasons(run *conformance.Run) {
	byReason := map[string][]string{}
	said := 0
	for _, r := range run.Results {
		if r.Vector.Result == vectors.Invalid && r.Answer.Verdict == reference.Reject && r.Answer.Reason != "" {
			reason := Clean(r.Answer.Reason, 100)
			byReason[reason] = append(byReason[reason], r.Vector.ID)
			said++
		}
	}
	if said == 0 {
		return
	}
	t.line("%s that it gave for %s (never judged)", t.bold("reasons"), plural(said, "rejection"))
	sorted := slices.SortedFunc(maps.Keys(byReason), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(byReason[b]), len(byReason[a])), cmp.Compare(a, b))
	})
	for i, reason := range sorted {
		if i == shownReasons && !t.All {
			t.line("    … and %d others (--all)", len(sorted)-i)
			return
		}
		t.line("    %d × %s", len(byReason[reason]), reason)
		if t.All {
			t.wrapped(byReason[reason])
		}
	}
}
