// Package process tests a program: it starts it, writes requests to its
// standard input and reads verdicts from its standard output (see package
// protocol).
//
// The program is not trusted to behave. The rules are:
//
//   - It is started once and sent the requests in order, ahead of the
//     answers, so that neither side waits for the other (this file).
//   - An answer is due in Options.Timeout, whatever else is written meanwhile.
//     What does not answer in time is ended with its whole process group, and
//     the program is started again for the requests after it.
//   - A line that is not an answer is skipped and noted: a warning tells that the
//     program logs to standard output. A program that writes many of them and no
//     answer is given up on (answers.go).
//   - An answer that skips requests makes each skipped one malformed; a late
//     answer to a request that is malformed already is ignored.
//   - When the program ends by itself, what was sent is sent again one by one: a
//     request that is open again when it ends is to blame. A death that no
//     request is to blame for is a fault of the run (deaths.go).
//   - What keeps its answers until its input ends is recognised by just that: its
//     input is ended (buffered.go).
//   - A program that fails repeatedly is given up on; the error quotes its last
//     output. The total time without answers is limited.
//
// The other files: child.go is a program that was started, start.go how it is started
// and ended (start_*.go: on each system), misstarted.go why it cannot be, and
// oneshot.go a program that is started for each request.
package process

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

const (
	// DefaultTimeout is how long one answer may take unless Options say otherwise.
	DefaultTimeout = 5 * time.Second

	window      = 512              // requests that may be waiting for answers
	refill      = window / 4       // … sent at once when there is room
	startGrace  = 15 * time.Second // added for the first answer of a process
	maxTimeouts = 10               // requests that may time out before we give up
	maxSilences = 2                // … if it has never answered at all
	mostLost    = 45 * time.Second // that may pass without answers before we give up
	mostReading = 30 * time.Second // more, for a program that is still reading its requests
)

// Options say which program is tested, and how.
type Options struct {
	Command []string      // the program and its arguments; required
	Dir     string        // its working directory; "" for the current one
	Timeout time.Duration // how long an answer may take; 0 for DefaultTimeout

	grace time.Duration // added for the first answer of a process; 0 for startGrace
	mark  string        // an environment variable that all its processes inherit
	start func(Options, *tail) (*program, error)
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
	o.start = startProgram
	o.mark = markName + "=" + rand.Text()
	program := o.Command[0]
	if o.Dir != "" && strings.ContainsRune(program, filepath.Separator) && !filepath.IsAbs(program) {
		program = filepath.Join(o.Dir, program)
	}
	if _, err := exec.LookPath(program); err != nil {
		return o, fmt.Errorf("cannot start %s: %s", o.Command[0], whyNotStarted(program, err))
	}
	return o, nil
}

// Process is a program that is started once and answers line by line. It is used
// by one goroutine at a time.
type Process struct {
	options   Options
	child     *child
	answers   int           // answers that it ever gave
	startup   time.Duration // how long it took to its first answer, the first time; 0 until then
	lost      time.Duration // how long we waited for what did not come
	reading   time.Duration // how long we waited because it was reading
	restarts  int
	timeouts  int
	floods    int    // lines that were too long to be read
	strays    int    // lines on standard output that are not answers
	stray     string // the first of them, and why it is not an answer
	extra     string // the first answer to no request
	deaths    deaths
	buffering buffering
}

// Open prepares the program; it is started by the first Ask.
func Open(o Options) (*Process, error) {
	o, err := o.prepare()
	return &Process{options: o}, err
}

// Another prepares the same program once more, for a process that was sent nothing.
func (p *Process) Another() (*Process, error) { return Open(p.options) }

// asking is the state of one call of Ask.
type asking struct {
	*Process
	cases    []protocol.Case
	answered func(int, protocol.Answer)
	next     int          // the oldest case without an answer
	sent     int          // cases before this one have been sent to the child
	alone    int          // cases before this one are sent one at a time
	late     map[int]bool // cases that are malformed already and whose answer may still come
	passed   []string     // lines that were passed over since the last answer
	suspect  suspect
	timer    *time.Timer
	since    time.Time // when the oldest case became the oldest, or the child was started
	waiting  int       // the case that was the oldest then
	taken    int64     // how much the child had read when it was last looked at
}

// Ask asks the cases in order; see adapters.Validator.
func (p *Process) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	a := &asking{Process: p, cases: cases, answered: answered}
	err := a.run(ctx)
	if p.child != nil && (err != nil || len(a.late) > 0) {
		// What it still has to say would be taken for answers to the next requests.
		p.child.finish(0)
		p.child = nil
	}
	return err
}

func (a *asking) run(ctx context.Context) error {
	a.late, a.waiting = map[int]bool{}, -1
	a.timer = time.NewTimer(a.options.Timeout)
	defer a.timer.Stop()
	for a.next < len(a.cases) {
		if err := a.send(); err != nil {
			return err
		}
		if err := a.receive(ctx); err != nil {
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
		a.child, a.sent, a.waiting = child, a.next, -1
		clear(a.late)
	}
	limit := min(a.next+window, len(a.cases))
	switch {
	case a.child.closing:
		return nil
	case a.next < a.alone:
		limit = a.next + 1
	case a.sent > a.next && limit-a.sent < refill && limit < len(a.cases):
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
			a.child.count += sent - a.sent
			a.child.sent += int64(len(lines))
			a.sent = sent
		default: // it writes lines without reading any
			return nil
		}
	}
	return nil
}

