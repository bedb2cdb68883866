package conformance

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"sigconform/vectors"
)

// Selection says which vectors to send. The zero value means all.
type Selection struct {
	IDs    []string // ids or globs; a vector is selected if one of them matches
	Filter string   // an expression over labels, in Ginkgo's label filter language
}

// word matches a label in a filter.
var word = regexp.MustCompile(`[\w:=-]+`)

// kinds are the kinds of labels, before the colon.
var kinds = []string{"family", "rule", "question", "source", "result", "product", "bug"}

// Select returns the selected vectors, in their order. An empty selection, an id
// that matches no vector and a label that no vector has are errors.
func (s Selection) Select(all []*vectors.Vector) ([]*vectors.Vector, error) {
	filter, err := types.ParseLabelFilter(s.Filter)
	if err != nil {
		return nil, fmt.Errorf("cannot read the filter %q; "+
			"it is made of labels, &&, ||, ! and parentheses: 'rule:port-kept && !result:question'", s.Filter)
	}
	labels := map[string]bool{}
	for _, v := range all {
		for _, l := range v.Labels() {
			labels[l] = true
		}
	}
	for _, word := range word.FindAllString(s.Filter, -1) {
		kind, _, found := strings.Cut(word, ":")
		switch {
		case labels[word]:
			continue
		case !found || !slices.Contains(kinds, kind):
			return nil, fmt.Errorf("%s is not a label; a label is one of %s, a colon and a name, as in rule:port-kept%s", word,
				strings.Join(kinds, ", "), meantLabel(word, labels))
		}
		hint := "'sigconform rules' lists rules and questions"
		if near := vectors.Nearest(word, labels); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		return nil, fmt.Errorf("no vector has the label %s; %s", word, hint)
	}
	for _, id := range s.IDs {
		if _, err := path.Match(id, ""); err != nil {
			return nil, fmt.Errorf("the id %s is not a valid glob: a [ has no ]", id)
		}
		if !matchesAny(id, all) && matchesAny(id+"/*", all) {
			return nil, fmt.Errorf("%s is a family; its vectors are '%s/*'", id, id)
		}
		if !matchesAny(id, all) {
			return nil, fmt.Errorf("no vector has the id %s%s", id, didYouMean(id, all))
		}
	}
	var selected []*vectors.Vector
	for _, v := range all {
		meant := len(s.IDs) == 0 || slices.ContainsFunc(s.IDs, func(id string) bool { return matches(id, v.ID) })
		if meant && filter(v.Labels()) {
			selected = append(selected, v)
		}
	}
	if len(selected) == 0 {
		return nil, fmt.Errorf("nothing matches%s; labels look like family:url-port, rule:port-kept, result:valid", s.describe())
	}
	return selected, nil
}

// meantLabel is the end of a sentence about a word that is not a label.
func meantLabel(word string, labels map[string]bool) string {
	if kind, name, found := strings.Cut(word, ":"); found {
		known := map[string]bool{}
		for _, kind := range kinds {
			known[kind] = true
		}
		word = vectors.Nearest(kind, known) + ":" + name
	} else {
		for _, kind := range kinds {
			if labels[kind+":"+word] {
				word = kind + ":" + word
			}
		}
	}
	if !labels[word] {
		return ""
	}
	return "; did you mean " + word + "?"
}

func (s Selection) describe() string {
	var parts []string
	if len(s.IDs) > 0 {
		parts = append(parts, " --id "+strings.Join(s.IDs, " --id "))
	}
	if s.Filter != "" {
		parts = append(parts, fmt.Sprintf(" --filter '%s'", s.Filter))
	}
	return strings.Join(parts, " with")
}
