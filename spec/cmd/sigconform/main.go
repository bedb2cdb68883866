// Command sigconform asks validators of Twilio's webhook signatures what the
// test vectors ask. Each subcommand is in a file of its name; this one is the
// command line and the exit status:
//
//	0  conformant
//	1  not conformant
//	2  wrong usage or configuration, or nothing matched
//	3  the validator could not be run to the end
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"sigconform/spec/conformance"
)

type commandLine struct {
	Run       runCmd       `cmd:"" help:"Ask a validator what the vectors ask."`
	Fuzz      fuzzCmd      `cmd:"" help:"Look for what the vectors miss: ask a validator requests that are drawn."`
	Vectors   vectorsCmd   `cmd:"" help:"Work on vector files: new, sign, lint."`
	Matrix    matrixCmd    `cmd:"" help:"Set the reports of several validators side by side."`
	Explain   explainCmd   `cmd:"" help:"Say what a received signature was made of, if not of the request that you see."`
	Rules     rulesCmd     `cmd:"" help:"List the rules and questions, with the number of vectors of each."`
	Defects   defectsCmd   `cmd:"" help:"List the known mistakes and the vectors that catch them, or show one."`
	Adapters  adaptersCmd  `cmd:"" help:"List the official SDKs that can be asked, and whether they can run here."`
	List      listCmd      `cmd:"" help:"List vectors: by family, rule, question, result, source."`
	Show      showCmd      `cmd:"" help:"Show everything about one vector, and how to recompute it: what one pastes into a bug report."`
	Report    reportCmd    `cmd:"" help:"Work on a report.json: render it again, print its schema."`
	Validator validatorCmd `cmd:"" help:"Be a validator: answer the protocol on standard input with the built-in reference."`
}

const description = `Conformance suite for validators of Twilio's webhook signatures.

  sigconform run                                  ask the built-in reference
  sigconform run -- python3 my_validator.py       ask your own program
  sigconform run --id 'url-port/*' -- ./validator ask it a part
  sigconform rules                                what the vectors are about

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

func main() {
	os.Exit(run(os.Args[1:]))
}

// run runs the command and returns its exit status.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	status := -1
	parser, err := kong.New(&commandLine{},
		kong.Name("sigconform"),
		kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Exit(func(code int) { status = code }), // --help
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		panic(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if status >= 0 {
		return status
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "sigconform: %v\n    'sigconform --help' and 'sigconform run --help' say how it is used\n", err)
		return conformance.StatusUsage
	}
	err = parsed.Run()
	if err == nil {
		return conformance.StatusConformant
	}
	exit := exitError{conformance.StatusUsage, err}
	errors.As(err, &exit)
	if exit.err != nil {
		fmt.Fprintf(os.Stderr, "sigconform: %v\n", exit.err)
	}
	return exit.status
}
