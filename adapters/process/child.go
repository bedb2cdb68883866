package process

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"sigconform/adapters/protocol"
)

// child is one running process of the validator, and the two goroutines that
// write to it and read from it.
type child struct {
	program *program
	started time.Time
	input   chan []byte // lines to be written to its standard input
	output  chan []line // lines it wrote on its standard output; closed at the end
	unread  []line      // those of them that were received and not yet looked at
	stderr  *tail
	ended   chan struct{} // closed when the process has ended
	halt    chan struct{} // closed when nobody reads output any more
	once    sync.Once
	written atomic.Int64 // bytes that were written to its standard input

	count    int   // cases that were sent to it
	sent     int64 // bytes of them
	answered int   // answers that came from it

	closing  bool          // its input was ended to see whether it keeps its answers
	closedAt time.Time     // when that was
	open     int           // the oldest case then
	promptly time.Duration // how long after it the first line came
}

// program is a running program: a process, but in some tests.
type program struct {
	stdin  io.WriteCloser
	stdout io.ReadCloser
	inPipe func() int    // how many bytes it has not read of what was written
	wait   func()        // returns when it has ended and will write no more
	kill   func()        // ends it and all that it started, as far as it can be found
	end    func() string // how it ended, as the rest of a sentence
}

// chunk is about how many bytes are handed on at once, in either direction.
const chunk = 1 << 16

// line is what was read up to a line feed, without it, or why nothing was.
type line struct {
	text []byte
	err  error
}

var errTooLong = errors.New("it wrote a line of more than 16 MiB")

// start starts the program, with the goroutines that belong to it.
func start(options Options) (*child, error) {
	c := &child{
		input:   make(chan []byte, window),
		output:  make(chan []line, 2), // a line may be long
		stderr:  &tail{},
		ended:   make(chan struct{}),
		halt:    make(chan struct{}),
		started: time.Now(),
	}
	var err error
	if c.program, err = options.start(options, c.stderr); err != nil {
		return nil, err
	}
	go c.write()
	go c.read()
	go func() {
		c.program.wait()
		close(c.ended)
	}()
	return c, nil
}

// taken is how many bytes the program has read.
func (c *child) taken() int64 { return c.written.Load() - int64(c.program.inPipe()) }

// write passes the lines on, until one cannot be written; what comes after
// that is dropped, the end of the output tells what happened.
func (c *child) write() {
	out := bufio.NewWriterSize(counting{c.program.stdin, &c.written}, chunk)
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
	c.program.stdin.Close()
}

// counting writes in pieces and counts what was written of a long text.
type counting struct {
	io.Writer
	written *atomic.Int64
}

func (w counting) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		var piece int
		piece, err = w.Writer.Write(p[:min(len(p), chunk/4)])
		w.written.Add(int64(piece))
		n, p = n+piece, p[piece:]
	}
	return n, err
}

// closeInput ends the program's standard input once all is written.
func (c *child) closeInput() { c.once.Do(func() { close(c.input) }) }

// read hands out the lines of the output until it ends: all that have come in
// together.
func (c *child) read() {
	defer c.program.stdout.Close()
	defer close(c.output)
	in := bufio.NewReaderSize(c.program.stdout, chunk)
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
		if len(text)+len(piece) > cap(text) { // by itself a slice grows in many small steps
			text = append(make([]byte, 0, len(text)+max(len(text), len(piece))), text...)
		}
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

// endsWithin reports whether the process ends by itself within that time.
func (c *child) endsWithin(grace time.Duration) bool {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.ended:
		return true
	case <-timer.C:
		return false
	}
}

// finish lets the process end by itself for as long as grace, then ends it
// with its whole group. It returns the lines that nobody had read.
func (c *child) finish(grace time.Duration) (unread []line) {
	c.closeInput()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	unread, c.unread = c.unread, nil
	for output := c.output; output != nil && len(unread) < 1000 && grace > 0; {
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
	c.program.kill()
	select {
	case <-c.halt:
	default:
		close(c.halt)
	}
	<-c.ended
	return unread
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
	n := len(p)
	p = p[max(0, n-tailSize):]
	t.bytes = append(t.bytes, p...)
	if over := len(t.bytes) - tailSize; over > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[over:]...)
	}
	return n, nil
}

// take returns what has been written since it was last called.
func (t *tail) take() string {
	t.Lock()
	defer t.Unlock()
	text := string(t.bytes)
	t.bytes = t.bytes[:0]
	return text
}
