package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2"

	"sigconform/adapters"
	"sigconform/spec"
	"sigconform/spec/conformance"
	"sigconform/spec/report"
	"sigconform/vectors"
)

type runCmd struct {
	Command []string `arg:"" optional:"" passthrough:"" help:"The validator and its arguments, after --. Without one the built-in reference is asked."`

	SDK     string        `help:"Ask an official SDK: the name of a folder under adapters/sdk. It is installed first." placeholder:"NAME"`
	Oneshot bool          `help:"Start the program anew for each vector; it prints accept (and ends with 0) or reject (1), or ends with 77 for unsupported."`
	Timeout time.Duration `help:"How long one answer may take; the first of a process may take 15s more." default:"5s"`

	ID      []string `help:"Ask only the vectors with this id or glob (several are allowed)." placeholder:"GLOB" sep:"none"`
	Filter  string   `help:"Ask only the vectors whose labels match, as in 'rule:port-kept && !result:question'. Labels: family, rule, question, source, result, product, bug." placeholder:"EXPR"`
	Vectors string   `help:"Ask the vectors of this folder instead of the built-in ones." placeholder:"DIR"`

	Strict             bool     `help:"Fail what is only listed otherwise: errors instead of rejections, other spellings of a signature."`
	Require            []string `help:"Make a rule of a question: the answer that is required, as in duplicate-names=unique-sorted; recommended requires every recommended answer." placeholder:"QUESTION=ANSWER" sep:"none"`
	KnownFailures      string   `help:"A list of vectors that are known to fail: an id or glob and a reason on each line. Stale entries fail." placeholder:"FILE"`
	WriteKnownFailures string   `help:"Write all failures of this run as such a list, with the reasons of --known-failures or else what the diagnosis says." placeholder:"FILE"`
	Baseline           string   `help:"Compare with an earlier report: a report.json, or the folder it is in." placeholder:"FILE"`

	endpointFlags `group:"Endpoints:"`

	Report           string `help:"Write index.html, report.json, report.md and junit.xml into this folder." placeholder:"DIR"`
	Name             string `help:"What the report calls the validator, instead of its command." placeholder:"NAME"`
	ValidatorVersion string `help:"Its version, for the report." placeholder:"VERSION"`

	All bool `help:"Show every failure, and the answers to all questions."`

	sdk adapters.SDK // that is asked; the zero value if none is
}

// Help is shown by 'sigconform run --help'.
func (c *runCmd) Help() string {
	return `A program is started once. It reads one JSON request a line and writes one JSON answer a line:

  -> {"id":"…","authToken":"…","method":"POST","url":"…","contentType":"…","body":"…","params":[["…","…"]],"signature":"…"}
  <- {"id":"…","valid":true}

  sigconform run -- node validator.mjs
  sigconform run --filter 'rule:body-covered' --strict -- ./validator --verbose
  sigconform run --sdk twilio-node --report conformance-report

A running application is called as Twilio calls it, and signed for with its token. 2xx accepts, 400, 401 and 403 reject:

  export TWILIO_AUTH_TOKEN=…
  sigconform run --endpoint http://127.0.0.1:3000/sms
  sigconform run --endpoint http://127.0.0.1:3000/sms --public-url https://example.com/sms --product messaging`
}

// Run asks the validator and reports; its error carries the exit status.
func (c *runCmd) Run(ctx context.Context) error {
	var err error
	if c.Command, err = program("run", c.Command); err != nil {
		return usage(err)
	}
	corpus := vectors.Builtin()
	if c.Vectors != "" {
		if corpus, err = vectors.Load(c.Vectors); err != nil {
			return usage(err)
		}
		if faults := corpus.Lint(); len(faults) > 0 {
			return usage(fmt.Errorf("the vectors cannot be trusted:\n%w", faults))
		}
	}
	all := corpus.Vectors()
	if err := c.open(ctx, c); err != nil {
		return err
	}
	all = c.vectors(all)
	selected, err := conformance.Selection{IDs: c.ID, Filter: c.Filter}.Select(all)
	if err != nil {
		return usage(err)
	}
	if err := c.applicable(selected); err != nil {
		return usage(err)
	}
	target, err := c.target(ctx)
	if err != nil {
		return err
	}
	judging, err := c.judging(all)
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
	validator, err := c.validator(target)
	if err != nil {
		return notRun(err)
	}
	run, ginkgoReport := c.ask(ctx, validator, selected, judging)
	if interrupted := context.Cause(ctx); interrupted != nil {
		run.Stopped = errors.New("it was interrupted")
	}

	terminal := report.Terminal{Out: os.Stdout, Color: colorful(os.Stdout), Target: c.name(), Repeat: c.repeat, All: c.All, Book: judging.Book}
	terminal.Write(run)
	full := sync.OnceValue(func() *report.Report { return report.New(run, c.about(corpus, judging)) })
	if baseline != nil && run.Stopped == nil {
		report.Compare(baseline, full()).Write(os.Stdout, c.Baseline)
	}
	if c.Report != "" {
		if err := writeReport(c.Report, full(), ginkgoReport); err != nil {
			return usage(err)
		}
		fmt.Printf("report in %s\n", filepath.Join(c.Report, "index.html"))
	}
	if c.WriteKnownFailures != "" && run.Stopped == nil {
		return c.writeKnownFailures(run, judging.Known)
	}
	if status := run.Status(); status != conformance.StatusConformant {
		return exitError{status: status}
	}
	return nil
}

