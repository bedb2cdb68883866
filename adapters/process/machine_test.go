package process

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

// This file tests the asking itself: programs that do anything at any request,
// in any order, in a world where time costs nothing. Each request is answered
// once and in its turn, with what was said about it; a fault is never a verdict,
// and a death is never forgotten.

// act is what a program does at a request.
type act string

const (
	accept    act = "accept"
	reject    act = "reject"
	throw     act = "throw"
	pass      act = "say that it is unsupported"
	slow      act = "reject after a while"
	slower    act = "reject after a long while"
	logs      act = "log, then accept"
	hangs     act = "hang"
	dies      act = "die"
	diesOnce  act = "die the first time, then accept"
	silent    act = "say nothing"
	nonsense  act = "write what is no answer"
	elsewhere act = "answer for another id"
	undecided act = "answer without a verdict"
	swapped   act = "accept after the next"
)

// said is the verdict after each act.
var said = map[act]reference.Verdict{
	accept: reference.Accept, reject: reference.Reject, throw: reference.Error, pass: reference.Unsupported,
	slow: reference.Reject, slower: reference.Reject, logs: reference.Accept, hangs: reference.Timeout,
	dies: reference.Died, diesOnce: reference.Accept, silent: reference.Malformed, nonsense: reference.Malformed,
	elsewhere: reference.Malformed, undecided: reference.Malformed, swapped: reference.Malformed,
}

// quiet acts are those after which nothing comes that could be taken for their
// answer. Unless another answer comes, nothing shows that they are not merely late.
func quiet(what act) bool {
	return what == silent || what == nonsense || what == elsewhere || what == swapped || what == hangs
}

// mostQuiet is how many of those a run must have to be given up on.
const mostQuiet = 7

// script says what the program does at each request, by its id.
type script struct {
	sync.Mutex
	acts map[string]act
	seen map[string]bool
}

// start starts the program that follows the script, as a goroutine.
func (s *script) start(_ Options, stderr *tail) (*program, error) {
	stdinThere, stdinHere := io.Pipe()
	stdoutHere, stdoutThere := io.Pipe()
	killed, ended := make(chan struct{}), make(chan struct{})
	kill := sync.OnceFunc(func() {
		close(killed)
		stdinThere.Close()
		stdoutThere.Close()
	})
	end := "ended with exit status 0"
	go func() {
		defer close(ended)
		if !s.follow(stdinThere, stdoutThere, killed) {
			fmt.Fprintln(stderr, "Traceback")
			end = "ended with exit status 1"
		}
		stdinThere.Close()
		stdoutThere.Close()
	}()
	return &program{
		stdin: stdinHere, stdout: stdoutHere, inPipe: func() int { return 0 },
		wait: func() { <-ended }, kill: kill, end: func() string { return end },
	}, nil
}

// follow acts on each line of in. It reports whether it came to the end.
func (s *script) follow(in io.Reader, out io.Writer, killed <-chan struct{}) bool {
	after := "" // what is written after the next answer
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			fmt.Fprint(out, after)
			return true
		}
		c, err := protocol.DecodeCase(line)
		if err != nil {
			return false
		}
		s.Lock()
		what := s.acts[c.ID]
		first := !s.seen[c.ID]
		s.seen[c.ID] = true
		s.Unlock()
		wait := map[act]time.Duration{slow: 1500 * time.Millisecond, slower: 4 * time.Second, hangs: time.Hour}[what]
		select {
		case <-time.After(wait):
		case <-killed:
			return true
		}
		answer := func(field string) string { return fmt.Sprintf(`{"id":%q,%s}`+"\n", c.ID, field) }
		text := answer(`"valid":true`)
		switch what {
		case dies:
			return false
		case diesOnce:
			if first {
				return false
			}
		case reject, slow, slower:
			text = answer(`"valid":false`)
		case throw:
			text = answer(`"error":"x"`)
		case pass:
			text = answer(`"unsupported":"x"`)
		case logs:
			text = "INFO\n" + text
		case silent:
			text = ""
		case nonsense:
			text = "ACCEPTED\n"
		case elsewhere:
			text = `{"id":"elsewhere","valid":false}` + "\n"
		case undecided:
			text = answer(`"valid":null`)
		case swapped:
			after += text
			continue
		}
		if _, err := io.WriteString(out, text+after); err != nil {
			return true
		}
		after = ""
	}
}

