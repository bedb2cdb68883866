// Package diagnosis answers one question: what explains these verdicts?
//
// A validator was asked, and some of its answers are wrong. The defects of
// package defect are asked the same. A defect explains a failure if it gives
// the same wrong answer, and it is contradicted by a right answer that it would
// have got wrong. Sought are the defects, alone or made at once, that explain
// most and are contradicted least; what can be told apart by no answer is named
// together. To be read in this order:
//
//	diagnosis.go  what goes in, and what comes out
//	table.go      what every defect answers to every request
//	search.go     which of them, together, answer as the validator did
package diagnosis

import (
	"slices"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// Observation is one answer of a validator.
type Observation struct {
	AuthToken string
	Request   reference.Request
	// Verdict is what the validator answered: accept, reject or error. Any other
	// text (it timed out, it died) is a verdict that no defect gives.
	Verdict defect.Verdict
	// Failed: the answer breaks a rule, and is to be explained.
	Failed bool
	// Open: the norm leaves the answer open. It contradicts nothing, but of
	// explanations that are equal otherwise the one that agrees with it is first.
	Open bool
	// StringToSign is what the validator says it signed; nil if it does not say.
	// It is evidence as the answers to open questions are.
	StringToSign *string
}

// Diagnosis is what was found. All numbers are indices of observations.
type Diagnosis struct {
	// Causes are the defects that together explain most, the one that explains
	// most first. Empty if none explains anything.
	Causes []Cause
	// Unexplained are the failures that the causes do not explain.
	Unexplained []int
	// Nearest explains some of what is unexplained, but is contradicted too often
	// to be called a cause; nil if nothing does.
	Nearest *Cause

	table *table
}

// Cause is a defect that the validator seems to have.
type Cause struct {
	Defect defect.Variant
	// Equals are other defects that give the same answers to everything that was
	// asked: which of them it is cannot be told.
	Equals []defect.Variant
	// Explains are the failures that it gives the same wrong answer to.
	Explains []int
	// Contradicts are the right answers that it would have got wrong.
	Contradicts []int
}

// Validator returns the reference with all causes made at once: the validator
// as the diagnosis understands it.
func (d *Diagnosis) Validator() reference.Validator {
	v := reference.New()
	for _, cause := range d.Causes {
		v = cause.Defect.Apply(v)
	}
	return v
}

// Explain finds the defects that explain the failures among the observations,
// which must be in the order in which the validator was asked: a defect may
// remember something from one request to the next.
func Explain(observations []Observation) *Diagnosis {
	return explain(newTable(observations, defect.Variants()))
}

// ExplainByMemory is Explain with those defects alone that remember something:
// of a validator whose answers change, nothing else could be the cause.
func ExplainByMemory(observations []Observation) *Diagnosis {
	memory := slices.DeleteFunc(defect.Variants(), func(v defect.Variant) bool { return !v.Remembers })
	return explain(newTable(observations, memory))
}

// With explains anew, with more observations, which get the next indices, and
// with more defects than the catalogue has. What a validator answers to requests
// that are signed as one of its causes signs them tells the causes apart. The
// diagnosis must have had a failure to explain.
func (d *Diagnosis) With(more []Observation, variants ...defect.Variant) *Diagnosis {
	return explain(d.table.with(more, variants))
}

func explain(t *table) *Diagnosis {
	d := &Diagnosis{table: t}
	if len(t.failures) == 0 {
		return d
	}
	best := t.search()
	var together made
	for _, row := range best.rows {
		together = append(together, t.rows[row].variants[0])
	}
	whole := best.verdicts
	if len(best.rows) > 1 {
		whole = t.answers([]made{together}, func(int, int) bool { return true })[0]
	}
	for _, row := range best.rows {
		d.Causes = append(d.Causes, t.cause(row, whole))
	}
	for _, i := range t.failures {
		if whole[i] != t.observations[i].Verdict {
			d.Unexplained = append(d.Unexplained, i)
		}
	}
	d.Nearest = t.nearest(d.Unexplained)
	sortCauses(d.Causes)
	return d
}
