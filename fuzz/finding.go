package fuzz

import (
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/vectors"
)

// Finding is a cause of wrong answers, with the simplest request that shows it.
type Finding struct {
	// Key names the cause: the keys of the defects that explain it, or what the
	// simplest request looks like. One cause is reported once.
	Key     string
	Causes  []defect.Variant // nil: no known mistake explains it
	Equals  []defect.Variant // others that give the same answers
	Nearest *defect.Variant  // explains it but for some answers
	State   diagnosis.State  // how sure the cause is
	// Of Probed requests that were signed as the cause signs them, and as Twilio
	// does not, the validator accepted Accepted.
	Probed, Accepted int
	Case             *generate.Case
	Answer           protocol.Answer
	Move             string // how the request was made
	// Before are the requests that have to be sent first; nil if there are none.
	Before []*generate.Case

	Seed, Episode uint64
	Count         int // answers that this cause explains

	considered int // what was known when no cause was found: see knowledge.version
}

// BugType is what comes of it.
func (f *Finding) BugType() vectors.BugType {
	switch {
	case f.Answer.Verdict == reference.Accept:
		return vectors.FalseAccept
	case f.Answer.Verdict == reference.Reject:
		return vectors.FalseReject
	default:
		return vectors.Crash
	}
}

// Says completes the sentence "The validator …".
func (f *Finding) Says() string {
	var says []string
	for _, cause := range f.Causes {
		says = append(says, cause.Says())
	}
	if says != nil {
		return strings.Join(says, ", and ")
	}
	switch f.Answer.Verdict {
	case reference.Accept:
		return "accepts what was not signed"
	case reference.Reject:
		return "rejects what was signed just so"
	case reference.Timeout:
		return "does not answer"
	case reference.Died:
		return "ends instead of answering"
	case reference.Malformed:
		return "writes what is no answer"
	default:
		return "throws"
	}
}

// Rule is the rule that demands the expected answer, as far as can be guessed.
func (f *Finding) Rule() string {
	book := vectors.Rules()
	for _, cause := range f.Causes {
		if _, isRule := book.Rules[cause.Breaks]; isRule {
			return cause.Breaks
		}
	}
	c := f.Case
	p, _ := reference.SplitURL(c.Request.URL)
	switch {
	case c.Expected == judge.MustReject && judge.Uncovered(c.Request):
		return "body-covered"
	case c.Request.SignatureSettings != nil && c.Expected == judge.MustReject:
		return "sk-wrong-key"
	case c.Request.SignatureSettings != nil:
		return "sk-header"
	case c.Expected == judge.MustReject && (c.Signed.None || !c.SameKey() || c.Signed.MAC+c.Signed.Encoding != ""):
		return "hmac-sha1-base64"
	case c.Expected == judge.MustReject && len(reference.Params(c.Request)) != len(c.Signed.Params):
		return "body-covered"
	case c.Expected == judge.MustReject:
		return "url-verbatim"
	case p.Userinfo != "":
		return "userinfo-dropped"
	case p.Port != "" && c.Signed.URL != c.Request.URL:
		return "port-dropped-https-voice"
	case p.Port != "":
		return "port-kept"
	case len(reference.BodyHashes(c.Request.URL)) > 0:
		return "body-sha256"
	case len(c.Signed.Params) > 0:
		return "all-params"
	default:
		return "url-verbatim"
	}
}
