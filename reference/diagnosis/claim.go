// This file answers: what may be claimed? A cause explains failures, no right
// answer contradicts it, no string that the validator says it signed refutes it,
// and every cause explains failures that the others leave.

package diagnosis

import (
	"cmp"
	"slices"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// isClaim reports whether nothing contradicts an explanation.
func (t *table) isClaim(e explanation) bool {
	if e.contradicts > 0 {
		return false
	}
	_, differ := t.strings(e.verdicts, t.variants(e.rows))
	return differ == 0
}

// claims returns the causes of the best explanation, and what they leave.
func (t *table) claims() *Diagnosis {
	d := &Diagnosis{}
	if len(t.failures) == 0 {
		return d
	}
	best := t.search()
	for range mostCauses {
		if !t.complete(best.rows) {
			break
		}
		best = t.search()
	}
	rows, whole := t.needed(best.rows)
	if simpler := t.simplify(rows, whole); simpler != nil {
		rows, whole = t.needed(simpler)
	}
	for _, row := range rows {
		r := t.rows[row]
		d.Causes = append(d.Causes, Cause{Defect: r.variants[0], Equals: r.variants[1:], State: Likely})
	}
	without := make([][]reference.Verdict, len(rows))
	for c := range rows {
		without[c] = t.together(slices.Delete(slices.Clone(rows), c, c+1))
	}
	explaining := map[int]int{} // how many of them explain a failure alone
	for _, i := range t.failures {
		observed := t.observations[i].Verdict
		if whole[i] != observed {
			d.Unexplained = append(d.Unexplained, i)
			continue
		}
		for _, r := range rows {
			if t.rows[r].verdicts[i] == observed {
				explaining[i]++
			}
		}
		// A failure belongs to the first cause that explains it alone, or else
		// without which the others do not explain it.
		c := slices.IndexFunc(rows, func(r int) bool { return t.rows[r].verdicts[i] == observed })
		if c < 0 {
			c = max(0, slices.IndexFunc(without, func(verdicts []reference.Verdict) bool { return verdicts[i] != observed }))
		}
		d.Causes[c].Explains = append(d.Causes[c].Explains, i)
	}
	for c := range d.Causes {
		slices.SortStableFunc(d.Causes[c].Explains, func(a, b int) int { return cmp.Compare(explaining[a], explaining[b]) })
	}
	d.Nearest = t.nearest(d.Unexplained)
	d.Causes = slices.DeleteFunc(d.Causes, func(c Cause) bool { return len(c.Explains) == 0 })
	slices.SortStableFunc(d.Causes, func(a, b Cause) int { return cmp.Compare(len(b.Explains), len(a.Explains)) })
	return d
}

// needed leaves out the defects of an explanation without which the others
// explain as much, and returns the rest, the one that explains most first, with
// what they answer together. What they answer is computed here for every
// observation: the search may have left some out.
func (t *table) needed(rows []int) ([]int, []reference.Verdict) {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b int) int {
		return cmp.Compare(t.explained(t.rows[b].verdicts), t.explained(t.rows[a].verdicts))
	})
	whole := t.together(rows)
	for i := len(rows) - 1; i >= 0; i-- {
		fewer := slices.Delete(slices.Clone(rows), i, i+1)
		verdicts := t.together(fewer)
		contradicted := t.contradictions(whole) > 0
		if t.explained(verdicts) >= t.explained(whole) && t.contradictions(verdicts) == 0 || contradicted {
			rows, whole = fewer, verdicts
		}
	}
	return rows, whole
}

// together returns what the defects of rows answer, made at once.
func (t *table) together(rows []int) []reference.Verdict {
	switch len(rows) {
	case 0:
		return t.reference
	case 1:
		return t.rows[rows[0]].verdicts
	}
	return t.answers([]made{t.variants(rows)}, func(_, i int) bool {
		return t.isCheap(t.observations[i]) || slices.ContainsFunc(rows, func(r int) bool { return t.rows[r].verdicts[i] != t.reference[i] })
	})[0]
}

