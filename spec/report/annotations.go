package report

import (
	"fmt"
	"slices"
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
			fmt.Sprintf("%s\n%s: %s\n%s", capital(cause.Sureness), example.ID, example.Why, cause.Hint),
		})
	}
	for _, failure := range r.Unexplained() {
		if failure.Outcome == string(conformance.Fails) {
			all = append(all, annotation{fmt.Sprintf("%s: %s", bugName(failure.BugType), failure.ID), failure.Why + "\n" + failure.Comment})
		}
	}
	for _, change := range r.Unsteady {
		all = append(all, annotation{"its answers change: " + change.ID, change.First + ", then " + change.Second})
	}
	for _, stale := range r.Stale {
		all = append(all, annotation{"stale known failure", stale})
	}
	if over := len(all) - mostAnnotations; over > 0 {
		all = slices.Insert(all[:mostAnnotations-1], mostAnnotations-1, annotation{fmt.Sprintf("sigconform: %d more", over+1), "see the summary of the job"})
	}
	var out strings.Builder
	for _, a := range all {
		fmt.Fprintf(&out, "::error title=%s::%s\n", escapeProperty(Clean(a.title, 200)), escapeData(strings.Join(CleanLines(a.message, 10, 500), "\n")))
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
