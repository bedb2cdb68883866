package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// About is what a report says beside the result of the run.
type About struct {
	Version   string // of sigconform
	Date      time.Time
	Validator Validator
	Selection *Selection        // nil if every vector was selected
	Corpus    []*vectors.Vector // all vectors there are
	Judging   conformance.Judging
	Repeat    func(id string) string // the command that sends one vector again
	RepeatAll string                 // the command that repeats the run, with its seed
}

// New returns the report of a run.
func New(run *conformance.Run, about About) *Report {
	book := about.Judging.Book
	r := &Report{
		Schema: schemaVersion, Date: about.Date.UTC().Truncate(time.Second),
		Suite:     Suite{Version: about.Version, Vectors: len(about.Corpus), Digest: Digest(about.Corpus)},
		Validator: about.Validator, Selection: about.Selection,
		AsOf: about.Judging.AsOf, Strict: about.Judging.Strict, Require: about.Judging.Require,
		Status: run.Status(), Seconds: run.Elapsed.Seconds(),
		Counts: map[string]int{}, Results: []Result{}, Questions: map[string]Reply{},
		Stale: run.Stale,
		Rules: map[string]Rule{}, Families: map[string]Family{},
	}
	r.Validator.Name = valid(r.Validator.Name)
	for _, warning := range run.Warnings {
		r.Warnings = append(r.Warnings, valid(warning))
	}
	if run.Stopped != nil {
		r.Stopped = valid(run.Stopped.Error())
	}
	for _, result := range run.Results {
		r.Counts[string(result.Outcome)]++
		r.Results = append(r.Results, newResult(result, run.Diagnosis.CauseOf(result), about.Repeat))
		r.describe(result.Vector, book)
	}
	r.Scope = r.scope()
	if run.Diagnosis != nil {
		for _, cause := range run.Diagnosis.Causes {
			r.Causes = append(r.Causes, newCause(cause, clearest(run.Diagnosis, cause), failing(run)))
		}
		if run.Diagnosis.Nearest != nil {
			nearest := newCause(run.Diagnosis.Nearest, run.Diagnosis.Nearest.Explains, len(run.Diagnosis.Unexplained))
			r.Nearest = &nearest
		}
	}
	for _, reply := range run.Replies() {
		question := book.Questions[reply.Question]
		r.Questions[reply.Question] = Reply{
			Asks: question.Asks, Accepted: append([]string{}, reply.Accepted...), Other: reply.Other, Words: answerText(reply, question),
			Answers: question.Answers, Recommended: question.Recommended, Why: question.Why,
		}
	}
	for _, change := range run.Unsteady {
		r.Unsteady = append(r.Unsteady, Change{change.Vector.ID, string(change.First), string(change.Second)})
	}
	r.Deaths = valid(run.Deaths)
	if len(run.Drawn) > 0 {
		r.Drawn = &Drawn{Seed: run.Seed, Sent: len(run.Drawn), Repeat: valid(about.RepeatAll)}
		for _, d := range run.DrawnFailures() {
			failure := newResult(&d.Result, nil, func(string) string { return about.RepeatAll })
			failure.MadeFrom = d.From
			r.Drawn.Failures = append(r.Drawn.Failures, failure)
		}
	}
	return r
}

// describe adds the rules and the family of a vector.
func (r *Report) describe(v *vectors.Vector, book *vectors.Rulebook) {
	for _, slug := range v.Rules {
		r.Rules[slug] = Rule{book.Rules[slug].Says, book.Rules[slug].Source}
	}
	if _, known := r.Families[v.Family.Name]; known {
		return
	}
	family := Family{Title: v.Family.Title, Notes: map[string]Note{}}
	for flag, note := range v.Family.Notes {
		family.Notes[flag] = Note{note.BugType, note.Effect}
	}
	r.Families[v.Family.Name] = family
}

