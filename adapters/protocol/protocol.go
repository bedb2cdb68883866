// Package protocol answers: what is a validator sent, and what does it
// answer? It is version 1 of the validator protocol: one JSON object a line,
// the question one way and the answer the other.
//
//	→ {"id":"url-port/https-voice-dropped","authToken":"12345","method":"POST","url":"https://example.com:8443/myapp",
//	   "product":"voice","contentType":"application/x-www-form-urlencoded","body":"Digits=1234",
//	   "params":[["Digits","1234"]],"signature":"…"}
//	← {"id":"url-port/https-voice-dropped","valid":true}
//
// Absent is not empty: without "signature" there was no such header, with ""
// it was empty. adapters/README.md says the same to people
// who write a validator in another language.
package protocol

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"sigconform/reference"
)

// MaxLine is the longest line, in bytes, that either side may send.
const MaxLine = 16 << 20

// Case is one question: is the signature of Request right under AuthToken?
type Case struct {
	ID        string
	AuthToken string
	Request   reference.Request
	// Params are those of the body, if they have been decoded already; else nil.
	Params []reference.Param
}

// Answer is what a validator made of a Case.
type Answer struct {
	Verdict reference.Verdict
	// Detail says what went wrong with an Error or a protocol fault, and why
	// something is Unsupported. It is the validator's own text, or quotes it:
	// untrusted, to be cleaned before it reaches a terminal or a page.
	Detail string
	// Reason is why it rejects, in its own words; "" if it does not say.
	// It is as untrusted as Detail and does not affect the verdict.
	Reason string
	// Elsewhere: it was refused otherwise than the validator refuses, so that somebody
	// else may have done it.
	Elsewhere bool
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
		Settings    *string           `json:"signatureSettings,omitempty"`
		SharedKeys  []sharedKey       `json:"sharedKeys,omitempty"`
	}
	sharedKey struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	}
	reply struct {
		ID           *string `json:"id"`
		Valid        *bool   `json:"valid,omitempty"`
		Error        *string `json:"error,omitempty"`
		Unsupported  *string `json:"unsupported,omitempty"`
		StringToSign *string `json:"stringToSign,omitempty"`
		Used         string  `json:"used,omitempty"`
		Reason       remark  `json:"reason,omitempty"`
	}
)

// remark is a text that does not affect the verdict: a value of another type is
// ignored.
type remark string

func (r *remark) UnmarshalJSON(text []byte) error {
	var s string
	_ = json.Unmarshal(text, &s)
	*r = remark(s)
	return nil
}

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
		Params: paramsOf(c), Settings: r.SignatureSettings,
	}
	for _, key := range r.SharedKeys {
		q.SharedKeys = append(q.SharedKeys, sharedKey(key))
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
	q, ok := readQuestion(line)
	if !ok {
		var slow question
		if err := json.Unmarshal(line, &slow); err != nil {
			return Case{}, fmt.Errorf("not a request of the protocol: %w", err)
		}
		q = slow
	}
	body := []byte(q.Body)
	if len(q.BodyBase64) > 0 {
		body = q.BodyBase64
	}
	var keys []reference.SharedKey
	for _, key := range q.SharedKeys {
		keys = append(keys, reference.SharedKey(key))
	}
	return Case{ID: q.ID, AuthToken: q.AuthToken, Request: reference.Request{
		Method: q.Method, URL: q.URL, Product: q.Product,
		ContentType: q.ContentType, Body: body, Signature: q.Signature,
		SignatureSettings: q.Settings, SharedKeys: keys,
	}}, nil
}

// EncodeAnswer returns the answer to the case id as a line, with its line feed.
// Only Accept, Reject, Error and Unsupported can be said.
func EncodeAnswer(id string, a Answer) ([]byte, error) {
	r := reply{ID: &id, StringToSign: a.StringToSign, Used: a.Used, Reason: remark(a.Reason)}
	switch a.Verdict {
	case reference.Accept, reference.Reject:
		valid := a.Verdict == reference.Accept
		r.Valid = &valid
	case reference.Error:
		r.Error = &a.Detail
	case reference.Unsupported:
		r.Unsupported = &a.Detail
	default:
		return nil, fmt.Errorf("the protocol has no answer for %q", a.Verdict)
	}
	return append(r.append(make([]byte, 0, 128)), '\n'), nil
}

// paramsOf returns the decoded parameters of a POST form, [] if there are none,
// and nil for any other request or if one of them is not UTF-8.
func paramsOf(c Case) *[][2]string {
	if c.Request.Method != "POST" || !c.Request.IsForm() {
		return nil
	}
	decoded := c.Params
	if decoded == nil {
		decoded = reference.ParseForm(c.Request.Body)
	}
	params := make([][2]string, len(decoded))
	for i, p := range decoded {
		if !utf8.ValidString(p.Name) || !utf8.ValidString(p.Value) {
			return nil
		}
		params[i] = [2]string{p.Name, p.Value}
	}
	return &params
}
