// Command sigconform tests validators of Twilio's webhook signatures with the
// test vectors. Each subcommand is in a file of its name; this one is the
// command line and the exit status:
//
//	0  conformant
//	1  not conformant
//	2  wrong usage or configuration, or nothing matched
//	3  the validator could not be run to the end
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"sigconform/spec/conformance"
	"sigconform/spec/report"
)

type commandLine struct {
	Version versionFlag `help:"Print the version of the program, and the number and digest of its vectors."`

	Run       runCmd       `cmd:"" help:"Test a validator with the vectors."`
	Fuzz      fuzzCmd      `cmd:"" help:"Look for what the vectors miss: test a validator with drawn requests."`
	Vectors   vectorsCmd   `cmd:"" help:"Work on vector files: new, sign, lint."`
	Matrix    matrixCmd    `cmd:"" help:"Set the reports of several validators side by side."`
	Explain   explainCmd   `cmd:"" help:"Say which computation made a signature that you received, or that a vector has."`
	Rules     rulesCmd     `cmd:"" help:"List the rules and questions, with the number of vectors of each."`
	Defects   defectsCmd   `cmd:"" help:"List the known mistakes and the vectors that catch them, or show one."`
	Adapters  adaptersCmd  `cmd:"" help:"List the official SDKs that can be tested, and whether they can run here."`
	List      listCmd      `cmd:"" help:"List vectors: by family, rule, question, result, source."`
	Show      showCmd      `cmd:"" help:"Show everything about one vector, and how to recompute it: what one pastes into a bug report."`
	Report    reportCmd    `cmd:"" help:"Work on a report.json: render it again, print its schema."`
	Init      initCmd      `cmd:"" help:"Write a starter adapter in your language, or a test file for your test runner."`
	Validator validatorCmd `cmd:"" help:"Be a validator: answer the protocol on standard input with the built-in reference."`
}

const description = `Conformance suite for validators of Twilio's webhook signatures.

  sigconform init python my_validator.py               write an adapter; put your function into it
  sigconform run -- python3 my_validator.py            test it
  sigconform run --endpoint http://127.0.0.1:3000/sms  test a running application
  sigconform run --sdk twilio-python                   test an official SDK
  sigconform show url-port/http-voice-kept             everything about one vector

Exit status: 0 conformant, 1 not, 2 usage or nothing matched, 3 the validator could not be run.`

// exitError ends the command with a status; its text has been printed unless
// it has an error.
type exitError struct {
	status int
	err    error
}

func (e exitError) Error() string { return e.err.Error() }

// usage makes an error one of usage or configuration.
func usage(err error) error { return exitError{conformance.StatusUsage, err} }

// notRun makes an error one of the validator, which could not be run.
func notRun(err error) error { return exitError{conformance.StatusNotRun, err} }

// isUsage reports whether an error is one of usage or configuration.
func isUsage(err error) bool {
	exit := exitError{}
	return errors.As(err, &exit) && exit.status == conformance.StatusUsage
}

func main() {
	os.Exit(run(os.Args[1:]))
}

// Whatever is shown passes a guard: vectors, reports, findings and validators are
// of others.
var (
	stdout = report.NewGuard(os.Stdout, colorful(os.Stdout))
	stderr = report.NewGuard(os.Stderr, false)
)

// run runs the command and returns its exit status. Output that could not be
// written is wrong usage: nobody has seen what came of the run.
func run(args []string) int {
	status := execute(args)
	if err := stdout.Err(); err != nil {
		fmt.Fprintf(stderr, "sigconform: cannot write to standard output: %v\n", err)
		return conformance.StatusUsage
	}
	return status
}

// newParser returns the parser; the status is set where the parser itself ends the
// command (--help).
func newParser(status *int) *kong.Kong {
	parser, err := kong.New(&commandLine{},
		kong.Name("sigconform"),
		kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { *status = code }),
		kong.BindToProvider(interruptible),
	)
	if err != nil {
		panic(err)
	}
	return parser
}

func execute(args []string) int {
	if len(args) == 0 || args[0] == "help" {
		args = append(args[min(1, len(args)):], "--help")
	}
	status := -1
	parsed, err := newParser(&status).Parse(args)
	if status >= 0 {
		return status
	}
	if err != nil {
		fmt.Fprintf(stderr, "sigconform: %s\n", misuse(err))
		return conformance.StatusUsage
	}
	err = parsed.Run()
	interruption.over()
	if err == nil {
		return conformance.StatusConformant
	}
	exit := exitError{conformance.StatusUsage, err}
	errors.As(err, &exit)
	if exit.err != nil {
		fmt.Fprintf(stderr, "sigconform: %v\n", exit.err)
	}
	return exit.status
}
