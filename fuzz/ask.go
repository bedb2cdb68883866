package fuzz

import (
	"context"
	"errors"
	"strconv"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference/defect"
)

// Open makes the validator under test ready to be asked, anew with each call.
// The timeout is how long an answer may take; 0 stands for the usual.
type Open func(timeout time.Duration) (adapters.Validator, error)

// asker asks the validator under test, and goes on when it gives up: requests
// that kill a validator or keep it busy are what is looked for.
type asker struct {
	*Options
	timeout   time.Duration
	warm      bool               // ask a new one something harmless first: it may take its time for the first answer
	validator adapters.Validator // nil until it is asked
	answers   int                // since it was opened
	warnings  []string
}

// asker returns one that asks the target.
func (o *Options) asker(warm bool) *asker {
	return &asker{Options: o, warm: warm && !o.Lasting}
}

// mostReopened is how often a validator that was given up on is opened again
// within one call of ask.
const mostReopened = 20

// ask asks the cases in order and returns the answers, as many as there are. It
// fails only if the validator cannot be asked at all, or ctx ends.
func (a *asker) ask(ctx context.Context, cases []*Case) ([]protocol.Answer, error) {
	asked := make([]protocol.Case, len(cases))
	for i, c := range cases {
		asked[i] = c.asked(id(i))
	}
	return a.askAll(ctx, asked)
}

func (a *asker) askAll(ctx context.Context, asked []protocol.Case) ([]protocol.Answer, error) {
	answers := make([]protocol.Answer, len(asked))
	next, reopened := 0, 0
	for next < len(asked) {
		if a.validator == nil {
			v, err := a.Open(a.timeout)
			if err != nil {
				return answers[:next], err
			}
			a.validator, a.answers = v, 0
			if a.warm {
				warmUp := []protocol.Case{a.At.harmless().asked("warm-up")}
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
			if answer.Verdict != protocol.Died && answer.Verdict != protocol.Timeout {
				a.answers++
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
		// gave up at counts as not answered, and the rest is asked of a new one.
		if reopened++; a.answers == 0 || reopened > mostReopened {
			return answers[:next], err
		}
		a.close()
		if next < len(asked) {
			answers[next] = protocol.Answer{Verdict: protocol.Died, Detail: err.Error()}
			next++
		}
	}
	return answers, nil
}

// harmless returns the simplest request at a place, or nil if it cannot be asked.
func (p *Place) harmless() *Case {
	if cases := episodeAt(p, replayed([]int{}), nil); len(cases) > 0 {
		return cases[0]
	}
	return nil
}

func (a *asker) close() {
	if a.validator != nil {
		a.warnings = append(a.warnings, a.validator.Close()...)
		a.validator = nil
	}
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

// errNothingFits: the simplest of all requests cannot be asked at the place.
var errNothingFits = errors.New("of what is drawn nothing can be asked there")

// errNothingJudged: no request that must be accepted, or none that must be
// rejected, got an answer.
var errNothingJudged = errors.New("it answered no request that must be accepted, or none that must be rejected: nothing was compared")

// differs reports whether the answer is not what is demanded.
func differs(c *Case, a protocol.Answer) bool {
	switch c.Expected {
	case MustAccept:
		return a.Verdict != protocol.Accept && a.Verdict != protocol.Unsupported
	case MustReject:
		return a.Verdict == protocol.Accept || a.Verdict == protocol.Timeout || a.Verdict == protocol.Died
	default:
		return false
	}
}

// predicts reports whether a defect's verdict is the validator's.
func predicts(verdict defect.Verdict, a protocol.Answer) bool {
	return string(verdict) == string(a.Verdict)
}
