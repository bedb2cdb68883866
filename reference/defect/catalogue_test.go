package defect

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigconform/reference"
)

// TestHints: a hint of one value is that of a value that the defect has.
func TestHints(t *testing.T) {
	for _, d := range Catalogue() {
		for value, hint := range d.Hints {
			if !slices.Contains(d.Values, value) {
				t.Errorf("%s has a hint for %s, which is not one of its values", d.Slug, value)
			}
			if v := (Variant{Defect: d, Value: value}); v.Hint() != hint {
				t.Errorf("%s says %q", v.Key(), v.Hint())
			}
		}
	}
}

// Each defect is the reference with exactly one step replaced, or the two that
// read the body.
func TestOneStepIsReplaced(t *testing.T) {
	for _, variant := range Variants() {
		steps := replaced(variant.New())
		if len(steps) != 1 && !slices.Equal(steps, []string{"Covered", "Params"}) {
			t.Errorf("%s replaces %d steps: %v", variant.Key(), len(steps), steps)
		}
	}
}

// replaced returns the names of the steps that are not the reference's.
func replaced(v reference.Validator) []string {
	var steps []string
	mistaken, right := reflect.ValueOf(v), reflect.ValueOf(reference.New())
	for i := range right.NumField() {
		if mistaken.Field(i).Pointer() != right.Field(i).Pointer() {
			steps = append(steps, right.Type().Field(i).Name)
		}
	}
	return steps
}

func TestCatalogueIsComplete(t *testing.T) {
	slug := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	said := map[string]string{}
	for _, d := range Catalogue() {
		if !slug.MatchString(d.Slug) || seen[d.Slug] {
			t.Errorf("the slug %q is no slug or is taken", d.Slug)
		}
		seen[d.Slug] = true
		if other := said[d.Says]; other != "" {
			t.Errorf("%s says the same as %s", d.Slug, other)
		}
		said[d.Says] = d.Slug
		if d.Says == "" || strings.HasSuffix(d.Says, ".") || d.Says[0] < 'a' || d.Says[0] > 'z' {
			t.Errorf("%s: %q does not complete 'The validator …'", d.Slug, d.Says)
		}
		if !strings.HasSuffix(d.Hint, ".") {
			t.Errorf("%s: the hint %q is no sentence", d.Slug, d.Hint)
		}
		if len(d.BugTypes) == 0 || d.Breaks == "" {
			t.Errorf("%s has no bug type or breaks nothing", d.Slug)
		}
		if strings.Contains(d.Says, "{}") != (d.Values != nil) {
			t.Errorf("%s has values or says one, not both: %q", d.Slug, d.Says)
		}
		for _, value := range d.Values {
			if value == "" || strings.ContainsAny(value, " =@") {
				t.Errorf("%s: %q is no value", d.Slug, value)
			}
		}
	}
}

// Every key is found again, and a wrong one is not.
func TestFind(t *testing.T) {
	for _, variant := range Variants() {
		if found, err := Find(variant.Key()); err != nil || found != variant {
			t.Errorf("Find(%q): another, or none: %v", variant.Key(), err)
		}
	}
	for _, key := range []string{"", "no-such-defect", "unsorted=1", "unsorted="} {
		if found, err := Find(key); err == nil {
			t.Errorf("Find(%q) = %v", key, found.Key())
		}
	}
}

// TestInAnyOrder: what several defects answer at once does not depend on the order in
// which they are named, and every defect has its place in that of the steps.
func TestInAnyOrder(t *testing.T) {
	if len(places()) != len(Catalogue()) {
		t.Errorf("%d of %d defects have a place", len(places()), len(Catalogue()))
	}
	hash := strings.ToUpper(reference.BodyHash([]byte(`{"a":1}`)))
	for _, c := range []struct{ first, second, contentType, url, body, signed string }{
		{"hash-in-any-case", "json-re-serialized=javascript", "application/json",
			"https://example.com/?bodySHA256=" + hash, `{ "a": 1 }`, "https://example.com/?bodySHA256=" + hash},
		{"tries-again-without-params", "query-sorted", formType,
			"https://example.com/?b=1&a=2", "a=1", "https://example.com/?a=2&b=1"},
	} {
		first, _ := Find(c.first)
		second, _ := Find(c.second)
		signature := reference.Encode(reference.Key{Secret: "12345", Algorithm: reference.HMACSHA1}.MAC(c.signed))
		r := reference.Request{Method: "POST", URL: c.url, ContentType: &c.contentType, Body: []byte(c.body), Signature: &signature}
		for _, variants := range [][]Variant{{first, second}, {second, first}} {
			if verdict, _ := Ask(In(reference.New(), variants...), "12345", r); verdict != reference.Accept {
				t.Errorf("%s, %s: %s", variants[0].Key(), variants[1].Key(), verdict)
			}
		}
	}
}
