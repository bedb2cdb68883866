package diagnosis

import (
	"context"
	"slices"
	"strings"
	"testing"

	"sigconform/reference"
)

// TestStates: a cause that remembers is only named if its requests are answered
// otherwise by a validator that was sent nothing before.
func TestStates(t *testing.T) {
	cached := variant(t, "accepted-signatures-cached")
	c := plain().short()
	observations := c.observe(c.ask(cached))
	for _, same := range []bool{true, false} {
		alone := func(_ context.Context, cases []Case) ([]Answer, error) {
			if same {
				return []Answer{{Verdict: reference.Accept}}, nil
			}
			return target(cached.New())(t.Context(), cases)
		}
		d, err := Engine{Ask: target(reference.New()), Alone: alone, Bounds: someSteps(600_000)}.Explain(t.Context(), observations)
		if err != nil {
			t.Fatal(err)
		}
		if named := strings.Contains(names(d), cached.Slug); named == same {
			t.Errorf("answered the same alone: %v; it is said to have %s", same, names(d))
		}
	}
}

// TestLargeRequestsAreRemembered: what a validator keeps of large requests, and adds to
// them, belongs to the mistake that remembers.
func TestLargeRequestsAreRemembered(t *testing.T) {
	keeps := variant(t, "params-of-all-requests-kept")
	var c corpus
	for _, v := range plain().all {
		if v.Family.Name == "form-values" {
			c.all = append(c.all, v)
		}
	}
	ask := silent(keeps.New())
	observations := c.asked(t, ask)
	alone := func(ctx context.Context, cases []Case) ([]Answer, error) { return silent(keeps.New())(ctx, cases) }
	d, err := Engine{Ask: ask, Alone: alone, Only: made{keeps}, Bounds: someSteps(10_000)}.Explain(t.Context(), observations)
	if err != nil || names(d) != keeps.Slug {
		t.Fatalf("it is said to have %s, %v", names(d), err)
	}
	isLarge := func(i int) bool { return size(observations[i]) > large && size(observations[i]) <= largest }
	if !slices.ContainsFunc(d.Causes[0].Explains, isLarge) || slices.ContainsFunc(d.Unexplained, isLarge) {
		t.Errorf("%d are explained, and %d are not", len(d.Causes[0].Explains), len(d.Unexplained))
	}
}
