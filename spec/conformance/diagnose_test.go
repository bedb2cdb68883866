package conformance_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// diagnosed runs a validator against the short vectors and returns the run and the
// keys of the causes found.
func diagnosed(t *testing.T, answer scripted) (*conformance.Run, string) {
	t.Helper()
	short := slices.DeleteFunc(vectors.Builtin().Vectors(), func(v *vectors.Vector) bool { return len(v.Request.Body) > 8<<10 })
	judging := conformance.Judging{Explaining: diagnosis.Bounds{Compute: -1}} // no test fails for want of time
	run := conformance.Ask(context.Background(), answer, short, judging, nil)
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
	return func(c protocol.Case) reference.Verdict {
		verdict, _ := defect.Ask(v, c.AuthToken, c.Request)
		return verdict
	}
}

// TestLimitsAreFound checks that the diagnosis finds the number of a limit that the
// catalogue does not list.
func TestLimitsAreFound(t *testing.T) {
	for _, key := range []string{"at-most-n-params=37", "url-at-most-n-chars=300", "value-at-most-n-chars=777", "form-at-most-n-bytes=3000"} {
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

// TestOwnToken checks that the diagnosis of a validator with another token, which
// knows no SharedKeys, is that it rejects everything, not a mistake that nothing
// confirms.
func TestOwnToken(t *testing.T) {
	run, causes := diagnosed(t, func(c protocol.Case) reference.Verdict {
		c.Request.SignatureSettings, c.Request.SharedKeys = nil, nil
		verdict, _ := defect.Ask(reference.New(), "a token of its own", c.Request)
		return verdict
	})
	if causes != "rejects-everything" || run.Diagnosis.Causes[0].Equals[0].Slug != "wrong-token" {
		t.Errorf("said to have %s", causes)
	}
}

// TestWithoutSharedKeys checks that a mistake is named of a validator that knows no
// SharedKeys as well, and that one which makes every right signature wrong is not
// said to be rejecting everything.
func TestWithoutSharedKeys(t *testing.T) {
	for _, key := range []string{"body-not-covered", "other-digest=hmac-sha256", "other-encoding=hex",
		"token-empty", "method-not-checked=GET"} {
		var variants []defect.Variant
		for _, k := range []string{"settings-header-ignored", key} {
			variant, err := defect.Find(k)
			if err != nil {
				t.Fatal(err)
			}
			variants = append(variants, variant)
		}
		run, causes := diagnosed(t, answersOf(defect.In(reference.New(), variants...)))
		if causes != key || len(run.Diagnosis.Unexplained) > 0 {
			t.Errorf("%s: said to have %s, %d unexplained", key, causes, len(run.Diagnosis.Unexplained))
		}
	}
}

// TestChance checks that failures that do not recur are not attributed to a cause,
// even if they are rare.
func TestChance(t *testing.T) {
	asked, right := 0, answersOf(reference.New())
	run, causes := diagnosed(t, func(c protocol.Case) reference.Verdict {
		if asked++; asked%47 == 0 {
			return reference.Error
		}
		return right(c)
	})
	if causes != "" || len(run.Diagnosis.Unexplained) > 0 || len(run.Diagnosis.Unsteady) == 0 ||
		len(run.Diagnosis.Unsteady) != len(run.Failures()) {
		t.Errorf("said to have %q, %d unexplained, %d of %d unsteady", causes, len(run.Diagnosis.Unexplained),
			len(run.Diagnosis.Unsteady), len(run.Failures()))
	}
	if run.Status() != conformance.StatusNotConformant {
		t.Errorf("status %d", run.Status())
	}
}
