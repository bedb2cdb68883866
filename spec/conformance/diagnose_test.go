package conformance_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// diagnosed runs a validator against the short vectors and returns the keys of
// the causes that were found.
func diagnosed(t *testing.T, answer scripted) (*conformance.Run, string) {
	t.Helper()
	short := slices.DeleteFunc(vectors.Builtin().Vectors(), func(v *vectors.Vector) bool { return len(v.Request.Body) > 8<<10 })
	run := conformance.Ask(context.Background(), answer, short, conformance.Judging{}, nil)
	if run.Diagnosis == nil {
		t.Errorf("no diagnosis; stopped: %v", run.Stopped)
		return run, "nothing"
	}
	var causes []string
	for _, cause := range run.Diagnosis.Causes {
		causes = append(causes, cause.Defect.Key())
	}
	return run, strings.Join(causes, " + ")
}

func answersOf(v reference.Validator) scripted {
	return func(c protocol.Case) protocol.Verdict {
		verdict, _ := defect.Ask(v, c.AuthToken, c.Request)
		return protocol.Verdict(verdict)
	}
}

// TestLimitsAreFound: of a limit that the catalogue does not have the number is
// found, and that of two mistakes beside each other.
func TestLimitsAreFound(t *testing.T) {
	for _, key := range []string{"at-most-n-params=37", "form-at-most-n-bytes=3000", "url-at-most-n-chars=300", "value-at-most-n-chars=777"} {
		variant, err := defect.Find(key)
		if err != nil {
			t.Fatal(err)
		}
		run, causes := diagnosed(t, answersOf(variant.New()))
		if causes != key {
			t.Errorf("%s: said to have %s", key, causes)
		} else if cause := run.Diagnosis.Causes[0]; cause.Probed == 0 || cause.Confirmed == 0 {
			t.Errorf("%s: confirmed %d of %d", key, cause.Confirmed, cause.Probed)
		}
	}
}

// TestOwnToken: a validator with a token of its own is said to reject everything,
// and not to make a mistake that nothing confirms.
func TestOwnToken(t *testing.T) {
	run, causes := diagnosed(t, func(c protocol.Case) protocol.Verdict {
		verdict, _ := defect.Ask(reference.New(), "a token of its own", c.Request)
		return protocol.Verdict(verdict)
	})
	if causes != "rejects-everything" || run.Diagnosis.Causes[0].Equals[0].Slug != "wrong-token" {
		t.Errorf("said to have %s", causes)
	}
}

// TestChance: failures that do not fail again are told apart from causes, though
// they are rare.
func TestChance(t *testing.T) {
	asked, right := 0, answersOf(reference.New())
	run, causes := diagnosed(t, func(c protocol.Case) protocol.Verdict {
		if asked++; asked%47 == 0 {
			return protocol.Error
		}
		return right(c)
	})
	if causes != "" || len(run.Diagnosis.Unexplained) > 0 || len(run.Diagnosis.Unsteady) == 0 || len(run.Diagnosis.Unsteady) != len(run.Failures()) {
		t.Errorf("said to have %q, %d unexplained, %d of %d unsteady", causes, len(run.Diagnosis.Unexplained), len(run.Diagnosis.Unsteady), len(run.Failures()))
	}
	if run.Status() != conformance.StatusNotConformant {
		t.Errorf("status %d", run.Status())
	}
}