// writeKnownFailures writes the list. What is known from now on does not fail.
func (c *runCmd) writeKnownFailures(run *conformance.Run, known *conformance.KnownFailures) error {
	var list strings.Builder
	n, err := run.WriteKnownFailures(&list, known)
	if err == nil {
		err = os.WriteFile(c.WriteKnownFailures, []byte(list.String()), 0o666)
	}
	if err != nil {
		return usage(err)
	}
	fmt.Printf("wrote %d known failures to %s; read every reason before you rely on it\n", n, c.WriteKnownFailures)
	return nil
}

// program returns the program and its arguments of a command line without the
// -- that must stand before them: otherwise flags of ours and of the program
// could be taken for each other.
func program(subcommand string, words []string) ([]string, error) {
	switch {
	case len(words) == 0:
		return nil, nil
	case words[0] == "--" && len(words) > 1:
		return words[1:], nil
	case words[0] == "--":
		return nil, errors.New("no program follows --")
	case strings.HasPrefix(words[0], "-"):
		return nil, fmt.Errorf("there is no flag %s; 'sigconform %s --help' lists them", words[0], subcommand)
	}
	return nil, fmt.Errorf("write -- before the program: sigconform %s -- %s", subcommand, strings.Join(words, " "))
}

// ask runs the specs, of which the first thing done is to ask everything.
func (c *runCmd) ask(ctx context.Context, validator adapters.Validator, selected []*vectors.Vector, judging conformance.Judging) (*conformance.Run, ginkgo.Report) {
	progress := progressLine(len(selected))
	run := &conformance.Run{Stopped: errors.New("it was interrupted")}
	spec.Declare(selected, func(suite context.Context) *conformance.Run {
		suite, cancel := context.WithCancel(suite)
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		run = conformance.Ask(suite, validator, selected, judging, progress)
		run.Warnings = append(run.Warnings, validator.Close()...)
		c.explain(run)
		progress(-1)
		return run
	})
	return run, spec.Run("sigconform: " + c.name())
}

// target is whom to ask.
func (c *runCmd) target(ctx context.Context) (adapters.Target, error) {
	target := adapters.Target{Command: c.Command, Oneshot: c.Oneshot, Timeout: c.Timeout}
	switch {
	case c.Timeout <= 0:
		return target, usage(fmt.Errorf("--timeout must be positive, as in 5s"))
	case c.SDK == "":
		if c.Oneshot && len(c.Command) == 0 {
			return target, usage(errors.New("--oneshot needs a program: sigconform run --oneshot -- ./validator"))
		}
		return target, nil
	case len(c.Command) > 0:
		return target, usage(fmt.Errorf("--sdk and a program of your own exclude each other"))
	}
	sdk, err := installed(ctx, c.SDK)
	if err != nil {
		return target, err
	}
	c.sdk = sdk
	target.Command, target.Dir = sdk.Run, sdk.Dir
	if c.KnownFailures == "" {
		c.KnownFailures = sdk.KnownFailures()
	}
	return target, nil
}

func (c *runCmd) judging(all []*vectors.Vector) (conformance.Judging, error) {
	judging := conformance.Judging{Strict: c.Strict, Book: c.book()}
	var err error
	if judging.Require, err = conformance.Requirements(c.Require, judging.Book); err != nil {
		return judging, err
	}
	if c.KnownFailures != "" {
		known, err := conformance.ReadKnownFailures(c.KnownFailures)
		if err != nil {
			return judging, err
		}
		judging.Known = known
	}
	return judging, judging.Known.Check(all)
}

// name is the validator as a person called it.
func (c *runCmd) name() string {
	switch {
	case c.Name != "":
		return c.Name
	case c.Endpoint+c.ValidatorURL != "":
		return withoutPassword(c.Endpoint + c.ValidatorURL)
	case c.SDK != "":
		return c.SDK
	case len(c.Command) == 0:
		return "the built-in reference"
	default:
		return strings.Join(c.Command, " ")
	}
}

// about is what the report says beside what came of the run.
func (c *runCmd) about(corpus *vectors.Corpus, judging conformance.Judging) report.About {
	about := report.About{
		Version: version(), Date: time.Now(), Corpus: corpus.Vectors(), Judging: judging, Repeat: c.repeat,
		Validator: report.Validator{Name: c.name(), Version: c.ValidatorVersion, Language: c.sdk.Language},
	}
	if about.Validator.Version == "" {
		about.Validator.Version = c.sdk.Version
	}
	if len(c.ID) > 0 || c.Filter != "" {
		about.Selection = &report.Selection{IDs: c.ID, Filter: c.Filter}
	}
	return about
}

// repeat is the command that asks one vector again, as the shell takes it.
func (c *runCmd) repeat(id string) string {
	words := []string{os.Args[0], "run", "--id", id}
	for _, flag := range []struct{ name, value string }{{"--sdk", c.SDK}, {"--vectors", c.Vectors}} {
		if flag.value != "" {
			words = append(words, flag.name, flag.value)
		}
	}
	words = append(words, c.words()...)
	for _, required := range c.Require {
		words = append(words, "--require", required)
	}
	if c.Strict {
		words = append(words, "--strict")
	}
	if c.Oneshot {
		words = append(words, "--oneshot")
	}
	if len(c.Command) > 0 {
		words = append(append(words, "--"), c.Command...)
	}
	for i, word := range words {
		words[i] = shellQuote(word)
	}
	return strings.Join(words, " ")
}

func shellQuote(word string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./=:@%+,", c)
	}
	if word != "" && strings.IndexFunc(word, func(c rune) bool { return !plain(c) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
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
			fmt.Fprintf(os.Stderr, "\r%d of %d asked", done, total)
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
