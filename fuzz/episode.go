package fuzz

import (
	"slices"
	"unicode/utf8"
)

// An episode is a short sequence of requests that have to do with each other:
// one that was drawn, and what became of it by moves. What a validator
// remembers wrongly from one to the next shows in it.

// mostMoves is how many requests an episode has at most.
const mostMoves = 12

// triedMoves is how many moves are tried until one has something to change.
const triedMoves = 3

var moveWeights = func() (weights []int) {
	for _, m := range moves {
		weights = append(weights, m.weight)
	}
	return weights
}()

// Episode draws the cases of one episode and appends them to cases, each
// judged. What is drawn is at least one case.
func Episode(s *Source, cases []*Case) []*Case { return episodeAt(nil, s, cases) }

// episodeAt draws an episode for a place, if that is not nil. It may be that
// nothing of it can be asked there.
func episodeAt(at *Place, s *Source, cases []*Case) []*Case {
	d := drawDraft(s, at)
	right := signed(d)
	from := len(cases)
	s.repeat(5, mostMoves, func() {
		for range triedMoves {
			if c := right.moved(s, d, pickMove(s)); c != nil {
				if c.text() {
					cases = append(cases, c)
				}
				break
			}
		}
	})
	if len(cases) == from {
		cases = append(cases, right)
	}
	for _, c := range cases[from:] {
		c.Expected = Judge(c)
	}
	if at == nil {
		return cases
	}
	taken := cases[:from]
	for _, c := range cases[from:] {
		if at.takes(c) {
			taken = append(taken, c)
		}
	}
	return taken
}

// text reports whether everything but the body is UTF-8: neither the protocol
// nor a vector can say it otherwise.
func (c *Case) text() bool {
	return utf8.ValidString(c.Request.URL) && utf8.ValidString(c.Token) && utf8.ValidString(c.Signed.Key) &&
		(c.Request.Signature == nil || utf8.ValidString(*c.Request.Signature))
}

func pickMove(s *Source) *move { return &moves[s.weighted(moveWeights...)] }

// signed returns the draft as Twilio signs it.
func signed(d *draft) *Case {
	r := d.request()
	c := &Case{Token: d.token, Request: r, Move: moves[0].name, facts: factsOf(r)}
	c.Signed = Signed{Key: d.token, URL: c.facts.url, Params: c.facts.appended, String: c.facts.right}
	if c.Signed.String == "" {
		c.sign()
	} else {
		c.seal()
	}
	return c
}

// moved returns the case after a move; nil if the move has nothing to change.
// A move that changes the request is made in one of three directions: what was
// signed is changed on its way, what the change makes was signed and changed
// back, or it is signed anew after the change.
func (c *Case) moved(s *Source, d *draft, m *move) *Case {
	moved := *c
	moved.Move = m.name
	if m.resign != nil {
		if !m.resign(s, d, &moved) {
			return nil
		}
		return &moved
	}
	changed := *d
	changed.params = slices.Clone(d.params)
	direction := s.weighted(4, 2, 2)
	if m.anew {
		direction = s.weighted(1, 1, 4)
	}
	if !m.change(s, &changed) {
		return nil
	}
	switch direction {
	case 1:
		other := signed(&changed)
		moved.Signed, moved.Request.Signature = other.Signed, other.Request.Signature
		moved.Move += " (signed so, then changed back)"
		return &moved
	case 2:
		other := signed(&changed)
		other.Move = m.name + " (and signed anew)"
		s.maybe(6, func() {
			if again := other.moved(s, &changed, pickMove(s)); again != nil {
				again.Move = other.Move + ", then " + again.Move
				other = again
			}
		})
		return other
	}
	signature := moved.Request.Signature
	moved.Request, moved.facts = changed.request(), nil
	moved.Request.Signature = signature
	return &moved
}
