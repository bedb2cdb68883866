// This file answers: how sure are the causes, and which of them are guesses?

package diagnosis

import (
	"math"
	"slices"

	"sigconform/reference"
)

const (
	// mostEqual is how many defects may answer the same where no request tells them
	// apart: with more of them, a cause of few failures is a guess.
	mostEqual, fewFailures = 12, 2
	// guessed times as many failures must be explained by a cause that no request can
	// test as are left without one.
	guessed = 4
	// outnumbered times as many failures of its kind as it explains take a cause back that
	// the validator bears out in part only, and swamped times as many one that few requests test.
	outnumbered, swamped = 2, 20
	// mostChance is how likely it may be that failures without a cause look like
	// those of one that no request can test.
	mostChance = 0.001
)

// conclude says how sure the causes are, and takes back those that are guesses:
// no test was made of them though there is one, or chance explains as much.
func (q *inquiry) conclude(d *Diagnosis) {
	takeBack := func(guess func(Cause) bool) {
		d.Causes = slices.DeleteFunc(d.Causes, func(c Cause) bool {
			if guess(c) {
				d.Unexplained = append(d.Unexplained, c.Explains...)
				return true
			}
			return false
		})
	}
	for i := range d.Causes {
		c := &d.Causes[i]
		t := q.tally(c.Defect)
		c.Probed, c.Accepted = t.sent, t.accepted
		c.State = t.state()
		c.Defect.Caught = q.table.catches && c.Defect.OnlyThrows()
	}
	takeBack(func(c Cause) bool {
		return c.State == Likely && (c.Defect.Only != "" || q.Ask != nil && q.isTestable(c, d))
	})
	takeBack(func(c Cause) bool { return c.State == Likely && q.isGuess(c, d) })
	takeBack(func(c Cause) bool { return c.State == Confirmed && q.isOutnumbered(c, d) })
	d.join()
	slices.Sort(d.Unexplained)
	own := func(indices []int) []int {
		return slices.DeleteFunc(indices, func(i int) bool { return q.table.observations[i].probe })
	}
	for c := range d.Causes {
		d.Causes[c].Explains = own(d.Causes[c].Explains)
	}
	d.Causes = slices.DeleteFunc(d.Causes, func(c Cause) bool { return len(c.Explains) == 0 })
	d.Unexplained = own(d.Unexplained)
}

// join makes one cause of those that are one mistake with several values, or that one
// of them brings with it.
func (d *Diagnosis) join() {
	for i := 0; i < len(d.Causes); i++ {
		c := d.Causes[i]
		by := slices.IndexFunc(d.Causes, func(k Cause) bool { return k.brings(c) })
		if by < 0 {
			continue
		}
		d.Causes[by].Explains = append(d.Causes[by].Explains, c.Explains...)
		d.Causes[by].With = append(d.Causes[by].With, c.Defect)
		d.Causes = slices.Delete(d.Causes, i, i+1)
		i--
	}
	var causes []Cause
	for _, c := range d.Causes {
		i := slices.IndexFunc(causes, func(k Cause) bool {
			return c.Defect.Joined && k.Defect.Slug == c.Defect.Slug && k.Defect.Only == c.Defect.Only
		})
		if i < 0 {
			causes = append(causes, c)
			continue
		}
		k := &causes[i]
		k.Defect.Value += "," + c.Defect.Value
		k.Equals = nil // they equal one of the values each
		k.Explains = append(k.Explains, c.Explains...)
		k.Probed, k.Accepted = k.Probed+c.Probed, k.Accepted+c.Accepted
		if c.State == Likely {
			k.State = Likely
		}
	}
	d.Causes = causes
}

// brings reports whether a cause is part of a surer one that explains more.
func (c Cause) brings(other Cause) bool {
	return slices.Contains(c.Defect.Brings, other.Defect.Slug) && (c.State == Confirmed || other.State != Confirmed) &&
		len(c.Explains) > len(other.Explains)
}

// isGuess reports whether a cause that no request can test may fit by chance: it
// is one of many, or so much else fails in the same way without a cause that its
// few failures could be of that kind. Or another one explains all that it does and
// more, but for next to nothing.
func (q *inquiry) isGuess(c Cause, d *Diagnosis) bool {
	if len(c.Equals) >= mostEqual && len(c.Explains) <= fewFailures {
		return true
	}
	open := slices.Clone(d.Unexplained)
	for _, other := range d.Causes {
		if other.State != Confirmed {
			open = append(open, other.Explains...)
		}
	}
	if q.table.explainsMore(c, open) {
		return true
	}
	verdict := q.table.observations[c.Explains[0]].Verdict
	others, unexplained := 0, 0
	for _, o := range q.base {
		if !o.Open && (o.Verdict == reference.Accept) == (o.Failed == (verdict == reference.Accept)) {
			others++ // it should have been answered otherwise than with that verdict
		}
	}
	for _, i := range d.Unexplained {
		if q.table.observations[i].Verdict == verdict {
			unexplained++
		}
	}
	if guessed*unexplained > len(c.Explains) {
		return true
	}
	share := float64(unexplained) / float64(max(1, others-len(c.Explains)))
	return math.Pow(min(1, share), float64(len(c.Explains))) > mostChance
}

// isOutnumbered reports whether far more failures of the kinds that a cause has to do with are
// left without one than it explains, and either some of its requests were refused or few could be
// sent. What it explains is a part of what another mistake does: sorting by length looks like
// sorting numbers.
func (q *inquiry) isOutnumbered(c Cause, d *Diagnosis) bool {
	kinds := map[kind]bool{}
	for _, i := range c.Explains {
		kinds[kindOf(q.table.observations[i].Request)] = true
	}
	left := 0
	for _, i := range d.Unexplained {
		if o := q.table.observations[i]; !o.probe && kinds[kindOf(o.Request)] {
			left++
		}
	}
	return c.Accepted < c.Probed && left > outnumbered*len(c.Explains) ||
		c.Probed < mostProbes && left > swamped*len(c.Explains)
}

// isTestable reports whether there is a request that would have confirmed a cause.
func (q *inquiry) isTestable(c Cause, d *Diagnosis) bool {
	accepted, _ := q.probes(c.Defect, d.Variants(), nil)
	return len(accepted) > 0
}
