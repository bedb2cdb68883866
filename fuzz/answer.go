// Package fuzz answers: what do the vectors miss? Package generate draws requests
// that nobody thought of, and package judge says what the answers must be. This
// package tests a validator with them and looks into what differs. Each of its
// files builds on those before it:
//
//	answer.go       a case with its answer: is it what is demanded?
//	finding.go      a cause of wrong answers
//	alike.go        … and its name: are two findings one?
//	candidate.go    … as a file of vectors
//	options.go      what a run is told, and what it reports
//	summary.go      … to a person
//	effort.go       how much may looking into wrong answers cost?
//	ask.go          sending requests to a validator that dies or hangs
//	replay.go       … those of a candidate
//	sharedkey.go    … those that tell whether it supports SharedKeys
//	draw.go         … and those that are drawn, batch by batch
//	shrink.go       making choices simpler
//	known.go        is a wrong answer of a cause that is known already?
//	book.go         … and where the findings are entered
//	evidence.go     answers that tell mistakes apart
//	explain.go      which mistakes explain wrong answers?
//	minimize.go     what is the smallest request that shows one?
//	sequence.go     … and which requests must come before it?
//	looker.go       who looks into wrong answers
//	doubt.go        is a cause still to be believed?
//	unexplained.go  wrong answers that no mistake explains as they came
//	look.go         … and into all of them
//	engine.go       the run
//
// The catalogue of package defect is used to name what was found, never to find it.
package fuzz

import (
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/diagnosis"
)

// observed is a case with its answer.
type observed struct {
	*generate.Case
	answer protocol.Answer
	// serial orders answers by when they were given.
	serial int
}

// differs reports whether the answer is not what is demanded.
func differs(c *generate.Case, a protocol.Answer) bool {
	switch c.Expected {
	case judge.MustAccept:
		return a.Verdict != reference.Accept && a.Verdict != reference.Unsupported
	case judge.MustReject:
		return a.Verdict == reference.Accept || a.Verdict.IsFault()
	default: // any answer will do, but there must be one
		return a.Verdict.IsFault()
	}
}

// sameFailure reports whether a case still fails, and in the same way.
func sameFailure(c *generate.Case, a, was protocol.Answer) bool {
	return differs(c, a) && a.Verdict == was.Verdict
}

// isSilence reports whether there was no answer: no defect explains that.
func isSilence(a protocol.Answer) bool { return a.Verdict.IsFault() }

// isTelling reports whether an answer tells mistakes apart: it is a verdict.
func isTelling(a protocol.Answer) bool { return a.Verdict != reference.Unsupported && !isSilence(a) }

// observation returns the answer as the diagnosis takes it: to what was really sent.
func (o observed) observation() diagnosis.Observation {
	return diagnosis.Observation{
		AuthToken: o.SentToken(), Request: o.Sent(), Verdict: o.answer.Verdict,
		Failed: differs(o.Case, o.answer), Open: o.Expected == judge.NotJudged, StringToSign: o.answer.StringToSign,
	}
}

// endOf says how the validator failed to answer: what it threw, how its process
// ended and what it wrote last, that it hung; "" if it answered. What is taken
// from the request is left out, so that one cause looks the same each time.
func endOf(a protocol.Answer) string {
	switch a.Verdict {
	case reference.Accept, reference.Reject:
		return ""
	case reference.Timeout:
		return string(a.Verdict)
	case reference.Error, reference.Malformed:
		return string(a.Verdict) + " " + diagnosis.Message(a.Detail)
	}
	wrote := strings.Split(strings.TrimSpace(a.Stderr), "\n")
	return string(a.Verdict) + " " + diagnosis.Message(a.Detail) + " " + diagnosis.Message(wrote[len(wrote)-1])
}
