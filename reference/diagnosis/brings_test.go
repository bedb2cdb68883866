package diagnosis

import (
	"context"
	"slices"
	"strings"
	"testing"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// catching rejects what makes a validator throw, as many applications do.
func catching(ask Ask) Ask {
	return func(ctx context.Context, cases []Case) ([]Answer, error) {
		given, err := ask(ctx, cases)
		for i := range given {
			given[i].Verdict = rejection(given[i].Verdict)
		}
		return given, err
	}
}

// TestOneMistake: what one line of code does is one cause, also where it shows in several
// ways, where exceptions are caught, and beside answers to open questions.
func TestOneMistake(t *testing.T) {
	for _, c := range []struct {
		keys   string
		catch  bool
		causes string
	}{
		{"json-re-serialized=php body-byte-order-mark-stripped body-not-json-throws", false, "json-re-serialized=php"},
		{"json-re-serialized=php body-byte-order-mark-stripped body-not-json-throws", true, "json-re-serialized=php"},
		{"json-members-signed=python json-not-object-throws", false, "json-members-signed=python"},
		{"json-members-signed=python malformed-json-not-covered=as-bytes", false, "json-members-signed=python"},
		{"full-url-helper=symfony query-not-utf-8-replaced", false, "full-url-helper=symfony"},
		{"hash-not-required fragment-kept", false, "hash-not-required"},
		{"query-dropped userinfo-kept port-kept-for-voice hash-not-required fragment-kept form-type-found-by-text=begins-with", false,
			"hash-not-required port-kept-for-voice query-dropped userinfo-kept"},
		{"query-dropped userinfo-kept port-kept-for-voice hash-not-required fragment-kept form-type-found-by-text=begins-with " +
			"form-not-signed-in-other-case", false,
			"form-not-signed-in-other-case hash-not-required port-kept-for-voice query-dropped userinfo-kept"},
		{"hash-not-required hash-checked-for-json-only fragment-kept", false, "hash-checked-for-json-only hash-not-required"},
		{"signature-as-pattern", true, "signature-as-pattern"},
		{"body-line-ends-lost=one-of-line-ends-alone-is-none body-read-as-text", false, "body-line-ends-lost=one-of-line-ends-alone-is-none"},
		{"post-of-php=arrays-imploded", false, "post-of-php=arrays-imploded"},
		{"query-dropped@no-hash-parameter", false, "query-dropped@no-hash-parameter"},
		{"hash-not-required empty-hash-accepted", false, "hash-not-required"},
		{"missing-signature-accepted=absent,empty", false, "missing-signature-accepted=absent,empty"},
		{"other-ports-kept-for-voice", false, "other-ports-kept-for-voice"},
		{"path-re-escaped=quote", false, "path-re-escaped=quote"},
		{"nonempty-pair-split-throws", false, "nonempty-pair-split-throws"},
	} {
		t.Run(strings.ReplaceAll(c.keys, " ", "+"), func(t *testing.T) {
			var all made
			for key := range strings.FieldsSeq(c.keys) {
				all = append(all, variant(t, key))
			}
			ask := silent(defect.In(reference.New(), all...))
			if c.catch {
				ask = catching(ask)
			}
			d, err := Engine{Ask: ask, Bounds: Bounds{Compute: -1, Steps: 1_000_000}}.Explain(t.Context(), plain().short().asked(t, ask))
			if err != nil {
				t.Fatal(err)
			}
			var causes []string
			for _, cause := range d.Causes {
				causes = append(causes, cause.Defect.Key())
			}
			slices.Sort(causes)
			if got := strings.Join(causes, " "); got != c.causes || len(d.Unexplained) > 0 {
				t.Errorf("it is said to have %s; %d failures are unexplained", got, len(d.Unexplained))
			}
		})
	}
}

// TestNotLooked: a defect that does not look at the signature is confirmed by one that is
// right for nothing, and refuted where that is rejected, or where others pass too.
func TestNotLooked(t *testing.T) {
	vectors := plain().short()
	looking := func(is, suspected defect.Variant) (*inquiry, bool) {
		observations := vectors.observe(vectors.ask(is))
		q := &inquiry{
			Engine: Engine{Ask: silent(is.New())}, budget: newBudget(t.Context(), Bounds{Compute: -1}), base: observations,
			probed: map[string]reference.Verdict{}, tallies: map[string]*tally{}, sources: sourcesOf(observations, nil),
		}
		_, refuted, err := q.testOne(t.Context(), suspected, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return q, refuted
	}
	is := variant(t, "type-not-checked=json")
	if q, refuted := looking(is, is); refuted || q.tally(is).state() != Confirmed {
		t.Errorf("%s: refuted %v, %s", is.Key(), refuted, q.tally(is).state())
	}
	if _, refuted := looking(variant(t, "hash-not-required"), is); !refuted {
		t.Errorf("%s is not refuted where its requests are rejected", is.Key())
	}
	// What looks at nothing accepts signatures of other lengths, too.
	if _, refuted := looking(variant(t, "accepts-everything"), variant(t, "length-compared-only")); !refuted {
		t.Error("length-compared-only is not refuted where a signature of another length is accepted")
	}
}
