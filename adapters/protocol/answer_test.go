package protocol

import (
	"errors"
	"strings"
	"testing"

	"sigconform/reference"
)

// TestRejectionIsSaid: what a line says is read as that, and what says nothing,
// or can be read in two ways, is malformed or no answer.
func TestRejectionIsSaid(t *testing.T) {
	const noAnswer reference.Verdict = "no answer"
	for line, want := range map[string]reference.Verdict{
		`{"id":"a","valid":true}`:                            reference.Accept,
		`{"id":"a","valid":false}`:                           reference.Reject,
		` { "valid" : false , "id" : "a" } `:                 reference.Reject,
		`{"id":"a","valid":false,"reason":"no such key"}`:    reference.Reject,
		`{"id":"a","valid":false,"reason":{"code":1}}`:       reference.Reject,
		`{"id":"a","valid":false,"reason":null,"more":[{}]}`: reference.Reject,
		`{"id":"a","error":"TypeError"}`:                     reference.Error,
		`{"id":"a","unsupported":"JSON"}`:                    reference.Unsupported,
		`{"id":"a"}`:                                         reference.Malformed,
		`{"id":"a","valid":null}`:                            reference.Malformed,
		`{"id":"a","valid":"false"}`:                         reference.Malformed,
		`{"id":"a","valid":0}`:                               reference.Malformed,
		`{"id":"a","valid":[]}`:                              reference.Malformed,
		`{"id":"a","VALID":false}`:                           reference.Malformed,
		`{"id":"a","valid":true,"valid":false}`:              reference.Malformed,
		`{"id":"a","valid":true,"valid":true}`:               reference.Malformed,
		`{"id":"a","valid":false,"Valid":true}`:              reference.Malformed,
		`{"id":"a","id":"a","valid":false}`:                  reference.Malformed,
		`{"id":"a","valid":false,"x":1,"x":1}`:               reference.Malformed,
		`{"id":"a","valid":true,"error":"x"}`:                reference.Malformed,
		`{"id":"a","error":"x","unsupported":"y"}`:           reference.Malformed,
		`{"id":"a","result":false}`:                          reference.Malformed,
		`{"id":1,"valid":false}`:                             noAnswer,
		`{"ID":"a"`:                                          noAnswer,
		`{"valid":false}`:                                    noAnswer,
		`null`:                                               noAnswer,
		`false`:                                              noAnswer,
		``:                                                   noAnswer,
		`[{"id":"a","valid":false}]`:                         noAnswer,
		`{"id":"a","valid":false}{"id":"b","valid":false}`:   noAnswer,
		`{"id":"a","valid":false,}`:                          noAnswer,
		"\xef\xbb\xbf" + `{"id":"a","valid":false}`:          noAnswer,
		`{"id":"a","valid":false}` + "\x00":                  noAnswer,
		`{"id":"a","valid":NaN}`:                             noAnswer,
		`Traceback (most recent call last):`:                 noAnswer,
	} {
		id, a, err := DecodeAnswer([]byte(line))
		got := a.Verdict
		if errors.Is(err, ErrNoAnswer) {
			got = noAnswer
		}
		if got != want || want != noAnswer && id != "a" {
			t.Errorf("%s is read as %q for %q (%s, %v), want %q", line, got, id, a.Detail, err, want)
		}
		if want == reference.Malformed && a.Detail == "" {
			t.Errorf("%s: nothing says what is wrong with it", line)
		}
	}
}

// TestCut: whatever is answered, little of it is kept.
func TestCut(t *testing.T) {
	long := strings.Repeat("é", 5<<20)
	for _, field := range []string{"error", "unsupported", "stringToSign", "reason", "used"} {
		_, a, err := DecodeAnswer([]byte(`{"id":"a","` + field + `":"` + long + `"}`))
		if err != nil {
			t.Fatal(err)
		}
		a = a.Cut(reference.Request{URL: "https://h/"})
		kept := len(a.Detail) + len(a.Reason) + len(a.Used)
		if a.StringToSign != nil {
			kept += len(*a.StringToSign)
		}
		if kept > 10<<10 {
			t.Errorf("%d bytes are kept of a long %q", kept, field)
		}
	}
}
