package endpoint_test

import (
	"strings"
	"testing"

	"sigconform/spec/endpoint"
	"sigconform/vectors"
)

// TestChecksCanBeShown: every check is about a rule or a question that the books
// know, says where it is written, and has a valid vector; those that a run adds are
// among them.
func TestChecksCanBeShown(t *testing.T) {
	book := vectors.Rules()
	shown := map[string]bool{}
	for _, c := range endpoint.Checks() {
		v := c.Vector
		shown[v.ID] = true
		for _, rule := range v.Rules {
			if book.Rules[rule].Says == "" {
				t.Errorf("%s: there is no rule %s", v.ID, rule)
			}
		}
		question, isQuestion := endpoint.Questions[v.Question]
		if isQuestion && question.Answers[v.Answer] == "" || !isQuestion && len(v.Rules) == 0 {
			t.Errorf("%s: it is about no rule, and no answer to a question: %s=%s", v.ID, v.Question, v.Answer)
		}
		if !strings.HasPrefix(v.Family.File, "spec/endpoint/") || v.Line == 0 || v.Family.Title == "" {
			t.Errorf("%s: written at %s:%d, of the family %q", v.ID, v.Family.File, v.Line, v.Family.Title)
		}
		if v.AuthToken != "12345" || strings.Contains(string(v.Request.URL), "password") {
			t.Errorf("%s: token %s, URL %s", v.ID, v.AuthToken, v.Request.URL)
		}
	}
	for _, id := range []string{"endpoint/calibration", "endpoint-login/later", "endpoint-guard/path",
		"endpoint-guard/refusal-body"} {
		if !shown[id] {
			t.Errorf("%s is not shown", id)
		}
	}
}
