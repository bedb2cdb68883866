// Package process asks a program: it starts it, writes requests to its
// standard input and reads verdicts from its standard output (see package
// protocol).
//
// The program is not trusted to behave. The rules are:
//
//   - It is started once and asked in order. Requests are sent ahead of the
//     answers, so that neither side waits for the other.
//   - A line that is no answer is passed over and noted: a program that logs to
//     standard output is told so. If no answer comes between many of them,
//     or in time, it is the answer to the oldest request, and is an error.
//   - An answer that skips requests makes each skipped one an error; a late
//     answer to a request that is already an error is ignored.
//   - What does not answer in time is ended with its whole process group, and
//     the program is started again for the requests after it.
//   - When the program ends by itself, the oldest unanswered request is asked
//     again alone, to blame the right one; so are those sent after it.
//   - What fails again and again is given up on, with what it wrote last.
package process

import (
	"context"
	"crypto/rand"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"sigconform/adapters/protocol"
)

const (
	// DefaultTimeout is how long one answer may take unless Options say otherwise.
	DefaultTimeout = 5 * time.Second

	window       = 512              // requests that may be waiting for answers
	refill       = window / 4       // … of which so many are sent in one go
	mostStrays   = 64               // lines in a row that are no answers before we say so
	startGrace   = 15 * time.Second // added for the first answer of a process
	maxTimeouts  = 10               // requests that may time out before we give up
	maxDeaths    = 25               // ends in a row, without an answer between, before we give up
	maxDeathsNew = 3                // … if it has never answered at all
	maxSilences  = 2                // requests that may time out if it has never answered at all
)

// Options say which program is asked, and how.
type Options struct {
	Command []string      // the program and its arguments; required
	Dir     string        // its working directory; "" for the current one
	Timeout time.Duration // how long an answer may take; 0 for DefaultTimeout

	grace time.Duration // added for the first answer of a process; 0 for startGrace
	mark  string        // an environment variable that all its processes inherit
}

// prepare fills the defaults and finds the program.
func (o Options) prepare() (Options, error) {
	if len(o.Command) == 0 {
		return o, fmt.Errorf("no program was named")
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.grace == 0 {
		o.grace = startGrace
	}
	o.mark = "SIGCONFORM_RUN=" + rand.Text()
	program := o.Command[0]
	if o.Dir != "" && strings.ContainsRune(program, filepath.Separator) && !filepath.IsAbs(program) {
		program = filepath.Join(o.Dir, program)
	}
	if _, err := exec.LookPath(program); err != nil {
		hint := "is there such a program, and may it be executed?"
		if strings.Contains(program, " ") {
			hint = "the program and each of its arguments are words of their own: without quotes around them all"
		}
		return o, fmt.Errorf("cannot start %s: %s (%w)", o.Command[0], hint, err)
	}
	return o, nil
}

// Process is a program that is started once and asked line by line.
type Process struct {
	options  Options
	child    *child
	answers  int           // answers that it ever gave
	started  time.Time     // when the program was started last
	startup  time.Duration // how long it took to its first answer, the first time; 0 until then
	deaths   int           // ends in a row without an answer between
	restarts int
	timeouts int
	silences int    // timeouts before it ever answered
	strays   int    // lines on standard output that are no answers
	stray    string // what the first of them says, and why it is none
	died     string // how it ended by itself, when it did so last
}

// Open prepares the program; it is started by the first Ask.
func Open(o Options) (*Process, error) {
	o, err := o.prepare()
	return &Process{options: o}, err
}

// asking is the state of one call of Ask.
type asking struct {
	*Process
	cases    []protocol.Case
	answered func(int, protocol.Answer)
	next     int          // the oldest case without an answer
	sent     int          // cases before this one have been sent to the child
	alone    int          // cases before this one are asked one at a time
	late     map[int]bool // cases that are errors already and whose answer may still come
	passed   []string     // lines that were passed over since the last answer
}

// Ask asks the cases in order; see adapters.Validator.
func (p *Process) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	a := &asking{Process: p, cases: cases, answered: answered, late: map[int]bool{}}
	timer := time.NewTimer(p.options.Timeout)
	defer timer.Stop()
	for a.next < len(cases) {
		if err := a.send(); err != nil {
			return err
		}
		if len(a.child.unread) == 0 {
			timer.Reset(a.patience())
		}
		if err := a.receive(ctx, timer.C); err != nil {
			return err
		}
	}
	return nil
}

