// This file answers: which defects, together, answer as the validator did?

package diagnosis

import (
	"cmp"
	"slices"
	"strings"

	"sigconform/reference"
	"sigconform/reference/defect"
)

const (
	// mostCauses is how many defects are assumed to be made at once.
	mostCauses = 8
	// beam is how many explanations of one size are widened to the next.
	beam = 4
	// breadth is how many defects are tried to widen one of them.
	breadth = 10
	// doubt is how many failures one contradiction outweighs in the search.
	doubt = 2
	// alike is how many failures that the same defects explain stand for all of
	// those: the search takes as long as there are different failures.
	alike = 3
	// mostWrong is how many wrong answers of an explanation are few: every defect is
	// tried at them.
	mostWrong = 12
)

// explanation is a set of defects made at once, and what it answers.
type explanation struct {
	rows        []int // in the table, ascending
	verdicts    []reference.Verdict
	left        int // failures that it does not explain
	contradicts int // right answers that it gets wrong
	missed      int // right answers to probes that it gets wrong
	evidence    int
	changes     int // answers that are not the reference's
	alone       int // … of its defects alone
}

func (e explanation) cost() int { return e.left + doubt*e.contradicts }

// search returns the best explanation that nothing contradicts: first each defect
// alone, then the best of them with another, and so on while that explains more.
// It may be that of no defect at all.
func (t *table) search() (best explanation) {
	best = explanation{verdicts: t.reference, left: len(t.failures)}
	var widest []explanation
	for i, r := range t.rows {
		widest = append(widest, t.weigh([]int{i}, r.verdicts, r.evidence))
	}
	// What was best before may still be, and is the better start.
	if rows := t.rowsOf(t.best); len(rows) > 1 {
		verdicts := t.together(rows)
		widest = append(widest, t.weigh(rows, verdicts, t.evidence(verdicts, t.variants(rows))))
	}
	defer func() { t.best = t.variants(best.rows) }()
	before := best.cost()
	t.stuck = nil
	for size := 1; len(widest) > 0; size++ {
		slices.SortStableFunc(widest, t.compare)
		for _, e := range widest {
			if e.left < best.left && t.isClaim(e) {
				best = e
			}
		}
		if best.left == 0 || size == mostCauses || widest[0].cost() >= before || !t.budget.computing() {
			break
		}
		before = widest[0].cost()
		t.stuck = append(t.stuck, widest[0])
		widest = t.widen(widest[:min(beam, len(widest))])
	}
	return best
}

// rowsOf returns the rows in which defects stand, those that are still in the table.
func (t *table) rowsOf(variants made) (rows []int) {
	for i, r := range t.rows {
		if slices.ContainsFunc(r.variants, func(v defect.Variant) bool {
			return slices.ContainsFunc(variants, func(w defect.Variant) bool { return v.Key() == w.Key() })
		}) {
			rows = append(rows, i)
		}
	}
	return rows
}

// simplify returns rows in which one defect stands in place of two, if they explain as much
// as what rows answer and nothing contradicts them; nil if there are none.
func (t *table) simplify(rows []int, whole []reference.Verdict) []int {
	if len(rows) < 3 {
		return nil
	}
	left := len(t.failures) - t.explained(whole)
	for n, a := range rows {
		for _, b := range rows[:n] {
			rest := slices.DeleteFunc(slices.Clone(rows), func(r int) bool { return r == a || r == b })
			verdicts := t.together(rest)
			lost := slices.DeleteFunc(slices.Clone(t.failures), func(i int) bool {
				return whole[i] != t.observations[i].Verdict || verdicts[i] == t.observations[i].Verdict
			})
			for _, r := range t.inPlaceOf(lost, rows) {
				simpler := append(slices.Clone(rest), r)
				slices.Sort(simpler)
				if e := t.weigh(simpler, t.together(simpler), 0); e.left <= left && t.isClaim(e) {
					return simpler
				}
			}
		}
	}
	return nil
}

