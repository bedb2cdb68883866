package fuzz

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/fuzz/judge"
	"sigconform/reference"
)

// This file is the run: draw, send, compare, look into what differs.

const (
	// mostEnds is how often a validator may end or hang before it is left alone:
	// each time costs a new process, or a timeout.
	mostEnds = 60
	// mostLate is how long a run may go on after its time is up: to wait for the answer
	// that is due, and to look into what was found.
	mostLate = 3 * time.Second
)

// errNothingFits: the simplest of all requests cannot be sent to the place.
var errNothingFits = errors.New("nothing that is drawn can be sent there")

// run is the state of one run.
type run struct {
	Options
	report  *Report
	look    *looker
	backoff backoff
	judged  [3]int // answered cases by Expectation
	first   string // what was said first that was no verdict
	ends    int    // how often it ended or hung
	began   time.Time
	worst   *difference // the worst wrong answer, the first of them
}

// Run runs until it is done. The report is there even with an error, which says
// why the validator could not be tested to the end.
func Run(ctx context.Context, o Options) (*Report, error) {
	o.Shards, o.Jobs = max(o.Shards, 1), max(o.Jobs, 1)
	if o.Lasting {
		o.Jobs = 1
	}
	r := &run{Options: o, report: &Report{Seed: o.Seed, Lasting: o.Lasting}, began: time.Now()}
	r.look = newLooker(&r.Options, r.report)
	if generate.Harmless(o.At) == nil {
		return r.report, errNothingFits
	}
	workers := make([]*worker, o.Jobs)
	for i := range workers {
		workers[i] = &worker{asker: newAsker(&r.Options, true), drawer: newDrawer(&r.Options, i)}
	}
	sending, looking, done := r.clocks(ctx)
	defer done()
	err := r.askAboutKeys(sending, looking, workers[0].asker)
	if err == nil {
		err = r.loop(sending, looking, workers)
	}
	if err == nil && ctx.Err() == nil {
		err = r.lastLook(looking)
	}
	if r.keys.note != "" {
		r.report.Warnings = append(r.report.Warnings, r.keys.note)
	}
	for _, w := range workers {
		warnings := w.asker.warnings
		w.asker.close()
		if !w.cut {
			warnings = w.asker.warnings
		} // else it was still answering when we stopped listening
		r.report.Warnings = append(r.report.Warnings, warnings...)
		if errors.Is(err, errSilent) {
			err = cmp.Or(w.asker.fault, err) // it says why
		}
		err = cmp.Or(err, w.asker.fault)
	}
	r.look.second.close()
	r.report.Elapsed = time.Since(r.began)
	if ctx.Err() != nil {
		r.report.Interrupted = true
		return r.report, nil // it ended as it was told to
	}
	return r.report, cmp.Or(err, r.look.second.fault, r.unproven())
}

// clocks returns the contexts in which requests are drawn and sent, and in which the rest
// is done: the answer that is due is waited for, and wrong answers are looked into.
func (r *run) clocks(ctx context.Context) (sending, looking context.Context, done context.CancelFunc) {
	if r.Time == 0 {
		sending, done = context.WithCancel(ctx)
		return sending, ctx, done
	}
	sending, cancel := context.WithDeadline(ctx, r.began.Add(r.Time))
	looking, cancelLooking := context.WithDeadline(ctx, r.began.Add(r.Time+mostLate))
	return sending, looking, func() { cancel(); cancelLooking() }
}

// unproven returns why the run proves nothing: the validator never said accept, or
// never said reject, or nothing that must be accepted or rejected got an answer.
func (r *run) unproven() error {
	said := r.look.known.said
	if r.report.Cases == 0 {
		return errors.New("the time was up before it answered anything; give it more with --time")
	}
	for _, verdict := range []reference.Verdict{reference.Accept, reference.Reject} {
		if said[verdict] == 0 {
			return fmt.Errorf("it never said %s: %s", verdict, r.saidInstead())
		}
	}
	if r.judged[judge.MustAccept] == 0 || r.judged[judge.MustReject] == 0 {
		return errors.New("no request that must be accepted, or none that must be rejected, got an answer: nothing was compared")
	}
	return nil
}

// loop compares the batches of all jobs in turn, so that the same seed finds the same.
// When the time is up nothing more is sent; what was found is still looked into.
func (r *run) loop(sending, looking context.Context, workers []*worker) error {
	for _, w := range workers {
		w.start(sending, looking, !r.Lasting)
		defer w.stop()
	}
	for left := len(workers); left > 0; {
		left = len(workers)
		for _, w := range workers {
			b := w.next()
			if b == nil {
				left--
				continue
			}
			if err := r.compare(looking, b); err != nil {
				return err
			}
			switch {
			case errors.Is(b.err, errSilent):
				r.report.Last = b.cases[len(b.answers)]
				return b.err
			case sending.Err() != nil: // what was sent until then is still compared
			case b.err != nil:
				r.lost(b.cases[min(len(b.answers), len(b.cases)-1)])
				return b.err
			case r.ends >= mostEnds:
				r.report.Stopped = "it ended or hung too often"
				return nil
			}
			if r.Progress != nil {
				r.Progress(r.report)
			}
			b.drop()
		}
	}
	return nil
}

