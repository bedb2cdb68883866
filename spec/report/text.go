// Package report writes what a person reads of a run, and judges nothing:
//
//	terminal.go, failures.go  where the command was run
//	report.go, json.go        report.json, the source of everything below
//	build.go                  … and how a run becomes one
//	check.go                  … and whether one of somebody else contradicts itself
//	related.go                what in it belongs together
//	reasons.go                why vectors were skipped
//	scope.go                  how much could be tested of an application
//	baseline.go               what changed since an earlier report
//	newer.go                  vectors that are newer than the version that is judged by
//	markdown.go, bugreport.go report.md, for the summary of a CI job; a failure as a bug report
//	reproduction.go           … and a failure as a short program
//	issues.go                 … and what the maintainers of an SDK need
//	junit.go                  junit.xml
//	html.go                   index.html (html_*.go: what it shows, its bars and texts)
//	matrix.go                 several reports on one page (matrix_*.go: as a page, and as text)
//	badge.go, annotations.go  what a README and a pull request show
//
// Below them all: words.go has the words that they share, layout.go lays text out, and
// text.go, bytes.go, markdown_text.go and guard.go keep untrusted text harmless.
package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes untrusted text safe to show on a terminal: control characters,
// invisible and direction-changing ones and bytes that are not UTF-8 are
// escaped, line feeds and tabs too. Text beyond the limit (in characters) is cut.
func Clean(s string, limit int) string {
	var out strings.Builder
	count := 0
	for i := 0; i < len(s); {
		char, size := utf8.DecodeRuneInString(s[i:])
		if count++; count > limit {
			fmt.Fprintf(&out, "… (%d bytes more)", len(s)-i)
			break
		}
		out.WriteString(cleanChar(char, s[i:i+size]))
		i += size
	}
	return out.String()
}

// cleanChar returns a character as it may be shown; raw are its bytes.
func cleanChar(char rune, raw string) string {
	switch {
	case char == utf8.RuneError && len(raw) == 1:
		return fmt.Sprintf(`\x%02x`, raw[0])
	case char == '\n':
		return `\n`
	case char == '\t':
		return `\t`
	case char == '\r':
		return `\r`
	case char < utf8.RuneSelf && unicode.IsControl(char):
		return fmt.Sprintf(`\x%02x`, char)
	case unicode.IsPrint(char):
		return raw
	case char > 0xffff:
		return fmt.Sprintf(`\U%08x`, char)
	default:
		return fmt.Sprintf(`\u%04x`, char)
	}
}

// CleanLines is Clean for a text of several lines. It keeps the last of them.
func CleanLines(s string, most, limit int) []string {
	lines := strings.Split(strings.TrimRight(s, "\r\n"), "\n")
	if over := len(lines) - most; over > 0 {
		lines = append([]string{fmt.Sprintf("… (%d lines before)", over)}, lines[over:]...)
	}
	for i, line := range lines {
		lines[i] = Clean(strings.TrimRight(line, "\r"), limit)
	}
	return lines
}

// Excerpt shows two strings around the first byte in which they part, each on
// one line, cleaned, and how many columns into both that byte is. Equal strings
// part at their end.
func Excerpt(a, b string) (shownA, shownB string, column int) {
	const before, total = 60, 110
	part := parting(a, b)
	start, prefix := 0, ""
	if part > before {
		start, prefix = part-before, "…"
		for start < part && !utf8.RuneStart(a[start]) {
			start++
		}
	}
	common := prefix + Clean(a[start:part], total)
	room := total - before
	return common + Clean(a[part:], room), common + Clean(b[part:], room), utf8.RuneCountInString(common)
}

// Wrap breaks a text at its blanks into lines of at most so many characters.
func Wrap(text string, width int) []string {
	return wrap(strings.Fields(text), " ", width)
}

// wrap joins items to lines of at most so many characters, where they allow it.
func wrap(items []string, separator string, width int) []string {
	var lines []string
	line := ""
	for i, item := range items {
		if line != "" && utf8.RuneCountInString(line+item) > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += item
		if i < len(items)-1 {
			line += separator
		}
	}
	return append(lines, line)
}
