package main

import (
	"os"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
)

type validatorCmd struct{}

// Run answers requests on standard input until it ends.
func (validatorCmd) Run() error {
	right := reference.New()
	return protocol.Serve(os.Stdin, os.Stdout, func(c protocol.Case) protocol.Answer {
		return adapters.Answer(right, c)
	})
}
