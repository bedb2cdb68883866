package conformance_test

import (
	"context"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// called is a validator that is called directly, without a process.
type called struct{ reference.Validator }

func (v called) Ask(_ context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	for i, c := range cases {
		answered(i, adapters.Answer(v.Validator, c))
	}
	return nil
}

func (called) Close() []string { return nil }

func TestSharedKeysAreNotDemanded(t *testing.T) {
	g := NewWithT(t)
	run := func(slug string, require ...string) *conformance.Run {
		v := reference.New()
		if slug != "" {
			variant, err := defect.Find(slug)
			g.Expect(err).NotTo(HaveOccurred())
			v = variant.New()
		}
		book := vectors.Rules()
		required, err := conformance.Requirements(require, book)
		g.Expect(err).NotTo(HaveOccurred())
		judging := unexplained(0)
		judging.Require = required
		selected, err := conformance.Selection{IDs: []string{"shared-key*/*", "published/*", "signature/*"}}.Select(vectors.Builtin().Vectors())
		g.Expect(err).NotTo(HaveOccurred())
		return conformance.Ask(context.Background(), called{v}, selected, judging, nil)
	}
	right := run("")
	g.Expect(right.Failures()).To(BeEmpty())
	g.Expect(strings.Join(right.Warnings, "\n")).NotTo(ContainSubstring("SharedKeys"))

	ignorant := run("settings-header-ignored")
	g.Expect(ignorant.Failures()).To(BeEmpty())
	g.Expect(strings.Join(ignorant.Warnings, "\n")).To(ContainSubstring("does not support SharedKeys"))

	g.Expect(run("settings-header-ignored", "shared-key").Failures()).NotTo(BeEmpty())
	for _, bypass := range []string{"unknown-key-is-empty", "auth-token-beside-shared-key", "shared-key-without-header", "key-id-is-secret"} {
		g.Expect(run(bypass).Failures()).NotTo(BeEmpty(), bypass)
	}
}
