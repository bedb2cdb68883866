package fuzz

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/vectors"
)

// This file writes what a person reads. Whatever a validator or a generated
// request says is shown quoted.

// WriteSummary writes what came of the run, the worst findings first. Replay
// is the command that repeats a finding.
func (r *Report) WriteSummary(out io.Writer, target string, replay func(f *Finding) string) {
	for _, bugType := range []vectors.BugType{vectors.FalseAccept, vectors.Crash, vectors.FalseReject} {
		for _, f := range r.Findings {
			if f.BugType() == bugType {
				f.write(out, replay(f))
			}
		}
	}
	r.writeNotes(out)
	rate := float64(r.Cases) / max(r.Elapsed.Seconds(), 1e-3)
	fmt.Fprintf(out, "%d cases in %s (%.0f/s) against %s, seed %d: %d must be accepted, %d rejected, %d open\n",
		r.Cases, r.Elapsed.Round(time.Millisecond), rate, target, r.Seed, r.Expected[judge.MustAccept], r.Expected[judge.MustReject],
		r.Expected[judge.NotJudged])
	switch n := len(r.Findings); {
	case n == 0 && (r.Last != nil || r.Interrupted):
		fmt.Fprintln(out, "nothing found until then")
	case n == 0 && r.Beside > 0:
		fmt.Fprintln(out, "nothing else found")
	case n == 0:
		fmt.Fprintln(out, "nothing found")
	case n == 1:
		fmt.Fprintf(out, "1 finding; it explains %s\n", answers(r.explained()))
	default:
		fmt.Fprintf(out, "%d findings; they explain %s\n", len(r.Findings), answers(r.explained()))
	}
}

func (r *Report) explained() int {
	n := 0
	for _, f := range r.Findings {
		n += f.Count
	}
	return n
}

func (r *Report) writeNotes(out io.Writer) {
	for _, w := range r.Warnings {
		fmt.Fprintln(out, "note:", plain(w, 300))
	}
	if n := r.Notes; r.Unsupported > 0 {
		fmt.Fprintf(out, "note: %d cases got no verdict, for example %s for %s\n", r.Unsupported, quoted(n.UnsupportedSays, 160),
			requestLine(n.Unsupported.Request))
	}
	if n := r.Notes; n.Errors > 0 {
		fmt.Fprintf(out, "note: it threw %s where it should have rejected, first %s for %s\n", times(n.Errors),
			quoted(n.ErrorSays, 120), requestLine(n.Error.Request))
	}
	if r.Flaky > 0 {
		fmt.Fprintf(out, "note: %s did not come again: it remembers something, or answers by chance\n", answers(r.Flaky))
	}
	if r.Lasting && len(r.Findings) > 0 {
		fmt.Fprintln(out, "note: it cannot be started again, so a wrong answer may be due to what it was sent before; repeat it after a "+
			"restart to see")
	}
	if r.Last != nil {
		fmt.Fprintf(out, "note: the run ended at %s\n", requestLine(r.Last.Request))
	}
	if r.Interrupted {
		fmt.Fprintf(out, "note: the run was interrupted after %d cases\n", r.Cases)
	}
	if r.Stopped != "" {
		fmt.Fprintf(out, "note: the run was stopped: %s\n", r.Stopped)
	}
	if r.Unexamined > 0 {
		fmt.Fprintf(out, "note: %d more wrong answers were not looked into\n", r.Unexamined)
	}
}

// variants names the causes with their values and conditions, where the key of the
// finding does not.
func (f *Finding) variants() string {
	var keys []string
	for _, cause := range f.Causes {
		keys = append(keys, cause.Key())
	}
	if name := strings.Join(keys, "+"); name != f.Key {
		return "  (" + name + ")"
	}
	return ""
}

// sureness says how sure the cause is.
func (f *Finding) sureness() string {
	if f.Probed > 0 {
		return fmt.Sprintf("%s, it accepts %d of %d requests signed this way", f.State, f.Accepted, f.Probed)
	}
	return string(f.State)
}

