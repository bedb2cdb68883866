// This file answers: is a mistake made for some requests only? Where no defect
// explains failures without being contradicted, those that explain them are
// tried under every condition that the failures have in common.

package diagnosis

import (
	"cmp"
	"slices"
	"sync"

	"sigconform/reference"
	"sigconform/reference/defect"
)

const (
	// mostConditional is how many defects under a condition are considered, and
	// mostConditions how many conditions of one defect.
	mostConditional, mostConditions = 40, 3
	// fewGivenUp is how many defects that too much contradicts are considered at
	// first, and mostGivenUp how many in all.
	fewGivenUp, mostGivenUp = 12, 60
	// mostWhole is how many defects that explain all are considered at first.
	mostWhole = 20
)

// conditional is a defect under a condition, with what it answers.
type conditional struct {
	answered
	explained int // of the failures that are left
}

// considerConditions adds the defects under a condition that explain most of what
// is left and that nothing contradicts. It reports whether there are any.
func (t *table) considerConditions(left []int, many bool) bool {
	var found []conditional
	for _, a := range t.completed(left, many) {
		if !t.budget.computing() {
			break
		}
		found = append(found, t.underConditions(a, left)...)
	}
	slices.SortStableFunc(found, func(a, b conditional) int { return cmp.Compare(b.explained, a.explained) })
	found = found[:min(mostConditional, len(found))]
	for _, c := range found {
		t.answered = append(t.answered, c.answered)
	}
	t.group()
	return len(found) > 0
}

// considerWholeConditions adds the defects under a condition that explain all that is
// left, of those that explain as much without one but are contradicted. They are
// few, and looked into before anything else. It reports whether there are any.
func (t *table) considerWholeConditions(left []int) bool {
	left = slices.DeleteFunc(slices.Clone(left), func(i int) bool { return !t.isCheap(t.observations[i]) })
	all := slices.DeleteFunc(slices.Clone(t.rows), func(r row) bool {
		v := r.variants[0]
		return v.Remembers || v.Behaviour || v.Only != "" || r.against == 0 ||
			slices.ContainsFunc(left, func(i int) bool { return r.verdicts[i] != t.observations[i].Verdict })
	})
	slices.SortStableFunc(all, func(a, b row) int { return cmp.Compare(a.against, b.against) })
	before := len(t.answered)
	for _, r := range all[:min(mostWhole, len(all))] {
		for _, c := range t.underConditions(answered{variant: r.variants[0], verdicts: r.verdicts}, left) {
			if c.explained == len(left) {
				t.answered = append(t.answered, c.answered)
			}
		}
	}
	t.group()
	return len(t.answered) > before
}

// considerOneCondition adds the defects that explain nearly all failures under a condition,
// where there are many and nothing explains as much without one: that is simpler than
// several mistakes that each explain a part.
func (t *table) considerOneCondition() {
	all := slices.DeleteFunc(slices.Clone(t.failures), func(i int) bool { return !t.isCheap(t.observations[i]) })
	nearlyAll := func(n int) bool { return nearestDoubt*(len(all)-n) <= len(all) }
	if len(all) < manyLeft || slices.ContainsFunc(t.rows, func(r row) bool {
		return r.against == 0 && nearlyAll(t.explainedOf(all, r.verdicts))
	}) {
		return
	}
	var candidates []answered
	var sets []made
	for _, a := range slices.Concat(t.answered, t.givenUp) {
		if v := a.variant; !v.Remembers && !v.Behaviour && nearlyAll(t.explainedOf(all, a.verdicts)) && len(candidates) < mostWhole {
			candidates, sets = append(candidates, a), append(sets, made{v})
		}
	}
	for i, verdicts := range t.answers(sets, t.sendsCheap) {
		for _, c := range t.underConditions(answered{variant: candidates[i].variant, verdicts: verdicts}, all) {
			if nearlyAll(c.explained) {
				t.answered = append(t.answered, c.answered)
			}
		}
	}
	t.group()
}

