// Package protocol answers: what is a validator asked, and what does it
// answer? It is version 1 of the validator protocol: one JSON object a line,
// the question one way and the answer the other.
//
//	→ {"id":"url-port/https-voice-dropped","authToken":"12345","method":"POST","url":"https://example.com:8443/myapp",
//	   "product":"voice","contentType":"application/x-www-form-urlencoded","body":"Digits=1234",
//	   "params":[["Digits","1234"]],"signature":"…"}
//	← {"id":"url-port/https-voice-dropped","valid":true}
//
// Absent is not empty: without "signature" there was no such header, with ""
// it was empty. The README's section on the protocol says the same to people
// who write a validator in another language.
package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"sigconform/reference"
)

// MaxLine is the longest line, in bytes, that either side may send.
const MaxLine = 16 << 20

// Verdict is what came of asking a validator.
type Verdict string

// The verdicts. Accept and Reject are answers; the others say why there is none.
const (
	Accept      Verdict = "accept"
	Reject      Verdict = "reject"
	Error       Verdict = "error"       // it threw, or answered nonsense
	Timeout     Verdict = "timeout"     // it did not answer in time
	Died        Verdict = "died"        // its process ended instead of answering
	Unsupported Verdict = "unsupported" // it says that it cannot be asked this
)

// Case is one question: does Request carry a signature that holds under AuthToken?
type Case struct {
	ID        string
	AuthToken string
	Request   reference.Request
}

// Answer is what a validator made of a Case.
type Answer struct {
	Verdict Verdict
	// Detail says what went wrong with an Error, Timeout or Died, and why
	// something is Unsupported. It is the validator's own text, or quotes it:
	// untrusted, to be cleaned before it reaches a terminal or a page.
	Detail string
	// StringToSign is what the validator says it signed; nil if it does not say.
	StringToSign *string
	// Used is "params" if the validator says that it used the decoded parameters
	// instead of the body, "body" if it says the opposite, and "" if it does not say.
	Used string
	// Stderr is what it wrote on its standard error meanwhile; untrusted as Detail.
	Stderr string
}

// question and reply are the two lines as JSON.
type (
	question struct {
		ID          string            `json:"id"`
		AuthToken   string            `json:"authToken"`
		Method      string            `json:"method"`
		URL         string            `json:"url"`
		Product     reference.Product `json:"product,omitempty"`
		ContentType *string           `json:"contentType,omitempty"`
		Body        string            `json:"body,omitempty"`
		BodyBase64  []byte            `json:"bodyBase64,omitempty"`
		Params      *[][2]string      `json:"params,omitempty"`
		Signature   *string           `json:"signature,omitempty"`
	}
	reply struct {
		ID           *string `json:"id"`
		Valid        *bool   `json:"valid,omitempty"`
		Error        *string `json:"error,omitempty"`
		Unsupported  *string `json:"unsupported,omitempty"`
		StringToSign *string `json:"stringToSign,omitempty"`
		Used         string  `json:"used,omitempty"`
	}
)

// EncodeCase returns c as a line of the protocol, with its line feed. Params
// are there exactly when the request is a POST form whose decoded names and
// values are all UTF-8.
func EncodeCase(c Case) ([]byte, error) {
	size := len(c.AuthToken) + len(c.Request.URL) + 3*len(c.Request.Body) + 256
	return AppendCase(make([]byte, 0, size), c)
}

// AppendCase appends the line that [EncodeCase] returns to lines.
func AppendCase(lines []byte, c Case) ([]byte, error) {
	q := questionOf(c)
	before := len(lines)
	lines = append(q.append(lines), '\n')
	if size := len(lines) - before; size > MaxLine {
		return lines[:before], fmt.Errorf("%s: its line has %d bytes, the protocol allows %d", c.ID, size, MaxLine)
	}
	return lines, nil
}

func questionOf(c Case) question {
	r := c.Request
	q := question{
		ID: c.ID, AuthToken: c.AuthToken,
		Method: r.Method, URL: r.URL, Product: r.Product,
		ContentType: r.ContentType, Signature: r.Signature,
		Params: paramsOf(r),
	}
	if utf8.Valid(r.Body) {
		q.Body = string(r.Body)
	} else {
		q.BodyBase64 = r.Body
	}
	return q
}

