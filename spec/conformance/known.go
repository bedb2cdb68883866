package conformance

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"sigconform/vectors"
	"sigconform/vectors/files"
)

// KnownFailures is a list of what is known to fail: of vectors, or of what fuzzing
// finds. A nil list is an empty one.
type KnownFailures struct {
	file    string
	entries []knownFailure
}

type knownFailure struct {
	line    int
	pattern string // an id or a glob
	reason  string // as it is written, with until= and links
	until   string // the last day on which it excuses anything, as in 2027-01-31; "" if it has none
	expired bool   // that day is over
}

// untilWord is how an entry says until when it excuses anything.
const untilWord = "until="

// ReadKnownFailures reads a list: each line has an id or glob, followed by a reason,
// which is required. A word until=2027-01-31 in the reason is the last day (UTC) on
// which the entry excuses anything; a link there is shown when that day is over.
// Empty lines and lines that begin with # are ignored.
func ReadKnownFailures(file string) (*KnownFailures, error) {
	text, err := files.Read(file, files.KnownFailures)
	if err != nil {
		return nil, err
	}
	k := &KnownFailures{file: file}
	line, today := 0, time.Now().UTC().Format(time.DateOnly)
	for written := range strings.Lines(string(text)) {
		line++
		pattern, reason, _ := strings.Cut(strings.TrimSpace(written), " ")
		reason = strings.TrimSpace(reason)
		if pattern == "" || strings.HasPrefix(pattern, "#") {
			continue
		}
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("%s:%d: %s is not a valid pattern: %w", file, line, pattern, err)
		}
		entry := knownFailure{line: line, pattern: pattern, reason: reason}
		said := false
		for _, word := range strings.Fields(reason) {
			date, isDate := strings.CutPrefix(word, untilWord)
			if !isDate {
				said = true
				continue
			}
			if _, err := time.Parse(time.DateOnly, date); err != nil || entry.until != "" {
				return nil, fmt.Errorf("%s:%d: %s: one date as in %s2027-01-31", file, line, word, untilWord)
			}
			entry.until, entry.expired = date, date < today
		}
		if !said {
			return nil, fmt.Errorf("%s:%d: %s has no reason; write after the id why this fails", file, line, pattern)
		}
		k.entries = append(k.entries, entry)
	}
	return k, nil
}

// Match reports whether the failure of that vector is known.
func (k *KnownFailures) Match(id string) bool {
	return k.Reason(id) != ""
}

// Reason returns why the failure of that vector is known; "" if it is not, or if it
// was known until a day that is over.
func (k *KnownFailures) Reason(id string) string {
	if k == nil {
		return ""
	}
	for _, entry := range k.entries {
		if !entry.expired && matches(entry.pattern, id) {
			return entry.reason
		}
	}
	return ""
}

// written returns the reason that the list has for that vector, expired or not.
func (k *KnownFailures) written(id string) string {
	if reason := k.Reason(id); reason != "" || k == nil {
		return reason
	}
	for _, entry := range k.entries {
		if matches(entry.pattern, id) {
			return entry.reason
		}
	}
	return ""
}

// Expired returns, for a person to read, the entries whose day is over and that name
// one of these ids: they excuse nothing any more.
func (k *KnownFailures) Expired(ids []string) []string {
	if k == nil {
		return nil
	}
	var expired []string
	for _, entry := range k.entries {
		if !entry.expired || !slices.ContainsFunc(ids, func(id string) bool { return matches(entry.pattern, id) }) {
			continue
		}
		expired = append(expired, fmt.Sprintf("%s:%d: %s was known until %s, which is over: fix it, or give it another date (%s)",
			k.file, entry.line, entry.pattern, entry.until, entry.reason))
	}
	return expired
}

// Unmatched returns the entries that name none of these ids.
func (k *KnownFailures) Unmatched(ids []string) (entries []string) {
	if k == nil {
		return nil
	}
	for _, entry := range k.entries {
		if !slices.ContainsFunc(ids, func(id string) bool { return matches(entry.pattern, id) }) {
			entries = append(entries, entry.pattern)
		}
	}
	return entries
}

