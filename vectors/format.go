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
	// The outermost levels are always broken: an object of vectors.
	if err := write(&out, data, 0, 0, 3); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return []byte(out.String()), nil
}

// write writes a JSON value that starts at the column, broken into lines if it
// is one of the outermost levels or does not fit.
func write(out *strings.Builder, value json.RawMessage, indent, column, levels int) error {
	keys, items, err := split(value)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		out.Write(value)
		return nil
	}
	if levels <= 0 {
		if flat, err := flatten(value); err != nil || column+utf8.RuneCountInString(flat) <= width {
			out.WriteString(flat)
			return err
		}
	}
	open, shut := "[", "]"
	if keys != nil {
		open, shut = "{", "}"
	}
	inner := "\n" + strings.Repeat(" ", indent+2)
	out.WriteString(open)
	share := keys == nil && levels <= 0 // short items of a list share a line
	room := 0                           // what is left on it
	for i, item := range items {
		comma := ","
		if i == len(items)-1 {
			comma = ""
		}
		length := 0
		if share {
			flat, err := flatten(item)
			if err != nil {
				return err
			}
			length = utf8.RuneCountInString(flat) + len(comma) + 1
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
		if err := write(out, item, indent+2, column, levels-1); err != nil {
			return err
		}
		out.WriteString(comma)
	}
	out.WriteString("\n" + strings.Repeat(" ", indent) + shut)
	return nil
}

// flatten writes a JSON value on one line, with a space after each comma and colon.
func flatten(value json.RawMessage) (string, error) {
	keys, items, err := split(value)
	if err != nil || items == nil {
		return string(value), err
	}
	var parts []string
	for i, item := range items {
		flat, err := flatten(item)
		if err != nil {
			return "", err
		}
		if keys != nil {
			flat = keys[i] + ": " + flat
		}
		parts = append(parts, flat)
	}
	if keys != nil {
		return "{" + strings.Join(parts, ", ") + "}", nil
	}
	return "[" + strings.Join(parts, ", ") + "]", nil
}

// split returns the items of an object or a list, in order, and for an object
// its keys as JSON; nothing for any other value, or an empty one.
func split(value json.RawMessage) (keys []string, items []json.RawMessage, err error) {
	if value[0] != '{' && value[0] != '[' {
		return nil, nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(value))
	if _, err := decoder.Token(); err != nil {
		return nil, nil, err
	}
	for decoder.More() {
		var item json.RawMessage
		if value[0] == '{' {
			key, err := decoder.Token()
			if err != nil {
				return nil, nil, err
			}
			text, err := marshal(key)
			if err != nil {
				return nil, nil, err
			}
			keys = append(keys, string(text))
		}
		if err := decoder.Decode(&item); err != nil {
			return nil, nil, err
		}
		items = append(items, item)
	}
	return keys, items, nil
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
