package conformance

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"sigconform/vectors"
)

// KnownFailures is a list of vectors that are known to fail. A nil list is an
// empty one.
type KnownFailures struct {
	file    string
	entries []knownFailure
}

type knownFailure struct {
	line    int
	pattern string // an id or a glob
	reason  string
}

// ReadKnownFailures reads a list: one id or glob a line and, behind it, the
// reason, which must be there. Lines that are empty or begin with # are none.
func ReadKnownFailures(file string) (*KnownFailures, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	k := &KnownFailures{file: file}
	lines := bufio.NewScanner(f)
	for line := 1; lines.Scan(); line++ {
		pattern, reason, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		reason = strings.TrimSpace(reason)
		if pattern == "" || strings.HasPrefix(pattern, "#") {
			continue
		}
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("%s:%d: %s is no pattern: %w", file, line, pattern, err)
		}
		if reason == "" {
			return nil, fmt.Errorf("%s:%d: %s has no reason; write it behind the id: why does this fail?", file, line, pattern)
		}
		k.entries = append(k.entries, knownFailure{line, pattern, reason})
	}
	return k, lines.Err()
}

// Match reports whether the failure of that vector is known.
func (k *KnownFailures) Match(id string) bool {
	return k.reason(id) != ""
}

// reason returns why the failure of that vector is known; "" if it is not.
func (k *KnownFailures) reason(id string) string {
	if k == nil {
		return ""
	}
	for _, entry := range k.entries {
		if matches(entry.pattern, id) {
			return entry.reason
		}
	}
	return ""
}

// WriteKnownFailures writes all failures of the run as a list that
// [ReadKnownFailures] reads, in groups of one cause. The reason is the one that
// the failure is known for, or else what the diagnosis says: a person is to read
// it before it is relied on. It returns how many there are.
func (run *Run) WriteKnownFailures(out io.Writer, known *KnownFailures) (int, error) {
	groups := map[string][]string{}
	var order []string
	n := 0
	for _, r := range run.Results {
		if r.Outcome != Fails && r.Outcome != Known {
			continue
		}
		n++
		reason := known.reason(r.Vector.ID)
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

// Check returns an error for the entries that name no vector at all.
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

// Stale returns, for a person to read, the entries whose vectors were judged
// and all hold: they have been mended, and the list should say so.
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
			if r.Outcome == Known {
				fails++
			}
			if r.Outcome == Known || r.Outcome == Holds {
				judged++
			}
		}
		if judged > 0 && fails == 0 {
			stale = append(stale, fmt.Sprintf("%s:%d: %s does not fail any more: take it out", k.file, entry.line, entry.pattern))
		}
	}
	return stale
}

// matches reports whether an id is meant by an id or glob.
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
	known := map[string]bool{}
	for _, v := range all {
		known[v.ID] = true
	}
	if near := vectors.Nearest(id, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
