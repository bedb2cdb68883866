package vectors

import "encoding/json"

// Rulebook is rules.json: what the vectors are about.
type Rulebook struct {
	Rules     map[string]Rule         `json:"rules"`
	Questions map[string]OpenQuestion `json:"questions"`
}

// Rule is a statement that a validator must satisfy.
type Rule struct {
	Says   string `json:"says"`
	Source Source `json:"source"`
	// NeedsBody: only a validator that decodes the body itself can break it.
	// One that is given decoded parameters has not been asked.
	NeedsBody bool `json:"needsBody,omitempty"`
	// EndpointsOnly: only a running endpoint can be asked; no vector can.
	EndpointsOnly bool `json:"endpointsOnly,omitempty"`
}

// OpenQuestion is one that the norm leaves open. Each answer is what accepting
// the vector of that answer means.
type OpenQuestion struct {
	Asks        string            `json:"asks"`
	Answers     map[string]string `json:"answers"`
	Recommended string            `json:"recommended,omitempty"` // an answer, or "rejected"
	Why         string            `json:"why,omitempty"`
	NeedsBody   bool              `json:"needsBody,omitempty"`
}

// Rules returns the rules and questions that vectors may name.
func Rules() *Rulebook {
	data, err := embedded.ReadFile(rulesFile)
	if err != nil {
		panic(err)
	}
	book := &Rulebook{}
	if err := json.Unmarshal(data, book); err != nil {
		panic(err) // the tests of this package load it
	}
	return book
}

// NeedsBody reports whether v is about decoding the body, so that a validator
// which used decoded parameters has not been asked.
func (b *Rulebook) NeedsBody(v *Vector) bool {
	for _, rule := range v.Rules {
		if b.Rules[rule].NeedsBody {
			return true
		}
	}
	return b.Questions[v.Question].NeedsBody
}