func newResult(r *conformance.Result, cause *conformance.Cause, repeat func(string) string) Result {
	v := r.Vector
	result := Result{
		ID: v.ID, Comment: v.Comment, Rules: v.Rules, Flags: v.Flags,
		Source:  Source{v.Source.Kind, v.Source.Ref, v.Family.File, v.Line},
		Request: newRequest(v), Expected: v.Result, Question: v.Question, Answer: v.Answer,
		Verdict: string(r.Answer.Verdict), Outcome: string(r.Outcome), BugType: r.Kind, Why: r.Why, Newer: string(r.Newer),
		Detail: valid(r.Answer.Detail), Reason: valid(r.Answer.Reason), Stderr: valid(r.Answer.Stderr), Used: valid(r.Answer.Used),
		Repeat: valid(repeat(v.ID)),
	}
	for _, line := range r.Advice {
		result.Advice = append(result.Advice, valid(line))
	}
	request := v.Request.Reference()
	twilio := reference.StringToSign(request)
	result.TwilioSigns = keep(twilio, 0)
	compare := func(mine string) *Bytes {
		var kept Bytes
		result.TwilioSigns, kept = keepBoth(twilio, mine)
		return &kept
	}
	mine := ""
	if cause != nil {
		result.Cause = cause.Defect.Key()
		if likely, ok := signedBy(cause, request); ok {
			mine, result.LikelySigns = likely, compare(likely)
		}
	}
	if said := r.Answer.StringToSign; said != nil {
		mine, result.ValidatorSigns = *said, compare(*said)
	}
	result.NotCovered = v.Result == vectors.Invalid && reference.CoverageOf(request) == reference.NotCovered
	note, covers := aboutSignature(v)
	result.SignatureNote = note
	if covers != "" && covers != twilio && covers != mine {
		kept := keep(covers, parting(covers, twilio))
		result.SignatureCovers = &kept
	}
	return result
}

// signedBy returns what a validator with that cause signs for the request; ok is
// false if that is what Twilio signs, or if it signs nothing.
func signedBy(cause *conformance.Cause, request reference.Request) (signed string, ok bool) {
	if cause.Defect.Behaviour {
		return "", false
	}
	signed, ok = defect.StringToSign(cause.Defect.New(), request)
	return signed, ok && signed != reference.StringToSign(request)
}

func newRequest(v *vectors.Vector) Request {
	plain := v.Request.Reference()
	request := Request{
		AuthToken: keep(string(v.AuthToken), 0), Method: plain.Method, URL: keep(plain.URL, 0), Product: string(plain.Product),
		ContentType: plain.ContentType, Signature: plain.Signature,
	}
	if len(plain.Body) > 0 {
		body := keep(string(plain.Body), 0)
		request.Body = &body
	}
	return request
}

// aboutSignature says what is to know of a vector's signature: a note, or else
// the string that it covers.
func aboutSignature(v *vectors.Vector) (note, covers string) {
	switch {
	case v.Signed == nil:
		return signatureText(v.Request.Signature), ""
	case v.Signed.Token != nil:
		return fmt.Sprintf("made with the token %q; yours is %q", Clean(string(*v.Signed.Token), 80), Clean(string(v.AuthToken), 80)), ""
	case v.Signed.MAC != "" || v.Signed.Encoding != "":
		return fmt.Sprintf("%s (%s)", signatureText(v.Request.Signature), strings.TrimSpace(v.Signed.MAC+" "+v.Signed.Encoding)), ""
	default:
		return "", v.StringToSign()
	}
}

func newCause(c *conformance.Cause, explains []*conformance.Result, failures int) Cause {
	cause := Cause{
		Defect: c.Defect.Key(), Says: c.Defect.Says(), Hint: c.Defect.Hint(), Behaviour: c.Defect.Behaviour,
		Explains: ids(explains), Contradicts: ids(c.Contradicts), State: string(c.State), Probed: c.Probed, Confirmed: c.Confirmed,
		Sureness: Sureness(c, failures),
	}
	for _, equal := range c.Equals {
		cause.Equals = append(cause.Equals, Equal{equal.Key(), equal.Says()})
	}
	if len(explains) > 0 {
		request := explains[0].Vector.Request.Reference()
		if signed, ok := signedBy(c, request); ok && len(signed) <= longest && len(reference.StringToSign(request)) <= longest {
			kept := keep(signed, 0)
			cause.Signs = &kept
		}
	}
	return cause
}

// valid returns text with what is not UTF-8 replaced, as JSON would have it.
func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

// Digest tells one set of vectors from another: equal ids and contents, in the same order, have equal digests. It is
// "sha256:" and 64 hex digits.
func Digest(corpus []*vectors.Vector) string {
	sum := sha256.New()
	for _, v := range corpus {
		fmt.Fprintf(sum, "%s %s\n", v.ID, v.Fingerprint())
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

func ids(results []*conformance.Result) []string {
	ids := []string{}
	for _, r := range results {
		ids = append(ids, r.Vector.ID)
	}
	return ids
}
