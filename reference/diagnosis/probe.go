// This file answers: does the validator do what a cause says of it? A validator
// that has a defect accepts requests that are signed as the defect signs them,
// where Twilio signs otherwise. If it accepts none of them, it does not have the
// defect. If it accepts their controls too, requests that the defect rejects, it
// has another one.

package diagnosis

import (
	"cmp"
	"slices"
	"strings"

	"sigconform/reference"
	"sigconform/reference/defect"
)

const (
	// mostProbes is how many requests are sent to confirm a cause, and firstProbes
	// how many of them are sent to see whether it is worth it; each may have two
	// signatures.
	mostProbes, firstProbes = 8, 3
	// mostControls is how many controls a cause has.
	mostControls = 3
)

// probe is a request that a validator with a defect accepts, and Twilio does not
// sign; or a control, which neither accepts.
type probe struct {
	Case
	control bool
}

// key tells probes apart: two requests with one signature differ in what they
// are as well.
func (p probe) key() string {
	if p.Request.Signature == nil {
		return p.unsigned()
	}
	return p.unsigned() + "\x00" + *p.Request.Signature
}

// unsigned is the key of a probe without its signature.
func (p probe) unsigned() string {
	r, contentType := p.Request, ""
	if r.ContentType != nil {
		contentType = *r.ContentType
	}
	return strings.Join([]string{p.AuthToken, r.Method, r.URL, string(r.Product), contentType, string(r.Body)}, "\x00")
}

// probes returns requests that test a defect, and their controls. They are made
// of what the validator was sent before. Each is signed as the defect signs it
// alone, and as it does beside the others of the set, which may be wrong itself.
// For a defect that only accepts more, or only rejects more, or remembers
// earlier requests, there are none.
func (q *inquiry) probes(of defect.Variant, beside, rivals made) (accepted, controls []probe) {
	return q.someProbes(of, beside, rivals, mostProbes)
}

// probesOf returns no more than that many requests, without controls.
func (q *inquiry) probesOf(of defect.Variant, beside made, most int) []probe {
	accepted, _ := q.someProbes(of, beside, nil, most)
	return accepted[:min(most, len(accepted))]
}

func (q *inquiry) someProbes(of defect.Variant, beside, rivals made, most int) (accepted, controls []probe) {
	if of.Remembers || of.Behaviour {
		return nil, nil
	}
	if q.sources == nil {
		q.sources = sourcesOf(q.base, q.Material)
	}
	right, alone, together := reference.New(), of.New(), defect.In(reference.New(), append(beside[:len(beside):len(beside)], of)...)
	rejecting := append(withBrought(of, beside), right, alone, together)
	known := map[string]bool{}
	// What the others of the set refuse says nothing of this defect: it comes last.
	var first, last []probe
	picked, doubtful := 0, 0
	for _, o := range slices.Concat(telling(of, together, rivals, q.sources, most/2), hashedBy(of, q.sources), q.sources) {
		if picked == most {
			break
		}
		if picked == (most+1)/2 && !o.material && len(q.Material) > 0 {
			continue // half of them are made of what was not sent before
		}
		mistaken, ok := defect.Sign(alone, o.AuthToken, o.Request)
		if !ok || mistaken == o.expected || known[mistaken] {
			continue
		}
		known[mistaken] = true
		both, passes := defect.Sign(together, o.AuthToken, o.Request)
		if !passes && doubtful == most {
			continue
		}
		added := false
		for _, by := range []struct {
			reference.Validator
			signature string
		}{{alone, mistaken}, {together, both}} {
			p := probe{Case: Case{AuthToken: o.AuthToken, Request: o.Request}}
			p.Request.Signature = &by.signature
			if added && (!passes || both == mistaken) || !answers(right, p, reference.Reject) || !answers(by.Validator, p, reference.Accept) {
				continue
			}
			added = true
			if passes {
				first = append(first, p)
			} else {
				last = append(last, p)
			}
			for _, c := range controlsOf(p, by.Validator, o.covered) {
				isNew := !slices.ContainsFunc(controls, func(k probe) bool { return k.key() == c.key() })
				if isNew && len(controls) < mostControls && allReject(rejecting, c) {
					controls = append(controls, c)
				}
			}
		}
		switch {
		case added && passes:
			picked++
		case added:
			doubtful++
		}
	}
	accepted = mixed(first)
	for _, p := range last {
		if len(accepted) < most {
			accepted = append(accepted, p)
		}
	}
	return accepted, controls
}

// withBrought returns validators with a defect and, beside it, one of those that it
// brings with it: what one of them accepts says nothing against the defect.
func withBrought(of defect.Variant, beside made) (validators []reference.Validator) {
	for _, slug := range of.Brings {
		for _, v := range defect.Get(slug).Variants() {
			validators = append(validators, defect.In(reference.New(), slices.Concat(beside, made{v, of})...))
		}
	}
	return validators
}

func allReject(validators []reference.Validator, p probe) bool {
	return !slices.ContainsFunc(validators, func(v reference.Validator) bool { return !answers(v, p, reference.Reject) })
}

// toldBy is how many requests tell a defect and one of its rivals apart.
const toldBy = 2

