// This file answers: do the verdicts depend only on the request?
//
// After the vectors, a sample of them is sent again, mixed with new, drawn requests,
// in another order. One of the two catches a validator whose answers depend on
// chance, on the order or number of requests, or on ids that it knows. The seed
// decides which vectors, which requests and which order.

package conformance

import (
	"context"
	"fmt"
	"math/rand/v2"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/vectors"
)

const (
	// sampleSize is how many of the expected answers are checked again.
	sampleSize = 24
	// mostOddAgain is how many of the others are: failures, and errors that pass.
	mostOddAgain = 100
	// mostTimesAgain is how often they are sent if any answer changes: chance can
	// strike twice.
	mostTimesAgain = 3
	// mostTimeoutsAgain is how many unanswered requests are sent again: each costs a
	// full timeout.
	mostTimeoutsAgain = 2
)

// Change is a vector that was answered one way, and then another.
type Change struct {
	Vector        *vectors.Vector
	First, Second reference.Verdict
}

// again sends a sample of the vectors once more, mixed with drawn requests.
func (run *Run) again(ctx context.Context, validator adapters.Validator, judging Judging, cases []protocol.Case, sent []*Result) {
	random := rand.New(rand.NewPCG(judging.Seed, 1))
	sample := pickAgain(random, sent)
	run.Drawn = draw(random, validator, judging, sent, sample)
	run.repeated = len(sample)
	for round := range mostTimesAgain {
		var again []protocol.Case
		var first []*Result // nil for a drawn request
		for _, i := range sample {
			again, first = append(again, cases[i]), append(first, sent[i])
		}
		if round == 0 {
			for _, d := range run.Drawn {
				again, first = append(again, d.Case), append(first, nil)
			}
		}
		random.Shuffle(len(again), func(i, k int) {
			again[i], again[k] = again[k], again[i]
			first[i], first[k] = first[k], first[i]
		})
		drawn := map[string]*Drawn{}
		for _, d := range run.Drawn {
			drawn[d.Case.ID] = d
		}
		changed := map[*Result]bool{}
		err := validator.Ask(ctx, again, func(i int, a protocol.Answer) {
			switch was := first[i]; {
			case was == nil:
				d := drawn[again[i].ID]
				d.Result = judging.judgeDrawn(d.Vector, a)
				d.freeze(judging.AsOf)
			case a.Verdict != was.Answer.Verdict:
				changed[was] = true
				run.Unsteady = append(run.Unsteady, Change{was.Vector, was.Answer.Verdict, a.Verdict})
			}
		})
		if err != nil {
			run.Stopped = fmt.Errorf("sent a sample again, in another order: %w", err)
			return
		}
		if len(run.Unsteady) == 0 {
			return
		}
		// A vector that has always failed so far may change the next time.
		var steady []int
		for _, i := range sample {
			if sent[i].odd() && !changed[sent[i]] {
				steady = append(steady, i)
			}
		}
		if sample = steady; len(sample) == 0 {
			return
		}
	}
}

// pickAgain returns the indices of the results that are checked again: the odd ones,
// up to a limit, and a sample of the rest.
func pickAgain(random *rand.Rand, sent []*Result) []int {
	var picked []int
	rest, odd, timeouts := 0, 0, 0
	for _, i := range random.Perm(len(sent)) {
		switch r := sent[i]; {
		case r.Newer != "":
			continue // nothing that it says fails
		case r.Answer.Verdict == reference.Timeout:
			if timeouts++; timeouts > mostTimeoutsAgain {
				continue
			}
		case r.odd():
			if odd++; odd > mostOddAgain {
				continue
			}
		default:
			if rest++; rest > sampleSize {
				continue
			}
		}
		picked = append(picked, i)
	}
	return picked
}

// odd reports whether an answer is worth a second look: it is a failure, known or
// not, or an error.
func (r *Result) odd() bool {
	return r.failed() || r.Answer.Verdict == reference.Error || r.Answer.Verdict.IsFault()
}

// erratic reports whether so many answers changed that none proves anything.
func (run *Run) erratic() bool {
	return len(run.Unsteady) >= 20 && 4*len(run.Unsteady) >= run.repeated
}
