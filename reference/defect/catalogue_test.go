package defect

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"sigconform/reference"
)

// Each defect is the reference with exactly one step replaced.
func TestOneStepIsReplaced(t *testing.T) {
	for _, variant := range Variants() {
		if steps := replaced(variant.New()); len(steps) != 1 {
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
			if value == "" || strings.ContainsAny(value, " =") {
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
