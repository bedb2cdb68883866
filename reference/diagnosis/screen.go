// This file answers: which defects are worth a look? Most explain nothing: a sample
// of the failures and of the right answers tells.

package diagnosis

import (
	"cmp"
	"slices"

	"sigconform/reference"
	"sigconform/reference/defect"
)

const (
	// mostLarge is how many large failures are looked into of those that are left.
	mostLarge = 2
	// chunk is how many right answers a defect is compared with before those that
	// contradict it are counted, and hopeless how many may contradict it, beside
	// one for two failures that it explains, before it is given up.
	chunk, hopeless = 64, 8
	// screened is how many failures every defect is sent to see whether it explains
	// one of them, and mostPromising how many of those that do are sent all at once.
	screened, mostPromising = 40, 100
	// sampled is how many failures are a sample where all of them are alike.
	sampled = 12
	// mostLater is how many of those that remember are sent everything.
	mostLater = 8
)

// screen returns the defects that promise most: of those that explain a failure, of
// many one of a sample, those that explain most and that a sample of the right
// answers contradicts least. It keeps the others for a later look.
func (t *table) screen(variants made, failures []int) (promising made) {
	if len(variants) == 0 || len(failures) == 0 {
		return nil
	}
	sample := map[int]bool{}
	pick := func(from []int) {
		from = slices.DeleteFunc(from, func(i int) bool { return !t.isCheap(t.observations[i]) })
		for n := range min(screened, len(from)) {
			sample[from[n*len(from)/min(screened, len(from))]] = true
		}
	}
	var right []int
	for i, o := range t.observations {
		if !o.Failed && !o.Open && !o.probe {
			right = append(right, i)
		}
	}
	pick(slices.Clone(failures))
	pick(right)
	type promise struct {
		defect.Variant
		worth int
	}
	var found []promise
	t.others = nil
	// What is remembered comes from what was sent before: the first failures tell.
	until := failures[min(screened, len(failures))-1]
	isEarly := func(k int) bool { return k <= until && t.isCheap(t.observations[k]) }
	remember := slices.ContainsFunc(variants, func(v defect.Variant) bool { return v.Remembers })
	var some []int
	for k := range t.observations {
		if sample[k] || remember && isEarly(k) {
			some = append(some, k)
		}
	}
	for i, verdicts := range t.answersTo(some, alone(variants), func(i, k int) bool {
		if variants[i].Remembers {
			return isEarly(k)
		}
		return sample[k]
	}) {
		worth := 0
		for n, k := range some {
			if sample[k] && t.observations[k].Failed && verdicts[n] == t.observations[k].Verdict {
				worth++
			}
		}
		if worth == 0 {
			t.others = append(t.others, variants[i])
			continue
		}
		for n, k := range some {
			if sample[k] && t.disagrees(k, verdicts[n]) {
				worth -= doubt
			}
		}
		found = append(found, promise{variants[i], worth})
	}
	slices.SortStableFunc(found, func(a, b promise) int { return cmp.Compare(b.worth, a.worth) })
	for i, p := range found {
		// Of a limit that explains anything the number is searched for.
		if i < mostPromising || p.Sized != nil {
			promising = append(promising, p.Variant)
		} else {
			t.others = append(t.others, p.Variant)
		}
	}
	return promising
}

// unlooked returns the defects that were put off though they explain a sample of
// the failures whole.
func (t *table) unlooked(failures []int) made {
	failures = slices.DeleteFunc(slices.Clone(failures), func(i int) bool { return !t.isCheap(t.observations[i]) })
	var sample []int
	for n := range min(sampled, len(failures)) {
		sample = append(sample, failures[n*len(failures)/min(sampled, len(failures))])
	}
	var found made
	for i, verdicts := range t.answersTo(sample, alone(t.others), func(i, _ int) bool { return !t.others[i].Remembers }) {
		explainsAll := !t.others[i].Remembers && !t.others[i].Behaviour
		for n, k := range sample {
			explainsAll = explainsAll && verdicts[n] == t.observations[k].Verdict
		}
		if explainsAll {
			found = append(found, t.others[i])
		}
	}
	return found
}

// has reports whether a defect is in the table.
func (t *table) has(v defect.Variant) bool {
	return slices.ContainsFunc(t.answered, func(a answered) bool { return a.variant.Key() == v.Key() })
}

