package diagnosis

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// target is a validator under test, in this process. It says what it signed as JSON
// can say it: with a character in place of each byte that is not UTF-8.
func target(v reference.Validator) Ask {
	return func(_ context.Context, cases []Case) ([]Answer, error) {
		var given []Answer
		for _, c := range cases {
			verdict, _, signed := defect.Check(v, c.AuthToken, c.Request)
			a := Answer{Verdict: verdict}
			if len(signed) > 0 {
				said := string([]rune(signed[0]))
				a.StringToSign = &said
			}
			given = append(given, a)
		}
		return given, nil
	}
}

// diagnosed sends vectors to a validator and explains what it answers.
func diagnosed(t *testing.T, c corpus, v reference.Validator) (*Diagnosis, []Observation) {
	t.Helper()
	return diagnosedWithin(t, c, v, Bounds{Compute: -1})
}

// someSteps bounds a diagnosis that finds nothing and would go on for long. The nightly
// run has no bound.
func someSteps(steps int) Bounds {
	if os.Getenv("SIGCONFORM_SLOW") != "" {
		steps = 0
	}
	return Bounds{Compute: -1, Steps: steps}
}

// asked returns what a validator answers to the vectors, and what it says that it signed.
func (c corpus) asked(t *testing.T, ask Ask) []Observation {
	t.Helper()
	given, err := ask(t.Context(), c.cases())
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []reference.Verdict
	for _, a := range given {
		verdicts = append(verdicts, a.Verdict)
	}
	observations := c.observe(verdicts)
	for i, a := range given {
		observations[i].StringToSign = a.StringToSign
	}
	return observations
}

func diagnosedWithin(t *testing.T, c corpus, v reference.Validator, bounds Bounds) (*Diagnosis, []Observation) {
	t.Helper()
	ask := target(v)
	observations := c.asked(t, ask)
	d, err := Engine{Ask: ask, Limits: true, Bounds: bounds}.Explain(t.Context(), observations)
	if err != nil {
		t.Fatal(err)
	}
	return d, observations
}

