package conformance_test

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/diagnosis"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// scripted is a validator that answers as a function says.
type scripted func(c protocol.Case) reference.Verdict

func (s scripted) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	for i, c := range cases {
		verdict := s(c)
		if verdict == "" {
			return errors.New("it is gone")
		}
		answered(i, protocol.Answer{Verdict: verdict, Detail: "in detail"})
	}
	return nil
}

func (scripted) Close() []string { return nil }

func right(c protocol.Case) reference.Verdict {
	return adapters.Answer(reference.New(), c).Verdict
}

// corpus returns the built-in vectors, which take long to read. No test changes them.
var corpus = sync.OnceValue(func() []*vectors.Vector { return vectors.Builtin().Vectors() })

// unexplained judges by the built-in rules and explains no failure: that takes seconds,
// and these tests are not about explanations.
func unexplained(seed uint64) conformance.Judging {
	return conformance.Judging{Seed: seed, Book: vectors.Rules(), Explaining: diagnosis.Bounds{Steps: 1}}
}

// sample returns every n-th built-in vector.
func sample(n int) []*vectors.Vector {
	var some []*vectors.Vector
	for i, v := range corpus() {
		if i%n == 0 {
			some = append(some, v)
		}
	}
	return some
}

// TestStatus checks the exit status of a run. It is never 0 for a run that proves
// nothing.
func TestStatus(t *testing.T) {
	all := sample(9)
	expected := func(c protocol.Case, accept, reject reference.Verdict) reference.Verdict {
		if right(c) == reference.Accept {
			return accept
		}
		return reject
	}
	table := map[string]reference.Verdict{} // the right answer to each vector
	for _, v := range corpus() {
		table[v.ID] = right(protocol.Case{ID: v.ID, AuthToken: string(v.AuthToken), Request: v.Request.Reference()})
	}
	for name, c := range map[string]struct {
		answer  func() scripted // a new one for each run
		status  int
		stopped string
	}{
		"right": {func() scripted { return right }, conformance.StatusConformant, ""},
		"accepts everything": {func() scripted {
			return func(protocol.Case) reference.Verdict { return reference.Accept }
		}, conformance.StatusNotRun, `it never said reject; of \d+ answers \d+ were "accept"`},
		"rejects everything": {func() scripted {
			return func(protocol.Case) reference.Verdict { return reference.Reject }
		}, conformance.StatusNotRun, `it never said accept; of \d+ answers \d+ were "reject"`},
		"errors everywhere": {func() scripted {
			return func(protocol.Case) reference.Verdict { return reference.Error }
		}, conformance.StatusNotRun, `it never said accept or reject; .*; the first time: in detail`},
		"can do nothing": {func() scripted {
			return func(protocol.Case) reference.Verdict { return reference.Unsupported }
		}, conformance.StatusNotRun, `it never said accept or reject; .* were "unsupported"`},
		"errors where it should accept": {func() scripted {
			return func(c protocol.Case) reference.Verdict { return expected(c, reference.Error, reference.Reject) }
		}, conformance.StatusNotRun, "it never said accept"},
		"errors where it should reject": {func() scripted {
			return func(c protocol.Case) reference.Verdict { return expected(c, reference.Accept, reference.Error) }
		}, conformance.StatusNotRun, "it never said reject"},
		"says nothing where it should reject": {func() scripted {
			return func(c protocol.Case) reference.Verdict { return expected(c, reference.Accept, reference.Malformed) }
		}, conformance.StatusNotRun, "it never said reject"},
		"only accepts what it can": {func() scripted {
			return func(c protocol.Case) reference.Verdict { return expected(c, reference.Accept, reference.Unsupported) }
		}, conformance.StatusNotRun, "it never said reject"},
		"dies at a question": {func() scripted {
			return func(c protocol.Case) reference.Verdict {
				if strings.HasPrefix(c.ID, "form-duplicates/") {
					return reference.Died
				}
				return right(c)
			}
		}, conformance.StatusNotConformant, ""},
		"is gone": {func() scripted {
			return func(c protocol.Case) reference.Verdict {
				if strings.HasPrefix(c.ID, "url-") {
					return ""
				}
				return right(c)
			}
		}, conformance.StatusNotRun, "it is gone"},
		"changes its mind": {func() scripted {
			calls := 0
			return func(c protocol.Case) reference.Verdict {
				if calls++; calls > len(all) {
					return reference.Reject
				}
				return right(c)
			}
		}, conformance.StatusNotConformant, ""},
		"throws at random in 5 % of the rejections": {func() scripted {
			random := rand.New(rand.NewPCG(7, 7))
			return func(c protocol.Case) reference.Verdict {
				if right(c) == reference.Reject && random.IntN(20) == 0 {
					return reference.Error
				}
				return right(c)
			}
		}, conformance.StatusNotConformant, ""},
		"answers from a table": {func() scripted {
			return func(c protocol.Case) reference.Verdict { return cmp.Or(table[c.ID], reference.Reject) }
		}, conformance.StatusNotConformant, ""},
		"answers from a table, and computes the rest": {func() scripted {
			return func(c protocol.Case) reference.Verdict { return cmp.Or(table[c.ID], right(c)) }
		}, conformance.StatusNotConformant, ""},
		"accepts whatever comes after the vectors": {func() scripted {
			calls := 0
			return func(c protocol.Case) reference.Verdict {
				if calls++; calls > len(all) && table[c.ID] != reference.Reject {
					return reference.Accept
				}
				return right(c)
			}
		}, conformance.StatusNotConformant, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(3) {
				run := conformance.Ask(t.Context(), c.answer(), all, unexplained(seed), nil)
				if run.Status() != c.status {
					t.Errorf("seed %d: status %d (%v), want %d", seed, run.Status(), run.Stopped, c.status)
				}
				if c.stopped == "" && run.Stopped != nil || c.stopped != "" &&
					(run.Stopped == nil || !regexp.MustCompile(c.stopped).MatchString(run.Stopped.Error())) {
					t.Errorf("seed %d: stopped: %v, want %q", seed, run.Stopped, c.stopped)
				}
				if name == "changes its mind" && len(run.Unsteady) == 0 {
					t.Errorf("seed %d: nobody noticed", seed)
				}
			}
		})
	}
}

