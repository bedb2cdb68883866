package spec_test

import (
	"testing"

	"github.com/onsi/ginkgo/v2"

	"sigconform/adapters"
	"sigconform/spec"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// TestReference runs all vectors against the built-in reference.
func TestReference(t *testing.T) {
	validator, err := adapters.Open(adapters.Target{})
	if err != nil {
		t.Fatal(err)
	}
	judging := conformance.Judging{Strict: true, Book: vectors.Rules()}
	run := conformance.Ask(t.Context(), validator, vectors.Builtin().Vectors(), judging, nil)
	if run.Stopped != nil {
		t.Fatal(run.Stopped)
	}
	spec.Declare(run.Results)
	ginkgo.RunSpecs(t, "the reference")
}
