package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"sigconform/adapters"
	"sigconform/fuzz"
	"sigconform/spec/conformance"
	"sigconform/spec/report"
	"sigconform/vectors"
)

type fuzzCmd struct {
	Command []string `arg:"" optional:"" passthrough:"" help:"The validator and its arguments, after --. Without one the built-in reference is asked."`

	SDK     string        `help:"Ask an official SDK: the name of a folder under adapters/sdk. It is installed first." placeholder:"NAME"`
	Timeout time.Duration `help:"How long one answer may take." default:"5s"`

	Time  time.Duration `help:"How long to go on; 60s if --cases is not given either, and 3000 cases of an endpoint." placeholder:"60s"`
	Cases int           `help:"How many requests to ask." placeholder:"N"`
	Seed  uint64        `help:"The same seed asks the same requests. Without one it is drawn, and printed." placeholder:"N"`
	Shard string        `help:"Ask only the i-th of n parts, as in 1/4: for several machines with one seed." placeholder:"I/N"`
	Out   string        `help:"Write each finding into this folder, as a file of vectors to be reviewed." placeholder:"DIR"`

	Replay string `help:"Ask what this file says, instead of fuzzing: FIXED, FAILED or ERROR." placeholder:"FILE"`

	endpointFlags `group:"Endpoints:"`
}

// endpointCases is how many requests an endpoint is asked if nobody says.
const endpointCases = 3000

// Help is shown by 'sigconform fuzz --help'.
func (c *fuzzCmd) Help() string {
	return `Requests are drawn part by part, signed, changed on their way as a proxy, a framework or an attacker
changes them, and asked of the validator (see 'sigconform run --help' for the protocol). A wrong answer is made as
simple as it gets, explained by the mistakes that 'sigconform defects' lists, and reported once for each cause. What
the norm leaves open is asked too and never reported.

  sigconform fuzz --time 60s -- python3 my_validator.py
  sigconform fuzz --sdk twilio-node --seed 1 --cases 1000000 --out findings
  sigconform fuzz --replay findings/userinfo-kept-1a2b3c.json -- python3 my_validator.py
  sigconform vectors promote findings/userinfo-kept-1a2b3c.json

A running application is first asked whether it verifies anything, as by 'sigconform run'. Requests are then drawn for
https://example.com/myapp and a public token; each is moved to the endpoint and signed with its token, at most 200 a
second, and shown and written as it was drawn. Only the status that refuses a wrong signature counts as a rejection.

  export TWILIO_AUTH_TOKEN=…
  sigconform fuzz --endpoint http://127.0.0.1:3000/sms --out findings
  sigconform fuzz --replay findings/last-value-only-1a2b3c.json --endpoint http://127.0.0.1:3000/sms

Exit status: 0 nothing found, 1 findings, 2 usage, 3 the validator could not be run, or was gone before the end.`
}

// Run fuzzes or replays; its error carries the exit status.
func (c *fuzzCmd) Run(ctx context.Context) error {
	var err error
	if c.Command, err = program("fuzz", c.Command); err != nil {
		return usage(err)
	}
	// Requests live for a moment: let the collector come less often.
	defer debug.SetGCPercent(debug.SetGCPercent(1000))
	options, err := c.options()
	if err != nil {
		return usage(err)
	}
	var family *vectors.Family
	if c.Replay != "" {
		if family, err = fuzz.ReadCandidate(c.Replay); err != nil {
			return usage(err)
		}
	}
	asked := &runCmd{Command: c.Command, SDK: c.SDK, Timeout: c.Timeout, endpointFlags: c.endpointFlags}
	if err := c.aim(ctx, &options, asked); err != nil {
		exit, _ := err.(exitError)
		if family == nil || exit.status == conformance.StatusUsage && exit.err != nil {
			return err
		}
		return unasked(family, exit.err) // what is wrong with an endpoint has been printed
	}
	if family != nil {
		defer asked.close()
		return c.replay(ctx, options, family)
	}
	if c.Out != "" {
		if err := os.MkdirAll(c.Out, 0o777); err != nil {
			return usage(err)
		}
	}
	files := map[*fuzz.Finding]string{}
	options.Found = func(f *fuzz.Finding) error {
		if c.Out == "" {
			return nil
		}
		file, err := f.WriteCandidate(c.Out, c.repeat)
		files[f] = file
		return err
	}
	progress := fuzzProgress()
	options.Progress = progress
	report, err := fuzz.Run(ctx, options)
	progress(nil)
	for _, note := range asked.close() {
		if !slices.Contains(report.Warnings, note) {
			report.Warnings = append(report.Warnings, note)
		}
	}
	if report.Cases == 0 && err != nil {
		return notRun(cleaned(err))
	}
	report.WriteSummary(os.Stdout, asked.name(), func(f *fuzz.Finding) string {
		if file := files[f]; file != "" {
			return c.repeat(file)
		}
		return "--out DIR writes a file for it"
	})
	switch {
	case err != nil:
		return notRun(cleaned(err))
	case len(report.Findings) > 0:
		return exitError{status: conformance.StatusNotConformant}
	case report.Cases == 0:
		return notRun(errors.New("nothing was asked"))
	}
	return nil
}

