package fuzz

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/vectors"
)

// looking returns a looker at a validator, and what it found: a cause with one wrong answer.
func looking(t *testing.T, o Options, key string) (*looker, *cause) {
	t.Helper()
	l := newLooker(&o, &Report{})
	variant, err := defect.Find(key)
	if err != nil {
		t.Fatal(err)
	}
	c := l.known.add(diagnosis.Cause{Defect: variant, State: diagnosis.Confirmed})
	if err := l.enterCause(c, observed{Case: generate.Harmless(nil), answer: protocol.Answer{Verdict: reference.Reject}}, nil, 0); err != nil {
		t.Fatal(err)
	}
	return l, c
}

// TestContradictedCauseIsGivenUp: right answers that a cause would have got wrong take it
// from its finding, which then has a nearest mistake and no cause. A cause that they do
// not contradict stays.
func TestContradictedCauseIsGivenUp(t *testing.T) {
	for key, given := range map[string]bool{"unsorted": true, "hash-compared-as-number": false} {
		l, c := looking(t, Options{Open: defective(t)}, key)
		source := generate.Seeded(1, 0)
		for number := uint64(0); number < 500; number++ {
			source.Restart(1, number)
			for _, drawn := range generate.Episode(nil, source, nil) {
				verdict, _ := defect.Ask(reference.New(), drawn.SentToken(), drawn.Sent())
				l.known.check(l.evidence.observe(drawn, protocol.Answer{Verdict: verdict}))
			}
		}
		if c.isDoubtful() != given {
			t.Errorf("%s: %d of its answers are contradicted", key, c.contradicted)
		}
		if err := l.giveUpDoubted(); err != nil {
			t.Fatal(err)
		}
		f := l.report.Findings[0]
		if given != (f.Causes == nil) || given != (f.Nearest != nil) {
			t.Errorf("%s: the finding is %s, nearest is %v", key, f.Key, f.Nearest)
		}
	}
}

// TestSeveralMistakes: of a validator with several mistakes each has one finding, and
// there are no others.
func TestSeveralMistakes(t *testing.T) {
	made := []string{"empty-values-dropped", "last-value-only", "port-kept-for-voice", "unsorted", "userinfo-kept"}
	report := find(t, Options{Open: defective(t, made...), Seed: 1, Cases: 20_000})
	if got := keys(report); !slices.Equal(got, made) || report.Unexamined > 0 {
		t.Errorf("found are %q; %d were not looked into", got, report.Unexamined)
	}
}

// TestConditionIsNamed: a mistake that is made for some requests only is found under its
// condition, and once.
func TestConditionIsNamed(t *testing.T) {
	const made = "userinfo-kept-on-http@known-product,no-port"
	report := find(t, Options{Open: defective(t, made), Seed: 1, Cases: 8000})
	if len(report.Findings) != 1 || len(report.Findings[0].Causes) != 1 || report.Findings[0].Causes[0].Key() != made {
		t.Errorf("found are %q", keys(report))
	}
}

// TestAnswerIsNoCause: what is wrong only because a question is answered otherwise too is
// put down to the mistake.
func TestAnswerIsNoCause(t *testing.T) {
	report := find(t, Options{Open: defective(t, "empty-token-used", "known-names-only=body-and-from"), Seed: 1, Cases: 30_000})
	if got := keys(report); !slices.Equal(got, []string{"known-names-only"}) {
		t.Errorf("found are %q", got)
	}
}

// TestAnswerIsTheCause: an answer to an open question is the cause of what is wrong because
// of nothing else.
func TestAnswerIsTheCause(t *testing.T) {
	for _, key := range []string{"repeated-name-once", "hash-name-in-any-case=the-first"} {
		report := find(t, Options{Open: defective(t, key), Seed: 1, Cases: 30_000})
		if slug, _, _ := strings.Cut(key, "="); !slices.Equal(keys(report), []string{slug}) {
			t.Errorf("%s: found are %q", key, keys(report))
		}
	}
}

// TestCauseIsCorrected: a wrong answer that a cause does not explain, but one that could not
// be told apart from it until then, corrects its name, and is no other finding.
func TestCauseIsCorrected(t *testing.T) {
	const made = "exception-accepts=whatever-cannot-be-parsed"
	report := find(t, Options{Open: defective(t, made), Seed: 1, Cases: 20_000})
	if len(report.Findings) != 1 || report.Findings[0].Causes[0].Key() != made {
		t.Errorf("found are %q", keys(report))
	}
}

