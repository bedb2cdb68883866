// This file answers: what does every defect answer to every request?

package diagnosis

import (
	"slices"
	"strings"

	"sigconform/reference"
	"sigconform/reference/defect"
)

const (
	// large is the size of a request, in bytes, that costs as much as a hundred others.
	large = 4 << 10
	// largest is the size of the largest request that a defect is sent to see whether
	// the right answer contradicts it.
	largest = 64 << 10
	// mostCompleted is how many defects that answer the same get the large requests.
	mostCompleted = 24
)

// table holds what the defects answer to every request.
type table struct {
	observations []Observation
	failures     []int // the observations to be explained
	// established are mistakes that the validator is known to have: every other
	// one is made beside them.
	established made
	// answersFound counts those that the diagnosis has established itself.
	answersFound int
	// reference is what the reference answers, with what is established: where a
	// defect does not differ from it, the defect says nothing.
	reference []reference.Verdict
	answered  []answered // the defects that explain something
	givenUp   []answered // those that too much contradicts, with what is known of them
	// refutedOnes explain something, but probes refute them: under a condition they may not.
	refutedOnes []answered
	facts       []defect.Facts
	best        made                           // the best explanation of the last search
	rows        []row                          // the same, by what they answer
	later       made                           // those that remember, until what does not explains too little
	others      made                           // those that explain none of the failures that they were sent
	sets        map[string][]reference.Verdict // what sets of defects answer, by their keys
	simpler     bool                           // see [table.considerSimpler]
	broughtBy   map[string]bool                // see [table.considerBrought]
	silent      map[string]int                 // see [table.besideSilent]
	size        int                            // requests of up to so many bytes are sent to every defect
	refuted     map[string]bool
	stuck       []explanation           // the best of each size in the last search
	fixed       map[string]bool         // the sets that were looked at: see [table.considerFixes]
	says        bool                    // the validator says what it signed
	catches     bool                    // it never throws: what a defect throws it may answer as a rejection
	compared    map[string][]comparison // of what sets of defects sign, by their keys: see [table.strings]
	budget      *budget
}

// answered is a defect, and what it answers.
type answered struct {
	variant  defect.Variant
	verdicts []reference.Verdict
	whole    bool // it got the large requests too
	fixes    bool // it may explain nothing alone: see [table.considerFixes]
}

// row is what one defect answers, and the others that answer just the same.
type row struct {
	variants []defect.Variant
	verdicts []reference.Verdict
	evidence int // see table.evidence
	against  int // right answers that it would have got wrong
	changes  int // answers that are not the reference's
}

// made is a set of defects that are made at once.
type made = []defect.Variant

// newTable compares the reference and the defects with the observations. Most
// defects explain nothing: they get the failures alone. Those that remember what
// came before need all, and large requests take long: both come later.
func newTable(observations []Observation, all, established []defect.Variant, b *budget, last bool) *table {
	t := &table{
		observations: observations, established: established, budget: b,
		refuted: map[string]bool{}, fixed: map[string]bool{}, compared: map[string][]comparison{}, broughtBy: map[string]bool{},
		catches: true,
	}
	for i, o := range observations {
		t.catches = t.catches && o.Verdict != reference.Error
		t.says = t.says || o.StringToSign != nil
		if o.Failed {
			t.failures = append(t.failures, i)
		}
	}
	if len(t.failures) == 0 {
		return t
	}
	t.size = large
	if smallest := t.smallest(t.failures, 1); size(observations[smallest[0]]) > large {
		t.size = size(observations[smallest[0]])
	}
	t.reference = make([]reference.Verdict, len(observations))
	t.reference = t.answers([]made{nil}, always)[0]
	// What is established explains needs no other cause.
	t.failures = slices.DeleteFunc(t.failures, func(i int) bool { return t.reference[i] == observations[i].Verdict })
	if len(t.failures) == 0 || !b.computing() {
		return t
	}
	if last {
		all = t.explainingLast(all)
	}
	var first made
	for _, v := range all {
		if v.Remembers {
			t.later = append(t.later, v)
		} else {
			first = append(first, v)
		}
	}
	if len(first) == 0 {
		first, t.later = t.later, nil
	}
	t.consider(t.screen(first, t.failures))
	t.group()
	return t
}

