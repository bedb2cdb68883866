//go:build unix

package process

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

// This file tests what ends a run, or is a fault of it, and what is said of that.

// TestCannotBeAsked: what can never work ends the run soon, and says why.
func TestCannotBeAsked(t *testing.T) {
	for how, want := range map[string]string{
		"exit at once": "it never answered. It was started 3 times; the last time it ended with exit status 3; it wrote on " +
			"standard error:\nno module named twilio",
		"never answer":      "it never answered: 2 requests, ",
		"flood":             `no answer (logs belong on standard error): "all work and no play"`,
		"oneshot accept":    `on standard output it wrote "accept" (not a JSON object): did you mean --oneshot?`,
		"answer at the end": "it answers only when its input ends; read line by line, and flush after each line:\n    writer.Flush()",
		"block buffered": "its answers come in blocks, and the last of them only when its input ends: flush after each line:\n    " +
			"writer.Flush()",
		"swap all":      "its answers come in another order than the requests",
		"endless line":  "it wrote a line of more than 16 MiB, twice",
		"BOM":           "it wrote a line on standard output that is no answer",
		"NUL":           "it wrote a line on standard output that is no answer",
		"an array":      "it wrote a line on standard output that is no answer",
		"two in a line": "it wrote a line on standard output that is no answer",
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			o := Options{}
			if how != "exit at once" {
				o.Timeout, o.grace = 3*time.Second, 2*time.Second
			}
			asked := ids()
			if how == "swap all" {
				asked = asked[1:] // the last has no other to be exchanged with
			}
			h := ask(t, how, asked, o)
			if h.err == nil || !strings.Contains(h.err.Error(), want) {
				t.Errorf("the error is %v, it should have %q in it", h.err, want)
			}
		})
	}
}

// TestCutShort: a program that kept its answers until its input ended, as far as was
// seen before there was no time left, is no program that answers.
func TestCutShort(t *testing.T) {
	p := &Process{options: Options{Command: []string{"sh", "-c", "exec python3 x"}}, buffering: buffering{bursts: 1}}
	want := "it answers only when its input ends; read line by line, and flush after each line:\n    print("
	if err := p.Fault(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the fault is %v, it should have %q in it", err, want)
	}
}

// TestDeaths: a death that no request is to blame for is a fault of the run,
// whether or not all is answered in the end.
func TestDeaths(t *testing.T) {
	for how, want := range map[string]string{
		"die once":            "it died once, at no request in particular",
		"die at every second": "it died 50 times, at no request in particular",
		"kill the group":      "it died 50 times, at no request in particular",
		"exit after each":     "it died 50 times, at no request in particular",
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			h := ask(t, how, ids(), Options{})
			if how == "die once" && (h.err != nil || len(h.answers) != len(ids())) {
				t.Errorf("after %d answers the run ended: %v", len(h.answers), h.err)
			} else if how != "die once" && (h.err == nil || !strings.Contains(h.err.Error(), want)) {
				t.Errorf("the error is %v, it should have %q in it", h.err, want)
			}
			if h.fault == nil || !strings.Contains(h.fault.Error(), want) {
				t.Errorf("the fault is %v, it should have %q in it", h.fault, want)
			}
			for id, a := range h.answers {
				if a.Verdict != reference.Accept {
					t.Errorf("%s: %s (%s)", id, a.Verdict, a.Detail)
				}
			}
		})
	}
}

// TestScanner: a program that stops at a long line is told why.
func TestScanner(t *testing.T) {
	p, err := Open(Options{Command: []string{os.Args[0], "misbehave", "scan"}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var cases []protocol.Case
	for i := range 20 {
		body := strings.Repeat("x", i*i*i*i)
		cases = append(cases, protocol.Case{ID: fmt.Sprint(i), Request: reference.Request{Method: "GET", URL: "https://h/", Body: []byte(body)}})
	}
	err = p.Ask(t.Context(), cases, func(i int, a protocol.Answer) {
		if a.Verdict != reference.Accept {
			t.Errorf("%d: %s", i, a.Verdict)
		}
	})
	want := "scanner.Buffer(nil, 16<<20)"
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "a line of 65") &&
		!strings.Contains(err.Error(), "a line of 8") {
		t.Errorf("the error is %v, it should have %q in it", err, want)
	}
}

// TestLanguages: the line that flushes is that of the language.
func TestLanguages(t *testing.T) {
	script := filepath.Join(t.TempDir(), "validator")
	if err := os.WriteFile(script, []byte("#!/usr/bin/env ruby\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]string{
		"python3 my_validator.py": "python", "/usr/bin/python3.13 -m validator": "python", "./check.py": "python",
		"env -i A=b python3 x": "python",
		"ruby -Ilib v.rb":      "ruby", "node v.mjs": "node", "java -jar v.jar": "java", "php v.php": "php", "perl v.pl": "perl",
		"dotnet v.dll": "dotnet",
		"go run .":     "go", os.Args[0]: "go", "env A=b " + os.Args[0]: "go", script: "ruby",
		"sh":                map[bool]string{true: "native"}[runtime.GOOS == "linux"],
		"./no-such-program": "",
	} {
		if got := languageOf(strings.Fields(command)); got != want {
			t.Errorf("%s is written in %q, want %q", command, got, want)
		}
	}
}
