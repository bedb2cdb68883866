package fuzz

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/defect"
)

// This file tests that nothing is green because the validator under test misbehaves.

// answering is a validator that is a function.
type answering func(ctx context.Context, c protocol.Case) protocol.Answer

func (f answering) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	for i, c := range cases {
		a := f(ctx, c)
		if err := ctx.Err(); err != nil {
			return err
		}
		answered(i, a)
	}
	return nil
}

func (answering) Close() []string { return nil }

func (f answering) open(time.Duration) (adapters.Validator, error) { return f, nil }

func rightly(c protocol.Case) protocol.Answer {
	verdict, detail := defect.Ask(reference.New(), c.AuthToken, c.Request)
	return protocol.Answer{Verdict: verdict, Detail: detail}
}

// TestAnswerIsDue: when the time is up the answer that is due is waited for, and a
// validator that does not give it has not been tested to the end.
func TestAnswerIsDue(t *testing.T) {
	for name, silent := range map[string]bool{"it answers": false, "it is silent": true} {
		t.Run(name, func(t *testing.T) {
			sending, timeIsUp := context.WithCancel(t.Context())
			looking, cancel := context.WithCancel(t.Context())
			if silent {
				looking, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
			}
			defer cancel()
			asked := 0
			v := answering(func(ctx context.Context, c protocol.Case) protocol.Answer {
				if asked++; asked == 2 {
					if timeIsUp(); silent {
						<-ctx.Done()
					}
				}
				return rightly(c)
			})
			a := newAsker(&Options{Open: v.open}, false)
			a.until = sending
			answers, err := a.ask(looking, slices.Repeat([]*generate.Case{generate.Harmless(nil)}, 9))
			if errors.Is(err, errSilent) != silent {
				t.Errorf("after %d answers: %v", len(answers), err)
			}
			if !silent && len(answers) != 2 {
				t.Errorf("%d answers", len(answers))
			}
		})
	}
}

// TestOpenQuestionsAreAnswered: a request whose answer is open needs one all the same,
// and its candidate is fixed by any.
func TestOpenQuestionsAreAnswered(t *testing.T) {
	open := map[string]bool{} // the requests
	key := func(r reference.Request) string { return r.Method + " " + r.URL + " " + string(r.Body) }
	find(t, Options{Open: defective(t), Seed: 1, Cases: 500, Compared: func(c *generate.Case, _ protocol.Answer) {
		k := key(c.Sent())
		is, seen := open[k]
		open[k] = c.Expected == judge.NotJudged && (is || !seen)
	}})
	v := answering(func(_ context.Context, c protocol.Case) protocol.Answer {
		if open[key(c.Request)] {
			return protocol.Answer{Verdict: reference.Malformed, Detail: "null"}
		}
		return rightly(c)
	})
	report := find(t, Options{Open: v.open, Seed: 1, Cases: 500})
	if len(report.Findings) != 1 || report.Findings[0].Case.Expected != judge.NotJudged {
		t.Fatalf("found are %q", keys(report))
	}
	replays(t, report.Findings[0], v.open)
}

// TestWrongAnswersAreFound: a validator that was wrong is not green, whether or not it
// is wrong again.
func TestWrongAnswersAreFound(t *testing.T) {
	asked := 0
	v := answering(func(_ context.Context, c protocol.Case) protocol.Answer {
		if asked++; asked > 300 && asked < 400 {
			return protocol.Answer{Verdict: reference.Accept}
		}
		return rightly(c)
	})
	report := find(t, Options{Open: v.open, Seed: 1, Cases: 1000})
	if len(report.Findings) != 1 || report.Findings[0].Answer.Verdict != reference.Accept || report.Flaky == 0 {
		t.Errorf("of %d wrong answers, found are %q", report.Differences, keys(report))
	}
}
