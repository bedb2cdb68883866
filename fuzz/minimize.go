package fuzz

import (
	"context"
	"time"

	"sigconform/fuzz/generate"
	"sigconform/reference"
)

// This file asks: what is the smallest request that shows a wrong answer? If its
// cause is known, a validator with that cause answers in place of the one under test,
// which is sent the result alone.

const (
	shrinkCalls     = 3000                   // attempts to make a request simpler
	slowShrinkCalls = 60                     // … if each costs a timeout or a new process
	sparingAsked    = 150                    // requests that a validator gets for it that is not to be sent much
	slowTimeout     = 500 * time.Millisecond // how long an answer may take meanwhile
	mostNear        = 200                    // right answers remembered for the diagnosis
)

// minimizer makes requests simpler.
type minimizer struct {
	*effort
	second   *asker
	known    *knowledge
	evidence *evidence
}

// choicesOf returns the choices behind an episode.
func choicesOf(o *Options, number uint64) []int {
	source := generate.Recorded(o.Seed, number)
	generate.Episode(o.At, source, nil)
	return source.Choices()
}

// byCause makes simpler what a cause explains, and reports whether the validator
// answers the result as the cause does.
func (m *minimizer) byCause(ctx context.Context, c *cause, wrong observed, episode uint64) (observed, bool, error) {
	all := m.known.whole()
	smallest := wrong
	shrink(m.At, choicesOf(m.Options, episode), shrinkCalls, func(choices []int) bool {
		for _, simpler := range m.episode(generate.Replayed(choices), nil) {
			o := observed{simpler, wrong.answer, wrong.serial}
			if simpler.Expected != wrong.Expected || !differs(simpler, wrong.answer) || !m.known.agrees(c.validator, o) || !m.known.agrees(all, o) {
				continue
			}
			if m.isOfAnother(c, o) {
				continue
			}
			smallest = o
			return true
		}
		return false
	})
	if smallest.Case == wrong.Case {
		return wrong, true, nil
	}
	answers, err := m.second.ask(ctx, []*generate.Case{smallest.Case})
	if err != nil {
		return wrong, false, err
	}
	smallest.answer = answers[0]
	return smallest, sameFailure(smallest.Case, answers[0], wrong.answer), nil
}

// isOfAnother reports whether another known cause explains the answer alone.
func (m *minimizer) isOfAnother(c *cause, o observed) bool {
	for _, other := range m.known.causes {
		if other != c && m.known.agrees(other.validator, o) {
			return true
		}
	}
	return false
}

// bySending makes simpler what no known cause explains: a simpler request may not be
// of a known cause either. It returns what is smallest, and right answers to requests
// that are much alike.
func (m *minimizer) bySending(ctx context.Context, wrong observed, episode uint64) (smallest observed, near []observed, err error) {
	second, calls := m.second, shrinkCalls
	ends := wrong.answer.Verdict == reference.Timeout || wrong.answer.Verdict == reference.Died
	if ends {
		second, calls = m.asker(true), slowShrinkCalls
		second.timeout = slowTimeout
		defer second.close()
	}
	smallest = wrong
	var failed error
	// holds sends cases and reports whether one of them shows the same.
	holds := func(cases []*generate.Case) bool {
		answers, err := second.ask(ctx, cases)
		if err != nil {
			failed = err
			return false
		}
		for i, a := range answers {
			o := m.evidence.observe(cases[i], a)
			switch {
			case !differs(o.Case, a):
				if a.Verdict != reference.Unsupported {
					near = kept(near, o, mostNear)
				}
			case sameFailure(o.Case, a, wrong.answer) && o.Expected == wrong.Expected && m.known.causeOf(o) == nil:
				smallest = o
				return true
			}
		}
		return false
	}
	asked, without := 0, map[string]bool{} // requests that do not show the same
	shrink(m.At, choicesOf(m.Options, episode), calls, func(choices []int) bool {
		cases := m.episode(generate.Replayed(choices), nil)
		if !ends && !m.Lasting {
			return failed == nil && m.mayGoOn() && holds(cases)
		}
		// Each costs a process, a timeout, or somebody's server a request: one by
		// one, until one is enough, and none again that did not show it.
		for _, c := range cases {
			request := c.Vector().Fingerprint()
			if failed != nil || c.Expected != wrong.Expected || without[request] || m.Lasting && asked >= sparingAsked {
				continue
			}
			asked++
			if holds([]*generate.Case{c}) {
				if ends {
					second.close()
				}
				return true
			}
			without[request] = true
		}
		return false
	})
	return smallest, near, failed
}
