package spec_test

import (
	"context"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"sigconform/adapters"
	"sigconform/spec"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// TestReference runs all vectors against the built-in reference.
func TestReference(t *testing.T) {
	spec.Declare(vectors.Builtin().Vectors(), func(ctx context.Context) *conformance.Run {
		validator, err := adapters.Open(adapters.Target{})
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		judging := conformance.Judging{Strict: true, Book: vectors.Rules()}
		run := conformance.Ask(ctx, validator, vectors.Builtin().Vectors(), judging, nil)
		gomega.Expect(run.Stopped).NotTo(gomega.HaveOccurred())
		return run
	})
	ginkgo.RunSpecs(t, "the reference")
}
