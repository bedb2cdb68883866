package fuzz

import (
	"time"

	"sigconform/reference/diagnosis"
)

// This file answers: how much may looking into wrong answers cost? A fifth of the run.
// A run that is to end after a time looks at the clock. One that is to end after a
// number of cases counts what it does, so that the same seed finds the same, and has a
// head start: few cases are over before the first wrong answer is explained.

const (
	// share is the part of a run, as one fifth, that looking into wrong answers takes.
	share = 5
	// headStart is what may be done whatever the number of cases is, and perCase what
	// may be done for each of them: one for an answer that a defect is made to give.
	headStart, perCase = 1_000_000, 2
	// perRequest is what a request to the validator counts, and perLastingRequest what
	// one to a validator that is not to be sent much does; perOpening is what a new
	// process counts.
	perRequest, perLastingRequest, perOpening = 10, 1000, 10_000
	// longestWaiting is how long explaining waits for answers.
	longestWaiting = 30 * time.Second
)

// effort is what looking into wrong answers costs.
type effort struct {
	*Options
	report *Report
	began  time.Time // when the run began
	now    *lookTime // of the look that goes on; nil if none does
	work   int
}

// lookTime is how long a look takes: what it computes and how long it waits for answers.
// Other programs that run at the same time must not take its time away.
type lookTime struct {
	began         time.Time
	computed      time.Duration // by this process before
	asking, inAsk time.Duration // how long it waited for answers, and what was computed meanwhile
}

func (t *lookTime) passed() time.Duration {
	return min(time.Since(t.began), diagnosis.Computed()-t.computed-t.inAsk+t.asking)
}

// look counts the time until the returned function is called.
func (e *effort) look() (done func()) {
	if e.now != nil {
		return func() {} // counted already
	}
	e.now = &lookTime{began: time.Now(), computed: diagnosis.Computed()}
	return func() {
		e.report.Explaining += e.now.passed()
		e.now = nil
	}
}

// ask counts a call that sends requests to the validator, until the returned function is
// called.
func (e *effort) ask(requests int) (done func()) {
	e.requests(requests)
	if e.now == nil {
		return func() {}
	}
	began, computed := time.Now(), diagnosis.Computed()
	return func() {
		e.now.asking += time.Since(began)
		e.now.inAsk += diagnosis.Computed() - computed
	}
}

// mostWaiting is how long one question to the validator may wait for answers: the
// vectors, or the requests that test an explanation.
func (e *effort) mostWaiting() time.Duration {
	if e.Time == 0 {
		return longestWaiting
	}
	return min(e.Time/share, longestWaiting)
}

// mayBegin reports whether there may be another look by now.
func (e *effort) mayBegin() bool {
	if e.Time == 0 {
		return e.mayGoOn()
	}
	return e.spent()*share <= time.Since(e.began)
}

// mayGoOn reports whether a look that has begun may do more.
func (e *effort) mayGoOn() bool {
	if e.Time == 0 {
		return e.work <= headStart+perCase*e.report.Cases
	}
	return e.spent()*share <= max(e.Time, time.Since(e.began))
}

func (e *effort) spent() time.Duration {
	if e.now == nil {
		return e.report.Explaining
	}
	return e.report.Explaining + e.now.passed()
}

// computed counts answers that defects were made to give, and requests those that were
// sent to the validator.
func (e *effort) computed(answers int) { e.work += answers }

func (e *effort) requests(n int) {
	if e.Lasting {
		n *= perLastingRequest / perRequest
	}
	e.work += n * perRequest
}
