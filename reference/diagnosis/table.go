package diagnosis

import (
	"slices"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// large is the size of a body, in bytes, that costs as much as a hundred others.
const large = 8 << 10

// table holds what every defect answers to every request.
type table struct {
	observations []Observation
	failures     []int // the observations to be explained
	// reference is what the reference answers: where a defect does not differ
	// from it, the defect says nothing.
	reference []defect.Verdict
	rows      []row // the defects that explain something
}

// row is what one defect answers, and the others that answer just the same.
type row struct {
	variants []defect.Variant
	verdicts []defect.Verdict
	evidence int // see table.evidence
}

// made is a set of defects that are made at once.
type made = []defect.Variant

// newTable asks the reference and the catalogue. What the catalogue answers to
// these requests may be known already; nil if it is not.
func newTable(observations []Observation, catalogue [][]defect.Verdict) *table {
	t := &table{observations: observations}
	for i, o := range observations {
		if o.Failed {
			t.failures = append(t.failures, i)
		}
	}
	if len(t.failures) == 0 {
		return t
	}
	t.reference = t.answers([]made{nil}, everything)[0]
	var single []made
	for _, v := range defect.Variants() {
		single = append(single, made{v})
	}
	if catalogue != nil {
		for i := range single {
			t.add(single[i][0], catalogue[i])
		}
		return t
	}
	var explaining []made
	for i, verdicts := range t.answers(single, isCheap) {
		if t.explained(verdicts) > 0 {
			explaining = append(explaining, single[i])
		}
	}
	for i, verdicts := range t.answers(explaining, everything) {
		t.add(explaining[i][0], verdicts)
	}
	return t
}

// isCheap: large requests that were answered rightly are left to those defects
// that explain something else.
func isCheap(o Observation) bool { return len(o.Request.Body) <= large || o.Failed }

func everything(Observation) bool { return true }

// answers asks each set of defects, made at once in the reference, what is to be
// asked, in order. To the rest they answer as the reference does.
func (t *table) answers(sets []made, asked func(Observation) bool) [][]defect.Verdict {
	var cases []defect.Case
	var indices []int
	for i, o := range t.observations {
		if asked(o) {
			cases = append(cases, defect.Case{AuthToken: o.AuthToken, Request: o.Request})
			indices = append(indices, i)
		}
	}
	answers := make([][]defect.Verdict, len(sets))
	for i, verdicts := range defect.Answers(cases, sets...) {
		answers[i] = make([]defect.Verdict, len(t.observations))
		copy(answers[i], t.reference)
		for k, index := range indices {
			answers[i][index] = verdicts[k]
		}
	}
	return answers
}

// in returns the validator with all of the defects.
func in(v reference.Validator, set made) reference.Validator {
	for _, variant := range set {
		v = variant.Apply(v)
	}
	return v
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
	v := in(reference.New(), set)
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
