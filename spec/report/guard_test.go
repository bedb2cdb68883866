package report_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sigconform/spec/report"
)

// TestGuard: nothing that a terminal or a workflow obeys gets through.
func TestGuard(t *testing.T) {
	for text, want := range map[string]string{
		"plain\n\ttext é 漢\n":           "plain\n\ttext é 漢\n",
		"\x1b[2J\u009b31m\r\u202e\xff":  `\x1b[2J\u009b31m\r\u202e\xff`,
		"::error::x\n":                  `\::error::x` + "\n",
		"a\n   ::add-mask::x":           "a\n   \\::add-mask::x",
		"label ::error::x":              "label ::error::x",
		"a ##[error]x":                  `a \##[error]x`,
		"\x1b[1mbold\x1b[0m\x1b[2J\x1b": "\x1b[1mbold\x1b[0m" + `\x1b[2J\x1b`,
	} {
		var out bytes.Buffer
		fmt.Fprint(report.NewGuard(&out, true), text)
		if out.String() != want {
			t.Errorf("%q: %q, want %q", text, out.String(), want)
		}
	}
	var out bytes.Buffer
	fmt.Fprint(report.NewGuard(&out, false), "\x1b[1mbold")
	if strings.Contains(out.String(), "\x1b") {
		t.Errorf("a colour where none is allowed: %q", out.String())
	}
	full := report.NewGuard(fullDisk{}, false)
	fmt.Fprintln(full, "x")
	if !errors.Is(full.Err(), errFull) {
		t.Errorf("a full disk: %v", full.Err())
	}
}

var errFull = errors.New("no space")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
