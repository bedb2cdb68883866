package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sigconform/adapters"
	"sigconform/spec"
	"sigconform/spec/conformance"
	"sigconform/spec/endpoint"
	"sigconform/spec/report"
	"sigconform/vectors"
	"sigconform/vectors/files"
)

type runCmd struct {
	target

	Oneshot bool `help:"Start the program once for each vector: it ends with 0 for accept, 1 for reject, 77 for unsupported."`

	ID      []string `help:"Test only the vectors with this id or glob (several are allowed)." placeholder:"GLOB" sep:"none"`
	Filter  string   `help:"Test only the vectors whose labels match, as in 'rule:port-kept && !result:question'." placeholder:"EXPR"`
	Vectors string   `help:"Send the vectors of this folder instead of the built-in ones." placeholder:"DIR"`

	AsOf string `help:"Judge by this version of the vectors, as in 1.0: newer ones are sent and listed, and never fail." placeholder:"VERSION"`

	ExplainLonger bool `help:"Explain failures for ten times as long: 20s of computing, 2000 requests, 300s of waiting for answers."`
	Strict        bool `help:"Fail what is only listed otherwise: errors instead of rejections, other spellings of a signature."`

	Require []string `help:"Require this answer to a question; or all that are recommended." placeholder:"QUESTION=ANSWER" sep:"none"`

	KnownFailures      string `help:"Known failures: an id or glob and a reason on each line. Stale entries fail." placeholder:"FILE"`
	WriteKnownFailures string `help:"Write the failures of this run as such a list, each with a reason." placeholder:"FILE"`
	Baseline           string `help:"Compare with an earlier report: a report.json, or the folder it is in." placeholder:"FILE"`

	Seed uint64 `help:"Draw further requests and the order from this number; without one it is drawn, and printed." placeholder:"N"`

	Report           string `help:"Write index.html, report.json, report.md and junit.xml into this folder." placeholder:"DIR"`
	Name             string `help:"What the report calls the validator, instead of its command." placeholder:"NAME"`
	ValidatorVersion string `help:"Its version, for the report." placeholder:"VERSION"`

	All bool `help:"Show every failure, and the answers to all questions."`
}

// Help is shown by 'sigconform run --help'.
func (c *runCmd) Help() string {
	return `A program is started once. It reads one JSON request a line and writes one JSON answer a line:

  -> {"id":"…","authToken":"…","method":"POST","url":"…","contentType":"…","body":"…","params":[["…","…"]],"signature":"…"}
  <- {"id":"…","valid":true}

  sigconform run -- node validator.mjs
  sigconform run --filter 'rule:body-covered' --strict -- ./validator --verbose
  sigconform run --sdk twilio-node --report conformance-report

The labels of --filter are family, rule, question, source, result, product and bug. --require takes
duplicate-names=unique-sorted and the like, recommended for all recommended answers, and shared-key for the support of
SharedKeys. --known-failures names vectors by their id or a glob; --write-known-failures takes each reason from the list
that was given, or else from the diagnosis.

A running application is called as Twilio calls it, and signed for with its token. 2xx accepts, 400, 401 and 403 reject:

  export TWILIO_AUTH_TOKEN=…
  sigconform run --endpoint http://127.0.0.1:3000/sms
  sigconform run --endpoint http://127.0.0.1:3000/sms --public-url https://example.com/sms --product messaging

--product decides about ports in https URLs. --public-url is signed, and sent as Host and X-Forwarded-Proto and -Host;
with --connect-to, an outermost proxy is called by its public name, without such headers. A kind of request that
--accepts names and that cannot be tested ends the run with 3; the kinds that it does not name are not applicable. The
secrets of several --shared-key are TWILIO_SHARED_KEY_SECRET, TWILIO_SHARED_KEY_SECRET_2 and so on, or in the files of
--shared-key-file, in the same order.`
}

