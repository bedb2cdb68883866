package fuzz

import (
	"context"
	"slices"

	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
)

// This file is about what fails only after other requests: which of them must come
// before it, and which mistake remembers them?

// sequenceCalls is how many attempts make a sequence simpler: each takes a new process.
const sequenceCalls = 2 * slowShrinkCalls

const (
	mostWhole = 200  // requests of a batch that are sent once more, to a new process
	mostKept  = 3000 // requests that are kept of all that is tried, with their answers
)

// sequence is a request that fails after others.
type sequence struct {
	cases   []*generate.Case // the last one fails
	answers []protocol.Answer
	tried   []sequence // what else was sent to new processes while this was looked for; any may fail
}

// findSequence returns the simplest requests after which the case of a batch fails,
// each time sent to a new process; nil if it does not fail again.
func (m *minimizer) findSequence(ctx context.Context, d difference) (found *sequence, err error) {
	wrong := d.observed
	var tried []sequence
	kept := 0 // requests in them
	defer func() {
		if found != nil {
			found.tried = tried
		}
	}()
	// fails sends the cases and returns the index of the last that fails, or -1.
	fails := func(cases []*generate.Case) (int, []protocol.Answer) {
		fresh := m.asker(false)
		defer fresh.close()
		answers, failed := fresh.ask(ctx, cases)
		if failed != nil {
			err = failed
			return -1, nil
		}
		if kept += len(cases); kept <= mostKept {
			tried = append(tried, sequence{cases: cases, answers: answers})
		}
		for i := len(cases) - 1; i >= 0; i-- {
			if sameFailure(cases[i], answers[i], wrong.answer) && cases[i].Expected == wrong.Expected {
				return i, answers
			}
		}
		return -1, nil
	}
	adopt := func(cases []*generate.Case, i int, answers []protocol.Answer) {
		found = &sequence{cases: cases[: i+1 : i+1], answers: answers[:i+1]}
	}
	// Many answers of one process tell apart what may be remembered.
	whole := m.casesOf(d.batch)
	if fails(whole[:min(len(whole), mostWhole)]); err != nil {
		return nil, err
	}
	choices := choicesOf(m.Options, d.episode())
	cases := m.episode(generate.Replayed(choices), nil)
	if i, answers := fails(cases); i >= 0 {
		adopt(cases, i, answers)
		shrink(m.At, choices, sequenceCalls, func(choices []int) bool {
			if err != nil {
				return false
			}
			cases := m.episode(generate.Replayed(choices), nil)
			i, answers := fails(cases)
			if i > 0 {
				adopt(cases, i, answers)
			}
			return i > 0
		})
		return found, err
	}
	leaveOut(m.until(d), sequenceCalls, func(cases []*generate.Case) bool {
		i, answers := fails(cases)
		if i == len(cases)-1 && i > 0 {
			adopt(cases, i, answers)
			return true
		}
		return false
	})
	return found, err
}

// leaveOut leaves out ever smaller parts of what comes before the last case, while
// holds is true.
func leaveOut(cases []*generate.Case, most int, holds func([]*generate.Case) bool) {
	if !holds(cases) {
		return
	}
	for size := len(cases) / 2; size > 0; size /= 2 {
		for from := 0; from < len(cases)-1 && most > 0; most-- {
			to := min(from+size, len(cases)-1)
			if fewer := slices.Delete(slices.Clone(cases), from, to); holds(fewer) {
				cases = fewer
			} else {
				from = to
			}
		}
	}
}

// diagnose asks which mistake explains that the last answer is wrong after the others
// and would be right alone: one that remembers. It is made beside others, one of the given
// sets. Of several it is the one that agrees with most answers of all that was tried, since
// the simplest sequence seldom tells them apart. It returns nil if none does.
func (s *sequence) diagnose(beside ...[]defect.Variant) *diagnosis.Cause {
	var found *diagnosis.Cause
	end := len(s.cases) - 1
	last, best := s.answers[end].Verdict, -1
	for _, variant := range defect.Variants() {
		if !variant.Remembers {
			continue
		}
		agree := -1
		for _, others := range beside {
			made := slices.Concat(others, []defect.Variant{variant})
			alone := sequence{cases: s.cases[end:], answers: s.answers[end:]}
			if verdict, _ := alone.sentTo(made); verdict == last {
				continue
			}
			verdict, same := s.sentTo(made)
			if verdict != last {
				continue
			}
			for _, other := range s.tried {
				_, more := other.sentTo(made)
				same += more
			}
			agree = max(agree, same)
		}
		switch {
		case agree > best:
			best, found = agree, &diagnosis.Cause{Defect: variant, State: diagnosis.Confirmed}
		case agree == best && found != nil:
			found.Equals = append(found.Equals, variant)
		}
	}
	return found
}

// sentTo returns what a validator with mistakes answers to the last case, and how many
// answers it gives that the validator under test gave as well, as far as they are known.
func (s *sequence) sentTo(mistakes []defect.Variant) (last reference.Verdict, same int) {
	v := defect.In(reference.New(), mistakes...)
	for i, c := range s.cases {
		if last, _ = defect.Ask(v, c.SentToken(), c.Sent()); i < len(s.answers) && last == s.answers[i].Verdict {
			same++
		}
	}
	return last, same
}

// recalled returns what of all that was sent must be sent before a request, if the cause remembers and the
// validator could not be made to forget: the cause is sent it in its place. It returns
// nil if the cause explains the answer without.
func recalled(v defect.Variant, d difference, sent []*generate.Case) *sequence {
	fails := func(cases []*generate.Case) bool {
		last, _ := (&sequence{cases: cases}).sentTo([]defect.Variant{v})
		return last == d.answer.Verdict
	}
	if fails([]*generate.Case{d.Case}) {
		return nil
	}
	var found *sequence
	leaveOut(sent, len(sent), func(cases []*generate.Case) bool {
		if !fails(cases) {
			return false
		}
		found = &sequence{cases: cases}
		return true
	})
	return found
}
