package fuzz

import (
	"testing"

	"sigconform/vectors"
)

// judgedThough are the questions of which the judge demands an answer all the
// same, and why it may.
var judgedThough = map[string]string{
	"concatenation":         "the two readings are one request to the validator, and the signature is the right one",
	"form-duplicates/first": "a form with a second value that is not signed must be rejected (body-covered)",
	"form-duplicates/last":  "a form with a second value that is not signed must be rejected (body-covered)",
}

// TestJudgeAgreesWithTheVectors: what the vectors leave open the judge leaves
// open, and what it demands they demand.
func TestJudgeAgreesWithTheVectors(t *testing.T) {
	demanded, left := 0, 0
	for _, v := range vectors.Builtin().Vectors() {
		if !v.Askable() || judgedThough[v.Question] != "" || judgedThough[v.ID] != "" {
			continue
		}
		c := caseOf(v)
		got := Judge(c)
		want := map[vectors.Result]Expectation{vectors.Valid: MustAccept, vectors.Invalid: MustReject, vectors.Question: NotJudged}[v.Result]
		switch {
		case got == want && got != NotJudged:
			demanded++
		case got == want:
		case got == NotJudged:
			left++
			t.Logf("%s: the vector says %s, the judge leaves it open %q", v.ID, v.Result, Questions(c))
		default:
			t.Errorf("%s: the vector says %s, the judge says %s", v.ID, v.Result, got)
		}
	}
	t.Logf("%d vectors demanded, %d more left open", demanded, left)
	if demanded < 8*left {
		t.Errorf("the judge demands %d of the vectors and leaves %d open", demanded, left)
	}
}
