package fuzz

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
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
	Case    *Case
	Answer  protocol.Answer
	Move    string // how the request was made
	// Before are the requests that have to be asked first; nil if there are none.
	Before []*Case

	Seed, Episode uint64
	Count         int // answers that this cause explains

	contrast  []observed           // near misses, until it is diagnosed
	live      *reference.Validator // of a cause that remembers: asked all that is asked
	predicted defect.Verdict       // its last answer
}

// BugType is what comes of it.
func (f *Finding) BugType() vectors.BugType {
	switch {
	case f.Answer.Verdict == protocol.Accept:
		return vectors.FalseAccept
	case f.Answer.Verdict == protocol.Reject:
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
	case protocol.Accept:
		return "accepts what was not signed"
	case protocol.Reject:
		return "rejects what was signed just so"
	case protocol.Timeout:
		return "does not answer"
	case protocol.Died:
		return "ends instead of answering"
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
	case c.Expected == MustReject && uncovered(c.Request, factsOf(c.Request)):
		return "body-covered"
	case c.Expected == MustReject && (c.Signed.None || !c.sameKey() || c.Signed.MAC+c.Signed.Encoding != ""):
		return "hmac-sha1-base64"
	case c.Expected == MustReject && len(reference.Params(c.Request)) != len(c.Signed.Params):
		return "body-covered"
	case c.Expected == MustReject:
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

// key names the cause of a finding.
func (f *Finding) key() string {
	var keys []string
	for _, cause := range f.Causes {
		keys = append(keys, cause.Slug)
	}
	if keys != nil {
		return strings.Join(keys, "+")
	}
	sum := sha256.Sum256([]byte(f.shape()))
	return "unexplained-" + strings.ToLower(strings.ReplaceAll(string(f.BugType()), "_", "-")) + "-" + hex.EncodeToString(sum[:3])
}

// endOf says how the validator failed to answer: what it threw, how its process
// ended and what it wrote last, that it hung; "" if it answered. What is taken
// from the request is left out, so that one cause looks the same each time.
func endOf(a protocol.Answer) string {
	switch a.Verdict {
	case protocol.Accept, protocol.Reject:
		return ""
	case protocol.Timeout:
		return string(a.Verdict)
	case protocol.Error:
		return string(a.Verdict) + "\n" + varying.ReplaceAllString(a.Detail, "")
	}
	wrote := strings.Split(strings.TrimSpace(a.Stderr), "\n")
	return string(a.Verdict) + "\n" + a.Detail + "\n" + varying.ReplaceAllString(wrote[len(wrote)-1], "")
}

// varying is what a message may quote of a request: what is in quotation marks,
// URLs, numbers.
var varying = regexp.MustCompile("\"[^\"]*\"|'[^']*'|`[^`]*`|[a-z]+://\\S*|[0-9]+")

var (
	letters = regexp.MustCompile(`[A-Za-z]+`)
	digits  = regexp.MustCompile(`[0-9]+`)
)

// shape is what a finding looks like, without its words: what two findings of
// one unknown cause are likely to share when both are as simple as they get.
func (f *Finding) shape() string {
	if end := endOf(f.Answer); end != "" {
		return end
	}
	r := f.Case.Request
	contentType := "none"
	if r.ContentType != nil {
		contentType = *r.ContentType
	}
	words := func(s string) string { return digits.ReplaceAllString(letters.ReplaceAllString(s, "a"), "0") }
	parts := []string{string(f.BugType()), string(f.Answer.Verdict), r.Method, contentType, words(r.URL), words(string(r.Body))}
	if len(f.Before) > 0 {
		parts = append(parts, "sequence")
	}
	return strings.Join(parts, "\n")
}
