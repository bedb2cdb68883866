package fuzz

import (
	"context"
	"slices"

	"sigconform/fuzz/generate"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
)

// This file looks into wrong answers that no mistake explains as they came: simpler
// requests may show one, or other requests that must come before.

// lookAtUnexplained makes simpler what no mistake explains, and asks again: a simpler
// request has fewer causes, and those that are much alike tell them apart.
func (l *looker) lookAtUnexplained(ctx context.Context, left []difference) error {
	for n := 0; len(left) > 0; n++ {
		d := left[0]
		left = left[1:]
		if c := l.known.causeOf(d.observed); c != nil {
			if err := l.foundBy(ctx, c, d); err != nil {
				return err
			}
			continue
		}
		if l.known.explains(d.observed) {
			continue
		}
		if n >= mostUnknown || ctx.Err() != nil || !l.mayGoOn() && len(l.report.Findings) > 0 {
			l.add(d)
			continue
		}
		f, err := l.lookAtOne(ctx, d)
		if err != nil || f == nil {
			if err != nil {
				return err
			}
			continue
		}
		l.known.alike[kindOf(d.observed)] = f
		left = slices.DeleteFunc(left, func(other difference) bool {
			g := &Finding{Case: other.Case, Answer: other.answer}
			if f.isPartOf(g) {
				f.Count++
				return true
			}
			return false
		})
	}
	return nil
}

// lookAtOne makes a finding of a wrong answer that nothing explains; it returns it if
// its cause stays unknown.
func (l *looker) lookAtOne(ctx context.Context, d difference) (*Finding, error) {
	if l.Lasting {
		if c, err := l.explainer.remembering(ctx, d.observed); c != nil || err != nil {
			if err != nil {
				return nil, err
			}
			return nil, l.foundBy(ctx, l.known.add(*c), d)
		}
	}
	smallest, near, err := l.minimizer.bySending(ctx, d.observed, d.episode())
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	var nearest *diagnosis.Cause
	if ctx.Err() == nil {
		alone, trust, err := l.explainer.explainAlone(ctx, smallest, near)
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		if alone != nil && trust == isCertain {
			return nil, l.enterCause(l.known.add(*alone), smallest, nil, d.episode())
		}
		explained, err := l.explainer.explain(ctx, []observed{smallest, d.observed}, near)
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		if explained != nil {
			if found := explained.of[0]; found != nil {
				if c := l.learn(*found); c != nil {
					return nil, l.enterCause(c, smallest, nil, d.episode())
				}
			}
			if alone != nil && trust == isHardlyContradicted {
				return nil, l.enterCause(l.known.add(*alone), smallest, nil, d.episode())
			}
			if nearest = explained.Nearest; nearest == nil {
				nearest = l.known.nearestTo(smallest)
			}
			if nearest == nil && alone != nil && alone.Defect.Only == "" { // many conditions fit one answer
				nearest = alone
			}
		}
	}
	if c := l.together(smallest); c != nil {
		return nil, l.foundBy(ctx, c, d)
	}
	if fails, err := l.failsAlone(ctx, smallest); !fails && ctx.Err() == nil {
		if err == nil {
			err = l.lookAtUnsteady(ctx, []difference{d})
		}
		return nil, err
	}
	f := &Finding{considered: l.known.version}
	f.show(smallest, nil, d.episode())
	return l.enterUnknown(f, nearest)
}

// foldMemories counts findings without a cause to a mistake that remembers, if one is known
// by now and they do not fail alone.
func (l *looker) foldMemories(ctx context.Context) error {
	for _, f := range slices.Clone(l.known.unknown) {
		if len(l.known.memories) == 0 || f.Before != nil || isSilence(f.Answer) {
			continue
		}
		fails, err := l.failsAlone(ctx, observed{Case: f.Case, answer: f.Answer})
		if err != nil {
			return err
		}
		if !fails {
			l.fold(f, l.known.memories[0].finding)
		}
	}
	return nil
}

// failsAlone reports whether a validator that was sent nothing before gives the same wrong
// answer. What cannot be made to forget is not sent it again.
func (l *looker) failsAlone(ctx context.Context, o observed) (bool, error) {
	if l.Lasting {
		return true, nil
	}
	fresh := l.asker(o.answer.Verdict == reference.Timeout)
	defer fresh.close()
	answers, err := fresh.ask(ctx, []*generate.Case{o.Case})
	return err == nil && sameFailure(o.Case, answers[0], o.answer), err
}

// together returns the cause that explains an answer beside an answer to a question
// that the docs leave open, which fails nothing by itself; nil if there is none. The
// answer to the question is remembered.
func (l *looker) together(o observed) *cause {
	k := l.known
	for _, answer := range defect.Variants() {
		if !isAnswer(answer) {
			continue
		}
		v := k.with(append(k.all(nil), answer)...)
		if !k.agrees(v, o) {
			continue
		}
		if slices.ContainsFunc(l.evidence.right, func(o observed) bool { return k.isUnderstood(o) && !k.agrees(v, o) }) {
			continue
		}
		k.answers = append(k.answers, answer)
		k.learned()
		if c := k.causeOf(o); c != nil {
			return c
		}
		k.answers = k.answers[:len(k.answers)-1] // no cause has to do with it
		k.learned()
	}
	return nil
}

// lookAtUnsteady looks into what does not fail alone: does the first fail after others?
func (l *looker) lookAtUnsteady(ctx context.Context, unsteady []difference) error {
	if len(unsteady) == 0 {
		return nil
	}
	d := unsteady[0]
	l.report.Flaky += len(unsteady) - 1
	s, err := l.minimizer.findSequence(ctx, d)
	if err != nil {
		return err
	}
	if s == nil {
		l.report.Flaky++
		return nil
	}
	last := len(s.cases) - 1
	f := &Finding{}
	f.show(observed{Case: s.cases[last], answer: s.answers[last]}, s.cases[:last:last], d.episode())
	c := l.rememberedBy(s)
	if c == nil {
		c = s.diagnose(l.besides()...)
	}
	if c != nil {
		f.take(c, nil)
		return l.enterMemory(f, d)
	}
	_, err = l.enterUnknown(f, nil)
	return err
}

// rememberedBy returns the cause that is known to remember and explains why the last of a
// sequence fails; nil if none does.
func (l *looker) rememberedBy(s *sequence) *diagnosis.Cause {
	wrong, besides := s.answers[len(s.answers)-1].Verdict, l.besides()
	for _, m := range l.known.memories {
		for _, others := range besides {
			if last, _ := s.sentTo(slices.Concat(others, m.finding.Causes)); last == wrong {
				return &diagnosis.Cause{Defect: m.finding.Causes[0], Equals: m.finding.Equals, State: m.finding.State}
			}
		}
	}
	return nil
}
