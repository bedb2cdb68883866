package fuzz

import (
	"slices"
	"sync"

	"sigconform/fuzz/generate"
	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/vectors"
)

// This file answers: is a wrong answer of a cause that is known already? What is
// known of a validator is the causes of its wrong answers, and how it answers the
// questions that the docs leave open.

// knowledge is what is known of the validator under test.
type knowledge struct {
	causes   []*cause          // in the order in which they were found
	memories []*memory         // causes that remember
	unknown  []*Finding        // findings without a cause
	nearest  *diagnosis.Cause  // to the wrong answers to vectors without a cause; nil if nothing is
	answers  []defect.Variant  // other answers to open questions than the reference's
	answered []diagnosis.Cause // … as they were found, as causes
	said     map[reference.Verdict]int
	version  int // changes with what is known

	steps    defect.Cached        // what all validators below have in common, for one request
	sent     *generate.Case       // … which is this one
	together *reference.Validator // all that is known; nil if it is to be made
	likely   map[kind]*cause      // what explained the last wrong answer of a kind; nil if nothing did
	alike    map[kind]*Finding    // without a cause, of the kinds that were looked into
}

// kind is what wrong answers have in common that are likely to have one cause.
type kind struct {
	expected judge.Expectation
	verdict  reference.Verdict
	move     string
	features uint
}

func kindOf(o observed) kind { return kind{o.Expected, o.answer.Verdict, o.Move, features(o.Request)} }

// cause is a mistake that the validator has, as far as its answers tell.
type cause struct {
	diagnosis.Cause
	validator reference.Validator  // the reference with this mistake
	without   *reference.Validator // all that is known but this mistake; nil if it is to be made
	finding   *Finding             // nil while only vectors have shown it
	shown     []observed           // wrong answers that it explains: some, to test it by later
	// contradicted counts the right answers that it would have got wrong, of those that
	// it was compared with; against are some of them.
	contradicted int
	against      []observed
}

// mostShown is how many wrong answers of a cause are kept.
const mostShown = 5

// doubt is how many of the wrong answers that a confirmed cause explains one right
// answer that contradicts it takes away: of more, it is to be doubted.
const doubt = 10

// isDoubtful reports whether right answers contradict a cause that has a finding.
func (c *cause) isDoubtful() bool {
	if c.finding == nil || c.contradicted == 0 {
		return false
	}
	return c.State != diagnosis.Confirmed || c.contradicted*doubt > c.finding.Count+len(c.Explains)
}

// memory is a cause that remembers earlier requests: it was sent what the
// validators under test were sent, as far as we know.
type memory struct {
	finding   *Finding
	live      []*reference.Validator // of each job; nil until it is known to the job
	predicted reference.Verdict      // its last answer
}

func newKnowledge() *knowledge {
	return &knowledge{said: map[reference.Verdict]int{}, likely: map[kind]*cause{}, alike: map[kind]*Finding{}}
}

// remembers reports whether a known cause that remembers explains the answer that a
// validator has just given, and counts it there.
func (k *knowledge) remembers(o observed) bool {
	for _, m := range k.memories {
		if m.predicted == o.answer.Verdict {
			m.finding.Count++
			return true
		}
	}
	return false
}

// explains reports whether a known cause, with a finding, explains the answer, whatever
// was sent before it, and counts it there.
func (k *knowledge) explains(o observed) bool {
	if c := k.causeOf(o); c != nil {
		if c.finding != nil {
			c.count(o)
		}
		return c.finding != nil
	}
	return k.isAlike(o)
}

// isAlike reports whether a wrong answer is like that of a finding without a cause, and
// counts it there: the validator failed to answer in the same way, or another answer of
// the kind became the finding.
func (k *knowledge) isAlike(o observed) bool {
	if f := k.alike[kindOf(o)]; f != nil {
		f.Count++
		return true
	}
	for _, f := range k.unknown {
		if f.sameEnd(o.answer) {
			f.Count++
			return true
		}
	}
	return false
}

// count counts a wrong answer that the cause explains.
func (c *cause) count(o observed) {
	c.finding.Count++
	if len(c.shown) < mostShown {
		c.shown = append(c.shown, o)
	}
}

// causeOf returns the cause that explains the answer alone, or else the first
// without which all of them together would not explain it; nil if there is none. What
// explained the last answer of the kind is tried first.
func (k *knowledge) causeOf(o observed) *cause {
	if isSilence(o.answer) || len(k.causes) == 0 {
		return nil
	}
	of := kindOf(o)
	if c := k.likely[of]; c != nil && k.explainsAlone(c, o) {
		return c
	}
	c := k.search(o, k.likely[of])
	k.likely[of] = c
	return c
}

func (k *knowledge) search(o observed, likely *cause) *cause {
	for _, c := range k.causes {
		if k.explainsAlone(c, o) {
			return c
		}
	}
	if !k.isUnderstood(o) {
		return nil
	}
	if likely != nil && !k.agrees(k.without(likely), o) {
		return likely
	}
	for _, c := range k.causes {
		if !k.agrees(k.without(c), o) {
			return c
		}
	}
	for _, c := range k.causes { // several explain it beside an answer to an open question
		if k.agrees(k.with(append(slices.Clone(k.answers), c.Defect)...), o) {
			return c
		}
	}
	return nil
}