// compare looks at the answers to a batch.
func (r *run) compare(ctx context.Context, b *batch) error {
	l := r.look
	if l.first[b.job] == nil {
		if l.first[b.job] = b; b.err == nil && !saysAnything(b.answers) {
			r.report.Cases = len(b.answers)
			return fmt.Errorf("it never said accept or reject; the first time: %s", cmp.Or(b.answers[0].Detail, string(b.answers[0].Verdict)))
		}
	}
	at := l.evidence.serial
	l.evidence.serial += len(b.answers)
	for i, a := range b.answers {
		c := b.cases[i]
		r.report.Cases++
		r.report.Expected[c.Expected]++
		l.known.said[a.Verdict]++
		r.note(c, a)
		if r.Compared != nil {
			r.Compared(c, a)
		}
		l.known.follow(c, b.job)
		o := observed{c, a, at + i + 1}
		if !differs(c, a) {
			l.evidence.add(o)
			l.known.check(o)
			l.compareLater(c, a)
			continue
		}
		r.report.Differences++
		if r.worst == nil || severity(a) < severity(r.worst.answer) {
			r.worst = &difference{o, b, i}
		}
		if err := l.take(ctx, difference{o, b, i}); err != nil {
			r.lost(c)
			return err
		}
	}
	if err := r.maybeLook(ctx); err != nil {
		r.lost(b.cases[min(len(b.answers), len(b.cases)-1)])
		return err
	}
	return nil
}

// maybeLook looks into what waits, if there is time for it: the first wrong answer is
// always looked into, and of the rest ever fewer if that brings nothing new.
func (r *run) maybeLook(ctx context.Context) error {
	if len(r.look.pending) == 0 || ctx.Err() != nil {
		return nil
	}
	if first := len(r.report.Findings) == 0; !first {
		if !r.look.mayBegin() || !r.backoff.look() || !r.look.waiting() {
			return nil
		}
	}
	fruitful, err := r.look.look(ctx)
	r.backoff.brought(fruitful)
	if ctx.Err() != nil {
		return nil // the caller notices
	}
	return err
}

// lastLook looks once more into what waits, and into the causes that are not confirmed:
// by now more answers tell mistakes apart. Ctx ends when there is no time left.
func (r *run) lastLook(ctx context.Context) (err error) {
	defer func() {
		if ctx.Err() != nil {
			err = nil
		}
		if err == nil && len(r.report.Findings) == 0 && r.worst != nil && !r.mayBeBusy(r.worst.answer) {
			_, err = r.look.enterRaw(*r.worst)
		}
		r.report.Unexamined += len(r.look.pending)
	}()
	if err := r.look.relate(); err != nil {
		return err
	}
	if !r.look.waiting() && len(r.look.doubted()) == 0 {
		return nil
	}
	if len(r.report.Findings) == 0 || r.look.mayGoOn() {
		if _, err := r.look.look(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	if err := r.look.giveUpDoubted(); err != nil {
		return err
	}
	if err := r.look.relate(); err != nil {
		return err
	}
	if err := r.look.foldMemories(ctx); err != nil {
		return err
	}
	if !r.look.waiting() { // counts what is explained by now
		return nil
	}
	return r.look.enterWaiting(ctx)
}

// mayBeBusy reports whether an answer that does not come again may be that of a server
// that others call too, or that was busy.
func (r *run) mayBeBusy(a protocol.Answer) bool {
	return r.Lasting && a.Verdict != reference.Accept && a.Verdict != reference.Reject
}

// saysAnything reports whether one of the answers is a verdict.
func saysAnything(answers []protocol.Answer) bool {
	return slices.ContainsFunc(answers, func(a protocol.Answer) bool {
		return a.Verdict == reference.Accept || a.Verdict == reference.Reject
	})
}

// lost notes at which case a target that lasts could not be tested any further.
func (r *run) lost(c *generate.Case) {
	if r.Lasting {
		r.report.Last = c
	}
}

// saidInstead counts the verdicts in words, with what was said first that was none.
func (r *run) saidInstead() string {
	words := ""
	for _, verdict := range []reference.Verdict{
		reference.Accept, reference.Reject, reference.Error, reference.Unsupported, reference.Timeout, reference.Died, reference.Malformed,
	} {
		if n := r.look.known.said[verdict]; n > 0 {
			words += fmt.Sprintf(", %d times %s", n, verdict)
		}
	}
	words = fmt.Sprintf("of %d answers%s", r.report.Cases, words)
	if r.first != "" {
		words += "; the first time: " + r.first
	}
	return words
}

// note counts what fails nothing.
func (r *run) note(c *generate.Case, a protocol.Answer) {
	notes := &r.report.Notes
	if a.Verdict == reference.Died || a.Verdict == reference.Timeout {
		r.ends++
	}
	if r.first == "" && a.Verdict != reference.Accept && a.Verdict != reference.Reject {
		r.first = cmp.Or(a.Detail, string(a.Verdict))
	}
	switch {
	case a.Verdict == reference.Unsupported:
		if r.report.Unsupported++; notes.Unsupported == nil || notes.Unsupported.Expected != judge.MustAccept && c.Expected == judge.MustAccept {
			notes.Unsupported, notes.UnsupportedSays = c, a.Detail
		}
		return
	case a.Verdict == reference.Error && c.Expected == judge.MustReject:
		if notes.Errors++; notes.Errors == 1 {
			notes.Error, notes.ErrorSays = c, a.Detail
		}
	}
	r.judged[c.Expected]++
}

// backoff decides which wrong answers are worth a closer look: after several that
// brought nothing new, ever fewer are.
type backoff struct {
	fruitless int // looks in a row that brought nothing new
	skip      int // batches to pass over until the next look
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
