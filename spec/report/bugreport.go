package report

import (
	"encoding/json"
	"strings"

	"sigconform/reference/diagnosis"
)

// This file makes of a failure a bug report for the project of the validator.

// bugReport returns a failure as Markdown to be pasted into the issue tracker
// of the validator's project: what it did, why that is wrong, the request, the
// bytes, and how it is repeated.
func (r *Report) bugReport(failure resultView) string {
	var m markdown
	cause := failure.by
	title := failure.Comment
	switch {
	case cause != nil && cause.State == string(diagnosis.Confirmed):
		title = "The validator " + cause.Says
	case cause != nil:
		title = "The validator probably " + cause.Says
	}
	m.line("### %s\n", text(title))
	m.line("%s %s: X-Twilio-Signature validation of `%s` (%s).",
		r.Validator.label(), text(failure.Why), failure.ID, bugName(failure.BugType))
	m.line("")
	for _, rule := range failure.Rules {
		m.line("- Rule %s: %s (%s)", code(Clean(rule, 100)), text(r.Rules[rule].Says), text(r.Rules[rule].Source.String()))
	}
	m.line("- Vector `%s`: %s (%s)", failure.ID, text(failure.Comment), text(failure.Source.String()))
	for _, often := range r.Often(failure.Result) {
		m.line("- Often %s", text(often))
	}
	m.line("\nRequest:\n")
	short := failure.Request
	short.URL, short.AuthToken = short.URL.start(mostShown), short.AuthToken.start(mostShown)
	if short.Body != nil {
		body := short.Body.start(mostShown)
		short.Body = &body
	}
	request, _ := json.MarshalIndent(short, "", "  ")
	m.fence("json", string(request))
	m.line("")
	if excerpt := failure.excerpt(); excerpt != "" {
		m.fence("", excerpt)
	} else {
		m.fence("", "Twilio signs  "+Clean(failure.TwilioSigns.Data, 400))
	}
	if failure.NotCovered {
		m.line("\nThe signature does not cover the body.")
	}
	if failure.Detail != "" {
		m.line("\nIt said:\n")
		m.fence("", strings.Join(CleanLines(failure.Detail, 20, 300), "\n"))
	}
	if cause != nil {
		m.line("\nCause: it %s (%s; %s). %s", text(cause.Says), code(Clean(cause.Defect, 100)), text(cause.Sureness), text(cause.Hint))
	}
	for _, line := range failure.Advice {
		m.line("\n%s.", text(capital(line)))
	}
	m.line("\nRepeat with sigconform %s:\n", text(r.Suite.Version))
	m.fence("sh", Clean(failure.Repeat, 2000))
	return m.String()
}
