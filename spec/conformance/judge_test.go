package conformance_test

import (
	"testing"

	"sigconform/adapters/protocol"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// vector returns a vector of no family's file.
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

// TestJudge: what each verdict means for each expectation.
func TestJudge(t *testing.T) {
	const (
		holds, fails, answered, unjudged = conformance.Holds, conformance.Fails, conformance.Answered, conformance.Unjudged
		listed                           = conformance.Outcome("listed") // holds, or fails if strict
	)
	type verdicts map[protocol.Verdict]conformance.Outcome
	for _, c := range []struct {
		result vectors.Result
		bug    vectors.BugType
		want   verdicts
	}{
		{vectors.Valid, "", verdicts{protocol.Accept: holds, protocol.Reject: fails, protocol.Error: fails,
			protocol.Timeout: fails, protocol.Died: fails, protocol.Unsupported: unjudged}},
		{vectors.Invalid, "", verdicts{protocol.Accept: fails, protocol.Reject: holds, protocol.Error: listed,
			protocol.Timeout: fails, protocol.Died: fails, protocol.Unsupported: unjudged}},
		{vectors.Invalid, vectors.Malleability, verdicts{protocol.Accept: listed, protocol.Reject: holds}},
		{vectors.Question, "", verdicts{protocol.Accept: answered, protocol.Reject: answered, protocol.Error: answered,
			protocol.Timeout: answered, protocol.Died: answered, protocol.Unsupported: unjudged}},
	} {
		for verdict, want := range c.want {
			for _, strict := range []bool{false, true} {
				judging := conformance.Judging{Strict: strict, Book: vectors.Rules()}
				got := judging.Judge(vector(c.result, c.bug), protocol.Answer{Verdict: verdict})
				expected := want
				if want == listed {
					expected = map[bool]conformance.Outcome{false: holds, true: fails}[strict]
				}
				if got.Outcome != expected {
					t.Errorf("%s %s, answered %s, strict %v: %s, want %s", c.result, c.bug, verdict, strict, got.Outcome, expected)
				}
				if want == listed && got.Kind == "" {
					t.Errorf("%s, answered %s: listed without a bug type", c.result, verdict)
				}
				if got.Outcome == holds && want == holds && got.Kind != "" {
					t.Errorf("%s, answered %s: holds, and is a %s", c.result, verdict, got.Kind)
				}
			}
		}
	}
}

func TestJudgeKind(t *testing.T) {
	judging := conformance.Judging{Book: vectors.Rules()}
	for _, c := range []struct {
		result  vectors.Result
		verdict protocol.Verdict
		kind    vectors.BugType
		why     string
	}{
		{vectors.Valid, protocol.Reject, vectors.FalseReject, "must accept, was rejected"},
		{vectors.Invalid, protocol.Accept, vectors.FalseAccept, "must reject, was accepted"},
		{vectors.Valid, protocol.Error, vectors.Crash, "must accept, ended in an error"},
		{vectors.Invalid, protocol.Died, vectors.Crash, "must reject, ended the program"},
		{vectors.Invalid, protocol.Timeout, vectors.Crash, "must reject, was not answered in time"},
	} {
		got := judging.Judge(vector(c.result, ""), protocol.Answer{Verdict: c.verdict})
		if got.Kind != c.kind || got.Why != c.why {
			t.Errorf("%s, %s: %s %q, want %s %q", c.result, c.verdict, got.Kind, got.Why, c.kind, c.why)
		}
	}
}

// TestRequire: a required answer makes a rule of a question.
func TestRequire(t *testing.T) {
	for _, c := range []struct {
		required string
		verdict  protocol.Verdict
		want     conformance.Outcome
		kind     vectors.BugType
	}{
		{"first", protocol.Accept, conformance.Holds, ""},
		{"first", protocol.Reject, conformance.Fails, vectors.FalseReject},
		{"last", protocol.Accept, conformance.Fails, vectors.FalseAccept},
		{"last", protocol.Reject, conformance.Holds, ""},
		{"rejected", protocol.Accept, conformance.Fails, vectors.FalseAccept},
	} {
		judging := conformance.Judging{Require: map[string]string{"duplicate-names": c.required}, Book: vectors.Rules()}
		got := judging.Judge(vector(vectors.Question, ""), protocol.Answer{Verdict: c.verdict})
		if got.Outcome != c.want || got.Kind != c.kind {
			t.Errorf("first is %sed and %s required: %s %s, want %s %s", c.verdict, c.required, got.Outcome, got.Kind, c.want, c.kind)
		}
	}
}

// TestNotExercised: who used decoded parameters was not asked about decoding.
func TestNotExercised(t *testing.T) {
	judging := conformance.Judging{Book: vectors.Rules()}
	v := vector(vectors.Valid, "")
	for rule, want := range map[string]conformance.Outcome{"decoded-once": conformance.Unjudged, "sorted-by-name": conformance.Holds} {
		v.Rules = []string{rule}
		if got := judging.Judge(v, protocol.Answer{Verdict: protocol.Accept, Used: "params"}); got.Outcome != want {
			t.Errorf("%s: %s, want %s", rule, got.Outcome, want)
		}
	}
}
