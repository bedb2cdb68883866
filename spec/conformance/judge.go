// Package conformance is the engine under the specs: it sends the vectors to a
// validator, judges each answer, and summarizes the run. It knows nothing about
// Ginkgo or reports. Its files, in reading order:
//
//	judge.go      what an answer means
//	run.go        a whole run, from the first vector to what it proves
//	select.go     which vectors are sent
//	heard.go      does the run prove anything?
//	repeat.go     do answers depend on the request alone?
//	drawn.go      requests that are drawn beside the vectors
//	sharedkey.go  does the validator support SharedKeys?
//	newer.go      vectors that are newer than the version that is judged by
//	known.go      failures that are known
//	diagnose.go   what explains the failures
package conformance

import (
	"fmt"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/diagnosis"
	"sigconform/vectors"
)

// Outcome is what an answer means for a vector.
type Outcome string

// The outcomes. Only Failed makes a run fail.
const (
	Passed   Outcome = "passed"   // the answer is the expected one
	Failed   Outcome = "failed"   // the answer is wrong
	Known    Outcome = "known"    // the answer is wrong, and the failure is known
	Answered Outcome = "answered" // an answer to a question, neither right nor wrong
	Skipped  Outcome = "skipped"  // the vector was not tested, or the answer proves nothing; Why says why
	// NotApplicable: the vector says nothing that this application could be sent; Why says
	// why not. It is counted nowhere as tested or skipped.
	NotApplicable Outcome = "not-applicable"
)

// Result is a vector with the answer to it and what that means.
type Result struct {
	Vector  *vectors.Vector
	Answer  protocol.Answer // the zero value if the vector was not sent
	Outcome Outcome
	// Kind is the bug that a failure shows. A result that passed has one too if
	// its answer is worth listing: an error where a rejection was due, or an
	// accepted signature in another spelling.
	Kind vectors.BugType
	// Why is the outcome in words: "must accept, was rejected".
	Why string
	// Newer is what the outcome would be if the vector were not newer than the version
	// by which the validator is judged, or had not been drawn beside that version's
	// vectors; "" if it is judged. The outcome is Skipped.
	Newer Outcome
	// Advice are lines about a failure in the words of the framework that gave the
	// answer; nil where none is known.
	Advice []string
}

// Answered reports whether the validator was sent the vector and its answer says
// something.
func (r *Result) Answered() bool { return r.Outcome != Skipped && r.Outcome != NotApplicable }

// Judging has the options that change how answers are judged.
type Judging struct {
	// Strict fails what is otherwise only listed: an error instead of a rejection,
	// and an accepted signature in another spelling.
	Strict bool
	// Require turns questions into rules: it maps a question to the required answer.
	Require map[string]string
	// AsOf is the version of the vectors by which the validator is judged: newer ones
	// are sent and listed, and never fail. It is "" if all are judged.
	AsOf string
	// Known are the failures that are known.
	Known *KnownFailures
	// Seed decides which requests are drawn, and which vectors are sent again.
	Seed uint64
	// Explaining limits the time that explaining the failures may take.
	Explaining diagnosis.Bounds
	// Book says which vectors are about decoding a body.
	Book *vectors.Rulebook
}

// Judge says what an answer to a vector means. It implements this table; a fault is
// a timeout, a death, or output that does not answer the request:
//
//	          accept        reject        error        fault  unsupported
//	valid     passes        FALSE_REJECT  CRASH        CRASH  skipped
//	invalid   FALSE_ACCEPT  passes        listed (*)   CRASH  skipped
//	question  an answer     an answer     an answer    CRASH  skipped
//
// (*) An error that the validator reports keeps the request out, so it passes,
// except with Strict. A fault is not an answer: it never counts as a rejection.
func (j Judging) Judge(v *vectors.Vector, a protocol.Answer) Result {
	r := Result{Vector: v, Answer: a, Kind: v.BugType()}
	switch {
	case a.Verdict == reference.Unsupported:
		r.Outcome, r.Kind, r.Why = Skipped, "", "the validator says that it does not support this"
	case a.Used == "params" && !a.Verdict.IsFault() && j.Book.NeedsBody(v):
		r.Outcome, r.Kind, r.Why = Skipped, "", "the validator used decoded parameters, and this is about decoding"
	case v.Result == vectors.Question:
		j.judgeQuestion(&r)
	default:
		j.judgeRule(&r, v.Result == vectors.Valid)
	}
	if r.Outcome == Failed && j.Known.Match(v.ID) {
		r.Outcome = Known
	}
	return r
}

// judgeRule judges a vector that must be accepted or must be rejected.
func (j Judging) judgeRule(r *Result, accept bool) {
	must, want := "must reject", reference.Reject
	if accept {
		must, want = "must accept", reference.Accept
	}
	r.Why = must + ", " + Says(r.Answer.Verdict)
	malleable := r.Vector.BugType() == vectors.Malleability
	switch verdict := r.Answer.Verdict; {
	case verdict == want:
		r.Outcome, r.Kind, r.Why = Passed, "", ""
	case verdict == reference.Accept && malleable:
		r.Outcome = j.listed()
	case verdict == reference.Error && !accept:
		r.Outcome, r.Kind = j.listed(), vectors.Crash
	case verdict == reference.Accept || verdict == reference.Reject:
		r.Outcome = Failed
	default:
		r.Outcome, r.Kind = Failed, vectors.Crash
	}
}

// listed is the outcome of what fails only with Strict.
func (j Judging) listed() Outcome {
	if j.Strict {
		return Failed
	}
	return Passed
}

// judgeQuestion judges a question if an answer to it is required. Otherwise it takes
// any answer, but not a fault.
func (j Judging) judgeQuestion(r *Result) {
	required, isRequired := j.Require[r.Vector.Question]
	switch {
	case isRequired:
	case r.Answer.Verdict.IsFault():
		r.Outcome, r.Kind, r.Why = Failed, vectors.Crash, "must be answered, "+Says(r.Answer.Verdict)
		return
	default:
		r.Outcome, r.Kind, r.Why = Answered, "", ""
		return
	}
	j.judgeRule(r, r.Vector.Answer == required)
	if r.Why != "" {
		r.Why += fmt.Sprintf(" (%s=%s is required)", r.Vector.Question, required)
	}
	if r.Outcome == Failed && r.Answer.Verdict == reference.Accept {
		r.Kind = vectors.FalseAccept
	}
}

// Says returns the verdict as the end of a sentence about a request: "was accepted".
func Says(v reference.Verdict) string {
	switch v {
	case reference.Accept:
		return "was accepted"
	case reference.Reject:
		return "was rejected"
	case reference.Error:
		return "ended in an error"
	case reference.Timeout:
		return "was not answered in time"
	case reference.Died:
		return "ended the program"
	case reference.Malformed:
		return "got a malformed answer"
	default:
		return "was answered with " + string(v)
	}
}
