package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/vectors"
)

// Run is the outcome of testing a validator.
type Run struct {
	Results   []*Result  // one for each selected vector, in their order
	Drawn     []*Drawn   // the requests that were drawn and sent too
	Seed      uint64     // the seed of the draw
	Diagnosis *Diagnosis // what explains the failures; nil if nothing failed
	Unsteady  []Change   // vectors whose answer changed when they were sent again
	Stale     []string   // known failures that no longer fail, or were known until a day that is over
	Warnings  []string   // other observations, for a person to read; untrusted text
	// Deaths says in one sentence that the validator died, but at no request in
	// particular; "" if it did not.
	Deaths  string
	Stopped error // why the run proves nothing, or ended early; nil if neither
	Elapsed time.Duration

	repeated     int                       // how many vectors were sent again
	noSharedKeys bool                      // the validator accepts nothing that a shared key signed
	heard        map[reference.Verdict]int // counts all answers of the validator
	detail       string                    // the first detail that it gave with a verdict
}

// Application is a validator that is a running application: it has its own keys,
// which no vector contains, and its own URLs, and it is not sent huge requests.
type Application interface {
	adapters.Validator
	// KeysOf returns the auth token and the request with the shared keys that the
	// vector was signed with. Computed is false if no mistake in computing a signature
	// can explain the answer.
	KeysOf(v *vectors.Vector) (token string, request reference.Request, computed bool)
	// NotApplicable says why the vector cannot be sent to the application; "" if it can.
	NotApplicable(v *vectors.Vector) string
}

// The exit statuses of a run.
const (
	StatusConformant    = 0
	StatusNotConformant = 1
	StatusUsage         = 2 // usage, configuration, or nothing matched
	StatusNotRun        = 3 // the validator could not be run to the end
)

// Ask sends the vectors to the validator and judges its answers. It calls progress,
// if not nil, with the number of answers so far. It does not close the validator.
func Ask(ctx context.Context, validator adapters.Validator, selected []*vectors.Vector, judging Judging, progress func(done int)) *Run {
	start := time.Now()
	run := &Run{Seed: judging.Seed, heard: map[reference.Verdict]int{}}
	listening := run.listen(validator)
	var cases []protocol.Case
	var sent []*Result
	for _, v := range selected {
		r := &Result{Vector: v, Outcome: Skipped, Why: "the token of this published sample is not disclosed"}
		run.Results = append(run.Results, r)
		why := ""
		if application, is := validator.(Application); is {
			why = application.NotApplicable(v)
		}
		switch {
		case why != "":
			r.Outcome, r.Why = NotApplicable, why
		case v.Askable():
			r.Why = "the run ended before it was sent"
			sent = append(sent, r)
			cases = append(cases, protocol.Case{ID: v.ID, AuthToken: string(v.AuthToken), Request: v.Request.Reference()})
		}
	}
	done := 0
	run.Stopped = listening.Ask(ctx, cases, func(i int, a protocol.Answer) {
		*sent[i] = judging.Judge(sent[i].Vector, a)
		done++
		if progress != nil {
			progress(done)
		}
	})
	run.withoutSharedKeys(judging)
	run.freeze(judging.AsOf)
	if run.Stopped == nil {
		run.again(ctx, listening, judging, cases, sent)
	}
	if run.Stopped == nil {
		run.diagnose(ctx, listening, judging.Explaining, cases, sent)
	}
	if run.Stopped == nil {
		run.Stopped = run.unproven()
	}
	run.noteDrawn(judging.AsOf)
	run.Stale = judging.Known.Stale(run.Results)
	run.Warnings = append(run.Warnings, judging.Known.Broad(run.Results)...)
	run.Elapsed = time.Since(start)
	return run
}

// failed reports whether the answer breaks a rule, known or not.
func (r *Result) failed() bool { return r.Outcome == Failed || r.Outcome == Known }

// Status returns the exit status of the run.
func (run *Run) Status() int {
	if status := run.StatusBesideFailures(); status != StatusConformant {
		return status
	}
	if run.Count(Failed) > 0 {
		return StatusNotConformant
	}
	return StatusConformant
}

// StatusBesideFailures returns what the exit status would be if every failure of a
// vector were known: a list of known failures excuses nothing else.
func (run *Run) StatusBesideFailures() int {
	switch {
	case run.Stopped != nil:
		return StatusNotRun
	case len(run.DrawnFailures()) > 0 || len(run.Unsteady) > 0 || run.Deaths != "" || len(run.Stale) > 0:
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
	failures := slices.DeleteFunc(slices.Clone(run.Results), func(r *Result) bool { return r.Outcome != Failed })
	slices.SortStableFunc(failures, func(a, b *Result) int { return severity(a.Kind) - severity(b.Kind) })
	return failures
}

func severity(kind vectors.BugType) int {
	return slices.Index([]vectors.BugType{vectors.FalseAccept, vectors.Crash, vectors.FalseReject, vectors.Malleability}, kind)
}

// Reply is a validator's answer to a question.
type Reply struct {
	Question string
	Asked    []string // the answers whose vectors were sent, in their order
	Accepted []string // the answers whose vectors it accepted, in their order
	Other    []string // verdicts other than accept and reject, with the answer
}

// Replies returns the answers to all questions that were tested, in their order.
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
		case r.Outcome == Skipped:
			reply.Other = append(reply.Other, answer+": skipped")
		case r.Answer.Verdict == reference.Accept:
			if !slices.Contains(reply.Accepted, answer) {
				reply.Accepted = append(reply.Accepted, answer)
			}
		case r.Answer.Verdict != reference.Reject:
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
		case word == sharedKeyFeature:
			require[sharedKeyFeature] = word
			continue
		case word == "recommended":
			for slug, question := range book.Questions {
				if _, given := require[slug]; !given && question.Recommended != "" {
					require[slug] = question.Recommended
				}
			}
			continue
		case !found:
			return nil, fmt.Errorf("--require %s: write question=answer, as in duplicate-names=unique-sorted, or recommended", word)
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
