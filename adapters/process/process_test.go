//go:build unix

package process

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

func ignoreSignals() { signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP) }

// heard is what came of asking a validator that misbehaves.
type heard struct {
	answers  map[string]protocol.Answer
	err      error
	warnings string
}

// before is the id of the case before "bad".
var before = ids()[window/2-1]

// ids of the cases that are asked: more than the window, "bad" among them.
func ids() []string {
	var ids []string
	for i := range 2 * window {
		ids = append(ids, fmt.Sprintf("good-%03d", i))
	}
	ids[window/2] = "bad"
	return ids
}

// ask asks the test binary, which misbehaves in the given way.
func ask(t *testing.T, how string, ids []string, o Options) heard {
	t.Helper()
	o.Command = []string{os.Args[0], "misbehave", how}
	o.Timeout = cmp.Or(o.Timeout, 3*time.Second)
	o.grace = cmp.Or(o.grace, 20*time.Second)
	p, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return askValidator(t, p, p.options.mark, ids)
}

func askOneshot(t *testing.T, how string, ids []string, o Options) heard {
	t.Helper()
	o.Command = []string{os.Args[0], "misbehave", how}
	p, err := OpenOneshot(o)
	if err != nil {
		t.Fatal(err)
	}
	return askValidator(t, p, p.options.mark, ids)
}

// validator is adapters.Validator, which this package must not import.
type validator interface {
	Ask(context.Context, []protocol.Case, func(int, protocol.Answer)) error
	Close() []string
}

func askValidator(t *testing.T, v validator, mark string, ids []string) heard {
	t.Helper()
	h := heard{answers: map[string]protocol.Answer{}}
	var cases []protocol.Case
	for _, id := range ids {
		cases = append(cases, protocol.Case{ID: id, Request: reference.Request{Method: "GET", URL: "https://h/"}})
	}
	h.err = v.Ask(t.Context(), cases, func(i int, a protocol.Answer) {
		if _, twice := h.answers[ids[i]]; twice {
			t.Errorf("%s was answered twice", ids[i])
		}
		h.answers[ids[i]] = a
	})
	h.warnings = strings.Join(v.Close(), "\n")
	if pids := left(mark); len(pids) > 0 {
		t.Errorf("processes left behind: %v", pids)
	}
	return h
}

// left lists the processes that carry the mark. One that was killed may take a
// moment to go.
func left(mark string) []string {
	var pids []string
	for range 100 {
		pids = nil
		files, _ := filepath.Glob("/proc/[0-9]*/environ")
		for _, file := range files {
			if environment, _ := os.ReadFile(file); bytes.Contains(environment, []byte(mark)) {
				pids = append(pids, filepath.Base(filepath.Dir(file)))
			}
		}
		if len(pids) == 0 {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return pids
}

// TestOneBadAnswer: what goes wrong at one request is its verdict alone, and
// every other request is answered.
func TestOneBadAnswer(t *testing.T) {
	for how, want := range map[string]struct {
		verdict  protocol.Verdict
		detail   string // in the detail or the standard error of the answer
		warnings string
	}{
		"behave":             {protocol.Accept, "", ""},
		"CRLF":               {protocol.Accept, "", ""},
		"hang":               {protocol.Timeout, "no answer within 3s", "started again 1 times"},
		"hang within a line": {protocol.Timeout, "no answer within 3s", "started again 1 times"},
		"hang deaf":          {protocol.Timeout, "no answer within 3s", "started again 1 times"},
		"crash":              {protocol.Died, "ended with exit status 9", "started again"},
		"killed":             {protocol.Died, "ended by a signal: killed", "started again"},
		"nonsense":           {protocol.Error, `no answer (logs belong on standard error): "ACCEPTED"`, `it wrote 1 lines on standard output that are no answers (logs belong on standard error), the first of them "ACCEPTED"`},
		"no verdict":         {protocol.Error, `exactly one of "valid"`, ""},
		"both":               {protocol.Error, `exactly one of "valid"`, ""},
		"not a boolean":      {protocol.Error, `"valid" must be true or false, without quotes; it is a JSON string`, ""},
		"wrong id":           {protocol.Error, `answered for the id "worse", which it was not asked`, ""},
		"throw":              {protocol.Error, "TypeError", ""},
		"unsupported":        {protocol.Unsupported, "no JSON", ""},
		"long line":          {protocol.Error, "more than 16 MiB", "started again 1 times"},
		"swap":               {protocol.Error, "must come in the order of the requests", ""},
		"flood stderr":       {protocol.Accept, "", ""},
		"leave a child":      {protocol.Accept, "", ""},
		"leave a daemon":     {protocol.Accept, "", "left 1 processes running outside its process group"},
		"exit after each":    {protocol.Accept, "", "started again"},
		"serve hang":         {protocol.Timeout, "no answer within 3s", "started again 1 times"},
		"serve panic":        {protocol.Died, "out of range", "started again"},
		"serve exit":         {protocol.Died, "ended with exit status 9", "started again"},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			o := Options{}
			if how == "long line" {
				o.Timeout = time.Minute
			}
			h := ask(t, how, ids(), o)
			if h.err != nil {
				t.Fatalf("the run ended: %v", h.err)
			}
			got := h.answers["bad"]
			if got.Verdict != want.verdict {
				t.Errorf("the verdict is %s (%s), want %s", got.Verdict, got.Detail, want.verdict)
			}
			if !strings.Contains(got.Detail+got.Stderr, want.detail) {
				t.Errorf("the detail is %q, it should have %q in it", got.Detail, want.detail)
			}
			if !strings.Contains(h.warnings, want.warnings) || want.warnings == "" && h.warnings != "" {
				t.Errorf("the warnings are %q, want %q", h.warnings, want.warnings)
			}
			if how == "crash" && !strings.Contains(got.Stderr, "cannot read property") {
				t.Errorf("the standard error is not kept: %q", got.Stderr)
			}
			if how == "flood stderr" && !strings.Contains(allStderr(h), "the end") {
				t.Error("the end of the standard error is not kept")
			}
			// How much is kept of all depends on which answers it comes between.
			for id, a := range h.answers {
				if len(a.Stderr) > tailSize {
					t.Errorf("%s keeps %d bytes of standard error", id, len(a.Stderr))
				}
			}
			for _, id := range ids() {
				if a := h.answers[id]; id != "bad" && a.Verdict != protocol.Accept {
					t.Errorf("%s was answered %q (%s), only \"bad\" is bad", id, a.Verdict, a.Detail)
				}
			}
		})
	}
}