// TestRepeat checks that the command that repeats one failure has the same exit
// status as the whole run, and that a validator that never decides is not green, no
// matter what is selected.
func TestRepeat(t *testing.T) {
	for _, result := range []vectors.Result{vectors.Valid, vectors.Invalid, vectors.Question} {
		i := slices.IndexFunc(corpus(), func(v *vectors.Vector) bool { return v.Result == result && v.Family.Name != "get" })
		one := corpus()[i : i+1]
		wrong := scripted(func(c protocol.Case) reference.Verdict {
			switch {
			case c.ID != one[0].ID:
				return right(c)
			case right(c) == reference.Accept:
				return reference.Reject
			default:
				return reference.Accept
			}
		})
		want := conformance.StatusNotConformant
		if result == vectors.Question {
			want = conformance.StatusConformant
		}
		judging := unexplained(0)
		if run := conformance.Ask(t.Context(), wrong, one, judging, nil); run.Status() != want {
			t.Errorf("%s is wrong: status %d (%v), want %d", one[0].ID, run.Status(), run.Stopped, want)
		}
		for _, always := range []reference.Verdict{reference.Accept, reference.Reject, reference.Error} {
			run := conformance.Ask(t.Context(), scripted(func(protocol.Case) reference.Verdict { return always }), one, judging, nil)
			if run.Status() != conformance.StatusNotRun {
				t.Errorf("%s, always %s: status %d, want %d", one[0].ID, always, run.Status(), conformance.StatusNotRun)
			}
		}
	}
}

