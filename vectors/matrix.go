package vectors

import (
	"runtime"
	"slices"
	"sync"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// Matrix says which vectors catch which defects: from the key of a variant
// ([defect.Variant.Key]) to the vectors that catch it, in the order in which
// they were asked. A variant that no vector catches has none.
type Matrix map[string][]*Vector

// MatrixOf asks every variant in the catalogue every vector, in the order of
// the vectors, so that what a variant remembers from one request to the next
// shows. Published samples, whose token is not known, are not asked.
func MatrixOf(all []*Vector) Matrix {
	variants := defect.Variants()
	caught := make([][]*Vector, len(variants))
	var group sync.WaitGroup
	for chunk := range slices.Chunk(indices(len(variants)), (len(variants)+workers-1)/workers) {
		group.Go(func() { ask(all, variants, chunk, caught) })
	}
	group.Wait()
	matrix := Matrix{}
	for i, variant := range variants {
		matrix[variant.Key()] = caught[i]
	}
	return matrix
}

// ask asks those variants of which the indices are given.
func ask(all []*Vector, variants []defect.Variant, chunk []int, caught [][]*Vector) {
	var cached defect.Cached
	right := cached.Validator()
	validators := map[int]reference.Validator{}
	for _, i := range chunk {
		validators[i] = variants[i].Apply(right)
	}
	for _, v := range all {
		if !v.Askable() {
			continue
		}
		token, request := string(v.AuthToken), v.Request.Reference()
		cached.Ask(request)
		rightAnswer, _ := defect.Ask(right, token, request)
		for _, i := range chunk {
			if answer, _ := defect.Ask(validators[i], token, request); v.catches(answer, rightAnswer) {
				caught[i] = append(caught[i], v)
			}
		}
	}
}

// workers is how many variants are asked at the same time.
var workers = runtime.GOMAXPROCS(0)

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// Kills counts the variants that each vector catches, by its id. A variant that
// gets most of the valid or most of the invalid vectors wrong does not count for
// those: any of them catches it.
func (m Matrix) Kills(all []*Vector) map[string]int {
	number := count(all)
	kills := map[string]int{}
	for _, caught := range m {
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
func (v *Vector) catches(answer, right defect.Verdict) bool {
	switch {
	case v.Result == Valid:
		return answer != defect.Accept
	case v.Result == Invalid:
		return answer != defect.Reject
	default:
		return answer != right
	}
}
