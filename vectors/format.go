package vectors

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// width is how long a line of a vector file may be before it is broken.
const width = 118

// Format returns the family as its file is written: indented by two spaces,
// with what fits on a line on one line.
func (f *Family) Format() ([]byte, error) {
	data, err := marshal(f)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	write(&out, string(data), 0, 0, 3) // the outermost levels are always broken: an object of vectors
	out.WriteByte('\n')
	return []byte(out.String()), nil
}

// write writes a JSON value that starts at the column, broken into lines if it
// is one of the outermost levels or does not fit.
func write(out *strings.Builder, value string, indent, column, levels int) {
	if levels <= 0 {
		if flat := flatten(value); column+utf8.RuneCountInString(flat) <= width {
			out.WriteString(flat)
			return
		}
	}
	keys, items := split(value)
	if len(items) == 0 {
		out.WriteString(value)
		return
	}
	inner := "\n" + strings.Repeat(" ", indent+2)
	out.WriteByte(value[0])
	share := keys == nil && levels <= 0 // short items of a list share a line
	room := 0                           // what is left on it
	for i, item := range items {
		comma := ","
		if i == len(items)-1 {
			comma = ""
		}
		length := 0
		if share {
			length = utf8.RuneCountInString(flatten(item)) + len(comma) + 1
		}
		if share && length <= room {
			out.WriteString(" ")
			room -= length
		} else {
			out.WriteString(inner)
			room = width - indent - 2 - length + 1
		}
		column := indent + 2
		if keys != nil {
			out.WriteString(keys[i] + ": ")
			column += utf8.RuneCountInString(keys[i]) + 2
		}
		write(out, item, indent+2, column, levels-1)
		out.WriteString(comma)
	}
	out.WriteString("\n" + strings.Repeat(" ", indent) + value[len(value)-1:])
}

// flatten writes a JSON value that has no white space with a space after each comma and
// colon.
func flatten(value string) string {
	var flat strings.Builder
	flat.Grow(len(value) + len(value)/8)
	for len(value) > 0 {
		n := token(value)
		flat.WriteString(value[:n])
		if value[0] == ',' || value[0] == ':' {
			flat.WriteByte(' ')
		}
		value = value[n:]
	}
	return flat.String()
}

// split returns the items of an object or a list that has no white space, in order, and
// for an object its keys; nothing for any other value, or an empty one.
func split(value string) (keys, items []string) {
	if value[0] != '{' && value[0] != '[' || len(value) == 2 {
		return nil, nil
	}
	from, depth := 1, 0
	for at := 1; at < len(value); at += token(value[at:]) {
		switch c := value[at]; {
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && c == ':':
			keys, from = append(keys, value[from:at]), at+1
		case depth == 0 && (c == ',' || c == '}' || c == ']'):
			items, from = append(items, value[from:at]), at+1
		}
	}
	return keys, items
}

// token is how long the first part of a JSON text is: a string, or one byte of anything
// else.
func token(text string) int {
	if text[0] != '"' {
		return 1
	}
	n := 1
	for ; text[n] != '"'; n++ {
		if text[n] == '\\' {
			n++
		}
	}
	return n + 1
}

// marshal is json.Marshal without the escapes for HTML, which would hide "&".
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimRight(out.Bytes(), "\n"), err
}

// names lists the names of a table for a message, without the empty one.
func names[T any](table map[string]T) string {
	sorted := slices.Sorted(maps.Keys(table))
	return strings.Join(slices.DeleteFunc(sorted, func(name string) bool { return name == "" }), ", ")
}