// send starts the program if it does not run, and sends what may be sent.
func (a *asking) send() error {
	if a.child == nil {
		child, err := start(a.options)
		if err != nil {
			return fmt.Errorf("cannot start %s: %w", a.options.Command[0], err)
		}
		a.child, a.sent, a.started = child, a.next, time.Now()
		clear(a.late)
	}
	limit := min(a.next+window, len(a.cases))
	if a.next < a.alone {
		limit = a.next + 1
	} else if a.sent > a.next && limit-a.sent < refill && limit < len(a.cases) {
		return nil
	}
	for a.sent < limit {
		lines := make([]byte, 0, chunk+chunk/8)
		sent := a.sent
		for ; sent < limit && len(lines) < chunk; sent++ {
			var err error
			if lines, err = protocol.AppendCase(lines, a.cases[sent]); err != nil {
				return err
			}
		}
		select {
		case a.child.input <- lines:
			a.sent = sent
		default: // it writes lines without reading any
			return nil
		}
	}
	return nil
}

// patience is how long the next answer may take.
func (a *asking) patience() time.Duration {
	if a.child.answered {
		return a.options.Timeout
	}
	if a.startup > 0 { // it has started before, and will not take much longer now
		return a.options.Timeout + min(a.options.grace, 4*a.startup+time.Second)
	}
	return a.options.Timeout + a.options.grace
}

