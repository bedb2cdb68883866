package report

import (
	"fmt"
	"strings"

	"sigconform/spec/conformance"
)

// mostAnnotations is how many a GitHub workflow step shows.
const mostAnnotations = 10

// Annotations returns what stops a run from being conformant as workflow
// commands of GitHub, one a line: the causes first, then failures without one.
func (r *Report) Annotations() string {
	type annotation struct{ title, message string }
	var all []annotation
	if r.Stopped != "" {
		all = append(all, annotation{"sigconform: nothing proven", r.Stopped})
	}
	for _, cause := range r.Causes {
		example := r.Example(cause)
		if example == nil || r.IsKnown(cause) {
			continue
		}
		all = append(all, annotation{
			fmt.Sprintf("%s: it %s", bugName(example.BugType), cause.Says),
			strings.Join(append([]string{capital(cause.Sureness), example.ID + ": " + example.Why, cause.Hint}, example.Advice...), "\n"),
		})
	}
	for _, failure := range r.Unexplained() {
		if failure.Outcome == string(conformance.Failed) {
			all = append(all, annotation{fmt.Sprintf("%s: %s", bugName(failure.BugType), failure.ID), failure.Why + "\n" + failure.Comment})
		}
	}
	if r.Drawn != nil && len(r.Drawn.Failures) > 0 {
		all = append(all, annotation{DrawnWrongly(len(r.Drawn.Failures), r.Drawn.Sent), WhyDrawn + "\n" + r.Drawn.Repeat})
	}
	if r.Deaths != "" {
		all = append(all, annotation{"it died", r.Deaths})
	}
	for _, change := range r.Unsteady {
		all = append(all, annotation{"its answers change: " + change.ID, change.First + ", then " + change.Second})
	}
	for _, stale := range r.Stale {
		all = append(all, annotation{"stale known failure", stale})
	}
	if over := len(all) - mostAnnotations; over > 0 {
		all = append(all[:mostAnnotations-1:mostAnnotations-1],
			annotation{fmt.Sprintf("sigconform: %d more", over+1), "see the summary of the job"})
	}
	var out strings.Builder
	for _, a := range all {
		message := strings.Join(CleanLines(a.message, 10, 500), "\n")
		fmt.Fprintf(&out, "::error title=%s::%s\n", escapeProperty(Clean(a.title, 200)), escapeData(message))
	}
	return out.String()
}

// escapeData escapes what would end the message of a workflow command, and
// escapeProperty what would end a property too.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func escapeProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escapeData(s))
}
