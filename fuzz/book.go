package fuzz

import (
	"maps"
	"slices"

	"sigconform/fuzz/generate"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
)

// This file keeps the findings: each cause has one, and each finding one cause, as far
// as is known by now.

// book is where findings are entered.
type book struct {
	*effort
	known *knowledge
	first map[int]*batch // what the validator of each job was sent first
}

// take gives a finding a cause, or none and what is nearest to one, and so its key.
func (f *Finding) take(cause, nearest *diagnosis.Cause) {
	f.Causes, f.Equals, f.Nearest, f.State, f.Probed, f.Accepted = nil, nil, nil, diagnosis.Unknown, 0, 0
	switch {
	case cause != nil:
		f.Causes, f.Equals, f.State = []defect.Variant{cause.Defect}, cause.Equals, cause.State
		f.Probed, f.Accepted = cause.Probed, cause.Accepted
	case nearest != nil && endOf(f.Answer) == "":
		f.Nearest = &nearest.Defect
	}
	f.Key = f.key()
}

// show gives a finding the request that shows it.
func (f *Finding) show(o observed, before []*generate.Case, episode uint64) {
	f.Case, f.Answer, f.Move, f.Before, f.Episode = o.Case, o.answer, o.Move, before, episode
}

// enter adds a finding, and tells the caller.
func (b *book) enter(f *Finding) error {
	f.Seed, f.Count = b.Seed, f.Count+1
	b.report.Findings = append(b.report.Findings, f)
	return b.tell(f)
}

func (b *book) tell(f *Finding) error {
	if b.Found == nil {
		return nil
	}
	return b.Found(f)
}

// enterCause adds the finding of a cause with the request that shows it, or counts it
// where it has one already: with another number, say.
func (b *book) enterCause(c *cause, o observed, before []*generate.Case, episode uint64) error {
	c.shown = append(c.shown, o)
	f := &Finding{}
	f.show(o, before, episode)
	f.take(&c.Cause, nil)
	if same := b.sameKey(f); same != nil {
		same.Count++
		c.finding = same
		return nil
	}
	c.finding = f
	return b.enter(f)
}

// enterUnknown adds a finding without a cause, or counts it to one like it, and
// returns the one that it is counted to.
func (b *book) enterUnknown(f *Finding, nearest *diagnosis.Cause) (*Finding, error) {
	if nearest == nil {
		nearest = b.known.nearestTo(observed{Case: f.Case, answer: f.Answer})
	}
	f.take(nil, nearest)
	for _, known := range b.known.unknown {
		if known.Key == f.Key || known.isLike(f) || known.isNear(f) {
			known.Count++
			return known, nil
		}
	}
	b.known.unknown = append(b.known.unknown, f)
	return f, b.enter(f)
}

func (b *book) sameKey(f *Finding) *Finding {
	for _, known := range b.report.Findings {
		if known != f && known.Key == f.Key {
			return known
		}
	}
	return nil
}

// revise gives a finding the cause that it turned out to have; nil for none. A finding
// whose cause has one already is counted to that.
func (b *book) revise(f *Finding, to *diagnosis.Cause) error {
	for _, c := range slices.Clone(b.known.causes) {
		if c.finding == f && (to == nil || c.Defect.Key() != to.Defect.Key()) {
			b.known.remove(c)
		}
	}
	b.forget(f)
	f.take(to, nil)
	if to == nil {
		b.known.unknown = append(b.known.unknown, f)
		return b.tell(f)
	}
	c := b.known.add(*to)
	f.take(&c.Cause, nil)
	if other := b.sameKey(f); other != nil {
		c.finding = other
		b.fold(f, other)
		return nil
	}
	if c.finding == nil {
		c.finding, c.shown = f, []observed{{Case: f.Case, answer: f.Answer}}
	}
	return b.tell(f)
}

// forget no longer counts a finding among those without a cause.
func (b *book) forget(f *Finding) {
	b.known.unknown = slices.DeleteFunc(b.known.unknown, func(g *Finding) bool { return g == f })
	maps.DeleteFunc(b.known.alike, func(_ kind, g *Finding) bool { return g == f })
}

// fold counts a finding to another, and takes it out.
func (b *book) fold(f, into *Finding) {
	b.forget(f)
	into.Count += f.Count
	b.report.Findings = slices.DeleteFunc(b.report.Findings, func(g *Finding) bool { return g == f })
}

// enterMemory adds the finding of a cause that remembers, or has it followed at
// another job. It has been sent, as far as we know, what the validator of the job was
// sent first, and what came last.
func (b *book) enterMemory(f *Finding, d difference) error {
	m := &memory{finding: f, live: make([]*reference.Validator, b.Jobs)}
	for _, known := range b.known.memories {
		if known.finding.Key == f.Key {
			m = known
		}
	}
	v := defect.In(reference.New(), f.Causes...)
	m.live[d.batch.job] = &v
	asked := []*generate.Case{generate.Harmless(b.At)}
	if d.batch.job == 0 {
		asked = append(asked, b.keys.asked...)
	}
	if first := b.first[d.batch.job]; first != nil && first != d.batch {
		asked = append(asked, b.casesOf(first)...)
	}
	asked = append(asked, b.until(d)...)
	for _, c := range asked {
		m.predicted, _ = defect.Ask(v, c.SentToken(), c.Sent())
	}
	if m.finding != f {
		m.finding.Count++
		return nil
	}
	b.known.memories = append(b.known.memories, m)
	return b.enter(f)
}
