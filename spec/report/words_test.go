package report_test

import (
	"regexp"
	"strings"
	"testing"

	"sigconform/spec/report"
	"sigconform/vectors"
)

// TestHonestWords: how many failures the causes explain of all, what is certain and
// what is probable, and advice stand in each report. A failure that two causes explain
// is shown by each as that cause has it.
func TestHonestWords(t *testing.T) {
	signs := func(s string) report.Bytes { return report.Bytes{Data: s, Of: len(s)} }
	first, second := signs("https://h/first"), signs("https://h/second")
	failure := func(id, cause string) report.Result {
		return report.Result{ID: id, Outcome: "failed", BugType: vectors.FalseReject, Expected: vectors.Valid, Verdict: "reject",
			Cause: cause, TwilioSigns: signs("https://h/right"), Advice: []string{"in Express: take req.originalUrl"}}
	}
	shared := failure("f/shared", "sure")
	shared.LikelySigns = &first
	r := &report.Report{
		Schema: 2, Status: 1, Suite: report.Suite{Digest: "sha256:0123456789abcdef"}, Counts: map[string]int{"failed": 3},
		Results: []report.Result{shared, failure("f/other", "sure"), failure("f/alone", "")},
		Causes: []report.Cause{
			{Defect: "sure", Says: "is mistaken", State: "confirmed", Explains: []string{"f/shared", "f/other"}, Signs: &first},
			{Defect: "unsure", Says: "is wrong too", State: "likely", Explains: []string{"f/shared"}, Signs: &second},
		},
		Warnings: []string{"something was noticed"},
	}
	html, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	junit, err := r.JUnit()
	if err != nil {
		t.Fatal(err)
	}
	plain := regexp.MustCompile("<[^>]*>").ReplaceAllString(string(html), "")
	for name, tried := range map[string]struct {
		text  string
		wants []string
	}{
		"HTML": {plain, []string{"2 mistakes explain 2 of 3 failures", "yours signs", "https://h/first", "yours probably signs",
			"https://h/second", "in Express: take", "The validator is mistaken", "The validator probably is wrong too", "something was noticed"}},
		"Markdown": {r.Markdown(), []string{"2 mistakes explain 2 of 3 failures", "yours signs   https://h/first",
			"yours probably signs https://h/second", "In Express: take", "something was noticed"}},
		"JUnit":       {string(junit), []string{"yours signs   https://h/first", "in Express: take", "note: something was noticed"}},
		"annotations": {r.Annotations(), []string{"in Express: take"}},
	} {
		for _, want := range tried.wants {
			if !strings.Contains(tried.text, want) {
				t.Errorf("%s says nowhere %q:\n%.4000s", name, want, tried.text)
			}
		}
	}
}

// TestPagesCountAlike: the report and the matrix say the same counts of the same
// results; what was not tested is said to be that, and is not left blank; errors with
// one message are one kind of failure.
func TestPagesCountAlike(t *testing.T) {
	result := func(id, outcome, rule, detail string) report.Result {
		r := report.Result{ID: id, Outcome: outcome, Verdict: "reject", Rules: []string{rule}, Detail: detail}
		if outcome == "failed" {
			r.BugType, r.Verdict = vectors.Crash, "error"
		}
		return r
	}
	suite := report.Suite{Digest: "sha256:0123456789abcdef"}
	one := &report.Report{
		Suite: suite, Validator: report.Validator{Name: "one"}, Counts: map[string]int{"passed": 2, "failed": 2, "skipped": 1}, Status: 1,
		Results: []report.Result{
			result("a/1", "passed", "r", ""), result("a/2", "passed", "r", ""), result("a/3", "failed", "r", `no such key "x1"`),
			result("b/4", "failed", "r", `no such key "y2"`), result("b/5", "skipped", "only-skipped", ""),
		},
		Questions: map[string]report.Reply{"q": {Asks: "which?", Words: "this one"}},
	}
	other := &report.Report{Suite: suite, Validator: report.Validator{Name: "other"}, Counts: map[string]int{}, Results: []report.Result{}}
	plain := func(html []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		text := regexp.MustCompile("(?s)<style.*?</style>|<script.*?</script>|<[^>]*>").ReplaceAllString(string(html), "")
		return strings.Join(strings.Fields(text), " ")
	}
	page := plain(one.HTML())
	for _, want := range []string{"2 of 4 passed", "Without a known cause 2 failures", "1 more of the kind"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report says nowhere %q:\n%.3000s", want, page)
		}
	}
	matrix := plain(report.NewMatrix([]*report.Report{one, other}, nil, "", one.Date).HTML())
	for _, want := range []string{"passed2of 4", "r2/4not tested", "only-skipped–not tested", "qwhich?this onenot tested"} {
		if !strings.Contains(matrix, want) {
			t.Errorf("the matrix says nowhere %q:\n%.3000s", want, matrix)
		}
	}
}
