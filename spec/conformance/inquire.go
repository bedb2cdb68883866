// This file answers: what further questions tell the causes of a failure apart?
//
// A validator that has a defect accepts requests that are signed as the defect
// signs them, where Twilio signs otherwise. So each cause that the diagnosis
// names is tried, and each of those that it cannot tell from it; the answers are
// evidence like any others, and the failures are explained anew. Of a limit the
// number is found by halving.

package conformance

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
)

const (
	// mostProbes is how many requests are asked to confirm a cause.
	mostProbes = 8
	// mostRounds is how often failures are explained anew, and mostRivals how
	// many defects that answer the same are tried in one round.
	mostRounds = 5
	mostRivals = 6
	// largestLimit is the size of the largest request that is asked to find one.
	largestLimit = 1 << 20
)

// inquiry is a diagnosis that goes on.
type inquiry struct {
	ctx          context.Context
	validator    adapters.Validator
	observations []diagnosis.Observation // those of the run, which probes are made of
	found        *diagnosis.Diagnosis
	verdicts     map[string]defect.Verdict // of all probes
	asked        int
}

// run asks until no more can be told apart.
func (q *inquiry) run() error {
	if err := q.limits(); err != nil {
		return err
	}
	for range mostRounds {
		var probes []diagnosis.Observation
		for _, cause := range q.found.Causes {
			rivals := append([]defect.Variant{cause.Defect}, cause.Equals...)
			for _, rival := range rivals[:min(mostRivals, len(rivals))] {
				probes = append(probes, q.probes(cause.Defect, rival)...)
			}
		}
		news, err := q.ask(probes)
		if err != nil {
			return err
		}
		if len(news) == 0 {
			return nil
		}
		q.found = q.found.With(news)
	}
	return nil
}

// confirmed says how many of the requests that only the cause accepts were
// accepted, of those that were asked.
func (q *inquiry) confirmed(cause diagnosis.Cause) (probed, confirmed int) {
	for _, probe := range q.probes(cause.Defect, cause.Defect) {
		if verdict, asked := q.verdicts[key(probe)]; asked {
			probed++
			if verdict == defect.Accept {
				confirmed++
			}
		}
	}
	return probed, confirmed
}

// probes signs requests as the validator would that has the rival in place of
// one of the causes that were found, where Twilio signs otherwise. For a defect
// that only accepts more, or remembers what was asked before, there are none.
func (q *inquiry) probes(cause, rival defect.Variant) []diagnosis.Observation {
	if rival.Remembers || rival.Behaviour {
		return nil
	}
	defective, alone, right := q.understood(cause, &rival), rival.New(), reference.New()
	seen := map[string]bool{}
	var picked []diagnosis.Observation
	for _, o := range q.observations {
		if len(picked) == mostProbes {
			break
		}
		expected, _ := defect.Sign(right, o.AuthToken, o.Request)
		mistaken, ok := defect.Sign(alone, o.AuthToken, o.Request)
		if !ok || o.Open || mistaken == expected || seen[mistaken] {
			continue
		}
		seen[mistaken] = true
		if signature, ok := defect.Sign(defective, o.AuthToken, o.Request); ok && signature != expected {
			probe := diagnosis.Observation{AuthToken: o.AuthToken, Request: o.Request}
			probe.Request.Signature = &signature
			picked = append(picked, probe)
		}
	}
	return picked
}

// ask asks what was not asked yet, and returns it with the answers.
func (q *inquiry) ask(probes []diagnosis.Observation) ([]diagnosis.Observation, error) {
	var news []diagnosis.Observation
	var cases []protocol.Case
	for _, probe := range probes {
		if _, known := q.verdicts[key(probe)]; known {
			continue
		}
		q.asked++
		q.verdicts[key(probe)] = ""
		news = append(news, probe)
		cases = append(cases, protocol.Case{ID: fmt.Sprintf("diagnosis/%d", q.asked), AuthToken: probe.AuthToken, Request: probe.Request})
	}
	err := q.validator.Ask(q.ctx, cases, func(i int, a protocol.Answer) {
		right, _ := defect.Ask(reference.New(), news[i].AuthToken, news[i].Request)
		news[i].Verdict = defect.Verdict(a.Verdict)
		news[i].Failed = (a.Verdict == protocol.Accept) != (right == defect.Accept)
		q.verdicts[key(news[i])] = news[i].Verdict
	})
	return news, err
}

// key tells probes apart: two requests with one signature differ in what they
// are as well.
func key(o diagnosis.Observation) string {
	r := o.Request
	return fmt.Sprintf("%q %q %q %q %q", o.AuthToken, r.Method, r.URL, r.Body, *r.Signature)
}

// limits finds the number of each limit that the validator seems to have, where
// it is none of the catalogue's.
func (q *inquiry) limits() error {
	if _, is := q.validator.(*Endpoint); is {
		return nil // its URLs are its own, and it is spared requests of any size
	}
	var limits []defect.Variant
	var all []diagnosis.Observation
	for _, cause := range slices.Concat(q.found.Causes, q.nearest()) {
		known := slices.ContainsFunc(limits, func(v defect.Variant) bool { return v.Slug == cause.Defect.Slug })
		if cause.Defect.Sized == nil || known {
			continue
		}
		n, news, err := q.limit(cause.Defect)
		if err != nil {
			return err
		}
		if n > 0 {
			all = append(all, news...)
			limits = append(limits, defect.Variant{Defect: cause.Defect.Defect, Value: strconv.Itoa(n)})
		}
	}
	if len(limits) > 0 {
		q.found = q.found.With(all, limits...)
	}
	return nil
}

func (q *inquiry) nearest() []diagnosis.Cause {
	if q.found.Nearest == nil {
		return nil
	}
	return []diagnosis.Cause{*q.found.Nearest}
}

// limit returns the largest n for which the validator accepts a request of size
// n, and what was asked to find it; 0 if it accepts none, or all of them.
func (q *inquiry) limit(of defect.Variant) (n int, asked []diagnosis.Observation, err error) {
	signer := q.understood(of, nil)
	fits := func(n int) bool {
		probe := diagnosis.Observation{AuthToken: q.observations[0].AuthToken, Request: of.Sized(n)}
		signature, ok := defect.Sign(signer, probe.AuthToken, probe.Request)
		if !ok || err != nil {
			return false
		}
		probe.Request.Signature = &signature
		var news []diagnosis.Observation
		news, err = q.ask([]diagnosis.Observation{probe})
		asked = append(asked, news...)
		return q.verdicts[key(probe)] == defect.Accept
	}
	low, high := 0, 1
	for fits(high) {
		low, high = high, 2*high
		if high > largestLimit {
			return 0, nil, err
		}
	}
	for high-low > 1 {
		if middle := (low + high) / 2; fits(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low, asked, err
}

// understood is the validator as the diagnosis understands it, with another
// defect in place of one; nil for none.
func (q *inquiry) understood(cause defect.Variant, instead *defect.Variant) reference.Validator {
	v := reference.New()
	for _, c := range q.found.Causes {
		switch {
		case c.Defect.Key() != cause.Key():
			v = c.Defect.Apply(v)
		case instead != nil:
			v = instead.Apply(v)
		}
	}
	return v
}
