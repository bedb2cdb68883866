package fuzz

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sigconform/adapters"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/vectors"
)

// defective opens a validator with the given mistakes.
func defective(t *testing.T, keys ...string) Open {
	return InProcess(func() reference.Validator {
		v := reference.New()
		for _, key := range keys {
			variant, err := defect.Find(key)
			if err != nil {
				t.Fatal(err)
			}
			v = variant.Apply(v)
		}
		return v
	})
}

func find(t *testing.T, o Options) *Report {
	t.Helper()
	report, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func keys(r *Report) (keys []string) {
	for _, f := range r.Findings {
		keys = append(keys, f.Key)
	}
	slices.Sort(keys)
	return keys
}

// TestNothingToFind: the reference has no findings, in any shard.
func TestNothingToFind(t *testing.T) {
	for shard := range 3 {
		report := find(t, Options{Open: defective(t), Seed: 7, Cases: 8000, Shard: shard, Shards: 3})
		if report.Differences > 0 || report.Cases < 8000 {
			t.Errorf("shard %d: %d cases, %q", shard, report.Cases, keys(report))
		}
	}
}

// TestFindsAndNames: of a validator with a mistake, or two, they are found and
// called by their names, each once.
func TestFindsAndNames(t *testing.T) {
	for _, made := range [][]string{
		{"unsorted"}, {"userinfo-kept"}, {"ipv6-host-split"}, {"accepts-everything"}, {"accepted-signatures-cached"}, {"token-cached"},
		{"values-trimmed=spaces"}, {"userinfo-kept", "sorted-ignoring-case"},
	} {
		t.Run(strings.Join(made, "+"), func(t *testing.T) {
			report := find(t, Options{Open: defective(t, made...), Seed: 1, Cases: 8000})
			got := keys(report)
			for _, key := range made {
				slug, _, _ := strings.Cut(key, "=")
				named := slices.ContainsFunc(report.Findings, func(f *Finding) bool {
					return f.Key == slug || slices.ContainsFunc(f.Equals, func(v defect.Variant) bool { return v.Slug == slug })
				})
				if !named {
					t.Errorf("%s is not found: %q", key, got)
				}
			}
			if len(got) > 2*len(made) {
				t.Errorf("found are %q", got)
			}
		})
	}
}

// TestSameSeedSameFindings: to the byte of the candidates.
func TestSameSeedSameFindings(t *testing.T) {
	texts := func(seed uint64) (texts []string) {
		report := find(t, Options{Open: defective(t, "userinfo-kept", "unsorted", "hash-not-checked"), Seed: seed, Cases: 4000})
		for _, f := range report.Findings {
			text, err := f.Candidate("again").Format()
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
		return texts
	}
	first := texts(5)
	if len(first) < 2 {
		t.Fatalf("only %d findings", len(first))
	}
	if again := texts(5); !slices.Equal(first, again) {
		t.Errorf("found were\n%s\nthen\n%s", first, again)
	}
	if other := texts(6); slices.Equal(first, other) {
		t.Error("another seed finds the very same")
	}
}

// TestCandidates: what is found is written as a file that lint accepts, says
// FAILED when it is replayed, and FIXED once the mistake is gone.
func TestCandidates(t *testing.T) {
	for _, key := range []string{"userinfo-kept", "hash-not-checked", "accepted-signatures-cached", "signature-trimmed", "sorted-by-value"} {
		if _, err := defect.Find(key); err != nil {
			continue
		}
		t.Run(key, func(t *testing.T) {
			dir := t.TempDir()
			open := defective(t, key)
			report := find(t, Options{Open: open, Seed: 2, Cases: 10_000})
			if len(report.Findings) == 0 {
				t.Skip("nothing found: it may break questions only")
			}
			file, err := report.Findings[0].WriteCandidate(dir, func(file string) string { return "sigconform fuzz --replay " + file })
			if err != nil {
				t.Fatal(err)
			}
			if faults := vectors.Lint(os.DirFS(dir), dir); len(faults) > 0 {
				t.Fatal(faults)
			}
			family, err := ReadCandidate(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				open  Open
				holds bool
			}{{open, false}, {defective(t), true}} {
				if _, answer, holds, err := Replay(context.Background(), Options{Open: c.open}, family); err != nil || holds != c.holds {
					t.Errorf("%s: %s, holds is %v, %v", filepath.Base(file), answer.Verdict, holds, err)
				}
			}
		})
	}
}

// TestEndsAndHangs: a validator that ends or hangs for some requests is found
// out once, and the request is made small.
func TestEndsAndHangs(t *testing.T) {
	for how, word := range map[string]string{"crash": "1e3", "hang": "~x"} {
		t.Run(how, func(t *testing.T) {
			child := openChild(how)
			open := func(timeout time.Duration) (adapters.Validator, error) {
				if timeout == 0 || timeout > 300*time.Millisecond {
					timeout = 300 * time.Millisecond
				}
				return child(timeout)
			}
			report := find(t, Options{Open: open, Seed: 2, Cases: 400})
			if len(report.Findings) != 1 {
				t.Fatalf("%d findings in %d cases: %+v", len(report.Findings), report.Cases, report.Notes)
			}
			f := report.Findings[0]
			text := f.Case.Request.URL + string(f.Case.Request.Body)
			if f.BugType() != vectors.Crash || !strings.Contains(text, word) || len(text) > 200 {
				t.Errorf("found is %s: %s", f.Key, text)
			}
		})
	}
}

// TestUnknownMistake: one that is in no catalogue is found, made small, and
// reported a few times at most.
func TestUnknownMistake(t *testing.T) {
	open := InProcess(func() reference.Validator {
		v := reference.New()
		right := v.Join
		v.Join = func(url string, params []reference.Param) string {
			for i, p := range params {
				if strings.HasPrefix(p.Value, "1.") {
					params = slices.Clone(params)
					params[i].Value = "?"
				}
			}
			return right(url, params)
		}
		return v
	})
	report := find(t, Options{Open: open, Seed: 1, Cases: 30_000})
	if n := len(report.Findings); n == 0 || n > 4 {
		t.Fatalf("found are %q", keys(report))
	}
	for _, f := range report.Findings {
		if size := len(f.Case.Request.URL) + len(f.Case.Request.Body); size > 60 {
			t.Errorf("not small: %s", requestLine(f.Case.Request))
		}
	}
}

// TestQuestionsAreKnown: what the judge calls a question is one of the rulebook.
func TestQuestionsAreKnown(t *testing.T) {
	book := vectors.Rules()
	for number := range uint64(5000) {
		for _, c := range Episode(Seeded(1, number), nil) {
			for _, question := range Questions(c) {
				if _, known := book.Questions[question]; !known && question != unusual {
					t.Fatalf("%q is no question", question)
				}
			}
		}
	}
}
