package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/vectors"
)

// Run is what came of asking a validator.
type Run struct {
	Results   []*Result  // one for each selected vector, in their order
	Diagnosis *Diagnosis // what explains the failures; nil if there are none
	Unsteady  []Change   // vectors whose answer changed when they were asked again
	Stale     []string   // known failures that do not fail any more
	Warnings  []string   // what else was noticed, for a person to read; untrusted text
	Stopped   error      // why the run ended early; nil if it did not
	Elapsed   time.Duration

	again int // how many were asked again
}

// Change is a vector that was answered one way, and then another.
type Change struct {
	Vector        *vectors.Vector
	First, Second protocol.Verdict
}

// The exit statuses of a run.
const (
	StatusConformant    = 0
	StatusNotConformant = 1
	StatusUsage         = 2 // usage, configuration, or nothing matched
	StatusNotRun        = 3 // the validator could not be run to the end
)

// sampleSize is how many vectors are asked again to see whether answers change.
const sampleSize = 24

// mostFailuresAgain is how many failures are asked again beside it, and
// mostTimesAgain how often if any answer changes: chance can strike twice.
const (
	mostFailuresAgain = 100
	mostTimesAgain    = 3
)

// Ask asks the validator and judges its answers; progress, if not nil, is told
// how many have been answered. The validator is not closed.
func Ask(ctx context.Context, validator adapters.Validator, selected []*vectors.Vector, judging Judging, progress func(done int)) *Run {
	start := time.Now()
	run := &Run{}
	var cases []protocol.Case
	var asked []*Result
	for _, v := range selected {
		r := &Result{Vector: v, Outcome: Unjudged, Why: "the token of this published sample is not disclosed"}
		run.Results = append(run.Results, r)
		if v.Askable() {
			r.Why = "the run ended before it was asked"
			asked = append(asked, r)
			cases = append(cases, protocol.Case{ID: v.ID, AuthToken: string(v.AuthToken), Request: v.Request.Reference()})
		}
	}
	done := 0
	run.Stopped = validator.Ask(ctx, cases, func(i int, a protocol.Answer) {
		*asked[i] = judging.Judge(asked[i].Vector, a)
		done++
		if progress != nil {
			progress(done)
		}
	})
	if run.Stopped == nil {
		run.askAgain(ctx, validator, cases, asked)
	}
	if run.Stopped == nil {
		run.Stopped = run.unjudged()
	}
	if run.Stopped == nil {
		run.diagnose(ctx, validator)
	}
	run.Stale = judging.Known.Stale(run.Results)
	run.Elapsed = time.Since(start)
	return run
}

// askAgain asks once more, in reverse order, what failed and a sample of the rest.
func (run *Run) askAgain(ctx context.Context, validator adapters.Validator, cases []protocol.Case, asked []*Result) {
	var again []protocol.Case
	var first []*Result
	step, failures := 1+len(cases)/sampleSize, 0
	for i := len(cases) - 1; i >= 0; i-- {
		said := asked[i].Answer.Verdict == protocol.Accept || asked[i].Answer.Verdict == protocol.Reject
		failed := failures < mostFailuresAgain && asked[i].failed() && (said || asked[i].Answer.Verdict == protocol.Error)
		if failed {
			failures++
		}
		if failed || said && (len(cases)-1-i)%step == 0 {
			again = append(again, cases[i])
			first = append(first, asked[i])
		}
	}
	run.again = len(again)
	for range mostTimesAgain {
		var steady []protocol.Case
		var failed []*Result
		err := validator.Ask(ctx, again, func(i int, a protocol.Answer) {
			if a.Verdict != first[i].Answer.Verdict {
				run.Unsteady = append(run.Unsteady, Change{first[i].Vector, first[i].Answer.Verdict, a.Verdict})
			} else if first[i].failed() {
				steady, failed = append(steady, again[i]), append(failed, first[i])
			}
		})
		if err != nil {
			run.Stopped = fmt.Errorf("asked a sample again, in another order: %w", err)
		}
		if err != nil || len(run.Unsteady) == 0 || len(steady) == 0 {
			return
		}
		again, first = steady, failed
	}
}

// erratic reports whether so many answers changed when they were asked again that
// none of them proves anything.
func (run *Run) erratic() bool {
	return len(run.Unsteady) >= 20 && 4*len(run.Unsteady) >= run.again
}

// failed reports whether the answer breaks a rule, known or not.
func (r *Result) failed() bool { return r.Outcome == Fails || r.Outcome == Known }

