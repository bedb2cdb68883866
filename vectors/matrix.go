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

// Kills counts the variants that each vector catches, by its id. A variant that
// gets most of the valid or most of the invalid vectors wrong does not count for
// those: any of them catches it.
func (m Matrix) Kills(all []*Vector) map[string]int {
	number := count(all)
	kills := map[string]int{}
	for key, caught := range m {
		if variant, err := defect.Find(key); err == nil && variant.ByPlace {
			continue // or a vector more would change what others catch
		}
		of := count(caught)
		most := func(r Result) bool { return of[r] > number[r]/2 }
		for _, v := range caught {
			if most(v.Result) || v.Result == Question && (most(Valid) || most(Invalid)) {
				continue
			}
			kills[v.ID]++
		}
	}
	return kills
}

// count counts vectors by what they expect.
func count(all []*Vector) map[Result]int {
	number := map[Result]int{}
	for _, v := range all {
		number[v.Result]++
	}
	return number
}

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
