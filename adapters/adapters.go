// Package adapters answers: who is being tested? There is one interface for
// everything that can answer accept or reject, and one Open that finds it: the
// built-in reference, a program (package process), an official SDK (a program
// behind a shim, in sdk/NAME), a function behind HTTP (package webhook). An
// endpoint that is called as Twilio calls it is a Validator too (package
// webhook), for cases that were made for it.
package adapters

import (
	"context"
	"time"

	"sigconform/adapters/process"
	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
)

// Validator is anything that answers whether a request's signature is right.
type Validator interface {
	// Ask sends the cases, whose ids must differ, and calls answered once for
	// each of them, one call at a time, with its index and what came of it. It
	// ends early, with an error that a person can read, when the validator
	// gives no more answers, or when ctx ends.
	Ask(ctx context.Context, cases []protocol.Case, answered func(i int, a protocol.Answer)) error
	// Close ends the validator and whatever it started. It returns what was
	// noticed during the run and concerns no single case, for a person to read.
	Close() (warnings []string)
}

// Fault returns the error that makes a run fail although no single answer shows it:
// a program died at no request in particular, or wrote more answers than there were
// requests. It returns nil if there is no such fault. It is complete after v.Close.
func Fault(v Validator) error {
	if faulty, can := v.(interface{ Fault() error }); can {
		return faulty.Fault()
	}
	return nil
}

// Target says whom to ask. The zero value is the built-in reference.
type Target struct {
	Command []string      // a program and its arguments
	Dir     string        // where it is run; "" for the current directory
	Oneshot bool          // the program is started once for each case
	URL     string        // a function that is called over HTTP, instead of a program
	Timeout time.Duration // how long an answer may take; 0 for the default
}

// Open makes the target ready for Ask. A program that cannot be found is
// an error here; one that does not work shows in Ask.
func Open(t Target) (Validator, error) {
	if t.URL == "" && len(t.Command) == 0 {
		return builtin{reference.New()}, nil
	}
	v, err := open(t)
	if err != nil {
		return nil, err
	}
	return hide(v), nil
}

func open(t Target) (Validator, error) {
	if t.URL != "" {
		return webhook.OpenFunction(t.URL, t.Timeout)
	}
	options := process.Options{Command: t.Command, Dir: t.Dir, Timeout: t.Timeout}
	if t.Oneshot {
		return process.OpenOneshot(options)
	}
	return process.Open(options)
}

// builtin asks the reference, without a process between.
type builtin struct {
	validator reference.Validator
}

func (b builtin) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	for i, c := range cases {
		if err := ctx.Err(); err != nil {
			return err
		}
		answered(i, Answer(b.validator, c))
	}
	return nil
}

func (b builtin) Close() []string { return nil }

// Answer asks v and says what it said, with the likeliest string to sign.
func Answer(v reference.Validator, c protocol.Case) protocol.Answer {
	accepted, signed := v.Check(c.AuthToken, c.Request)
	a := protocol.Answer{Verdict: reference.Reject, Used: "body"}
	if accepted {
		a.Verdict = reference.Accept
	}
	if len(signed) > 0 {
		a.StringToSign = &signed[0]
	}
	return a
}
