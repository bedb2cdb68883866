package report

import (
	"fmt"

	"sigconform/spec/conformance"
)

// NewerVectors are those that are newer than the version that was judged.
type NewerVectors struct {
	Text    string   // how many there are, and what becomes of them; "" if there are none
	Failing []string // the ids of those that would fail
}

// newerVectors counts newer vectors by what their outcome would be.
func newerVectors(asOf string, count map[string]int, failing []string) NewerVectors {
	total := 0
	for _, n := range count {
		total += n
	}
	n := NewerVectors{Failing: failing}
	if total == 0 {
		return n
	}
	n.Text = fmt.Sprintf("judged as of %s, without %s: %d passed, %d would fail", asOf, plural(total, "newer vector"),
		count[string(conformance.Passed)], len(failing))
	return n
}

// NewerVectors says what the vectors say that are newer than the version that was
// judged.
func (r *Report) NewerVectors() NewerVectors {
	count, failing := map[string]int{}, []string(nil)
	for _, result := range r.Results {
		if result.Newer == "" {
			continue
		}
		count[result.Newer]++
		if result.Newer == string(conformance.Failed) {
			failing = append(failing, result.ID)
		}
	}
	newer := newerVectors(Clean(r.AsOf, 40), count, failing)
	newer.Text = capital(newer.Text)
	return newer
}

func (r *Report) markdownNewer(m *markdown) {
	newer := r.NewerVectors()
	if newer.Text == "" {
		return
	}
	m.line("\n%s.", text(newer.Text))
	for i, id := range newer.Failing {
		if i == 0 {
			m.line("")
		}
		if i == shownInMarkdown {
			m.line("- … and %d more", len(newer.Failing)-i)
			break
		}
		m.line("- %s", code(Clean(id, 200)))
	}
}

// newer writes what the vectors say that are newer than the version that was judged.
func (t *Terminal) newer(run *conformance.Run) {
	count, failing := map[string]int{}, []string(nil)
	for _, r := range run.Newer() {
		count[string(r.Newer)]++
		if r.Newer == conformance.Failed {
			failing = append(failing, r.Vector.ID)
		}
	}
	newer := newerVectors(t.AsOf, count, failing)
	if newer.Text == "" {
		return
	}
	t.line("%s", newer.Text)
	t.wrapped(t.cut(newer.Failing))
}
