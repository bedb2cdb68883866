package vectors

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// This file answers: can every vector fail, and every mistake be seen? One proof of each
// is enough, and most are found soon: the whole [Matrix] takes ten times as long.

// proofs are what a catalogue of mistakes and a corpus prove of each other.
type proofs struct {
	all      []*Vector
	variants []defect.Variant
	isCaught []atomic.Bool // by a vector about the rule or question that the variant breaks
	catches  []bool        // whether a vector catches a variant that counts: see wide
	wide     []breadth
}

// breadth tells the results for which a variant gets most vectors wrong. Any of those
// vectors catches it, so that it does not count there.
type breadth map[Result]bool

// prove tests the variants of the catalogue with the vectors, the short ones first, until
// nothing is left to be proven. A variant that remembers earlier requests is tested with
// all that are not long, in their order.
func prove(all []*Vector) *proofs {
	p := &proofs{all: all, variants: defect.Variants(), catches: make([]bool, len(all))}
	p.isCaught = make([]atomic.Bool, len(p.variants))
	inOrder := slices.DeleteFunc(slices.Clone(all), func(v *Vector) bool { return len(v.Request.URL)+len(v.Request.Body) > long })
	p.wide = breadths(inOrder, p.variants)

	remembering := slices.DeleteFunc(defect.Variants(), func(variant defect.Variant) bool { return !variant.Remembers })
	remembered := MatrixOf(inOrder, remembering...)
	var bySize []int
	for k, v := range all {
		for i, variant := range p.variants {
			if variant.Remembers && slices.Contains(remembered[variant.Key()], v) {
				p.note(k, i)
			}
		}
		if v.Askable() {
			bySize = append(bySize, k)
		}
	}
	slices.SortStableFunc(bySize, func(a, b int) int { return cmp.Compare(len(all[a].Request.Body), len(all[b].Request.Body)) })

	workers := runtime.GOMAXPROCS(0)
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			var known defect.Cached
			right := known.Validator()
			var validators []reference.Validator
			for _, variant := range p.variants {
				validators = append(validators, variant.Apply(right))
			}
			for n := worker; n < len(bySize); n += workers {
				known.Ask(all[bySize[n]].Request.Reference())
				p.test(bySize[n], right, validators)
			}
		})
	}
	group.Wait()
	return p
}

// test tests the variants with vector k that it may prove something about: first those
// that break what it is about, then the others until one is caught.
func (p *proofs) test(k int, right reference.Validator, validators []reference.Validator) {
	v := p.all[k]
	token, request := string(v.AuthToken), v.Request.Reference()
	rightly, _ := defect.Ask(right, token, request)
	for _, about := range []bool{true, false} {
		for i, variant := range p.variants {
			if variant.Remembers || v.isAbout(variant.Breaks) != about || p.catches[k] && (!about || p.isCaught[i].Load()) {
				continue
			}
			if answer, _ := defect.Ask(validators[i], token, request); v.catches(answer, rightly) {
				p.note(k, i)
			}
		}
	}
}

// note notes that vector k catches variant i.
func (p *proofs) note(k, i int) {
	v, variant := p.all[k], p.variants[i]
	if v.isAbout(variant.Breaks) {
		p.isCaught[i].Store(true)
	}
	wide := p.wide[i][v.Result] || v.Result == Question && (p.wide[i][Valid] || p.wide[i][Invalid])
	if !variant.ByPlace && !wide { // by place: a vector more would change what others catch
		p.catches[k] = true
	}
}

// isAbout reports whether the vector is about a rule or question.
func (v *Vector) isAbout(slug string) bool {
	return slices.Contains(v.Rules, slug) || v.Question == slug
}

// sampled is how many vectors of each result tell how wide a mistake is, and long how
// many bytes a request has that takes too much time where many are tested.
const (
	sampled = 60
	long    = 2000
)

// breadths returns the breadth of each variant, as a sample of the vectors tells it.
func breadths(all []*Vector, variants []defect.Variant) []breadth {
	var sample []*Vector
	number := map[Result]int{}
	for _, result := range []Result{Valid, Invalid} {
		of := slices.DeleteFunc(slices.Clone(all), func(v *Vector) bool { return v.Result != result || !v.Askable() })
		step := max(1, len(of)/sampled)
		for i := 0; i < len(of); i += step {
			sample, number[result] = append(sample, of[i]), number[result]+1
		}
	}
	matrix := MatrixOf(sample, variants...)
	wide := make([]breadth, len(variants))
	for i, variant := range variants {
		caught := map[Result]int{}
		for _, v := range matrix[variant.Key()] {
			caught[v.Result]++
		}
		wide[i] = breadth{}
		for result, n := range number {
			wide[i][result] = caught[result] > n/2
		}
	}
	return wide
}
