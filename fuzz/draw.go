package fuzz

import (
	"context"

	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
)

// This file draws requests, batch by batch, and sends them to one validator.

// firstBatch is the size of the first batch: the first ones are smaller, so that what
// a validator gets wrong is looked into early, and so are all of one that is not to be
// sent much.
const firstBatch, sparingBatch = 32, 128

// batch is what is sent in one go, with the answers. Once it has been compared only the
// episodes are left.
type batch struct {
	cases    []*generate.Case
	asked    []protocol.Case
	episodes []episode // which cases belong to which episode
	answers  []protocol.Answer
	err      error // why there are no more answers
	job      int
}

// episode is a part of a batch.
type episode struct {
	number uint64
	from   int
}

// drop forgets what can be drawn again, or is not needed any more: what waits to be looked
// into refers to the batch.
func (b *batch) drop() { b.cases, b.asked, b.answers = nil, nil, nil }

// casesOf returns the cases of a batch, drawn again if it was dropped.
func (o *Options) casesOf(b *batch) []*generate.Case {
	cases := b.cases
	if cases == nil {
		for _, e := range b.episodes {
			cases = o.episode(generate.Seeded(o.Seed, e.number), cases)
		}
	}
	return cases
}

// until returns the cases of the batch up to the one of the difference.
func (o *Options) until(d difference) []*generate.Case { return o.casesOf(d.batch)[:d.index+1] }

// difference is an answer that is not what is demanded, and where it was given.
type difference struct {
	observed
	batch *batch
	index int // of the case in the batch
}

// episode is the number of the episode that the case is of.
func (d difference) episode() uint64 {
	number := uint64(0)
	for _, e := range d.batch.episodes {
		if e.from <= d.index {
			number = e.number
		}
	}
	return number
}

// size is how much there is to read of the request.
func (d difference) size() int { return len(d.Request.URL) + len(d.Request.Body) }

// drawer draws the requests of one job. It is not safe for concurrent use.
type drawer struct {
	*Options
	job    int
	number uint64 // of the next episode
	source *generate.Source
	drawn  int
	size   int // of the next batch
}

func newDrawer(o *Options, job int) *drawer {
	number := uint64(o.Shard + o.Shards*job)
	return &drawer{Options: o, job: job, number: number, source: generate.Seeded(o.Seed, number), size: firstBatch}
}

// cases is how many cases the job has in all; 0 for no end.
func (d *drawer) cases() int {
	if d.Cases == 0 {
		return 0
	}
	share := d.Cases / d.Jobs
	if d.job < d.Cases%d.Jobs {
		share++
	}
	return max(share, 1)
}

// next returns the next batch; nil if there are enough.
func (d *drawer) next() *batch {
	size, most := d.size, d.cases()
	if most > 0 {
		size = min(size, most-d.drawn)
	}
	if size <= 0 {
		return nil
	}
	if d.size = min(2*d.size, batchSize); d.Lasting {
		d.size = min(d.size, sparingBatch)
	}
	b := &batch{cases: make([]*generate.Case, 0, size+generate.MostMoves), job: d.job}
	for len(b.cases) < size {
		d.source.Restart(d.Seed, d.number)
		b.episodes = append(b.episodes, episode{d.number, len(b.cases)})
		b.cases = d.episode(d.source, b.cases)
		d.number += uint64(d.Shards * d.Jobs)
	}
	d.drawn += len(b.cases)
	b.asked = make([]protocol.Case, len(b.cases))
	for i, c := range b.cases {
		b.asked[i] = sent(c, id(i))
	}
	return b
}

// ahead draws batches until there are enough or ctx ends.
func (d *drawer) ahead(ctx context.Context) <-chan *batch {
	batches := make(chan *batch, 2)
	go func() {
		defer close(batches)
		for b := d.next(); b != nil; b = d.next() {
			select {
			case batches <- b:
			case <-ctx.Done():
				return
			}
		}
	}()
	return batches
}

// worker sends the batches of one job to a validator of its own.
type worker struct {
	asker    *asker
	drawer   *drawer
	drawn    <-chan *batch
	answered chan *batch // with the answers; nil if next sends them
	ended    chan struct{}
	sending  context.Context // when it ends, nothing more is sent
	looking  context.Context // … and the answer that is due is not waited for
	cancel   context.CancelFunc
	cut      bool // a batch was not sent to its end
}

// start has batches drawn and, if ahead is true, sent before they are asked for.
func (w *worker) start(sending, looking context.Context, ahead bool) {
	w.looking, w.cancel = context.WithCancel(looking)
	w.sending, w.asker.until = sending, sending
	w.drawn, w.ended = w.drawer.ahead(w.looking), make(chan struct{})
	if !ahead {
		close(w.ended)
		return
	}
	w.answered = make(chan *batch, 1)
	go func() {
		defer close(w.ended)
		defer close(w.answered)
		for b := range w.drawn {
			if w.sending.Err() != nil {
				return
			}
			w.send(b)
			w.answered <- b
			if b.err != nil {
				return
			}
		}
	}()
}

// send sends a batch.
func (w *worker) send(b *batch) {
	b.answers, b.err = w.asker.askAll(w.looking, b.asked)
	w.cut = w.cut || b.err != nil
}

// next returns the next batch with its answers; nil if there is none.
func (w *worker) next() *batch {
	if w.answered != nil {
		return <-w.answered
	}
	if w.sending.Err() != nil {
		return nil
	}
	b := <-w.drawn
	if b != nil {
		w.send(b)
	}
	return b
}

// stop ends the worker.
func (w *worker) stop() {
	w.cancel()
	for w.answered != nil && w.next() != nil {
	}
	<-w.ended
}