// patience is how long the next answer may take.
func (a *asking) patience() time.Duration {
	if a.child.answered > 0 {
		return a.options.Timeout
	}
	if a.startup > 0 { // it has started before, and will not take much longer now
		return a.options.Timeout + min(a.options.grace, 4*a.startup+time.Second)
	}
	return a.options.Timeout + a.options.grace
}

// receive waits for the next lines, the end of the program, or the end of our
// patience, and acts on it.
func (a *asking) receive(ctx context.Context) error {
	if len(a.child.unread) == 0 {
		now := time.Now()
		if a.waiting != a.next {
			a.waiting, a.since, a.taken = a.next, now, a.child.taken()
		}
		due := a.since.Add(a.patience())
		look := a.lookAt(now, due)
		a.timer.Reset(look.Sub(now))
		select {
		case lines, open := <-a.child.output:
			if !open {
				return a.ended()
			}
			a.child.unread = lines
		case <-a.timer.C:
			if look.Before(due) {
				a.endInput()
				return nil
			}
			return a.overdue()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	l := a.child.unread[0]
	if a.child.unread = a.child.unread[1:]; l.err != nil {
		return a.flooded(l.err)
	}
	a.heard(l.text)
	switch {
	case a.answers == 0 && a.strays >= mostStrays:
		return fmt.Errorf("%s", noAnswer(a.stray))
	case a.child != nil && a.child.closing && a.next >= a.sent:
		return a.drained(ctx)
	}
	return nil
}

// flooded acts on a line that is too long to be read: nothing that the child still
// writes is read.
func (a *asking) flooded(why error) error {
	a.lost += time.Since(a.since)
	a.failed("%s", why)
	a.restart()
	a.floods++
	if a.answers == 0 && a.floods >= maxSilences || a.floods >= maxTimeouts || a.lost > mostLost && a.floods >= 3 {
		return fmt.Errorf("%s, %s", why, times(a.floods))
	}
	return nil
}

// restart ends the child; the next send starts a new one.
func (a *asking) restart() {
	a.child.finish(0)
	a.child = nil
	a.restarts++
}

// overdue acts on an answer that does not come. A program that is still reading
// is given more time, as long as it makes any progress.
func (a *asking) overdue() error {
	taken := a.child.taken()
	if waited := a.patience(); taken-a.taken >= leastProgress && taken < a.child.sent && a.reading+waited <= mostReading {
		a.reading += waited
		a.since, a.taken = time.Now(), taken
		return nil
	}
	patience, wrote := a.patience(), a.child.stderr.take()
	a.answered(a.next, protocol.Answer{
		Verdict: reference.Timeout,
		Detail:  fmt.Sprintf("no answer within %s", patience) + a.quoteStray(),
		Stderr:  wrote,
	})
	a.next++
	a.suspect.cleared(a.next >= a.alone)
	a.timeouts++
	a.lost += patience
	a.restart()
	switch {
	case a.answers == 0 && (a.timeouts >= maxSilences || a.strays > 0):
		return fmt.Errorf("it never answered: %d requests, %s each (the first answer may take %s longer than --timeout); "+
			"does it read line by line, and flush its output after every line? (A web server is tested with --endpoint URL.)%s%s",
			a.timeouts, patience, a.options.grace, a.quoteStray(), quoteStderr(wrote))
	case a.timeouts >= maxTimeouts || a.lost > mostLost && a.timeouts >= 3:
		return fmt.Errorf("%d requests were not answered within %s each%s", a.timeouts, a.options.Timeout, a.quoteStray())
	}
	return nil
}

// leastProgress is how many bytes a program must read while it is waited for,
// to be taken for one that reads slowly.
const leastProgress = 1 << 10

// Close ends the program and everything it started; see adapters.Validator.
func (p *Process) Close() (warnings []string) {
	if p.child != nil {
		for _, l := range p.child.finish(2 * time.Second) {
			if _, _, err := protocol.DecodeAnswer(l.text); err == nil && p.extra == "" {
				p.extra = quote(l.text)
			}
			if p.strays++; p.strays == 1 {
				p.stray = quote(l.text)
			}
		}
		p.child = nil
	}
	if p.strays > 0 {
		where := "logs belong on standard error"
		if log := logging[languageOf(p.options.Command)]; log != "" {
			where += ": " + log
		}
		warnings = append(warnings, fmt.Sprintf(
			"lines on standard output that answer no request (%s): %d, the first of them %s", where, p.strays, p.stray))
	}
	if n := p.restarts; n > 0 {
		warnings = append(warnings, fmt.Sprintf("it was started again %s%s", times(n), p.deaths.last()))
	}
	return append(warnings, endRest(p.options.mark)...)
}

// Fault is what makes a run fail though no request is to blame; nil if there is
// no such thing. It is complete after Close.
func (p *Process) Fault() error {
	if err := p.deaths.fault(); err != nil {
		return err
	}
	if p.buffering.bursts > 0 { // it was ended before that was certain
		return errors.New("for want of an answer its input was ended, and then it answered: " + p.buffering.sentence(p.options.Command))
	}
	if p.extra != "" {
		return fmt.Errorf("it wrote more answers than there were requests; the first such line is %s", p.extra)
	}
	return nil
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}
