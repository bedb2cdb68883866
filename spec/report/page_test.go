package report_test

import (
	"strings"
	"testing"
)

// TestPagesShowHostileTextAsText: whatever a validator says, no page has an
// element of it, no line of Markdown starts as it wants, no workflow command is
// its own. That a browser agrees is for the browser tests.
func TestPagesShowHostileTextAsText(t *testing.T) {
	for name, validator := range validators(t) {
		read, _ := reportOf(t, name, validator)
		page, err := read.HTML()
		if err != nil {
			t.Fatal(err)
		}
		html := string(page)
		for _, bad := range []string{"<script>alert", "<img", "onerror=alert(2)>", "\u202e", "\x1b", "\x00"} {
			if i := strings.Index(html, bad); i >= 0 {
				t.Errorf("%s: the page has %q: …%.200q", name, bad, html[max(0, i-100):])
			}
		}
		if scripts := strings.Count(html, "<script"); scripts != 1 {
			t.Errorf("%s: the page has %d scripts", name, scripts)
		}
		for _, line := range strings.Split(read.Annotations(), "\n") {
			if line != "" && !strings.HasPrefix(line, "::error title=") {
				t.Errorf("%s: an annotation broke out: %q", name, line)
			}
		}
		fence := "" // that is open
		for _, line := range strings.Split(read.Markdown(), "\n") {
			start := strings.TrimLeft(line, " ")
			if ticks := start[:len(start)-len(strings.TrimLeft(start, "`"))]; len(ticks) >= 3 && fence == "" {
				fence = ticks
			} else if start == fence {
				fence = ""
			}
			if fence != "" {
				continue
			}
			if strings.HasPrefix(line, "::") || strings.HasPrefix(line, "| a | b |") ||
				strings.Contains(line, "<img") && !strings.Contains(line, "`") {
				t.Errorf("%s: report.md has the line %q", name, line)
			}
		}
		if fence != "" {
			t.Errorf("%s: report.md leaves a fence open", name)
		}
	}
}

// TestPagesSayWhatIsWrong: the pages say what a person looks for.
func TestPagesSayWhatIsWrong(t *testing.T) {
	read, _ := reportOf(t, "unsorted", validators(t)["unsorted"])
	page, err := read.HTML()
	if err != nil {
		t.Fatal(err)
	}
	html, md := string(page), read.Markdown()
	for _, want := range []string{
		"not conformant", `<code>unsorted</code>`, `<ins>a1b2</ins>`, `<del>b2a1</del>`,
		"from byte 25 on they differ: Twilio has <code>0x61 (a)</code>, yours <code>0x62 (b)</code>",
		`id="form-order/unsorted"`, `href="#form-order/unsorted"`, "Bug report in Markdown", "false accept",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for _, want := range []string{
		"## ✗ not conformant: `", "### Causes: ", "**It does not sort the parameters", "yours signs   https://example.com/myappb2a1",
		"| `form-order/unsorted` | false accept: must reject, was accepted |", "Questions (never judged)",
	} {
		if !strings.Contains(md, want) {
			t.Errorf("report.md has no %q:\n%.3000s", want, md)
		}
	}
	if accept, reject := strings.Index(md, "| false accept:"), strings.Index(md, "| false reject:"); accept < 0 || reject < accept {
		t.Error("report.md does not have the false accepts first")
	}
	if annotations := read.Annotations(); !strings.Contains(annotations, "::error title=false accept%3A it does not sort the parameters") {
		t.Errorf("annotations: %s", annotations)
	}
}
