package fuzz

import (
	"slices"

	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
)

// This file asks which mistake explains a finding (package diagnosis).

// diagnose asks which mistakes explain the failures, given answers that were
// right. The failure to be explained is the last observation.
func diagnose(recent, failed, contrast []observed, last observed) (*diagnosis.Diagnosis, int) {
	var observations []diagnosis.Observation
	for _, o := range slices.Concat(recent, failed, contrast, []observed{last}) {
		observations = append(observations, diagnosis.Observation{
			AuthToken: o.Token, Request: o.Request, Verdict: defect.Verdict(o.answer.Verdict),
			Failed: differs(o.Case, o.answer), Open: o.Expected == NotJudged, StringToSign: o.answer.StringToSign,
		})
	}
	return diagnosis.Explain(observations), len(observations) - 1
}

// chosen returns of a diagnosis the cause of one failure: the one that explains
// most besides.
func chosen(d *diagnosis.Diagnosis, failure int) *diagnosis.Diagnosis {
	one := &diagnosis.Diagnosis{Nearest: d.Nearest}
	for _, cause := range d.Causes {
		if slices.Contains(cause.Explains, failure) {
			one.Causes = []diagnosis.Cause{cause}
			break
		}
	}
	return one
}

// diagnoseSequence asks which mistake explains that the last answer is wrong
// after the others and would be right alone: one that remembers.
func diagnoseSequence(sequence []observed) *diagnosis.Diagnosis {
	d := &diagnosis.Diagnosis{}
	last := sequence[len(sequence)-1]
	best := -1
	for _, variant := range defect.Variants() {
		if verdict, _ := defect.Ask(variant.New(), last.Token, last.Request); predicts(verdict, last.answer) {
			continue
		}
		v, agree := variant.New(), 0
		var verdict defect.Verdict
		for _, o := range sequence {
			if verdict, _ = defect.Ask(v, o.Token, o.Request); predicts(verdict, o.answer) {
				agree++
			}
		}
		switch {
		case !predicts(verdict, last.answer) || agree < best:
		case agree == best:
			d.Causes[0].Equals = append(d.Causes[0].Equals, variant)
		default:
			best, d.Causes = agree, []diagnosis.Cause{{Defect: variant, Explains: []int{len(sequence) - 1}}}
		}
	}
	return d
}

// explains reports whether the diagnosis gives the observed answer; one that
// found nothing does not stand in the way.
func explains(d *diagnosis.Diagnosis, o observed) bool {
	if len(d.Causes) == 0 {
		return true
	}
	return answers(d.Validator(), o)
}

// recall puts before a finding what must be asked first, if its causes remember
// and the validator could not be made to forget: they are asked in its place.
func (f *Finding) recall(d *difference) {
	fails := func(cases []*Case) bool {
		v, verdict := f.validator(), defect.Verdict("")
		for _, c := range cases {
			verdict, _ = defect.Ask(v, c.Token, c.Request)
		}
		return predicts(verdict, d.answer)
	}
	if f.Causes == nil || fails([]*Case{f.Case}) {
		return
	}
	leaveOut(d.batch.cases[:d.index+1], len(d.batch.cases), func(cases []*Case) bool {
		last := len(cases) - 1
		if !fails(cases) {
			return false
		}
		f.Before, f.Case, f.Move = cases[:last:last], cases[last], cases[last].Move
		return true
	})
}

// conclude takes the diagnosis over and gives the finding its key.
func (f *Finding) conclude(d *diagnosis.Diagnosis) {
	f.contrast, f.Causes, f.Equals, f.Nearest = nil, nil, nil, nil
	for _, cause := range d.Causes {
		if len(cause.Explains) > 0 {
			f.Causes = append(f.Causes, cause.Defect)
			f.Equals = append(f.Equals, cause.Equals...)
		}
	}
	if f.Causes == nil && d.Nearest != nil {
		f.Nearest = &d.Nearest.Defect
	}
	f.Key = f.key()
}

// validator returns the reference with the causes of the finding.
func (f *Finding) validator() reference.Validator {
	return defect.In(reference.New(), f.Causes...)
}
