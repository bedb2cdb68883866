package generate

import (
	"slices"

	"sigconform/fuzz/judge"
)

// An episode is a short sequence of related requests: one that was drawn, and what
// moves made of it. It reveals what a validator wrongly remembers from one request to
// the next.

// MostMoves is the largest number of requests in an episode.
const MostMoves = 12

// triedMoves is how many moves are tried to find one that has something to change.
const triedMoves = 3

var moveWeights, keyMoveWeights = weightsOf(moves), weightsOf(keyMoves)

func weightsOf(moves []move) (weights []int) {
	for _, m := range moves {
		weights = append(weights, m.weight)
	}
	return weights
}

// Episode draws the cases of one episode, judges them and appends them to cases: at
// least one, unless they are for a place to which none of them can be sent.
func Episode(at *Place, s *Source, cases []*Case) []*Case {
	d := drawDraft(s, at)
	right := signed(d)
	from := len(cases)
	s.repeat(5, MostMoves, func() {
		for range triedMoves {
			if c := right.moved(s, d, pickMove(s, d)); c != nil {
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
		c.Expected = judge.Judge(&c.Case)
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

// pickMove draws a move; of a request with shared keys, often one that is about them.
func pickMove(s *Source, d *draft) *move {
	if d.keys != nil && s.oneIn(2) {
		return &keyMoves[s.weighted(keyMoveWeights...)]
	}
	return &moves[s.weighted(moveWeights...)]
}

// signed returns the draft as Twilio signs it.
func signed(d *draft) *Case {
	c := &Case{Case: judge.Correct(d.token, d.request()), Move: moves[0].name}
	if c.Signed.String == "" {
		c.sign()
	} else {
		c.seal()
	}
	return c
}

// moved returns the case after a move; nil if the move has nothing to change.
// A move that changes the request is made in one of three directions: the request
// is changed after it was signed, or the changed request was signed and is changed
// back, or the request is signed again after the change.
func (c *Case) moved(s *Source, d *draft, m *move) *Case {
	if m.resign != nil {
		moved := *c
		if moved.Move = m.name; !m.resign(s, d, &moved) {
			return nil
		}
		return &moved
	}
	changed := *d
	changed.params = slices.Clone(d.params)
	direction := s.weighted(4, 2, 2)
	if m.again {
		direction = s.weighted(1, 1, 4)
	}
	if !m.change(s, &changed) {
		return nil
	}
	switch direction {
	case 1:
		other := signed(&changed)
		moved := *c
		moved.Signed, moved.Request.Signature = other.Signed, other.Request.Signature
		moved.Move = m.name + " (signed so, then changed back)"
		return &moved
	case 2:
		other := signed(&changed)
		other.Move = m.name + " (and signed again)"
		s.maybe(6, func() {
			if again := other.moved(s, &changed, pickMove(s, &changed)); again != nil {
				again.Move = other.Move + ", then " + again.Move
				other = again
			}
		})
		return other
	}
	request := changed.request()
	request.Signature = c.Request.Signature
	return &Case{Case: judge.Case{Token: c.Token, Request: request, Signed: c.Signed}, Move: m.name}
}

// Harmless returns the simplest request; if at is not nil, one for that place, or nil
// if it cannot be sent there.
func Harmless(at *Place) *Case {
	if cases := Episode(at, Replayed([]int{}), nil); len(cases) > 0 {
		return cases[0]
	}
	return nil
}
