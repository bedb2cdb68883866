package diagnosis

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/vectors"
)

// observe asks a validator all vectors.
func observe(v reference.Validator, all []*vectors.Vector) []Observation {
	var observations []Observation
	for _, vector := range all {
		if !vector.Askable() {
			continue
		}
		o := Observation{AuthToken: string(vector.AuthToken), Request: vector.Request.Reference()}
		o.Verdict, _ = defect.Ask(v, o.AuthToken, o.Request)
		switch vector.Result {
		case vectors.Valid:
			o.Failed = o.Verdict != defect.Accept
		case vectors.Invalid:
			o.Failed = o.Verdict == defect.Accept
		default:
			o.Open = true
		}
		observations = append(observations, o)
	}
	return observations
}

// answersOf is what the catalogue answers to all vectors. A diagnosis finds that
// out for itself; many of the same vectors need not.
func answersOf(all []*vectors.Vector) [][]defect.Verdict {
	t := &table{observations: observe(reference.New(), all)}
	var single []made
	for _, v := range defect.Variants() {
		single = append(single, made{v})
	}
	return t.answers(single, everything)
}

func failures(observations []Observation) int {
	n := 0
	for _, o := range observations {
		if o.Failed {
			n++
		}
	}
	return n
}

// names is what a diagnosis says, as one text.
func names(d *Diagnosis) string {
	var names []string
	for _, c := range d.Causes {
		names = append(names, c.Defect.Key())
	}
	return strings.Join(names, " + ")
}

func TestNothingToExplain(t *testing.T) {
	d := Explain(observe(reference.New(), vectors.Builtin().Vectors()))
	if len(d.Causes) > 0 || len(d.Unexplained) > 0 {
		t.Errorf("the reference is said to have %s", names(d))
	}
}

// TestEveryDefectIsFound: of a validator with one defect the diagnosis names it,
// alone, or as one that cannot be told from the one that it names.
func TestEveryDefectIsFound(t *testing.T) {
	all := vectors.Builtin().Vectors()
	short := slices.DeleteFunc(slices.Clone(all), func(v *vectors.Vector) bool {
		return len(v.Request.Reference().Body) > large
	})
	catalogue := answersOf(short)
	for _, variant := range defect.Variants() {
		t.Run(variant.Key(), func(t *testing.T) {
			observations, catalogue := observe(variant.New(), short), catalogue
			if failures(observations) == 0 { // it shows in long requests only
				observations, catalogue = observe(variant.New(), all), nil
			}
			if failures(observations) == 0 {
				t.Skip("it breaks questions only")
			}
			d := explain(newTable(observations, catalogue))
			if len(d.Causes) != 1 || len(d.Unexplained) > 0 || len(d.Causes[0].Contradicts) > 0 {
				t.Fatalf("it is said to have %s, %d failures are unexplained", names(d), len(d.Unexplained))
			}
			named := append([]defect.Variant{d.Causes[0].Defect}, d.Causes[0].Equals...)
			if !slices.ContainsFunc(named, func(v defect.Variant) bool { return v.Key() == variant.Key() }) {
				t.Errorf("it is said to have %s", names(d))
			}
		})
	}
}

// TestPairsAreFound: of two defects made at once most are found. Some pairs
// hide each other, so that the answers are explained by others as well; none
// may be left unexplained.
func TestPairsAreFound(t *testing.T) {
	all := slices.DeleteFunc(vectors.Builtin().Vectors(), func(v *vectors.Vector) bool {
		return len(v.Request.Reference().Body) > large
	})
	var variants []defect.Variant
	for _, v := range defect.Variants() {
		if !v.Behaviour && failures(observe(v.New(), all)) > 0 {
			variants = append(variants, v)
		}
	}
	catalogue := answersOf(all)
	draw := rand.New(rand.NewPCG(1, 2))
	const pairs = 40
	found := 0
	for range pairs {
		a, b := variants[draw.IntN(len(variants))], variants[draw.IntN(len(variants))]
		if a.Slug == b.Slug {
			found++
			continue
		}
		observations := observe(b.Apply(a.New()), all)
		d := explain(newTable(observations, catalogue))
		if len(d.Unexplained) > 0 {
			t.Logf("%s and %s: %d of %d unexplained by %q", a.Key(), b.Key(), len(d.Unexplained), failures(observations), names(d))
			continue
		}
		found++
	}
	t.Logf("%d of %d pairs are explained whole", found, pairs)
	if found < pairs*9/10 {
		t.Errorf("only %d of %d pairs are explained whole", found, pairs)
	}
}

func BenchmarkExplain(b *testing.B) {
	all := vectors.Builtin().Vectors()
	variants := defect.Variants()
	v := variants[len(variants)/2].Apply(variants[len(variants)-1].New())
	observations := observe(v, all)
	for len(observations) < 2000 {
		observations = append(observations, observations...)
	}
	observations = observations[:2000]
	b.ResetTimer()
	for b.Loop() {
		Explain(observations)
	}
}
