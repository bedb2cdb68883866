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
	"sigconform/adapters/protocol"
	"sigconform/fuzz"
	"sigconform/fuzz/generate"
	"sigconform/fuzz/judge"
	"sigconform/spec/conformance"
	"sigconform/spec/report"
	"sigconform/vectors"
)

type fuzzCmd struct {
	target

	Time  time.Duration `help:"How long to go on; 60s if --cases is not given either, and 3000 cases of an endpoint." placeholder:"60s"`
	Cases int           `help:"How many requests to send." placeholder:"N"`
	Seed  uint64        `help:"The same seed sends the same requests. Without one it is drawn, and printed." placeholder:"N"`
	Shard string        `help:"Send only the i-th of n parts, as in 1/4: for several machines with one seed." placeholder:"I/N"`
	Jobs  int           `help:"How many processes to test at once, each with requests of its own." default:"1" placeholder:"N"`
	Out   string        `help:"Write each finding into this folder, as a file of vectors to be reviewed." placeholder:"DIR"`

	fuzzKnownFlags

	Replay string `help:"Send what this file says, instead of fuzzing: FIXED, FAILED or ERROR." placeholder:"FILE"`
}

// endpointCases is how many requests an endpoint is sent if nobody says.
const endpointCases = 3000

// mostJobs is how many processes are started at once at most.
const mostJobs = 64

// Help is shown by 'sigconform fuzz --help'.
func (c *fuzzCmd) Help() string {
	return `Requests are drawn part by part, signed, changed on their way as a proxy, a framework or an attacker
changes them, and sent to the validator (see 'sigconform run --help' for the protocol). Wrong answers are explained by
the mistakes that 'sigconform defects' lists, as by 'sigconform run', and each cause is reported once, with a request
that is as simple as it gets. What the docs leave open is sent too and never reported.

  sigconform fuzz --time 60s -- python3 my_validator.py
  sigconform fuzz --sdk twilio-node --seed 1 --cases 1000000 --jobs 4 --out findings
  sigconform fuzz --replay findings/userinfo-kept-1a2b3c.json -- python3 my_validator.py
  sigconform vectors promote findings/userinfo-kept-1a2b3c.json
  sigconform fuzz --known-failures known-findings.txt --baseline findings -- python3 my_validator.py

A running application is first calibrated, as by 'sigconform run'. Requests are then drawn for https://example.com/myapp
and a public token; each is moved to the endpoint and signed with its token, at most 200 a second unless --per-second
says otherwise, and shown and written as it was drawn. Before that, the ways past its guard are tried that
'sigconform run' tries. Paths below the endpoint's are drawn where one of the same shape is verified, too. Only the
status that refuses a wrong signature is a rejection.

  export TWILIO_AUTH_TOKEN=…
  sigconform fuzz --endpoint http://127.0.0.1:3000/sms --out findings
  sigconform fuzz --replay findings/last-value-only-1a2b3c.json --endpoint http://127.0.0.1:3000/sms

Exit status: 0 nothing found, 1 findings, 2 usage, 3 the validator could not be run, was gone before the end, never said
accept or never said reject, or the run was interrupted.`
}

// Run fuzzes or replays; its error carries the exit status.
func (c *fuzzCmd) Run(ctx context.Context) error {
	if err := c.check("fuzz"); err != nil {
		return usage(err)
	}
	// Requests live for a moment: let the collector come less often.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	options, err := c.options()
	if err == nil {
		err = c.fuzzKnownFlags.read()
	}
	if err != nil {
		return usage(err)
	}
	var family *vectors.Family
	if c.Replay != "" {
		if family, err = fuzz.ReadCandidate(c.Replay); err != nil {
			return usage(err)
		}
	}
	validator, diagnosis, err := c.open(ctx)
	if err == nil && diagnosis == nil {
		if err = validator.install(ctx); err != nil {
			err = notRun(err)
		}
	}
	switch {
	case diagnosis != nil && family != nil:
		return unasked(family, nil) // what is wrong with the endpoint has been printed
	case diagnosis != nil:
		return ended(diagnosis.Status)
	case err != nil && family != nil && !isUsage(err):
		return unasked(family, err)
	case err != nil:
		return err
	}
	untested, err := aim(ctx, &options, validator)
	if err != nil {
		return notRun(cleaned(err))
	}
	if family != nil {
		defer validator.close()
		return c.replay(ctx, options, family)
	}
	if c.Out != "" {
		if err := os.MkdirAll(c.Out, 0o777); err != nil {
			return usage(err)
		}
	}
	guard, err := askGuard(ctx, validator.endpoint)
	if err != nil {
		return notRun(cleaned(err))
	}
	candidates := candidates{dir: c.Out, repeat: c.repeat, files: map[*fuzz.Finding]string{}}
	options.Found = candidates.write
	progress := fuzzProgress()
	options.Progress = progress
	report, err := fuzz.Run(ctx, options)
	progress(nil)
	for _, note := range validator.close() {
		if !slices.Contains(report.Warnings, note) {
			report.Warnings = append(report.Warnings, note)
		}
	}
	if report.Cases == 0 && err != nil {
		return notRun(cleaned(err))
	}
	c.holes = guard.holes(report)
	withoutShown(report, c.holes)
	blameProxy(report, validator.endpoint)
	if listErr := c.fresh(report); listErr != nil {
		return usage(listErr)
	}
	if err := candidates.tidy(report.Findings); err != nil {
		return usage(err)
	}
	holes := c.unknownHoles()
	report.Beside = len(holes)
	c.writeHoles(holes)
	report.WriteSummary(stdout, c.name(), candidates.command)
	expired := c.write(report)
	if err == nil && len(report.Findings)+len(holes) == 0 {
		err = untested() // what is found says more
	}
	switch {
	case report.Interrupted:
		return notRun(fmt.Errorf("it was interrupted after %d requests", report.Cases))
	case err != nil:
		return notRun(cleaned(err))
	case expired || len(report.Findings)+len(holes) > 0 && c.WriteKnownFailures == "":
		return exitError{status: conformance.StatusNotConformant}
	case report.Cases == 0:
		return notRun(errors.New("nothing was sent"))
	}
	return nil
}

