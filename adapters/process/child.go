package process

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"sigconform/adapters/protocol"
)

// child is one running process of the validator.
type child struct {
	cmd    *exec.Cmd
	input  chan []byte // lines to be written to its standard input
	output chan []line // lines it wrote on its standard output; closed at the end
	unread []line      // those of them that were received and not yet looked at
	stderr *tail
	ended  chan struct{} // closed when the process has ended
	halt   chan struct{} // closed when nobody reads output any more
	once   sync.Once
	stdin  io.WriteCloser

	answered bool // it has answered something
}

// chunk is about how many bytes are handed on at once, in either direction.
const chunk = 1 << 16

// line is what was read up to a line feed, without it, or why nothing was.
type line struct {
	text []byte
	err  error
}

var errTooLong = errors.New("it wrote a line of more than 16 MiB")

// start starts the command with pipes for its three streams.
func start(options Options) (*child, error) {
	cmd := command(options)
	c := &child{
		cmd:    cmd,
		input:  make(chan []byte, window),
		output: make(chan []line, 16),
		stderr: &tail{},
		ended:  make(chan struct{}),
		halt:   make(chan struct{}),
	}
	cmd.Stderr = c.stderr
	// Not cmd.StdoutPipe: Wait would close it before its last lines are read.
	stdout, stdoutChild, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout = stdoutChild
	if c.stdin, err = cmd.StdinPipe(); err == nil {
		err = cmd.Start()
	}
	stdoutChild.Close()
	if err != nil {
		stdout.Close()
		return nil, err
	}
	go c.write()
	go c.read(stdout)
	go c.wait(stdout)
	return c, nil
}

// command prepares the command in a group of its own, marked.
func command(options Options) *exec.Cmd {
	cmd := exec.Command(options.Command[0], options.Command[1:]...)
	cmd.Dir = options.Dir
	cmd.Env = append(os.Environ(), options.mark)
	// Something it started may hold its streams open: they are waited for only
	// so long after the process itself has ended.
	cmd.WaitDelay = time.Second
	inOwnGroup(cmd)
	return cmd
}

// write passes the lines on, until one cannot be written; what comes after
// that is dropped, the end of the output tells what happened.
func (c *child) write() {
	out := bufio.NewWriterSize(c.stdin, chunk)
	var failed error
	for text := range c.input {
		if failed != nil {
			continue
		}
		_, failed = out.Write(text)
		if failed == nil && len(c.input) == 0 {
			failed = out.Flush()
		}
	}
	c.stdin.Close()
}

// read hands out the lines of the output until it ends: all that have come in
// together.
func (c *child) read(stdout *os.File) {
	defer stdout.Close()
	defer close(c.output)
	in := bufio.NewReaderSize(stdout, chunk)
	var lines []line
	for ended := false; !ended; {
		text, err := readLine(in)
		tooLong := errors.Is(err, errTooLong)
		switch ended = err != nil; {
		case tooLong:
			lines = append(lines, line{err: err})
		case err == nil, len(text) > 0: // the last line need not end in a line feed
			lines = append(lines, line{text: text})
		}
		if len(lines) == 0 || !ended && lineIsIn(in) {
			continue
		}
		select {
		case c.output <- lines:
			lines = nil
		case <-c.halt:
			return
		}
	}
}

// lineIsIn reports whether the next line can be read without waiting.
func lineIsIn(in *bufio.Reader) bool {
	come, _ := in.Peek(in.Buffered())
	return bytes.IndexByte(come, '\n') >= 0
}

// readLine returns the next line without its end, LF or CR LF.
func readLine(in *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		piece, err := in.ReadSlice('\n')
		text = append(text, piece...)
		if len(text) > protocol.MaxLine {
			return nil, errTooLong
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err == nil {
			text = text[:len(text)-1]
			if n := len(text); n > 0 && text[n-1] == '\r' {
				text = text[:n-1]
			}
		}
		return text, err
	}
}

// wait waits for the process to end and ends the rest of its group.
func (c *child) wait(stdout *os.File) {
	_ = c.cmd.Wait()
	killGroup(c.cmd)
	_ = stdout.SetReadDeadline(time.Now().Add(time.Second))
	close(c.ended)
}

// finish lets the process end by itself for as long as grace, then ends it
// with its whole group. It returns the lines that nobody had read.
func (c *child) finish(grace time.Duration) (unread []line) {
	c.once.Do(func() { close(c.input) })
	timer := time.NewTimer(grace)
	defer timer.Stop()
	unread, c.unread = c.unread, nil
	for output := c.output; output != nil && len(unread) < 1000; {
		select {
		case lines, open := <-output:
			if !open {
				output = nil
			}
			unread = append(unread, lines...)
			continue
		case <-timer.C:
		}
		break
	}
	killGroup(c.cmd)
	select {
	case <-c.halt:
	default:
		close(c.halt)
	}
	<-c.ended
	return unread
}

// end says how the process ended: "exit status 1", "killed by a signal: …".
// It must have ended.
func (c *child) end() string {
	return endOf(c.cmd)
}

func endOf(cmd *exec.Cmd) string {
	if signal := endedBySignal(cmd); signal != "" {
		return "was ended by a signal: " + signal
	}
	return "ended with " + strings.TrimSpace(cmd.ProcessState.String())
}

// tail keeps the last bytes written to it.
type tail struct {
	sync.Mutex
	bytes []byte
}

const tailSize = 16 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.Lock()
	defer t.Unlock()
	t.bytes = append(t.bytes, p...)
	if over := len(t.bytes) - tailSize; over > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[over:]...)
	}
	return len(p), nil
}

// take returns what has been written since it was last called.
func (t *tail) take() string {
	t.Lock()
	defer t.Unlock()
	text := string(t.bytes)
	t.bytes = t.bytes[:0]
	return text
}