// size is how much there is of a request to be read.
func size(o Observation) int { return len(o.Request.URL) + len(o.Request.Body) }

// smallest returns the n smallest of observations.
func (t *table) smallest(indices []int, n int) []int {
	indices = slices.Clone(indices)
	slices.SortStableFunc(indices, func(a, b int) int { return cmp.Compare(size(t.observations[a]), size(t.observations[b])) })
	return indices[:min(n, len(indices))]
}

// explainingLast returns the defects that give the last answer.
func (t *table) explainingLast(all []defect.Variant) []defect.Variant {
	last := len(t.observations) - 1
	var explaining []defect.Variant
	for i, verdicts := range t.answers(alone(all), func(i, k int) bool { return k == last || all[i].Remembers }) {
		if verdicts[last] == t.observations[last].Verdict {
			explaining = append(explaining, all[i])
		}
	}
	return explaining
}

// consider adds those of the defects that explain something.
func (t *table) consider(variants []defect.Variant) {
	kept := t.keep(variants, t.answers(alone(variants), func(i, k int) bool {
		o := t.observations[k]
		return t.isCheap(o) && (o.Failed || variants[i].Remembers)
	}))
	// The rest is compared part by part: a defect that many right answers
	// contradict needs no further ones.
	against := make([]int, len(kept)) // how many contradict it
	hope := make([]int, len(kept))    // how many may
	for i, a := range kept {
		if hope[i] = t.explained(a.verdicts)/2 + hopeless; a.variant.Sized != nil {
			hope[i] = len(t.observations) // a number below the right one is contradicted by more
		}
	}
	given := make([]bool, len(kept))
	for from := 0; from < len(t.observations) && len(kept) > 0; from += chunk {
		isNext := func(i, k int) bool {
			o := t.observations[k]
			return !o.Failed && t.isCheap(o) && !given[i] && !kept[i].variant.Remembers
		}
		var sets []made
		for _, a := range kept {
			sets = append(sets, made{a.variant})
		}
		var next []int
		for k := from; k < min(from+chunk, len(t.observations)); k++ {
			next = append(next, k)
		}
		part := t.answersTo(next, sets, isNext)
		for i, a := range kept {
			for n, k := range next {
				if isNext(i, k) {
					a.verdicts[k] = part[i][n]
				}
				if !t.observations[k].probe && t.disagrees(k, a.verdicts[k]) {
					against[i]++
				}
			}
			given[i] = given[i] || against[i] > hope[i]
		}
	}
	for i, a := range kept {
		if given[i] {
			t.givenUp = append(t.givenUp, a)
		} else {
			t.answered = append(t.answered, a)
		}
	}
}

// keep returns the defects that explain something.
func (t *table) keep(variants []defect.Variant, verdicts [][]reference.Verdict) (kept []answered) {
	for i, v := range variants {
		if t.explained(verdicts[i]) > 0 {
			kept = append(kept, answered{variant: v, verdicts: verdicts[i]})
		}
	}
	return kept
}

// considerLater adds the defects that remember. It reports whether there are any.
func (t *table) considerLater(left []int) bool {
	before, others := len(t.answered), t.others
	promising := t.screen(t.later, left)
	t.consider(promising[:min(mostLater, len(promising))])
	t.later, t.others = nil, others
	t.group()
	return len(t.answered) > before
}

// considerLarge adds what explains the large requests that are left beside others. It
// reports whether there was anything.
func (t *table) considerLarge(left []int) bool {
	big := slices.DeleteFunc(slices.Clone(left), func(i int) bool { return t.isCheap(t.observations[i]) })
	return len(big) > 0 && t.considerMore(big)
}

// considerMore adds what was put off: the defects that promised less, and those that
// explain large requests alone. It reports whether there was anything.
func (t *table) considerMore(left []int) bool {
	before := len(t.answered)
	left = slices.DeleteFunc(slices.Clone(left), func(i int) bool { return t.observations[i].probe })
	if len(left) == 0 {
		return false
	}
	if !slices.ContainsFunc(left, func(i int) bool { return t.isCheap(t.observations[i]) }) {
		big := t.smallest(left, mostLarge)
		t.size, t.silent = size(t.observations[big[len(big)-1]]), nil
	}
	t.consider(t.screen(t.others, left))
	t.group()
	return len(t.answered) > before
}
