package report

import (
	"bytes"
	"encoding/json"

	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// The JSON report: everything that the terminal report is made of.
type (
	jsonReport struct {
		Schema    int                   `json:"schema"` // of this report
		Validator string                `json:"validator"`
		Status    int                   `json:"status"` // the exit status
		Stopped   string                `json:"stopped,omitempty"`
		Seconds   float64               `json:"seconds"`
		Counts    map[string]int        `json:"counts"`           // results by outcome
		Causes    []jsonCause           `json:"causes,omitempty"` // what explains the failures
		Results   []jsonResult          `json:"results"`
		Questions map[string]jsonAnswer `json:"questions"`
		Unsteady  []jsonChange          `json:"unsteady,omitempty"`
		Stale     []string              `json:"staleKnownFailures,omitempty"`
		Warnings  []string              `json:"warnings,omitempty"`
	}
	jsonResult struct {
		ID           string          `json:"id"`
		Rules        []string        `json:"rules,omitempty"`
		Expected     vectors.Result  `json:"expected"`
		Verdict      string          `json:"verdict,omitempty"`
		Outcome      string          `json:"outcome"`
		BugType      vectors.BugType `json:"bugType,omitempty"`
		Why          string          `json:"why,omitempty"`
		Detail       string          `json:"detail,omitempty"`
		Stderr       string          `json:"stderr,omitempty"`
		StringToSign *string         `json:"stringToSign,omitempty"`
		Cause        string          `json:"cause,omitempty"` // the defect that explains a failure
		Repeat       string          `json:"repeat,omitempty"`
	}
	jsonCause struct {
		Defect      string   `json:"defect"` // slug, or slug=value
		Says        string   `json:"says"`   // completes "The validator …"
		Hint        string   `json:"hint"`
		Equals      []string `json:"equals,omitempty"` // defects that would have answered the same
		Explains    []string `json:"explains"`         // ids of failures
		Contradicts []string `json:"contradicts,omitempty"`
		Probed      int      `json:"probed"`    // requests signed as the defect signs them …
		Confirmed   int      `json:"confirmed"` // … and those of them that were accepted
	}
	jsonAnswer struct {
		Accepted []string `json:"accepted"`
		Other    []string `json:"other,omitempty"`
	}
	jsonChange struct {
		ID     string `json:"id"`
		First  string `json:"first"`
		Second string `json:"second"`
	}
)

// JSON returns the report of a run for programs. Repeat returns the command
// that asks one vector again.
func JSON(run *conformance.Run, target string, repeat func(id string) string) ([]byte, error) {
	report := jsonReport{
		Schema: 1, Validator: target, Status: run.Status(), Seconds: run.Elapsed.Seconds(),
		Counts: map[string]int{}, Questions: map[string]jsonAnswer{},
		Stale: run.Stale, Warnings: run.Warnings,
	}
	if run.Stopped != nil {
		report.Stopped = run.Stopped.Error()
	}
	for _, r := range run.Results {
		report.Counts[string(r.Outcome)]++
		result := jsonResult{
			ID: r.Vector.ID, Rules: r.Vector.Rules, Expected: r.Vector.Result,
			Verdict: string(r.Answer.Verdict), Outcome: string(r.Outcome), BugType: r.Kind, Why: r.Why,
			Detail: r.Answer.Detail, Stderr: r.Answer.Stderr, StringToSign: r.Answer.StringToSign,
		}
		if r.Outcome == conformance.Fails || r.Outcome == conformance.Known {
			result.Repeat = repeat(r.Vector.ID)
			if cause := run.Diagnosis.CauseOf(r); cause != nil {
				result.Cause = cause.Defect.Key()
			}
		}
		report.Results = append(report.Results, result)
	}
	if run.Diagnosis != nil {
		for _, cause := range run.Diagnosis.Causes {
			report.Causes = append(report.Causes, causeJSON(cause))
		}
	}
	for _, reply := range run.Replies() {
		report.Questions[reply.Question] = jsonAnswer{append([]string{}, reply.Accepted...), reply.Other}
	}
	for _, change := range run.Unsteady {
		report.Unsteady = append(report.Unsteady, jsonChange{change.Vector.ID, string(change.First), string(change.Second)})
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(report)
	return out.Bytes(), err
}

func causeJSON(c *conformance.Cause) jsonCause {
	cause := jsonCause{
		Defect: c.Defect.Key(), Says: c.Defect.Says(), Hint: c.Defect.Hint(),
		Explains: ids(c.Explains), Contradicts: ids(c.Contradicts), Probed: c.Probed, Confirmed: c.Confirmed,
	}
	for _, equal := range c.Equals {
		cause.Equals = append(cause.Equals, equal.Key())
	}
	return cause
}

func ids(results []*conformance.Result) []string {
	var ids []string
	for _, r := range results {
		ids = append(ids, r.Vector.ID)
	}
	return ids
}
