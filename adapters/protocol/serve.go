package protocol

import (
	"bufio"
	"errors"
	"io"
)

// Serve is the validator's side: it answers every line of in with a line on
// out, in order, until in ends. It returns the first error of reading, of
// writing, or of a line that is no request.
func Serve(in io.Reader, out io.Writer, validate func(Case) Answer) error {
	reader, writer := bufio.NewReaderSize(in, 1<<16), bufio.NewWriterSize(out, 1<<16)
	for {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return writer.Flush()
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
		if _, err := writer.Write(answer); err != nil {
			return err
		}
		// While requests are waiting the answers may wait too: they are flushed
		// together before the next read that could block.
		if reader.Buffered() == 0 {
			if err := writer.Flush(); err != nil {
				return err
			}
		}
	}
}