// aim says whom to test: a target that is ready. Untested returns an error if an
// endpoint could not be sent what it is to take; the error is one of an endpoint that
// does not answer any more.
func aim(ctx context.Context, options *fuzz.Options, at *opened) (untested func() error, err error) {
	if e := at.endpoint; e != nil {
		below, err := e.GuardedPaths(ctx)
		if err != nil {
			return nil, err
		}
		scheme, product := e.StandIn()
		options.At = &generate.Place{
			Scheme: scheme, Product: product, Token: e.Token(), Keys: e.SharedKeys(), Below: below, Move: e.Move,
		}
		options.Open, options.Lasting = e.OpenDrawn, true
		coverage := e.Coverage()
		options.Compared = func(c *generate.Case, a protocol.Answer) {
			if c.Expected == judge.MustAccept {
				coverage.Add(c.Request, a)
			}
		}
		return coverage.Untested, nil
	}
	options.Lasting = at.URL != ""
	options.Open = func(timeout time.Duration) (adapters.Validator, error) {
		target := at.Target
		if timeout > 0 {
			target.Timeout = min(timeout, target.Timeout)
		}
		return adapters.Open(target)
	}
	return func() error { return nil }, nil
}

// options reads the flags.
func (c *fuzzCmd) options() (fuzz.Options, error) {
	o := fuzz.Options{Seed: c.Seed, Cases: c.Cases, Time: c.Time, Jobs: c.Jobs}
	switch {
	case c.Cases < 0 || c.Time < 0:
		return o, errors.New("--cases and --time must be positive")
	case c.Jobs < 0 || c.Jobs > mostJobs:
		return o, fmt.Errorf("--jobs must be a number from 1 to %d", mostJobs)
	case c.Jobs > 1 && c.Endpoint+c.ValidatorURL != "":
		return o, errors.New("--jobs starts several processes, and what is reached by a URL is there once; --per-second says how fast " +
			"it is sent requests")
	}
	switch {
	case c.Cases > 0 || c.Time > 0:
	case c.Endpoint != "":
		o.Cases = endpointCases
	default:
		o.Time = time.Minute
	}
	if c.Seed == 0 {
		o.Seed = drawSeed()
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

// replay sends what a candidate says and says what came of it.
func (c *fuzzCmd) replay(ctx context.Context, options fuzz.Options, family *vectors.Family) error {
	v, answer, holds, err := fuzz.Replay(ctx, options, family)
	switch {
	case err != nil:
		return unasked(family, cleaned(err))
	case holds:
		fmt.Fprintf(stdout, "FIXED   %s: %s, as it must (%s)\n", v.ID, answer.Verdict, v.Result)
		return nil
	}
	fmt.Fprintf(stdout, "FAILED  %s: %s, and the request is %s\n", v.ID, answer.Verdict, v.Result)
	return exitError{status: conformance.StatusNotConformant}
}

// cleaned is an error that may quote a server, without what plays tricks on a terminal.
func cleaned(err error) error { return errors.New(report.Clean(err.Error(), 500)) }

// unasked says that a candidate could not be sent, and why.
func unasked(family *vectors.Family, why error) error {
	fmt.Fprintf(stdout, "ERROR   %s: it could not be sent\n", family.Vectors[len(family.Vectors)-1].ID)
	return notRun(why)
}

// repeat is the command that replays a file, as the shell takes it.
func (c *fuzzCmd) repeat(file string) string { return c.again("fuzz", "--replay", file) }

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
			fmt.Fprintf(os.Stderr, "\r\x1b[K%.0fs  %d cases, %.0f/s  %d findings, %d wrong answers", seconds, r.Cases,
				float64(r.Cases)/seconds, len(r.Findings), r.Differences)
		}
	}
}