// WriteKnownFailures writes all failures of the run as a list that
// [ReadKnownFailures] reads, grouped by cause. The reason is the one for which the
// failure is already known, or else the diagnosis, which a person should review
// before relying on it. WriteKnownFailures returns the number of failures.
func (run *Run) WriteKnownFailures(out io.Writer, known *KnownFailures) (int, error) {
	groups := map[string][]string{}
	var order []string
	n := 0
	for _, r := range run.Results {
		if r.Outcome != Failed && r.Outcome != Known {
			continue
		}
		n++
		reason := known.written(r.Vector.ID)
		cause := run.Diagnosis.CauseOf(r)
		switch {
		case reason != "":
		case cause != nil:
			reason = fmt.Sprintf("it %s (%s)", cause.Defect.Says(), cause.Defect.Key())
		default:
			reason = "unexplained: " + r.Why
		}
		if groups[reason] == nil {
			order = append(order, reason)
		}
		groups[reason] = append(groups[reason], r.Vector.ID)
	}
	for i, reason := range order {
		if i > 0 {
			fmt.Fprintln(out)
		}
		for _, id := range groups[reason] {
			if _, err := fmt.Fprintf(out, "%s %s\n", id, reason); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// Check returns an error if entries match no vector at all.
func (k *KnownFailures) Check(all []*vectors.Vector) error {
	if k == nil {
		return nil
	}
	for _, entry := range k.entries {
		if !matchesAny(entry.pattern, all) {
			return fmt.Errorf("%s:%d: %s names no vector%s", k.file, entry.line, entry.pattern, didYouMean(entry.pattern, all))
		}
	}
	return nil
}

// Stale returns, for a person to read, the entries whose vectors were tested
// and all pass, which the list should no longer have, and those whose day is over.
func (k *KnownFailures) Stale(results []*Result) []string {
	if k == nil {
		return nil
	}
	var stale []string
	for _, entry := range k.entries {
		judged, fails := 0, 0
		for _, r := range results {
			if !matches(entry.pattern, r.Vector.ID) {
				continue
			}
			if r.failed() {
				fails++
			}
			if r.failed() || r.Outcome == Passed {
				judged++
			}
		}
		if judged > 0 && fails == 0 {
			stale = append(stale, fmt.Sprintf("%s:%d: %s no longer fails: remove it", k.file, entry.line, entry.pattern))
		}
	}
	var failing []string
	for _, r := range results {
		if r.failed() {
			failing = append(failing, r.Vector.ID)
		}
	}
	return append(stale, k.Expired(failing)...)
}

// mostSilenced is the share of the vectors that one entry may match without a
// warning, as its reciprocal.
const mostSilenced = 2

// Broad returns, for a person to read, the entries that match so many vectors that
// hardly any failure can make the run fail.
func (k *KnownFailures) Broad(results []*Result) []string {
	if k == nil {
		return nil
	}
	var broad []string
	for _, entry := range k.entries {
		matched := 0
		for _, r := range results {
			if matches(entry.pattern, r.Vector.ID) {
				matched++
			}
		}
		families := map[*vectors.Family]bool{}
		for _, r := range results {
			families[r.Vector.Family] = true
		}
		if len(families) > 1 && mostSilenced*matched > len(results) {
			broad = append(broad, fmt.Sprintf("%s:%d: %s matches %d of %d vectors: whatever the validator does to them, this run does not fail",
				k.file, entry.line, entry.pattern, matched, len(results)))
		}
	}
	return broad
}

// matches reports whether an id or glob matches an id.
func matches(pattern, id string) bool {
	ok, _ := path.Match(pattern, id)
	return ok || pattern == id
}

func matchesAny(pattern string, all []*vectors.Vector) bool {
	for _, v := range all {
		if matches(pattern, v.ID) {
			return true
		}
	}
	return false
}

// didYouMean is the end of a sentence about an id that does not exist.
func didYouMean(id string, all []*vectors.Vector) string {
	isFamily := map[string]bool{}
	for _, v := range all {
		family, _, _ := strings.Cut(v.ID, "/")
		isFamily[v.ID], isFamily[family] = false, true
	}
	switch near := vectors.Nearest(id, isFamily); {
	case near == "":
		return "; 'sigconform list' lists them"
	case isFamily[near]:
		return fmt.Sprintf("; did you mean '%s/*'?", near)
	default:
		return "; did you mean " + near + "?"
	}
}
