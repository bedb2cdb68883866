package main

import (
	"os"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
)

type validatorCmd struct {
	Defect []string `help:"Make this mistake; 'sigconform defects' lists them. Several are put one upon the other." placeholder:"SLUG[=VALUE]" sep:"none"`
}

// Help is shown by 'sigconform validator --help'.
func (c *validatorCmd) Help() string {
	return `Without a defect it answers as it should. With one it shows what a mistake looks like in a report:

  sigconform run -- sigconform validator --defect unsorted
  sigconform run -- sigconform validator --defect at-most-n-params=10 --defect trims-values`
}

// Run answers requests on standard input until it ends.
func (c *validatorCmd) Run() error {
	validator := reference.New()
	for _, key := range c.Defect {
		if _, err := findDefect(key); err != nil {
			return usage(err)
		}
		variant, err := defect.Find(key)
		if err != nil {
			return usage(err)
		}
		validator = variant.Apply(validator)
	}
	return protocol.Serve(os.Stdin, os.Stdout, func(c protocol.Case) protocol.Answer {
		return answer(validator, c)
	})
}

// answer asks the validator, which may throw.
func answer(validator reference.Validator, c protocol.Case) protocol.Answer {
	verdict, detail := defect.Ask(validator, c.AuthToken, c.Request)
	a := protocol.Answer{Verdict: protocol.Verdict(verdict), Detail: detail, Used: "body"}
	if signed, ok := defect.StringToSign(validator, c.Request); ok {
		a.StringToSign = &signed
	}
	return a
}
