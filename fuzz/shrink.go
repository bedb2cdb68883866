package fuzz

import (
	"slices"

	"sigconform/fuzz/generate"
)

// This file makes the choices behind an episode simpler, as long as what was
// found stays. Fewer choices are simpler, and of as many the smaller ones are.
// What belongs together (a parameter, a query pair, a whole request) is left
// out first.

// shrink returns the simplest choices of an episode at the place that it finds
// for which holds is true, which it is for the given ones. It calls holds at most
// so often.
func shrink(at *generate.Place, choices []int, most int, holds func(choices []int) bool) []int {
	s := &shrinker{at: at, holds: holds, left: most}
	s.adopt(choices)
	for before := -1; before != s.successes && s.left > 0; {
		before = s.successes
		s.leaveOutSpans()
		s.leaveOut()
		s.lower()
	}
	return s.choices
}

type shrinker struct {
	at        *generate.Place
	holds     func([]int) bool
	left      int // calls of holds
	successes int
	choices   []int
	spans     [][2]int
}

// adopt takes choices over as they are really made: a choice too great for its
// place is smaller, and those that nobody asks for are gone.
func (s *shrinker) adopt(choices []int) {
	source := generate.Replayed(choices)
	generate.Episode(s.at, source, nil)
	s.choices, s.spans = source.Choices(), source.Spans()
	for len(s.choices) > 0 && s.choices[len(s.choices)-1] == 0 {
		s.choices = s.choices[:len(s.choices)-1] // zeros without end are the end of every replay
	}
}

// try adopts the choices if they are simpler and what was found stays.
func (s *shrinker) try(choices []int) bool {
	source := generate.Replayed(choices)
	generate.Episode(s.at, source, nil)
	made := source.Choices()
	for len(made) > 0 && made[len(made)-1] == 0 {
		made = made[:len(made)-1]
	}
	if len(made) > len(s.choices) || len(made) == len(s.choices) && slices.Compare(made, s.choices) >= 0 {
		return false
	}
	if s.left <= 0 {
		return false
	}
	s.left--
	if !s.holds(made) {
		return false
	}
	s.choices, s.spans = made, source.Spans()
	s.successes++
	return true
}

func (s *shrinker) leaveOutSpans() {
	for i := len(s.spans) - 1; i >= 0; i-- { // the outer ones come last
		if i >= len(s.spans) {
			continue
		}
		span := s.spans[i]
		if from, to := span[0], min(span[1], len(s.choices)); from < to {
			if s.try(slices.Delete(slices.Clone(s.choices), from, to)) {
				continue
			}
			if s.try(slices.Replace(slices.Clone(s.choices), from, to, 0)) { // a part that is only maybe there
				continue
			}
			zeroed := slices.Clone(s.choices)
			clear(zeroed[from:to])
			s.try(zeroed)
		}
	}
}

func (s *shrinker) leaveOut() {
	for _, size := range []int{4, 2, 1} {
		for from := len(s.choices) - size; from >= 0; from-- {
			if from+size <= len(s.choices) {
				s.try(slices.Delete(slices.Clone(s.choices), from, from+size))
			}
		}
	}
}

func (s *shrinker) lower() {
	for i := 0; i < len(s.choices); i++ {
		with := func(choice int) []int {
			choices := slices.Clone(s.choices)
			choices[i] = choice
			return choices
		}
		if s.choices[i] == 0 || s.try(with(0)) {
			continue
		}
		low, step := 0, 0 // what failed, and what is tried next
		for i < len(s.choices) && s.choices[i]-low > 1 && step < 12 {
			step++
			middle := low + (s.choices[i]-low)/2
			if !s.try(with(middle)) {
				low = middle
			}
		}
		if i < len(s.choices) && s.choices[i] > 0 && step > 1 {
			s.try(with(s.choices[i] - 1))
		}
	}
}
