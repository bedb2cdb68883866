package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sigconform/spec/report"
)

// TestLyingReports: what is shown of a report is computed from its results, and a
// report that says otherwise is refused.
func TestLyingReports(t *testing.T) {
	_, data := reportOf(t, "right", validators(t)["right"])
	for name, lie := range map[string]func(r map[string]any){
		"counts":    func(r map[string]any) { r["counts"].(map[string]any)["passed"] = 9999 },
		"no counts": func(r map[string]any) { r["counts"] = map[string]any{} },
		"a failure": func(r map[string]any) { r["counts"].(map[string]any)["failed"] = 1 },
		"status":    func(r map[string]any) { r["status"] = 1 },
		"stopped":   func(r map[string]any) { r["stopped"] = "it is gone" },
		"unsteady": func(r map[string]any) {
			r["unsteady"] = []any{map[string]any{"id": "a/b", "first": "accept", "second": "reject"}}
		},
		"deaths":       func(r map[string]any) { r["deaths"] = "it died" },
		"a fault":      func(r map[string]any) { r["results"].([]any)[0].(map[string]any)["verdict"] = "malformed" },
		"never sent":   func(r map[string]any) { delete(r["results"].([]any)[0].(map[string]any), "verdict") },
		"other answer": func(r map[string]any) { answerOtherwise(r["results"].([]any)[0].(map[string]any)) },
	} {
		var r map[string]any
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatal(err)
		}
		delete(r, "staleKnownFailures")
		r["status"] = 0
		lie(r)
		lied, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := report.Decode(lied); err == nil || !strings.Contains(err.Error(), "contradicts itself") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func answerOtherwise(result map[string]any) {
	if result["verdict"] == "accept" {
		result["verdict"] = "reject"
	} else {
		result["verdict"] = "accept"
	}
}

// TestHostileMatrix: names, slugs and ids of foreign reports are text in a terminal,
// and a validator called index.html has a folder that is not the page.
func TestHostileMatrix(t *testing.T) {
	_, data := reportOf(t, "right", validators(t)["right"])
	var hostileReports []*report.Report
	for _, name := range []string{"index.html", "Matrix.JSON", hostile} {
		r, err := report.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		r.Validator.Name = name
		for i := range r.Results {
			r.Results[i].Rules = []string{hostile}
			r.Results[i].Comment = hostile
		}
		r.Causes = []report.Cause{{Defect: hostile, Says: hostile, Explains: []string{r.Results[0].ID}}}
		r.Questions[hostile] = report.Reply{Words: name}
		hostileReports = append(hostileReports, r)
	}
	skipped := []report.Skipped{{Validator: report.Validator{Name: hostile}, Reason: hostile}}
	matrix := report.NewMatrix(hostileReports, skipped, "test", time.Now())
	for _, column := range matrix.Validators {
		if column.Key == "index.html" || column.Key == "matrix.json" || strings.ContainsAny(column.Key, "/\\\x00") {
			t.Errorf("the folder %q", column.Key)
		}
	}
	for name, text := range map[string]string{"matrix": matrix.Text(), "report.md": hostileReports[2].Markdown()} {
		if strings.ContainsAny(text, "\x1b\x00\u202e\u009b") {
			t.Errorf("%s: a control character", name)
		}
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "::") {
				t.Errorf("%s: a workflow command: %s", name, line)
			}
		}
	}
	if page, err := hostileReports[2].HTML(); err != nil || bytes.Contains(page, []byte("<script>alert")) {
		t.Errorf("the page: %v", err)
	}
}
