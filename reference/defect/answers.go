// This file answers: what does every defective validator answer to every
// request? Hundreds of validators have most of their steps in common, so they
// answer together.

package defect

import (
	"runtime"
	"sync"

	"sigconform/reference"
)

// Case is one request, and the token that it is checked with.
type Case struct {
	AuthToken string
	Request   reference.Request
}

// Answers asks every validator every case, in the order of the cases, so that
// what a validator remembers from one request to the next shows. A validator is
// given as the defects that it has; one without any is the reference itself.
// The verdicts are in the order of the validators, and for each of them in the
// order of the cases.
func Answers(cases []Case, validators ...[]Variant) [][]reference.Verdict {
	return AnswersTo(cases, func(int, int) bool { return true }, nil, validators...)
}

// AnswersTo is [Answers] with a choice: validator i is asked case k only if
// asked(i, k) is true, and its verdict is "" otherwise. If signed is set, it is told each
// verdict with the strings whose signatures the validator would have accepted, for one
// validator after the other or for several at once.
func AnswersTo(
	cases []Case, asked func(i, k int) bool, signed func(i, k int, verdict reference.Verdict, strings []string), validators ...[]Variant,
) [][]reference.Verdict {
	answers := make([][]reference.Verdict, len(validators))
	workers := min(runtime.GOMAXPROCS(0), len(validators))
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			var known Cached
			made := make([]reference.Validator, len(validators))
			for i := worker; i < len(validators); i += workers {
				made[i] = In(known.Validator(), validators[i]...)
				answers[i] = make([]reference.Verdict, len(cases))
			}
			for k, c := range cases {
				set := false
				for i := worker; i < len(validators); i += workers {
					if asked(i, k) {
						if !set {
							known.Ask(c.Request)
							set = true
						}
						var strings []string
						if answers[i][k], _, strings = Check(made[i], c.AuthToken, c.Request); signed != nil {
							signed(i, k, answers[i][k], strings)
						}
					}
				}
			}
		})
	}
	group.Wait()
	return answers
}
