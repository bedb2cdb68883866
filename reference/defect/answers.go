// This file answers: what does every defective validator answer to every
// request? Hundreds of validators have most of their steps in common, and are
// asked together for that reason.

package defect

import (
	"runtime"
	"sync"

	"sigconform/reference"
)

// Case is one request to be asked.
type Case struct {
	AuthToken string
	Request   reference.Request
}

// Answers asks every validator every case, in the order of the cases, so that
// what a validator remembers from one request to the next shows. A validator is
// given as the defects that are put upon the reference, one upon the other;
// none is the reference itself. The verdicts are in the order of the
// validators, and for each of them in the order of the cases.
func Answers(cases []Case, validators ...[]Variant) [][]Verdict {
	answers := make([][]Verdict, len(validators))
	workers := min(runtime.GOMAXPROCS(0), len(validators))
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			var known Cached
			asked := map[int]reference.Validator{}
			for i := worker; i < len(validators); i += workers {
				asked[i] = known.Validator()
				for _, variant := range validators[i] {
					asked[i] = variant.Apply(asked[i])
				}
				answers[i] = make([]Verdict, len(cases))
			}
			for k, c := range cases {
				known.Ask(c.Request)
				for i := worker; i < len(validators); i += workers {
					answers[i][k], _ = Ask(asked[i], c.AuthToken, c.Request)
				}
			}
		})
	}
	group.Wait()
	return answers
}