// inPlaceOf returns the few rows but some that explain most of what was lost, and alone more
// than half of it.
func (t *table) inPlaceOf(lost, but []int) []int {
	explained := map[int]int{}
	var rows []int
	for i, r := range t.rows {
		explained[i] = t.explainedOf(lost, r.verdicts)
		if !slices.Contains(but, i) && !r.variants[0].Behaviour && !r.variants[0].Remembers && 2*explained[i] > len(lost) {
			rows = append(rows, i)
		}
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		return cmp.Or(cmp.Compare(explained[b], explained[a]), cmp.Compare(t.rows[a].against, t.rows[b].against))
	})
	return rows[:min(beam, len(rows))]
}

// widen adds to each explanation each defect that promises to explain more.
func (t *table) widen(narrow []explanation) []explanation {
	var sets [][]int
	for k, e := range narrow {
		more := t.promising(e)
		if k == 0 {
			more = append(more, t.rowsOf(t.fixes(e, t.firsts(e.rows)))...)
		}
		for _, i := range more {
			set := append(slices.Clone(e.rows), i)
			slices.Sort(set)
			if !slices.ContainsFunc(sets, func(s []int) bool { return slices.Equal(s, set) }) {
				sets = append(sets, set)
			}
		}
	}
	var together []made
	known := make([][]reference.Verdict, len(sets)) // from an earlier search
	for i, set := range sets {
		together = append(together, t.variants(set))
		known[i] = t.sets[keyOf(together[i])]
	}
	like := t.representatives()
	// What none of the defects changes alone is hardly changed by all: it is not sent.
	sent := func(set, i int) bool {
		o := t.observations[i]
		return i >= len(known[set]) && like[i] == i && t.isCheap(o) && (o.Failed || o.probe || slices.ContainsFunc(sets[set], func(r int) bool {
			return t.rows[r].verdicts[i] != t.reference[i] || t.rows[r].variants[0].Remembers
		}))
	}
	if t.sets == nil {
		t.sets = map[string][]reference.Verdict{}
	}
	var wide []explanation
	for i, verdicts := range t.answers(together, sent) {
		copy(verdicts, known[i])
		for k, other := range like {
			if k >= len(known[i]) {
				verdicts[k] = verdicts[other]
			}
		}
		t.guess(sets[i], verdicts)
		t.unexplain(verdicts, together[i])
		t.sets[keyOf(together[i])] = verdicts
		wide = append(wide, t.weigh(sets[i], verdicts, t.evidence(verdicts, together[i])))
	}
	return wide
}

// keyOf names a set of defects.
func keyOf(set made) string {
	var keys []string
	for _, v := range set {
		keys = append(keys, v.Key())
	}
	slices.Sort(keys)
	return strings.Join(keys, " ")
}

// variants returns the defects that stand for rows.
func (t *table) variants(rows []int) made {
	var m made
	for _, r := range rows {
		m = append(m, t.rows[r].variants[0])
	}
	return m
}

// representatives returns for each observation the one that stands for it:
// itself, or for a failure one that the same defects explain.
func (t *table) representatives() []int {
	like := make([]int, len(t.observations))
	for i := range like {
		like[i] = i
	}
	classes := map[string][]int{}
	for _, i := range t.failures {
		// What was accepted stands for nothing that was rejected.
		key := append(make([]byte, len(t.rows)), t.observations[i].Verdict...)
		for r, row := range t.rows {
			if row.verdicts[i] == t.observations[i].Verdict {
				key[r] = 1
			}
		}
		class := classes[string(key)]
		if len(class) < alike {
			classes[string(key)] = append(class, i)
		} else {
			like[i] = class[i%alike]
		}
	}
	return like
}

// firsts returns the defects that stand for all rows but some.
func (t *table) firsts(but []int) made {
	var firsts made
	for i, r := range t.rows {
		if !slices.Contains(but, i) {
			firsts = append(firsts, r.variants[0])
		}
	}
	return firsts
}

// guess fills in the verdicts on large requests, which are not sent: what one
// of the defects changes alone is changed.
func (t *table) guess(set []int, verdicts []reference.Verdict) {
	for i, o := range t.observations {
		if t.isCheap(o) {
			continue
		}
		for _, r := range set {
			if t.rows[r].verdicts[i] != t.reference[i] {
				verdicts[i] = t.rows[r].verdicts[i]
			}
		}
	}
}

