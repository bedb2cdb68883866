package judge_test

import (
	"testing"

	"sigconform/fuzz/generate"
	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/vectors"
)

// judgedThough lists the questions to which the judge demands an answer
// nevertheless, and why it may.
var judgedThough = map[string]string{
	"concatenation":         "the two readings are one request to the validator, and the signature is the right one",
	"form-duplicates/first": "a form with a second value that is not signed must be rejected (body-covered)",
	"form-duplicates/last":  "a form with a second value that is not signed must be rejected (body-covered)",
}

// TestJudgeAgreesWithTheVectors checks that the judge leaves open what the vectors
// leave open, and that the vectors demand what the judge demands.
func TestJudgeAgreesWithTheVectors(t *testing.T) {
	demanded, left := 0, 0
	for _, v := range vectors.Builtin().Vectors() {
		if !v.Askable() || judgedThough[v.Question] != "" || judgedThough[v.ID] != "" {
			continue
		}
		c := generate.CaseOf(v)
		got := judge.Judge(&c)
		want := map[vectors.Result]judge.Expectation{
			vectors.Valid: judge.MustAccept, vectors.Invalid: judge.MustReject, vectors.Question: judge.NotJudged,
		}[v.Result]
		switch {
		case got == want && got != judge.NotJudged:
			demanded++
		case got == want:
		case got == judge.NotJudged:
			left++
			t.Logf("%s: the vector says %s, the judge leaves it open %q", v.ID, v.Result, judge.Questions(&c))
		default:
			t.Errorf("%s: the vector says %s, the judge says %s", v.ID, v.Result, got)
		}
	}
	t.Logf("%d vectors demanded, %d more left open", demanded, left)
	if demanded < 8*left {
		t.Errorf("the judge demands %d of the vectors and leaves %d open", demanded, left)
	}
}

// TestEscapedHashName: to who does not find an escaped name a request without a body has
// no hash either, and its signature is right.
func TestEscapedHashName(t *testing.T) {
	for name, want := range map[string]judge.Expectation{"bodySHA256": judge.MustReject, "body%53HA256": judge.NotJudged} {
		contentType := "application/json"
		c := judge.Correct("12345", reference.Request{Method: "POST", ContentType: &contentType,
			URL: "https://example.com/p?" + name + "=" + reference.BodyHash([]byte("{}"))})
		c.Signed.String = c.Signed.URL // it was signed when there was a body
		if got := judge.Judge(&c); got != want {
			t.Errorf("%s: it %s, it should be %s", name, got, want)
		}
	}
}

// TestQuestionsAreKnown checks that the rulebook has every question of the judge.
func TestQuestionsAreKnown(t *testing.T) {
	book := vectors.Rules()
	for number := range uint64(5000) {
		for _, c := range generate.Episode(nil, generate.Seeded(1, number), nil) {
			for _, question := range judge.Questions(&c.Case) {
				if _, known := book.Questions[question]; !known && question != judge.Unusual {
					t.Fatalf("%q is not a question", question)
				}
			}
		}
	}
}

// TestHandshakeQuery: whether a query over WebSocket is signed as it stands, or its
// parameters are appended, is a question, and so are parameters without a value,
// which parsers leave out. One with a value must not be added.
func TestHandshakeQuery(t *testing.T) {
	for query, want := range map[string]judge.Expectation{
		"?foo": judge.NotJudged, "?a=&b": judge.NotJudged, "?a=1": judge.MustReject, "?a=&b=1": judge.MustReject,
	} {
		signed := judge.Correct("12345", reference.Request{Method: "GET", URL: "wss://example.com/stream"})
		c := judge.Case{Token: "12345", Request: reference.Request{Method: "GET", URL: "wss://example.com/stream" + query}, Signed: signed.Signed}
		if got := judge.Judge(&c); got != want {
			t.Errorf("%s added: %s, not %s", query, got, want)
		}
	}
}