func (k *knowledge) explainsAlone(c *cause, o observed) bool {
	return k.agrees(c.validator, o) || c.finding != nil && c.finding.sameEnd(o.answer)
}

// agrees reports whether v gives the observed answer. A validator that never says
// reject throws instead, and one that never throws may reject instead.
func (k *knowledge) agrees(v reference.Validator, o observed) bool {
	verdict := k.verdict(v, o)
	return verdict == o.answer.Verdict ||
		verdict == reference.Reject && o.answer.Verdict == reference.Error && k.said[reference.Reject] == 0 && k.said[reference.Error] > 0 ||
		verdict == reference.Error && o.answer.Verdict == reference.Reject && k.said[reference.Error] == 0
}

// verdict is what v answers to what was sent.
func (k *knowledge) verdict(v reference.Validator, o observed) reference.Verdict {
	if k.sent != o.Case {
		k.sent = o.Case
		k.steps.Ask(o.Sent())
	}
	verdict, _ := defect.Ask(v, o.SentToken(), o.Sent())
	return verdict
}

// with returns the reference with mistakes, which shares its steps with the others.
func (k *knowledge) with(variants ...defect.Variant) reference.Validator {
	return defect.In(k.steps.Validator(), variants...)
}

// without returns all that is known but a cause.
func (k *knowledge) without(c *cause) reference.Validator {
	if c.without == nil {
		v := k.with(k.all(c)...)
		c.without = &v
	}
	return *c.without
}

// all are the known causes but one, and the known answers to questions.
func (k *knowledge) all(but *cause) []defect.Variant {
	variants := slices.Clone(k.answers)
	for _, c := range k.causes {
		if c != but {
			variants = append(variants, c.Defect)
		}
	}
	return variants
}

// established are the causes that need no further test, and the known answers to
// questions.
func (k *knowledge) established() []defect.Variant {
	variants := slices.Clone(k.answers)
	for _, c := range k.causes {
		if c.State == diagnosis.Confirmed && !c.isDoubtful() {
			variants = append(variants, c.Defect)
		}
	}
	return variants
}

// whole returns all that is known.
func (k *knowledge) whole() reference.Validator {
	if k.together == nil {
		v := k.with(k.all(nil)...)
		k.together = &v
	}
	return *k.together
}

// isUnderstood reports whether all that is known together gives the answer.
func (k *knowledge) isUnderstood(o observed) bool {
	return k.agrees(k.whole(), o)
}

// learned is called whenever more is known of the validator, or less.
func (k *knowledge) learned() {
	k.together = nil
	for _, c := range k.causes {
		c.without = nil
	}
	clear(k.likely)
	k.version++
}

// answer adds an answer to an open question.
func (k *knowledge) answer(given defect.Variant) {
	if !slices.ContainsFunc(k.answers, func(v defect.Variant) bool { return v.Key() == given.Key() }) {
		k.answers = append(k.answers, given)
		k.learned()
	}
}

// byAnswer makes a cause of an answer to an open question that alone explains a wrong answer;
// it returns nil if there is none.
func (k *knowledge) byAnswer(o observed) *cause {
	for _, found := range k.answered {
		if !isSilence(o.answer) && k.agrees(k.with(found.Defect), o) {
			return k.add(found)
		}
	}
	return nil
}

// change makes another mistake of a cause, and its finding says so.
func (k *knowledge) change(c *cause, to defect.Variant) {
	c.Defect, c.validator = to, k.with(to)
	if c.finding != nil {
		c.finding.take(&c.Cause, nil)
	}
	k.learned()
}

// isAnswer reports whether an entry of the catalogue is no mistake, but an answer to a
// question that the docs leave open.
func isAnswer(v defect.Variant) bool {
	_, isQuestion := questions()[v.Breaks]
	return isQuestion && !v.Remembers
}

var questions = sync.OnceValue(func() map[string]vectors.OpenQuestion { return vectors.Rules().Questions })

// add adds a cause, or what is new about one that is known, and returns it.
func (k *knowledge) add(found diagnosis.Cause) *cause {
	for _, c := range k.causes {
		if c.Defect.Key() == found.Defect.Key() {
			if found.State == diagnosis.Confirmed {
				c.Cause = found
			}
			return c
		}
	}
	defer k.learned()
	c := &cause{Cause: found, validator: k.with(found.Defect)}
	k.causes = append(k.causes, c)
	return c
}

// remove forgets a cause that turned out to be none.
func (k *knowledge) remove(gone *cause) {
	k.causes = slices.DeleteFunc(k.causes, func(c *cause) bool { return c == gone })
	k.learned()
}

// nearestTo returns what is nearest to the wrong answers to vectors without a cause, if it
// explains another one too; nil if it does not.
func (k *knowledge) nearestTo(o observed) *diagnosis.Cause {
	if k.nearest == nil || !k.agrees(k.nearest.Defect.New(), o) {
		return nil
	}
	return k.nearest
}

// follow sends the causes that remember what a job's validator was sent.
func (k *knowledge) follow(c *generate.Case, job int) {
	for _, m := range k.memories {
		if m.predicted = ""; m.live[job] != nil {
			m.predicted, _ = defect.Ask(*m.live[job], c.SentToken(), c.Sent())
		}
	}
}
