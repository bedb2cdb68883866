// This file answers: does the validator remember earlier requests? A cause that
// does is only named if a request that it explains, alone and first, is answered
// otherwise.

package diagnosis

import (
	"context"

	"sigconform/reference/defect"
)

// mostAlone is how many failures of a cause that remembers are sent alone.
const mostAlone = 3

// refuteStates takes out the causes that remember and whose failures are no
// matter of what came before. It reports whether there were any.
func (q *inquiry) refuteStates(ctx context.Context, found *Diagnosis) (refuted bool, err error) {
	for _, cause := range found.Causes {
		if !cause.Defect.Remembers || q.tally(cause.Defect).states {
			continue
		}
		changed := false
		for _, i := range cause.Explains[:min(mostAlone, len(cause.Explains))] {
			o := q.table.observations[i]
			answer, err := q.alone(ctx, Case{AuthToken: o.AuthToken, Request: o.Request})
			if err != nil {
				return refuted, err
			}
			if answer.Verdict == o.Verdict {
				changed = false
				break
			}
			changed = answer.Verdict != ""
		}
		if changed {
			q.tally(cause.Defect).states = true
			continue
		}
		for _, v := range append(made{cause.Defect}, cause.Equals...) {
			if v.Remembers {
				q.table.refute(v)
				refuted = true
			}
		}
	}
	return refuted, nil
}

// alone sends a case to a validator that was sent nothing before, or once more to
// this one if there is no other. The verdict is "" if it cannot be sent.
func (q *inquiry) alone(ctx context.Context, c Case) (Answer, error) {
	if q.budget.room() == 0 {
		return Answer{}, nil
	}
	ask := q.Alone
	if ask == nil {
		ask = q.Ask
	}
	if ask == nil {
		return Answer{}, nil
	}
	given, err := q.timed(ctx, ask, []Case{c})
	if err != nil || len(given) == 0 {
		return Answer{}, err
	}
	return given[0], nil
}

// remembering are the defects that remember something.
func remembering() made {
	var memory made
	for _, v := range defect.Variants() {
		if v.Remembers {
			memory = append(memory, v)
		}
	}
	return memory
}