// aim says whom to ask, once an endpoint has been calibrated.
func (c *fuzzCmd) aim(ctx context.Context, options *fuzz.Options, asked *runCmd) error {
	if err := asked.open(ctx, asked); err != nil {
		return err
	}
	if endpoint := asked.endpoint; endpoint != nil {
		scheme, product := endpoint.StandIn()
		options.At = &fuzz.Place{Scheme: scheme, Product: product, Move: endpoint.Move}
		options.Open, options.Lasting = endpoint.OpenDrawn, true
		return nil
	}
	target, err := asked.target(ctx)
	if err != nil {
		return err
	}
	target.URL, options.Lasting = c.ValidatorURL, c.ValidatorURL != ""
	options.Open = func(timeout time.Duration) (adapters.Validator, error) {
		target := target
		if timeout > 0 {
			target.Timeout = min(timeout, target.Timeout)
		}
		return adapters.Open(target)
	}
	return nil
}

// options reads the flags.
func (c *fuzzCmd) options() (fuzz.Options, error) {
	o := fuzz.Options{Seed: c.Seed, Cases: c.Cases, Time: c.Time}
	if c.Cases < 0 || c.Time < 0 {
		return o, errors.New("--cases and --time must be positive")
	}
	switch {
	case c.Cases > 0 || c.Time > 0:
	case c.Endpoint != "":
		o.Cases = endpointCases
	default:
		o.Time = time.Minute
	}
	if c.Seed == 0 {
		o.Seed = uint64(time.Now().UnixNano()) % 1_000_000_000
	}
	if c.Shard != "" {
		part, parts, found := strings.Cut(c.Shard, "/")
		i, errI := strconv.Atoi(part)
		n, errN := strconv.Atoi(parts)
		if !found || errI != nil || errN != nil || i < 1 || i > n {
			return o, fmt.Errorf("--shard %s is not the i-th of n parts, as in 1/4", c.Shard)
		}
		o.Shard, o.Shards = i-1, n
	}
	return o, nil
}

// replay asks what a candidate says and says what came of it.
func (c *fuzzCmd) replay(ctx context.Context, options fuzz.Options, family *vectors.Family) error {
	v, answer, holds, err := fuzz.Replay(ctx, options, family)
	switch {
	case err != nil:
		return unasked(family, cleaned(err))
	case holds:
		fmt.Printf("FIXED   %s: %s, as it must (%s)\n", v.ID, answer.Verdict, v.Result)
		return nil
	}
	fmt.Printf("FAILED  %s: %s, and the request is %s\n", v.ID, answer.Verdict, v.Result)
	return exitError{status: conformance.StatusNotConformant}
}

// cleaned is an error that may quote a server, without what plays tricks on a terminal.
func cleaned(err error) error { return errors.New(report.Clean(err.Error(), 500)) }

// unasked says that a candidate could not be asked, and why.
func unasked(family *vectors.Family, why error) error {
	fmt.Printf("ERROR   %s: it could not be asked\n", family.Vectors[len(family.Vectors)-1].ID)
	return notRun(why)
}

// repeat is the command that replays a file, as the shell takes it.
func (c *fuzzCmd) repeat(file string) string {
	words := []string{os.Args[0], "fuzz", "--replay", file}
	if c.SDK != "" {
		words = append(words, "--sdk", c.SDK)
	}
	words = append(words, c.words()...)
	if len(c.Command) > 0 {
		words = append(append(words, "--"), c.Command...)
	}
	for i, word := range words {
		words[i] = shellQuote(word)
	}
	return strings.Join(words, " ")
}

// fuzzProgress returns what shows the progress on standard error, if that is a
// terminal; nil clears the line.
func fuzzProgress() func(*fuzz.Report) {
	if !isTerminal(os.Stderr) {
		return func(*fuzz.Report) {}
	}
	began, last := time.Now(), time.Now()
	return func(r *fuzz.Report) {
		switch {
		case r == nil:
			fmt.Fprint(os.Stderr, "\r\x1b[K")
		case time.Since(last) > 100*time.Millisecond:
			last = time.Now()
			seconds := time.Since(began).Seconds()
			fmt.Fprintf(os.Stderr, "\r\x1b[K%.0fs  %d cases, %.0f/s  %d findings, %d wrong answers", seconds, r.Cases, float64(r.Cases)/seconds, len(r.Findings), r.Differences)
		}
	}
}
