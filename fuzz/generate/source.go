// Package generate answers: what could be sent? It draws requests that nobody
// thought of, part by part, signs them as Twilio does, and changes them as a
// proxy, a framework or an attacker changes them. It knows no mistake by name.
// Its files, in reading order:
//
//	source.go    where choices come from: a seed, or choices made before
//	words.go     what requests are made of
//	spelling.go  how a form is written
//	texts.go     texts: any characters, structured texts, one edit
//	case.go      a request with its signature, and as a vector
//	place.go     requests for an application with a URL and token of its own
//	draft.go     a request in its parts
//	sizes.go     one part of a request, as long as a limit might be
//	parts.go     the parts of a request, drawn one by one
//	hash.go      the hash of the body, right and almost right
//	keys.go      shared keys, the header that names one, and how they are confused
//	draw.go      a whole request as Twilio sends it
//	edits.go     the building blocks of moves
//	moves.go     what happens to a request on its way
//	episode.go   related requests
//
// Package judge says what the answers must be.
package generate

import (
	"math/rand/v2"
)

// Source is where the generator's choices come from. Every choice is a number
// below a limit, and 0 is the simplest of them: a request is simplified by
// making its numbers smaller and leaving some out.
type Source struct {
	random *rand.PCG
	draw   func(n int) int // instead of random, if set: choices of a property test
	replay []int           // instead of random, if not nil; 0 after its end
	next   int             // in replay

	record *tape // nil: nothing is recorded, which is faster
}

// tape records the choices, and which of them belong together.
type tape struct {
	choices []int
	spans   [][2]int // from and to, the inner ones before the outer
}

// Seeded returns the source of one episode. The same numbers give the same
// episode, on every machine.
func Seeded(seed, episode uint64) *Source {
	return &Source{random: rand.NewPCG(seed, episode)}
}

// Drawn returns a source whose choices are made by draw, which returns a number
// from 0 to n-1.
func Drawn(draw func(n int) int) *Source { return &Source{draw: draw} }

// Restart begins another episode with the memory of the last one.
func (s *Source) Restart(seed, episode uint64) { s.random.Seed(seed, episode) }

// Recorded does the same as Seeded and records the choices.
func Recorded(seed, episode uint64) *Source {
	s := Seeded(seed, episode)
	s.record = &tape{}
	return s
}

// Replayed returns a source that makes the same choices again, and records them as
// made: a choice that is now too large is reduced.
func Replayed(choices []int) *Source {
	return &Source{replay: append([]int{}, choices...), record: &tape{}}
}

// Choices returns the choices that a recording source has made.
func (s *Source) Choices() []int { return s.record.choices }

// Spans returns which choices belong together: from and to, the inner spans
// before the outer.
func (s *Source) Spans() [][2]int { return s.record.spans }

// below chooses a number from 0 to n-1.
func (s *Source) below(n int) int {
	if n <= 1 {
		return 0
	}
	var choice int
	switch {
	case s.replay != nil:
		if s.next < len(s.replay) {
			choice = min(s.replay[s.next], n-1)
			s.next++
		}
	case s.draw != nil:
		choice = s.draw(n)
	default:
		choice = int(uint64(uint32(s.random.Uint64()>>32)) * uint64(n) >> 32)
	}
	if s.record != nil {
		s.record.choices = append(s.record.choices, choice)
	}
	return choice
}

// oneIn is true once in n times; false is the simpler choice.
func (s *Source) oneIn(n int) bool { return s.below(n) == n-1 }

// weighted chooses an index, each as often as its weight says.
func (s *Source) weighted(weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	choice := s.below(sum)
	for i, w := range weights {
		if choice -= w; choice < 0 {
			return i
		}
	}
	return 0
}

// span runs f and remembers that its choices belong together: a simplification
// may leave them out as a whole.
func (s *Source) span(f func()) {
	if s.record == nil {
		f()
		return
	}
	from := len(s.record.choices)
	f()
	s.record.spans = append(s.record.spans, [2]int{from, len(s.record.choices)})
}

// maybe runs f once in n times. Leaving it out is simpler.
func (s *Source) maybe(n int, f func()) {
	s.span(func() {
		if s.oneIn(n) {
			f()
		}
	})
}

// repeat runs f repeatedly, at most most times, with a chance of one in n to stop
// each time.
func (s *Source) repeat(n, most int, f func()) {
	for range most {
		more := false
		s.span(func() {
			if more = s.below(n) != 0; more {
				f()
			}
		})
		if !more {
			return
		}
	}
}

// pick chooses one of the words; the first is the simplest.
func pick[T any](s *Source, words []T) T { return words[s.below(len(words))] }

// shuffle puts the elements in any order; the simplest is the one they have.
func shuffle[T any](s *Source, elements []T) {
	for i := len(elements) - 1; i > 0; i-- {
		k := i - s.below(i+1)
		elements[i], elements[k] = elements[k], elements[i]
	}
}
