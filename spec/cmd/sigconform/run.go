package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/reporters"
	"github.com/onsi/ginkgo/v2/types"

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

	Strict        bool     `help:"Fail what is only listed otherwise: errors instead of rejections, other spellings of a signature."`
	Require       []string `help:"Make a rule of a question: the answer that is required, as in duplicate-names=unique-sorted; recommended requires every recommended answer." placeholder:"QUESTION=ANSWER" sep:"none"`
	KnownFailures string   `help:"A list of vectors that are known to fail: an id or glob and a reason on each line. Stale entries fail." placeholder:"FILE"`

	Report string `help:"Write report.json and junit.xml into this folder." placeholder:"DIR"`
	All    bool   `help:"Show every failure, and the answers to all questions."`
}

// Help is shown by 'sigconform run --help'.
func (c *runCmd) Help() string {
	return `A program is started once. It reads one JSON request a line and writes one JSON answer a line:

  -> {"id":"…","authToken":"…","method":"POST","url":"…","contentType":"…","body":"…","params":[["…","…"]],"signature":"…"}
  <- {"id":"…","valid":true}

  sigconform run -- node validator.mjs
  sigconform run --filter 'rule:body-covered' --strict -- ./validator --verbose
  sigconform run --sdk twilio-node --report conformance-report`
}

// Run asks the validator and reports; its error carries the exit status.
func (c *runCmd) Run(ctx context.Context) error {
	if err := c.program(); err != nil {
		return usage(err)
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
	all := corpus.Vectors()
	selected, err := conformance.Selection{IDs: c.ID, Filter: c.Filter}.Select(all)
	if err != nil {
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
	if err := c.prepareReport(); err != nil {
		return usage(err)
	}
	validator, err := adapters.Open(target)
	if err != nil {
		return notRun(err)
	}
	run, ginkgoReport := c.ask(ctx, validator, selected, judging)
	if interrupted := context.Cause(ctx); interrupted != nil {
		run.Stopped = errors.New("it was interrupted")
	}

	terminal := report.Terminal{Out: os.Stdout, Color: colorful(os.Stdout), Target: c.name(), Repeat: c.repeat, All: c.All, Book: judging.Book}
	terminal.Write(run)
	if err := c.writeReport(run, ginkgoReport); err != nil {
		return usage(err)
	}
	if status := run.Status(); status != conformance.StatusConformant {
		return exitError{status: status}
	}
	return nil
}

// program takes the -- from the command, which must stand before it: otherwise
// flags of ours and of the program could be taken for each other.
func (c *runCmd) program() error {
	switch {
	case len(c.Command) == 0:
		return nil
	case c.Command[0] == "--" && len(c.Command) > 1:
		c.Command = c.Command[1:]
		return nil
	case c.Command[0] == "--":
		return errors.New("no program follows --")
	case strings.HasPrefix(c.Command[0], "-"):
		return fmt.Errorf("there is no flag %s; 'sigconform run --help' lists them", c.Command[0])
	}
	return fmt.Errorf("write -- before the program: sigconform run -- %s", strings.Join(c.Command, " "))
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
	sdk, err := adapters.FindSDK(".", c.SDK)
	if err != nil {
		return target, usage(err)
	}
	err = sdk.EnsureInstalled(ctx, func() {
		fmt.Fprintf(os.Stderr, "installing %s %s …\n", sdk.Package, sdk.Version)
	})
	if err != nil {
		return target, notRun(err)
	}
	target.Command, target.Dir = sdk.Run, sdk.Dir
	if c.KnownFailures == "" {
		c.KnownFailures = sdk.KnownFailures()
	}
	return target, nil
}

func (c *runCmd) judging(all []*vectors.Vector) (conformance.Judging, error) {
	judging := conformance.Judging{Strict: c.Strict, Book: vectors.Rules()}
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
	case c.SDK != "":
		return c.SDK
	case len(c.Command) == 0:
		return "the built-in reference"
	default:
		return strings.Join(c.Command, " ")
	}
}

// repeat is the command that asks one vector again, as the shell takes it.
func (c *runCmd) repeat(id string) string {
	words := []string{os.Args[0], "run", "--id", id}
	for _, flag := range []struct{ name, value string }{{"--sdk", c.SDK}, {"--vectors", c.Vectors}} {
		if flag.value != "" {
			words = append(words, flag.name, flag.value)
		}
	}
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

// prepareReport makes the folder before the run, not after it.
func (c *runCmd) prepareReport() error {
	if c.Report == "" {
		return nil
	}
	return os.MkdirAll(c.Report, 0o777)
}

func (c *runCmd) writeReport(run *conformance.Run, suite ginkgo.Report) error {
	if c.Report == "" {
		return nil
	}
	data, err := report.JSON(run, c.name(), c.repeat)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Report, "report.json"), data, 0o666); err != nil {
		return err
	}
	junit := reporters.JunitReportConfig{OmitTimelinesForSpecState: types.SpecStatePassed | types.SpecStateSkipped, OmitLeafNodeType: true, OmitSpecLabels: true, OmitSuiteSetupNodes: true}
	if err := reporters.GenerateJUnitReportWithConfig(suite, filepath.Join(c.Report, "junit.xml"), junit); err != nil {
		return err
	}
	fmt.Printf("report in %s\n", c.Report)
	return nil
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
