package report

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// This file lays text out on a terminal: labelled lines, broken lists, columns,
// colours.

func (t *Terminal) line(format string, args ...any) {
	fmt.Fprintf(t.Out, format+"\n", args...)
}

// field writes a labelled line of a failure, as it is.
func (t *Terminal) field(label, text string) { t.fieldAs(0, label, text) }

// fieldAs is field with a label of the given width, or the usual one: lines that
// are compared stand below each other.
func (t *Terminal) fieldAs(width int, label, text string) {
	t.line("    %-*s %s", max(13, width), label, strings.ReplaceAll(text, "\n", `\n`))
}

// prose writes a labelled text of a failure, broken into lines.
func (t *Terminal) prose(label, text string) {
	t.items(label, strings.Fields(text), " ")
}

// items writes a labelled list of a failure, broken into lines.
func (t *Terminal) items(label string, items []string, separator string) {
	for _, line := range wrap(items, separator, 100) {
		t.field(label, line)
		label = ""
	}
}

// cut is a list as long as it is shown.
func (t *Terminal) cut(items []string) []string {
	if over := len(items) - shownIDs; over > 1 && !t.All {
		return append(items[:shownIDs:shownIDs], fmt.Sprintf("… and %d more (--all)", over))
	}
	return items
}

func (t *Terminal) wrapped(items []string) { t.wrappedWith(items, ", ") }

// wrappedWith writes items in lines of a readable width, indented.
func (t *Terminal) wrappedWith(items []string, separator string) {
	for _, line := range wrap(items, separator, 110) {
		t.line("    %s", line)
	}
}

func (t *Terminal) red(s string) string  { return t.style("31", s) }
func (t *Terminal) bold(s string) string { return t.style("1", s) }
func (t *Terminal) dim(s string) string  { return t.style("2", s) }

func (t *Terminal) style(code, s string) string {
	if !t.Color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// columns writes rows with their columns aligned, by characters.
func columns(rows [][]string) string { return styledColumns(rows, nil) }

// styledColumns is columns with a style for each column; the first row, which
// heads them, and columns without a style are written plainly.
func styledColumns(rows [][]string, styles []func(string) string) string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var out strings.Builder
	for n, row := range rows {
		text, gap := "", ""
		for i, cell := range row {
			if cell != "" {
				text += gap
				gap = ""
				if n > 0 && i < len(styles) && styles[i] != nil {
					text += styles[i](strings.TrimRight(cell, " "))
					gap = strings.Repeat(" ", len(cell)-len(strings.TrimRight(cell, " ")))
				} else {
					text += cell
				}
			}
			gap += strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
		}
		out.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return out.String()
}