// unjudged is an error if nothing that must be accepted, or nothing that must
// be rejected, could be judged, though it was selected.
func (run *Run) unjudged() error {
	selected, judged := map[vectors.Result]int{}, map[vectors.Result]int{}
	verdicts := 0
	for _, r := range run.Results {
		if !r.Vector.Askable() {
			continue
		}
		selected[r.Vector.Result]++
		said := r.Answer.Verdict == protocol.Accept || r.Answer.Verdict == protocol.Reject
		// An error may stand for a rejection, but never for an acceptance.
		if r.Outcome != Unjudged && (said || r.Vector.Result != vectors.Valid) {
			judged[r.Vector.Result]++
		}
		if said || r.Answer.Verdict == protocol.Unsupported {
			verdicts++
		}
	}
	if verdicts == 0 {
		return errors.New("it never said accept or reject" + run.firstDetail())
	}
	for _, result := range []vectors.Result{vectors.Valid, vectors.Invalid} {
		if selected[result] > 0 && judged[result] == 0 {
			return fmt.Errorf("of %d %s vectors none could be judged, so nothing was proven%s", selected[result], result, run.firstDetail())
		}
	}
	return nil
}

// firstDetail is what the validator said of itself first, as the end of a sentence.
func (run *Run) firstDetail() string {
	for _, r := range run.Results {
		if detail := cmp.Or(r.Answer.Detail, r.Answer.Stderr); detail != "" {
			return "; the first time: " + detail
		}
	}
	return ""
}

// Status is the exit status of the run.
func (run *Run) Status() int {
	switch {
	case run.Stopped != nil:
		return StatusNotRun
	case run.Count(Fails) > 0 || len(run.Unsteady) > 0 || len(run.Stale) > 0:
		return StatusNotConformant
	default:
		return StatusConformant
	}
}

// Count returns how many results have the outcome.
func (run *Run) Count(outcome Outcome) int {
	n := 0
	for _, r := range run.Results {
		if r.Outcome == outcome {
			n++
		}
	}
	return n
}

// Failures returns the results that fail: false accepts first, then in the
// order of the vectors.
func (run *Run) Failures() []*Result {
	failures := slices.DeleteFunc(slices.Clone(run.Results), func(r *Result) bool { return r.Outcome != Fails })
	slices.SortStableFunc(failures, func(a, b *Result) int { return severity(a.Kind) - severity(b.Kind) })
	return failures
}

func severity(kind vectors.BugType) int {
	return slices.Index([]vectors.BugType{vectors.FalseAccept, vectors.Crash, vectors.FalseReject, vectors.Malleability}, kind)
}

// Reply is a validator's answer to a question.
type Reply struct {
	Question string
	Asked    []string // the answers whose vectors were asked, in their order
	Accepted []string // the answers whose vectors it accepted, in their order
	Other    []string // verdicts other than accept and reject, with the answer
}

// Replies returns the answers to all questions that were asked, in their order.
func (run *Run) Replies() []Reply {
	var replies []*Reply
	byQuestion := map[string]*Reply{}
	for _, r := range run.Results {
		if r.Vector.Result != vectors.Question || r.Answer.Verdict == "" {
			continue
		}
		reply := byQuestion[r.Vector.Question]
		if reply == nil {
			reply = &Reply{Question: r.Vector.Question}
			byQuestion[reply.Question] = reply
			replies = append(replies, reply)
		}
		answer := r.Vector.Answer
		if !slices.Contains(reply.Asked, answer) {
			reply.Asked = append(reply.Asked, answer)
		}
		switch {
		case r.Outcome == Unjudged:
			reply.Other = append(reply.Other, answer+": not asked")
		case r.Answer.Verdict == protocol.Accept:
			if !slices.Contains(reply.Accepted, answer) {
				reply.Accepted = append(reply.Accepted, answer)
			}
		case r.Answer.Verdict != protocol.Reject:
			reply.Other = append(reply.Other, answer+": "+string(r.Answer.Verdict))
		}
	}
	all := make([]Reply, len(replies))
	for i, reply := range replies {
		all[i] = *reply
	}
	return all
}

// Requirements reads which answers are required, each as question=answer, or
// "recommended" for every recommended one. The error names a question or an
// answer that does not exist.
func Requirements(required []string, book *vectors.Rulebook) (map[string]string, error) {
	require := map[string]string{}
	for _, word := range required {
		slug, answer, found := strings.Cut(word, "=")
		question, known := book.Questions[slug]
		switch {
		case word == "recommended":
			for slug, question := range book.Questions {
				if _, given := require[slug]; !given && question.Recommended != "" {
					require[slug] = question.Recommended
				}
			}
			continue
		case !found:
			return nil, fmt.Errorf("--require %s: it is question=answer, as in duplicate-names=unique-sorted, or recommended", word)
		case !known:
			return nil, fmt.Errorf("there is no question %s%s", slug, hint(slug, book.Questions))
		}
		if _, known := question.Answers[answer]; !known && answer != "rejected" {
			return nil, fmt.Errorf("the question %s has no answer %s%s", slug, answer, hint(answer, question.Answers))
		}
		require[slug] = answer
	}
	return require, nil
}

func hint[T any](word string, known map[string]T) string {
	if near := vectors.Nearest(word, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return "; 'sigconform rules' lists them"
}
