package process

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// This file starts processes, keeps a list of those that run, and ends what is
// left of them. What is special about an operating system is in start_*.go.

// markName is an environment variable that tells what a program started, even
// where that has left its process group.
const markName = "SIGCONFORM_RUN"

// running are the commands that have been started and not yet waited for.
var running struct {
	sync.Mutex
	commands map[*exec.Cmd]bool
}

// startCommand starts the command as one of the running.
func startCommand(cmd *exec.Cmd) error {
	running.Lock()
	defer running.Unlock()
	if err := startBound(cmd); err != nil {
		return err
	}
	if running.commands == nil {
		running.commands = map[*exec.Cmd]bool{}
	}
	running.commands[cmd] = true
	return nil
}

// waitFor waits for the command to end, and ends the rest of its group.
func waitFor(cmd *exec.Cmd) {
	_ = cmd.Wait()
	killGroup(cmd)
	running.Lock()
	delete(running.commands, cmd)
	running.Unlock()
}

// EndAll ends every process that was started here, and what these started, as
// far as it can be found. It is for a command that is about to end at once.
func EndAll() {
	running.Lock()
	for cmd := range running.commands {
		killGroup(cmd)
	}
	running.commands = nil
	running.Unlock()
	endOrphans("")
}

// command prepares the command in a group of its own, marked.
func command(options Options) *exec.Cmd {
	cmd := exec.Command(options.Command[0], options.Command[1:]...)
	cmd.Dir = options.Dir
	cmd.Env = append(withoutSecrets(os.Environ()), options.mark)
	// Something it started may hold its streams open: they are waited for only
	// so long after the process itself has ended.
	cmd.WaitDelay = 100 * time.Millisecond
	inOwnGroup(cmd)
	return cmd
}

// Output runs a command to its end, or until ctx ends, and returns what it wrote
// on both its streams. Whatever it started ends with it.
func Output(ctx context.Context, dir string, words []string) ([]byte, error) {
	var output bytes.Buffer
	cmd := command(Options{Command: words, Dir: dir, mark: markName + "=" + rand.Text()})
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := startCommand(cmd); err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { killGroup(cmd) })()
	waitFor(cmd)
	switch {
	case ctx.Err() != nil:
		return output.Bytes(), context.Cause(ctx)
	case !cmd.ProcessState.Success():
		return output.Bytes(), &exec.ExitError{ProcessState: cmd.ProcessState}
	}
	return output.Bytes(), nil
}

// startProgram starts the program with pipes for its three streams.
func startProgram(options Options, stderr *tail) (*program, error) {
	cmd := command(options)
	cmd.Stderr = stderr
	// Not cmd.StdoutPipe: Wait would close it before its last lines are read.
	stdoutHere, stdoutThere, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	stdinThere, stdinHere, err := os.Pipe()
	if err != nil {
		stdoutHere.Close()
		stdoutThere.Close()
		return nil, err
	}
	cmd.Stdin, cmd.Stdout = stdinThere, stdoutThere
	err = startCommand(cmd)
	stdinThere.Close()
	stdoutThere.Close()
	if err != nil {
		stdinHere.Close()
		stdoutHere.Close()
		return nil, err
	}
	return &program{
		stdin: stdinHere, stdout: stdoutHere,
		inPipe: func() int { return unreadIn(stdinHere) },
		wait: func() {
			waitFor(cmd)
			_ = stdoutHere.SetReadDeadline(time.Now().Add(time.Second))
			_ = stdinHere.SetWriteDeadline(time.Now()) // something else may hold it open
		},
		kill: func() { killGroup(cmd) },
		end:  func() string { return endOf(cmd) },
	}, nil
}

// endOf says how the process ended: "ended with exit status 1", "was ended by a
// signal: …". It must have ended.
func endOf(cmd *exec.Cmd) string {
	if signal := endedBySignal(cmd); signal != "" {
		return "was ended by a signal: " + signal
	}
	return "ended with " + strings.TrimSpace(cmd.ProcessState.String())
}

// endRest ends what was started by programs with that mark and has left their
// groups. The warning says how many processes there were.
func endRest(mark string) (warnings []string) {
	switch n := endOrphans(mark); n {
	case 0:
		return nil
	case 1:
		return []string{"it had left a process running outside its process group, which was ended"}
	default:
		return []string{"it had left " + times(n)[:len(times(n))-len(" times")] +
			" processes running outside its process group, which were ended"}
	}
}

// secretWords are parts of the names of variables whose values are secrets.
var secretWords = []string{"TOKEN", "SECRET", "KEY", "PASSWORD", "CREDENTIAL"}

// Secrets returns the values of the secrets of Twilio in an environment.
func Secrets(environment []string) []string {
	var secrets []string
	for _, variable := range environment {
		if name, value, _ := strings.Cut(variable, "="); isSecret(name) && value != "" {
			secrets = append(secrets, value)
		}
	}
	return secrets
}

// withoutSecrets returns the environment without the secrets of Twilio, and
// without what has the value of one of them: a program under test is sent
// everything that it may know.
func withoutSecrets(environment []string) []string {
	secrets := Secrets(environment)
	return slices.DeleteFunc(slices.Clone(environment), func(variable string) bool {
		name, value, _ := strings.Cut(variable, "=")
		return isSecret(name) || slices.Contains(secrets, value)
	})
}

func isSecret(name string) bool {
	name = strings.ToUpper(name)
	return strings.Contains(name, "TWILIO") && slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(name, word) })
}
