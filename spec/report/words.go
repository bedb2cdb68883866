package report

import (
	"fmt"
	"strings"

	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// This file has the words that the terminal, the pages and the files for CI share.

// worstFirst is the order of bug types everywhere.
var worstFirst = []vectors.BugType{vectors.FalseAccept, vectors.Crash, vectors.FalseReject, vectors.Malleability}

// Effect says what a bug does to an application, in a sentence without its full stop.
func Effect(kind vectors.BugType) string {
	switch kind {
	case vectors.FalseAccept:
		return "An attacker can send forged webhooks"
	case vectors.FalseReject:
		return "Genuine webhooks are refused: Twilio is locked out"
	case vectors.Crash:
		return "A request ends the validator or throws: an endpoint would answer 500"
	case vectors.Malleability:
		return "Another spelling of a right signature is accepted; nothing can be forged"
	default:
		return "It does not conform"
	}
}

// bugName is a bug type in words.
func bugName(kind vectors.BugType) string {
	return strings.ReplaceAll(strings.ToLower(string(kind)), "_", " ")
}

// harm says how many failures of each kind there are, as a person says it.
func harm(kinds map[vectors.BugType]int) string {
	parts := []string{
		fmt.Sprintf("%d let an attacker in", kinds[vectors.FalseAccept]),
		fmt.Sprintf("%d lock Twilio out", kinds[vectors.FalseReject]),
	}
	if n := kinds[vectors.Crash]; n > 0 {
		parts = append(parts, plural(n, "crash"))
	}
	if n := kinds[vectors.Malleability]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d accept another spelling", n))
	}
	return strings.Join(parts, ", ")
}

// passedText is the part of a summary that somebody pastes: what passed, of how
// many, and what the failures do.
func passedText(passed, failed, known int, kinds map[vectors.BugType]int) string {
	text := fmt.Sprintf("%d of %d passed", passed, passed+failed+known)
	if failed > 0 {
		text += fmt.Sprintf(", %d failed (%s)", failed, harm(kinds))
	}
	if known > 0 {
		text += ", " + plural(known, "known failure")
	}
	return text
}

// notApplicableText is the end of a summary: how many vectors do not apply, and how many
// rules were tested all the same; "" if all vectors apply.
func notApplicableText(n int, scope *Scope) string {
	if scope == nil {
		return ""
	}
	return fmt.Sprintf(" · %d not applicable · %s", n, scope)
}

// unsupportedText says that most of the vectors were not tested, where the validator said so of
// most of them: what passed is little then; "" elsewhere.
func unsupportedText(run *conformance.Run) string {
	n := 0
	for _, r := range run.Results {
		if r.Answer.Verdict == reference.Unsupported {
			n++
		}
	}
	if 2*n <= len(run.Results) {
		return ""
	}
	return fmt.Sprintf(" · most is untested: it answered unsupported to %d of %d", n, len(run.Results))
}

// differently says of how many vectors the answer changed.
func differently(n int) string {
	if n == 1 {
		return "1 vector was answered differently"
	}
	return plural(n, "vector") + " were answered differently"
}

// plural is a number and its noun.
func plural(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "sh"):
		return fmt.Sprintf("%d %ses", n, what)
	case strings.HasSuffix(what, "ty"):
		return fmt.Sprintf("%d %s", n, what)
	default:
		return fmt.Sprintf("%d %ss", n, what)
	}
}

func capital(s string) string {
	return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):]
}
