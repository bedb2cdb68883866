// Package defect answers one question: what do people get wrong?
//
// It is a catalogue of named mistakes. A defect is the reference validator with
// exactly one of its steps replaced, by few lines that show the mistake; what
// validators were seen to do is there, and what is easily done. One catalogue
// serves three uses: it proves that the test vectors can fail (each defect is
// caught by one of them), it explains a validator that fails some, and it keys
// what the fuzzer finds.
//
// What only the headers of a request can show (a trusted User-Agent or client
// address, a host taken from a forwarding header, a signature in another
// header) is no step of the reference, which sees no headers: those mistakes
// are looked for at endpoints. Nor is a comparison that takes longer the more
// bytes agree: no answer shows it.
//
// A defect that breaks a question and no rule is another reading of what the
// norm leaves open. It is in the catalogue because it explains answers.
package defect

import (
	"strings"

	"sigconform/reference"
)

// Defect is a named mistake.
type Defect struct {
	// Slug is its name, in kebab-case. It is stable: reports and findings of the
	// fuzzer are keyed by it.
	Slug string
	// Says completes the sentence "The validator …", and Hint tells how the
	// mistake usually comes about and how it is mended. In both "{}" stands for
	// the value.
	Says, Hint string
	// BugTypes are what comes of it, the worst first.
	BugTypes []BugType
	// Breaks is the slug of the rule that it breaks, or of the question that it
	// answers otherwise than the reference.
	Breaks string
	// Values are the values that its parameter was seen to have: how many, which
	// character, which of several ways. Nil if it has no parameter.
	Values []string
	// Behaviour: it answers without regard to the signature. Whatever catches it
	// proves nothing, and one sentence about it says more than all failures.
	Behaviour bool
	// Remembers: what it answers depends on what it was asked before.
	Remembers bool
	// Sized returns a request that a validator with a limit of n answers rightly
	// and one with a lower limit does not. Nil if the values are no limits.
	Sized func(n int) reference.Request
	// ByPlace: which requests it gets wrong depends on those that came before, so
	// that catching it says something of their order and nothing of one of them.
	ByPlace bool
	// Replace replaces one step of v by the mistaken one, which builds upon the
	// step that it found there: a second defect can be put upon a first. What
	// the mistaken step remembers from one request to the next starts anew with
	// each call. The value is "" for a defect without one.
	Replace func(v *reference.Validator, value string)
}

// BugType is what comes of a mistake.
type BugType string

// The bug types, the worst first: an attacker is let in, Twilio is kept out,
// the validator throws, or another spelling of a right signature is accepted.
const (
	FalseAccept  BugType = "FALSE_ACCEPT"
	FalseReject  BugType = "FALSE_REJECT"
	Crash        BugType = "CRASH"
	Malleability BugType = "MALLEABILITY"
)

// How most defects end: with Twilio kept out, an attacker let in, or both.
var (
	accepts   = []BugType{FalseAccept}
	rejects   = []BugType{FalseReject}
	both      = []BugType{FalseAccept, FalseReject}
	throws    = []BugType{Crash}
	malleable = []BugType{Malleability}
)

// Variant is a defect with one of its values: a validator that can be asked.
type Variant struct {
	*Defect
	Value string // "" for a defect without values
}

// Key names the variant: "unsorted", "at-most-n-params=100". [Find] reads it.
func (v Variant) Key() string {
	if v.Value == "" {
		return v.Slug
	}
	return v.Slug + "=" + v.Value
}

// Says completes the sentence "The validator …", with the value.
func (v Variant) Says() string { return strings.ReplaceAll(v.Defect.Says, "{}", v.Value) }

// Hint tells how the mistake comes about and how it is mended, with the value.
func (v Variant) Hint() string { return strings.ReplaceAll(v.Defect.Hint, "{}", v.Value) }

// Apply returns the validator with one step replaced. Two variants are combined
// by applying the second to what the first returned.
func (v Variant) Apply(validator reference.Validator) reference.Validator {
	v.Replace(&validator, v.Value)
	return validator
}

// In returns the validator with all the variants, each put upon the one before.
func In(validator reference.Validator, variants ...Variant) reference.Validator {
	for _, variant := range variants {
		validator = variant.Apply(validator)
	}
	return validator
}

// New returns the reference with the defect, which remembers nothing yet.
func (v Variant) New() reference.Validator { return v.Apply(reference.New()) }
