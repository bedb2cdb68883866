package vectors

import (
	"slices"
	"testing"

	"sigconform/reference/defect"
)

// The proofs, which stop at the first, say what the whole matrix says. Of a third of the
// vectors some catch nothing, and some defects are caught by none.
func TestProofsSayWhatTheMatrixSays(t *testing.T) {
	var all []*Vector
	for k, v := range Builtin().Vectors() {
		if k%3 == 0 && len(v.Request.URL)+len(v.Request.Body) <= long {
			all = append(all, v)
		}
	}
	proofs, matrix := prove(all), MatrixOf(all)
	number := count(all)
	catches := map[*Vector]bool{}
	uncaught, idle := 0, 0
	for i, variant := range proofs.variants {
		caught := matrix[variant.Key()]
		is := slices.ContainsFunc(caught, func(v *Vector) bool { return v.isAbout(variant.Breaks) })
		if !is {
			uncaught++
		}
		if proved := proofs.isCaught[i].Load(); proved != is {
			t.Errorf("%s is caught: %v; the proofs say %v", variant.Key(), is, proved)
		}
		of := count(caught)
		most := func(r Result) bool { return of[r] > number[r]/2 }
		for _, v := range caught {
			if !variant.ByPlace && !most(v.Result) && !(v.Result == Question && (most(Valid) || most(Invalid))) {
				catches[v] = true
			}
		}
	}
	for k, v := range all {
		if !catches[v] {
			idle++
		}
		if catches[v] != proofs.catches[k] {
			t.Errorf("%s catches a defect: %v; the proofs say %v", v.ID, catches[v], proofs.catches[k])
		}
	}
	if uncaught == 0 || uncaught == len(defect.Variants()) || idle == 0 || idle == len(all) {
		t.Errorf("%d defects are not caught and %d vectors catch none: that tests nothing", uncaught, idle)
	}
}

// count counts vectors by what they expect.
func count(all []*Vector) map[Result]int {
	number := map[Result]int{}
	for _, v := range all {
		number[v.Result]++
	}
	return number
}
