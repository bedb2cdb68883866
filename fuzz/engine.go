// Package fuzz answers: what do the vectors miss? It draws requests that nobody
// thought of, signs them, asks a validator and compares its answers with what
// the rules demand. To be read in this order:
//
//	source.go       where choices come from: a seed, or choices made before
//	words.go        what requests are made of
//	texts.go        texts: any characters, and what has a structure
//	draft.go        a request as Twilio sends it, drawn part by part
//	hash.go         the hash of its body, right and not quite
//	sizes.go        one part of it as long as a limit might be
//	moves.go        what becomes of it on the way (edits.go: at one place)
//	episode.go      requests that have to do with each other
//	place.go        requests for an application with a URL and token of its own
//	judge.go        what the rules demand of an answer
//	open.go         what the norm leaves open
//	facts.go        what the reference says of a request, once for all
//	engine.go       the run: ask, compare, look into what differs
//	ask.go          asking a validator that dies or hangs
//	known.go        is a wrong answer of a cause that is known already?
//	investigate.go  does it happen again, and what is the smallest request?
//	explain.go      which mistake explains it?
//	shrink.go       making choices simpler
//	finding.go      what is said of a finding (summary.go: to a person)
//	candidate.go    a finding as a file of vectors; replaying one
//	detect.go       how soon every known mistake is found
//
// The generator knows no mistake by name: the catalogue of package defect is
// used to name what was found, never to find it.
package fuzz

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/reference/defect"
)

const (
	// batchSize is about how many cases are asked in one go; the first batches
	// are smaller, so that what a validator gets wrong is looked into early, and
	// so are all of one that is asked sparingly.
	batchSize, sparingBatch, firstBatch = 2048, 128, 32
	// mostEnds is how often a validator may end or hang before it is left alone:
	// each time costs a new process, or a timeout.
	mostEnds = 60
	// remembered is how many answers are kept to tell causes apart.
	remembered = 256
	// rememberedFailed is how many wrong answers are: a validator with several
	// mistakes is understood by all of them together.
	rememberedFailed = 40
)

// Options of a run. Open is required.
type Options struct {
	Open Open
	// At is where the validator under test is; nil if it can be asked about any
	// URL and token.
	At *Place
	// Lasting: opened again it is the same, with all that it remembers, as a
	// server is that somebody else has started. It is asked sparingly.
	Lasting bool
	Seed    uint64
	// Shard of Shards: this run takes the episodes whose number is Shard modulo
	// Shards. The zero value takes all.
	Shard, Shards int
	// Cases ends the run after about so many, Time after so long; without either
	// it goes on until ctx ends.
	Cases int
	Time  time.Duration
	// Found, if set, is called with each new finding.
	Found func(*Finding) error
	// Progress, if set, is called after each batch.
	Progress func(*Report)
}

// Report is what came of a run.
type Report struct {
	Seed  uint64
	Cases int
	// Asking is the time spent asking, Elapsed all of it.
	Asking, Elapsed time.Duration
	Expected        [3]int // cases by Expectation
	Unsupported     int
	Findings        []*Finding
	// Differences counts all answers that are not what is demanded, Unexamined
	// those that were not looked into because too many came to nothing new.
	Differences, Unexamined int
	// Stopped says why the run ended early; "" if it did not.
	Stopped string
	// Last is what a target that lasts was asked, or what was looked into, when it
	// could not be asked any further; nil if it could.
	Last *Case
	// Lasting is that of the target.
	Lasting bool
	// Flaky are those that did not happen again.
	Flaky int
	// Notes are answers that are no failures and worth knowing.
	Notes    Notes
	Warnings []string
}

// Notes counts what is listed and fails nothing, with the first of each kind.
type Notes struct {
	Errors    int // an error where a rejection was due
	Error     *Case
	ErrorSays string
	Ends      int // it ended or hung at a request whose answer is open
	End       *Case
	// Unsupported is one that got no verdict, if possible one that must be
	// accepted, and UnsupportedSays why.
	Unsupported     *Case
	UnsupportedSays string
}

