package report_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/spec/report"
	"sigconform/vectors"
)

// bodiless is a right application that takes no body, as a WebSocket endpoint does.
type bodiless struct{ answers }

func (bodiless) KeysOf(v *vectors.Vector) (string, reference.Request, bool) {
	return string(v.AuthToken), v.Request.Reference(), true
}

func (bodiless) NotApplicable(v *vectors.Vector) string {
	if len(v.Request.Reference().Body) > 0 {
		return "it has a body"
	}
	return ""
}

// TestNotApplicable: what an application cannot be sent is neither tested nor skipped,
// and every report says how much is left.
func TestNotApplicable(t *testing.T) {
	right := reference.New()
	sent := 0
	validator := bodiless{func(c protocol.Case) (protocol.Answer, error) {
		if sent++; len(c.Request.Body) > 0 {
			t.Errorf("%s was sent", c.ID)
		}
		return adapters.Answer(right, c), nil
	}}
	book := vectors.Rules()
	selected, err := conformance.Selection{IDs: []string{"get/*", "form-order/*", "body-json/*"}}.Select(vectors.Builtin().Vectors())
	if err != nil {
		t.Fatal(err)
	}
	run := conformance.Ask(context.Background(), validator, selected, conformance.Judging{Book: book, Seed: 1}, nil)
	if run.Stopped != nil {
		t.Fatal(run.Stopped)
	}
	var terminal strings.Builder
	(&report.Terminal{Out: &terminal, Target: "mine", Book: book, Repeat: func(id string) string { return id }}).Write(run)
	written := report.New(run, report.About{
		Version: "v1", Date: time.Now(), Corpus: selected, Judging: conformance.Judging{Book: book},
		Validator: report.Validator{Name: "mine"}, Repeat: func(id string) string { return id },
	})
	data, err := written.JSON()
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	tests, xml := junitOf(t, r)

	inapplicable, skipped := r.Counts["not-applicable"], r.Counts["skipped"]
	if inapplicable < 50 || skipped > 0 || r.Scope == nil || r.Scope.Tested == 0 || len(r.Scope.Untested) == 0 ||
		r.Scope.Tested+len(r.Scope.Untested) != r.Scope.Rules {
		t.Fatalf("%v, %+v", r.Counts, r.Scope)
	}
	if tests.Tests != len(r.Results)-inapplicable {
		t.Errorf("junit.xml has %d tests of %d", tests.Tests, len(r.Results))
	}
	for name, text := range map[string]string{
		"terminal": terminal.String(), "report.md": r.Markdown(), "index.html": string(page), "junit.xml": string(xml),
	} {
		for _, want := range []string{r.Scope.String(), "do not apply", "it has a body"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q:\n%.3000s", name, want, text)
			}
		}
		for _, bad := range []string{" skipped:", "- form-order/"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s says %q", name, bad)
			}
		}
	}
	for name, text := range map[string]string{"report.md": r.Markdown(), "index.html": string(page)} {
		for _, rule := range r.Scope.Untested {
			if !strings.Contains(text, rule+"</code>") && !strings.Contains(text, "`"+rule+"`") {
				t.Errorf("%s does not say that %s was not tested", name, rule)
			}
		}
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := strictSchema(t, "urn:sigconform:report:3").Validate(value); err != nil {
		t.Error(err)
	}

	for what, lie := range map[string]func(*report.Report){
		"scope":    func(r *report.Report) { r.Scope.Tested++ },
		"no scope": func(r *report.Report) { r.Scope = nil },
		"verdict": func(r *report.Report) {
			for i := range r.Results {
				if r.Results[i].Outcome == "not-applicable" {
					r.Results[i].Verdict = "accept"
				}
			}
		},
	} {
		lying, err := report.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		lie(lying)
		lied, err := lying.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := report.Decode(lied); err == nil || !strings.Contains(err.Error(), "contradicts itself") {
			t.Errorf("a lie about the %s: %v", what, err)
		}
	}
}
