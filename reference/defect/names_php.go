// This file answers: what does PHP make of a form when it fills $_POST, or of a query
// when it is parsed with parse_str?

package defect

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"strconv"
	"strings"

	"sigconform/reference"
)

// What PHP reads, as it is installed: as many variables as max_input_vars says, of which a
// form may have one more, and bodies of post_max_size.
const (
	phpInQuery  = 1000
	phpInForm   = 1001
	phpPostSize = 8 << 20
)

// underscored writes the underscores that PHP writes in names.
var underscored = strings.NewReplacer(".", "_", " ", "_")

// phpArray is an array of PHP: texts and arrays by their keys, in their order.
type phpArray struct {
	keys  []string
	items map[string]any // each a string or a *phpArray
	next  int            // the key of what is appended
}

func newPHPArray() *phpArray { return &phpArray{items: map[string]any{}} }

// phpRead returns the array that PHP reads so many parameters into, whose names it splits.
func phpRead(params []reference.Param, most int, split func(full string) (name string, keys []string)) *phpArray {
	read := newPHPArray()
	for _, p := range params[:min(len(params), most)] {
		if name, keys := split(p.Name); name != "" {
			read.put(name, keys, p.Value)
		}
	}
	return read
}

// put sets the text at the end of a path of keys; what has no key is appended. An item
// keeps its place, and an array and a text replace each other.
func (a *phpArray) put(key string, path []string, value string) {
	if key == "" {
		key = strconv.Itoa(a.next)
	}
	if n := phpInt(key); n != nil && *n >= a.next {
		a.next = *n + 1
	}
	if len(path) == 0 {
		a.set(key, value)
		return
	}
	inner, isArray := a.items[key].(*phpArray)
	if !isArray {
		inner = newPHPArray()
		a.set(key, inner)
	}
	inner.put(path[0], path[1:], value)
}

func (a *phpArray) set(key string, item any) {
	if _, known := a.items[key]; !known {
		a.keys = append(a.keys, key)
	}
	a.items[key] = item
}

// printed returns the parameters that are signed of an array like $_POST, those of an
// array in it as arrays says: each of its elements, all of them joined, the word Array, or
// not at all.
func (a *phpArray) printed(arrays string) (params []reference.Param) {
	for _, name := range a.keys {
		for _, text := range texts(a.items[name], arrays) {
			params = append(params, reference.Param{Name: name, Value: text})
		}
	}
	return params
}

// texts are what stands for an item.
func texts(item any, arrays string) (all []string) {
	inner, isArray := item.(*phpArray)
	if !isArray {
		return []string{item.(string)}
	}
	for _, key := range inner.keys {
		text, isText := inner.items[key].(string)
		if !isText {
			text = "Array"
		}
		all = append(all, text)
	}
	switch arrays {
	case "arrays-imploded":
		return []string{strings.Join(all, "")}
	case "arrays-as-Array":
		return []string{"Array"}
	case "without-arrays":
		return nil
	}
	return all
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
	return name, phpKeys(rest)
}

// phpKeys are the keys in brackets behind a name, from behind the first bracket.
func phpKeys(rest string) (keys []string) {
	for more := true; more; {
		key, behind, closed := strings.Cut(rest, "]")
		if !closed {
			return keys
		}
		keys = append(keys, key)
		rest, more = strings.CutPrefix(behind, "[")
	}
	return keys
}

// phpPost are the parameters of a form as PHP puts them into $_POST.
func phpPost(r reference.Request, params []reference.Param) *phpArray {
	if len(r.Body) > phpPostSize {
		return newPHPArray()
	}
	return phpRead(params, phpInForm, phpName)
}

// phpVariables is $_POST; or $_REQUEST, in which the form's variables stand in place of the
// query's; or what array_merge makes of both, which renumbers those whose name is a number;
// or Laravel's input.
func phpVariables(r reference.Request, which string) *phpArray {
	fields := multipartFields(r, strings.HasPrefix(which, "$request"))
	if isForm(r) || strings.HasPrefix(which, "$request") && r.IsForm() && slices.Contains([]string{"PUT", "PATCH", "DELETE"}, r.Method) {
		fields = reference.ParseForm(r.Body)
	}
	post := phpPost(r, fields)
	switch which {
	case "$_POST":
		return post
	case "$request->all()", "$request->toArray()":
		return laravelInputOf(r, post)
	}
	merged, numbered := newPHPArray(), 0
	for _, part := range []*phpArray{phpRead(queryParams(r.URL), phpInQuery, phpName), post} {
		for _, name := range part.keys {
			key := name
			if which == "array_merge" && phpInt(name) != nil {
				key = strconv.Itoa(numbered)
				numbered++
			}
			merged.set(key, part.items[name])
		}
	}
	return merged
}

// laravelInputOf is the form, or the members of JSON, and what the query has besides.
func laravelInputOf(r reference.Request, input *phpArray) *phpArray {
	if r.ContentType != nil && (strings.Contains(*r.ContentType, "/json") || strings.Contains(*r.ContentType, "+json")) {
		parsed, _ := parseJSON(r.Body)
		members, isArray := phpOfJSON(parsed).(*phpArray)
		if input = members; !isArray {
			input = newPHPArray()
			if parsed != nil {
				input.put("", nil, phpOfJSON(parsed).(string))
			}
		}
	}
	query := phpRead(queryParams(r.URL), phpInQuery, phpName)
	for _, name := range query.keys {
		if _, known := input.items[name]; !known {
			input.set(name, query.items[name])
		}
	}
	return input
}

// phpOfJSON is a value of JSON as PHP prints it, or an array of such values.
func phpOfJSON(value any) any {
	switch value := value.(type) {
	case string:
		return value
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "1"}[value]
	case []any:
		list := newPHPArray()
		for i, element := range value {
			list.set(strconv.Itoa(i), phpOfJSON(element))
		}
		return list
	case object:
		members := newPHPArray()
		for _, m := range value {
			members.set(m.name, phpOfJSON(m.value))
		}
		return members
	default:
		return dialects["php"].print(value)
	}
}

// multipartFields are the fields of a POST with multipart/form-data. Its files are among
// them in Laravel, under names of their own on the disk.
func multipartFields(r reference.Request, files bool) (params []reference.Param) {
	if r.Method != "POST" || r.ContentType == nil {
		return nil
	}
	kind, attributes, err := mime.ParseMediaType(*r.ContentType)
	if err != nil || kind != "multipart/form-data" {
		return nil
	}
	parts := multipart.NewReader(bytes.NewReader(r.Body), attributes["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return params
		}
		switch value, err := io.ReadAll(part); {
		case err != nil:
			return params
		case part.FileName() == "":
			params = append(params, reference.Param{Name: part.FormName(), Value: string(value)})
		case files:
			params = append(params, reference.Param{Name: part.FormName(), Value: "/tmp/php" + part.FileName()})
		}
	}
}
