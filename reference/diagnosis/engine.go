// This file is the engine as a whole: explain, test, explain again.

package diagnosis

import (
	"context"
	"slices"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// mostRounds is how often failures are explained again.
const mostRounds = 30

// manyLeft is how many failures are too many for one condition to fit by chance.
const manyLeft = 20

// Engine explains the failures of a validator and tests its explanations. The
// zero value tests nothing: what it explains is likely at best.
type Engine struct {
	// Ask sends requests to the validator; nil if it is not there to answer.
	Ask Ask
	// Alone sends one request to a validator that was sent nothing before, as to a
	// new process; nil if there is none. Then the request is sent once more.
	Alone Ask
	// Limits: the validator takes requests of any URL and size, so that the number
	// of a limit can be found.
	Limits bool
	// Application: it is a running application, with what stands in front of its validator.
	Application bool
	// Material are further requests that probes can be made of, beside the observed.
	Material []Case
	// Established are mistakes that it is known to have.
	Established []defect.Variant
	// Last: the last observation alone is to be explained, and the other failures by
	// what explains it. That takes much less time.
	Last bool
	// Only are the defects that are considered; nil for the whole catalogue.
	Only   []defect.Variant
	Bounds Bounds
}

// inquiry is a diagnosis that goes on.
type inquiry struct {
	Engine
	budget    *budget
	table     *table
	base      []Observation // those that were given, which probes are made of
	sources   []source      // the same, with the other requests that probes are made of
	token     string
	throws    bool                         // its errors are its way to reject
	probed    map[string]reference.Verdict // of all probes, by their keys
	tallies   map[string]*tally
	blamed    []blamed        // refuted by controls alone
	acquitted map[string]bool // see [inquiry.acquit]
	looked    bool            // behind what looks like rejecting everything
}

// tally is what the probes of a defect said.
type tally struct {
	share
	kinds    map[kind]share // the same by kind
	all      bool           // all of its probes were sent
	none     bool           // there are none
	sized    bool           // it is a limit, and its number was found
	states   bool           // alone and first, its requests are answered otherwise
	admitted bool           // its probes are right requests, which can refute it alone
}

// share is how many of the probes that were sent were accepted.
type share struct{ sent, accepted int }

// state says how sure a defect is that nothing has refuted: here alone it is decided
// what confirms one.
func (t *tally) state() State {
	if t.accepted > 0 && !t.admitted || t.sized || t.states {
		return Confirmed
	}
	return Likely
}

// Explain finds the defects that explain the failures among the observations,
// which must be in the order in which they were sent: a defect may remember
// something from one request to the next. It tests them with further requests.
// The diagnosis is there even with an error, which says why the validator gives no
// more answers.
func (e Engine) Explain(ctx context.Context, observations []Observation) (*Diagnosis, error) {
	q := &inquiry{
		Engine: e, budget: newBudget(ctx, e.Bounds), base: observations,
		probed: map[string]reference.Verdict{}, tallies: map[string]*tally{}, acquitted: map[string]bool{},
	}
	if q.throws = neverRejects(observations); q.throws {
		q.base = slices.Clone(observations)
		for i := range q.base {
			q.base[i].Verdict = rejection(q.base[i].Verdict)
		}
	}
	all := e.Only
	if all == nil {
		all = slices.DeleteFunc(defect.Variants(), func(v defect.Variant) bool { return v.InApplications && !e.Application })
	}
	q.table = newTable(q.base, all, e.Established, q.budget, e.Last)
	if len(q.table.failures) == 0 {
		return &Diagnosis{}, nil
	}
	q.token = observations[q.table.failures[0]].AuthToken
	found, err := q.run(ctx)
	if ctx.Err() != nil { // what was computed last may be half of it
		return &Diagnosis{Unexplained: q.failuresGiven(), Stopped: "explaining was interrupted"}, ctx.Err()
	}
	q.conclude(found)
	found.Stopped, found.Steps = q.budget.stopped(), int(q.budget.steps.Load())
	return found, err
}

// failuresGiven are the failures among the observations that were given.
func (q *inquiry) failuresGiven() []int {
	return slices.DeleteFunc(slices.Clone(q.table.failures), func(i int) bool { return q.table.observations[i].probe })
}

// neverRejects reports whether a validator throws where others reject: it never
// says reject, and throws at what must be rejected.
func neverRejects(observations []Observation) bool {
	throws := false
	for _, o := range observations {
		if o.Verdict == reference.Reject {
			return false
		}
		throws = throws || o.Verdict == reference.Error && !o.Failed && !o.Open
	}
	return throws
}

// Explain explains without asking anybody: see [Engine].
func Explain(observations []Observation) *Diagnosis {
	found, _ := Engine{Application: true, Bounds: Bounds{Compute: -1}}.Explain(context.Background(), observations)
	return found
}

// Remembers reports whether the failures of a validator whose answers change are
// explained by something that it remembers.
func (e Engine) Remembers(ctx context.Context, observations []Observation) (bool, error) {
	e.Only, e.Limits = remembering(), false
	found, err := e.Explain(ctx, observations)
	return len(found.Causes) > 0, err
}

// run explains, tests and explains again, until there is nothing more to test.
func (q *inquiry) run(ctx context.Context) (*Diagnosis, error) {
	if q.Ask == nil {
		found := q.table.claims()
		for range mostRounds {
			if len(found.Unexplained) == 0 || !q.considerMore(found) {
				break
			}
			found = q.table.claims()
		}
		return found, nil
	}
	if q.Limits {
		if err := q.limits(ctx); err != nil {
			return q.table.claims(), err
		}
	}
	found := q.table.claims()
	if len(q.Only) == 0 && (len(found.Unexplained) > 0 || len(found.Causes) > 1) {
		found = q.look(found)
	}
	for range mostRounds {
		if behind, err := q.behind(ctx, found); err != nil {
			return found, err
		} else if behind {
			found = q.table.claims()
		}
		refuted, err := q.refuteStates(ctx, found)
		if err != nil {
			return found, err
		}
		sent, err := q.test(ctx, found)
		if err != nil {
			return found, err
		}
		if !sent && !refuted && (len(found.Unexplained) == 0 || !q.considerMore(found)) {
			return found, nil
		}
		found = q.table.claims()
		if ctx.Err() != nil {
			return found, ctx.Err()
		}
	}
	return found, nil
}

// few causes may be wrong ones, beside which answers to open questions are misread.
const few = 2

// look prepares the table for several mistakes at once: it adds those that promised less,
// and answers to open questions, which change what others sign; and where next to nothing
// contradicts a simpler explanation, what takes that away.
func (q *inquiry) look(found *Diagnosis) *Diagnosis {
	t := q.table
	if len(found.Unexplained) > 0 && t.considerMore(found.Unexplained) {
		found = t.claims()
	}
	if len(found.Causes) > few && t.considerOpen(found.Variants()) {
		found = t.claims()
	}
	if t.considerNear(&Diagnosis{Unexplained: t.failures}) {
		found = t.claims()
	}
	return found
}

// considerMore adds to the table what explains less often, if failures are left:
// defects beside an answer to an open question, those that remember, those under a
// condition, and what was put off. It reports whether there was any. Defects under a
// condition are claimed only if requests confirm them.
func (q *inquiry) considerMore(found *Diagnosis) bool {
	if !q.budget.computing() {
		return false
	}
	t, left := q.table, found.Unexplained
	whole := len(q.Only) == 0
	// One condition explains few failures by chance, but not many; and where nothing
	// else explains anything, something may be remembered.
	return whole && t.considerNear(found) ||
		whole && t.considerBrought(found) ||
		t.considerFixes(max(1, len(left)/manyLeft)) ||
		whole && t.considerSimpler(found) ||
		len(found.Causes) == 0 && t.considerLater(left) ||
		whole && len(left) >= manyLeft && t.considerWholeConditions(left) ||
		whole && t.considerAnswers(found) ||
		t.considerMore(left) ||
		whole && t.considerWholeConditions(left) ||
		t.considerLater(left) ||
		whole && t.considerConditions(left, false) ||
		whole && t.considerConditions(left, true) ||
		t.considerLarge(left)
}

func (q *inquiry) tally(v defect.Variant) *tally {
	key := v.Key()
	if q.tallies[key] == nil {
		q.tallies[key] = &tally{}
	}
	return q.tallies[key]
}