// Run tests the validator and reports; its error carries the exit status.
func (c *runCmd) Run(ctx context.Context) error {
	if err := c.check("run"); err != nil {
		return usage(err)
	}
	if c.Oneshot && len(c.Command) == 0 {
		return usage(errors.New("--oneshot needs a program: sigconform run --oneshot -- ./validator"))
	}
	corpus := vectors.Builtin()
	if c.Vectors != "" {
		var err error
		if corpus, err = vectors.Load(c.Vectors); err != nil {
			return usage(err)
		}
		if faults := corpus.Lint(); len(faults) > 0 {
			return usage(fmt.Errorf("the vectors cannot be trusted:\n%w", faults))
		}
	}
	validator, diagnosis, err := c.open(ctx)
	if err != nil {
		return err
	}
	if diagnosis != nil {
		return c.reportDiagnosis(diagnosis)
	}
	validator.Oneshot = c.Oneshot
	if c.KnownFailures == "" {
		c.KnownFailures = validator.sdk.KnownFailures()
	}
	all, book, plan := corpus.Vectors(), vectors.Rules(), (*endpoint.Plan)(nil)
	if validator.endpoint != nil {
		plan = validator.endpoint.Plan(all)
		all, book = plan.Vectors, endpointBook()
	}
	retired, err := c.frozen(corpus, all)
	if err != nil {
		return usage(err)
	}
	selected, err := conformance.Selection{IDs: c.ID, Filter: c.Filter}.Select(all)
	if err != nil {
		return usage(err)
	}
	if c.AsOf != "" && len(vectors.AsOf(selected, c.AsOf)) == 0 {
		return usage(fmt.Errorf("version %s has nothing of what was selected", c.AsOf))
	}
	if plan != nil {
		if err := plan.Applicable(selected); err != nil {
			return usage(err)
		}
	}
	judging, err := c.judging(book, all)
	if err != nil {
		return usage(err)
	}
	if c.Report != "" {
		if err := os.MkdirAll(c.Report, 0o777); err != nil { // now, not after the run
			return usage(err)
		}
	}
	var baseline *report.Report
	if c.Baseline != "" {
		if baseline, err = report.Read(c.Baseline); err != nil {
			return usage(fmt.Errorf("cannot compare: %w", err))
		}
	}
	progress := progressLine(len(selected))
	run, err := validator.test(ctx, plan, selected, judging, progress)
	progress(-1)
	if err != nil {
		return notRun(err)
	}
	if interrupted := context.Cause(ctx); interrupted != nil {
		run.Stopped = errors.New("it was interrupted")
	}

	run.Warnings = append(run.Warnings, retired...)

	if suite := spec.Report("sigconform: "+c.name(), run.Results); suite.SuiteSucceeded != (run.Count(conformance.Failed) == 0) {
		return notRun(errors.New("the specs and the run disagree; this is a bug of sigconform"))
	}

	terminal := report.Terminal{Out: stdout, Color: colorful(os.Stdout), Target: c.name(), Repeat: c.repeat,
		RepeatAll: c.repeatAll(), All: c.All, Book: judging.Book, AsOf: c.AsOf}
	if c.Report != "" {
		terminal.Report = filepath.Join(c.Report, "index.html")
	}
	terminal.Write(run)
	full := sync.OnceValue(func() *report.Report { return report.New(run, c.about(validator.sdk, corpus, judging)) })
	if baseline != nil && run.Stopped == nil {
		full().Comparison = report.Compare(c.Baseline, baseline, full())
		full().Comparison.Write(stdout)
	}
	if c.Report != "" {
		if err := writeReport(c.Report, full()); err != nil {
			return usage(err)
		}
	}
	if c.WriteKnownFailures != "" && run.Stopped == nil {
		if err := c.writeKnownFailures(run, judging.Known); err != nil {
			return usage(err)
		}
		return ended(run.StatusBesideFailures())
	}
	return ended(run.Status())
}

// ended is the end of the command with a status; nil if that is 0.
func ended(status int) error {
	if status == conformance.StatusConformant {
		return nil
	}
	return exitError{status: status}
}

// writeKnownFailures writes the list. What is known from now on does not fail.
func (c *runCmd) writeKnownFailures(run *conformance.Run, known *conformance.KnownFailures) error {
	var list strings.Builder
	n, err := run.WriteKnownFailures(&list, known)
	if err == nil {
		err = files.Write(c.WriteKnownFailures, []byte(list.String()))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "wrote %d known failures to %s; read every reason before you rely on it\n", n, c.WriteKnownFailures)
	return nil
}