// batch is what is asked in one go.
type batch struct {
	cases    []*Case
	asked    []protocol.Case
	episodes []episode // which cases belong to which episode
}

// episode is a part of a batch.
type episode struct {
	number uint64
	from   int
}

// run is the state of one run.
type run struct {
	Options
	report   *Report
	main     *asker           // is asked everything
	second   *asker           // is asked again, to look into a difference
	recent   []observed       // right answers
	failed   []observed       // wrong ones
	answered []defect.Variant // answers to questions that wrong ones have shown
	backoff  backoff
	judged   [3]int // answered cases by Expectation
	first    *batch // what the process under test was asked first
	// accepted and rejected are the first that were, as they must: a target that
	// lasts must go on to do so.
	accepted, rejected *Case
	ends               int  // how often it ended or hung
	cut                bool // the last batch was not asked to its end
}

// observed is a case with its answer.
type observed struct {
	*Case
	answer protocol.Answer
}

// Run runs until it is done. The report is there even with an error, which says
// why the validator could not be asked to the end.
func Run(ctx context.Context, o Options) (*Report, error) {
	o.Shards = max(o.Shards, 1)
	began := time.Now()
	r := &run{Options: o, report: &Report{Seed: o.Seed, Lasting: o.Lasting}, main: o.asker(true), second: o.asker(true)}
	if o.At.harmless() == nil {
		return r.report, errNothingFits
	}
	err := r.loop(ctx)
	r.explainLate()
	warnings := r.main.warnings
	r.main.close()
	r.second.close()
	if !r.cut {
		warnings = r.main.warnings
	} // else it was still answering when we stopped listening
	r.report.Warnings = warnings
	r.report.Elapsed = time.Since(began)
	if ctx.Err() != nil {
		err = nil // it ended as it was told to
	}
	if err == nil && r.report.Cases > 0 && (r.judged[MustAccept] == 0 || r.judged[MustReject] == 0) {
		err = errNothingJudged
	}
	return r.report, err
}

func (r *run) loop(ctx context.Context) error {
	// When the time is up nothing more is asked; what was found is still looked into.
	asking, cancel := context.WithCancel(ctx)
	if r.Time > 0 {
		asking, cancel = context.WithTimeout(ctx, r.Time)
	}
	defer cancel()
	batches := make(chan *batch, 2)
	go r.generate(asking, batches)
	for b := range batches {
		if r.first == nil {
			r.first = b
		}
		began := time.Now()
		answers, err := r.main.askAll(asking, b.asked)
		r.report.Asking += time.Since(began)
		if err == nil && b == r.first && !saysAnything(answers) {
			r.report.Cases = len(answers)
			return fmt.Errorf("it never said accept or reject; the first time: %s", cmp.Or(answers[0].Detail, string(answers[0].Verdict)))
		}
		if err := r.compare(ctx, b, answers); err != nil {
			return err
		}
		switch {
		case asking.Err() != nil:
			r.cut = true
			return ctx.Err()
		case err != nil:
			r.lost(b.cases[min(len(answers), len(b.cases)-1)])
			return err
		case r.ends >= mostEnds:
			r.report.Stopped = "it ended or hung too often"
			return nil
		}
		if r.Progress != nil {
			r.Progress(r.report)
		}
	}
	return ctx.Err()
}

// saysAnything reports whether one of the answers is a verdict.
func saysAnything(answers []protocol.Answer) bool {
	return slices.ContainsFunc(answers, func(a protocol.Answer) bool {
		return a.Verdict == protocol.Accept || a.Verdict == protocol.Reject
	})
}