// promising returns the rows that explain most of what e leaves, less what they
// are contradicted by alone.
func (t *table) promising(e explanation) []int {
	gain := map[int]int{}
	var rows []int
	for index, r := range t.rows {
		explained := 0
		for _, i := range t.failures {
			if observed := t.observations[i].Verdict; e.verdicts[i] != observed && r.verdicts[i] == observed {
				explained++
			}
		}
		if explained > 0 && !slices.Contains(e.rows, index) {
			gain[index] = explained - doubt*r.against
			rows = append(rows, index)
		}
	}
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(gain[b], gain[a]) })
	return rows[:min(breadth, len(rows))]
}

// fixes returns those of the defects that correct most of the few answers that e gets
// wrong, if they are made together with those of e. What a defect does alone does not
// show that: others may hide it.
func (t *table) fixes(e explanation, defects made) made {
	var wrong []int
	for i, o := range t.observations {
		if t.isCheap(o) && (t.disagrees(i, e.verdicts[i]) || o.Failed && e.verdicts[i] != o.Verdict) {
			wrong = append(wrong, i)
		}
	}
	if len(wrong) == 0 || len(wrong) > mostWrong {
		return nil
	}
	defects = slices.DeleteFunc(slices.Clone(defects), func(v defect.Variant) bool { return v.Remembers || v.Behaviour || t.refuted[v.Key()] })
	var sets []made
	for _, v := range defects {
		sets = append(sets, append(t.variants(e.rows), v))
	}
	right := map[string]int{}
	for n, verdicts := range t.answersTo(wrong, sets, always) {
		for k, i := range wrong {
			if verdicts[k] == t.observations[i].Verdict {
				right[defects[n].Key()]++
			}
		}
	}
	defects = slices.DeleteFunc(defects, func(v defect.Variant) bool { return right[v.Key()] == 0 })
	slices.SortStableFunc(defects, func(a, b defect.Variant) int { return cmp.Compare(right[b.Key()], right[a.Key()]) })
	return defects[:min(breadth, len(defects))]
}

// considerFixes adds defects that promised nothing alone, but correct what the explanations
// of the last search get wrong, those that cost no more than that. It reports whether it
// found any.
func (t *table) considerFixes(cost int) bool {
	putOff := slices.Clone(t.others)
	for _, a := range t.givenUp {
		putOff = append(putOff, a.variant)
	}
	before := len(t.answered)
	for _, e := range t.stuck {
		key := keyOf(t.variants(e.rows))
		if t.fixed[key] || e.cost() > cost {
			continue
		}
		t.fixed[key] = true
		putOff = slices.DeleteFunc(putOff, t.has)
		fixes := t.fixes(e, putOff)
		for i, verdicts := range t.answers(alone(fixes), t.sendsCheap) {
			t.answered = append(t.answered, answered{variant: fixes[i], verdicts: verdicts, fixes: true})
		}
	}
	if len(t.answered) == before {
		return false
	}
	t.others = slices.DeleteFunc(t.others, t.has)
	t.givenUp = slices.DeleteFunc(t.givenUp, func(a answered) bool { return t.has(a.variant) })
	t.group()
	return true
}

func (t *table) weigh(rows []int, verdicts []reference.Verdict, evidence int) explanation {
	e := explanation{
		rows: rows, verdicts: verdicts, evidence: evidence,
		left: len(t.failures) - t.explained(verdicts), contradicts: t.contradictions(verdicts),
	}
	for _, r := range rows {
		e.alone += t.rows[r].changes
	}
	for i, v := range verdicts {
		if v != t.reference[i] {
			e.changes++
		}
		if t.observations[i].probe && t.disagrees(i, v) {
			e.missed++
		}
	}
	return e
}

// compare puts the better explanation first: the cheaper one, the one of fewer
// defects, the one that foretold more probes, then the one for which more speaks, the
// one that changes less, and the one whose defects change less alone.
func (t *table) compare(a, b explanation) int {
	return cmp.Or(
		cmp.Compare(a.cost(), b.cost()),
		cmp.Compare(len(a.rows), len(b.rows)),
		cmp.Compare(a.missed, b.missed),
		cmp.Compare(b.evidence, a.evidence),
		cmp.Compare(a.changes, b.changes),
		cmp.Compare(a.alone, b.alone),
	)
}
