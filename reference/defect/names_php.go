// This file answers: what does PHP make of a form when it fills $_POST?

package defect

import (
	"cmp"
	"strconv"
	"strings"

	"sigconform/reference"
)

// underscored writes the underscores that PHP writes in names.
var underscored = strings.NewReplacer(".", "_", " ", "_")

// phpVariable is an entry of $_POST: a text, which has the key "", or an array.
type phpVariable struct {
	name    string
	isArray bool
	keys    []string // in their order
	values  map[string]string
}

// set sets the value of a key, which keeps its place if it is known.
func (v *phpVariable) set(key, value string) {
	if _, known := v.values[key]; !known {
		v.keys = append(v.keys, key)
	}
	v.values[key] = value
}

// phpParams returns the parameters of $_POST, those of an array as they are printed: each
// of its elements, all of them joined, the word Array, or not at all.
func phpParams(params []reference.Param, arrays string) []reference.Param {
	var post []*phpVariable
	known := map[string]*phpVariable{}
	for _, p := range params {
		name, keys := phpName(p.Name)
		if name == "" {
			continue
		}
		v, isArray := known[name], len(keys) > 0
		if v == nil {
			v = &phpVariable{name: name}
			known[name], post = v, append(post, v)
		}
		if !isArray || !v.isArray { // a new one, or another in its place
			v.isArray, v.keys, v.values = isArray, nil, map[string]string{}
		}
		key, value := "", p.Value
		if isArray {
			key = cmp.Or(keys[0], strconv.Itoa(len(v.keys))) // without a key it is appended
		}
		if len(keys) > 1 {
			value = "Array"
		}
		v.set(key, value)
	}
	var out []reference.Param
	for _, v := range post {
		for _, text := range v.printed(arrays) {
			out = append(out, reference.Param{Name: v.name, Value: text})
		}
	}
	return out
}

// printed returns the texts that stand for a variable.
func (v *phpVariable) printed(arrays string) (texts []string) {
	for _, key := range v.keys {
		texts = append(texts, v.values[key])
	}
	switch {
	case v.isArray && arrays == "arrays-imploded":
		return []string{strings.Join(texts, "")}
	case v.isArray && arrays == "arrays-as-Array":
		return []string{"Array"}
	case v.isArray && arrays == "without-arrays":
		return nil
	}
	return texts
}

// phpName is a name as PHP writes it, and the keys in brackets behind it. The name is ""
// if PHP drops the parameter.
func phpName(full string) (name string, keys []string) {
	full = before(strings.TrimLeft(full, " "), "\x00")
	name, rest, bracket := strings.Cut(full, "[")
	name = underscored.Replace(name)
	if !bracket || name == "" {
		return name, nil
	}
	if !strings.Contains(rest, "]") { // PHP writes one underscore for a bracket that is not closed
		return name + "_" + strings.ReplaceAll(underscored.Replace(rest), "[", "_"), nil
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