func (f *Finding) write(out io.Writer, replay string) {
	expected, observed := "must be accepted", string(f.Answer.Verdict)+"ed"
	switch f.Case.Expected {
	case judge.MustReject:
		expected = "must be rejected"
	case judge.NotJudged:
		expected = "must be answered"
	}
	switch f.Answer.Verdict {
	case reference.Timeout:
		observed = "not answered"
	case reference.Died:
		observed = "answered by the end of the process, or of the connection"
	case reference.Error:
		observed = "answered with an error"
	case reference.Malformed:
		observed = "answered with what is no answer"
	}
	fmt.Fprintf(out, "✗ %s  %s: %s, was %s (%s)\n", f.BugType(), f.Key, expected, observed, times(f.Count))
	switch {
	case f.Causes != nil:
		fmt.Fprintf(out, "    cause         %s: it %s%s\n", f.sureness(), f.Says(), f.variants())
		for _, cause := range f.Causes {
			fmt.Fprintf(out, "                  %s\n", cause.Hint())
		}
	case f.Nearest != nil:
		fmt.Fprintf(out, "    cause         unknown; nearest is that it %s (%s), which other answers contradict\n", f.Nearest.Says(),
			f.Nearest.Key())
	default:
		fmt.Fprintf(out, "    cause         unknown: no known mistake explains it\n")
	}
	if len(f.Equals) > 0 {
		var keys []string
		for _, equal := range f.Equals[:min(4, len(f.Equals))] {
			keys = append(keys, equal.Key())
		}
		if more := len(f.Equals) - len(keys); more > 0 {
			keys = append(keys, fmt.Sprintf("%d more", more))
		}
		fmt.Fprintf(out, "                  or, which cannot be told apart here: %s\n", strings.Join(keys, ", "))
	}
	if f.Answer.Detail != "" {
		fmt.Fprintf(out, "    it says       %s\n", quoted(f.Answer.Detail, 300))
	}
	for _, c := range f.Before {
		fmt.Fprintf(out, "    after         %s\n", requestLine(c.Request))
	}
	f.writeRequest(out)
	f.writeStrings(out)
	fmt.Fprintf(out, "    repeat        %s\n\n", replay)
}

func (f *Finding) writeRequest(out io.Writer) {
	r := f.Case.Request
	fmt.Fprintf(out, "    request       %s\n", requestLine(r))
	fmt.Fprintf(out, "                  token %s, signature %s", quoted(f.Case.Token, 90), header(r.Signature))
	if r.Product != "" {
		fmt.Fprintf(out, ", product %s", r.Product)
	}
	if r.SignatureSettings != nil {
		fmt.Fprintf(out, ",\n                  settings header %s", header(r.SignatureSettings))
	}
	for _, key := range r.SharedKeys {
		fmt.Fprintf(out, ",\n                  shared key %s, secret %s", quoted(key.ID, 90), quoted(key.Secret, 90))
	}
	fmt.Fprintf(out, "\n                  %s\n", f.Move)
}

// writeStrings shows where what was signed and what is signed part.
func (f *Finding) writeStrings(out io.Writer) {
	c := f.Case
	right := reference.New().StringsToSign(c.Request)
	switch {
	case c.Expected == judge.MustReject && !c.Signed.None && len(right) > 0 && right[0] != c.Signed.String:
		writeParted(out, "the signature is of", c.Signed.String, "the request is", right[0])
	case f.Answer.StringToSign != nil && len(right) > 0 && *f.Answer.StringToSign != right[0]:
		writeParted(out, "Twilio signs", right[0], "it signs", *f.Answer.StringToSign)
	case len(f.Causes) > 0 && len(right) > 0:
		yours := "it probably signs"
		if f.State == diagnosis.Confirmed {
			yours = "it signs"
		}
		if signed, ok := defect.StringToSign(defect.In(reference.New(), f.Causes...), c.Request); ok && signed != right[0] {
			writeParted(out, "Twilio signs", right[0], yours, signed)
		}
	}
}

// writeParted writes two strings, one below the other, and marks where they part.
func writeParted(out io.Writer, nameA, a, nameB, b string) {
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	for same > 0 && (same < len(a) && !utf8.RuneStart(a[same]) || same < len(b) && !utf8.RuneStart(b[same])) {
		same--
	}
	const around = 40
	from := max(0, same-around)
	for from > 0 && !utf8.RuneStart(a[from]) {
		from--
	}
	lead := quoted(a[from:same], 1000)
	fmt.Fprintf(out, "    %-19s %s\n    %-19s %s\n", nameA, quoted(a[from:min(len(a), same+around)], 1000), nameB,
		quoted(b[from:min(len(b), same+around)], 1000))
	fmt.Fprintf(out, "    %-19s %s^\n", "", strings.Repeat(" ", max(0, utf8.RuneCountInString(lead)-1)))
}

// requestLine shows a request on one line.
func requestLine(r reference.Request) string {
	line := r.Method + " " + quoted(r.URL, 160)
	if r.ContentType != nil {
		line += " " + quoted(*r.ContentType, 80)
	}
	if len(r.Body) > 0 {
		line += " " + quoted(string(r.Body), 160)
	}
	return line
}

func header(value *string) string {
	if value == nil {
		return "absent"
	}
	return quoted(*value, 90)
}

// times is how often something happened, in words.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// answers is a number of wrong answers.
func answers(n int) string {
	if n == 1 {
		return "1 wrong answer"
	}
	return fmt.Sprintf("%d wrong answers", n)
}

// plain shows text without quotation marks: what plays tricks on a terminal is escaped,
// as in a literal.
func plain(s string, most int) string {
	shown := quoted(s, most)
	end := strings.LastIndexByte(shown, '"')
	return strings.ReplaceAll(shown[1:end], `\"`, `"`) + shown[end+1:]
}

// quoted shows text as a literal, and not more of it than that.
func quoted(s string, most int) string {
	if len(s) > most {
		return fmt.Sprintf("%q… (%d bytes more)", s[:most], len(s)-most)
	}
	return fmt.Sprintf("%q", s)
}
