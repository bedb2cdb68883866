package protocol

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"sync"
	"time"
)

// Serve is the validator's side: it answers every line of in with a line on
// out, in order, until in ends. It returns the first error of reading, of
// writing, or of a line that is no request.
func Serve(in io.Reader, out io.Writer, validate func(Case) Answer) (err error) {
	reader, answers := bufio.NewReaderSize(in, 1<<16), newAnswers(out)
	defer func() { err = cmp.Or(err, answers.flush()) }()
	for {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		c, err := DecodeCase(line)
		if err != nil {
			return err
		}
		answer, err := EncodeAnswer(c.ID, validate(c))
		if err != nil {
			return err
		}
		if err := answers.write(answer); err != nil {
			return err
		}
		// While requests are waiting the answers may wait too: they are flushed
		// together before the next read that could block.
		if reader.Buffered() == 0 {
			if err := answers.flush(); err != nil {
				return err
			}
		}
	}
}

// longestWait is how long an answer may wait for others. So a validate that
// hangs, or is slow, is not blamed on the requests before.
const longestWait = 10 * time.Millisecond

// answers are written together, but none of them waits for long.
type answers struct {
	mutex  sync.Mutex
	writer *bufio.Writer
	timer  *time.Timer // flushes; it is set while an answer waits
}

func newAnswers(out io.Writer) *answers {
	a := &answers{writer: bufio.NewWriterSize(out, 1<<16)}
	a.mutex.Lock() // the timer may go off before a has it
	defer a.mutex.Unlock()
	a.timer = time.AfterFunc(longestWait, func() { _ = a.flush() }) // the next write returns its error
	return a
}

func (a *answers) write(line []byte) error {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.writer.Buffered() == 0 {
		a.timer.Reset(longestWait)
	}
	_, err := a.writer.Write(line)
	return err
}

func (a *answers) flush() error {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.timer.Stop()
	return a.writer.Flush()
}
