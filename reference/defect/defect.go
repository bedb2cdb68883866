// Package defect answers one question: what do people get wrong?
//
// It is a catalogue of named mistakes. A defect is the reference validator with
// exactly one of its steps replaced, by a few lines that show the mistake. It has
// what real validators were seen to do, and what is easily done. One catalogue
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
// A new defect goes into the file of its subject:
//
//	signature.go   how the signature is computed and spelled (macs.go: which MACs)
//	compare.go     … and compared, or accepted where there is none
//	token.go       which key signs (guesses.go: what becomes of a token)
//	sharedkey.go   … of the SharedKeys
//	join.go        the string to sign
//	order.go       the order of parameters
//	decode.go      how a form is decoded
//	form.go        which parameters are lost, added or merged
//	lost.go        … on the way to the validator
//	names.go       names, and those that are there several times (names_*.go: what PHP and qs make of them)
//	printed.go     lists and structures, printed
//	text.go        the text of names and values
//	url.go         which pieces of the URL are lost or replaced
//	assemble.go    how a URL is put together
//	framework.go   … by a framework (framework_php.go)
//	parser.go      what a URL class makes of a whole URL
//	spelling.go    … and of parts of it
//	equivalent.go  what is taken for the same URL
//	port.go        ports
//	userinfo.go    user and password
//	wss.go         WebSocket handshakes
//	body.go        bodies that nothing covers
//	hash.go        what is taken for the hash of a body
//	hashed.go      … and what is hashed in its place
//	json.go        JSON that is printed again (serialize.go: as each language prints it)
//	members.go     … or whose members are signed
//	middleware.go  what a body parser leaves of a body
//	refuse.go      requests that are refused before the signature is looked at
//	gate.go        requests whose signature nobody looks at
//	behaviour.go   validators that never look at it
//	state.go       what is carried over from one request to the next
//
// The rest serves them all:
//
//	defect.go      what a defect is
//	steps.go       the ways to replace a step of the reference
//	condition.go   mistakes that are made for some requests only
//	limits.go      where the limit of a validator is, if it has one
//	catalogue.go   all defects, and the order in which several are made at once
//	ask.go         what one defective validator answers
//	answers.go     … and what all of them do, to all requests
//	cached.go      … without computing again what they have in common (keyed.go: what a key comes to)
//
// A defect that breaks a question and no rule is another reading of what the
// docs leave open. It is in the catalogue because it explains answers.
package defect

import (
	"cmp"
	"slices"
	"strings"

	"sigconform/reference"
)

// Defect is a named mistake.
type Defect struct {
	// Slug is its name, in kebab-case. It is stable: reports and findings of the
	// fuzzer are keyed by it.
	Slug string
	// Says completes the sentence "The validator …", and Hint tells how the
	// mistake usually comes about and how to fix it. In Says "{}" stands for
	// the value.
	Says, Hint string
	// Hints are the hints of those values that come about in one framework or
	// language, where Hint names another.
	Hints map[string]string
	// BugTypes are its consequences, the worst first.
	BugTypes []BugType
	// Breaks is the slug of the rule that it breaks, or of the question that it
	// answers differently from the reference.
	Breaks string
	// Values are the values that its parameter was seen to have: how many, which
	// character, which of several ways. Nil if it has no parameter.
	Values []string
	// Joined: several of its values are one mistake, not several: they are written
	// with commas between.
	Joined bool
	// Brings are the slugs of defects that the same line of code often has beside it:
	// who parses JSON to print it again throws on what is no JSON. Where both are found
	// they are one mistake, this one.
	Brings []string
	// Behaviour: it answers without looking at the signature. A vector that catches
	// it proves nothing, and one sentence about it says more than all failures.
	Behaviour bool
	// Remembers: its answer depends on earlier requests.
	Remembers bool
	// InApplications: it comes of what parses a body in front of a validator, which only
	// an application has.
	InApplications bool
	// Sized returns a request that a validator with a limit of n answers rightly
	// and one with a lower limit does not. Nil if the values are no limits.
	Sized func(n int) reference.Request
	// ByPlace: which requests it gets wrong depends on those that came before, so
	// that catching it says something of their order and nothing of one of them.
	ByPlace bool
	// Step replaces one step of a validator by the mistaken one, which builds on
	// the step that it finds there: defects can be combined. What the mistaken
	// step remembers from one request to the next is forgotten with each call.
	// Nil for a defect with values.
	Step Step
	// StepFor is Step for each of the values. Nil for a defect without.
	StepFor func(value string) Step
}

// BugType is the consequence of a mistake.
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

// Variant is a defect with one of its values, which may be made for some requests only.
type Variant struct {
	*Defect
	Value string    // "" for a defect without values
	Only  Condition // "" for all requests
	// Caught: what it throws is caught and answered as a rejection.
	Caught bool
}

// Key names the variant: "unsorted", "at-most-n-params=100",
// "userinfo-kept@messaging,http". [Find] reads it.
func (v Variant) Key() string {
	key := v.Slug
	if v.Value != "" {
		key += "=" + v.Value
	}
	if v.Only != "" {
		key += "@" + string(v.Only)
	}
	return key
}

// Says completes the sentence "The validator …", with value and condition.
func (v Variant) Says() string {
	value := v.Value
	if v.Joined {
		value = strings.ReplaceAll(value, ",", " or ")
	}
	says := strings.ReplaceAll(v.Defect.Says, "{}", value) + v.Only.says()
	if v.Caught {
		says += ", and rejects what makes it throw"
	}
	return says
}

// OnlyThrows reports whether a defect does nothing else.
func (d *Defect) OnlyThrows() bool { return d.BugTypes[0] == Crash }

// Hint tells how the mistake comes about and how to fix it.
func (v Variant) Hint() string {
	hint := v.Defect.Hint
	if own, is := v.Hints[v.Value]; is {
		hint = own
	}
	return hint
}

// Apply returns the validator with one step replaced. Two variants are combined
// by applying the second to what the first returned.
func (v Variant) Apply(validator reference.Validator) reference.Validator {
	step := v.Step
	switch {
	case v.Joined:
		step = func(validator *reference.Validator) {
			for value := range strings.SplitSeq(v.Value, ",") {
				v.StepFor(value)(validator)
			}
		}
	case v.StepFor != nil:
		step = v.StepFor(v.Value)
	}
	if v.Only != "" || validator.Instead != nil {
		applyUnder(v.Only, step, &validator)
	} else {
		step(&validator)
	}
	return validator
}

// In returns the validator with all the variants, whatever their order: they are
// applied in the order in which a validator takes its steps.
func In(validator reference.Validator, variants ...Variant) reference.Validator {
	if len(variants) > 1 {
		variants = slices.Clone(variants)
		slices.SortStableFunc(variants, func(a, b Variant) int { return cmp.Compare(places()[a.Slug], places()[b.Slug]) })
	}
	for _, variant := range variants {
		validator = variant.Apply(validator)
	}
	return validator
}

// New returns the reference with the defect, which remembers nothing yet.
func (v Variant) New() reference.Validator { return v.Apply(reference.New()) }