func variant(t *testing.T, key string) defect.Variant {
	t.Helper()
	v, err := defect.Find(key)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestConfirmed: a cause is confirmed by requests that only it accepts, alone and
// beside another one.
func TestConfirmed(t *testing.T) {
	for _, keys := range [][]string{
		{"unsorted"}, {"userinfo-kept"}, {"values-trimmed=spaces"}, {"at-most-n-params=37"}, {"userinfo-kept", "unsorted"},
	} {
		v := reference.New()
		for _, key := range keys {
			v = variant(t, key).Apply(v)
		}
		d, _ := diagnosed(t, plain().short(), v)
		var got []string
		for _, cause := range d.Causes {
			got = append(got, cause.Defect.Key())
			if cause.State != Confirmed {
				t.Errorf("%q: %s is %s, %d of %d accepted", keys, cause.Defect.Key(), cause.State, cause.Accepted, cause.Probed)
			}
		}
		slices.Sort(got)
		slices.Sort(keys)
		if !slices.Equal(got, keys) || len(d.Unexplained) > 0 {
			t.Errorf("%q is said to have %q; %d failures are unexplained", keys, got, len(d.Unexplained))
		}
	}
}

// TestConditions: of a mistake that is made for some requests only, the condition
// is named, or one that no request tells from it.
func TestConditions(t *testing.T) {
	for _, key := range []string{"port-dropped-on-http@get", "port-dropped-for-messaging@get", "unsorted@voice", "base64-body-kept@form"} {
		d, observations := diagnosed(t, plain().short(), variant(t, key).New())
		if failures(observations) == 0 {
			t.Errorf("%s: nothing fails", key)
			continue
		}
		slug, _, _ := strings.Cut(key, "@")
		if len(d.Causes) != 1 || !strings.HasPrefix(names(d), slug+"@") || d.Causes[0].State != Confirmed || len(d.Unexplained) > 0 {
			t.Errorf("%s is said to have %s; %d of %d failures are unexplained", key, names(d), len(d.Unexplained), failures(observations))
		}
	}
}

// TestLimits: of a limit that the catalogue lacks the number is found, and what it
// limits is told from what grows with it.
func TestLimits(t *testing.T) {
	for _, key := range []string{
		"at-most-n-params=3", "url-at-most-n-chars=300", "value-at-most-n-chars=777", "form-at-most-n-bytes=3000",
		"string-at-most-n-bytes=700", "body-hashed-up-to-n-bytes=50",
	} {
		d, _ := diagnosed(t, plain(), variant(t, key).New())
		if names(d) != key || d.Causes[0].State != Confirmed || len(d.Unexplained) > 0 {
			t.Errorf("%s is said to have %s: %+v", key, names(d), d.Causes)
		}
	}
}

// TestTwoLimits: each of two limits is found, though most of the failures that one of
// them explains are those of the other.
func TestTwoLimits(t *testing.T) {
	for _, keys := range []string{"at-most-n-params=3 value-at-most-n-chars=777", "at-most-n-params=12 body-hashed-up-to-n-bytes=100"} {
		first, second, _ := strings.Cut(keys, " ")
		d, _ := diagnosed(t, plain(), defect.In(reference.New(), variant(t, first), variant(t, second)))
		if names(d) != first+" + "+second || len(d.Unexplained) > 0 {
			t.Errorf("%s is said to have %s; %d failures are unexplained", keys, names(d), len(d.Unexplained))
		}
	}
}

// TestJoined: several values of one mistake are one cause.
func TestJoined(t *testing.T) {
	d, _ := diagnosed(t, plain().short(), variant(t, "trusted-host=ngrok-free.dev,ts.net").New())
	if len(d.Causes) != 1 || d.Causes[0].Defect.Slug != "trusted-host" || len(d.Causes[0].Explains) != 2 || len(d.Unexplained) > 0 {
		t.Errorf("it is said to have %s", names(d))
	}
}

// TestControls: a validator that is satisfied with any hash looks like one that hashes
// something else to requests that both answer alike, and accepts what is signed that way.
// The controls, which it accepts too, tell.
func TestControls(t *testing.T) {
	anyHash := reference.New()
	anyHash.Covered = func(r reference.Request) bool {
		return reference.Covered(r) || len(reference.BodyHashes(r.URL)) > 0 && json.Valid(r.Body)
	}
	c, ask := plain().short(), silent(anyHash)
	for _, key := range []string{"json-re-serialized=javascript", "body-trimmed"} {
		mistaken := variant(t, key)
		var alike []Observation
		answers := c.ask(mistaken)
		for i, o := range c.asked(t, ask) {
			if o.Verdict == answers[i] {
				alike = append(alike, o)
			}
		}
		e := Engine{Only: []defect.Variant{mistaken}, Bounds: Bounds{Compute: -1}}
		if d, _ := e.Explain(t.Context(), alike); names(d) != key {
			t.Errorf("before it is asked it is said to have %q, not %s", names(d), key)
		}
		e.Ask = ask
		if d, _ := e.Explain(t.Context(), alike); len(d.Causes) > 0 {
			t.Errorf("it is said to have %s: %d of %d accepted", names(d), d.Causes[0].Accepted, d.Causes[0].Probed)
		}
	}
	d, _ := diagnosedWithin(t, c, anyHash, someSteps(300_000))
	for _, cause := range d.Causes {
		if strings.Contains(cause.Defect.Slug, "serialized") {
			t.Errorf("with all requests it is said to have %s: %d of %d accepted", cause.Defect.Key(), cause.Accepted, cause.Probed)
		}
	}
}

// TestLessThanAll: a validator that compares no hash is not said to compare it for one
// type or method, though it accepts all that such a mistake lets through.
func TestLessThanAll(t *testing.T) {
	for _, key := range []string{"hash-checked-for-exact-json-only", "hash-checked-for-json-only", "hash-checked-on-post-only"} {
		for of, wrong := range map[string]bool{key: false, "hash-not-checked": true} {
			c := plain().short()
			v := variant(t, of).New()
			ask := target(v)
			given, _ := ask(t.Context(), c.cases())
			var verdicts []reference.Verdict
			for _, a := range given {
				verdicts = append(verdicts, a.Verdict)
			}
			e := Engine{Ask: ask, Only: []defect.Variant{variant(t, key)}, Bounds: Bounds{Compute: -1}}
			d, _ := e.Explain(t.Context(), c.observe(verdicts))
			if (names(d) != key) != wrong {
				t.Errorf("with %s it is said to have %q of %s alone", of, names(d), key)
			}
		}
	}
}

// TestRefutedByString: a validator that says that it signed the right string does
// not sign what a cause signs.
func TestRefutedByString(t *testing.T) {
	d, observations := diagnosed(t, plain().short(), variant(t, "unsorted").New())
	if names(d) != "unsorted" {
		t.Fatalf("it is said to have %s", names(d))
	}
	for i, o := range observations {
		signed := reference.StringToSign(o.Request)
		observations[i].StringToSign = &signed
	}
	if d := Explain(observations); strings.Contains(names(d), "unsorted") {
		t.Errorf("refuted, it is still said to have %s", names(d))
	}
}

// TestUnlisted: of a mistake that is not in the catalogue no other one is said to
// be the cause, unless it is confirmed.
func TestUnlisted(t *testing.T) {
	for name, replace := range map[string]func(v *reference.Validator){
		"reads a digit as another": func(v *reference.Validator) {
			right := v.Join
			v.Join = func(url string, params []reference.Param) string {
				return strings.ReplaceAll(right(url, params), "7", "8")
			}
		},
		"one URL for all": func(v *reference.Validator) {
			v.SignedURLs = func(string, reference.Product) []string { return []string{"https://hooks.test/sms"} }
		},
		"reverses the path": func(v *reference.Validator) {
			right := v.SignedURLs
			v.SignedURLs = func(url string, product reference.Product) []string {
				p, _ := reference.SplitURL(url)
				segments := strings.Split(p.Path, "/")
				slices.Reverse(segments)
				p.Path = strings.Join(segments, "/")
				return right(p.String(), product)
			}
		},
	} {
		v := reference.New()
		replace(&v)
		d, observations := diagnosedWithin(t, plain().short(), v, someSteps(300_000))
		for _, cause := range d.Causes {
			if cause.State != Confirmed && cause.Defect.Slug != "rejects-everything" {
				t.Errorf("%s: it is said to have %s (%s), which explains %d of %d",
					name, cause.Defect.Key(), cause.State, len(cause.Explains), failures(observations))
			}
		}
	}
}

// TestBounds: the engine stops where it is told to, and says so.
func TestBounds(t *testing.T) {
	c := plain().short()
	v := defect.In(reference.New(), variant(t, "userinfo-kept"), variant(t, "unsorted"), variant(t, "values-trimmed=spaces"))
	observations := c.observe(c.ask(variant(t, "userinfo-kept"), variant(t, "unsorted"), variant(t, "values-trimmed=spaces")))
	sent := 0
	ask := func(ctx context.Context, cases []Case) ([]Answer, error) {
		sent += len(cases)
		return target(v)(ctx, cases)
	}
	d, err := Engine{Ask: ask, Limits: true, Bounds: Bounds{Compute: -1, Probes: 5}}.Explain(t.Context(), observations)
	if err != nil || sent > 5 || d.Stopped == "" {
		t.Errorf("%d requests were sent, stopped: %q, %v", sent, d.Stopped, err)
	}
	if d, _ := (Engine{Bounds: Bounds{Compute: 1}}).Explain(t.Context(), observations); d.Stopped == "" {
		t.Error("it does not say that its time was up")
	}
}

// TestOwnIndices: what is returned are indices of what was given, whatever was sent
// besides.
func TestOwnIndices(t *testing.T) {
	for _, key := range []string{"query-merged", "json-taken-for-form", "userinfo-kept"} {
		v := variant(t, key).New()
		right := v.Join // a second mistake, which is not in the catalogue
		v.Join = func(url string, params []reference.Param) string {
			return strings.ReplaceAll(right(url, params), "7", "8")
		}
		d, observations := diagnosedWithin(t, plain().short(), v, someSteps(400_000))
		all := slices.Clone(d.Unexplained)
		for _, cause := range d.Causes {
			all = slices.Concat(all, cause.Explains, cause.Contradicts)
		}
		if d.Nearest != nil {
			all = slices.Concat(all, d.Nearest.Explains, d.Nearest.Contradicts)
		}
		for _, i := range all {
			if i >= len(observations) {
				t.Fatalf("%s: %d is not one of %d observations", key, i, len(observations))
			}
		}
	}
}

// TestPartOfAnother: a known mistake that looks like a part of an unknown one is no cause, though
// some of its requests are accepted.
func TestPartOfAnother(t *testing.T) {
	for name, change := range map[string]func(params []reference.Param) []reference.Param{
		"sorts by length": func(params []reference.Param) []reference.Param {
			slices.SortStableFunc(params, func(a, b reference.Param) int { return len(a.Name) - len(b.Name) })
			return params
		},
		"leaves out every third": func(params []reference.Param) (kept []reference.Param) {
			for i, p := range params {
				if i%3 != 2 {
					kept = append(kept, p)
				}
			}
			return kept
		},
	} {
		v := reference.New()
		right := v.OrderParams
		v.OrderParams = func(params []reference.Param) []reference.Param { return change(right(params)) }
		ask := silent(v)
		e := Engine{Ask: ask, Limits: true, Bounds: someSteps(250_000)}
		d, err := e.Explain(t.Context(), plain().short().asked(t, ask))
		if err != nil || len(d.Causes) > 0 || len(d.Unexplained) == 0 {
			t.Errorf("%s: it is said to have %s, %v", name, names(d), err)
		}
	}
}

// TestUnsupportedSaysNothing: a request that the validator does not take is no probe.
func TestUnsupportedSaysNothing(t *testing.T) {
	v := variant(t, "userinfo-kept")
	q := &inquiry{probed: map[string]reference.Verdict{}, tallies: map[string]*tally{}}
	var probes []probe
	for i, verdict := range []reference.Verdict{reference.Accept, reference.Reject, reference.Unsupported} {
		p := probe{Case: Case{Request: reference.Request{Method: "POST", URL: strings.Repeat("a", i+1)}}}
		q.probed[p.key()] = verdict
		probes = append(probes, p)
	}
	q.count(v, probes)
	if got := q.tally(v).share; got != (share{sent: 2, accepted: 1}) {
		t.Errorf("%+v were counted", got)
	}
}
