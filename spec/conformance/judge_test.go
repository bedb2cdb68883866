package conformance_test

import (
	"testing"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// vector returns a vector that is in no file.
func vector(result vectors.Result, bug vectors.BugType) *vectors.Vector {
	v := &vectors.Vector{ID: "family/slug", Result: result, Family: &vectors.Family{Name: "family"}}
	if result == vectors.Question {
		v.Question, v.Answer = "duplicate-names", "first"
	}
	if bug != "" {
		v.Flags = []string{"Flag"}
		v.Family.Notes = map[string]vectors.Note{"Flag": {BugType: bug}}
	}
	return v
}

// TestJudge checks what each verdict means for each expectation.
func TestJudge(t *testing.T) {
	const (
		passed, failed, answered, skipped = conformance.Passed, conformance.Failed, conformance.Answered, conformance.Skipped
		listed                            = conformance.Outcome("listed") // passed, or failed if strict
	)
	type verdicts map[reference.Verdict]conformance.Outcome
	for _, c := range []struct {
		result vectors.Result
		bug    vectors.BugType
		want   verdicts
	}{
		{vectors.Valid, "", verdicts{reference.Accept: passed, reference.Reject: failed, reference.Error: failed,
			reference.Timeout: failed, reference.Died: failed, reference.Malformed: failed, reference.Unsupported: skipped}},
		{vectors.Invalid, "", verdicts{reference.Accept: failed, reference.Reject: passed, reference.Error: listed,
			reference.Timeout: failed, reference.Died: failed, reference.Malformed: failed, reference.Unsupported: skipped}},
		{vectors.Invalid, vectors.Malleability, verdicts{reference.Accept: listed, reference.Reject: passed, reference.Malformed: failed}},
		{vectors.Question, "", verdicts{reference.Accept: answered, reference.Reject: answered, reference.Error: answered,
			reference.Timeout: failed, reference.Died: failed, reference.Malformed: failed, reference.Unsupported: skipped}},
	} {
		for verdict, want := range c.want {
			for _, strict := range []bool{false, true} {
				judging := conformance.Judging{Strict: strict, Book: vectors.Rules()}
				got := judging.Judge(vector(c.result, c.bug), protocol.Answer{Verdict: verdict})
				expected := want
				if want == listed {
					expected = map[bool]conformance.Outcome{false: passed, true: failed}[strict]
				}
				if got.Outcome != expected {
					t.Errorf("%s %s, answered %s, strict %v: %s, want %s", c.result, c.bug, verdict, strict, got.Outcome, expected)
				}
				if want == listed && got.Kind == "" {
					t.Errorf("%s, answered %s: listed without a bug type", c.result, verdict)
				}
				if got.Outcome == passed && want == passed && got.Kind != "" {
					t.Errorf("%s, answered %s: passed, and is a %s", c.result, verdict, got.Kind)
				}
			}
		}
	}
}

func TestJudgeKind(t *testing.T) {
	judging := conformance.Judging{Book: vectors.Rules()}
	for _, c := range []struct {
		result  vectors.Result
		verdict reference.Verdict
		kind    vectors.BugType
		why     string
	}{
		{vectors.Valid, reference.Reject, vectors.FalseReject, "must accept, was rejected"},
		{vectors.Invalid, reference.Accept, vectors.FalseAccept, "must reject, was accepted"},
		{vectors.Valid, reference.Error, vectors.Crash, "must accept, ended in an error"},
		{vectors.Invalid, reference.Died, vectors.Crash, "must reject, ended the program"},
		{vectors.Invalid, reference.Timeout, vectors.Crash, "must reject, was not answered in time"},
		{vectors.Invalid, reference.Malformed, vectors.Crash, "must reject, got a malformed answer"},
		{vectors.Question, reference.Malformed, vectors.Crash, "must be answered, got a malformed answer"},
		{vectors.Question, reference.Died, vectors.Crash, "must be answered, ended the program"},
	} {
		got := judging.Judge(vector(c.result, ""), protocol.Answer{Verdict: c.verdict})
		if got.Kind != c.kind || got.Why != c.why {
			t.Errorf("%s, %s: %s %q, want %s %q", c.result, c.verdict, got.Kind, got.Why, c.kind, c.why)
		}
	}
}

// TestRequire checks that a required answer turns a question into a rule.
func TestRequire(t *testing.T) {
	for _, c := range []struct {
		required string
		verdict  reference.Verdict
		want     conformance.Outcome
		kind     vectors.BugType
	}{
		{"first", reference.Accept, conformance.Passed, ""},
		{"first", reference.Reject, conformance.Failed, vectors.FalseReject},
		{"last", reference.Accept, conformance.Failed, vectors.FalseAccept},
		{"last", reference.Reject, conformance.Passed, ""},
		{"rejected", reference.Accept, conformance.Failed, vectors.FalseAccept},
	} {
		judging := conformance.Judging{Require: map[string]string{"duplicate-names": c.required}, Book: vectors.Rules()}
		got := judging.Judge(vector(vectors.Question, ""), protocol.Answer{Verdict: c.verdict})
		if got.Outcome != c.want || got.Kind != c.kind {
			t.Errorf("first is %sed and %s required: %s %s, want %s %s", c.verdict, c.required, got.Outcome, got.Kind, c.want, c.kind)
		}
	}
}

// TestNotExercised checks that a validator that used decoded parameters is not
// tested for decoding.
func TestNotExercised(t *testing.T) {
	judging := conformance.Judging{Book: vectors.Rules()}
	v := vector(vectors.Valid, "")
	for rule, want := range map[string]conformance.Outcome{"decoded-once": conformance.Skipped, "sorted-by-name": conformance.Passed} {
		v.Rules = []string{rule}
		if got := judging.Judge(v, protocol.Answer{Verdict: reference.Accept, Used: "params"}); got.Outcome != want {
			t.Errorf("%s: %s, want %s", rule, got.Outcome, want)
		}
	}
}
