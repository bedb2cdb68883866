package fuzz

import (
	"context"
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

// openInProcess opens a validator that is no program of its own. New must return
// one that remembers nothing.
func openInProcess(new func() reference.Validator) Open {
	return func(time.Duration) (adapters.Validator, error) { return inProcess{new()}, nil }
}

type inProcess struct {
	validator reference.Validator
}

func (v inProcess) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	for i, c := range cases {
		if err := ctx.Err(); err != nil {
			return err
		}
		verdict, detail := defect.Ask(v.validator, c.AuthToken, c.Request)
		answered(i, protocol.Answer{Verdict: verdict, Detail: detail})
	}
	return nil
}

func (inProcess) Close() []string { return nil }

// defective opens a validator with the given mistakes.
func defective(t *testing.T, keys ...string) Open {
	return openInProcess(func() reference.Validator {
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
		{"unsorted"}, {"userinfo-kept"}, {"ipv6-host-split"}, {"accepted-signatures-cached"}, {"token-cached"},
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

// TestLasting: of a validator that cannot be made to forget, what it remembers is found,
// with the request that must come before.
func TestLasting(t *testing.T) {
	variant, err := defect.Find("accepted-signatures-cached")
	if err != nil {
		t.Fatal(err)
	}
	v := variant.New()
	open := func(time.Duration) (adapters.Validator, error) { return inProcess{v}, nil }
	report := find(t, Options{Open: open, Lasting: true, Seed: 1, Cases: 1600})
	if got := keys(report); !slices.Equal(got, []string{"accepted-signatures-cached"}) || len(report.Findings[0].Before) != 1 {
		t.Errorf("found are %q: %+v", got, report.Findings)
	}
}

// TestNothingProven: a validator that accepts everything, or refuses everything, has
// findings that say so, and the run says what it never said.
func TestNothingProven(t *testing.T) {
	for key, never := range map[string]string{"accepts-everything": "reject", "rejects-everything": "accept"} {
		report, err := Run(t.Context(), Options{Open: defective(t, key), Seed: 1, Cases: 500})
		if err == nil || !strings.Contains(err.Error(), "it never said "+never) {
			t.Errorf("%s: %v", key, err)
		}
		if got := keys(report); !slices.Equal(got, []string{key}) {
			t.Errorf("%s: found are %q", key, got)
		}
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
	for _, key := range []string{"userinfo-kept", "hash-not-checked", "accepted-signatures-cached", "sorted-by-value"} {
		t.Run(key, func(t *testing.T) {
			open := defective(t, key)
			report := find(t, Options{Open: open, Seed: 2, Cases: 10_000})
			if len(report.Findings) == 0 {
				t.Fatal("nothing found")
			}
			replays(t, report.Findings[0], open)
		})
	}
}

// TestEndsAndHangs: a validator that ends or hangs for some requests is found
// out once, and the request is made small.
func TestEndsAndHangs(t *testing.T) {
	cases := map[string]int{"crash": 1500, "hang": 400} // each time it hangs takes long
	for how, word := range map[string]string{"crash": "1e3", "hang": "~x"} {
		t.Run(how, func(t *testing.T) {
			child := openChild(how)
			open := func(timeout time.Duration) (adapters.Validator, error) {
				if timeout == 0 || timeout > time.Second {
					timeout = time.Second
				}
				return child(timeout)
			}
			report := find(t, Options{Open: open, Seed: 2, Cases: cases[how]})
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
	open := openInProcess(func() reference.Validator {
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

// TestJobs: several validators at once find what one finds, each cause once, and the
// same seed and jobs find the same.
func TestJobs(t *testing.T) {
	run := func(jobs int) (texts []string) {
		report := find(t, Options{Open: defective(t, "userinfo-kept", "unsorted"), Seed: 3, Cases: 3000, Jobs: jobs})
		if got := keys(report); !slices.Equal(got, []string{"unsorted", "userinfo-kept"}) || report.Cases < 3000 {
			t.Errorf("%d jobs: %d cases, %q", jobs, report.Cases, got)
		}
		for _, f := range report.Findings {
			text, err := f.Candidate("again").Format()
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
		return texts
	}
	run(1)
	if first, again := run(3), run(3); !slices.Equal(first, again) {
		t.Errorf("found were\n%s\nthen\n%s", first, again)
	}
}