func allStderr(h heard) string {
	var all strings.Builder
	for _, a := range h.answers {
		all.WriteString(a.Stderr)
	}
	return all.String()
}

// TestCannotBeAsked: what can never work ends the run soon, and says why.
func TestCannotBeAsked(t *testing.T) {
	for how, want := range map[string]string{
		"exit at once":      "ended with exit status 3 before it answered good-001 (3 times in a row); it wrote on standard error:\nno module named twilio",
		"never answer":      "it never answered: 2 requests, ",
		"flood":             `no answer (logs belong on standard error): "all work and no play"`,
		"oneshot accept":    `on standard output it wrote "accept" (not a JSON object): did you mean --oneshot?`,
		"answer at the end": "it answers only when its input ends; it must read line by line and flush",
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			o := Options{}
			if how != "exit at once" {
				o.grace = time.Second
			}
			h := ask(t, how, ids(), o)
			if h.err == nil || !strings.Contains(h.err.Error(), want) {
				t.Errorf("the error is %v, it should have %q in it", h.err, want)
			}
		})
	}
}

// TestEndlessLine: what can be no answer is an error, and no danger.
func TestEndlessLine(t *testing.T) {
	h := ask(t, "endless line", ids()[:5], Options{})
	if h.err != nil {
		t.Fatal(h.err)
	}
	for id, a := range h.answers {
		if a.Verdict != protocol.Error {
			t.Errorf("%s: %s", id, a.Verdict)
		}
	}
}

// TestLogsToStdout: lines that are no answers are passed over, and noted.
func TestLogsToStdout(t *testing.T) {
	h := ask(t, "log to stdout", ids(), Options{})
	if h.err != nil {
		t.Fatal(h.err)
	}
	for id, a := range h.answers {
		if a.Verdict != protocol.Accept {
			t.Errorf("%s: %s (%s)", id, a.Verdict, a.Detail)
		}
	}
	if want := `lines on standard output that are no answers (logs belong on standard error), the first of them "INFO checking good-000"`; !strings.Contains(h.warnings, want) {
		t.Errorf("the warnings are %q", h.warnings)
	}
}

// TestTwice: an answer too many is an error where it is noticed.
func TestTwice(t *testing.T) {
	h := ask(t, "twice", ids(), Options{})
	if next := h.answers[ids()[window/2+1]]; next.Verdict != protocol.Error || !strings.Contains(next.Detail, "answered for bad a second time") {
		t.Errorf("the answer after it is %+v", next)
	}
}

func TestOneshot(t *testing.T) {
	for how, want := range map[string]protocol.Verdict{
		"oneshot accept":      protocol.Accept,
		"oneshot reject":      protocol.Reject,
		"oneshot exception":   protocol.Error,
		"oneshot unsupported": protocol.Unsupported,
		"exit at once":        protocol.Error,
		"oneshot hang":        protocol.Timeout,
		"flood":               protocol.Timeout,
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			o := Options{Timeout: 30 * time.Second}
			if want == protocol.Timeout {
				o = Options{Timeout: time.Second, grace: time.Second}
			}
			h := askOneshot(t, how, []string{"bad", "good"}, o)
			if h.err != nil {
				t.Fatal(h.err)
			}
			for id, a := range h.answers {
				if a.Verdict != want {
					t.Errorf("%s: %s (%s), want %s", id, a.Verdict, a.Detail, want)
				}
			}
		})
	}
}

func TestMissingProgram(t *testing.T) {
	for _, program := range []string{"no-such-program", "./no-such-program", "/no/such/program"} {
		if _, err := Open(Options{Command: []string{program}}); err == nil || !strings.Contains(err.Error(), "cannot start "+program) {
			t.Errorf("Open(%s): %v", program, err)
		}
	}
}

// TestInterrupted: the end of the context ends the run at once, and the process.
func TestInterrupted(t *testing.T) {
	p, err := Open(Options{Command: []string{os.Args[0], "misbehave", "never answer"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err = p.Ask(ctx, []protocol.Case{{ID: "x"}}, func(int, protocol.Answer) { t.Error("an answer") })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
	p.Close()
	if pids := left(p.options.mark); len(pids) > 0 {
		t.Errorf("processes left behind: %v", pids)
	}
}