// reportDiagnosis writes the reports, as of a run of one vector, which fails, and ends
// with the diagnosis's status. Wrong usage has no report.
func (c *runCmd) reportDiagnosis(d *endpoint.Diagnosis) error {
	switch {
	case c.Report == "":
	case d.Status == conformance.StatusUsage:
		fmt.Fprintln(stdout, "no report was written: the command has to be corrected first, and nothing was found out about the application")
	default:
		run := d.Run()
		about := c.about(adapters.SDK{}, vectors.Builtin(), conformance.Judging{Book: endpointBook()})
		if err := writeReport(c.Report, report.New(run, about)); err != nil {
			return usage(err)
		}
	}
	return ended(d.Status)
}

func (c *runCmd) judging(book *vectors.Rulebook, all []*vectors.Vector) (conformance.Judging, error) {
	if c.Seed == 0 {
		c.Seed = drawSeed()
	}
	judging := conformance.Judging{Strict: c.Strict, Seed: c.Seed, Book: book, AsOf: c.AsOf}
	if c.ExplainLonger {
		judging.Explaining = judging.Explaining.Longer()
	}
	require := c.Require
	if len(c.SharedKey) > 0 {
		require = append(slices.Clone(require), "shared-key") // who names a key says that it is supported
	}
	var err error
	if judging.Require, err = conformance.Requirements(require, judging.Book); err != nil {
		return judging, err
	}
	if c.KnownFailures != "" {
		known, err := conformance.ReadKnownFailures(c.KnownFailures)
		if errors.Is(err, fs.ErrNotExist) {
			return judging, fmt.Errorf("--known-failures: there is no file %s; --write-known-failures %s writes one", c.KnownFailures,
				shellQuote(c.KnownFailures))
		} else if err != nil {
			return judging, err
		}
		judging.Known = known
	}
	return judging, judging.Known.Check(all)
}

// name is what the report calls the validator.
func (c *runCmd) name() string { return cmp.Or(c.Name, c.target.name()) }

// about is what the report says beside what came of the run.
func (c *runCmd) about(sdk adapters.SDK, corpus *vectors.Corpus, judging conformance.Judging) report.About {
	about := report.About{
		Version: version(), Date: time.Now(), Corpus: corpus.Vectors(), Judging: judging, Repeat: c.repeat, RepeatAll: c.repeatAll(),
		Validator: report.Validator{Name: c.name(), Version: c.ValidatorVersion, Language: sdk.Language},
	}
	if about.Validator.Version == "" {
		about.Validator.Version = sdk.Version
	}
	if len(c.ID) > 0 || c.Filter != "" {
		about.Selection = &report.Selection{IDs: c.ID, Filter: c.Filter}
	}
	return about
}

// repeat is the command that sends one vector again, as the shell takes it.
func (c *runCmd) repeat(id string) string { return c.again("--id", id) }

// repeatAll is the command that repeats the whole run: what is drawn depends on
// what was selected.
func (c *runCmd) repeatAll() string {
	words := []string{"--seed", fmt.Sprint(c.Seed)}
	for _, id := range c.ID {
		words = append(words, "--id", id)
	}
	if c.Filter != "" {
		words = append(words, "--filter", c.Filter)
	}
	return c.again(words...)
}

// drawSeed returns a seed, short enough to be typed.
func drawSeed() uint64 { return 1 + rand.Uint64N(999_999_999) }

// again is the command that runs with these flags against the same validator.
func (c *runCmd) again(flags ...string) string {
	words := append([]string{"run"}, flags...)
	if c.Vectors != "" {
		words = append(words, "--vectors", c.Vectors)
	}
	for _, required := range c.Require {
		words = append(words, "--require", required)
	}
	if c.AsOf != "" {
		words = append(words, "--as-of", c.AsOf)
	}
	if c.Strict {
		words = append(words, "--strict")
	}
	if c.Oneshot {
		words = append(words, "--oneshot")
	}
	return c.target.again(words...)
}

// progressLine returns what shows the progress on standard error, if that is a
// terminal. A negative number clears the line.
func progressLine(total int) func(done int) {
	if !isTerminal(os.Stderr) {
		return func(int) {}
	}
	last := time.Now()
	return func(done int) {
		switch {
		case done < 0:
			fmt.Fprint(os.Stderr, "\r\x1b[K")
		case time.Since(last) > 100*time.Millisecond:
			last = time.Now()
			fmt.Fprintf(os.Stderr, "\r%d of %d tested", done, total)
		}
	}
}

// colorful reports whether to write colours: on a terminal, unless NO_COLOR says no.
func colorful(f *os.File) bool {
	return isTerminal(f) && os.Getenv("NO_COLOR") == ""
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