func always(int, int) bool { return true }

// extend adds observations and defects. To the new observations a defect that
// remembers answers as the reference does: it is not known what it would remember.
func (t *table) extend(more []Observation, variants ...defect.Variant) {
	from := len(t.observations)
	t.observations = slices.Concat(t.observations, more)
	for i := from; i < len(t.observations); i++ {
		t.reference = append(t.reference, "")
		if t.observations[i].Failed {
			t.failures = append(t.failures, i)
		}
	}
	copy(t.reference[from:], t.answers([]made{nil}, func(_, k int) bool { return k >= from })[0][from:])
	t.failures = slices.DeleteFunc(t.failures, func(i int) bool { return t.reference[i] == t.observations[i].Verdict })
	for _, list := range [][]answered{t.answered, t.refutedOnes} {
		var known made
		for _, a := range list {
			known = append(known, a.variant)
		}
		for i, verdicts := range t.answers(alone(known), func(i, k int) bool { return k >= from && !known[i].Remembers }) {
			list[i].verdicts = append(list[i].verdicts[:from:from], verdicts[from:]...)
		}
	}
	// Those that were given up get the new observations when they are looked at again.
	for i, a := range t.givenUp {
		t.givenUp[i].verdicts = append(a.verdicts[:from:from], t.reference[from:]...)
	}
	t.consider(variants)
	t.group()
}

// complete sends the large requests to the defects of rows, and reports whether
// one of them answers otherwise than was assumed.
func (t *table) complete(rows []int) (changed bool) {
	var variants made
	for _, r := range rows {
		variants = append(variants, t.rows[r].variants[:min(mostCompleted, len(t.rows[r].variants))]...)
	}
	return t.completeThose(variants)
}

// completeThose sends the large requests to defects: see [table.complete].
func (t *table) completeThose(variants made) (changed bool) {
	var sets []made
	var at []int
	for i, a := range t.answered {
		if !a.whole && slices.ContainsFunc(variants, func(v defect.Variant) bool { return v.Key() == a.variant.Key() }) {
			sets, at = append(sets, made{a.variant}), append(at, i)
		}
	}
	sent := func(v defect.Variant, i int) bool {
		o := t.observations[i]
		if v.Remembers { // what large requests have left answers small ones
			return !o.probe && size(o) <= largest
		}
		return !t.isCheap(o) && (o.Failed || size(o) <= largest)
	}
	for n, verdicts := range t.answers(sets, func(set, i int) bool { return sent(sets[set][0], i) }) {
		a := &t.answered[at[n]]
		for i := range t.observations {
			if sent(a.variant, i) && a.verdicts[i] != verdicts[i] {
				a.verdicts[i], changed = verdicts[i], true
			}
		}
		a.whole = true
	}
	if changed {
		t.group()
	}
	return changed
}

// group makes the rows of the defects.
func (t *table) group() {
	t.rows = nil
	known := map[string]int{}
	for _, a := range t.answered {
		if !a.fixes && t.explained(a.verdicts) == 0 {
			continue
		}
		key := rowKey(a.verdicts)
		if a.fixes {
			key += a.variant.Key() // made with others it is not what answers the same alone
		}
		if same, is := known[key]; is {
			t.join(same, a)
			continue
		}
		known[key] = len(t.rows)
		r := row{
			variants: made{a.variant}, verdicts: a.verdicts,
			evidence: t.evidence(a.verdicts, made{a.variant}), against: t.contradictions(a.verdicts),
		}
		for i, v := range a.verdicts {
			if v != t.reference[i] {
				r.changes++
			}
		}
		t.rows = append(t.rows, r)
	}
}

// rowKey spells what a defect answers as text.
func rowKey(verdicts []reference.Verdict) string {
	var key strings.Builder
	for _, v := range verdicts {
		switch v {
		case reference.Accept:
			key.WriteByte('a')
		case reference.Reject:
			key.WriteByte('r')
		default:
			key.WriteByte('e')
		}
	}
	return key.String()
}

