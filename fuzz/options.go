package fuzz

import (
	"time"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
)

// Open makes the validator under test ready, a new one with each call. The timeout
// is how long an answer may take; 0 stands for the usual.
type Open func(timeout time.Duration) (adapters.Validator, error)

// Options of a run. Open is required.
type Options struct {
	Open Open
	// At is where the validator under test is; nil if it can be sent any URL and
	// token.
	At *generate.Place
	// Lasting: opened again it is the same, with all that it remembers, as a
	// server is that somebody else has started. It gets few requests, one by one.
	Lasting bool
	Seed    uint64
	// Shard of Shards: this run takes the episodes whose number is Shard modulo
	// Shards. The zero value takes all.
	Shard, Shards int
	// Jobs is how many validators are opened and tested at once, each with episodes
	// of its own; 0 stands for one. A lasting one takes no more.
	Jobs int
	// Cases ends the run after about so many, Time after so long; without either
	// it goes on until ctx ends.
	Cases int
	Time  time.Duration
	// Found, if set, is called with each new finding, and again when its cause
	// turns out to be another one.
	Found func(*Finding) error
	// Compared, if set, is called with each case and its answer.
	Compared func(*generate.Case, protocol.Answer)
	// Progress, if set, is called after each batch.
	Progress func(*Report)

	keys sharedKeys
}

// sharedKeys is what is known of a validator's support of SharedKeys (beta).
type sharedKeys struct {
	asked []*generate.Case // the requests that told
	// none: it accepts nothing that a shared key signed; refused: it says that it
	// cannot be sent such a request.
	none, refused bool
	note          string // for a person; "" if it supports them
}

// Report is what came of a run.
type Report struct {
	Seed  uint64
	Cases int
	// Explaining is the time that went into looking at wrong answers, Elapsed all of it.
	Explaining, Elapsed time.Duration
	Expected            [3]int // cases by Expectation
	Unsupported         int
	Findings            []*Finding
	Beside              int // findings that no request was drawn for
	// Differences counts all answers that are not what is demanded, Unexamined
	// those that were not looked into.
	Differences, Unexamined int
	// Stopped says why the run ended early; "" if it did not.
	Stopped string
	// Interrupted: the context ended before the run did.
	Interrupted bool
	// Last is what a target that lasts was sent, or what was looked into, when it
	// could not be tested any further; nil if it could.
	Last *generate.Case
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
	Error     *generate.Case
	ErrorSays string
	// Unsupported is one that got no verdict, if possible one that must be
	// accepted, and UnsupportedSays why.
	Unsupported     *generate.Case
	UnsupportedSays string
}
