package fuzz

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/reference"
)

// childEnv makes the test binary a validator: "reference" answers as it should,
// "echo" reads and answers without looking at what it was asked.
const childEnv = "SIGCONFORM_FUZZ_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "":
		os.Exit(m.Run())
	case "reference":
		v := reference.New()
		debug.SetGCPercent(400) // as the command does
		_ = protocol.Serve(os.Stdin, os.Stdout, func(c protocol.Case) protocol.Answer { return adapters.Answer(v, c) })
	case "echo":
		echo()
	default:
		misbehave(os.Getenv(childEnv))
	}
}

// misbehave answers as it should, but for some requests: it ends, or hangs.
func misbehave(how string) {
	v := reference.New()
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		c, _ := protocol.DecodeCase(line)
		switch {
		case how == "crash" && bytes.Contains(c.Request.Body, []byte("1e3")):
			os.Exit(7)
		case how == "hang" && strings.Contains(c.Request.URL, "~x"):
			time.Sleep(time.Hour)
		}
		answer, _ := protocol.EncodeAnswer(c.ID, adapters.Answer(v, c))
		os.Stdout.Write(answer)
	}
}

// echo answers every line with its id and a rejection.
func echo() {
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriterSize(os.Stdout, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		id, _, _ := bytes.Cut(bytes.TrimPrefix(line, []byte(`{"id":"`)), []byte(`"`))
		fmt.Fprintf(out, "{\"id\":\"%s\",\"valid\":false}\n", id)
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func openChild(kind string) Open {
	return func(timeout time.Duration) (adapters.Validator, error) {
		return adapters.Open(adapters.Target{Command: []string{"env", childEnv + "=" + kind, os.Args[0]}, Timeout: timeout})
	}
}

// BenchmarkChild: cases a second, from drawing to comparing, against a child that
// answers as it should, and how much of two floors that is. %ofFree is the floor that
// counts: the same requests are drawn, and a child that computes nothing answers. What is
// missing to 100 is what the validator and the comparison take. %ofEcho says what drawing
// takes as well: one batch, drawn beforehand, is sent over and over, so that nothing but
// the protocol is left. It falls when the protocol becomes faster.
func BenchmarkChild(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the command does
	report, err := Run(context.Background(), Options{Open: openChild("reference"), Seed: 1, Cases: b.N})
	if err != nil && b.N > 10000 || len(report.Findings) > 0 {
		b.Fatal(err, report.Findings)
	}
	rate := float64(report.Cases) / report.Elapsed.Seconds()
	b.StopTimer()
	b.ReportMetric(rate, "cases/s")
	b.ReportMetric(100*rate/freeRate(b, b.N), "%ofFree")
	b.ReportMetric(100*rate/echoRate(b, b.N), "%ofEcho")
}

// freeRate returns how many cases a second are drawn and sent to a child that computes
// nothing.
func freeRate(b *testing.B, n int) float64 {
	o := Options{Open: openChild("echo"), Seed: 1, Cases: n, Shards: 1, Jobs: 1}
	w := &worker{asker: newAsker(&o, false), drawer: newDrawer(&o, 0)}
	defer w.asker.close()
	began, done := time.Now(), 0
	w.start(context.Background(), context.Background(), true)
	defer w.stop()
	for drawn := w.next(); drawn != nil; drawn = w.next() {
		if drawn.err != nil {
			b.Fatal(drawn.err)
		}
		done += len(drawn.answers)
	}
	return float64(done) / time.Since(began).Seconds()
}

// echoRate returns how many cases a second a child that computes nothing is sent, one
// batch again and again.
func echoRate(b *testing.B, n int) float64 {
	source := generate.Seeded(1, 0)
	var asked []protocol.Case
	for number := uint64(0); len(asked) < batchSize; number++ {
		source.Restart(1, number)
		for _, c := range generate.Episode(nil, source, nil) {
			asked = append(asked, sent(c, id(len(asked))))
		}
	}
	v, err := openChild("echo")(0)
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	began, done := time.Now(), 0
	for ; done < n; done += len(asked) {
		if err := v.Ask(context.Background(), asked, func(int, protocol.Answer) {}); err != nil {
			b.Fatal(err)
		}
	}
	return float64(done) / time.Since(began).Seconds()
}
