// This file answers: what changes in the table when a mistake is known, or refuted?

package diagnosis

import (
	"slices"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// establish has every other defect made beside those that are known.
func (t *table) establish(those ...defect.Variant) {
	t.established = append(t.established, those...)
	t.sets, t.silent, t.compared = nil, nil, map[string][]comparison{}
	before := t.reference
	t.reference = t.answers([]made{nil}, always)[0]
	isTouched := t.touchedBy(those)
	var known made
	for _, a := range t.answered {
		known = append(known, a.variant)
	}
	// What is established may hide another mistake, too: it makes the same step.
	changes := func(i, k int) bool {
		return isTouched(k) || t.observations[k].Failed && t.answered[i].verdicts[k] == t.observations[k].Verdict
	}
	for i, verdicts := range t.answers(alone(known), func(i, k int) bool { return changes(i, k) && t.isCheap(t.observations[k]) }) {
		for k := range verdicts {
			a := &t.answered[i]
			large := !t.isCheap(t.observations[k]) // these are not sent here, but when they are needed
			if !changes(i, k) || large && (t.reference[k] == before[k] || a.verdicts[k] != before[k]) {
				verdicts[k] = a.verdicts[k]
			}
			a.whole = a.whole && !(large && t.reference[k] != before[k])
		}
		t.answered[i].verdicts = verdicts
	}
	t.group()
}

// touchedBy returns whether one of the defects has to do with an observation: something
// else is signed there, or would be if the body were covered, or another body passes. One
// that is about signatures has to do with all of them.
func (t *table) touchedBy(those made) func(i int) bool {
	right, touched := reference.New(), make([]bool, len(t.observations))
	var wrong []reference.Validator
	for _, v := range those {
		wrong = append(wrong, v.New())
	}
	touches := make([]bool, len(those)) // whether it has to do with some of them
	for i, o := range t.observations {
		rightly, covered := defect.StringToSign(right, o.Request)
		anyway := stringAnyway(right, o.Request)
		for n, v := range wrong {
			wrongly, passes := defect.StringToSign(v, o.Request)
			if rightly != wrongly || covered != passes || anyway != stringAnyway(v, o.Request) {
				touched[i], touches[n] = true, true
			}
		}
	}
	all := slices.Contains(touches, false)
	return func(i int) bool { return touched[i] || all }
}

// stringAnyway is what a validator would sign if every body were covered.
func stringAnyway(v reference.Validator, r reference.Request) string {
	v = v.For(r)
	v.Covered = func(reference.Request) bool { return true }
	signed, _ := defect.StringToSign(v, r)
	return signed
}

// refute takes a defect out of the table.
func (t *table) refute(v defect.Variant) {
	t.refuted[v.Key()] = true
	t.answered = slices.DeleteFunc(t.answered, func(a answered) bool {
		is := a.variant.Key() == v.Key()
		if is && v.Only == "" && !v.Behaviour && !v.Remembers {
			t.refutedOnes = append(t.refutedOnes, a)
		}
		return is
	})
}

// restore puts a defect back that was refuted.
func (t *table) restore(v defect.Variant) {
	delete(t.refuted, v.Key())
	t.refutedOnes = slices.DeleteFunc(t.refutedOnes, func(a answered) bool {
		is := a.variant.Key() == v.Key()
		if is {
			t.answered = append(t.answered, a)
		}
		return is
	})
	if !t.has(v) {
		t.others = append(t.others, v)
	}
}