const (
	// nearestShare of what is unexplained, as one half, the nearest defect explains.
	nearestShare = 2
	// nearestDoubt is how many of the failures that it explains one contradiction
	// takes away: more, and it is not near.
	nearestDoubt = 10
)

// nearest returns the defect that explains most of what is left and is
// contradicted by next to nothing; nil if there is none.
func (t *table) nearest(left []int) *Cause {
	isLeft := map[int]bool{}
	left = slices.DeleteFunc(slices.Clone(left), func(i int) bool { return t.observations[i].probe })
	for _, i := range left {
		// Of errors there is no nearest cause: another one has another message.
		isLeft[i] = t.observations[i].Verdict != reference.Error
	}
	var nearest *Cause
	for _, r := range t.rows {
		c := Cause{Defect: r.variants[0], Equals: r.variants[1:], State: Unknown, Contradicts: t.contradicted(r.verdicts)}
		for _, i := range left {
			if isLeft[i] && r.verdicts[i] == t.observations[i].Verdict {
				c.Explains = append(c.Explains, i)
			}
		}
		_, differ := t.strings(r.verdicts, r.variants[:1])
		if r.variants[0].Behaviour || r.variants[0].Only != "" || differ > 0 || len(c.Contradicts) == 0 ||
			nearestShare*len(c.Explains) <= len(left) || nearestDoubt*len(c.Contradicts) > len(c.Explains) {
			continue
		}
		if nearest == nil || len(c.Explains)-len(c.Contradicts) > len(nearest.Explains)-len(nearest.Contradicts) {
			nearest = &c
		}
	}
	return nearest
}

// explainsMore reports whether another defect explains all that a cause does and more
// of what no confirmed cause explains, and is contradicted by next to nothing.
func (t *table) explainsMore(c Cause, open []int) bool {
	own := len(c.Explains) // or more: what two causes explain is listed with one of them
	for _, r := range t.rows {
		if r.variants[0].Key() == c.Defect.Key() {
			own = max(own, t.explainedOf(open, r.verdicts))
		}
	}
	return slices.ContainsFunc(t.rows, func(r row) bool {
		explained := t.explainedOf(open, r.verdicts)
		return explained > own && nearestDoubt*r.against <= explained &&
			!slices.ContainsFunc(c.Explains, func(i int) bool { return r.verdicts[i] != t.observations[i].Verdict })
	})
}

// otherValues returns the defects that are a cause's with another value and explain
// nearly all that it does.
func (t *table) otherValues(c Cause) (others made) {
	for _, r := range t.rows {
		for _, v := range r.variants {
			if v.Slug == c.Defect.Slug && v.Only == c.Defect.Only && v.Value != c.Defect.Value &&
				nearestDoubt*(len(c.Explains)-t.explainedOf(c.Explains, r.verdicts)) <= len(c.Explains) &&
				!slices.ContainsFunc(c.Equals, func(e defect.Variant) bool { return e.Key() == v.Key() }) {
				others = append(others, v)
			}
		}
	}
	return others
}

// likeIt returns the defects that explain nearly all that a cause does, those first
// that are contradicted least. Where it is refuted, one of them may be right.
func (t *table) likeIt(c Cause) made {
	type near struct {
		defect.Variant
		against int
	}
	var found []near
	for _, r := range t.rows {
		n := t.explainedOf(c.Explains, r.verdicts)
		isNear := nearestDoubt*(len(c.Explains)-n) <= len(c.Explains) && nearestDoubt*r.against <= n
		if r.variants[0].Behaviour || r.variants[0].Remembers || !isNear {
			continue
		}
		for _, v := range r.variants {
			if !t.refuted[v.Key()] {
				found = append(found, near{v, r.against})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.against, b.against) })
	var like made
	for _, f := range found {
		like = append(like, f.Variant)
	}
	return like
}
