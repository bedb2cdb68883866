package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"sigconform/adapters"
	"sigconform/spec/conformance"
	"sigconform/spec/endpoint"
	"sigconform/vectors"
)

// This file says whom a command tests: flags become a target, which is opened.

// target is whom to test: a program, an SDK, a function, an endpoint, or the
// built-in reference if nothing is named. These flags are those of run and fuzz.
type target struct {
	Command []string `arg:"" optional:"" passthrough:"" help:"The validator and its arguments, after --; or else the reference."`

	SDK     string        `help:"Test an official SDK: the name of a folder under adapters/sdk. It is installed first." placeholder:"NAME"`
	Timeout time.Duration `help:"How long one answer may take; the first of a process may take 15s more." default:"5s"`

	endpointFlags `group:"Endpoints:"`
}

// opened is a target that is ready to be tested.
type opened struct {
	adapters.Target
	endpoint *endpoint.Endpoint // in its place; nil for everything else
	sdk      adapters.SDK       // the zero value if it is no SDK
}

// check takes the -- from the command line of the program, and returns an error for
// flags that make no sense together.
func (t *target) check(subcommand string) error {
	var err error
	if t.Command, err = program(subcommand, t.Command); err != nil {
		return err
	}
	if named := t.named(); len(named) > 1 {
		return fmt.Errorf("%s exclude each other: a run tests one target. Choose one:\n    sigconform %s %s", strings.Join(named, " and "),
			subcommand, strings.Join(named, "\n    sigconform "+subcommand+" "))
	}
	if t.Timeout <= 0 {
		return errors.New("--timeout must be positive, as in 5s")
	}
	if words := t.endpointFlags.words(); len(words) > 0 && t.Endpoint == "" && t.ValidatorURL == "" {
		return fmt.Errorf("%s is about an endpoint; name one: --endpoint http://127.0.0.1:3000/sms", words[0])
	}
	return nil
}

// named are the targets that were named, as they were typed.
func (t *target) named() []string {
	var named []string
	for _, flag := range [][2]string{{"--endpoint", t.Endpoint}, {"--validator-url", t.ValidatorURL}, {"--sdk", t.SDK}} {
		if flag[1] != "" {
			named = append(named, flag[0]+" "+shellQuote(withoutPassword(flag[1])))
		}
	}
	if len(t.Command) > 0 {
		words := []string{"--"}
		for _, word := range t.Command {
			words = append(words, shellQuote(word))
		}
		named = append(named, strings.Join(words, " "))
	}
	return named
}

// program returns the program and its arguments of a command line without the
// -- that must stand before them: otherwise flags of ours and of the program
// could be taken for each other.
func program(subcommand string, words []string) ([]string, error) {
	switch {
	case len(words) == 0:
		return nil, nil
	case words[0] == "--" && len(words) > 1:
		noteFlags(subcommand, words[1:])
		return words[1:], nil
	case words[0] == "--":
		return nil, fmt.Errorf("no program follows --; write it there: sigconform %s -- python3 my_validator.py", subcommand)
	}
	return nil, withoutDashes(subcommand, words)
}

// open finds the target, and calibrates an endpoint. If that cannot be tested, the
// diagnosis says why; it has been printed.
func (t *target) open(ctx context.Context) (*opened, *endpoint.Diagnosis, error) {
	switch {
	case t.Endpoint != "":
		e, diagnosis, err := t.calibrated(ctx, t.Timeout)
		if diagnosis != nil {
			diagnosis.Notes = e.Close()
			writeDiagnosis(stdout, t.name(), diagnosis)
		}
		return &opened{endpoint: e}, diagnosis, err
	case t.SDK != "":
		sdk, err := adapters.FindSDK(".", t.SDK)
		if err != nil {
			return nil, nil, usage(err)
		}
		return openedSDK(sdk, t.Timeout), nil, nil
	}
	return &opened{Target: adapters.Target{Command: t.Command, URL: t.ValidatorURL, Timeout: t.Timeout}}, nil, nil
}

func openedSDK(sdk adapters.SDK, timeout time.Duration) *opened {
	return &opened{Target: adapters.Target{Command: sdk.Run, Dir: sdk.Dir, Timeout: timeout}, sdk: sdk}
}

// install installs the target if it is an SDK, unless it is installed.
func (o *opened) install(ctx context.Context) error {
	if o.sdk.Name == "" {
		return nil
	}
	return install(ctx, o.sdk)
}

func install(ctx context.Context, sdk adapters.SDK) error {
	return sdk.EnsureInstalled(ctx, func() { fmt.Fprintf(os.Stderr, "installing %s %s …\n", sdk.Package, sdk.Version) })
}

// close closes an endpoint, and returns what was noticed.
func (o *opened) close() []string {
	if o.endpoint == nil {
		return nil
	}
	return o.endpoint.Close()
}

// test installs an SDK, tests the target with the vectors to the end, and closes it.
// The plan is that of an endpoint, nil for everything else. The error is one of
// starting the target.
func (o *opened) test(
	ctx context.Context, plan *endpoint.Plan, selected []*vectors.Vector, judging conformance.Judging, progress func(int),
) (*conformance.Run, error) {
	if plan != nil {
		run := conformance.Ask(ctx, plan, selected, judging, progress)
		closeAfter(run, plan)
		plan.Explain(run)
		return run, nil
	}
	if err := o.install(ctx); err != nil {
		return nil, err
	}
	validator, err := adapters.Open(o.Target)
	if err != nil {
		return nil, err
	}
	run := conformance.Ask(ctx, validator, selected, judging, progress)
	closeAfter(run, validator)
	return run, nil
}

// closeAfter closes the validator and adds to the run what came to light then.
func closeAfter(run *conformance.Run, validator adapters.Validator) {
	run.Warnings = append(run.Warnings, validator.Close()...)
	if fault := adapters.Fault(validator); fault != nil && (run.Stopped == nil || !strings.Contains(run.Stopped.Error(), fault.Error())) {
		run.Deaths = fault.Error()
	}
}

// name is the target as a person called it.
func (t *target) name() string {
	switch {
	case t.Endpoint+t.ValidatorURL != "":
		return withoutPassword(t.Endpoint + t.ValidatorURL)
	case t.SDK != "":
		return t.SDK
	case len(t.Command) == 0:
		return "the built-in reference"
	default:
		return strings.Join(t.Command, " ")
	}
}

// again is the command that does this to the same target, as the shell takes it.
func (t *target) again(words ...string) string {
	words = append([]string{os.Args[0]}, words...)
	if t.SDK != "" {
		words = append(words, "--sdk", t.SDK)
	}
	words = append(words, t.endpointFlags.words()...)
	if len(t.Command) > 0 {
		words = append(append(words, "--"), t.Command...)
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
