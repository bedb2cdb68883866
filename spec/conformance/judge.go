// Package conformance is the engine under the specs: it asks a validator what
// the vectors ask, judges each answer, and says what came of the run. It knows
// nothing of Ginkgo, and of what a person reads.
package conformance

import (
	"fmt"

	"sigconform/adapters/protocol"
	"sigconform/vectors"
)

// Outcome is what an answer means for a vector.
type Outcome string

// The outcomes. Only Fails makes a run fail.
const (
	Holds    Outcome = "holds"      // the answer is the expected one
	Fails    Outcome = "fails"      // it is not
	Known    Outcome = "known"      // it is not, and that is known
	Answered Outcome = "answered"   // an answer to a question, never judged
	Unjudged Outcome = "not judged" // nothing can be said; Why says why
)

// Result is a vector with the answer to it and what that means.
type Result struct {
	Vector  *vectors.Vector
	Answer  protocol.Answer // the zero value if the validator was not asked
	Outcome Outcome
	// Kind is the bug that a failure shows. A result that holds has one too
	// where the answer is worth listing: an error where a rejection was due, or
	// another spelling of the signature that was accepted.
	Kind vectors.BugType
	// Why is the outcome as a person says it: "must accept, was rejected".
	Why string
}

// Judging holds what changes how answers are judged.
type Judging struct {
	// Strict makes what is only listed otherwise fail: an error instead of a
	// rejection, and another spelling of the signature that was accepted.
	Strict bool
	// Require turns questions into rules: question to the answer that is required.
	Require map[string]string
	// Known are the failures that are known.
	Known *KnownFailures
	// Book says which vectors are about decoding a body.
	Book *vectors.Rulebook
}

// Judge says what an answer to a vector means.
func (j Judging) Judge(v *vectors.Vector, a protocol.Answer) Result {
	r := Result{Vector: v, Answer: a, Kind: v.BugType()}
	switch {
	case a.Verdict == protocol.Unsupported:
		r.Outcome, r.Kind, r.Why = Unjudged, "", "the validator says that it cannot be asked this"
	case a.Used == "params" && j.Book.NeedsBody(v):
		r.Outcome, r.Kind, r.Why = Unjudged, "", "the validator used decoded parameters, this is about decoding"
	case v.Result == vectors.Question:
		j.judgeQuestion(&r)
	default:
		j.judgeRule(&r, v.Result == vectors.Valid)
	}
	if r.Outcome == Fails && j.Known.Match(v.ID) {
		r.Outcome = Known
	}
	return r
}

// judgeRule judges a vector that must be accepted or must be rejected.
func (j Judging) judgeRule(r *Result, accept bool) {
	must, want := "must reject", protocol.Reject
	if accept {
		must, want = "must accept", protocol.Accept
	}
	r.Why = must + ", " + was(r.Answer.Verdict)
	malleable := r.Vector.BugType() == vectors.Malleability
	switch verdict := r.Answer.Verdict; {
	case verdict == want:
		r.Outcome, r.Kind, r.Why = Holds, "", ""
	case verdict == protocol.Accept && malleable:
		r.Outcome = j.listed()
	case verdict == protocol.Error && !accept:
		r.Outcome, r.Kind = j.listed(), vectors.Crash
	case verdict == protocol.Accept || verdict == protocol.Reject:
		r.Outcome = Fails
	default:
		r.Outcome, r.Kind = Fails, vectors.Crash
	}
}

// listed is the outcome of what only a strict judge lets fail.
func (j Judging) listed() Outcome {
	if j.Strict {
		return Fails
	}
	return Holds
}

// judgeQuestion judges a question only if an answer to it is required.
func (j Judging) judgeQuestion(r *Result) {
	required, isRequired := j.Require[r.Vector.Question]
	if !isRequired {
		r.Outcome, r.Kind, r.Why = Answered, "", ""
		return
	}
	j.judgeRule(r, r.Vector.Answer == required)
	if r.Why != "" {
		r.Why += fmt.Sprintf(" (%s=%s is required)", r.Vector.Question, required)
	}
	if r.Outcome == Fails && r.Answer.Verdict == protocol.Accept {
		r.Kind = vectors.FalseAccept
	}
}

// was says what happened.
func was(v protocol.Verdict) string {
	switch v {
	case protocol.Accept:
		return "was accepted"
	case protocol.Reject:
		return "was rejected"
	case protocol.Error:
		return "ended in an error"
	case protocol.Timeout:
		return "was not answered in time"
	case protocol.Died:
		return "ended the program"
	default:
		return "was answered with " + string(v)
	}
}
