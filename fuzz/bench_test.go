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
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
)

// childEnv makes the test binary a validator: "reference" answers as it should, "wrong"
// makes the mistakes that follow, and "echo" reads and answers without looking at what it
// was asked.
const childEnv = "SIGCONFORM_FUZZ_CHILD"

func TestMain(m *testing.M) {
	kind, mistakes, _ := strings.Cut(os.Getenv(childEnv), " ")
	switch kind {
	case "":
		os.Exit(m.Run())
	case "reference", "wrong":
		serve(strings.Fields(mistakes))
	case "echo":
		echo()
	default:
		misbehave(kind)
	}
}

// serve answers as the reference with some mistakes does.
func serve(mistakes []string) {
	var made []defect.Variant
	for _, key := range mistakes {
		variant, err := defect.Find(key)
		if err != nil {
			panic(err)
		}
		made = append(made, variant)
	}
	v := defect.In(reference.New(), made...)
	debug.SetGCPercent(400) // as the command does
	_ = protocol.Serve(os.Stdin, os.Stdout, func(c protocol.Case) protocol.Answer {
		verdict, detail, signed := defect.Check(v, c.AuthToken, c.Request)
		a := protocol.Answer{Verdict: verdict, Detail: detail, Used: "body"}
		if len(signed) > 0 {
			a.StringToSign = &signed[0]
		}
		return a
	})
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
// answers as it should or makes mistakes, and what this process computes for each case.
// %ofChild is how much that is of the rate at which the child answers the same requests
// if nobody compares the answers: what is missing to 100 is what finding and explaining
// wrong answers takes. %ofFree is the same for a child that computes nothing, and %ofEcho
// says what drawing takes as well: one batch, drawn beforehand, is sent over and over, so
// that nothing but the protocol is left. It falls when the protocol becomes faster.
func BenchmarkChild(b *testing.B) {
	for _, n := range []int{0, 1, 5, len(mistakes)} {
		b.Run(fmt.Sprint(n, "mistakes"), func(b *testing.B) {
			defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the command does
			child := openChild(strings.Join(append([]string{"wrong"}, mistakes[:n]...), " "))
			computed := diagnosis.Computed()
			report, err := Run(context.Background(), Options{Open: child, Seed: 1, Cases: b.N})
			computed = diagnosis.Computed() - computed
			if b.N > 10000 && (err != nil || n == 0 && len(report.Findings) > 0 || n > 0 && len(report.Findings) == 0) {
				b.Fatal(err, report.Findings)
			}
			rate := float64(report.Cases) / report.Elapsed.Seconds()
			b.StopTimer()
			b.ReportMetric(rate, "cases/s")
			b.ReportMetric(float64(computed.Microseconds())/float64(report.Cases), "µs-computed")
			b.ReportMetric(100*rate/rateOf(b, child, b.N), "%ofChild")
			b.ReportMetric(100*rate/rateOf(b, openChild("echo"), b.N), "%ofFree")
			b.ReportMetric(100*rate/echoRate(b, b.N), "%ofEcho")
		})
	}
}

// mistakes are those of the children that are measured: the first, the first five, or all.
var mistakes = []string{
	"userinfo-kept", "port-kept-for-voice", "last-value-only", "body-not-covered", "empty-values-dropped",
	"port-dropped-for-messaging", "sorted-ignoring-case", "plus-kept", "values-trimmed=spaces", "query-sorted", "case-ignored",
	"missing-signature-accepted=empty", "fragment-kept", "form-not-signed-with-charset", "no-token-accepts-everything",
	"final-slash-removed", "hash-not-checked", "get-refused=rejects", "method-not-checked=PUT", "prefix-accepted",
}

// rateOf returns how many cases a second are drawn and sent to a child.
func rateOf(b *testing.B, child Open, n int) float64 {
	o := Options{Open: child, Seed: 1, Cases: n, Shards: 1, Jobs: 1}
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
