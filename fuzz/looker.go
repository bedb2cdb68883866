package fuzz

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/fuzz/judge"
	"sigconform/reference"
)

// This file is who looks into wrong answers: what waits for that, and what has been
// found out.

const (
	// mostPending is how many wrong answers wait to be looked into, mostLooked how many
	// are looked into at once, and mostUnknown how many of those without a cause are
	// made simpler then.
	mostPending, mostLooked, mostUnknown = 256, 40, 3
	// mostTried is how many of those that nobody looked into are sent again.
	mostTried = 3
)

// looker looks into wrong answers.
type looker struct {
	book
	second    *asker
	evidence  *evidence
	explainer explainer
	minimizer minimizer
	pending   []difference
	// accepted and rejected are the first that were, as they must: a target that
	// lasts must go on to do so.
	accepted, rejected *generate.Case
}

func newLooker(o *Options, report *Report) *looker {
	effort := &effort{Options: o, report: report, began: time.Now()}
	second, known, evidence := effort.asker(true), newKnowledge(), &evidence{}
	return &looker{
		book: book{effort, known, map[int]*batch{}}, second: second, evidence: evidence,
		explainer: explainer{effort: effort, second: second, known: known, evidence: evidence},
		minimizer: minimizer{effort, second, known, evidence},
	}
}

// take counts a wrong answer to the cause that explains it, or lets it wait to be looked
// into.
func (l *looker) take(ctx context.Context, d difference) error {
	if l.known.remembers(d.observed) {
		return nil
	}
	switch c := l.known.causeOf(d.observed); {
	case c == nil && !l.known.isAlike(d.observed):
		l.add(d)
	case c == nil:
	case c.finding != nil:
		c.count(d.observed)
	default: // the vectors have shown it
		defer l.effort.look()()
		if err := l.foundBy(ctx, c, d); ctx.Err() == nil {
			return err
		} // else the caller notices
	}
	return nil
}

// add lets a wrong answer wait that no known cause explains.
func (l *looker) add(d difference) {
	if len(l.pending) == mostPending {
		l.report.Unexamined++
		return
	}
	l.pending = append(l.pending, d)
}

// waiting reports whether there is something to look into: it counts what has been
// explained since.
func (l *looker) waiting() bool {
	l.pending = slices.DeleteFunc(l.pending, func(d difference) bool { return l.known.explains(d.observed) })
	return len(l.pending) > 0
}

// spread returns a part of the answers, the first of each kind before others and
// bypasses before the rest, and what is left.
func spread(all []difference) (part, rest []difference) {
	seen := map[kind]int{}
	rank := map[*generate.Case]int{}
	for _, d := range all {
		k := kind{d.Expected, d.answer.Verdict, d.Move, 0}
		rank[d.Case] = seen[k]
		seen[k]++
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b difference) int {
		return cmp.Or(cmp.Compare(rank[a.Case], rank[b.Case]), cmp.Compare(severity(a.answer), severity(b.answer)))
	})
	n := min(mostLooked, len(all))
	return all[:n], all[n:]
}

// severity orders wrong answers by what comes of them: 0 if an attacker is let in.
func severity(a protocol.Answer) int {
	if a.Verdict == reference.Accept {
		return 0
	}
	return 1
}

// enterWaiting makes findings of what still waits at the end, one for all answers that
// are wrong in the same way, with the smallest request that fails again. Where there is
// a finding of the kind already nothing is added: the report counts what waits.
func (l *looker) enterWaiting(ctx context.Context) error {
	waiting := slices.Clone(l.pending)
	slices.SortStableFunc(waiting, func(a, b difference) int {
		return cmp.Or(cmp.Compare(severity(a.answer), severity(b.answer)), cmp.Compare(a.size(), b.size()))
	})
	tried := map[kind]int{}
	for _, d := range waiting {
		of := kind{expected: d.Expected, verdict: d.answer.Verdict}
		isOf := func(f *Finding) bool { return f.Case.Expected == of.expected && f.Answer.Verdict == of.verdict }
		if tried[of] == mostTried || slices.ContainsFunc(l.known.unknown, isOf) {
			continue
		}
		tried[of]++
		if c := l.together(d.observed); c != nil {
			if err := l.foundBy(ctx, c, d); err != nil {
				return err
			}
			continue
		}
		steady, _, err := l.again(ctx, []difference{d})
		if err != nil || ctx.Err() != nil {
			return err
		}
		if len(steady) == 0 {
			continue
		}
		f, err := l.enterRaw(d)
		if err != nil {
			return err
		}
		l.known.alike[kindOf(d.observed)] = f
	}
	l.waiting() // counts those that are alike
	return nil
}