// generate draws batches ahead, until there are enough or ctx ends.
func (r *run) generate(ctx context.Context, batches chan<- *batch) {
	defer close(batches)
	most := batchSize
	if r.Lasting {
		most = sparingBatch
	}
	number := uint64(r.Shard)
	source := Seeded(r.Seed, number)
	for drawn, next := 0, firstBatch; r.Cases == 0 || drawn < r.Cases; next *= 2 {
		next = min(next, most)
		size := next
		b := &batch{cases: make([]*Case, 0, size+mostMoves)}
		if r.Cases > 0 {
			size = min(size, r.Cases-drawn)
		}
		for len(b.cases) < size {
			source.restart(r.Seed, number)
			b.episodes = append(b.episodes, episode{number, len(b.cases)})
			b.cases = episodeAt(r.At, source, b.cases)
			number += uint64(r.Shards)
		}
		drawn += len(b.cases)
		b.asked = make([]protocol.Case, len(b.cases))
		for i, c := range b.cases {
			b.asked[i] = c.asked(id(i))
		}
		select {
		case batches <- b:
		case <-ctx.Done():
			return
		}
	}
}

// compare looks at the answers to a batch.
func (r *run) compare(ctx context.Context, b *batch, answers []protocol.Answer) error {
	// What it gets right is known before anything is looked into: the more is, the
	// fewer mistakes explain what it gets wrong.
	for i, a := range answers {
		if !differs(b.cases[i], a) {
			r.remember(b.cases[i], a)
			r.compareLater(b.cases[i], a)
		}
	}
	at := 0 // in episodes
	for i, a := range answers {
		c := b.cases[i]
		for at+1 < len(b.episodes) && b.episodes[at+1].from <= i {
			at++
		}
		r.report.Cases++
		r.report.Expected[c.Expected]++
		r.note(c, a)
		r.live(c)
		if !differs(c, a) {
			continue
		}
		r.report.Differences++
		r.failed = append(r.failed[max(0, len(r.failed)-rememberedFailed):], observed{c, a})
		if err := r.lookInto(ctx, difference{batch: b, episode: at, index: i, answer: a}); err != nil {
			r.lost(c)
			return err
		}
	}
	return nil
}

// lost notes at which case a target that lasts could not be asked any further.
func (r *run) lost(c *Case) {
	if r.Lasting {
		r.report.Last = c
	}
}

// note counts what fails nothing.
func (r *run) note(c *Case, a protocol.Answer) {
	notes := &r.report.Notes
	if a.Verdict == protocol.Died || a.Verdict == protocol.Timeout {
		r.ends++
	}
	switch {
	case a.Verdict == protocol.Unsupported:
		if r.report.Unsupported++; notes.Unsupported == nil || notes.Unsupported.Expected != MustAccept && c.Expected == MustAccept {
			notes.Unsupported, notes.UnsupportedSays = c, a.Detail
		}
		return
	case a.Verdict == protocol.Error && c.Expected == MustReject:
		if notes.Errors++; notes.Errors == 1 {
			notes.Error, notes.ErrorSays = c, a.Detail
		}
	case c.Expected == NotJudged && (a.Verdict == protocol.Died || a.Verdict == protocol.Timeout):
		if notes.Ends++; notes.Ends == 1 {
			notes.End = c
		}
	}
	r.judged[c.Expected]++
}

// remember keeps the last answers that were as they should be.
func (r *run) remember(c *Case, a protocol.Answer) {
	if a.Verdict == protocol.Unsupported || a.Verdict == protocol.Died || a.Verdict == protocol.Timeout {
		return
	}
	if len(r.recent) == 2*remembered {
		r.recent = append(r.recent[:0], r.recent[remembered:]...)
	}
	r.recent = append(r.recent, observed{c, a})
}

// backoff decides which differences are worth a closer look: after several that
// brought nothing new, ever fewer are.
type backoff struct {
	fruitless int // looks in a row that brought nothing new
	skip      int // differences to pass over until the next look
}

func (b *backoff) look() bool {
	if b.skip > 0 {
		b.skip--
		return false
	}
	return true
}

func (b *backoff) brought(something bool) {
	if b.fruitless++; something {
		b.fruitless = 0
	}
	if over := b.fruitless - 3; over > 0 {
		b.skip = 1<<min(over, 16) - 1
	}
}
