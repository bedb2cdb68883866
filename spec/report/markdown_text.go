package report

import (
	"fmt"
	"strings"
)

// This file answers: how does untrusted text stand in Markdown, and mean nothing?

// markdown is a text in the making.
type markdown struct{ strings.Builder }

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

// fence writes text as it is, whatever backticks it has.
func (m *markdown) fence(language, text string) {
	fence := strings.Repeat("`", max(3, longestRun(text)+1))
	m.line("%s%s\n%s\n%s", fence, language, text, fence)
}

// indented is fence within a list.
func (m *markdown) indented(indent, text string) {
	var inner markdown
	inner.fence("", text)
	for _, line := range strings.Split(strings.TrimSuffix(inner.String(), "\n"), "\n") {
		m.line("%s%s", indent, line)
	}
}

// code returns text, which has no line feeds, as a code span.
func code(s string) string {
	tick := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return tick + s + tick
}

// text returns plain text that means nothing in Markdown or HTML, on one line.
func text(s string) string {
	var out strings.Builder
	for _, char := range Clean(s, 2000) {
		if strings.ContainsRune("\\`*_[]<>|~&", char) {
			out.WriteByte('\\')
		}
		out.WriteRune(char)
	}
	return out.String()
}

// cell makes a code span fit for a table, where a bar ends a cell even in one.
func cell(s string) string {
	if strings.HasPrefix(s, "`") {
		return strings.ReplaceAll(s, "|", "\\|")
	}
	return s
}

func longestRun(s string) int {
	longest, run := 0, 0
	for _, char := range s {
		if char == '`' {
			run++
		} else {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}
