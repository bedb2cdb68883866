// Package diagnosis answers one question: what explains these verdicts?
//
// A validator was tested, and some of its answers are wrong. The defects of
// package defect get the same requests. A defect explains a failure if it gives
// the same wrong answer, and a right answer that it would have got wrong
// contradicts it. The engine looks for the defects, alone or together, that
// explain most; then it tests each of them with further requests before it
// calls one a cause. To be read in this order:
//
//	diagnosis.go    what goes in, and what comes out
//	engine.go       the whole of it: explain, test, explain again
//	table.go        what every defect answers to every request
//	established.go  what changes there when a mistake is known, or refuted
//	screen.go       which defects are worth a look
//	said.go         whether a cause signs what the validator says that it signed
//	search.go       which of them, together, answer as the validator did
//	beside.go       … beside mistakes that show in no failure
//	open.go         … and beside other answers to open questions
//	claim.go        what is left of that: causes that nothing contradicts
//	probe.go        requests that test a cause (made of those in source.go)
//	control.go      … and requests that must not pass
//	ask.go          what the validator answers to them
//	conclude.go     how sure the causes are, and which of them are guesses
//	condition.go    defects that are made for some requests only
//	limit.go        the number of a limit
//	state.go        causes that remember earlier requests
//	bounds.go       how long all of this may take (cpu_*.go: on each system)
//	message.go      error messages without what they quote
//	received.go     the other way round: which change explains one signature? (with
//	                explore.go and places*.go)
package diagnosis

import (
	"context"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// Observation is one answer of a validator.
type Observation struct {
	AuthToken string
	Request   reference.Request
	// Verdict is what the validator answered: accept, reject or error. Any other
	// text (it timed out, it died) is a verdict that no defect gives.
	Verdict reference.Verdict
	// Failed: the answer breaks a rule, and is to be explained.
	Failed bool
	// Open: the docs leave the answer open. It contradicts nothing, but of
	// explanations that are equal otherwise the one that agrees with it is first.
	Open bool
	// StringToSign is what the validator says it signed; nil if it does not say.
	// A cause that would have signed something else is refuted by it.
	StringToSign *string

	probe bool // it was sent to test a cause
}

// Case is one request to be sent.
type Case = defect.Case

// Answer is what a validator answers to a case.
type Answer struct {
	Verdict      reference.Verdict // as in Observation
	StringToSign *string           // as in Observation
}

// Ask sends cases to the validator under test and returns one answer for each,
// in their order. An error means that the validator gives no more answers.
type Ask func(ctx context.Context, cases []Case) ([]Answer, error)

// Diagnosis is what was found. All numbers are indices of observations.
type Diagnosis struct {
	// Causes are the defects that together explain most, the one that explains
	// most first. Empty if nothing explains anything.
	Causes []Cause
	// Unexplained are the failures that the causes do not explain.
	Unexplained []int
	// Nearest explains most of what is unexplained and is contradicted by next to
	// nothing, but by something: it is no cause. Nil if there is no such defect.
	Nearest *Cause
	// Stopped says why the engine did not test all that it could; "" if it did.
	Stopped string
	// Steps is how many answers of defects were computed.
	Steps int
}

// State is how sure a cause is.
type State string

// The states of a cause. There are no others.
const (
	// Confirmed: requests that only a validator with this mistake accepts were accepted.
	Confirmed State = "confirmed"
	// Likely: it explains failures, nothing contradicts it, and no request could
	// have tested it further.
	Likely State = "likely"
	// Unknown is the state of what is nearest, where there is no cause.
	Unknown State = "unknown"
)

// Cause is a defect that the validator has, as far as its answers tell.
type Cause struct {
	Defect defect.Variant
	// Equals are other defects that give the same answers to everything that was
	// sent: which of them it is cannot be told.
	Equals []defect.Variant
	// With are other defects that it brings with it, and that explain some of its
	// failures: they are part of the one mistake.
	With []defect.Variant
	// Explains are failures, those first that no other cause has to do with. No
	// failure is listed by two causes.
	Explains []int
	// Contradicts are the right answers that it would have got wrong. Only what is
	// nearest has any.
	Contradicts []int
	State       State
	// Of Probed requests that were signed as the defect signs them, and as Twilio
	// does not, the validator accepted Accepted.
	Probed, Accepted int
}

// Validator returns the reference with all causes made at once: the validator
// as the diagnosis understands it.
func (d *Diagnosis) Validator() reference.Validator {
	return defect.In(reference.New(), d.Variants()...)
}

// Variants returns the defects of all causes.
func (d *Diagnosis) Variants() []defect.Variant {
	var variants []defect.Variant
	for _, cause := range d.Causes {
		variants = append(append(variants, cause.Defect), cause.With...)
	}
	return variants
}

// CauseOf returns the cause that explains a failure; nil if none does.
func (d *Diagnosis) CauseOf(failure int) *Cause {
	for c := range d.Causes {
		for _, i := range d.Causes[c].Explains {
			if i == failure {
				return &d.Causes[c]
			}
		}
	}
	return nil
}
