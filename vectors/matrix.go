package vectors

import (
	"sync"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// Matrix says which vectors catch which defects: from the key of a variant
// ([defect.Variant.Key]) to the vectors that catch it, in the order in which
// they were asked. A variant that no vector catches has none.
type Matrix map[string][]*Vector

// MatrixOf asks every variant in the catalogue every vector, each variant in
// one go and in the order of the vectors, so that what it remembers from one
// request to the next shows. Published samples, whose token is not known, are
// not asked.
func MatrixOf(all []*Vector) Matrix {
	right := answersOf(reference.New(), all)
	variants := defect.Variants()
	caught := make([][]*Vector, len(variants))
	var group sync.WaitGroup
	for i, variant := range variants {
		group.Go(func() {
			for k, answer := range answersOf(variant.New(), all) {
				if all[k].catches(answer, right[k]) {
					caught[i] = append(caught[i], all[k])
				}
			}
		})
	}
	group.Wait()
	matrix := Matrix{}
	for i, variant := range variants {
		matrix[variant.Key()] = caught[i]
	}
	return matrix
}

// Kills counts the variants that each vector catches, by its id. Behaviours do
// not count: any vector catches them.
func (m Matrix) Kills() map[string]int {
	kills := map[string]int{}
	for _, variant := range defect.Variants() {
		if variant.Behaviour {
			continue
		}
		for _, v := range m[variant.Key()] {
			kills[v.ID]++
		}
	}
	return kills
}

// answersOf asks the vectors in their order; "" where one cannot be asked.
func answersOf(validator reference.Validator, all []*Vector) []defect.Verdict {
	answers := make([]defect.Verdict, len(all))
	for i, v := range all {
		if v.Askable() {
			answers[i], _ = defect.Ask(validator, string(v.AuthToken), v.Request.Reference())
		}
	}
	return answers
}

// catches reports whether the answer gives a mistake away: to a vector that
// must be accepted or rejected any other one, as a strict judge sees it; to a
// question one that differs from the right validator's.
func (v *Vector) catches(answer, right defect.Verdict) bool {
	switch {
	case !v.Askable():
		return false
	case v.Result == Valid:
		return answer != defect.Accept
	case v.Result == Invalid:
		return answer != defect.Reject
	default:
		return answer != right
	}
}
