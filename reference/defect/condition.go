// This file answers: for which requests is a mistake made? Many real mistakes are
// a known one under a condition: only on GET, only for messaging, only over HTTP.
// They are a product, defect × condition, which is computed and not listed. A
// condition is tried where the defect alone explains less, and the simplest one
// that explains is the right one to name.

package defect

import (
	"fmt"
	"slices"
	"strings"

	"sigconform/reference"
)

// Condition is what a request has in common with others: the names of what must
// all be true of it, with commas between, at most one of each kind, in the order
// of [Conditions]: "messaging,http". "" is true of every request.
type Condition string

// atom is a condition that is not combined of others.
type atom struct {
	kind, name string
	says       string // completes "… only", "if …"
	holds      func(r *conditional) bool
}

// conditional is a request with what conditions look at.
type conditional struct {
	reference.Request
	url reference.URLParts
}

// atoms are the conditions that are combined, kind by kind.
var atoms = []atom{
	{"product", "messaging", "for messaging", func(r *conditional) bool { return r.Product == reference.Messaging }},
	{"product", "voice", "for voice", func(r *conditional) bool { return r.Product == reference.Voice }},
	{"product", "known-product", "for a known product", func(r *conditional) bool { return r.Product != "" }},
	{"product", "no-product", "for an unknown product", func(r *conditional) bool { return r.Product == "" }},
	{"scheme", "http", "over HTTP", func(r *conditional) bool { return strings.EqualFold(r.url.Scheme, "http") }},
	{"scheme", "https", "over HTTPS", func(r *conditional) bool { return strings.EqualFold(r.url.Scheme, "https") }},
	{"scheme", "wss", "over WebSocket", func(r *conditional) bool { return strings.EqualFold(r.url.Scheme, "wss") }},
	{"method", "get", "on GET", func(r *conditional) bool { return r.Method == "GET" }},
	{"method", "post", "on POST", func(r *conditional) bool { return r.Method == "POST" }},
	{"body", "body", "if there is a body", func(r *conditional) bool { return len(r.Body) > 0 }},
	{"body", "no-body", "if there is no body", func(r *conditional) bool { return len(r.Body) == 0 }},
	{"type", "json", "if the content type is JSON", func(r *conditional) bool { return isJSON(r.Request) }},
	{"type", "not-json", "if the content type is not JSON", func(r *conditional) bool { return !isJSON(r.Request) }},
	{"type", "form", "if the content type is a form's", func(r *conditional) bool { return r.IsForm() }},
	{"type", "not-form", "if the content type is not a form's", func(r *conditional) bool { return !r.IsForm() }},
	{"type", "names-json", "if the content type names JSON, in any case", func(r *conditional) bool { return namesJSON(r.Request) }},
	{"type", "names-no-json", "if the content type names no JSON, in any case", func(r *conditional) bool { return !namesJSON(r.Request) }},
	{"type", "has-json", "if the content type has the text json in it", func(r *conditional) bool { return hasJSON(r.Request) }},
	{"type", "has-no-json", "if the content type has no text json in it", func(r *conditional) bool { return !hasJSON(r.Request) }},
	{"type", "exactly-json", "if the content type is application/json and nothing else",
		func(r *conditional) bool { return exactlyJSON(r.Request) }},
	{"type", "not-exactly-json", "if the content type is not just application/json",
		func(r *conditional) bool { return !exactlyJSON(r.Request) }},
	{"port", "port", "if the URL has a port", func(r *conditional) bool { return r.url.Port != "" }},
	{"port", "no-port", "if the URL has no port", func(r *conditional) bool { return r.url.Port == "" }},
	{"userinfo", "userinfo", "if the URL has userinfo", func(r *conditional) bool { return r.url.Userinfo != "" }},
	{"userinfo", "no-userinfo", "if the URL has no userinfo", func(r *conditional) bool { return r.url.Userinfo == "" }},
	{"query", "query", "if the URL has a query", func(r *conditional) bool { return r.url.Query != "" }},
	{"query", "no-query", "if the URL has no query", func(r *conditional) bool { return r.url.Query == "" }},
	{"hash", "hash", "if the URL has the text bodySHA256", namesHash},
	{"hash", "no-hash", "if the URL has no bodySHA256", func(r *conditional) bool { return !namesHash(r) }},
	{"hash", "hash-parameter", "if the query has a parameter bodySHA256", func(r *conditional) bool { return hasHash(r.Request) }},
	{"hash", "no-hash-parameter", "if the query has no parameter bodySHA256", func(r *conditional) bool { return !hasHash(r.Request) }},
}

func hasJSON(r reference.Request) bool {
	return r.ContentType != nil && strings.Contains(*r.ContentType, "json")
}