// enterRaw adds an answer that was not looked into, or counts it to a finding like it,
// which it returns.
func (l *looker) enterRaw(d difference) (*Finding, error) {
	f := &Finding{}
	f.show(d.observed, nil, d.episode())
	return l.enterUnknown(f, nil)
}

// foundBy makes a finding of a wrong answer that a cause explains, or counts it.
func (l *looker) foundBy(ctx context.Context, c *cause, d difference) error {
	if c.finding != nil {
		c.finding.Count++
		l.evidence.addKnown(d.observed)
		return nil
	}
	if c.Defect.Remembers {
		f := &Finding{}
		f.show(d.observed, nil, d.episode())
		if s := recalled(c.Defect, d, l.until(d)); s != nil {
			last := len(s.cases) - 1
			f.show(observed{Case: s.cases[last], answer: d.answer}, s.cases[:last:last], d.episode())
		}
		f.take(&c.Cause, nil)
		l.known.remove(c)
		return l.enterMemory(f, d)
	}
	smallest, same, err := l.minimizer.byCause(ctx, c, d.observed, d.episode())
	if err != nil && ctx.Err() == nil {
		return err
	}
	if !same {
		smallest = d.observed
	}
	return l.enterCause(c, smallest, nil, d.episode())
}

// compareLater keeps the case if it is the first that was accepted, or rejected
// because of its key, as it must.
func (l *looker) compareLater(c *generate.Case, a protocol.Answer) {
	switch {
	case l.accepted == nil && c.Expected == judge.MustAccept && a.Verdict == reference.Accept:
		l.accepted = c
	case l.rejected == nil && c.Expected == judge.MustReject && a.Verdict == reference.Reject && !c.Signed.None && !c.SameKey():
		l.rejected = c
	}
}

// unchanged returns an error if a target that lasts answers otherwise by now than
// it did: it locks out whoever sends too much, or is another one.
func (l *looker) unchanged(ctx context.Context) error {
	if !l.Lasting || l.accepted == nil || l.rejected == nil {
		return nil
	}
	answers, err := l.second.ask(ctx, []*generate.Case{l.accepted, l.rejected})
	switch {
	case err != nil:
		return err
	case answers[0].Verdict != reference.Accept:
		return fmt.Errorf("it does not accept any more what it accepted before (%s): does it lock out whoever sends wrong signatures, "+
			"or refuse what it has seen? Lift that for the time of the run", cmp.Or(answers[0].Detail, string(answers[0].Verdict)))
	case answers[1].Verdict == reference.Accept:
		return errors.New("it accepts by now what it rejected before, a signature made with another key: was it restarted, or its " +
			"configuration changed?")
	}
	return nil
}

// again sends the requests again, the first of them to a validator that was sent
// nothing before, and returns which fail as before and which do not. If the last of
// those that do would not fail alone, that is true of the first at most.
func (l *looker) again(ctx context.Context, wrong []difference) (steady, unsteady []difference, err error) {
	if len(wrong) == 0 {
		return nil, nil, nil
	}
	fresh := l.asker(false)
	defer fresh.close()
	cases := make([]*generate.Case, len(wrong))
	for i, d := range wrong {
		cases[i] = d.Case
	}
	answers, err := fresh.ask(ctx, cases)
	for i, a := range answers {
		if sameFailure(cases[i], a, wrong[i].answer) {
			steady = append(steady, wrong[i])
		} else {
			unsteady = append(unsteady, wrong[i])
		}
	}
	last := len(steady) - 1
	if err != nil || last < 0 || steady[last] == wrong[0] {
		return steady, unsteady, err
	}
	fails, err := l.failsAlone(ctx, steady[last].observed)
	if err == nil && !fails { // it remembers: all but the first may have failed because of those before
		alone := 0
		if steady[0] == wrong[0] {
			alone = 1
		}
		steady, unsteady = wrong[:alone:alone], wrong[alone:]
	}
	return steady, unsteady, err
}
