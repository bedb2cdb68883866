package diagnosis

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/vectors"
)

// corpus is the vectors, and what the reference and each defect answer to them:
// a diagnosis finds that out for itself, hundreds of the same vectors need not.
type corpus struct {
	all       []*vectors.Vector
	reference []reference.Verdict
	catalogue map[string][]reference.Verdict // by key
}

// plain is the vectors alone: what the defects answer to them takes long.
var plain = sync.OnceValue(func() corpus {
	var c corpus
	for _, v := range vectors.Builtin().Vectors() {
		if v.Askable() {
			c.all = append(c.all, v)
		}
	}
	return c
})

func (c corpus) cases() []Case {
	var cases []Case
	for _, v := range c.all {
		cases = append(cases, Case{AuthToken: string(v.AuthToken), Request: v.Request.Reference()})
	}
	return cases
}

var builtin = sync.OnceValue(func() corpus {
	c := plain()
	c.catalogue = map[string][]reference.Verdict{}
	cases := c.cases()
	sets := append([]made{nil}, alone(defect.Variants())...)
	answers := defect.Answers(cases, sets...)
	c.reference = answers[0]
	for i, v := range defect.Variants() {
		c.catalogue[v.Key()] = answers[i+1]
	}
	return c
})

// short is the corpus without large requests.
func (c corpus) short() corpus {
	isLarge := func(i int) bool { return len(c.all[i].Request.Reference().Body) > large }
	shorter := corpus{catalogue: map[string][]reference.Verdict{}}
	pick := func(verdicts []reference.Verdict) []reference.Verdict {
		if verdicts == nil {
			return nil
		}
		var picked []reference.Verdict
		for i, v := range verdicts {
			if !isLarge(i) {
				picked = append(picked, v)
			}
		}
		return picked
	}
	for i, v := range c.all {
		if !isLarge(i) {
			shorter.all = append(shorter.all, v)
		}
	}
	shorter.reference = pick(c.reference)
	for key, verdicts := range c.catalogue {
		shorter.catalogue[key] = pick(verdicts)
	}
	return shorter
}

// observe judges what a validator answered.
func (c corpus) observe(verdicts []reference.Verdict) []Observation {
	var observations []Observation
	for i, vector := range c.all {
		o := Observation{AuthToken: string(vector.AuthToken), Request: vector.Request.Reference(), Verdict: verdicts[i]}
		switch vector.Result {
		case vectors.Valid:
			o.Failed = o.Verdict != reference.Accept
		case vectors.Invalid:
			o.Failed = o.Verdict == reference.Accept
		default:
			o.Open = true
		}
		observations = append(observations, o)
	}
	return observations
}

// ask asks a validator.
func (c corpus) ask(set ...defect.Variant) []reference.Verdict {
	return defect.Answers(c.cases(), set)[0]
}

// explain is Explain, with what is known already.
func (c corpus) explain(observations []Observation) *Diagnosis {
	t := &table{
		observations: observations, reference: c.reference, refuted: map[string]bool{},
		budget: newBudget(context.Background(), Bounds{Compute: -1}),
	}
	for i, o := range observations {
		if o.Failed {
			t.failures = append(t.failures, i)
		}
	}
	for _, v := range defect.Variants() {
		t.answered = append(t.answered, t.keep([]defect.Variant{v}, [][]reference.Verdict{c.catalogue[v.Key()]})...)
	}
	for i := range t.answered {
		t.answered[i].whole = true // they were sent the large requests too
	}
	t.group()
	return t.claims()
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
	c := builtin()
	d := Explain(c.observe(c.reference))
	if len(d.Causes) > 0 || len(d.Unexplained) > 0 {
		t.Errorf("the reference is said to have %s", names(d))
	}
}

// TestEveryDefectIsFound: of a validator with one defect the diagnosis names it,
// alone, or as one that cannot be told from the one that it names.
func TestEveryDefectIsFound(t *testing.T) {
	c := builtin()
	for i, variant := range defect.Variants() {
		t.Run(variant.Key(), func(t *testing.T) {
			observations := c.observe(c.catalogue[variant.Key()])
			if failures(observations) == 0 {
				t.Skip("it breaks questions only")
			}
			d := c.explain(observations)
			if len(d.Causes) != 1 || len(d.Unexplained) > 0 || len(d.Causes[0].Contradicts) > 0 {
				t.Fatalf("it is said to have %s, %d failures are unexplained", names(d), len(d.Unexplained))
			}
			named := append([]defect.Variant{d.Causes[0].Defect}, d.Causes[0].Equals...)
			if !slices.ContainsFunc(named, func(v defect.Variant) bool { return v.Key() == variant.Key() }) {
				t.Errorf("it is said to have %s", names(d))
			}
			if i%50 == 0 {
				if own := Explain(observations); names(own) != names(d) {
					t.Errorf("asked of the catalogue alone it is said to have %s, else %s", names(own), names(d))
				}
			}
		})
	}
}

// TestPairsAreFound: of two defects made at once most are found. Some pairs
// hide each other, so that the answers are explained by others as well; none
// may be left unexplained.
func TestPairsAreFound(t *testing.T) {
	c := builtin().short()
	var variants []defect.Variant
	for _, v := range defect.Variants() {
		if !v.Behaviour && failures(c.observe(c.catalogue[v.Key()])) > 0 {
			variants = append(variants, v)
		}
	}
	draw := rand.New(rand.NewPCG(1, 2))
	const pairs = 120
	found := 0
	for range pairs {
		a, b := variants[draw.IntN(len(variants))], variants[draw.IntN(len(variants))]
		for a.Slug == b.Slug { // one mistake twice is no pair
			b = variants[draw.IntN(len(variants))]
		}
		observations := c.observe(c.ask(a, b))
		d := c.explain(observations)
		if len(d.Unexplained) > 0 {
			t.Logf("%s and %s: %d of %d unexplained by %q", a.Key(), b.Key(), len(d.Unexplained), failures(observations), names(d))
			continue
		}
		found++
	}
	t.Logf("%d of %d pairs are explained whole", found, pairs)
	if found < pairs*17/20 {
		t.Errorf("only %d of %d pairs are explained whole", found, pairs)
	}
}

func BenchmarkExplain(b *testing.B) {
	c, variants := builtin(), defect.Variants()
	observations := c.observe(c.ask(variants[len(variants)-1], variants[len(variants)/2]))
	for len(observations) < 2000 {
		observations = append(observations, observations...)
	}
	observations = observations[:2000]
	b.ResetTimer()
	for b.Loop() {
		Explain(observations)
	}
}
