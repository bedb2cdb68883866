package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"sigconform/reference"
	"sigconform/vectors"
)

// This file writes, for an SDK, what its maintainers need: each cause with the public
// threads about it, the commands that repeat it, and a text for their issue tracker.

// fences are the words of Markdown for the languages of the SDKs.
var fences = map[string]string{
	"Python": "python", "JavaScript": "js", "Go": "go", "Java": "java", "PHP": "php", "Ruby": "ruby", "C#": "csharp",
}

// Reproduced is a failure of a cause with a program that shows it.
type Reproduced struct {
	Failure *Result
	Code    string // in the language of the validator
}

// official are the SDKs that the programs call, by the names of their folders.
var official = []string{
	"twilio-python", "twilio-node", "twilio-node-6.1.0", "twilio-go", "twilio-java", "twilio-php", "twilio-ruby", "twilio-csharp",
}

// builtin are the vectors of this program, read once for the pages of all causes. They
// are not to be changed.
var builtin = sync.OnceValue(func() []*vectors.Vector { return vectors.Builtin().Vectors() })

// Reproduced returns the worst failure of the cause that a short program shows; nil
// if none does, or if it is of no official SDK. What a validator threw, or did not answer, is not among them.
func (r *Report) Reproduced(c Cause) *Reproduced {
	if !slices.Contains(official, r.Validator.Name) {
		return nil
	}
	byID := map[string]*vectors.Vector{}
	for _, v := range builtin() {
		byID[v.ID] = v
	}
	for i := range r.Results {
		result := &r.Results[i]
		v := byID[result.ID]
		said := result.Verdict == string(reference.Accept) || result.Verdict == string(reference.Reject)
		if v == nil || !said || !result.Failed() || result.Cause != c.Defect || result.BugType != r.Worst(c) {
			continue
		}
		if code, ok := Reproduction(r.Validator.Language, v); ok {
			return &Reproduced{result, code}
		}
	}
	return nil
}

// Threads are the public threads that report the mistake, sorted: those of the
// vectors that it explains.
func (c Cause) Threads() []string {
	threads := map[string]bool{}
	for thread, about := range vectors.Threads(builtin()) {
		if slices.ContainsFunc(about, func(v *vectors.Vector) bool { return slices.Contains(c.Explains, v.ID) }) {
			threads[thread] = true
		}
	}
	return slices.Sorted(maps.Keys(threads))
}

// Issues returns the page as Markdown.
func (r *Report) Issues() string {
	var m markdown
	m.line("# %s", r.Validator.label())
	m.line("\n%s. Tested with sigconform %s.", r.Summary(), text(r.Suite.Version))
	if len(r.Causes) == 0 {
		m.line("\nNo mistake is known.")
	}
	for _, cause := range r.Causes {
		m.line("\n## It %s\n", text(cause.Says))
		m.line("%s: %s. %s; %s.", code(Clean(cause.Defect, 100)), bugName(r.Worst(cause)),
			text(capital(cause.Sureness)), plural(len(cause.Explains), "vector"))
		for _, thread := range cause.Threads() {
			m.line("\nReported in [%s](%s)", text(thread), vectors.ThreadURL(thread))
		}
		m.line("\nRepeat it:\n")
		m.fence("sh", r.repeats(cause))
		shown := r.Reproduced(cause)
		if shown == nil {
			m.line("\nNo short program shows it: the commands do.")
			continue
		}
		m.line("\nFor the issue tracker:\n")
		m.fence("markdown", r.issue(cause, shown))
	}
	return m.String()
}

// repeats are the commands for the first vectors of a cause.
func (r *Report) repeats(c Cause) string {
	var commands []string
	for _, id := range c.Explains[:min(len(c.Explains), 3)] {
		for _, result := range r.Results {
			if result.ID == id {
				commands = append(commands, Clean(result.Repeat, 500))
			}
		}
	}
	return strings.Join(commands, "\n")
}

// issue is the text for an issue tracker: what happens, what must, and why.
func (r *Report) issue(c Cause, shown *Reproduced) string {
	var m markdown
	failure := shown.Failure
	m.line("**Request validation %s**\n", text(c.Says))
	m.line("%s.\n", text(Effect(failure.BugType)))
	m.fence(fences[r.Validator.Language], strings.TrimSuffix(shown.Code, "\n"))
	printed, must := "accepted", "rejected"
	if failure.Verdict == string(reference.Reject) {
		printed, must = must, printed
	}
	m.line("\nIt prints %s; it must print %s: %s.\n", code(printed), code(must), text(failure.Comment))
	for _, rule := range failure.Rules {
		m.line("- %s (%s)", text(r.Rules[rule].Says), text(where(r.Rules[rule].Source)))
	}
	m.line("\n%s\n", text(c.Hint))
	m.line("Seen with %s; vector %s of sigconform.", r.Validator.label(), code(failure.ID))
	return strings.TrimSuffix(m.String(), "\n")
}

// where says which part of the docs a rule is from.
func where(s vectors.Source) string {
	if s.Kind == "norm" {
		return fmt.Sprintf("Twilio's Security page, %q", s.Ref)
	}
	return s.Ref
}
