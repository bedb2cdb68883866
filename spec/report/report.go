package report

import (
	"time"

	"sigconform/vectors"
)

// Report is the result of a run, complete enough that every page, the matrix and
// a comparison with an earlier run are made of it alone. It is report.json, as
// report.schema.json describes it. Names, details, standard error and strings
// to sign are the validator's own text: untrusted, to be cleaned or escaped by
// whoever shows them.
type Report struct {
	Schema    int        `json:"schema"` // the version of this format: 3
	Date      time.Time  `json:"date"`
	Suite     Suite      `json:"sigconform"`
	Validator Validator  `json:"validator"`
	Selection *Selection `json:"selection,omitempty"` // nil: every vector was selected

	AsOf    string            `json:"asOf,omitempty"` // the version of the vectors that was judged; "" if all were
	Strict  bool              `json:"strict,omitempty"`
	Require map[string]string `json:"require,omitempty"` // question to the answer that was required

	Status    int              `json:"status"`            // the exit status of the run
	Stopped   string           `json:"stopped,omitempty"` // why the run proves nothing; "" if it does
	Seconds   float64          `json:"seconds"`
	Counts    map[string]int   `json:"counts"`            // results by outcome
	Scope     *Scope           `json:"scope,omitempty"`   // nil if all vectors apply
	Causes    []Cause          `json:"causes,omitempty"`  // what explains the failures, the worst first
	Nearest   *Cause           `json:"nearest,omitempty"` // explains some of the others, but is contradicted
	Results   []Result         `json:"results"`
	Questions map[string]Reply `json:"questions"`
	Unsteady  []Change         `json:"unsteady,omitempty"`
	Drawn     *Drawn           `json:"drawn,omitempty"`  // what was sent beside the vectors
	Deaths    string           `json:"deaths,omitempty"` // at no request in particular; "" if there were none
	Stale     []string         `json:"staleKnownFailures,omitempty"`
	Warnings  []string         `json:"warnings,omitempty"`

	Comparison *Comparison `json:"comparison,omitempty"` // with an earlier report; nil if there is none

	Rules    map[string]Rule   `json:"rules"`    // those that the results name
	Families map[string]Family `json:"families"` // those of the results
}

// Suite says which sigconform wrote the report, and with which vectors.
type Suite struct {
	Version string `json:"version"`
	Vectors int    `json:"vectors"` // how many there are, selected or not
	Digest  string `json:"digest"`  // of their ids and contents: equal vectors, equal digests
}

// Validator is the validator that was tested.
type Validator struct {
	Name     string `json:"name"`
	Version  string `json:"version,omitempty"`
	Language string `json:"language,omitempty"`
	Group    string `json:"group,omitempty"` // the table of the matrix that it stands in; "" for none in particular
}

// Selection is what was selected, where that was not everything.
type Selection struct {
	IDs    []string `json:"ids,omitempty"`
	Filter string   `json:"filter,omitempty"`
}

// Result is a vector with the answer to it and what that means.
type Result struct {
	ID       string         `json:"id"`
	MadeFrom string         `json:"madeFrom,omitempty"` // the vector that a drawn request was made from
	Comment  string         `json:"comment"`
	Rules    []string       `json:"rules,omitempty"`
	Flags    []string       `json:"flags,omitempty"` // explained by the notes of the family
	Source   Source         `json:"source"`
	Request  Request        `json:"request"`
	Expected vectors.Result `json:"expected"`
	Question string         `json:"question,omitempty"`
	Answer   string         `json:"answer,omitempty"` // what accepting the vector answers

	Verdict string          `json:"verdict,omitempty"` // "" if it was not sent
	Outcome string          `json:"outcome"`
	BugType vectors.BugType `json:"bugType,omitempty"`
	Why     string          `json:"why,omitempty"`
	Newer   string          `json:"newer,omitempty"` // what the outcome would be if the vector were not newer than asOf
	Detail  string          `json:"detail,omitempty"`
	Reason  string          `json:"reason,omitempty"` // why it rejects, in its own words
	Stderr  string          `json:"stderr,omitempty"`
	Used    string          `json:"used,omitempty"` // "body" or "params", if the validator says so

	TwilioSigns     Bytes  `json:"twilioSigns"`
	ValidatorSigns  *Bytes `json:"validatorSigns,omitempty"`  // as it says itself
	LikelySigns     *Bytes `json:"likelySigns,omitempty"`     // as the cause has it
	SignatureCovers *Bytes `json:"signatureCovers,omitempty"` // where that is not what Twilio signs
	SignatureNote   string `json:"signatureNote,omitempty"`   // what else is to know of the signature

	NotCovered bool `json:"bodyNotCovered,omitempty"` // the signature does not cover the body

	Cause string `json:"cause,omitempty"` // the defect that explains the failure
	// Advice are lines about a failure in the words of the framework that gave the answer.
	Advice []string `json:"advice,omitempty"`
	Repeat string   `json:"repeat"` // the command that sends this vector again
}

// Source is where an expectation comes from, and where it is written down.
type Source struct {
	Kind string `json:"kind"`
	Ref  string `json:"ref"`
	File string `json:"file"`
	Line int    `json:"line"`
}

func (s Source) String() string { return vectors.Source{Kind: s.Kind, Ref: s.Ref}.String() }

// Request is what was sent to the validator. Absent is not empty: a nil header was
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
	Explains    []string `json:"explains"`            // ids of failures, the clearest example first
	Signs       *Bytes   `json:"signs,omitempty"`     // what such a validator signs for that example
	Contradicts []string `json:"contradicts,omitempty"`
	State       string   `json:"state"`     // confirmed or likely; unknown of the nearest
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

// Drawn are the requests that were drawn beside the vectors.
type Drawn struct {
	Seed     uint64   `json:"seed"`
	Sent     int      `json:"sent"`
	Failures []Result `json:"failures,omitempty"` // false accepts first; their ids may be those of vectors
	Repeat   string   `json:"repeat"`             // the command that draws them again
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
