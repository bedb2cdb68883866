package fuzz

import (
	"slices"

	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
)

// This file answers: is a cause still to be believed? Right answers that come later
// contradict a wrong one. A wrong name costs more than none.

const (
	// checkedOneIn is how many right answers there are to one that the causes are
	// compared with.
	checkedOneIn = 8
	// fewForCondition is how many wrong answers say too little about the condition under
	// which a mistake is made: many conditions fit them.
	fewForCondition = 2
)

// check compares what is known with a right answer, now and then.
func (k *knowledge) check(o observed) {
	if len(k.causes) == 0 || o.serial%checkedOneIn != 0 || o.Expected == judge.NotJudged || !isTelling(o.answer) ||
		k.agreesRightly(k.whole(), o) {
		return
	}
	for _, c := range k.causes {
		if !k.agreesRightly(c.validator, o) && k.agreesRightly(k.without(c), o) {
			c.contradicted++
			c.against = kept(c.against, o, mostShown)
			return
		}
	}
}

// agreesRightly reports whether v accepts what the validator accepted: how something is
// rejected is all the same.
func (k *knowledge) agreesRightly(v reference.Validator, o observed) bool {
	return (k.verdict(v, o) == reference.Accept) == (o.answer.Verdict == reference.Accept)
}

// doubted is a finding whose cause is to be found again, with answers to do so by.
type doubted struct {
	finding        *Finding
	shown, against []observed
	was            *cause // nil if its cause is unknown
}

// doubted returns the findings whose cause is contradicted by now, and those whose cause
// is unknown, if others have been found since.
func (l *looker) doubted() (all []doubted) {
	for _, c := range l.known.causes {
		if c.isDoubtful() {
			all = append(all, doubted{c.finding, c.shown, c.against, c})
		}
	}
	for _, f := range l.known.unknown {
		if len(f.Before) == 0 && !isSilence(f.Answer) && f.considered != l.known.version {
			f.considered = l.known.version
			all = append(all, doubted{f, []observed{{Case: f.Case, answer: f.Answer}}, nil, nil})
		}
	}
	return all
}

// relate gives the findings without a cause those that explain them by now, alone or
// beside an answer to an open question, and counts what a mistake brings with it to that.
func (l *looker) relate() error {
	for _, f := range slices.Clone(l.known.unknown) {
		if len(f.Before) > 0 || isSilence(f.Answer) {
			continue
		}
		o := observed{Case: f.Case, answer: f.Answer}
		c := l.known.causeOf(o)
		if c == nil {
			c = l.together(o)
		}
		if c != nil {
			if err := l.revise(f, &c.Cause); err != nil {
				return err
			}
		}
	}
	for _, c := range l.known.causes {
		if by := l.known.bringing(c); by != nil && c.finding != nil && c.finding != by.finding {
			gone := c.finding
			by.finding.Count += gone.Count
			c.finding = by.finding
			l.report.Findings = slices.DeleteFunc(l.report.Findings, func(f *Finding) bool { return f == gone })
			if err := l.tell(by.finding); err != nil {
				return err
			}
		}
	}
	return nil
}

// bringing returns the surer cause of which another one is a part; nil if there is none.
func (k *knowledge) bringing(part *cause) *cause {
	for _, c := range k.causes {
		if slices.Contains(c.Defect.Brings, part.Defect.Slug) && c.finding != nil &&
			(c.State == diagnosis.Confirmed || part.State != diagnosis.Confirmed) {
			return c
		}
	}
	return nil
}

