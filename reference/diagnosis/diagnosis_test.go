package diagnosis

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"sigconform/reference/defect"
	"sigconform/vectors"
)

// corpus is the vectors, and what the reference and each defect answer to them:
// a diagnosis finds that out for itself, hundreds of the same vectors need not.
type corpus struct {
	all       []*vectors.Vector
	reference []defect.Verdict
	catalogue map[string][]defect.Verdict // by key
}

var builtin = sync.OnceValue(func() corpus {
	c := corpus{catalogue: map[string][]defect.Verdict{}}
	var cases []defect.Case
	for _, v := range vectors.Builtin().Vectors() {
		if v.Askable() {
			c.all = append(c.all, v)
			cases = append(cases, defect.Case{AuthToken: string(v.AuthToken), Request: v.Request.Reference()})
		}
	}
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
	shorter := corpus{catalogue: map[string][]defect.Verdict{}}
	pick := func(verdicts []defect.Verdict) []defect.Verdict {
		var picked []defect.Verdict
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
func (c corpus) observe(verdicts []defect.Verdict) []Observation {
	var observations []Observation
	for i, vector := range c.all {
		o := Observation{AuthToken: string(vector.AuthToken), Request: vector.Request.Reference(), Verdict: verdicts[i]}
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

// ask asks a validator.
func (c corpus) ask(set ...defect.Variant) []defect.Verdict {
	var cases []defect.Case
	for _, v := range c.all {
		cases = append(cases, defect.Case{AuthToken: string(v.AuthToken), Request: v.Request.Reference()})
	}
	return defect.Answers(cases, set)[0]
}

// explain is Explain, with what is known already.
func (c corpus) explain(observations []Observation) *Diagnosis {
	t := newFailures(observations)
	t.reference = c.reference
	for _, v := range defect.Variants() {
		if verdicts := c.catalogue[v.Key()]; t.explained(verdicts) > 0 {
			t.asked = append(t.asked, asked{v, verdicts})
		}
	}
	t.group()
	return explain(t)
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
	const pairs = 40
	found := 0
	for range pairs {
		a, b := variants[draw.IntN(len(variants))], variants[draw.IntN(len(variants))]
		if a.Slug == b.Slug {
			found++
			continue
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
	if found < pairs*9/10 {
		t.Errorf("only %d of %d pairs are explained whole", found, pairs)
	}
}

// TestWith: what a validator answers to requests that are signed as a cause signs
// them takes away a cause that is refuted, and a defect that the catalogue lacks
// can be added.
func TestWith(t *testing.T) {
	c := builtin().short()
	limit, _ := defect.Find("at-most-n-params=37")
	observations := c.observe(c.ask(limit))
	d := c.explain(observations)
	if len(d.Unexplained) == 0 {
		t.Fatalf("a limit that the catalogue lacks is explained whole by %s", names(d))
	}
	refuted := d.Causes[0]
	var more []Observation
	for _, i := range refuted.Explains {
		o := observations[i]
		signature, _ := defect.Sign(refuted.Defect.New(), o.AuthToken, o.Request)
		o.Request.Signature = &signature
		o.Verdict, o.Failed = defect.Reject, false
		more = append(more, o)
	}
	if again := d.With(more); strings.Contains(names(again), refuted.Defect.Key()) {
		t.Errorf("refuted, it is still said to have %s", names(again))
	}
	again := d.With(more, limit)
	if names(again) != limit.Key() || len(again.Unexplained) > 0 {
		t.Errorf("it is said to have %s", names(again))
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