// TestDrawn checks that drawn requests have known answers, look like vectors, are
// the same for the same seed, and differ for another seed.
func TestDrawn(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(20) {
		var sent [2][]protocol.Case
		for i := range sent {
			run := conformance.Ask(t.Context(), scripted(right), corpus(), unexplained(seed), nil)
			accepted := 0
			for _, d := range run.Drawn {
				sent[i] = append(sent[i], d.Case)
				if d.Answer.Verdict == reference.Accept {
					accepted++
				}
				if d.Outcome != conformance.Passed || d.Answer.Verdict != right(d.Case) || d.Case.ID != d.Vector.ID {
					t.Errorf("seed %d: %s (from %s): %s, %s", seed, d.Case.ID, d.From, d.Outcome, d.Answer.Verdict)
				}
			}
			if len(run.Drawn) < 20 || accepted < 8 || accepted > len(run.Drawn)-8 {
				t.Errorf("seed %d: of %d drawn requests %d are right", seed, len(run.Drawn), accepted)
			}
		}
		if !reflect.DeepEqual(sent[0], sent[1]) {
			t.Errorf("seed %d draws other requests the second time", seed)
		}
		for _, c := range sent[0] {
			key := c.AuthToken + *c.Request.Signature + c.Request.URL + string(c.Request.Body)
			if seen[key] {
				t.Errorf("seed %d draws %s again", seed, c.ID)
			}
			seen[key] = true
		}
	}
}

// TestDrawnSettings checks that whoever is let in by a settings header that names no key is
// found out by what is drawn, whether or not the validator supports SharedKeys.
func TestDrawnSettings(t *testing.T) {
	for name, accepts := range map[string]func(settings string, c protocol.Case) bool{
		"a header that names nothing exempts": func(settings string, _ protocol.Case) bool { return !strings.Contains(settings, "=") },
		"an unknown name is the key": func(settings string, c protocol.Case) bool {
			id, _, _ := reference.ParseSettings(settings)
			c.Request.SharedKeys = append([]reference.SharedKey{{ID: id, Secret: id}}, c.Request.SharedKeys...)
			return id != "" && len(c.Request.SharedKeys) == 1 && right(c) == reference.Accept
		},
	} {
		run := conformance.Ask(t.Context(), scripted(func(c protocol.Case) reference.Verdict {
			if s := c.Request.SignatureSettings; s != nil && accepts(*s, c) {
				return reference.Accept
			}
			return right(c)
		}), corpus(), unexplained(1), nil)
		if len(run.DrawnFailures()) == 0 || run.Status() != conformance.StatusNotConformant {
			t.Errorf("%s: status %d, %d drawn requests failed", name, run.Status(), len(run.DrawnFailures()))
		}
	}
}

// TestFailuresInOrder checks that what lets an attacker in comes first.
func TestFailuresInOrder(t *testing.T) {
	opposite := scripted(func(c protocol.Case) reference.Verdict {
		if right(c) == reference.Accept {
			return reference.Reject
		}
		return reference.Accept
	})
	run := conformance.Ask(t.Context(), opposite, sample(9), unexplained(0), nil)
	failures := run.Failures()
	if failures[0].Kind != vectors.FalseAccept || failures[len(failures)-1].Kind != vectors.FalseReject {
		t.Errorf("the first is a %s, the last a %s", failures[0].Kind, failures[len(failures)-1].Kind)
	}
	for i := 1; i < len(failures); i++ {
		if failures[i-1].Kind == vectors.FalseReject && failures[i].Kind == vectors.FalseAccept {
			t.Fatalf("%s comes before %s", failures[i-1].Vector.ID, failures[i].Vector.ID)
		}
	}
}

// TestReplies checks that the replies to a question are the answers that were
// accepted.
func TestReplies(t *testing.T) {
	run := conformance.Ask(t.Context(), scripted(right), corpus(), unexplained(0), nil)
	got := map[string]string{}
	for _, reply := range run.Replies() {
		got[reply.Question] = strings.Join(reply.Accepted, "+")
	}
	for question, want := range map[string]string{"duplicate-names": "unique-sorted", "sort-beyond-bmp": "utf-8", "empty-token": ""} {
		if got[question] != want {
			t.Errorf("%s: %q, want %q", question, got[question], want)
		}
	}
	if len(got) != len(vectors.Rules().Questions) {
		t.Errorf("%d questions were tested, there are %d", len(got), len(vectors.Rules().Questions))
	}
}
