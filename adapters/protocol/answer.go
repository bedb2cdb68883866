package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"sigconform/reference"
)

// This file reads what a validator wrote. It is not trusted: a field that is
// there twice could be read one way here and another way by somebody else, and
// what is kept of a long text is cut.

// ErrNoAnswer is what [DecodeAnswer] returns, wrapped, for a line that answers
// no case: it is no JSON object, or has no id.
var ErrNoAnswer = errors.New("not an answer")

// DecodeAnswer reads a line that a validator wrote: the id it answers and what
// it answers. A line with an id that says nothing, or several things at once,
// is an answer with the verdict Malformed. Unknown fields are ignored.
func DecodeAnswer(line []byte) (id string, a Answer, err error) {
	if r, ok := readReply(line); ok && r.ID != nil {
		return *r.ID, answerOf(r, nil), nil
	}
	var r reply
	if !bytes.HasPrefix(bytes.TrimSpace(line), []byte("{")) {
		return "", Answer{}, fmt.Errorf("%w: not a JSON object", ErrNoAnswer)
	}
	err = json.Unmarshal(line, &r)
	if err == nil {
		err = checkNames(line)
	}
	switch typeError := (*json.UnmarshalTypeError)(nil); {
	case r.ID == nil && err == nil:
		return "", Answer{}, fmt.Errorf(`%w: it has no "id"`, ErrNoAnswer)
	case errors.As(err, &typeError) && typeError.Field == "id":
		return "", Answer{}, fmt.Errorf("%w: %s", ErrNoAnswer, inWords(err))
	case r.ID == nil, err != nil && typeError == nil && !errors.Is(err, errNames):
		return "", Answer{}, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	return *r.ID, answerOf(r, err), nil
}

// errNames is what checkNames returns, wrapped.
var errNames = errors.New("the names of its fields")

// checkNames is an error if a field of the object is there twice, or has the
// name of a field of the protocol in other letters, which encoding/json takes
// for the same. The line must be valid JSON.
func checkNames(line []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(line))
	seen := map[string]bool{}
	_, err := decoder.Token() // {
	for err == nil && decoder.More() {
		var token json.Token
		if token, err = decoder.Token(); err != nil {
			break
		}
		name, _ := token.(string)
		if seen[name] {
			return fmt.Errorf("%w: %q is there more than once", errNames, name)
		}
		seen[name] = true
		for _, known := range replyFields {
			if name != known && strings.EqualFold(name, known) {
				return fmt.Errorf("%w: it says %q, which must be %q", errNames, name, known)
			}
		}
		var skipped json.RawMessage
		err = decoder.Decode(&skipped)
	}
	return err
}

var replyFields = []string{"id", "valid", "error", "unsupported", "stringToSign", "used", "reason"}

// answerOf returns what r says. An err says why it cannot be read as a whole.
func answerOf(r reply, err error) Answer {
	a := Answer{StringToSign: r.StringToSign, Used: r.Used, Reason: cut(string(r.Reason), mostReason)}
	said := 0
	if r.Valid != nil {
		said++
		a.Verdict = reference.Reject
		if *r.Valid {
			a.Verdict = reference.Accept
		}
	}
	if r.Error != nil {
		said++
		a.Verdict, a.Detail = reference.Error, *r.Error
	}
	if r.Unsupported != nil {
		said++
		a.Verdict, a.Detail = reference.Unsupported, *r.Unsupported
	}
	switch {
	case err != nil:
		a.Verdict, a.Detail = reference.Malformed, "the answer does not follow the protocol: "+inWords(err)
	case said != 1:
		a.Verdict, a.Detail = reference.Malformed, `the answer must have exactly one of "valid" (true or false), "error" and "unsupported"`
	}
	return a
}

// inWords says what is wrong with a reply in terms of the protocol, not of Go.
func inWords(err error) string {
	if errors.Is(err, errNames) {
		return strings.TrimPrefix(err.Error(), errNames.Error()+": ")
	}
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

// How many bytes are kept of the texts of an answer.
const (
	mostDetail = 4 << 10
	mostReason = 200
)

// Cut returns the answer to r with its texts cut to what is worth keeping. They
// are copies: those of a new answer are parts of its line and keep all of it in
// memory. A stringToSign longer than anything that could be made of the request
// stays different from all of that.
func (a Answer) Cut(r reference.Request) Answer {
	a.Detail, a.Reason, a.Used = cut(a.Detail, mostDetail), cut(a.Reason, mostReason), cut(a.Used, 10)
	if a.StringToSign != nil {
		text := cut(*a.StringToSign, mostDetail+4*(len(r.URL)+len(r.Body)))
		a.StringToSign = &text
	}
	return a
}

// cut returns a copy of the beginning of the text, with an ellipsis if it is longer.
func cut(text string, most int) string {
	if len(text) <= most {
		return strings.Clone(text)
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
