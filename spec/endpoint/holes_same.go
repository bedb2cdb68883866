// This file answers: which checks fail for one hole?

package endpoint

import (
	"cmp"
	"slices"
	"strings"

	"sigconform/adapters/webhook"
	"sigconform/reference"
)

// sameHole are the checks that fail for what a hole lets in, and for nothing else.
func (p *Plan) sameHole(h hole) []string {
	switch {
	case h.has(methodCheck) && p.sameMethods():
		return []string{overrideCheck}
	case h.slug == bodyNotCovered && p.onlySignedForURL(methodCheck):
		return []string{methodCheck}
	case h.has(typeCheck) && p.endpoint.shape.kind() == kindForm && len(p.through[typeCheck]) > 0:
		var same []string
		for id, through := range p.through {
			if !slices.ContainsFunc(through, func(d webhook.Delivery) bool { return d.Request.IsForm() }) {
				same = append(same, id)
			}
		}
		return same
	}
	return nil
}

// onlySignedForURL reports whether a check fails for nothing but requests whose signature
// is that of their URL: no guard is passed, and the body is not covered.
func (p *Plan) onlySignedForURL(check string) bool {
	through := p.through[check]
	return len(through) > 0 && !slices.ContainsFunc(through, func(d webhook.Delivery) bool {
		signed, own := p.endpoint.signURL(d.Request).Signature, d.Request.Signature
		return own == nil || signed == nil || *own != *signed
	})
}

// sameMethods reports whether each method that a POST was called by, and that led past the
// guard, leads past it by itself: then it is one hole.
func (p *Plan) sameMethods() bool {
	unguarded := map[string]bool{}
	for _, d := range p.through[methodCheck] {
		unguarded[cmp.Or(d.Method, d.Request.Method)] = true
	}
	return len(unguarded) > 0 && !slices.ContainsFunc(p.through[overrideCheck], func(d webhook.Delivery) bool {
		return !unguarded[overridden(d)]
	})
}

// overridden is the method that a POST is called by.
func overridden(d webhook.Delivery) string {
	for _, field := range d.Header {
		return field.Value
	}
	_, query, _ := strings.Cut(d.Request.URL, "?")
	for _, param := range slices.Concat(reference.ParseForm(d.Request.Body), reference.ParseForm([]byte(query))) {
		if param.Name == "_method" {
			return param.Value
		}
	}
	return ""
}
