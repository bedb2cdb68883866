// This file is the search for what was signed. Each way in which a place can differ
// has a cost, and what costs least in all is tried first: so the first explanation
// that is found is the simplest one.

package diagnosis

import (
	"cmp"
	"context"
	"crypto/hmac"
	"encoding/base64"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sigconform/reference"
)

// What a way to differ costs: people report it often, now and then, or it takes a
// guess at one of many.
const (
	usual = 1
	rare  = 2
	odd   = 3
	// mostCost is what all differences may cost together.
	mostCost = 4
)

// alternatives is how long the search goes on for explanations that are as simple
// as the first that was found.
const alternatives = 300 * time.Millisecond

// signing is what goes into a signature.
type signing struct {
	key    reference.Key
	known  bool // there is a key: without one nothing matches
	url    reference.URLParts
	params []reference.Param // in the order in which they are appended
}

func (s signing) stringToSign() string { return reference.Join(s.url.String(), s.params) }

// place is a part of what is signed, and the ways in which it can differ.

type place struct {
	name string
	ways []way
}

// way is one way to differ. It must not change what the signing shares with
// others, only replace it.
type way struct {
	Change
	cost  int
	apply func(s *signing)
	rank  int // among all ways: of equally simple ones the first is preferred
	place int // its number
}

// ways collects the ways of one place, without those that change nothing or the
// same as an earlier one.
type ways struct {
	start signing
	list  []way
	seen  map[string]bool
}

func waysFrom(start signing) *ways {
	return &ways{start: start, seen: map[string]bool{start.url.String(): true}}
}

func (w *ways) add(cost int, says, fix string, apply func(s *signing)) {
	w.list = append(w.list, way{Change: Change{says, fix}, cost: cost, apply: apply})
}

// url adds a way to change the pieces of the URL.
func (w *ways) url(cost int, says, fix string, edit func(u *reference.URLParts)) {
	changed := w.start.url
	edit(&changed)
	if key := changed.String(); !w.seen[key] {
		w.seen[key] = true
		w.add(cost, says, fix, func(s *signing) { edit(&s.url) })
	}
}

// params adds other parameters, in the order in which they are signed.
func (w *ways) params(cost int, says, fix string, params []reference.Param) {
	if !slices.Equal(params, w.start.params) {
		w.add(cost, says, fix, func(s *signing) { s.params = params })
	}
}

// exploration tries the ways of several places at once.
type exploration struct {
	start     signing
	signature []byte
	places    []place // those whose ways take long to apply come first
	firsts    []way   // all of them, in the order in which they are tried first
	limit     int64
	tried     atomic.Int64
	ended     atomic.Bool // no more strings are tried

	mutex    sync.Mutex
	readings []Reading
}

func newExploration(received Received) *exploration {
	r := received.Request
	mac, _ := base64.StdEncoding.DecodeString(*r.Signature)
	e := &exploration{signature: mac, start: signing{params: reference.OrderParams(reference.Params(r))}}
	e.start.key, e.start.known = rightKey(received, len(mac))
	e.start.url, _ = reference.SplitURL(reference.SignedURLs(r.URL, r.Product)[0])
	e.places = slices.DeleteFunc(placesOf(received, e.start), func(p place) bool { return len(p.ways) == 0 })
	for i, p := range e.places {
		for j := range p.ways {
			p.ways[j].rank, p.ways[j].place = len(e.firsts), i
			e.firsts = append(e.firsts, p.ways[j])
		}
	}
	// The places with the fewest ways are first: a limit cuts off what takes longest.
	slices.SortStableFunc(e.firsts, func(a, b way) int {
		return cmp.Or(cmp.Compare(len(e.places[a.place].ways), len(e.places[b.place].ways)), cmp.Compare(a.cost, b.cost))
	})
	return e
}

func (e *exploration) names() []string {
	var names []string
	for _, p := range e.places {
		if !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	return names
}

// explore tries what costs 1, then what costs 2, and so on until something is found, on
// all processors.
func (e *exploration) explore(ctx context.Context, limits Limits) {
	e.limit = int64(limits.Strings)
	stop := context.AfterFunc(ctx, func() { e.ended.Store(true) })
	defer stop()
	finished := make(chan struct{})
	var progress sync.WaitGroup
	if limits.Progress != nil {
		progress.Go(func() { e.progress(finished, limits.Progress) })
	}
	for cost := usual; cost <= mostCost && len(e.readings) == 0; cost++ {
		// Several usual changes are far fewer than single rare ones.
		for changes := min(cost, mostChanges); changes > 0 && !e.ended.Load(); changes-- {
			e.level(cost, changes)
		}
	}
	close(finished)
	progress.Wait()
}

func (e *exploration) progress(finished chan struct{}, show func(tried int)) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-finished:
			return
		case <-tick.C:
			show(int(e.tried.Load()))
		}
	}
}

// level tries what costs exactly so much, in exactly so many changes.
func (e *exploration) level(cost, changes int) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(e.firsts)); i = next.Add(1) - 1 {
				e.try(e.start, nil, e.firsts[i], cost, changes)
			}
		})
	}
	workers.Wait()
}

// try applies a way of a place and, if more is to differ, those of later places.
// What is left of the cost has to be used up by as many changes as are left.
func (e *exploration) try(from signing, made []way, w way, left, changes int) {
	left, changes = left-w.cost, changes-1
	if left < changes*usual || left > changes*odd || e.ended.Load() {
		return
	}
	w.apply(&from)
	made = append(made[:len(made):len(made)], w)
	if changes > 0 {
		for later := w.place + 1; later < len(e.places); later++ {
			for _, w := range e.places[later].ways {
				e.try(from, made, w, left, changes)
			}
		}
		return
	}
	if e.tried.Add(1) >= e.limit {
		e.ended.Store(true)
	}
	if e.matches(from) {
		e.found(from, made)
	}
}

func (e *exploration) found(signed signing, made []way) {
	reading := Reading{StringToSign: signed.stringToSign()}
	for _, w := range made {
		reading.Changes = append(reading.Changes, w.Change)
		reading.ranks, reading.places = append(reading.ranks, w.rank), append(reading.places, w.place)
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.readings = append(e.readings, reading); len(e.readings) == 1 {
		time.AfterFunc(alternatives, func() { e.ended.Store(true) })
	}
}

func (e *exploration) matches(signed signing) bool {
	return signed.known && hmac.Equal(signed.key.MAC(signed.stringToSign()), e.signature)
}

// simplest returns the readings that were found, which cost the same, those with the
// fewest changes first, and then in the order of the places and their ways. Of those that make one string in the same places, which
// are other words for one change, it is the first.
func (e *exploration) simplest() []Reading {
	slices.SortFunc(e.readings, func(a, b Reading) int {
		return cmp.Or(cmp.Compare(len(a.ranks), len(b.ranks)), slices.Compare(a.ranks, b.ranks))
	})
	var distinct []Reading
	for _, r := range e.readings {
		if !slices.ContainsFunc(distinct, func(d Reading) bool { return d.StringToSign == r.StringToSign && slices.Equal(d.places, r.places) }) {
			distinct = append(distinct, r)
		}
	}
	return distinct[:min(mostReadings, len(distinct))]
}
