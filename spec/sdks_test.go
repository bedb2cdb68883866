package spec_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"sigconform/adapters"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// TestSDKs tests every official SDK: what fails must be known, and what is known
// must fail. An SDK that cannot be had here is skipped, with a line that says
// so. It installs packages, so it runs only where SIGCONFORM_SDKS is set, which
// 'make sdks' does; if that is "all", none may be skipped. Its last line counts.
func TestSDKs(t *testing.T) { testGroup(t, adapters.Official) }

// TestThirdParty does the same with the libraries of others: 'make thirdparty'.
func TestThirdParty(t *testing.T) { testGroup(t, adapters.ThirdParty) }

func testGroup(t *testing.T, group adapters.Group) {
	if os.Getenv("SIGCONFORM_SDKS") == "" {
		t.Skip("'make sdks' and 'make thirdparty' run this: it installs packages")
	}
	sdks, err := adapters.SDKs("..")
	if err != nil {
		t.Fatal(err)
	}
	var parts tally
	for _, sdk := range sdks {
		if sdk.Group != group {
			continue
		}
		t.Run(sdk.Name, func(t *testing.T) {
			defer parts.count(t)
			askSDK(t, sdk)
		})
	}
	fmt.Printf("%s: %v\n", group, parts)
	if parts.passed+parts.failed == 0 {
		t.Error("none was tested")
	}
}

func askSDK(t *testing.T, sdk adapters.SDK) {
	if sdk.KnownFailures() == "" {
		t.Skipf("skipped: %s %s was never measured, so it has no list of known failures", sdk.Name, sdk.Version)
	}
	known, err := conformance.ReadKnownFailures(sdk.KnownFailures())
	if err != nil {
		t.Fatal(err)
	}
	all := vectors.Builtin().Vectors()
	if err := known.Check(all); err != nil {
		t.Fatal(err)
	}
	var unavailable *adapters.Unavailable
	if err := sdk.EnsureInstalled(t.Context(), func() { t.Logf("installing %s %s", sdk.Package, sdk.Version) }); errors.As(err, &unavailable) {
		if os.Getenv("SIGCONFORM_SDKS") == "all" {
			t.Fatal(unavailable)
		}
		t.Skip("skipped: " + sdk.NotHere(unavailable.Reason, len(all)))
	} else if err != nil {
		t.Fatal(err)
	}
	validator, err := adapters.Open(adapters.Target{Command: sdk.Run, Dir: sdk.Dir, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer validator.Close()
	run := conformance.Ask(context.Background(), validator, all, conformance.Judging{Known: known, Book: vectors.Rules()}, nil)
	nothingUnknown(t, run)
	t.Logf("%d passed, %d are known failures", run.Count(conformance.Passed), run.Count(conformance.Known))
}

// nothingUnknown: the run went to its end, what fails is known, and what is known
// fails.
func nothingUnknown(t *testing.T, run *conformance.Run) {
	t.Helper()
	if run.Stopped != nil {
		t.Fatal(run.Stopped)
	}
	for _, r := range run.Failures() {
		t.Errorf("%s %s %s", r.Vector.ID, r.Why, r.Answer.Detail)
	}
	for _, stale := range run.Stale {
		t.Error(stale)
	}
	for _, change := range run.Unsteady {
		t.Errorf("%s: first %s, then %s", change.Vector.ID, change.First, change.Second)
	}
}

// tally counts the parts of a test.
type tally struct{ passed, failed, skipped int }

// count counts a part when it has ended.
func (n *tally) count(t *testing.T) {
	switch {
	case t.Skipped():
		n.skipped++
	case t.Failed():
		n.failed++
	default:
		n.passed++
	}
}

func (n tally) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", n.passed, n.failed, n.skipped)
}
