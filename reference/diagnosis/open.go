// This file answers: which open questions does the validator answer in another way than
// the reference and its mistakes do? That changes what others sign, too.

package diagnosis

import (
	"slices"

	"sigconform/reference"
)

// mostOpen is how many answers to open questions are taken from what was answered to them.
const mostOpen = 10

// mostOther is how many such answers are few enough to be taken for themselves, and mostSilent
// how many defects may give them: more are due to what explains failures.
const mostOther, mostSilent = 24, 16

// considerOpen establishes defects that show in no failure and in no right answer, but that,
// made beside the causes, answer open questions as the validator does, wherever they change
// an answer. It reports whether there are any.
func (t *table) considerOpen(causes made) bool {
	open, agrees := t.open(), func(i int, v reference.Verdict) bool { return v == t.observations[i].Verdict }
	before := map[int]reference.Verdict{}
	var other []int // those that the causes answer otherwise
	for k, v := range t.answersTo(open, []made{causes}, always)[0] {
		if before[open[k]] = v; !agrees(open[k], v) {
			other = append(other, open[k])
		}
	}
	if len(other) > mostOther {
		return false
	}
	sets := t.thatAnswer(other, eachBeside(causes), func(verdicts []reference.Verdict) bool { return t.anyOf(other, verdicts, agrees) })
	sets = t.thatAnswer(open, sets, func(verdicts []reference.Verdict) bool {
		return !t.anyOf(open, verdicts, func(i int, v reference.Verdict) bool { return v != before[i] && !agrees(i, v) })
	})
	if len(sets) > mostSilent {
		return false
	}
	silent := t.answering(other, causes, t.harmless(causes, t.besideSilent(sets)))
	if len(silent) > 0 {
		t.establish(silent...)
	}
	return len(silent) > 0
}

// open lists the small observations of open questions.
func (t *table) open() (open []int) {
	for i, o := range t.observations {
		if o.Open && t.isCheap(o) {
			open = append(open, i)
		}
	}
	return open
}

// answering returns the first defects of sets that, made beside the causes, give most of some
// answers, each as many as none of the others gives beside those before it.
func (t *table) answering(some []int, causes made, sets []made) (silent made) {
	given := func(verdicts []reference.Verdict) (n int) {
		for k, i := range some {
			if verdicts[k] == t.observations[i].Verdict {
				n++
			}
		}
		return n
	}
	for most := 0; len(silent) < mostOpen; {
		best := -1
		for s, verdicts := range t.answersTo(some, sets, always) {
			if n := given(verdicts); n > most {
				most, best = n, s
			}
		}
		if best < 0 {
			break
		}
		silent = append(silent, sets[best][0])
		sets = slices.Delete(sets, best, best+1)
		for s := range sets {
			sets[s] = slices.Concat(sets[s][:1], silent, causes)
		}
	}
	return silent
}

// harmless returns the sets that explain as much as the causes do, and that nothing
// contradicts.
func (t *table) harmless(causes made, sets []made) (harmless []made) {
	explained := t.explained(t.answers([]made{causes}, t.sendsCheap)[0])
	for s, verdicts := range t.answers(sets, t.sendsCheap) {
		if t.explained(verdicts) >= explained && t.contradictions(verdicts) == 0 {
			harmless = append(harmless, sets[s])
		}
	}
	return harmless
}

// thatAnswer returns the sets whose answers to some observations are as they should be.
func (t *table) thatAnswer(some []int, sets []made, are func(verdicts []reference.Verdict) bool) []made {
	var left []made
	for s, verdicts := range t.answersTo(some, sets, always) {
		if are(verdicts) {
			left = append(left, sets[s])
		}
	}
	return left
}
