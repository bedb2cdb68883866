package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"sigconform/spec/conformance"
)

// This file makes junit.xml. The rules are: a test case for each vector that applies,
// named by its id and in the class of its family; what stops a run, or is wrong with it as
// a whole, is a case too, so that the file is red exactly when the run is; no path
// of this machine, and no property; text of the validator is cleaned and cut.

type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Timestamp string      `xml:"timestamp,attr"`
		Cases     []junitCase `xml:"testcase"`
		Notes     string      `xml:"system-out,omitempty"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Failure *junitFailure `xml:"failure"`
		Error   *junitFailure `xml:"error"`
		Skipped *junitSkipped `xml:"skipped"`
	}
	junitFailure struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// JUnit returns the report as junit.xml, for the test report of a CI system.
func (r *Report) JUnit() ([]byte, error) {
	all := junitSuites{Name: "sigconform: " + Clean(r.Validator.Name, 200), Time: fmt.Sprintf("%.3f", r.Seconds)}
	if cases := r.junitRun(); len(cases)+len(r.Warnings) > 0 || r.Scope != nil {
		all.add(r, "run", cases)
		all.Suites[0].Notes = r.junitNotes()
	}
	for start := 0; start < len(r.Results); {
		family, end := r.Results[start].Family(), start
		var cases []junitCase
		for ; end < len(r.Results) && r.Results[end].Family() == family; end++ {
			if r.Results[end].Outcome != string(conformance.NotApplicable) {
				cases = append(cases, r.junitCase(&r.Results[end]))
			}
		}
		if start = end; len(cases) > 0 {
			all.add(r, family, cases)
		}
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	encoder := xml.NewEncoder(&out)
	encoder.Indent("", "  ")
	err := encoder.Encode(all)
	out.WriteByte('\n')
	return out.Bytes(), err
}

func (all *junitSuites) add(r *Report, name string, cases []junitCase) {
	suite := junitSuite{Name: name, Tests: len(cases), Timestamp: r.Date.Format("2006-01-02T15:04:05"), Cases: cases}
	for _, c := range cases {
		switch {
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		case c.Skipped != nil:
			suite.Skipped++
		}
	}
	all.Tests, all.Failures = all.Tests+suite.Tests, all.Failures+suite.Failures
	all.Errors, all.Skipped = all.Errors+suite.Errors, all.Skipped+suite.Skipped
	all.Suites = append(all.Suites, suite)
}

// junitRun are the cases of what is wrong with the run as a whole.
func (r *Report) junitRun() []junitCase {
	var cases []junitCase
	if r.Stopped != "" {
		text := strings.Join(CleanLines(r.Stopped, 20, 300), "\n")
		cases = append(cases, junitCase{Class: "run", Name: "the run proves something",
			Error: &junitFailure{"STOPPED", "the run proves nothing", text}})
	}
	if len(r.Unsteady) > 0 {
		var changes []string
		for _, change := range r.Unsteady {
			changes = append(changes, fmt.Sprintf("%s: %s, then %s", change.ID, change.First, change.Second))
		}
		message := fmt.Sprintf("the answers to %s changed when they were sent again", plural(len(changes), "vector"))
		cases = append(cases, junitCase{Class: "run", Name: "answers do not change",
			Failure: &junitFailure{"UNSTEADY", message, strings.Join(changes, "\n")}})
	}
	if r.Deaths != "" {
		deaths := Clean(r.Deaths, 400)
		cases = append(cases, junitCase{Class: "run", Name: "it does not die", Failure: &junitFailure{"CRASH", deaths, ""}})
	}
	if r.Drawn != nil && len(r.Drawn.Failures) > 0 {
		text := []string{WhyDrawn + "."}
		for _, failure := range r.Drawn.Failures[:min(len(r.Drawn.Failures), shownIDs)] {
			text = append(text, fmt.Sprintf("sent as %s: %s. %s", Clean(failure.ID, 200), failure.Why, Clean(failure.Comment, 300)))
		}
		text = append(text, "repeat        "+Clean(r.Drawn.Repeat, 2000))
		cases = append(cases, junitCase{Class: "run", Name: "requests that are drawn beside the vectors",
			Failure: &junitFailure{
				string(r.Drawn.Failures[0].BugType), DrawnWrongly(len(r.Drawn.Failures), r.Drawn.Sent), strings.Join(text, "\n"),
			}})
	}
	for _, stale := range r.Stale {
		stale = Clean(stale, 400)
		cases = append(cases, junitCase{Class: "run", Name: stale, Failure: &junitFailure{"STALE", stale, ""}})
	}
	if len(cases) == 0 && r.Status != conformance.StatusConformant && r.Counts[string(conformance.Failed)] == 0 {
		cases = append(cases, junitCase{Class: "run", Name: "the run is conformant",
			Error: &junitFailure{"STATUS", fmt.Sprintf("the run ended with status %d", r.Status), ""}})
	}
	return cases
}

// junitNotes is what else was noticed, a line for each.
func (r *Report) junitNotes() string {
	var lines []string
	for _, warning := range r.Warnings {
		lines = append(lines, "note: "+strings.Join(CleanLines(warning, 8, 300), "\n    "))
	}
	if r.Scope != nil {
		lines = append(lines, fmt.Sprintf("%s; %s and have no test case:", r.Scope, applying(r.Counts[string(conformance.NotApplicable)])))
	}
	for _, reason := range r.NotApplicable() {
		lines = append(lines, fmt.Sprintf("    %d × %s", reason.Count, Clean(reason.Why, 300)))
	}
	return strings.Join(lines, "\n")
}

func (r *Report) junitCase(result *Result) junitCase {
	c := junitCase{Class: result.Family(), Name: result.ID}
	switch conformance.Outcome(result.Outcome) {
	case conformance.Failed:
		c.Failure = &junitFailure{string(result.BugType), r.junitMessage(result), r.FailureText(result)}
	case conformance.Known:
		c.Skipped = &junitSkipped{"known failure: " + r.junitMessage(result)}
	case conformance.Skipped:
		c.Skipped = &junitSkipped{r.skipReason(result)}
	case conformance.Answered:
		c.Skipped = &junitSkipped{fmt.Sprintf("open question %s: its answer is %s; never judged", result.Question, result.Verdict)}
	}
	return c
}

func (r *Report) junitMessage(result *Result) string {
	message := result.Why
	if cause := r.cause(result.Cause); cause != nil {
		message += ": it " + cause.Says
	}
	return Clean(message, 300)
}

// skipReason is why nothing can be said of a vector, with what the validator said.
func (r *Report) skipReason(result *Result) string {
	if result.Verdict == "unsupported" && result.Detail != "" {
		return result.Why + ": " + Clean(result.Detail, 200)
	}
	return result.Why
}

// FailureText says about one failure what a person needs to fix it, in plain lines:
// what it does, the cause and the fix, both strings to sign, and how it is repeated.
func (r *Report) FailureText(result *Result) string {
	var out strings.Builder
	line := func(label, text string) {
		fmt.Fprintf(&out, "%-13s %s\n", label, text)
	}
	fmt.Fprintf(&out, "\n%s.\n", Effect(result.BugType))
	line("vector", result.Comment)
	if cause := r.cause(result.Cause); cause != nil {
		line("cause", fmt.Sprintf("it %s (%s); %s", cause.Says, cause.Defect, cause.Sureness))
		line("fix", cause.Hint)
	} else if !r.IsDiagnosis() {
		line("cause", "unknown")
	}
	for _, advice := range result.Advice {
		line("", Clean(advice, 600))
	}
	for _, rule := range result.Rules {
		line("rule", rule+": "+firstSentence(r.Rules[rule].Says))
	}
	if excerpt := r.With(*result).excerpt(); excerpt != "" {
		out.WriteString(excerpt + "\n")
	} else if result.TwilioSigns.Data != "" {
		line("Twilio signs", Clean(result.TwilioSigns.Data, 400))
	}
	if result.NotCovered {
		line("body", "not covered by the signature")
	}
	if result.Detail != "" {
		line("it said", Clean(result.Detail, 600))
	}
	line("repeat", Clean(result.Repeat, 2000))
	return out.String()
}