// telling returns up to so many sources that a defect and its rivals sign differently,
// some for each of them, and that are signed at all with all mistakes together.
func telling(of defect.Variant, together reference.Validator, rivals made, sources []source, most int) (tell []source) {
	v, told := of.New(), make([]int, len(rivals))
	for _, s := range sources {
		if len(tell) == most || !slices.ContainsFunc(told, func(n int) bool { return n < toldBy }) {
			break
		}
		signature, ok := defect.Sign(v, s.AuthToken, s.Request)
		if !ok || signature == s.expected {
			continue
		}
		if _, passes := defect.Sign(together, s.AuthToken, s.Request); !passes {
			continue
		}
		tells := false
		for i, r := range rivals {
			if told[i] == toldBy {
				continue
			}
			if other, _ := defect.Sign(r.New(), s.AuthToken, s.Request); other != signature {
				told[i]++
				tells = true
			}
		}
		if tells {
			tell = append(tell, s)
		}
	}
	return tell
}

// kind is what another mistake may have to do with: all forms, all GET requests.
type kind struct {
	method string
	reference.Coverage
}

func kindOf(r reference.Request) kind { return kind{r.Method, reference.CoverageOf(r)} }

// mixed puts probes of different methods and of bodies that are covered differently
// first: what another mistake has all forms refused says nothing of the rest.
func mixed(probes []probe) []probe {
	before := map[kind]int{}
	turns := map[string]int{} // of requests; the signatures of one stay together
	for _, p := range probes {
		if _, known := turns[p.unsigned()]; !known {
			k := kindOf(p.Request)
			turns[p.unsigned()] = before[k]
			before[k]++
		}
	}
	sorted := slices.Clone(probes)
	slices.SortStableFunc(sorted, func(a, b probe) int { return cmp.Compare(turns[a.unsigned()], turns[b.unsigned()]) })
	return sorted
}

// requests returns those of probes that are made of the first n requests.
func requests(probes []probe, n int) []probe {
	seen := map[string]bool{}
	for i, p := range probes {
		if seen[p.unsigned()] = true; len(seen) > n {
			return probes[:i]
		}
	}
	return probes
}

// wrongSignatures are right for nothing; the first of them looks like one.
var wrongSignatures = []string{"AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAAAA==", "x", ""}

// mostSpellings is how many signatures are tried.
const mostSpellings = 3

// unlooked returns requests that a validator with a defect accepts though their
// signature is another one's, or none: it does not look at it. Controls are the same
// with a signature that the defect rejects.
func (q *inquiry) unlooked(of defect.Variant, beside made) (accepted, controls []probe) {
	if of.Remembers || of.Behaviour {
		return nil, nil
	}
	wrong := []*string{nil}
	for i := range wrongSignatures {
		wrong = append(wrong, &wrongSignatures[i])
	}
	for _, o := range q.base {
		if o.Failed && o.Verdict == reference.Accept && len(wrong) < len(wrongSignatures)+mostSpellings {
			wrong = append(wrong, o.Request.Signature)
		}
	}
	var known defect.Cached // one request gets many signatures
	right, defective := known.Validator(), of.Apply(known.Validator())
	together := defect.In(known.Validator(), append(beside[:len(beside):len(beside)], of)...)
	for _, s := range q.sources {
		known.Ask(s.Request)
		var passing, others []probe
		for _, signature := range slices.Concat(wrong[1:2], wrong) {
			p := probe{Case: s.Case}
			p.Request.Signature = signature
			switch {
			case !answers(right, p, reference.Reject):
			case answers(defective, p, reference.Accept):
				passing = append(passing, p)
			case answers(together, p, reference.Reject):
				p.control = true
				others = append(others, p)
			}
		}
		if len(passing) > 0 {
			accepted, controls = append(accepted, passing[0]), append(controls, others...)
		}
		if len(accepted) == mostProbes {
			break
		}
	}
	return mixed(accepted), controls[:min(mostControls, len(controls))]
}

// admitted returns right requests that a validator with a defect accepts though it
// rejects the same without a hash of the body: a cause that demands one must let
// them pass. They confirm nothing: the right validator accepts them too.
func admitted(seen []Observation, defective, together reference.Validator) (accepted []probe) {
	right := reference.New()
	for _, o := range seen {
		if len(accepted) == mostProbes {
			break
		}
		before := probe{Case: Case{AuthToken: o.AuthToken, Request: o.Request}}
		if !o.Failed || o.Verdict == reference.Accept || strings.Contains(o.Request.URL, "#") || !answers(defective, before, reference.Reject) {
			continue
		}
		p := before
		separator := "?"
		if strings.Contains(p.Request.URL, "?") {
			separator = "&"
		}
		p.Request.URL += separator + reference.BodyHashParam + "=" + reference.BodyHash(p.Request.Body)
		for range mostSpellings { // another mistake may refuse one of them for what its signature looks like
			signature, ok := defect.Sign(right, p.AuthToken, p.Request)
			p.Request.Signature = &signature
			if ok && answers(right, p, reference.Accept) && answers(defective, p, reference.Accept) && answers(together, p, reference.Accept) {
				accepted = append(accepted, p)
				break
			}
			p.Request.URL += "&x=1"
		}
	}
	return accepted
}

func answers(v reference.Validator, p probe, want reference.Verdict) bool {
	verdict, _ := defect.Ask(v, p.AuthToken, p.Request)
	return rejection(verdict) == want
}
