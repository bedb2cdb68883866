package protocol_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

// TestNoAnswerWaits: what was answered is written while validate hangs at one
// request in the middle of many, and what comes after it as well.
func TestNoAnswerWaits(t *testing.T) {
	var asked strings.Builder
	for i := range 300 {
		line, err := protocol.EncodeCase(protocol.Case{ID: fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		asked.Write(line)
	}
	hangs, goOn := context.WithTimeout(t.Context(), 10*time.Second)
	defer goOn()
	out, in := io.Pipe()
	ended := make(chan error)
	go func() {
		err := protocol.Serve(strings.NewReader(asked.String()), in, func(c protocol.Case) protocol.Answer {
			if c.ID == "100" {
				<-hangs.Done()
			}
			return protocol.Answer{Verdict: reference.Accept}
		})
		in.Close()
		ended <- err
	}()
	lines := bufio.NewScanner(out)
	for i := range 300 {
		if i == 100 {
			if hangs.Err() != nil {
				t.Error("the answers before it came with its own")
			}
			goOn()
		}
		if !lines.Scan() {
			t.Fatalf("the output ends before answer %d", i)
		}
		if id, _, err := protocol.DecodeAnswer(lines.Bytes()); err != nil || id != fmt.Sprint(i) {
			t.Fatalf("answer %d is %q (%v)", i, lines.Text(), err)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestAnsweredBeforeTheEnd: a line that is no request ends Serve with an error,
// and a panic of validate ends it too, but what was answered before is written.
func TestAnsweredBeforeTheEnd(t *testing.T) {
	for _, last := range []string{"no request", `{"id":"panics"}`} {
		var out strings.Builder
		err := func() (err error) {
			defer func() {
				if thrown := recover(); thrown != nil {
					err = fmt.Errorf("%v", thrown)
				}
			}()
			return protocol.Serve(strings.NewReader(`{"id":"a"}`+"\n"+last+"\n"), &out, func(c protocol.Case) protocol.Answer {
				if c.ID == "panics" {
					panic("out of range")
				}
				return protocol.Answer{Verdict: reference.Reject}
			})
		}()
		if err == nil || out.String() != `{"id":"a","valid":false}`+"\n" {
			t.Errorf("%s: it wrote %q, %v", last, out.String(), err)
		}
	}
}
