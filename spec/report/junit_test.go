package report_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"

	"sigconform/spec/conformance"
	"sigconform/spec/report"
	"sigconform/vectors"
)

// junit is as much of junit.xml as a CI system reads.
type junit struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
	Suites   []struct {
		Name  string `xml:"name,attr"`
		Cases []struct {
			Class   string `xml:"classname,attr"`
			Name    string `xml:"name,attr"`
			Failure *struct {
				Type    string `xml:"type,attr"`
				Message string `xml:"message,attr"`
				Text    string `xml:",chardata"`
			} `xml:"failure"`
			Error *struct {
				Text string `xml:",chardata"`
			} `xml:"error"`
			Skipped *struct {
				Message string `xml:"message,attr"`
			} `xml:"skipped"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func junitOf(t *testing.T, r *report.Report) (junit, []byte) {
	t.Helper()
	data, err := r.JUnit()
	if err != nil {
		t.Fatal(err)
	}
	var read junit
	if err := xml.Unmarshal(data, &read); err != nil {
		t.Fatalf("%v\n%.2000s", err, data)
	}
	return read, data
}

// TestJUnit: a case for each vector, in the class of its family; it is red exactly
// when the run is; whatever the validator says, it is XML without its markup.
func TestJUnit(t *testing.T) {
	for name, validator := range validators(t) {
		r, _ := reportOf(t, name, validator)
		read, data := junitOf(t, r)
		cases := map[string]bool{}
		failures, errs, skipped := 0, 0, 0
		for _, suite := range read.Suites {
			for _, c := range suite.Cases {
				cases[c.Name] = true
				if c.Class != suite.Name {
					t.Errorf("%s: %s has the class %s in the suite %s", name, c.Name, c.Class, suite.Name)
				}
				switch {
				case c.Failure != nil:
					failures++
				case c.Error != nil:
					errs++
				case c.Skipped != nil:
					skipped++
					if c.Skipped.Message == "" {
						t.Errorf("%s: %s is skipped without a reason", name, c.Name)
					}
				}
			}
		}
		for _, result := range r.Results {
			if !cases[result.ID] {
				t.Errorf("%s: %s is no test case", name, result.ID)
			}
		}
		if read.Failures != failures || read.Errors != errs || read.Skipped != skipped {
			t.Errorf("%s: it counts %d, %d, %d, and has %d, %d, %d", name, read.Failures, read.Errors, read.Skipped, failures, errs, skipped)
		}
		if red := read.Failures+read.Errors > 0; red != (r.Status != conformance.StatusConformant) {
			t.Errorf("%s: it is red: %v, and the run ended with %d", name, red, r.Status)
		}
		if bytes.Contains(data, []byte("<property")) || regexp.MustCompile(`[\x00-\x08\x0b\x0c\x0e-\x1f]`).Match(data) {
			t.Errorf("%s: it has properties or control characters", name)
		}
		elements := map[string]bool{}
		for decoder := xml.NewDecoder(bytes.NewReader(data)); ; {
			token, err := decoder.Token()
			if err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if start, is := token.(xml.StartElement); is {
				elements[start.Name.Local] = true
			}
		}
		for _, known := range []string{"testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"} {
			delete(elements, known)
		}
		if len(elements) > 0 {
			t.Errorf("%s: the validator has put %v into it", name, elements)
		}
	}
}

// TestJUnitSaysWhatIsWrong: a failure has what a person needs to fix it.
func TestJUnitSaysWhatIsWrong(t *testing.T) {
	r, _ := reportOf(t, "unsorted", validators(t)["unsorted"])
	read, _ := junitOf(t, r)
	for _, suite := range read.Suites {
		for _, c := range suite.Cases {
			if c.Name != "form-order/unsorted" {
				continue
			}
			if c.Failure == nil || c.Failure.Type != "FALSE_ACCEPT" ||
				!strings.Contains(c.Failure.Message, "must reject, was accepted: it does not sort") {
				t.Fatalf("%+v", c.Failure)
			}
			for _, want := range []string{
				"An attacker can send forged webhooks.", "cause  ", "fix  ", "Twilio signs  https://example.com/myappa1b2",
				"yours signs   https://example.com/myappb2a1", "repeat        sigconform run --id form-order/unsorted",
			} {
				if !strings.Contains(c.Failure.Text, want) {
					t.Errorf("no %q in:\n%s", want, c.Failure.Text)
				}
			}
			return
		}
	}
	t.Error("there is no form-order/unsorted")
}

// TestPageIsSmall: the page has less than 500 KB if every vector fails.
func TestPageIsSmall(t *testing.T) {
	r, _ := reportOf(t, "unsorted", validators(t)["unsorted"])
	for i := range r.Results {
		result := &r.Results[i]
		result.Outcome, result.BugType, result.Why = string(conformance.Failed), vectors.FalseAccept, "must reject, was accepted"
		for j := range r.Causes {
			if len(r.Causes[j].Explains) < len(r.Results) {
				r.Causes[j].Explains = append(r.Causes[j].Explains, result.ID)
			}
		}
	}
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if len(page) > 500_000 {
		t.Errorf("with %d failures the page has %d bytes", len(r.Results), len(page))
	}
}
