// This file answers: is there a mistake that shows in no failure, and that changes
// what others answer?

package diagnosis

import (
	"cmp"
	"slices"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// mostAnswers is how many answers to open questions are found in this way.
const mostAnswers = 3

// mostNear is how many defects that next to nothing contradicts are looked at, and
// nextToNothing how many answers may do so.
const mostNear, nextToNothing = 4, 6

// nearPart is the share of what is left, as one in so many, that such a defect explains.
const nearPart = 8

// outweighs is how many failures that it explains one answer takes away that contradicts it.
const outweighs = 3

// considerSimpler looks, once, for a simpler explanation of many failures, most of which are
// left: answers to open questions that leave nothing to contradict a defect, and one
// condition of it. It reports whether there is anything new.
func (t *table) considerSimpler(found *Diagnosis) bool {
	if t.simpler || len(t.failures) < manyLeft || len(found.Causes) == 0 || 2*len(found.Unexplained) < len(t.failures) {
		return false
	}
	t.simpler = true
	established, answered := len(t.established), len(t.answered)
	t.considerOpen(found.Variants())
	t.considerNear(&Diagnosis{Unexplained: t.failures})
	t.considerOneCondition()
	return len(t.established) > established || len(t.answered) > answered
}

// considerAnswers looks for a mistake that shows in no failure, such as another answer
// to an open question, beside which the causes explain more. It counts as established.
// It reports whether there is one.
func (t *table) considerAnswers(found *Diagnosis) bool {
	if t.answersFound == mostAnswers || len(found.Causes) == 0 {
		return false
	}
	left := t.smallest(found.Unexplained, sampled)
	explained := t.explained(t.answers([]made{found.Variants()}, t.sendsCheap)[0])
	return t.establishSilent(found.Variants(), left, explained+1, func(verdicts []reference.Verdict) bool {
		return t.anyOf(left, verdicts, func(i int, verdict reference.Verdict) bool { return verdict == t.observations[i].Verdict })
	})
}

// considerNear looks for such a mistake beside which nothing contradicts a defect any more
// that explains much of what is left. It reports whether there is one.
func (t *table) considerNear(found *Diagnosis) bool {
	if t.answersFound == mostAnswers {
		return false
	}
	for _, r := range t.near(found.Unexplained) {
		with := append(found.Variants(), r.variants[0])
		key := keyOf(with)
		if t.fixed[key] {
			continue
		}
		t.fixed[key] = true
		whole := t.answers([]made{with}, t.sendsCheap)[0]
		against := t.contradicted(whole)
		if len(against) == 0 || len(against) > nextToNothing {
			continue
		}
		if t.establishSilent(with, against, t.explained(whole), func(verdicts []reference.Verdict) bool {
			return !t.anyOf(against, verdicts, t.disagrees)
		}) || t.establishSeveral(with, against, t.explained(whole)) {
			return true
		}
	}
	return false
}

// establishSeveral establishes several such defects beside which nothing contradicts
// others, if each helps with some of what does: the first is the one that helps most.
func (t *table) establishSeveral(others made, against []int, explained int) bool {
	var silent made
	for len(against) > 0 {
		if t.answersFound+len(silent) == mostAnswers {
			return false
		}
		best, left := t.mostHelpful(slices.Concat(silent, others), against)
		if best == nil {
			return false
		}
		silent, against = append(silent, best...), left
	}
	set := slices.Concat(silent, others)
	if len(t.uncontradicted([]made{set})) == 0 || t.explained(t.answers([]made{set}, t.sendsCheap)[0]) < explained {
		return false
	}
	t.answersFound += len(silent)
	t.establish(silent...)
	return true
}

// establishSilent establishes a defect that shows in no failure, if there is one that
// helps others with some observations, so that they explain so many failures and
// nothing contradicts them.
func (t *table) establishSilent(others made, with []int, explained int, helps func(verdicts []reference.Verdict) bool) bool {
	// Few pass the first of these tests, which costs least, and fewer the next.
	promising := t.thatAnswer(with, eachBeside(others), helps)
	for _, set := range t.uncontradicted(t.besideSilent(promising)) {
		if t.explained(t.answers([]made{set}, t.sendsCheap)[0]) >= explained {
			t.answersFound++
			t.establish(set[0])
			return true
		}
	}
	return false
}

// eachBeside returns, for each defect that might be silent, it and others.
func eachBeside(others made) (sets []made) {
	for _, v := range defect.Variants() {
		isStep := !v.Remembers && !v.Behaviour && !v.InApplications
		if isStep && !slices.ContainsFunc(others, func(o defect.Variant) bool { return o.Key() == v.Key() }) {
			sets = append(sets, append(made{v}, others...))
		}
	}
	return sets
}

// mostHelpful returns the defect that shows in no failure and beside which others give
// fewest of the answers that contradict them, and those that are left; none if no defect
// helps.
func (t *table) mostHelpful(others made, against []int) (best made, left []int) {
	sets, wrong := eachBeside(others), map[string][]int{}
	for s, verdicts := range t.answersTo(against, sets, always) {
		for k, i := range against {
			if t.disagrees(i, verdicts[k]) {
				wrong[sets[s][0].Key()] = append(wrong[sets[s][0].Key()], i)
			}
		}
	}
	left = against
	sets = slices.DeleteFunc(sets, func(set made) bool { return len(wrong[set[0].Key()]) == len(against) })
	for _, set := range t.besideSilent(sets) {
		if those := wrong[set[0].Key()]; len(those) < len(left) {
			best, left = set[:1], those
		}
	}
	return best, left
}

// near returns the defects that explain a good part of what is left, and that something
// contradicts, but little, where nothing uncontradicted explains as much.
func (t *table) near(left []int) []row {
	explains := func(r row) int { return t.explainedOf(left, r.verdicts) }
	near := slices.DeleteFunc(slices.Clone(t.rows), func(r row) bool {
		return r.against == 0 || r.variants[0].Behaviour || r.variants[0].Remembers || nearPart*explains(r) <= len(left) ||
			outweighs*r.against > t.explained(r.verdicts) || slices.ContainsFunc(t.rows, func(w row) bool {
			return w.against == 0 && !slices.ContainsFunc(t.failures, func(i int) bool {
				return r.verdicts[i] == t.observations[i].Verdict && w.verdicts[i] != r.verdicts[i]
			})
		})
	})
	slices.SortStableFunc(near, func(a, b row) int { return cmp.Compare(explains(b)-doubt*b.against, explains(a)-doubt*a.against) })
	return near[:min(mostNear, len(near))]
}

// besideSilent returns the sets whose first defect shows in nothing, made alone: it
// explains no failure, and no right answer contradicts it. t.silent has, by their keys,
// how many observations of the defects are looked through; -1 of those that show.
func (t *table) besideSilent(sets []made) []made {
	var unknown []made
	for _, set := range sets {
		if until := t.silent[set[0].Key()]; until >= 0 && until < len(t.observations) {
			unknown = append(unknown, set[:1])
		}
	}
	if t.silent == nil {
		t.silent = map[string]int{}
	}
	for _, set := range unknown {
		t.silent[set[0].Key()] = -1
	}
	for _, set := range t.without(unknown, func(i int, verdict reference.Verdict) bool {
		_, failed := slices.BinarySearch(t.failures, i)
		o := t.observations[i]
		return failed && (verdict == o.Verdict || verdict == otherwise) || !o.probe && t.disagrees(i, verdict)
	}) {
		t.silent[set[0].Key()] = len(t.observations)
	}
	return slices.DeleteFunc(slices.Clone(sets), func(set made) bool { return t.silent[set[0].Key()] < 0 })
}

// uncontradicted returns the sets that no right answer contradicts.
func (t *table) uncontradicted(sets []made) []made {
	return t.without(sets, func(i int, verdict reference.Verdict) bool {
		return !t.observations[i].probe && t.disagrees(i, verdict)
	})
}

// without returns the sets that give no answer that is wrong. Most give one soon: they
// are sent the small requests part by part.
func (t *table) without(sets []made, wrong func(i int, verdict reference.Verdict) bool) []made {
	var small []int
	for i, o := range t.observations {
		if t.isCheap(o) {
			small = append(small, i)
		}
	}
	for part := range slices.Chunk(small, chunk) {
		var left []made
		for s, verdicts := range t.answersTo(part, sets, always) {
			if !t.anyOf(part, verdicts, wrong) {
				left = append(left, sets[s])
			}
		}
		if sets = left; len(sets) == 0 {
			break
		}
	}
	return sets
}

// anyOf reports whether one of the verdicts, which some of the observations got, is so.
func (t *table) anyOf(some []int, verdicts []reference.Verdict, is func(i int, verdict reference.Verdict) bool) bool {
	for k, i := range some {
		if is(i, verdicts[k]) {
			return true
		}
	}
	return false
}

func (t *table) sendsCheap(_, i int) bool { return t.isCheap(t.observations[i]) }
