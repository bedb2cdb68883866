package report

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// Guard is the last thing that output passes on its way to a terminal or to the log
// of a CI job. Whoever shows foreign text cleans it ([Clean]); what slips through
// does no harm here: a control character is written out, and a line that a workflow
// would take for a command is one no more. Colours of the suite's own pass if they
// are allowed.
type Guard struct {
	out    io.Writer
	colors bool
	inLine bool  // something other than white space stands in the line already
	err    error // the first that writing met
}

// NewGuard returns a guard in front of a writer.
func NewGuard(out io.Writer, colors bool) *Guard { return &Guard{out: out, colors: colors} }

// Err returns the first error that writing met; nil if everything was written.
func (g *Guard) Err() error { return g.err }

// ownColors are the escape sequences that the reports use.
var ownColors = []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m"}

// Write writes text, which is not cut within a character.
func (g *Guard) Write(text []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	var safe bytes.Buffer
	for rest := string(text); rest != ""; {
		if color := g.color(rest); color != "" {
			safe.WriteString(color)
			rest = rest[len(color):]
			continue
		}
		char, size := utf8.DecodeRuneInString(rest)
		switch {
		case char == '\n':
			safe.WriteByte('\n')
			g.inLine = false
		case char == '\t':
			safe.WriteByte('\t')
		case !g.inLine && strings.HasPrefix(rest, "::"), strings.HasPrefix(rest, "##["):
			safe.WriteString(`\` + rest[:size]) // how a workflow command begins, and how one did
			g.inLine = true
		default:
			safe.WriteString(cleanChar(char, rest[:size]))
			g.inLine = g.inLine || char != ' '
		}
		rest = rest[size:]
	}
	if _, g.err = g.out.Write(safe.Bytes()); g.err != nil {
		return 0, g.err
	}
	return len(text), nil
}

// color is the colour that a text begins with, if those may pass.
func (g *Guard) color(text string) string {
	if !g.colors || text[0] != '\x1b' {
		return ""
	}
	for _, color := range ownColors {
		if strings.HasPrefix(text, color) {
			return color
		}
	}
	return ""
}
