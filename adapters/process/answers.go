package process

import (
	"fmt"
	"strings"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

// This file assigns each line that a program wrote to the request that it answers.

const (
	mostStrays = 256     // lines that are no answers that are kept, or heard of a program that never answered
	longLine   = 4 << 10 // bytes of a line from which on its texts are cut, and copied
)

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
		a.failed("it answered for the id %s, which it was not sent here", quote([]byte(id)))
	case i < a.next && a.late[i]:
		delete(a.late, i)
	case i < a.next:
		a.failed("it answered for %s a second time instead of answering this", quote([]byte(id)))
	default:
		for a.next < i {
			if len(a.passed) > 0 {
				a.failed("%s", noAnswer(a.passed[0]))
				a.passed = a.passed[1:]
				continue
			}
			a.buffering.disordered = true
			a.failed("it answered for %s first: answers must come in the order of the requests", quote([]byte(id)))
		}
		a.passed = nil
		a.answers++
		a.deaths.inARow = 0
		if a.child.closing && a.child.promptly == 0 {
			a.child.promptly = time.Since(a.child.closedAt)
		}
		if a.child.answered++; a.child.answered == 1 {
			a.firstAnswer()
		}
		if len(text) > longLine {
			answer = answer.Cut(a.cases[i].Request)
		}
		a.done(answer)
	}
}

// firstAnswer notes how long a process took to its first answer.
func (a *asking) firstAnswer() {
	startup := max(time.Since(a.child.started), 1)
	if a.startup == 0 {
		a.startup = startup
	} else {
		a.lost += startup
	}
}

// passOver notes a line that is not an answer. The answer may still come, after as
// many lines as the program likes to write in its time.
func (a *asking) passOver(text []byte, why error) {
	said := fmt.Sprintf("%s (%s)", quote(text), strings.TrimPrefix(why.Error(), protocol.ErrNoAnswer.Error()+": "))
	if a.strays++; a.strays == 1 {
		a.stray = said
	}
	if len(a.passed) < mostStrays {
		a.passed = append(a.passed, said)
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

// failed makes the oldest case malformed; its own answer may still come.
func (a *asking) failed(format string, args ...any) {
	if a.next >= a.sent { // nothing is open that could be to blame
		if a.extra == "" {
			a.extra = fmt.Sprintf(format, args...)
		}
		return
	}
	a.late[a.next] = true
	a.done(protocol.Answer{Verdict: reference.Malformed, Detail: fmt.Sprintf(format, args...)})
}

// done hands over the answer to the oldest case.
func (a *asking) done(answer protocol.Answer) {
	answer.Stderr = a.child.stderr.take()
	a.answered(a.next, answer)
	a.next++
	a.suspect.cleared(a.next >= a.alone)
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
