package main

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sigconform/fuzz"
	"sigconform/reference"
	"sigconform/vectors"
)

// TestFuzzEndpointCandidates: lint accepts them, and they say whether the
// endpoint, or any other, still makes the mistake.
func TestFuzzEndpointCandidates(t *testing.T) {
	setToken(t)
	for _, key := range []string{"last-value-only", "hash-not-checked", "tries-again-without-params"} {
		t.Run(key, func(t *testing.T) {
			server := httptest.NewServer(withDefect(t, key))
			defer server.Close()
			report, err := fuzzed(t, endpointFlags{Endpoint: server.URL + "/sms", PerSecond: quick}, 1, 3000)
			if err != nil || len(report.Findings) == 0 {
				t.Fatal(err, keysOf(report))
			}
			dir := t.TempDir()
			file, err := report.Findings[0].WriteCandidate(dir, func(string) string { return "again" })
			if err != nil {
				t.Fatal(err)
			}
			if faults := vectors.Lint(os.DirFS(dir), dir); len(faults) > 0 {
				t.Fatal(faults)
			}
			family, err := fuzz.ReadCandidate(filepath.Join(dir, filepath.Base(file)))
			if err != nil {
				t.Fatal(err)
			}
			// Signed again it stays what it is: as it is when it is promoted.
			for _, v := range family.Vectors {
				was := *v.Request.Signature
				if err := v.Sign(); err != nil || *v.Request.Signature != was {
					t.Errorf("signed again it is another: %v", err)
				}
			}
			repaired := httptest.NewServer(webhookOf(reference.New(), asCalled))
			defer repaired.Close()
			for url, fixed := range map[string]bool{server.URL + "/sms": false, repaired.URL + "/elsewhere/": true} {
				c := target{endpointFlags: endpointFlags{Endpoint: url, PerSecond: quick}, Timeout: 20 * time.Second}
				validator, diagnosis, err := c.open(t.Context())
				if err != nil || diagnosis != nil {
					t.Fatal(err, diagnosis)
				}
				options := fuzz.Options{}
				if _, err := aim(t.Context(), &options, validator); err != nil {
					t.Fatal(err)
				}
				if _, answer, holds, err := fuzz.Replay(context.Background(), options, family); err != nil || holds != fixed {
					t.Errorf("%s: %s, holds is %v, %v", url, answer.Verdict, holds, err)
				}
				validator.close()
			}
		})
	}
}
