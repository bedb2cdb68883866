package vectors

import (
	"slices"
	"testing"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// What is remembered to ask many variants quickly changes no answer.
func TestMatrixAsksTheDefectsThemselves(t *testing.T) {
	long := func(v *Vector) bool { return len(v.Request.Body)+len(v.Request.URL) > 2000 }
	all := slices.DeleteFunc(Builtin().Vectors(), long) // they would take most of the time
	matrix := MatrixOf(all)
	for _, variant := range defect.Variants() {
		caught := map[*Vector]bool{}
		for _, v := range matrix[variant.Key()] {
			caught[v] = true
		}
		validator := variant.New()
		for _, v := range all {
			if !v.Askable() {
				continue
			}
			answer, _ := defect.Ask(validator, string(v.AuthToken), v.Request.Reference())
			want := map[Result]reference.Verdict{Valid: reference.Accept, Invalid: reference.Reject}[v.Result]
			if v.Result != Question && caught[v] != (answer != want) {
				t.Errorf("%s answers %s to %s; the matrix says that it is caught: %v", variant.Key(), answer, v.ID, caught[v])
			}
		}
	}
}

// The vectors of this package catch every defect, and each of them is needed.
func TestEveryDefectIsCaught(t *testing.T) {
	c := Builtin()
	faults := c.lintDefects(Rules(), func(v *Vector, _, message, hint string) {
		t.Errorf("%s:%d: %s: %s\n    %s", v.Family.File, v.Line, v.ID, message, hint)
	})
	for _, fault := range faults {
		t.Error(fault)
	}
}

func BenchmarkMatrix(b *testing.B) {
	all := Builtin().Vectors()
	for b.Loop() {
		MatrixOf(all)
	}
}
