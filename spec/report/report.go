package report

import (
	"time"

	"sigconform/vectors"
)

// Report is what a run came to, complete enough that every page, the matrix and
// a comparison with an earlier run are made of it alone. It is report.json, as
// report.schema.json describes it. Names, details, standard error and strings
// to sign are the validator's own text: untrusted, to be cleaned or escaped by
// whoever shows them.
type Report struct {
	Schema    int        `json:"schema"` // the version of this format: 1
	Date      time.Time  `json:"date"`
	Suite     Suite      `json:"sigconform"`
	Validator Validator  `json:"validator"`
	Selection *Selection `json:"selection,omitempty"` // nil: every vector was selected

	Strict  bool              `json:"strict,omitempty"`
	Require map[string]string `json:"require,omitempty"` // question to the answer that was required

	Status    int              `json:"status"`            // the exit status of the run
	Stopped   string           `json:"stopped,omitempty"` // why the run proves nothing; "" if it does
	Seconds   float64          `json:"seconds"`
	Counts    map[string]int   `json:"counts"`            // results by outcome
	Causes    []Cause          `json:"causes,omitempty"`  // what explains the failures, the worst first
	Nearest   *Cause           `json:"nearest,omitempty"` // explains some of the others, but is contradicted
	Results   []Result         `json:"results"`
	Questions map[string]Reply `json:"questions"`
	Unsteady  []Change         `json:"unsteady,omitempty"`
	Stale     []string         `json:"staleKnownFailures,omitempty"`
	Warnings  []string         `json:"warnings,omitempty"`

	Rules    map[string]Rule   `json:"rules"`    // those that the results name
	Families map[string]Family `json:"families"` // those of the results
}

// Suite says which sigconform wrote the report, and with which vectors.
type Suite struct {
	Version string `json:"version"`
	Vectors int    `json:"vectors"` // how many there are, selected or not
	Digest  string `json:"digest"`  // of their ids and contents: equal vectors, equal digests
}

// Validator is who was asked.
type Validator struct {
	Name     string `json:"name"`
	Version  string `json:"version,omitempty"`
	Language string `json:"language,omitempty"`
}

// Selection is what was asked for, where that was not everything.
type Selection struct {
	IDs    []string `json:"ids,omitempty"`
	Filter string   `json:"filter,omitempty"`
}

// Result is a vector with the answer to it and what that means.
type Result struct {
	ID       string         `json:"id"`
	Comment  string         `json:"comment"`
	Rules    []string       `json:"rules,omitempty"`
	Flags    []string       `json:"flags,omitempty"` // explained by the notes of the family
	Source   Source         `json:"source"`
	Request  Request        `json:"request"`
	Expected vectors.Result `json:"expected"`
	Question string         `json:"question,omitempty"`
	Answer   string         `json:"answer,omitempty"` // what accepting the vector answers

	Verdict string          `json:"verdict,omitempty"` // "" if it was not asked
	Outcome string          `json:"outcome"`
	BugType vectors.BugType `json:"bugType,omitempty"`
	Why     string          `json:"why,omitempty"`
	Detail  string          `json:"detail,omitempty"`
	Stderr  string          `json:"stderr,omitempty"`
	Used    string          `json:"used,omitempty"` // "body" or "params", if the validator says so

	TwilioSigns     Bytes  `json:"twilioSigns"`
	ValidatorSigns  *Bytes `json:"validatorSigns,omitempty"`  // as it says itself
	LikelySigns     *Bytes `json:"likelySigns,omitempty"`     // as the cause has it
	SignatureCovers *Bytes `json:"signatureCovers,omitempty"` // where that is not what Twilio signs
	SignatureNote   string `json:"signatureNote,omitempty"`   // what else is to know of the signature

	NotCovered bool `json:"bodyNotCovered,omitempty"` // the signature does not cover the body

	Cause  string `json:"cause,omitempty"` // the defect that explains the failure
	Repeat string `json:"repeat"`          // the command that asks this vector again
}

// Source is where an expectation comes from, and where it is written down.
type Source struct {
	Kind string `json:"kind"`
	Ref  string `json:"ref"`
	File string `json:"file"`
	Line int    `json:"line"`
}

// Request is what the validator was asked. Absent is not empty: a nil header was
// not there. The token is that of a public test vector.
type Request struct {
	AuthToken   Bytes   `json:"authToken"`
	Method      string  `json:"method"`
	URL         Bytes   `json:"url"`
	Product     string  `json:"product,omitempty"`
	ContentType *string `json:"contentType,omitempty"`
	Body        *Bytes  `json:"body,omitempty"` // nil: zero bytes
	Signature   *string `json:"signature,omitempty"`
}

// Cause is a defect that the validator seems to have.
type Cause struct {
	Defect      string   `json:"defect"` // slug, or slug=value
	Says        string   `json:"says"`   // completes "The validator …"
	Hint        string   `json:"hint"`
	Behaviour   bool     `json:"behaviour,omitempty"` // it answers without regard to the signature
	Equals      []Equal  `json:"equals,omitempty"`    // defects that would have answered the same
	Explains    []string `json:"explains"`            // ids of failures, the worst first
	Contradicts []string `json:"contradicts,omitempty"`
	Probed      int      `json:"probed"`    // requests signed as the defect signs them …
	Confirmed   int      `json:"confirmed"` // … and those of them that were accepted
	Sureness    string   `json:"sureness"`  // the four fields before, in words
}

// Equal is a defect that would have answered as another does.
type Equal struct {
	Defect string `json:"defect"`
	Says   string `json:"says"`
}

// Reply is the validator's answer to a question.
type Reply struct {
	Asks        string            `json:"asks"`
	Accepted    []string          `json:"accepted"`        // the answers whose vectors it accepted
	Other       []string          `json:"other,omitempty"` // what else came back, with the answer
	Words       string            `json:"words"`           // the two fields before, in words
	Answers     map[string]string `json:"answers"`         // all answers there are, and what each means
	Recommended string            `json:"recommended,omitempty"`
	Why         string            `json:"why,omitempty"` // it is recommended
}

// Change is a vector that was answered one way, and then another.
type Change struct {
	ID     string `json:"id"`
	First  string `json:"first"`
	Second string `json:"second"`
}

// Rule is a statement that a validator must satisfy.
type Rule struct {
	Says   string         `json:"says"`
	Source vectors.Source `json:"source"`
}

// Family is a group of vectors about one subject.
type Family struct {
	Title string          `json:"title"`
	Notes map[string]Note `json:"notes,omitempty"` // by flag
}

// Note is what often goes wrong where a vector with its flag fails.
type Note struct {
	BugType vectors.BugType `json:"bugType"`
	Effect  string          `json:"effect"`
}
