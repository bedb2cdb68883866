package conformance_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// scripted is a validator that answers as a function says.
type scripted func(c protocol.Case) protocol.Verdict

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

func right(c protocol.Case) protocol.Verdict {
	return adapters.Answer(reference.New(), c).Verdict
}

// sample is every n-th of the built-in vectors: explaining hundreds of failures
// takes seconds, and these tests are not about that.
func sample(n int) []*vectors.Vector {
	var some []*vectors.Vector
	for i, v := range corpus() {
		if i%n == 0 {
			some = append(some, v)
		}
	}
	return some
}

// TestStatus: what a run comes to. A run that proves nothing is never 0.
func TestStatus(t *testing.T) {
	calls, all := 0, sample(9)
	for name, c := range map[string]struct {
		answer  scripted
		status  int
		stopped string
	}{
		"right":              {right, conformance.StatusConformant, ""},
		"accepts everything": {func(protocol.Case) protocol.Verdict { return protocol.Accept }, conformance.StatusNotConformant, ""},
		"rejects everything": {func(protocol.Case) protocol.Verdict { return protocol.Reject }, conformance.StatusNotConformant, ""},
		"errors everywhere": {func(protocol.Case) protocol.Verdict { return protocol.Error }, conformance.StatusNotRun,
			"it never said accept or reject; the first time: in detail"},
		"can do nothing": {func(protocol.Case) protocol.Verdict { return protocol.Unsupported }, conformance.StatusNotRun,
			"valid vectors none could be judged, so nothing was proven"},
		"errors where it should accept": {func(c protocol.Case) protocol.Verdict {
			if right(c) == protocol.Accept {
				return protocol.Error
			}
			return protocol.Reject
		}, conformance.StatusNotRun, "valid vectors none could be judged, so nothing was proven; the first time: in detail"},
		"only accepts what it can": {func(c protocol.Case) protocol.Verdict {
			if right(c) == protocol.Reject {
				return protocol.Unsupported
			}
			return protocol.Accept
		}, conformance.StatusNotRun, "invalid vectors none could be judged, so nothing was proven"},
		"is gone": {func(c protocol.Case) protocol.Verdict {
			if strings.HasPrefix(c.ID, "url-") {
				return ""
			}
			return right(c)
		}, conformance.StatusNotRun, "it is gone"},
		"changes its mind": {func(c protocol.Case) protocol.Verdict {
			if calls++; calls > len(all) {
				return protocol.Reject
			}
			return right(c)
		}, conformance.StatusNotConformant, ""},
	} {
		t.Run(name, func(t *testing.T) {
			run := conformance.Ask(t.Context(), c.answer, all, conformance.Judging{Book: vectors.Rules()}, nil)
			if run.Status() != c.status {
				t.Errorf("status %d (%v), want %d", run.Status(), run.Stopped, c.status)
			}
			if c.stopped == "" && run.Stopped != nil || run.Stopped != nil && !strings.Contains(run.Stopped.Error(), c.stopped) {
				t.Errorf("stopped: %v, want %q", run.Stopped, c.stopped)
			}
			if name == "changes its mind" && len(run.Unsteady) == 0 {
				t.Error("nobody noticed")
			}
		})
	}
}

// TestFailuresInOrder: what lets an attacker in comes first.
func TestFailuresInOrder(t *testing.T) {
	opposite := scripted(func(c protocol.Case) protocol.Verdict {
		if right(c) == protocol.Accept {
			return protocol.Reject
		}
		return protocol.Accept
	})
	run := conformance.Ask(t.Context(), opposite, sample(9), conformance.Judging{Book: vectors.Rules()}, nil)
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

// TestReplies: one run answers a question by the answers it accepted.
func TestReplies(t *testing.T) {
	run := conformance.Ask(t.Context(), scripted(right), corpus(), conformance.Judging{Book: vectors.Rules()}, nil)
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
		t.Errorf("%d questions were asked, there are %d", len(got), len(vectors.Rules().Questions))
	}
}
