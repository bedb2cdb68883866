package diagnosis

import (
	"runtime"
	"slices"
	"sync"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// table holds what every defect answers to every request.
type table struct {
	observations []Observation
	failures     []int // the observations to be explained
	// reference is what the reference answers: where a defect does not differ
	// from it, the defect says nothing.
	reference []defect.Verdict
	rows      []row // the defects that explain something
	// macs remembers MACs by token and string to sign: most defects sign most
	// requests as the reference does.
	macs sync.Map
}

// row is what one defect answers, and the others that answer just the same.
type row struct {
	variants []defect.Variant
	verdicts []defect.Verdict
	evidence int // see table.evidence
}

func newTable(observations []Observation) *table {
	t := &table{observations: observations}
	for i, o := range observations {
		if o.Failed {
			t.failures = append(t.failures, i)
		}
	}
	if len(t.failures) == 0 {
		return t
	}
	t.reference = t.answers()
	variants := defect.Variants()
	answers := make([][]defect.Verdict, len(variants))
	t.eachOf(len(variants), func(i int) { answers[i] = t.answers(variants[i]) })
	for i, variant := range variants {
		if t.explained(answers[i]) > 0 {
			t.add(variant, answers[i])
		}
	}
	return t
}

// add adds a defect as a row of its own, or to the row that answers the same.
func (t *table) add(variant defect.Variant, verdicts []defect.Verdict) {
	evidence := t.evidence(verdicts, variant)
	same := slices.IndexFunc(t.rows, func(r row) bool { return slices.Equal(r.verdicts, verdicts) })
	switch {
	case same < 0:
		t.rows = append(t.rows, row{[]defect.Variant{variant}, verdicts, evidence})
	case evidence > t.rows[same].evidence || t.rows[same].variants[0].Behaviour && !variant.Behaviour:
		t.rows[same].variants = slices.Insert(t.rows[same].variants, 0, variant)
		t.rows[same].evidence = evidence
	default:
		t.rows[same].variants = append(t.rows[same].variants, variant)
	}
}

// answers asks the reference with the given defects everything, in order.
func (t *table) answers(variants ...defect.Variant) []defect.Verdict {
	v := reference.New()
	v.MAC = t.mac
	for _, variant := range variants {
		v = variant.Apply(v)
	}
	verdicts := make([]defect.Verdict, len(t.observations))
	for i, o := range t.observations {
		verdicts[i], _ = defect.Ask(v, o.AuthToken, o.Request)
	}
	return verdicts
}

// mac is reference.MAC, remembered.
func (t *table) mac(authToken, stringToSign string) []byte {
	key := [2]string{authToken, stringToSign}
	if mac, known := t.macs.Load(key); known {
		return mac.([]byte)
	}
	mac := reference.MAC(authToken, stringToSign)
	t.macs.Store(key, mac)
	return mac
}

// explained counts the failures to which the verdicts are the validator's.
func (t *table) explained(verdicts []defect.Verdict) int {
	n := 0
	for _, i := range t.failures {
		if verdicts[i] == t.observations[i].Verdict {
			n++
		}
	}
	return n
}

// contradicted lists the right answers that the verdicts get wrong. An error
// where a rejection was due is as good as the rejection.
func (t *table) contradicted(verdicts []defect.Verdict) []int {
	var contradicted []int
	for i, o := range t.observations {
		if !o.Failed && !o.Open && rejection(verdicts[i]) != rejection(o.Verdict) {
			contradicted = append(contradicted, i)
		}
	}
	return contradicted
}

func rejection(v defect.Verdict) defect.Verdict {
	if v == defect.Error {
		return defect.Reject
	}
	return v
}

// evidence is what speaks for an explanation beside the failures: answers to
// open questions that the reference would not give, and strings to sign.
func (t *table) evidence(verdicts []defect.Verdict, variants ...defect.Variant) int {
	n := 0
	v := reference.New()
	for _, variant := range variants {
		v = variant.Apply(v)
	}
	for i, o := range t.observations {
		if o.Open && o.Verdict != t.reference[i] && verdicts[i] == o.Verdict {
			n++
		}
		if o.Failed && o.StringToSign != nil {
			if s, ok := defect.StringToSign(v, o.Request); ok && s == *o.StringToSign {
				n++
			}
		}
	}
	return n
}

// eachOf calls f for 0 to n-1, on all processors.
func (t *table) eachOf(n int, f func(i int)) {
	var workers sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
}
