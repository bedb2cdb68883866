// This file answers: what does qs make of a form, which Express uses where extended is
// true, and what is printed where its objects are appended to a text?

package defect

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigconform/reference"
)

// qsKeys are the keys in brackets behind a name.
var qsKeys = regexp.MustCompile(`\[[^\[\]]*\]`)

// qsArrayLimit is the largest index of an array; a name with a larger one is an object.
const qsArrayLimit = 100

// What qs makes of names where nobody tells it otherwise, as under co-body in Koa: it takes
// a dot for a bracket, leaves out what objects inherit, and 1000 parameters are all.
var (
	qsDots      = regexp.MustCompile(`\.([^.\[]+)`)
	qsInherited = []string{"__proto__", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString",
		"toString", "valueOf", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"}
)

const qsMostParams = 1000

// coBodyParams is qsParams as co-body in Koa calls qs.
func coBodyParams(params []reference.Param) []reference.Param {
	var kept []reference.Param
	for _, p := range params[:min(qsMostParams, len(params))] {
		p.Name = qsDots.ReplaceAllString(p.Name, "[$1]")
		name, keys := qsNameOf(p.Name)
		for i := range keys {
			keys[i] = strings.Trim(keys[i], "[]")
		}
		if !slices.ContainsFunc(append(keys, name), func(key string) bool { return slices.Contains(qsInherited, key) }) {
			kept = append(kept, p)
		}
	}
	return qsParams(kept)
}

// qsParams returns one parameter for each name, with its value as JavaScript prints it: a
// list as its elements with commas between them, an object as [object Object].
func qsParams(params []reference.Param) []reference.Param {
	type value struct {
		name     string
		elements []string // of a list, or the one of a plain value
		isPlain  bool
		isObject bool
	}
	const object = "[object Object]"
	var values []*value
	known := map[string]*value{}
	for _, p := range params {
		name, keys := qsNameOf(p.Name)
		if name == "__proto__" {
			continue
		}
		v := known[name]
		isNew := v == nil
		if isNew {
			v = &value{name: name}
			known[name], values = v, append(values, v)
		}
		isIndex := len(keys) > 0 && !slices.ContainsFunc(keys, func(key string) bool { return !isQsIndex(key) })
		switch {
		case v.isObject && len(keys) == 0:
			v.isObject, v.elements = false, []string{object, p.Value}
		case v.isObject:
		case len(keys) == 0, isIndex:
			v.elements, v.isPlain = append(v.elements, p.Value), isNew && len(keys) == 0
		case v.isPlain:
			v.elements, v.isPlain = append(v.elements, object), false
		default:
			v.elements, v.isObject = nil, true
		}
	}
	var out []reference.Param
	for _, v := range values {
		text := strings.Join(v.elements, ",")
		if v.isObject {
			text = object
		}
		out = append(out, reference.Param{Name: v.name, Value: text})
	}
	return out
}

// qsNameOf is a name and the keys behind it: a[b][] is a, with [b] and []. A bracket that
// is not closed begins a key.
func qsNameOf(full string) (name string, keys []string) {
	at := strings.IndexByte(full, '[')
	if at < 0 {
		return full, nil
	}
	name, keys = full[:at], qsKeys.FindAllString(full, -1)
	if keys == nil {
		keys = []string{full[at:]}
	}
	if name == "" && len(keys[0]) > 1 { // [a]=1 is a=1
		return strings.Trim(keys[0], "[]"), keys[1:]
	}
	if name == "" {
		return keys[0], nil
	}
	return name, keys
}

// isQsIndex reports whether a key in brackets is that of an element of a list.
func isQsIndex(key string) bool {
	key = strings.Trim(key, "[]")
	i, err := strconv.Atoi(key)
	return key == "" || err == nil && i >= 0 && i <= qsArrayLimit && strconv.Itoa(i) == key
}