// join puts a defect into the row that answers the same, first if there is more
// evidence for it, or if it is a step and the first is a behaviour, or it rejects and
// the first throws.
func (t *table) join(index int, a answered) {
	r := &t.rows[index]
	evidence := t.evidence(a.verdicts, made{a.variant})
	first := r.variants[0]
	if evidence > r.evidence || first.Behaviour && !a.variant.Behaviour || t.catches && first.OnlyThrows() && !a.variant.OnlyThrows() {
		r.variants, r.evidence = slices.Insert(r.variants, 0, a.variant), evidence
		return
	}
	r.variants = append(r.variants, a.variant)
}

func alone(variants []defect.Variant) []made {
	var sets []made
	for i := range variants {
		sets = append(sets, variants[i:i+1])
	}
	return sets
}

// isCheap: what a large request costs is not worth it in a search. It is sent to
// the defects that the search has found.
func (t *table) isCheap(o Observation) bool { return size(o) <= t.size }

// answers gives each set of defects, made at once beside what is established,
// those of the observations that sent says, in order. To the rest they answer as
// the reference does; and to all once nobody waits, when nothing is claimed.
func (t *table) answers(sets []made, sent func(set, observation int) bool) [][]reference.Verdict {
	all := make([]int, len(t.observations))
	for i := range all {
		all[i] = i
	}
	return t.answersTo(all, sets, sent)
}

// answersTo does the same for some of the observations, in their order: few
// requests to many sets take little memory.
func (t *table) answersTo(some []int, sets []made, sent func(set, observation int) bool) [][]reference.Verdict {
	cases := make([]Case, len(some))
	for k, i := range some {
		cases[k] = Case{AuthToken: t.observations[i].AuthToken, Request: t.observations[i].Request}
	}
	whole := make([]made, len(sets))
	for i, set := range sets {
		whole[i] = slices.Concat(t.established, set)
	}
	said := t.saying(sets, some)
	var hear func(set, k int, verdict reference.Verdict, signed []string)
	if t.says {
		hear = said.hear
	}
	answers := defect.AnswersTo(cases, func(set, k int) bool {
		if !sent(set, some[k]) || t.budget.over() {
			return false
		}
		t.budget.steps.Add(1)
		return true
	}, hear, whole...)
	for set, verdicts := range answers {
		for k := range verdicts {
			switch {
			case verdicts[k] == "":
				verdicts[k] = t.reference[some[k]]
			case said.isOtherwise(set, k):
				verdicts[k] = otherwise
			case t.catches:
				verdicts[k] = rejection(verdicts[k])
			}
		}
	}
	said.remember()
	return answers
}

// explained counts the failures to which the verdicts are the validator's.
func (t *table) explained(verdicts []reference.Verdict) int {
	return t.explainedOf(t.failures, verdicts)
}

// explainedOf counts those of some observations.
func (t *table) explainedOf(some []int, verdicts []reference.Verdict) int {
	n := 0
	for _, i := range some {
		if verdicts[i] == t.observations[i].Verdict {
			n++
		}
	}
	return n
}

// contradicted lists the right answers that the verdicts get wrong, without those
// to probes. An error where a rejection was due is as good as the rejection.
func (t *table) contradicted(verdicts []reference.Verdict) []int {
	var contradicted []int
	for i := range t.observations {
		if !t.observations[i].probe && t.disagrees(i, verdicts[i]) {
			contradicted = append(contradicted, i)
		}
	}
	return contradicted
}

// contradictions counts them: see [table.contradicted].
func (t *table) contradictions(verdicts []reference.Verdict) int {
	n := 0
	for i := range t.observations {
		if !t.observations[i].probe && t.disagrees(i, verdicts[i]) {
			n++
		}
	}
	return n
}

func (t *table) disagrees(i int, verdict reference.Verdict) bool {
	o := &t.observations[i]
	return !o.Failed && !o.Open && verdict != o.Verdict && rejection(verdict) != rejection(o.Verdict)
}

func rejection(v reference.Verdict) reference.Verdict {
	if v == reference.Error {
		return reference.Reject
	}
	return v
}
