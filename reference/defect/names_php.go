// This file answers: what does PHP make of a form when it fills $_POST?

package defect

import (
	"strconv"
	"strings"

	"sigconform/reference"
)

// phpParams returns the parameters of $_POST, those of an array as they are printed: each
// of its elements, all of them joined, the word Array, or not at all.
func phpParams(params []reference.Param, arrays string) []reference.Param {
	values, isArray := map[string]map[string]string{}, map[string]bool{}
	var names []string
	elements := map[string][]string{} // the keys of an array, in their order
	for _, p := range params {
		name, keys := phpName(p.Name)
		if name == "" {
			continue
		}
		if values[name] == nil {
			names = append(names, name)
		}
		if array := len(keys) > 0; values[name] == nil || !array || !isArray[name] {
			values[name], elements[name], isArray[name] = map[string]string{}, nil, array
		}
		key, text := "", p.Value
		if len(keys) > 0 {
			key = keys[0]
		}
		if len(keys) > 0 && key == "" {
			key = strconv.Itoa(len(elements[name])) // appended
		}
		if len(keys) > 1 {
			text = "Array"
		}
		if _, known := values[name][key]; !known {
			elements[name] = append(elements[name], key)
		}
		values[name][key] = text
	}
	var out []reference.Param
	for _, name := range names {
		var texts []string
		for _, key := range elements[name] {
			texts = append(texts, values[name][key])
		}
		switch {
		case isArray[name] && arrays == "arrays-imploded":
			texts = []string{strings.Join(texts, "")}
		case isArray[name] && arrays == "arrays-as-Array":
			texts = []string{"Array"}
		case isArray[name] && arrays == "without-arrays":
			texts = nil
		}
		for _, text := range texts {
			out = append(out, reference.Param{Name: name, Value: text})
		}
	}
	return out
}

// phpName is a name as PHP writes it, and the keys in brackets behind it. The name is ""
// if PHP drops the parameter.
func phpName(full string) (name string, keys []string) {
	full = before(strings.TrimLeft(full, " "), "\x00")
	name, rest, bracket := strings.Cut(full, "[")
	name = strings.NewReplacer(".", "_", " ", "_").Replace(name)
	if !bracket || name == "" {
		return name, nil
	}
	if !strings.Contains(rest, "]") { // PHP writes one underscore for a bracket that is not closed
		return name + "_" + strings.NewReplacer(".", "_", " ", "_", "[", "_").Replace(rest), nil
	}
	for {
		key, behind, closed := strings.Cut(rest, "]")
		if !closed {
			return name, keys
		}
		keys = append(keys, key)
		if rest, bracket = strings.CutPrefix(behind, "["); !bracket {
			return name, keys
		}
	}
}
