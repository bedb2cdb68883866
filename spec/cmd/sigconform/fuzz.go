package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"sigconform/adapters"
	"sigconform/fuzz"
	"sigconform/spec/conformance"
)

type fuzzCmd struct {
	Command []string `arg:"" optional:"" passthrough:"" help:"The validator and its arguments, after --. Without one the built-in reference is asked."`

	SDK     string        `help:"Ask an official SDK: the name of a folder under adapters/sdk. It is installed first." placeholder:"NAME"`
	Timeout time.Duration `help:"How long one answer may take." default:"5s"`

	Time  time.Duration `help:"How long to go on; 60s if --cases is not given either." placeholder:"60s"`
	Cases int           `help:"How many requests to ask." placeholder:"N"`
	Seed  uint64        `help:"The same seed asks the same requests. Without one it is drawn, and printed." placeholder:"N"`
	Shard string        `help:"Ask only the i-th of n parts, as in 1/4: for several machines with one seed." placeholder:"I/N"`
	Out   string        `help:"Write each finding into this folder, as a file of vectors to be reviewed." placeholder:"DIR"`

	Replay string `help:"Ask what this file says, instead of fuzzing: FIXED, FAILED or ERROR." placeholder:"FILE"`
}

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

Exit status: 0 nothing found, 1 findings, 2 usage, 3 the validator could not be run.`
}

// Run fuzzes or replays; its error carries the exit status.
func (c *fuzzCmd) Run(ctx context.Context) error {
	if len(c.Command) > 0 && c.Command[0] == "--" {
		c.Command = c.Command[1:]
	}
	// Requests live for a moment: let the collector come less often.
	defer debug.SetGCPercent(debug.SetGCPercent(1000))
	options, err := c.options()
	if err != nil {
		return usage(err)
	}
	asked := &runCmd{Command: c.Command, SDK: c.SDK, Timeout: c.Timeout}
	target, err := asked.target(ctx)
	if err != nil {
		return err
	}
	options.Open = func(timeout time.Duration) (adapters.Validator, error) {
		target := target
		if timeout > 0 {
			target.Timeout = min(timeout, target.Timeout)
		}
		return adapters.Open(target)
	}
	if c.Replay != "" {
		return c.replay(ctx, options.Open)
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
	if report.Cases == 0 && err != nil {
		return notRun(err)
	}
	report.WriteSummary(os.Stdout, asked.name(), func(f *fuzz.Finding) string {
		if file := files[f]; file != "" {
			return c.repeat(file)
		}
		return "--out DIR writes a file for it"
	})
	switch {
	case err != nil:
		return notRun(err)
	case len(report.Findings) > 0:
		return exitError{status: conformance.StatusNotConformant}
	case report.Cases == 0:
		return notRun(errors.New("nothing was asked"))
	}
	return nil
}

// options reads the flags.
func (c *fuzzCmd) options() (fuzz.Options, error) {
	o := fuzz.Options{Seed: c.Seed, Cases: c.Cases, Time: c.Time}
	if c.Cases < 0 || c.Time < 0 {
		return o, errors.New("--cases and --time must be positive")
	}
	if c.Cases == 0 && c.Time == 0 {
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
func (c *fuzzCmd) replay(ctx context.Context, open fuzz.Open) error {
	family, err := fuzz.ReadCandidate(c.Replay)
	if err != nil {
		return usage(err)
	}
	v, answer, holds, err := fuzz.Replay(ctx, open, family)
	switch {
	case err != nil:
		fmt.Printf("ERROR   %s: it could not be asked\n", v.ID)
		return notRun(err)
	case holds:
		fmt.Printf("FIXED   %s: %s, as it must (%s)\n", v.ID, answer.Verdict, v.Result)
		return nil
	}
	fmt.Printf("FAILED  %s: %s, and the request is %s\n", v.ID, answer.Verdict, v.Result)
	return exitError{status: conformance.StatusNotConformant}
}

// repeat is the command that replays a file, as the shell takes it.
func (c *fuzzCmd) repeat(file string) string {
	words := []string{os.Args[0], "fuzz", "--replay", file}
	if c.SDK != "" {
		words = append(words, "--sdk", c.SDK)
	}
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