// reconsider gives the findings the causes that explain them by now. From is where the
// first of their answers is among those that were explained.
func (l *looker) reconsider(all []doubted, explained *explanation, from int) error {
	for _, d := range all {
		votes := map[string]int{}
		var best *diagnosis.Cause
		for range d.shown {
			if c := explained.of[from]; c != nil && !isAnswer(c.Defect) {
				if votes[c.Defect.Key()]++; best == nil || votes[c.Defect.Key()] > votes[best.Defect.Key()] {
					best = c
				}
			}
			from++
		}
		var err error
		switch {
		case best != nil && d.was != nil && best.Defect.Slug == d.was.Defect.Slug && best.Defect.Value == d.was.Defect.Value:
			d.was.contradicted = 0 // it is the best, but for some requests
		case best != nil:
			err = l.revise(d.finding, best)
		case d.was != nil:
			err = l.giveUp(d.finding, d.was)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// giveUp takes the cause from a finding: right answers contradict it.
func (l *looker) giveUp(f *Finding, was *cause) error {
	nearest := was.Defect
	if err := l.revise(f, nil); err != nil || nearest.Only != "" { // many conditions fit a few answers
		return err
	}
	f.Nearest = &nearest
	return l.tell(f)
}

// giveUpDoubted takes the causes from all findings that right answers contradict, where
// there is no time to find others.
func (l *looker) giveUpDoubted() error {
	for _, d := range l.doubted() {
		if d.was != nil {
			if err := l.giveUp(d.finding, d.was); err != nil {
				return err
			}
		}
	}
	return nil
}

// absorb counts the finding of a cause to that of another, if the others explain all
// wrong answers that are kept of it and it does not explain all of theirs: it was the
// best explanation only until they were known.
func (l *looker) absorb() {
	k := l.known
	for _, c := range slices.Clone(k.causes) {
		var other *cause
		isExplained := func(o observed) bool {
			i := slices.IndexFunc(k.causes, func(k *cause) bool {
				return k != c && k.finding != nil && k.finding != c.finding && l.known.agrees(k.validator, o)
			})
			if i >= 0 {
				other = k.causes[i]
			}
			return i >= 0
		}
		isOfOther := func(o observed) bool { return !k.agrees(c.validator, o) }
		if c.finding == nil || len(c.shown) == 0 || !every(c.shown, isExplained) || !slices.ContainsFunc(other.shown, isOfOther) {
			continue
		}
		other.finding.Count += c.finding.Count
		l.report.Findings = slices.DeleteFunc(l.report.Findings, func(f *Finding) bool { return f == c.finding })
		k.remove(c)
	}
}

func every(all []observed, is func(observed) bool) bool {
	return !slices.ContainsFunc(all, func(o observed) bool { return !is(o) })
}

// learn takes over what was found out, and returns the cause. It returns nil for an answer
// to an open question, which is remembered but is no cause, and for a condition that is
// guessed. A mistake that is found under two conditions is made under neither, or under
// what both have in common.
func (l *looker) learn(found diagnosis.Cause) *cause {
	if isAnswer(found.Defect) {
		l.known.answer(found.Defect)
		if !slices.ContainsFunc(l.known.answered, func(c diagnosis.Cause) bool { return c.Defect.Key() == found.Defect.Key() }) {
			l.known.answered = append(l.known.answered, found)
		}
		return nil
	}
	if found.Defect.Only != "" && len(found.Explains) <= fewForCondition {
		return nil
	}
	for _, c := range l.known.causes {
		if c.Defect.Slug != found.Defect.Slug || c.Defect.Value != found.Defect.Value || c.Defect.Only == found.Defect.Only {
			continue
		}
		if wider, is := l.wider(c.Defect, found.Defect); is {
			l.known.change(c, wider)
			return c
		}
	}
	return l.known.add(found)
}

// equally returns the cause of a wrong answer that it does not explain, but one of those
// does that answered the same until then: that is what the cause was. It returns nil if
// there is none.
func (l *looker) equally(o observed) *cause {
	k := l.known
	for _, c := range k.causes {
		if c.finding == nil || isSilence(o.answer) {
			continue
		}
		for _, v := range c.Equals {
			was := k.with(v)
			if v.Remembers || v.Behaviour || !k.agrees(was, o) || !every(c.shown, func(o observed) bool { return k.agrees(was, o) }) {
				continue
			}
			if explained, contradicted := l.evidence.weigh(v.New()); contradicted*doubt <= explained {
				c.Equals = slices.DeleteFunc(slices.Clone(c.Equals), func(w defect.Variant) bool {
					return w.Key() == v.Key() || !k.agrees(k.with(w), o)
				})
				k.change(c, v)
				return c
			}
		}
	}
	return nil
}

// wider returns a mistake under a condition that two have in common, or under none, if
// next to no right answer contradicts it.
func (l *looker) wider(a, b defect.Variant) (defect.Variant, bool) {
	wider := a
	for _, wider.Only = range []defect.Condition{"", a.Only.Common(b.Only)} {
		v := defect.In(reference.New(), append(l.known.established(), wider)...)
		if explained, contradicted := l.evidence.weigh(v); contradicted*doubt <= explained {
			return wider, true
		}
	}
	return a, false
}