// considerBrought adds what the causes bring with them, also under conditions, if it
// explains failures that are left. It reports whether there was any.
func (t *table) considerBrought(found *Diagnosis) bool {
	var brought made
	for _, c := range found.Causes {
		for _, slug := range c.Defect.Brings {
			for _, v := range defect.Get(slug).Variants() {
				key := c.Defect.Slug + " " + v.Key()
				if !t.refuted[v.Key()] && !t.broughtBy[key] {
					brought = append(brought, v)
				}
				t.broughtBy[key] = true
			}
		}
	}
	left := slices.DeleteFunc(slices.Clone(found.Unexplained), func(i int) bool { return !t.isCheap(t.observations[i]) })
	var explaining made
	for n, verdicts := range t.answersTo(left, alone(brought), always) {
		if t.anyOf(left, verdicts, func(i int, verdict reference.Verdict) bool { return verdict == t.observations[i].Verdict }) {
			explaining = append(explaining, brought[n])
		}
	}
	before := len(t.answered)
	for i, verdicts := range t.answers(alone(explaining), t.sendsCheap) {
		a := answered{variant: explaining[i], verdicts: verdicts}
		switch {
		case t.contradictions(verdicts) > 0:
			for _, c := range t.underConditions(a, found.Unexplained) {
				t.answered = append(t.answered, c.answered)
			}
		case !t.has(a.variant):
			t.answered = append(t.answered, a)
		}
	}
	t.group()
	return len(t.answered) > before
}

// completed returns the defects that explain something that is left, with what they
// answer to everything: those that were refuted as well, which is what becomes of a
// mistake that is made for some requests only, and of those that were given up the
// ones that explain most, or many if it is asked for.
func (t *table) completed(left []int, many bool) []answered {
	explains := func(a answered) int {
		n := 0
		if a.variant.Remembers || a.variant.Behaviour || a.variant.Only != "" {
			return n
		}
		for _, i := range left {
			if a.verdicts[i] == t.observations[i].Verdict {
				n++
			}
		}
		return n
	}
	var whole, parts []answered
	for _, a := range slices.Concat(t.answered, t.refutedOnes) {
		if explains(a) > 0 {
			whole = append(whole, a)
		}
	}
	for _, a := range t.givenUp {
		if explains(a) > 0 {
			parts = append(parts, a)
		}
	}
	slices.SortStableFunc(parts, func(a, b answered) int { return cmp.Compare(explains(b), explains(a)) })
	if most := fewGivenUp; !many {
		parts = parts[:min(most, len(parts))]
	} else {
		parts = parts[min(most, len(parts)):min(mostGivenUp, len(parts))]
	}
	var sets []made
	for _, a := range parts {
		sets = append(sets, made{a.variant})
	}
	for i, verdicts := range t.answers(sets, func(_, k int) bool { return t.isCheap(t.observations[k]) }) {
		whole = append(whole, answered{variant: parts[i].variant, verdicts: verdicts})
	}
	return whole
}

// underConditions returns a defect under those conditions, the simplest first,
// under which it explains most of what is left and nothing contradicts it.
func (t *table) underConditions(a answered, left []int) []conditional {
	facts := t.factsOf()
	var explained, contradicted []defect.Facts
	for _, i := range left {
		if a.verdicts[i] == t.observations[i].Verdict {
			explained = append(explained, facts[i])
		}
	}
	for i := range t.observations { // probes tell as well for which requests it is not made
		if t.disagrees(i, a.verdicts[i]) {
			contradicted = append(contradicted, facts[i])
		}
	}
	if len(contradicted) == 0 {
		return nil
	}
	most := 0
	var best []defect.Condition
	for _, condition := range allConditions() {
		within := func(f defect.Facts) bool { return condition.facts.Within(f) }
		if slices.ContainsFunc(contradicted, within) {
			continue
		}
		n := 0
		for _, f := range explained {
			if within(f) {
				n++
			}
		}
		switch {
		case n > most:
			most, best = n, []defect.Condition{condition.Condition}
		case n == most && n > 0 && len(best) < mostConditions:
			best = append(best, condition.Condition)
		}
	}
	var found []conditional
	for _, only := range best {
		variant := a.variant
		variant.Only = only
		if t.refuted[variant.Key()] || slices.ContainsFunc(t.answered, func(b answered) bool { return b.variant.Key() == variant.Key() }) {
			continue
		}
		demanded := only.Facts()
		verdicts := slices.Clone(t.reference)
		for i := range verdicts {
			if demanded.Within(facts[i]) {
				verdicts[i] = a.verdicts[i]
			}
		}
		found = append(found, conditional{answered{variant: variant, verdicts: verdicts}, most})
	}
	return found
}

// factsOf returns what is true of the requests.
func (t *table) factsOf() []defect.Facts {
	for i := len(t.facts); i < len(t.observations); i++ {
		t.facts = append(t.facts, defect.FactsOf(t.observations[i].Request))
	}
	return t.facts
}

// knownCondition is a condition with what it demands.
type knownCondition struct {
	defect.Condition
	facts defect.Facts
}

var allConditions = sync.OnceValue(func() []knownCondition {
	var all []knownCondition
	for _, condition := range defect.Conditions() {
		all = append(all, knownCondition{condition, condition.Facts()})
	}
	return all
})
