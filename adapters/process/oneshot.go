package process

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

// The exit statuses of a program that is started once for each request.
const (
	exitAccept      = 0
	exitReject      = 1
	exitUnsupported = 77
)

// Oneshot is a program that is started once for each case, with the request on
// its standard input. It prints "accept" and ends with status 0, or prints
// "reject" and ends with status 1, or ends with status 77 for unsupported. Both
// have to agree, so that an uncaught exception is never taken for a rejection: a
// status that says nothing of all this is an error.
type Oneshot struct {
	options Options
}

// OpenOneshot prepares the program; it is started by every case of Ask.
func OpenOneshot(o Options) (*Oneshot, error) {
	o, err := o.prepare()
	return &Oneshot{options: o}, err
}

// Ask asks the cases, as many at a time as there are processors; see
// adapters.Validator.
func (o *Oneshot) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		workers  sync.WaitGroup
		mutex    sync.Mutex
		timeouts int
		todo     = make(chan int)
	)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range todo {
				answer, err := o.ask(ctx, cases[i])
				mutex.Lock()
				if err != nil {
					cancel(err)
				} else if ctx.Err() == nil {
					answered(i, answer)
				}
				if answer.Verdict == reference.Timeout {
					timeouts++
				}
				if timeouts >= maxTimeouts || o.lost(timeouts) > mostLost && timeouts >= 3 {
					cancel(fmt.Errorf("%d requests were not answered within %s each", timeouts, o.options.Timeout))
				}
				mutex.Unlock()
			}
		})
	}
feed:
	for i := range cases {
		select {
		case todo <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(todo)
	workers.Wait()
	return context.Cause(ctx)
}

// lost is how long so many requests without an answer take.
func (o *Oneshot) lost(timeouts int) time.Duration {
	return time.Duration(timeouts) * (o.options.Timeout + o.options.grace) / time.Duration(runtime.GOMAXPROCS(0))
}

// Close ends what the program may have left behind; see adapters.Validator.
func (o *Oneshot) Close() (warnings []string) {
	return endRest(o.options.mark)
}

// ask runs the program for one case. An error means that it could not be run.
func (o *Oneshot) ask(ctx context.Context, c protocol.Case) (protocol.Answer, error) {
	text, err := protocol.EncodeCase(c)
	if err != nil {
		return protocol.Answer{}, err
	}
	var stdout, stderr tail
	cmd := command(o.options)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(text), &stdout, &stderr
	if err := startCommand(cmd); err != nil {
		return protocol.Answer{}, fmt.Errorf("cannot start %s: %w", o.options.Command[0], err)
	}
	ended := make(chan struct{})
	go func() {
		waitFor(cmd)
		close(ended)
	}()
	timer := time.NewTimer(o.options.Timeout + o.options.grace)
	defer timer.Stop()
	var answer protocol.Answer
	select {
	case <-ended:
		answer = judgeExit(cmd, stdout.take())
	case <-timer.C:
		answer = protocol.Answer{Verdict: reference.Timeout, Detail: fmt.Sprintf("no answer within %s", o.options.Timeout+o.options.grace)}
	case <-ctx.Done():
	}
	killGroup(cmd)
	<-ended
	answer.Stderr = stderr.take()
	return answer, nil
}

// judgeExit reads the verdict from what was printed and the exit status.
func judgeExit(cmd *exec.Cmd, printed string) protocol.Answer {
	printed = strings.TrimSpace(printed)
	if endedBySignal(cmd) != "" {
		return protocol.Answer{Verdict: reference.Died, Detail: "the program " + endOf(cmd)}
	}
	status := cmd.ProcessState.ExitCode()
	switch {
	case status == exitAccept && printed == "accept":
		return protocol.Answer{Verdict: reference.Accept}
	case status == exitReject && printed == "reject":
		return protocol.Answer{Verdict: reference.Reject}
	case status == exitUnsupported:
		return protocol.Answer{Verdict: reference.Unsupported, Detail: printed}
	}
	answer := protocol.Answer{Verdict: reference.Error, Detail: fmt.Sprintf(
		`it printed %s and ended with status %d; it must print "accept" and end with 0, or print "reject" and end with 1`,
		quote([]byte(printed)), status)}
	if status == 0 || printed == "accept" || printed == "reject" {
		answer.Verdict = reference.Malformed // it says nothing, or two things
	}
	return answer
}
