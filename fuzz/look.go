package fuzz

import (
	"context"
	"time"

	"sigconform/fuzz/generate"
	"sigconform/reference"
	"sigconform/reference/diagnosis"
)

// This file looks into wrong answers that no known cause explains: do they come again,
// which mistakes explain them, and what shows each?

// look looks into the wrong answers that wait, or into some of each kind, and reports
// whether that brought anything new. An error means that the validator cannot be
// tested any more.
func (l *looker) look(ctx context.Context) (fruitful bool, err error) {
	findings := len(l.report.Findings)
	defer l.effort.look()()
	if err := l.unchanged(ctx); err != nil {
		return false, err // what it gets wrong by now says nothing of a validator
	}
	shown, err := l.explainer.explainVectors(ctx)
	if err != nil {
		return false, err
	}
	for _, c := range shown {
		l.learn(c)
	}
	looked, rest := spread(l.pending)
	l.pending = rest
	l.noteSettings(looked)
	defer func() {
		if err != nil && len(l.report.Findings) == 0 && len(looked) > 0 {
			_, _ = l.enterRaw(looked[0]) // no wrong answer is passed over if it is the only one
		}
	}()
	var wrong []difference
	for _, d := range looked {
		c := l.known.causeOf(d.observed)
		if c == nil {
			c = l.equally(d.observed)
		}
		if c == nil {
			c = l.known.byAnswer(d.observed)
		}
		switch {
		case c != nil: // the vectors have shown it
			err = l.foundBy(ctx, c, d)
		case !isSilence(d.answer):
			wrong = append(wrong, d)
		case !l.known.explains(d.observed):
			err = l.lookAtSilence(ctx, d)
		}
		if err != nil {
			return false, err
		}
	}
	steady, unsteady, err := l.again(ctx, wrong)
	if err == nil {
		err = l.lookAtSteady(ctx, steady)
	}
	l.absorb()
	if err == nil {
		err = l.lookAtUnsteady(ctx, unsteady)
	}
	if err == nil {
		err = l.unchanged(ctx)
	}
	return len(l.report.Findings) > findings, err
}

// lookAtSilence makes a finding of a request at which the validator ended or hung.
func (l *looker) lookAtSilence(ctx context.Context, d difference) error {
	fresh := l.asker(d.answer.Verdict == reference.Timeout)
	defer fresh.close()
	if l.Lasting {
		rest(ctx)
	}
	answers, err := fresh.ask(ctx, []*generate.Case{d.Case})
	if err != nil {
		return err
	}
	if !sameFailure(d.Case, answers[0], d.answer) {
		if l.Lasting { // it was busy, and others wait for it too
			l.report.Flaky++
			return nil
		}
		return l.lookAtUnsteady(ctx, []difference{d})
	}
	smallest, _, err := l.minimizer.bySending(ctx, d.observed, d.episode())
	if err != nil && ctx.Err() == nil {
		return err
	}
	if smallest.Case != d.Case && l.Lasting {
		// It had less time than usual: a busy server needs more.
		rest(ctx)
		if answers, err = fresh.ask(ctx, []*generate.Case{smallest.Case}); err != nil || !sameFailure(smallest.Case, answers[0], d.answer) {
			smallest = d.observed
		}
	}
	f := &Finding{}
	f.show(smallest, nil, d.episode())
	_, err = l.enterUnknown(f, nil)
	return err
}

// rest lets a server rest for a moment.
func rest(ctx context.Context) {
	select {
	case <-time.After(slowTimeout):
	case <-ctx.Done():
	}
}

// lookAtSteady explains wrong answers that do not depend on what was sent before, and
// tests again the causes that nothing has confirmed yet.
func (l *looker) lookAtSteady(ctx context.Context, steady []difference) error {
	steady, err := l.lookAtMemory(ctx, steady)
	if err != nil {
		return err
	}
	var wrong, against []observed
	for _, d := range steady {
		wrong = append(wrong, d.observed)
	}
	doubted := l.doubted()
	for _, f := range doubted {
		wrong, against = append(wrong, f.shown...), append(against, f.against...)
	}
	if len(wrong) == 0 {
		return nil
	}
	explained, err := l.explainer.explain(ctx, wrong, against)
	if err != nil {
		return err
	}
	if err := l.reconsider(doubted, explained, len(steady)); err != nil {
		return err
	}
	for _, c := range explained.Causes {
		l.learn(c)
	}
	l.evidence.giveUp()
	var left []difference
	for i, d := range steady {
		var c *cause
		if explained.of[i] != nil {
			if c = l.learn(*explained.of[i]); c == nil {
				c = l.known.byAnswer(d.observed)
			}
		}
		if c == nil {
			c = l.known.causeOf(d.observed)
		}
		if c == nil {
			left = append(left, d)
		} else if err := l.foundBy(ctx, c, d); err != nil {
			return err
		}
	}
	return l.lookAtUnexplained(ctx, left)
}

// lookAtMemory explains what is accepted because a validator that cannot be made to
// forget has accepted something else, and returns the rest.
func (l *looker) lookAtMemory(ctx context.Context, steady []difference) (rest []difference, err error) {
	for _, d := range steady {
		if !l.Lasting || d.answer.Verdict != reference.Accept {
			rest = append(rest, d)
			continue
		}
		keeps, err := l.explainer.keepsSignatures(ctx)
		if err != nil {
			return nil, err
		}
		var c *diagnosis.Cause
		if keeps {
			if c, err = l.explainer.remembering(ctx, d.observed); err != nil {
				return nil, err
			}
		}
		if c == nil {
			rest = append(rest, d)
		} else if err := l.foundBy(ctx, l.known.add(*c), d); err != nil {
			return nil, err
		}
	}
	return rest, nil
}
