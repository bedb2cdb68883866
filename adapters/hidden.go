package adapters

import (
	"context"
	"errors"
	"os"

	"sigconform/adapters/process"
	"sigconform/adapters/protocol"
	"sigconform/adapters/secrets"
)

// shortestToken is how many bytes a secret of the environment has at least. Twilio's
// tokens have 32; a shorter one is a test's, and may be a part of any request.
const shortestToken = 16

// hide returns the validator with the secrets of our environment taken out of
// whatever it says. It is not given them, but it may find them: a program can read
// the environment of the process that started it.
func hide(v Validator) Validator {
	var long []string
	for _, secret := range process.Secrets(os.Environ()) {
		if len(secret) >= shortestToken {
			long = append(long, secret)
		}
	}
	if len(long) == 0 {
		return v
	}
	return hidden{v, secrets.New(long...)}
}

type hidden struct {
	Validator
	secrets *secrets.Hider
}

// Ask asks the validator; see [Validator].
func (h hidden) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	err := h.Validator.Ask(ctx, cases, func(i int, a protocol.Answer) {
		a.Detail, a.Stderr, a.Used = h.secrets.Hide(a.Detail), h.secrets.Hide(a.Stderr), h.secrets.Hide(a.Used)
		if a.StringToSign != nil {
			said := h.secrets.Hide(*a.StringToSign)
			a.StringToSign = &said
		}
		answered(i, a)
	})
	return h.error(err)
}

// Close closes the validator; see [Validator].
func (h hidden) Close() []string {
	warnings := h.Validator.Close()
	for i, warning := range warnings {
		warnings[i] = h.secrets.Hide(warning)
	}
	return warnings
}

// Fault is that of the validator; see the function of that name.
func (h hidden) Fault() error { return h.error(Fault(h.Validator)) }

// error is an error without secrets; it is the same one if it has none.
func (h hidden) error(err error) error {
	if err == nil || h.secrets.Hide(err.Error()) == err.Error() {
		return err
	}
	return errors.New(h.secrets.Hide(err.Error()))
}
