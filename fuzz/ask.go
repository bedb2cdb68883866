package fuzz

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/reference"
)

// batchSize is about how many cases are sent in one go.
const batchSize = 2048

// asker sends requests to the validator under test, and goes on when it gives up:
// requests that kill a validator or keep it busy are what is looked for.
type asker struct {
	*Options
	timeout   time.Duration
	warm      bool               // send a new one something harmless first: it may take its time for the first answer
	validator adapters.Validator // nil until it is needed
	answers   int                // since it was opened
	warnings  []string
	fault     error           // what makes a run fail though no answer shows it
	effort    *effort         // what it sends counts there; nil if it does not count
	until     context.Context // when it ends, nothing more is sent once the next answer is there; nil if nobody ends it
}

// errSilent: the answer that was due when the time was up did not come.
var errSilent = fmt.Errorf("when the time was up it owed an answer, and did not give it in %s more", mostLate)

// newAsker returns one that asks the target.
func newAsker(o *Options, warm bool) *asker {
	return &asker{Options: o, warm: warm && !o.Lasting}
}

// asker returns one that asks the target in order to look into wrong answers.
func (e *effort) asker(warm bool) *asker {
	a := newAsker(e.Options, warm)
	a.effort = e
	return a
}

// mostReopened is how often a validator that was given up on is opened again
// within one call of ask.
const mostReopened = 20

// ask sends the cases in order and returns the answers, as many as there are. It
// fails only if the validator cannot be tested at all, or ctx ends.
func (a *asker) ask(ctx context.Context, cases []*generate.Case) ([]protocol.Answer, error) {
	all := make([]protocol.Case, len(cases))
	for i, c := range cases {
		all[i] = sent(c, id(i))
	}
	return a.askAll(ctx, all)
}

func (a *asker) askAll(ctx context.Context, asked []protocol.Case) ([]protocol.Answer, error) {
	answers, err := a.askInTime(ctx, asked)
	if err != nil && a.until != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = errSilent
	}
	return answers, err
}

func (a *asker) askInTime(ctx context.Context, asked []protocol.Case) ([]protocol.Answer, error) {
	answers := make([]protocol.Answer, len(asked))
	next, reopened := 0, 0
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	if a.effort != nil {
		defer a.effort.ask(len(asked))()
	}
	for next < len(asked) {
		if a.validator == nil {
			v, err := a.Open(a.timeout)
			if err != nil {
				return answers[:next], err
			}
			if a.validator, a.answers = v, 0; a.effort != nil {
				a.effort.computed(perOpening)
			}
			if a.warm {
				warmUp := []protocol.Case{sent(generate.Harmless(a.At), "warm-up")}
				if err := v.Ask(ctx, warmUp, func(int, protocol.Answer) { a.answers++ }); err != nil {
					return answers[:next], err
				}
			}
		}
		from, to := next, len(asked)
		if a.Lasting {
			to = from + 1 // others would be answered in any order
		}
		err := a.validator.Ask(ctx, asked[from:to], func(i int, answer protocol.Answer) {
			answers[from+i] = answer
			next = from + i + 1
			if answer.Verdict != reference.Died && answer.Verdict != reference.Timeout {
				a.answers++
			}
			if a.until != nil && a.until.Err() != nil {
				enough()
			}
		})
		if err == nil {
			next = to
			continue
		}
		if ctx.Err() != nil {
			return answers[:next], ctx.Err()
		}
		if a.Lasting {
			return answers[:next], err
		}
		// It gave up. If it never answered, so do we; else the request that it
		// gave up at counts as not answered, and the rest is sent to a new one.
		if reopened++; a.answers == 0 || reopened > mostReopened {
			return answers[:next], err
		}
		a.close()
		if next < len(asked) {
			answers[next] = protocol.Answer{Verdict: reference.Died, Detail: err.Error()}
			next++
		}
	}
	return answers, nil
}

func (a *asker) close() {
	if a.validator != nil {
		a.warnings = append(a.warnings, a.validator.Close()...)
		a.fault = cmp.Or(a.fault, adapters.Fault(a.validator))
		a.validator = nil
	}
}

// sent returns the case as an adapter takes it.
func sent(c *generate.Case, id string) protocol.Case {
	return protocol.Case{ID: id, AuthToken: c.Token, Request: c.Sent(), Params: c.SentParams()}
}

// id is the protocol's id of the i-th case of a batch.
func id(i int) string {
	if i < len(ids) {
		return ids[i]
	}
	return strconv.Itoa(i)
}

var ids = func() (ids [2 * batchSize]string) {
	for i := range ids {
		ids[i] = strconv.Itoa(i)
	}
	return ids
}()