// TestOneMistakeUnderTwoConditions: it is made under neither, unless right answers
// contradict that.
func TestOneMistakeUnderTwoConditions(t *testing.T) {
	for key, want := range map[string]defect.Condition{"userinfo-kept@get": "", "userinfo-kept@get,http": ""} {
		l, c := looking(t, Options{Open: defective(t)}, key)
		other, err := defect.Find("userinfo-kept@post,http")
		if err != nil {
			t.Fatal(err)
		}
		found := diagnosis.Cause{Defect: other, State: diagnosis.Confirmed, Explains: []int{0, 1, 2}}
		if learned := l.learn(found); learned != c || c.Defect.Only != want || c.finding.Causes[0].Only != want {
			t.Errorf("%s: learned is %+v", key, learned)
		}
	}
	l, c := looking(t, Options{Open: defective(t)}, "userinfo-kept@get,http")
	request := generate.Harmless(nil)
	request.Request.URL = "https://user@example.com/p" // over HTTPS the userinfo is dropped
	request.Request.Signature = nil
	signature := reference.Sign(request.Token, request.Request)
	request.Request.Signature, request.Expected = &signature, judge.MustAccept
	l.evidence.add(l.evidence.observe(request, protocol.Answer{Verdict: reference.Accept}))
	other, _ := defect.Find("userinfo-kept@post,http")
	l.learn(diagnosis.Cause{Defect: other, State: diagnosis.Confirmed, Explains: []int{0, 1, 2}})
	if c.Defect.Only != "http" {
		t.Errorf("the common condition is %q", c.Defect.Only)
	}
	one, _ := defect.Find("port-dropped-on-http@voice,get")
	if l.learn(diagnosis.Cause{Defect: one, State: diagnosis.Confirmed, Explains: []int{0}}) != nil {
		t.Error("one wrong answer tells a condition")
	}
}

// TestCauseIsAbsorbed: a cause whose wrong answers another one explains, and others too,
// has no finding of its own any more. The other way round both stay.
func TestCauseIsAbsorbed(t *testing.T) {
	of := func(url string) observed {
		o := observed{Case: generate.Harmless(nil), answer: protocol.Answer{Verdict: reference.Reject}}
		o.Request.URL, o.Request.Signature = url, nil
		signature := reference.Sign(o.Token, o.Request)
		o.Request.Signature, o.Expected = &signature, judge.MustAccept
		return o
	}
	l, wide := looking(t, Options{Open: defective(t)}, "userinfo-kept")
	wide.shown = []observed{of("http://user@example.com/p")}
	variant, err := defect.Find("userinfo-kept-on-http")
	if err != nil {
		t.Fatal(err)
	}
	narrow := l.known.add(diagnosis.Cause{Defect: variant, State: diagnosis.Confirmed})
	if err := l.enterCause(narrow, of("http://me@example.com/p"), nil, 0); err != nil {
		t.Fatal(err)
	}
	if l.absorb(); len(l.report.Findings) != 2 {
		t.Errorf("found are %q", keys(l.report))
	}
	wide.shown = append(wide.shown, of("https://user@example.com/p"))
	if l.absorb(); !slices.Equal(keys(l.report), []string{"userinfo-kept"}) || wide.finding.Count != 2 {
		t.Errorf("found are %q, %d times", keys(l.report), wide.finding.Count)
	}
}

// TestNearest: where right answers contradict the mistake that explains a wrong one, it is
// told as the nearest, in one finding. Here the final slash is cut off, but for that of
// an empty path.
func TestNearest(t *testing.T) {
	open := openInProcess(func() reference.Validator {
		v := reference.New()
		v.SignedURLs = func(url string, product reference.Product) []string {
			urls := reference.SignedURLs(url, product)
			for i, u := range urls {
				if p, ok := reference.SplitURL(u); ok && len(p.Path) > 1 && strings.HasSuffix(p.Path, "/") {
					urls[i] = strings.Replace(u, p.Path, p.Path[:len(p.Path)-1], 1)
				}
			}
			return urls
		}
		return v
	})
	report := find(t, Options{Open: open, Seed: 2, Cases: 6000})
	var nearest []string
	for _, f := range report.Findings {
		if f.BugType() == vectors.FalseReject && f.Nearest != nil {
			nearest = append(nearest, f.Nearest.Key())
		}
	}
	if !slices.Equal(nearest, []string{"final-slash-removed"}) {
		t.Errorf("found are %q, nearest are %q", keys(report), nearest)
	}
}

// TestEffort: a run that ends after a number of cases looks as long as it may whatever
// the clock says, and one that ends after a time no longer than a fifth of it.
func TestEffort(t *testing.T) {
	counted := &effort{Options: &Options{}, report: &Report{Explaining: time.Hour}, began: time.Now()}
	if counted.computed(headStart); !counted.mayBegin() || !counted.mayGoOn() {
		t.Error("the head start is too short")
	}
	if counted.computed(1); counted.mayGoOn() {
		t.Error("there is no end")
	}
	if counted.report.Cases = 1; !counted.mayGoOn() {
		t.Error("cases do not count")
	}
	const long = 1000 * time.Hour
	timed := &effort{Options: &Options{Time: long}, report: &Report{Explaining: long / (2 * share)}, began: time.Now()}
	if timed.mayBegin() || !timed.mayGoOn() {
		t.Error("half of its time is over, too early")
	}
	if timed.report.Explaining = long; timed.mayGoOn() {
		t.Error("its time is over, and it goes on")
	}
}
