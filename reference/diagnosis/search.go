package diagnosis

import (
	"cmp"
	"slices"

	"sigconform/reference/defect"
)

const (
	// mostCauses is how many defects are assumed to be made at once.
	mostCauses = 8
	// beam is how many explanations of one size are widened to the next.
	beam = 5
	// breadth is how many defects are tried to widen one of them.
	breadth = 12
	// doubt is how many failures one contradiction outweighs.
	doubt = 2
)

// explanation is a set of defects made at once, and what it answers.
type explanation struct {
	rows     []int // in the table, ascending
	verdicts []defect.Verdict
	cost     int // failures that it leaves, and contradictions with doubt
	evidence int
	changes  int // answers that are not the reference's
}

// search returns the cheapest explanation: first each defect alone, then the
// best of them with another, and so on while that explains more. It may be
// that of no defect at all.
func (t *table) search() explanation {
	best := explanation{verdicts: t.reference, cost: len(t.failures)}
	var widest []explanation
	for i, r := range t.rows {
		widest = append(widest, t.weigh([]int{i}, r.verdicts, r.evidence))
	}
	for size := 1; len(widest) > 0; size++ {
		slices.SortStableFunc(widest, t.compare)
		if widest[0].cost >= best.cost {
			return best
		}
		best = widest[0]
		if best.cost == 0 || size == mostCauses {
			return best
		}
		widest = t.widen(widest[:min(beam, len(widest))])
	}
	return best
}

// widen adds to each explanation each defect that promises to explain more.
func (t *table) widen(narrow []explanation) []explanation {
	var sets [][]int
	for _, e := range narrow {
		for _, i := range t.promising(e) {
			set := append(slices.Clone(e.rows), i)
			slices.Sort(set)
			if !slices.ContainsFunc(sets, func(s []int) bool { return slices.Equal(s, set) }) {
				sets = append(sets, set)
			}
		}
	}
	var together []made
	for _, set := range sets {
		var m made
		for _, r := range set {
			m = append(m, t.rows[r].variants[0])
		}
		together = append(together, m)
	}
	var wide []explanation
	// What none of the defects changes alone is hardly changed by all: it is not asked.
	asked := func(set, i int) bool {
		return t.observations[i].Failed || isCheap(t.observations[i]) && slices.ContainsFunc(sets[set], func(r int) bool {
			return t.rows[r].verdicts[i] != t.reference[i] || t.rows[r].variants[0].Remembers
		})
	}
	for i, verdicts := range t.answers(together, asked) {
		t.guess(sets[i], verdicts)
		wide = append(wide, t.weigh(sets[i], verdicts, t.evidence(verdicts, together[i])))
	}
	return wide
}

// guess fills in the verdicts on large requests, which are not asked: what one
// of the defects changes alone is changed.
func (t *table) guess(set []int, verdicts []defect.Verdict) {
	for i, o := range t.observations {
		if isCheap(o) {
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
			gain[index] = explained - doubt*len(t.contradicted(r.verdicts))
			rows = append(rows, index)
		}
	}
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(gain[b], gain[a]) })
	return rows[:min(breadth, len(rows))]
}

func (t *table) weigh(rows []int, verdicts []defect.Verdict, evidence int) explanation {
	left := len(t.failures) - t.explained(verdicts)
	return explanation{rows, verdicts, left + doubt*len(t.contradicted(verdicts)), evidence, t.changes(verdicts)}
}

// compare puts the better explanation first: the cheaper one, then the one for
// which more speaks, then the one that is wrong about less.
func (t *table) compare(a, b explanation) int {
	return cmp.Or(
		cmp.Compare(a.cost, b.cost),
		cmp.Compare(len(a.rows), len(b.rows)),
		cmp.Compare(b.evidence, a.evidence),
		cmp.Compare(a.changes, b.changes),
	)
}

// changes counts the answers that are not the reference's.
func (t *table) changes(verdicts []defect.Verdict) int {
	n := 0
	for i, verdict := range verdicts {
		if verdict != t.reference[i] {
			n++
		}
	}
	return n
}

// cause says what one defect contributes to an explanation with those verdicts.
// A right answer contradicts the defect only if the explanation as a whole gets
// it wrong: what one defect spoils another may mend.
func (t *table) cause(index int, whole []defect.Verdict) Cause {
	r := t.rows[index]
	c := Cause{Defect: r.variants[0], Equals: r.variants[1:]}
	for _, i := range t.failures {
		if r.verdicts[i] == t.observations[i].Verdict {
			c.Explains = append(c.Explains, i)
		}
	}
	for _, i := range t.contradicted(whole) {
		if r.verdicts[i] != t.reference[i] {
			c.Contradicts = append(c.Contradicts, i)
		}
	}
	return c
}

// nearest returns the defect that explains most of what is left, less what it
// is contradicted by; nil if nothing explains any of it.
func (t *table) nearest(left []int) *Cause {
	var nearest *Cause
	most := 0
	for index, r := range t.rows {
		if r.variants[0].Behaviour {
			continue
		}
		c := t.cause(index, r.verdicts)
		c.Explains = slices.DeleteFunc(c.Explains, func(i int) bool { return !slices.Contains(left, i) })
		if worth := 1000 + len(c.Explains) - len(c.Contradicts); len(c.Explains) > 0 && worth > most {
			nearest, most = &c, worth
		}
	}
	return nearest
}

func sortCauses(causes []Cause) {
	slices.SortStableFunc(causes, func(a, b Cause) int { return cmp.Compare(len(b.Explains), len(a.Explains)) })
}
