package vectors

import (
	"slices"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// Matrix says which vectors catch which defects: from the key of a variant
// ([defect.Variant.Key]) to the vectors that catch it, in the order in which
// they were sent. A variant that no vector catches has none.
type Matrix map[string][]*Vector

// MatrixOf tests the variants (none: all of the catalogue) with every vector, in the
// order of the vectors. Published samples, whose token is not known, are left out.
func MatrixOf(all []*Vector, variants ...defect.Variant) Matrix {
	if variants == nil {
		variants = defect.Variants()
	}
	var sent []*Vector
	var cases []defect.Case
	for _, v := range all {
		if v.Askable() {
			sent = append(sent, v)
			cases = append(cases, defect.Case{AuthToken: string(v.AuthToken), Request: v.Request.Reference()})
		}
	}
	matrix := Matrix{}
	for some := range slices.Chunk(variants, inOneGo) {
		validators := [][]defect.Variant{nil} // the right one
		for _, variant := range some {
			validators = append(validators, []defect.Variant{variant})
		}
		answers := defect.Answers(cases, validators...)
		for i, variant := range some {
			matrix[variant.Key()] = nil
			for k, v := range sent {
				if v.catches(answers[i+1][k], answers[0][k]) {
					matrix[variant.Key()] = append(matrix[variant.Key()], v)
				}
			}
		}
	}
	return matrix
}

// inOneGo is how many variants are tested at once: they have much in common, and all
// their answers are kept until then.
const inOneGo = 150

// catches reports whether the answer gives a mistake away: to a vector that
// must be accepted or rejected any other one, as a strict judge sees it; to a
// question one that differs from the right validator's.
func (v *Vector) catches(answer, right reference.Verdict) bool {
	switch {
	case v.Result == Valid:
		return answer != reference.Accept
	case v.Result == Invalid:
		return answer != reference.Reject
	default:
		return answer != right
	}
}