// drawActs draws what is done at the requests of one Ask. Few of them cost
// patience, which ends.
func drawActs(t *rapid.T) []act {
	cheap := rapid.SampledFrom([]act{
		accept, reject, accept, reject, throw, pass, slow, slower, logs, dies, diesOnce, silent, nonsense, elsewhere, undecided, swapped,
	})
	acts := rapid.SliceOfN(cheap, 1, 12).Draw(t, "acts")
	if rapid.IntRange(0, 3).Draw(t, "hangs") == 0 {
		acts = append(acts, hangs)
	}
	for range rapid.SampledFrom([]int{1, 1, 1, 700}).Draw(t, "right ones") {
		acts = append(acts, accept)
	}
	return acts
}

func TestMachine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var asks [][]act
		for range rapid.IntRange(1, 3).Draw(rt, "asks") {
			asks = append(asks, append([]act{accept}, drawActs(rt)...))
		}
		var wrong string
		synctest.Test(t, func(t *testing.T) { wrong = follow(t, asks) })
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// follow asks the program that acts so, and says what is wrong with its answers.
func follow(t *testing.T, asks [][]act) string {
	s := &script{acts: map[string]act{}, seen: map[string]bool{}}
	p := &Process{options: Options{Command: []string{"scripted"}, Timeout: DefaultTimeout, grace: startGrace, start: s.start}}
	var wrong []string
	once, died, swaps, goOn, quietOnes, began := false, false, false, true, 0, time.Now()
	var answersTake time.Duration
	for n, acts := range asks {
		if !goOn {
			break
		}
		var cases []protocol.Case
		for i, what := range acts {
			id := fmt.Sprintf("%d-%d", n, i)
			s.acts[id] = what
			cases = append(cases, protocol.Case{ID: id, Request: reference.Request{Method: "GET", URL: "https://h/"}})
			once, swaps = once || what == diesOnce, swaps || what == swapped
			if quiet(what) {
				quietOnes++
			}
			answersTake += 4 * map[act]time.Duration{slow: 1500 * time.Millisecond, slower: 4 * time.Second}[what] // they may be sent again
		}
		next := 0
		err := p.Ask(t.Context(), cases, func(i int, a protocol.Answer) {
			if i != next {
				wrong = append(wrong, fmt.Sprintf("request %d is answered after %d", i, next-1))
			}
			next = i + 1
			died = died || a.Verdict == reference.Died
			late := quiet(acts[i]) && a.Verdict == reference.Timeout || acts[i] == swapped && a.Verdict == reference.Accept
			if a.Verdict != said[acts[i]] && !late {
				wrong = append(wrong, fmt.Sprintf("request %d, %q: %s (%s)", i, acts[i], a.Verdict, a.Detail))
			}
		})
		keeps := err != nil && (strings.Contains(err.Error(), "only when its input ends") || strings.Contains(err.Error(), "in another order"))
		switch {
		case err != nil && quietOnes >= mostQuiet, keeps && swaps:
			goOn = false
		case err != nil:
			wrong = append(wrong, err.Error())
		case next != len(cases):
			wrong = append(wrong, fmt.Sprintf("%d of %d are answered", next, len(cases)))
		}
	}
	p.Close()
	if fault := p.Fault(); goOn && (fault != nil) != once && !died {
		wrong = append(wrong, fmt.Sprintf("the fault is %v", fault))
	}
	if took := time.Since(began); took > answersTake+60*time.Second {
		wrong = append(wrong, fmt.Sprintf("it took %s, %s longer than its answers", took, took-answersTake))
	}
	return strings.Join(wrong, "\n")
}
