package main

import (
	"os"
	"runtime/debug"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
)

type validatorCmd struct {
	Defect []string `help:"Make this mistake; 'sigconform defects' lists them (several are allowed)." placeholder:"SLUG[=VALUE]" sep:"none"`
}

// Help is shown by 'sigconform validator --help'.
func (c *validatorCmd) Help() string {
	return `Without a defect it answers as it should. With one it shows what a mistake looks like in a report:

  sigconform run -- sigconform validator --defect unsorted
  sigconform run -- sigconform validator --defect at-most-n-params=10 --defect values-trimmed=spaces`
}

// Run answers requests on standard input until it ends.
func (c *validatorCmd) Run() error {
	validator, err := composed(c.Defect)
	if err != nil {
		return usage(err)
	}
	// Requests live for a moment: let the collector come less often.
	debug.SetGCPercent(400)
	return protocol.Serve(os.Stdin, os.Stdout, func(c protocol.Case) protocol.Answer {
		verdict, detail, signed := defect.Check(validator, c.AuthToken, c.Request)
		a := protocol.Answer{Verdict: verdict, Detail: detail, Used: "body"}
		if len(signed) > 0 {
			a.StringToSign = &signed[0]
		}
		return a
	})
}

// composed returns the reference with the mistakes, all at once.
func composed(keys []string) (reference.Validator, error) {
	var variants []defect.Variant
	for _, key := range keys {
		if _, err := findDefect(key); err != nil {
			return reference.Validator{}, err
		}
		variant, err := defect.Find(key)
		if err != nil {
			return reference.Validator{}, err
		}
		variants = append(variants, variant)
	}
	return defect.In(reference.New(), variants...), nil
}
