// This file is the catalogue as a whole: which defects there are, and how one
// is found by its name.

package defect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

var catalogue = slices.Concat(
	behaviours, gate, refuse, state,
	url, assemble, framework, spelling, equivalent, port, userinfo, wss, parser,
	form, lost, decode, text, names, printedLists, order,
	body, bodyHash, middleware, jsonBody, hashed, members,
	join, token, sharedKey, signature, compared,
)

// together lists the subjects in the order in which their defects are made where
// several are made at once: each replaces a step that builds on what the one before
// has left there. What is compared comes first, then how the body is read and its
// parameters changed, then the URL; what leaves the whole check out, or makes it a
// second time, comes last.
var together = [][]Defect{
	signature, compared, token, sharedKey, join, order,
	middleware, body, bodyHash, members, lost, hashed, jsonBody, decode, text, names, form, printedLists,
	url, assemble, framework, spelling, equivalent, port, userinfo, wss, parser,
	refuse, gate, state, behaviours,
}

// places are the places of all defects in that order, by their slugs.
var places = sync.OnceValue(func() map[string]int {
	of := map[string]int{}
	for _, subject := range together {
		for _, d := range subject {
			of[d.Slug] = len(of)
		}
	}
	return of
})

// Catalogue returns all defects by subject, those first that do not look at the
// signature at all.
func Catalogue() []*Defect {
	var all []*Defect
	for i := range catalogue {
		all = append(all, &catalogue[i])
	}
	return all
}

// Variants returns all defects with all their values, in the same order.
func Variants() []Variant {
	var all []Variant
	for _, d := range Catalogue() {
		all = append(all, d.Variants()...)
	}
	return all
}

// Variants returns the defect with each of its values.
func (d *Defect) Variants() []Variant {
	if d.Values == nil {
		return []Variant{{Defect: d}}
	}
	var all []Variant
	for _, value := range d.Values {
		all = append(all, Variant{Defect: d, Value: value})
	}
	return all
}

// Get returns the defect of that slug; nil if there is none.
func Get(slug string) *Defect {
	for i := range catalogue {
		if catalogue[i].Slug == slug {
			return &catalogue[i]
		}
	}
	return nil
}

// Find returns the variant that a key names: "unsorted", "at-most-n-params=32",
// "userinfo-kept@messaging,http". A defect that counts something takes any number,
// the others one of their values. The error says what is wrong with the key.
func Find(key string) (Variant, error) {
	name, condition, conditional := strings.Cut(key, "@")
	variant, err := find(name)
	if err == nil && conditional {
		variant.Only, err = parseCondition(condition)
	}
	return variant, err
}

func find(key string) (Variant, error) {
	slug, value, given := strings.Cut(key, "=")
	d := Get(slug)
	switch {
	case d == nil:
		return Variant{}, fmt.Errorf("there is no defect %q", slug)
	case d.Values == nil && given:
		return Variant{}, fmt.Errorf("the defect %s takes no value", slug)
	case d.Values == nil, slices.Contains(d.Values, value), d.Joined && d.hasAll(strings.Split(value, ",")),
		given && d.counts() && isCount(value):
		return Variant{Defect: d, Value: value}, nil
	}
	return Variant{}, fmt.Errorf("the defect %s needs one of its values: %s=%s", slug, slug, strings.Join(d.Values, ", "+slug+"="))
}

func (d *Defect) hasAll(values []string) bool {
	return !slices.ContainsFunc(values, func(value string) bool { return !slices.Contains(d.Values, value) })
}

// counts reports whether the values are numbers.
func (d *Defect) counts() bool {
	return len(d.Values) > 0 && !slices.ContainsFunc(d.Values, func(value string) bool { return !isCount(value) })
}

func isCount(value string) bool {
	n, err := strconv.Atoi(value)
	return err == nil && n > 0 && strconv.Itoa(n) == value
}
