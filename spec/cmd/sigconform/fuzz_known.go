package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sigconform/fuzz"
	"sigconform/reference/defect"
	"sigconform/spec/conformance"
	"sigconform/spec/endpoint"
	"sigconform/vectors"
	"sigconform/vectors/files"
)

// This file says which findings are new. An entry of a list of known failures names
// a finding by its cause, as in userinfo-kept, or by its file, as in
// userinfo-kept-1a2b3c: then only the request that shows it is known.

// fuzzKnownFlags are the flags of fuzz about what is known.
type fuzzKnownFlags struct {
	KnownFailures string `aliases:"known" help:"Known findings: a cause, or the name of a file, and a reason on each line." placeholder:"FILE"`

	WriteKnownFailures string `help:"Write all findings of this run as such a list." placeholder:"FILE"`
	Baseline           string `help:"Compare with the findings in this folder, which an earlier run wrote with --out." placeholder:"DIR"`

	known    *conformance.KnownFailures
	earlier  []string // the keys of the findings in Baseline
	excluded []*fuzz.Finding
	holes    []*conformance.Cause // ways past the guard of an endpoint
	met      []string             // the names of those that are known
}

// read reads what the flags name.
func (f *fuzzKnownFlags) read() (err error) {
	if f.KnownFailures != "" {
		if f.known, err = conformance.ReadKnownFailures(f.KnownFailures); err != nil {
			return err
		}
		mistakes := map[string]bool{}
		for _, variant := range defect.Variants() {
			mistakes[variant.Slug], mistakes[variant.Key()] = true, true
		}
		for _, name := range endpoint.HoleNames() {
			mistakes[name] = true
		}
		for _, pattern := range f.known.Unmatched(slices.Collect(maps.Keys(mistakes))) {
			if !isFindingName(pattern, mistakes) {
				return fmt.Errorf("%s: %s is neither a mistake that 'sigconform defects' lists nor the name of a finding%s",
					f.KnownFailures, pattern, meant(pattern, mistakes))
			}
		}
	}
	if f.Baseline != "" {
		all, err := os.ReadDir(f.Baseline)
		if err != nil {
			return fmt.Errorf("cannot compare: %w", err)
		}
		for _, file := range all {
			if name, isJSON := strings.CutSuffix(file.Name(), ".json"); isJSON {
				f.earlier = append(f.earlier, numbered.ReplaceAllString(name, ""))
			}
		}
	}
	return nil
}

// numbered is what a file's name has behind the cause of the finding.
var numbered = regexp.MustCompile(`-[0-9a-f]{6}$`)

// isFindingName reports whether the pattern can be that of a finding that no single
// mistake explains, or of a finding's file.
func isFindingName(pattern string, mistakes map[string]bool) bool {
	causes := strings.Split(strings.ReplaceAll(numbered.ReplaceAllString(pattern, ""), "-and-", "+"), "+")
	for _, cause := range causes {
		if !mistakes[cause] && !strings.HasPrefix(cause, "unexplained-") {
			return false
		}
	}
	return true
}

func meant(pattern string, mistakes map[string]bool) string {
	if near := vectors.Nearest(pattern, mistakes); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// namesOf are the words by which a list may name a finding.
func namesOf(f *fuzz.Finding) []string {
	names := []string{f.FileName(), f.Key}
	if len(f.Causes) == 1 {
		names = append(names, f.Causes[0].Key())
	}
	return names
}

// reason returns why a finding is known: by itself, or because each of its causes is.
func (f *fuzzKnownFlags) reason(finding *fuzz.Finding) string {
	for _, name := range namesOf(finding) {
		if reason := f.known.Reason(name); reason != "" {
			return reason
		}
	}
	var reasons []string
	for _, cause := range finding.Causes {
		reason := f.known.Reason(cause.Slug)
		if reason == "" {
			reason = f.known.Reason(cause.Key())
		}
		if reason == "" {
			return ""
		}
		reasons = append(reasons, reason)
	}
	return strings.Join(reasons, "; ")
}

// fresh takes the known findings out of the report, and writes the list.
func (f *fuzzKnownFlags) fresh(report *fuzz.Report) error {
	all := report.Findings
	report.Findings = nil
	for _, finding := range all {
		if f.reason(finding) != "" {
			f.excluded = append(f.excluded, finding)
		} else {
			report.Findings = append(report.Findings, finding)
		}
	}
	if f.WriteKnownFailures == "" {
		return nil
	}
	var list strings.Builder
	for _, finding := range all {
		reason := f.reason(finding)
		if reason == "" {
			reason = "it " + strings.Join(strings.Fields(finding.Says()), " ") + " (" + finding.FileName() + ")"
		}
		fmt.Fprintf(&list, "%s %s\n", finding.Key, reason)
	}
	for _, hole := range f.holes {
		fmt.Fprintf(&list, "%s it %s\n", hole.Defect.Key(), hole.Defect.Says())
	}
	return files.Write(f.WriteKnownFailures, []byte(list.String()))
}

// write says what is known, what of it has expired, and what changed since the
// baseline. It reports whether an entry that was met has expired.
func (f *fuzzKnownFlags) write(report *fuzz.Report) (expired bool) {
	found := slices.Clone(f.met)
	for _, finding := range report.Findings {
		found = append(found, namesOf(finding)...)
		for _, cause := range finding.Causes {
			found = append(found, cause.Slug)
		}
	}
	for _, line := range f.known.Expired(found) {
		fmt.Fprintf(stdout, "✗ %s\n", line)
		expired = true
	}
	for _, finding := range f.excluded {
		fmt.Fprintf(stdout, "≈ known: %s, %d times: %s\n", finding.Key, finding.Count, f.reason(finding))
		found = append(found, namesOf(finding)...)
	}
	for _, pattern := range f.known.Unmatched(found) {
		fmt.Fprintf(stdout, "note: %s: %s was not found this time; remove it if it is fixed\n", f.KnownFailures, pattern)
	}
	if f.Baseline != "" {
		f.compare(append(report.Findings, f.excluded...))
	}
	return expired
}

// compare says which causes are new, and which were not found again.
func (f *fuzzKnownFlags) compare(all []*fuzz.Finding) {
	var fresh, gone []string
	now := map[string]bool{}
	for _, finding := range all {
		key := numbered.ReplaceAllString(finding.FileName(), "")
		now[key] = true
		if !slices.Contains(f.earlier, key) {
			fresh = append(fresh, finding.Key)
		}
	}
	for _, key := range f.earlier {
		if !now[key] {
			gone = append(gone, key)
		}
	}
	fmt.Fprintf(stdout, "compared with %s: %d new, %d not found this time\n", filepath.Clean(f.Baseline), len(fresh), len(gone))
	for _, part := range []struct {
		label string
		keys  []string
	}{{"new", fresh}, {"not found", gone}} {
		if len(part.keys) > 0 {
			fmt.Fprintf(stdout, "  %s: %s\n", part.label, strings.Join(part.keys, ", "))
		}
	}
}
