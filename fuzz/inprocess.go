package fuzz

import (
	"context"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
)

// InProcess opens a validator that is no program of its own: the reference, or
// the reference with a defect. New must return one that remembers nothing.
func InProcess(new func() reference.Validator) Open {
	return func(time.Duration) (adapters.Validator, error) { return inProcess{new()}, nil }
}

type inProcess struct {
	validator reference.Validator
}

func (v inProcess) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	for i, c := range cases {
		if err := ctx.Err(); err != nil {
			return err
		}
		verdict, detail := defect.Ask(v.validator, c.AuthToken, c.Request)
		answered(i, protocol.Answer{Verdict: protocol.Verdict(verdict), Detail: detail})
	}
	return nil
}

func (inProcess) Close() []string { return nil }
