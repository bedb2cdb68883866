package main

import (
	"testing"

	"sigconform/vectors"
)

// TestChecksHaveVersions: --as-of knows which version first had what only an endpoint
// can show.
func TestChecksHaveVersions(t *testing.T) {
	builtin := vectors.Builtin()
	for _, id := range checkIDs() {
		if builtin.Since(id) == "" {
			t.Errorf("%s is not in ids.txt: 'make vectors' records it", id)
		}
	}
}