func exactlyJSON(r reference.Request) bool {
	return r.ContentType != nil && *r.ContentType == "application/json"
}

func namesHash(r *conditional) bool { return strings.Contains(r.URL, reference.BodyHashParam) }

// maxAtoms is how many conditions are combined to one. What needs more is a
// mistake of another kind.
const maxAtoms = 3

// Conditions returns all conditions, the simplest first.
func Conditions() []Condition {
	var all []Condition
	last := [][]int{nil}
	for range maxAtoms {
		var wider [][]int
		for _, set := range last {
			for i := range atoms {
				if n := len(set); n == 0 || i > set[n-1] && atoms[i].kind != atoms[set[n-1]].kind {
					wider = append(wider, append(slices.Clone(set), i))
				}
			}
		}
		for _, set := range wider {
			all = append(all, conditionOf(set))
		}
		last = wider
	}
	return all
}

// Facts are the simple conditions that are true of a request, a bit for each.
// [Condition.Facts] are those that a condition demands: for many conditions and
// many requests the comparison of the two is quick.
type Facts uint64

// FactsOf returns what is true of r.
func FactsOf(r reference.Request) Facts {
	test := &conditional{Request: r}
	test.url, _ = reference.SplitURL(r.URL)
	var facts Facts
	for i, a := range atoms {
		if a.holds(test) {
			facts |= 1 << i
		}
	}
	return facts
}

// Facts returns what the condition demands.
func (c Condition) Facts() Facts {
	var facts Facts
	for _, i := range c.atoms() {
		facts |= 1 << i
	}
	return facts
}

// Within reports whether all of the facts are among others.
func (f Facts) Within(others Facts) bool { return f&others == f }

// parseCondition reads names with commas between, in any order.
func parseCondition(text string) (Condition, error) {
	var at []int
	for name := range strings.SplitSeq(text, ",") {
		i := slices.IndexFunc(atoms, func(a atom) bool { return a.name == name })
		if i < 0 {
			var names []string
			for _, a := range atoms {
				names = append(names, a.name)
			}
			return "", fmt.Errorf("there is no condition %q, but %s", name, strings.Join(names, ", "))
		}
		at = append(at, i)
	}
	slices.Sort(at)
	for n, i := range at {
		if n > 0 && atoms[i].kind == atoms[at[n-1]].kind {
			return "", fmt.Errorf("two conditions are about one thing: %s and %s", atoms[at[n-1]].name, atoms[i].name)
		}
	}
	return conditionOf(at), nil
}

func conditionOf(indices []int) Condition {
	var names []string
	for _, i := range indices {
		names = append(names, atoms[i].name)
	}
	return Condition(strings.Join(names, ","))
}

// atoms returns the indices of the simple conditions.
func (c Condition) atoms() []int {
	if c == "" {
		return nil
	}
	var of []int
	for name := range strings.SplitSeq(string(c), ",") {
		of = append(of, slices.IndexFunc(atoms, func(a atom) bool { return a.name == name }))
	}
	return of
}

// Common returns what two conditions both demand.
func (c Condition) Common(other Condition) Condition {
	var both []int
	for _, i := range c.atoms() {
		if slices.Contains(other.atoms(), i) {
			both = append(both, i)
		}
	}
	return conditionOf(both)
}

// says continues a sentence: ", for messaging over HTTP only, if the URL has a port".
func (c Condition) says() string {
	var where, when []string
	for _, i := range c.atoms() {
		if rest, found := strings.CutPrefix(atoms[i].says, "if "); found {
			when = append(when, rest)
		} else {
			where = append(where, atoms[i].says)
		}
	}
	text := ""
	if len(where) > 0 {
		text = ", " + strings.Join(where, " ") + " only"
	}
	if len(when) > 0 {
		if text += ", "; len(where) > 0 {
			text += "and "
		}
		text += "only if " + strings.Join(when, " and ")
	}
	return text
}

// applyUnder replaces the step for those requests only for which the condition is
// true. What v does instead of itself for some requests, it still does.
func applyUnder(condition Condition, step Step, v *reference.Validator) {
	others, plain := v.Instead, *v
	plain.Instead = nil
	mistaken := map[*reference.Validator]*reference.Validator{}
	demanded := condition.Facts()
	v.Instead = func(r reference.Request) *reference.Validator {
		right := &plain
		if others != nil {
			right = others(r)
		}
		if !demanded.Within(FactsOf(r)) {
			return right
		}
		if mistaken[right] == nil {
			changed := *right
			step(&changed)
			mistaken[right] = &changed
		}
		return mistaken[right]
	}
}
