package fuzz

import (
	"slices"
	"sync"

	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/vectors"
)

// This file answers: is a wrong answer of a cause that is known already? What is
// known of a validator is the causes of all findings, and how it answers the
// questions that the norm leaves open.

// known returns the finding whose cause explains the answer, or nil.
func (r *run) known(o observed) *Finding {
	end := endOf(o.answer)
	for _, f := range r.report.Findings {
		if f.Causes == nil {
			if end != "" && end == endOf(f.Answer) {
				return f
			}
			continue
		}
		verdict := f.predicted // of what remembers; it has been asked already
		if len(f.Before) == 0 {
			verdict, _ = defect.Ask(f.validator(), o.Token, o.Request)
		}
		if predicts(verdict, o.answer) {
			return f
		}
	}
	if parts := r.parts(o); parts != nil {
		return parts[0]
	}
	return nil
}

// together returns the known findings that have a part in f, if no mistake alone
// explains f: the known causes all at once do, or do with an answer to a
// question of the norm that fails nothing by itself. The answer is remembered.
func (r *run) together(f *Finding) []*Finding {
	if f.Causes != nil || f.Before != nil {
		return nil
	}
	found := observed{f.Case, f.Answer}
	if parts := r.parts(found); parts != nil {
		return parts
	}
	before := r.understood(nil)
	for _, answer := range harmlessAlone() {
		v := r.understood(nil, answer)
		contradicts := func(o observed) bool { return answers(before, o) && !answers(v, o) }
		if answers(v, found) && !slices.ContainsFunc(r.recent, contradicts) {
			r.answered = append(r.answered, answer)
			if parts := r.parts(found); parts != nil {
				return parts
			}
			r.answered = r.answered[:len(r.answered)-1] // no cause has a part in it
		}
	}
	return nil
}

// parts returns the known findings without whose cause all that is known of the
// validator would not explain the answer; none if it does not explain it.
func (r *run) parts(o observed) (parts []*Finding) {
	if !answers(r.understood(nil), o) {
		return nil
	}
	for _, known := range r.report.Findings {
		if !answers(r.understood(known), o) {
			parts = append(parts, known)
		}
	}
	return parts
}

// explainLate explains the findings that were found before their causes were
// known: by those that have a part in them. One that has all of it takes the
// finding over.
func (r *run) explainLate() {
	parts := map[*Finding][]*Finding{}
	for _, f := range r.report.Findings {
		parts[f] = r.together(f)
	}
	r.report.Findings = slices.DeleteFunc(r.report.Findings, func(f *Finding) bool {
		if len(parts[f]) == 1 {
			parts[f][0].Count += f.Count
			return true
		}
		for _, known := range parts[f] {
			f.Causes = append(f.Causes, known.Causes...)
		}
		return false
	})
}

// answers reports whether v gives the observed answer.
func answers(v reference.Validator, o observed) bool {
	verdict, _ := defect.Ask(v, o.Token, o.Request)
	return predicts(verdict, o.answer)
}

// understood returns the validator as far as it is understood: the reference
// with the causes of all findings but one, and the answers to questions that
// are known and some more.
func (r *run) understood(but *Finding, more ...defect.Variant) reference.Validator {
	variants := slices.Concat(more, r.answered)
	for _, f := range r.report.Findings {
		if f != but && f.Before == nil {
			variants = append(variants, f.Causes...)
		}
	}
	return defect.In(reference.New(), variants...)
}

// harmlessAlone are the mistakes that are none: answers to questions.
var harmlessAlone = sync.OnceValue(func() []defect.Variant {
	questions := vectors.Rules().Questions
	return slices.DeleteFunc(defect.Variants(), func(v defect.Variant) bool {
		_, isQuestion := questions[v.Breaks]
		return !isQuestion || v.Remembers
	})
})

// live asks the causes that remember something what the validator was asked.
func (r *run) live(c *Case) {
	for _, f := range r.report.Findings {
		if f.live != nil {
			f.predicted, _ = defect.Ask(*f.live, c.Token, c.Request)
		}
	}
}

// enliven prepares a cause that remembers: as far as we know, it has been asked
// what the validator was asked first, and what came last.
func (r *run) enliven(f *Finding, d *difference) {
	if len(f.Before) == 0 || f.Causes == nil {
		return
	}
	v := f.validator()
	f.live = &v
	asked := append([]*Case{r.At.harmless()}, d.batch.cases[:d.index+1]...)
	if r.first != d.batch {
		asked = slices.Concat(asked[:1], r.first.cases, asked[1:])
	}
	for _, c := range asked {
		f.predicted, _ = defect.Ask(v, c.Token, c.Request)
	}
}