// DecodeCase reads a line that [EncodeCase] wrote. Unknown fields are ignored.
func DecodeCase(line []byte) (Case, error) {
	var q question
	if !readQuestion(line, &q) {
		q = question{}
		if err := json.Unmarshal(line, &q); err != nil {
			return Case{}, fmt.Errorf("not a request of the protocol: %w", err)
		}
	}
	body := []byte(q.Body)
	if len(q.BodyBase64) > 0 {
		body = q.BodyBase64
	}
	return Case{ID: q.ID, AuthToken: q.AuthToken, Request: reference.Request{
		Method: q.Method, URL: q.URL, Product: q.Product,
		ContentType: q.ContentType, Body: body, Signature: q.Signature,
	}}, nil
}

// EncodeAnswer returns the answer to the case id as a line, with its line feed.
// Only Accept, Reject, Error and Unsupported can be said.
func EncodeAnswer(id string, a Answer) ([]byte, error) {
	r := reply{ID: &id, StringToSign: a.StringToSign, Used: a.Used}
	switch a.Verdict {
	case Accept, Reject:
		valid := a.Verdict == Accept
		r.Valid = &valid
	case Error:
		r.Error = &a.Detail
	case Unsupported:
		r.Unsupported = &a.Detail
	default:
		return nil, fmt.Errorf("the protocol has no answer for %q", a.Verdict)
	}
	return append(r.append(make([]byte, 0, 128)), '\n'), nil
}

// ErrNoAnswer is what [DecodeAnswer] returns, wrapped, for a line that answers
// no case: it is no JSON object, or has no id.
var ErrNoAnswer = errors.New("not an answer")

// DecodeAnswer reads a line that a validator wrote: the id it answers and what
// it answers. A line with an id that says nothing, or several things at once,
// is an answer with the verdict Error. Unknown fields are ignored.
func DecodeAnswer(line []byte) (id string, a Answer, err error) {
	var r reply
	if readReply(line, &r) && r.ID != nil {
		return *r.ID, answerOf(r, nil), nil
	}
	r = reply{}
	if !bytes.HasPrefix(bytes.TrimSpace(line), []byte("{")) {
		return "", Answer{}, fmt.Errorf("%w: not a JSON object", ErrNoAnswer)
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return r.idOrEmpty(), answerOf(r, err), noAnswer(r, err)
	}
	if r.ID == nil {
		return "", Answer{}, fmt.Errorf(`%w: it has no "id"`, ErrNoAnswer)
	}
	return *r.ID, answerOf(r, nil), nil
}

func (r reply) idOrEmpty() string {
	if r.ID == nil {
		return ""
	}
	return *r.ID
}

// noAnswer is nil for a reply that is addressed all the same: JSON in which one
// field has the wrong type.
func noAnswer(r reply, err error) error {
	var typeError *json.UnmarshalTypeError
	if r.ID != nil && errors.As(err, &typeError) {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrNoAnswer, err)
}

func answerOf(r reply, err error) Answer {
	a := Answer{StringToSign: r.StringToSign, Used: r.Used}
	said := 0
	if r.Valid != nil {
		said++
		a.Verdict = Reject
		if *r.Valid {
			a.Verdict = Accept
		}
	}
	if r.Error != nil {
		said++
		a.Verdict, a.Detail = Error, *r.Error
	}
	if r.Unsupported != nil {
		said++
		a.Verdict, a.Detail = Unsupported, *r.Unsupported
	}
	switch {
	case err != nil:
		a.Verdict, a.Detail = Error, "the answer does not follow the protocol: "+inWords(err)
	case said != 1:
		a.Verdict, a.Detail = Error, `the answer must have exactly one of "valid" (true or false), "error" and "unsupported"`
	}
	return a
}

// inWords says what is wrong with a reply in terms of the protocol, not of Go.
func inWords(err error) string {
	var typeError *json.UnmarshalTypeError
	if !errors.As(err, &typeError) {
		return err.Error()
	}
	want := "a string"
	if typeError.Field == "valid" {
		want = "true or false, without quotes"
	}
	return fmt.Sprintf("%q must be %s; it is a JSON %s", typeError.Field, want, typeError.Value)
}

// paramsOf returns the decoded parameters of a POST form, [] if there are none,
// and nil for any other request or if one of them is not UTF-8.
func paramsOf(r reference.Request) *[][2]string {
	if r.Method != "POST" || !r.IsForm() {
		return nil
	}
	decoded := reference.ParseForm(r.Body)
	params := make([][2]string, len(decoded))
	for i, p := range decoded {
		if !utf8.ValidString(p.Name) || !utf8.ValidString(p.Value) {
			return nil
		}
		params[i] = [2]string{p.Name, p.Value}
	}
	return &params
}
