package fuzz

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/vectors"
)

// TestFindsConfusedKeys checks that mistakes with shared keys are found and named, and
// that a finding is written with its keys and its settings header, and replays.
func TestFindsConfusedKeys(t *testing.T) {
	for _, slug := range []string{
		"unknown-key-is-empty", "unknown-key-is-text=undefined", "key-id-is-secret", "auth-token-beside-shared-key",
		"shared-key-without-header", "shared-key-with-one-algorithm=HMAC_SHA1", "algorithm-handed-to-library=HMAC_MD5",
		"unknown-algorithm-replaced=HMAC_SHA256", "secret-decoded=Base64", "signature-of-28-characters-only",
		"first-20-bytes-compared", "settings-signed-too",
	} {
		t.Run(slug, func(t *testing.T) {
			report := find(t, Options{Open: defective(t, slug), Seed: 1, Cases: 20_000})
			i := slices.IndexFunc(report.Findings, func(f *Finding) bool { return strings.Contains(slug, f.Key) })
			if i < 0 {
				t.Fatalf("found are %q", keys(report))
			}
			if len(report.Findings) > 1 {
				t.Errorf("found are %q", keys(report))
			}
			replays(t, report.Findings[i], defective(t, slug))
		})
	}
}

// replays checks that the candidate of a finding is without fault, fails with the
// validator and passes with the reference.
func replays(t *testing.T, f *Finding, open Open) {
	t.Helper()
	dir := t.TempDir()
	file, err := f.WriteCandidate(dir, func(file string) string { return "sigconform fuzz --replay " + file })
	if err != nil {
		t.Fatal(err)
	}
	if faults := vectors.Lint(os.DirFS(dir), dir); len(faults) > 0 {
		t.Errorf("lint: %v", faults)
	}
	family, err := ReadCandidate(file)
	if err != nil {
		t.Fatal(err)
	}
	for who, want := range map[string]bool{"the validator": false, "the reference": true} {
		o := Options{Open: open}
		if want {
			o.Open = defective(t)
		}
		if _, answer, right, err := Replay(context.Background(), o, family); err != nil || right != want {
			t.Errorf("%s: %s %v %v", who, answer.Verdict, right, err)
		}
	}
}

// knowsNoKeys is the reference before there were shared keys: it says so, or does not
// look at the settings header.
type knowsNoKeys struct {
	inProcess
	says bool
}

func (v knowsNoKeys) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	for i, c := range cases {
		if c.Request.SignatureSettings != nil && v.says {
			answered(i, protocol.Answer{Verdict: reference.Unsupported, Detail: "no shared keys"})
			continue
		}
		c.Request.SignatureSettings, c.Request.SharedKeys = nil, nil
		if err := v.inProcess.Ask(ctx, []protocol.Case{c}, func(_ int, a protocol.Answer) { answered(i, a) }); err != nil {
			return err
		}
	}
	return nil
}

// TestSharedKeysAreNotDemanded checks that a validator which does not support shared
// keys is not accused, that the report says so, and that its other mistakes are found.
func TestSharedKeysAreNotDemanded(t *testing.T) {
	for _, says := range []bool{true, false} {
		for _, mistake := range []string{"", "unsorted", "hash-not-checked", "token-empty", "method-not-checked"} {
			v := reference.New()
			if mistake != "" {
				v = defect.Get(mistake).Variants()[0].New()
			}
			open := func(time.Duration) (adapters.Validator, error) { return knowsNoKeys{inProcess{v}, says}, nil }
			report := find(t, Options{Open: open, Seed: 1, Cases: 10_000})
			switch said := strings.Join(report.Warnings, "\n"); {
			case strings.Join(keys(report), " ") != mistake:
				t.Errorf("says %v: %q, found are %q", says, mistake, keys(report))
			case !strings.Contains(said, "not support SharedKeys"):
				t.Errorf("says %v: %q, told is %q", says, mistake, said)
			case says && report.Unsupported > 0:
				t.Errorf("%d requests with a settings header were sent", report.Unsupported)
			}
		}
	}
}

// TestMemoriesAreToldApart: of mistakes that remember, the right one is named, alone, though
// the simplest requests that show it fit others as well, and though the validator does not
// support SharedKeys.
func TestMemoriesAreToldApart(t *testing.T) {
	for slug, seeds := range map[string][]uint64{"params-of-all-requests-kept": {0, 7}, "token-cached": {0}} {
		for _, seed := range seeds {
			open := func(time.Duration) (adapters.Validator, error) {
				return knowsNoKeys{inProcess{defect.Get(slug).Variants()[0].New()}, false}, nil
			}
			report := find(t, Options{Open: open, Seed: seed, Cases: 600})
			if got := keys(report); !slices.Equal(got, []string{slug}) {
				t.Errorf("%s, seed %d: found are %q", slug, seed, got)
			}
		}
	}
}
