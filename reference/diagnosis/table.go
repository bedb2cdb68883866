package diagnosis

import (
	"slices"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// large is the size of a body, in bytes, that costs as much as a hundred others.
const large = 8 << 10

// table holds what the defects answer to every request.
type table struct {
	observations []Observation
	failures     []int // the observations to be explained
	// reference is what the reference answers: where a defect does not differ
	// from it, the defect says nothing.
	reference []defect.Verdict
	asked     []asked // the defects that explain something
	rows      []row   // the same, by what they answer
}

// asked is a defect, and what it answers.
type asked struct {
	variant  defect.Variant
	verdicts []defect.Verdict
}

// row is what one defect answers, and the others that answer just the same.
type row struct {
	variants []defect.Variant
	verdicts []defect.Verdict
	evidence int // see table.evidence
}

// made is a set of defects that are made at once.
type made = []defect.Variant

// newTable asks the reference and the defects. Most of them explain nothing: they
// are asked about the failures alone, unless they remember what came before.
func newTable(observations []Observation, all []defect.Variant) *table {
	t := newFailures(observations)
	if len(t.failures) == 0 {
		return t
	}
	t.reference = t.answers([]made{nil}, func(int, int) bool { return true })[0]
	var explaining made
	for i, verdicts := range t.answers(alone(all), func(i, k int) bool {
		o := observations[k]
		return o.Failed || all[i].Remembers && isCheap(o)
	}) {
		if t.explained(verdicts) > 0 {
			explaining = append(explaining, all[i])
		}
	}
	t.ask(explaining)
	t.group()
	return t
}

func newFailures(observations []Observation) *table {
	t := &table{observations: observations}
	for i, o := range observations {
		if o.Failed {
			t.failures = append(t.failures, i)
		}
	}
	return t
}

// with returns the table with more observations and more defects. To the new
// observations a defect that remembers answers as the reference does: it is not
// known what it would remember.
func (t *table) with(more []Observation, variants []defect.Variant) *table {
	wider := newFailures(slices.Concat(t.observations, more))
	news := newFailures(more)
	news.reference = news.answers([]made{nil}, func(int, int) bool { return true })[0]
	wider.reference = slices.Concat(t.reference, news.reference)
	var known made
	for _, a := range t.asked {
		known = append(known, a.variant)
	}
	for i, verdicts := range news.answers(alone(known), func(i, _ int) bool { return !known[i].Remembers }) {
		wider.asked = append(wider.asked, asked{known[i], slices.Concat(t.asked[i].verdicts, verdicts)})
	}
	wider.ask(variants)
	wider.group()
	return wider
}

// ask asks defects everything.
func (t *table) ask(variants []defect.Variant) {
	for i, verdicts := range t.answers(alone(variants), func(int, int) bool { return true }) {
		t.asked = append(t.asked, asked{variants[i], verdicts})
	}
}

// group makes the rows of the defects that were asked.
func (t *table) group() {
	for _, a := range t.asked {
		t.add(a.variant, a.verdicts)
	}
}

func alone(variants []defect.Variant) []made {
	var sets []made
	for i := range variants {
		sets = append(sets, variants[i:i+1])
	}
	return sets
}

// isCheap: a large request that was answered rightly is not worth its time in a
// search.
func isCheap(o Observation) bool { return len(o.Request.Body) <= large || o.Failed }

// answers asks each set of defects, made at once in the reference, those of the
// observations that asked says, in order. To the rest they answer as the
// reference does.
func (t *table) answers(sets []made, asked func(set, observation int) bool) [][]defect.Verdict {
	cases := make([]defect.Case, len(t.observations))
	for i, o := range t.observations {
		cases[i] = defect.Case{AuthToken: o.AuthToken, Request: o.Request}
	}
	answers := defect.AnswersTo(cases, asked, sets...)
	for _, verdicts := range answers {
		for i := range verdicts {
			if verdicts[i] == "" {
				verdicts[i] = t.reference[i]
			}
		}
	}
	return answers
}

// add adds a defect that explains something as a row of its own, or to the row
// that answers the same.
func (t *table) add(variant defect.Variant, verdicts []defect.Verdict) {
	if t.explained(verdicts) == 0 {
		return
	}
	evidence := t.evidence(verdicts, made{variant})
	same := slices.IndexFunc(t.rows, func(r row) bool { return slices.Equal(r.verdicts, verdicts) })
	switch {
	case same < 0:
		t.rows = append(t.rows, row{[]defect.Variant{variant}, verdicts, evidence})
	case evidence > t.rows[same].evidence || t.rows[same].variants[0].Behaviour && !variant.Behaviour:
		t.rows[same].variants = slices.Insert(t.rows[same].variants, 0, variant)
		t.rows[same].evidence = evidence
	default:
		t.rows[same].variants = append(t.rows[same].variants, variant)
	}
}

// explained counts the failures to which the verdicts are the validator's.
func (t *table) explained(verdicts []defect.Verdict) int {
	n := 0
	for _, i := range t.failures {
		if verdicts[i] == t.observations[i].Verdict {
			n++
		}
	}
	return n
}

// contradicted lists the right answers that the verdicts get wrong. An error
// where a rejection was due is as good as the rejection.
func (t *table) contradicted(verdicts []defect.Verdict) []int {
	var contradicted []int
	for i, o := range t.observations {
		if !o.Failed && !o.Open && rejection(verdicts[i]) != rejection(o.Verdict) {
			contradicted = append(contradicted, i)
		}
	}
	return contradicted
}

func rejection(v defect.Verdict) defect.Verdict {
	if v == defect.Error {
		return defect.Reject
	}
	return v
}

// evidence is what speaks for an explanation beside the failures: answers to
// open questions that the reference would not give, and strings to sign.
func (t *table) evidence(verdicts []defect.Verdict, set made) int {
	n := 0
	v := defect.In(reference.New(), set...)
	for i, o := range t.observations {
		if o.Open && o.Verdict != t.reference[i] && verdicts[i] == o.Verdict {
			n++
		}
		if o.Failed && o.StringToSign != nil {
			if s, ok := defect.StringToSign(v, o.Request); ok && s == *o.StringToSign {
				n++
			}
		}
	}
	return n
}
