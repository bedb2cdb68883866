package vectors

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
)

// Rulebook is rules.json: what the vectors are about.
type Rulebook struct {
	Rules     map[string]Rule         `json:"rules"`
	Questions map[string]OpenQuestion `json:"questions"`
}

// Rule is a statement that a validator must satisfy.
type Rule struct {
	Says   string `json:"says"`
	Source Source `json:"source"`
	// NeedsBody: only a validator that decodes the body itself can break it. One that
	// receives decoded parameters is not tested.
	NeedsBody bool `json:"needsBody,omitempty"`
	// EndpointsOnly: only a running endpoint can be tested; no vector tests it.
	EndpointsOnly bool `json:"endpointsOnly,omitempty"`
	// Beta is the date of the version of Twilio's documentation that the rule follows
	// if it is about a beta feature; "" otherwise.
	Beta string `json:"beta,omitempty"`
}

// OpenQuestion is one that the docs leave open. Each answer is what accepting
// the vector of that answer means.
type OpenQuestion struct {
	Asks        string            `json:"asks"`
	Answers     map[string]string `json:"answers"`
	Recommended string            `json:"recommended,omitempty"` // an answer, or "rejected"
	Why         string            `json:"why,omitempty"`
	NeedsBody   bool              `json:"needsBody,omitempty"`
	Beta        string            `json:"beta,omitempty"` // as [Rule.Beta]
}

// Rules returns the rules and questions of the built-in vectors.
func Rules() *Rulebook {
	book, err := readRules(embedded)
	if err != nil {
		panic(err) // the tests of this package load it
	}
	return book
}

// readRules reads the rules.json of a folder, or the built-in one if it is missing.
func readRules(files fs.FS) (*Rulebook, error) {
	if !ownsRules(files) {
		files = embedded
	}
	data, err := fs.ReadFile(files, rulesFile)
	if err != nil {
		return nil, err
	}
	book := &Rulebook{}
	if err := json.Unmarshal(data, book); err != nil {
		return nil, syntaxLine(data, err)
	}
	return book, nil
}

// ownsRules reports whether the folder has its own rulebook, which its vectors must
// cover.
func ownsRules(files fs.FS) bool {
	_, err := fs.Stat(files, rulesFile)
	return err == nil
}

// lintRules: every rule has a vector that must be accepted and one that must be
// rejected, every answer to a question has a vector, and what is recommended is
// an answer.
func lintRules(c *Corpus, book *Rulebook) Faults {
	have := map[string]bool{}
	for _, v := range c.Vectors() {
		for _, rule := range v.Rules {
			have[rule+" "+string(v.Result)] = true
		}
		have[v.Question+" "+v.Answer] = true
	}
	data, _ := fs.ReadFile(c.files, rulesFile)
	lines, _ := lines(data)
	var faults Faults
	at := func(pointer, hint, format string, args ...any) {
		faults = append(faults, Fault{path.Join(c.dir, rulesFile), lines[pointer], pointer, fmt.Sprintf(format, args...), hint})
	}
	for slug, rule := range book.Rules {
		for _, result := range []Result{Valid, Invalid} {
			if !rule.EndpointsOnly && !have[slug+" "+string(result)] {
				at("/rules/"+slug, "'sigconform vectors new' adds one; or remove the rule", "the rule %s has no %s vector", slug, result)
			}
		}
	}
	for slug, question := range book.Questions {
		for answer := range question.Answers {
			if !have[slug+" "+answer] {
				at("/questions/"+slug+"/answers/"+answer, "'sigconform vectors new --result question' adds one; or take the answer out",
					"the question %s has no vector for its answer %s", slug, answer)
			}
		}
		if _, known := question.Answers[question.Recommended]; !known && question.Recommended != "" && question.Recommended != "rejected" {
			at("/questions/"+slug+"/recommended", "recommend one of its answers, or \"rejected\" for none",
				"the question %s has no answer %q", slug, question.Recommended)
		}
	}
	return faults
}

// NeedsBody reports whether v is about decoding the body, so that it does not test a
// validator that used decoded parameters.
func (b *Rulebook) NeedsBody(v *Vector) bool {
	for _, rule := range v.Rules {
		if b.Rules[rule].NeedsBody {
			return true
		}
	}
	return b.Questions[v.Question].NeedsBody
}