// receive waits for the next line, the end of the program, or the end of our
// patience, and acts on it.
func (a *asking) receive(ctx context.Context, patience <-chan time.Time) error {
	if len(a.child.unread) == 0 {
		select {
		case lines, open := <-a.child.output:
			if !open {
				return a.died()
			}
			a.child.unread = lines
		case <-patience:
			return a.timedOut()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	l := a.child.unread[0]
	if a.child.unread = a.child.unread[1:]; l.err != nil {
		a.failed("%s", l.err)
		a.restart()
	} else {
		a.heard(l.text)
	}
	if a.answers == 0 && a.strays >= mostStrays {
		return fmt.Errorf("%s", noAnswer(a.stray))
	}
	return nil
}

// heard takes a line as what it claims to be: the answer to the oldest case,
// to a later one, to one that is long answered, or to none.
func (a *asking) heard(text []byte) {
	id, answer, err := protocol.DecodeAnswer(text)
	if err != nil {
		a.passOver(text, err)
		return
	}
	i := a.find(id)
	switch {
	case i < 0:
		a.failed("it answered for the id %s, which it was not asked here", quote([]byte(id)))
	case i < a.next && a.late[i]:
		delete(a.late, i)
	case i < a.next:
		a.failed("it answered for %s a second time instead of answering this", id)
	default:
		for a.next < i {
			if len(a.passed) > 0 {
				a.failed("%s", noAnswer(a.passed[0]))
				a.passed = a.passed[1:]
				continue
			}
			a.failed("it answered for %s first: answers must come in the order of the requests", id)
		}
		a.passed = nil
		a.answers++
		a.deaths = 0
		if a.startup == 0 {
			a.startup = time.Since(a.started)
		}
		a.child.answered = true
		a.done(answer)
	}
}

// passOver notes a line that is no answer. Too many of them are answers after all.
func (a *asking) passOver(text []byte, why error) {
	said := fmt.Sprintf("%s (%s)", quote(text), strings.TrimPrefix(why.Error(), protocol.ErrNoAnswer.Error()+": "))
	if a.strays++; a.strays == 1 {
		a.stray = said
	}
	if a.passed = append(a.passed, said); len(a.passed) >= mostStrays {
		a.failed("%s", noAnswer(a.passed[0]))
		a.passed = a.passed[1:]
	}
}

func noAnswer(said string) string {
	return "it wrote a line on standard output that is no answer (logs belong on standard error): " + said
}

// find returns the index of the case with that id among those sent and the
// last ones before them, or -1.
func (a *asking) find(id string) int {
	if a.next < a.sent && a.cases[a.next].ID == id {
		return a.next
	}
	for i := a.sent - 1; i >= max(0, a.next-1000); i-- {
		if a.cases[i].ID == id {
			return i
		}
	}
	return -1
}

// failed makes the oldest case an error; its own answer may still come.
func (a *asking) failed(format string, args ...any) {
	a.late[a.next] = true
	a.child.answered = true
	a.done(protocol.Answer{Verdict: protocol.Error, Detail: fmt.Sprintf(format, args...)})
}

// done hands over the answer to the oldest case.
func (a *asking) done(answer protocol.Answer) {
	answer.Stderr = a.child.stderr.take()
	a.answered(a.next, answer)
	a.next++
	a.sent = max(a.sent, a.next)
}

// restart ends the child; the next send starts a new one.
func (a *asking) restart() []line {
	unread := a.child.finish(0)
	a.child = nil
	a.restarts++
	return unread
}

// died acts on the end of the program's output.
func (a *asking) died() error {
	a.child.finish(time.Second)
	end, wrote := a.child.end(), a.child.stderr.take()
	a.Process.died = end + quoteStderr(wrote)
	defer func() { a.child = nil }()
	// Only a fresh process that was asked nothing else is blamed on the request.
	toBlame := a.sent == a.next+1 && !a.child.answered
	a.deaths++
	limit := maxDeaths
	if a.answers == 0 {
		limit = maxDeathsNew
	}
	if a.deaths >= limit {
		return fmt.Errorf("the program %s before it answered %s (%d times in a row)%s%s", end, a.cases[a.next].ID, a.deaths, a.quoteStray(), quoteStderr(wrote))
	}
	if toBlame {
		a.answered(a.next, protocol.Answer{Verdict: protocol.Died, Detail: "the program " + end, Stderr: wrote})
		a.next++
	} else {
		a.alone = max(a.alone, a.sent)
	}
	a.restarts++
	return nil
}

// timedOut acts on an answer that does not come.
func (a *asking) timedOut() error {
	patience, wrote := a.patience(), a.child.stderr.take()
	a.answered(a.next, protocol.Answer{
		Verdict: protocol.Timeout,
		Detail:  fmt.Sprintf("no answer within %s", patience) + a.quoteStray(),
		Stderr:  wrote,
	})
	a.next++
	a.timeouts++
	if a.answers == 0 {
		// Is it holding its answers back, or waiting for the end of its input?
		unread := a.child.finish(time.Second)
		a.child = nil
		a.restarts++
		a.silences++
		if len(unread) > 0 {
			return fmt.Errorf("it answers only when its input ends; it must read line by line and flush its output after every line (Python: print(…, flush=True))")
		}
		if a.silences >= maxSilences || a.strays > 0 {
			return fmt.Errorf("it never answered: %d requests, %s each (the first answer may take %s longer than --timeout); does it read line by line, and flush its output after every line?%s%s",
				a.silences, patience, a.options.grace, a.quoteStray(), quoteStderr(wrote))
		}
		return nil
	}
	a.restart()
	if a.timeouts >= maxTimeouts {
		return fmt.Errorf("%d requests were not answered within %s each", a.timeouts, a.options.Timeout)
	}
	return nil
}

// Close ends the program and everything it started; see adapters.Validator.
func (p *Process) Close() (warnings []string) {
	if p.child != nil {
		if unread := p.child.finish(2 * time.Second); len(unread) > 0 {
			warnings = append(warnings, fmt.Sprintf("it wrote more lines than it was asked for, the first of them %s", quote(unread[0].text)))
		}
		p.child = nil
	}
	if p.strays > 0 {
		warnings = append(warnings, fmt.Sprintf("it wrote %d lines on standard output that are no answers (logs belong on standard error), the first of them %s", p.strays, p.stray))
	}
	switch {
	case p.died != "":
		warnings = append(warnings, fmt.Sprintf("it had to be started again %d times; the last time it %s", p.restarts, p.died))
	case p.restarts > 0:
		warnings = append(warnings, fmt.Sprintf("it had to be started again %d times", p.restarts))
	}
	if n := endEscaped(p.options.mark); n > 0 {
		warnings = append(warnings, fmt.Sprintf("it had left %d processes running outside its process group; they were ended", n))
	}
	return warnings
}

// quoteStray shows the first line that was no answer, as the continuation of a
// sentence, and what may have been meant by it.
func (p *Process) quoteStray() string {
	switch {
	case p.strays == 0:
		return ""
	case strings.HasPrefix(p.stray, `"accept"`), strings.HasPrefix(p.stray, `"reject"`):
		return fmt.Sprintf("; on standard output it wrote %s: did you mean --oneshot?", p.stray)
	}
	return fmt.Sprintf("; on standard output it wrote what is no answer: %s", p.stray)
}

// quote shows the beginning of what a program wrote.
func quote(text []byte) string {
	const most = 200
	if len(text) > most {
		return fmt.Sprintf("%q…", text[:most])
	}
	return fmt.Sprintf("%q", text)
}

// quoteStderr shows the end of what a program wrote on its standard error, as
// the continuation of a sentence.
func quoteStderr(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	const most = 1000
	if len(text) > most {
		text = "…" + text[len(text)-most:]
	}
	return "; it wrote on standard error:\n" + text
}
