package vectors

import (
	"sigconform/reference"
	"sigconform/reference/defect"
)

// Caught are the mistakes that a vector catches.
type Caught struct {
	// By are those that the vector is for. Of a vector that must be rejected and has a
	// signature: they accept it for that signature, and refuse another one.
	By []defect.Variant
	// Any are those that many vectors catch: what accepts whatever signature such a
	// request has, or answers without regard to it, or remembers earlier requests.
	Any []defect.Variant
}

// foreign is a signature that no vector has.
var foreign = reference.Sign("a key of nobody", reference.Request{URL: "https://example.com/"})

// CaughtBy returns the mistakes that each vector catches, by its id. Published samples
// whose token is not known catch none.
func CaughtBy(all []*Vector) map[string]Caught {
	var sent []*Vector
	var cases []defect.Case // each vector, and then the same with a foreign signature
	for _, v := range all {
		if !v.Askable() {
			continue
		}
		sent = append(sent, v)
		r := v.Request.Reference()
		cases = append(cases, defect.Case{AuthToken: string(v.AuthToken), Request: r})
		r.Signature = &foreign
		cases = append(cases, defect.Case{AuthToken: string(v.AuthToken), Request: r})
	}
	variants := defect.Variants()
	sets := [][]defect.Variant{nil} // the right one
	for _, variant := range variants {
		sets = append(sets, []defect.Variant{variant})
	}
	answers := defect.Answers(cases, sets...)
	caught := map[string]Caught{}
	for k, v := range sent {
		c := Caught{}
		for i, variant := range variants {
			answer, another := answers[i+1][2*k], answers[i+1][2*k+1]
			switch {
			case !v.catches(answer, answers[0][2*k]):
			case variant.Behaviour || variant.Remembers,
				v.Result == Invalid && v.Signed != nil && (another == answer || answer != reference.Accept):
				c.Any = append(c.Any, variant)
			default:
				c.By = append(c.By, variant)
			}
		}
		caught[v.ID] = c
	}
	return caught
}

// IsForgery reports whether the vector is signed as the rules say, but for another
// request or with another key: it is about what is signed. No way of signing accepts
// it, and so no mistake in signing does.
func (v *Vector) IsForgery(caught Caught) bool {
	return v.Result == Invalid && v.Signed != nil && len(caught.By) == 0
}
