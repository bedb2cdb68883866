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
	"runtime"
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
	fault    error
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
	o.Command = []string{"env", "FIRST=" + filepath.Join(t.TempDir(), "first"), os.Args[0], "misbehave", how}
	o.Timeout = cmp.Or(o.Timeout, time.Minute) // a slow machine is no finding
	o.grace = cmp.Or(o.grace, 20*time.Second)
	p, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	h := askValidator(t, p, p.options.mark, ids)
	h.fault = p.Fault()
	return h
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
		verdict  reference.Verdict
		detail   string // in the detail or the standard error of the answer
		warnings string
	}{
		"behave":             {reference.Accept, "", ""},
		"CRLF":               {reference.Accept, "", ""},
		"hang":               {reference.Timeout, "no answer within 5s", "started again once"},
		"hang within a line": {reference.Timeout, "no answer within 5s", "started again once"},
		"hang deaf":          {reference.Timeout, "no answer within 5s", "started again once"},
		"crash":              {reference.Died, "ended with exit status 9", "started again"},
		"killed":             {reference.Died, "ended by a signal: killed", "started again"},
		"nonsense":           {reference.Malformed, `no answer (logs belong on standard error): "ACCEPTED"`, `the first of them "ACCEPTED"`},
		"no verdict":         {reference.Malformed, `exactly one of "valid"`, ""},
		"both":               {reference.Malformed, `exactly one of "valid"`, ""},
		"not a boolean":      {reference.Malformed, `"valid" must be true or false, without quotes; it is a JSON string`, ""},
		"wrong id":           {reference.Malformed, `answered for the id "worse", which it was not sent here`, ""},
		"throw":              {reference.Error, "TypeError", ""},
		"unsupported":        {reference.Unsupported, "no JSON", ""},
		"long line":          {reference.Malformed, "more than 16 MiB", "started again once"},
		"swap":               {reference.Malformed, "must come in the order of the requests", ""},
		"flood stderr":       {reference.Accept, "", ""},
		"leave a child":      {reference.Accept, "", ""},
		"leave a daemon":     {reference.Accept, "", leftBehind},
		"close stdout":       {reference.Died, "closed its standard output and ran on", "started again"},
		"close stdin":        {reference.Timeout, "no answer within 5s", "started again once"},
		"stop":               {reference.Timeout, "no answer within 5s", "started again once"},
		"log and hang":       {reference.Timeout, "no answer within 5s", "INFO still there"},
		"nothing":            {reference.Malformed, "must come in the order of the requests", ""},
		"null":               {reference.Malformed, `no answer (logs belong on standard error): "null"`, "answer no request"},
		"names twice":        {reference.Malformed, `"valid" is there more than once`, ""},
		"traceback":          {reference.Malformed, "Traceback", "answer no request"},
		"serve hang":         {reference.Timeout, "no answer within 5s", "started again once"},
		"serve panic":        {reference.Died, "out of range", "started again"},
		"serve exit":         {reference.Died, "ended with exit status 9", "started again"},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			o := Options{}
			if want.verdict == reference.Timeout {
				o.Timeout = 5 * time.Second
			}
			h := ask(t, how, ids(), o)
			if h.err != nil || h.fault != nil {
				t.Fatalf("the run ended: %v, %v", h.err, h.fault)
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
				if a := h.answers[id]; id != "bad" && a.Verdict != reference.Accept {
					t.Errorf("%s was answered %q (%s), only \"bad\" is bad", id, a.Verdict, a.Detail)
				}
			}
		})
	}
}

// leftBehind is what is said of a daemon, where one can be found.
var leftBehind = map[bool]string{true: "left a process running outside its process group"}[runtime.GOOS == "linux"]

func allStderr(h heard) string {
	var all strings.Builder
	for _, a := range h.answers {
		all.WriteString(a.Stderr)
	}
	return all.String()
}

// TestSlow: a program that takes its time is neither dead nor keeps its answers.
func TestSlow(t *testing.T) {
	h := ask(t, "slow", ids()[:300], Options{Timeout: 3 * time.Second})
	if h.err != nil || h.fault != nil || h.warnings != "" {
		t.Errorf("%v, %v, %s", h.err, h.fault, h.warnings)
	}
}

// TestSecrets: a program under test is not told the secrets of ours.
func TestSecrets(t *testing.T) {
	for name, value := range map[string]string{
		"TWILIO_AUTH_TOKEN": "sesame1", "TWILIO_SHARED_KEY_SECRET": "sesame2", "MY_TWILIO_API_KEY": "sesame3", "A_COPY": "sesame1",
		"KEPT": "kept",
	} {
		t.Setenv(name, value)
	}
	said := ask(t, "say the environment", ids()[:window], Options{}).answers["bad"].Detail
	if strings.Contains(said, "sesame") || !strings.Contains(said, "KEPT=kept") {
		t.Errorf("the program knows %s", said)
	}
}

// TestNamelessDaemon: a process is found that has left its group and cleared its
// environment.
func TestNamelessDaemon(t *testing.T) {
	h := ask(t, "leave a nameless daemon", ids(), Options{})
	if h.err != nil || !strings.Contains(h.warnings, leftBehind) {
		t.Errorf("%v, the warnings are %q", h.err, h.warnings)
	}
}

// TestLogsToStdout checks that lines that are not answers are skipped and noted.
func TestLogsToStdout(t *testing.T) {
	h := ask(t, "log to stdout", ids(), Options{})
	if h.err != nil {
		t.Fatal(h.err)
	}
	for id, a := range h.answers {
		if a.Verdict != reference.Accept {
			t.Errorf("%s: %s (%s)", id, a.Verdict, a.Detail)
		}
	}
	want := "lines on standard output that answer no request (logs belong on standard error: fmt.Fprintln(os.Stderr, …), or package log): " +
		`512, the first of them "INFO checking good-000"`
	if !strings.Contains(h.warnings, want) {
		t.Errorf("the warnings are %q", h.warnings)
	}
}

// TestDumpToStdout: however much is written before an answer, it is the answer of
// its own request, and no other request is to blame.
func TestDumpToStdout(t *testing.T) {
	h := ask(t, "dump to stdout", ids(), Options{Timeout: time.Minute})
	if h.err != nil || !strings.Contains(h.warnings, "20000, the first of them") {
		t.Errorf("%v, the warnings are %q", h.err, h.warnings)
	}
	for id, a := range h.answers {
		if a.Verdict != reference.Accept {
			t.Errorf("%s: %s (%s)", id, a.Verdict, a.Detail)
		}
	}
}

// TestTwice: an answer too many is an error where it is noticed.
func TestTwice(t *testing.T) {
	h := ask(t, "twice", ids(), Options{})
	if next := h.answers[ids()[window/2+1]]; next.Verdict != reference.Malformed ||
		!strings.Contains(next.Detail, `answered for "bad" a second time`) {
		t.Errorf("the answer after it is %+v", next)
	}
}

func TestOneshot(t *testing.T) {
	for how, want := range map[string]reference.Verdict{
		"oneshot accept":      reference.Accept,
		"oneshot reject":      reference.Reject,
		"oneshot exception":   reference.Error,
		"oneshot nothing":     reference.Malformed,
		"oneshot both":        reference.Malformed,
		"oneshot unsupported": reference.Unsupported,
		"exit at once":        reference.Error,
		"oneshot hang":        reference.Timeout,
		"flood":               reference.Timeout,
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			o := Options{Timeout: 30 * time.Second}
			if want == reference.Timeout {
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
