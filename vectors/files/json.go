package files

import "fmt"

// deepest is how deep JSON of others may be nested: what reads it keeps the way to
// each value.
const deepest = 64

// CheckJSON returns an error for JSON that has more than so many values, or is
// nested deeper than anything of ours: a small file can otherwise take a thousand
// times its size when it is read. Whether it is JSON at all it does not say.
func CheckJSON(data []byte, most int) error {
	depth, values, quoted := 0, 1, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
			values++
		case c == ']' || c == '}':
			depth--
		case c == ',':
			values++
		}
		if depth > deepest {
			return fmt.Errorf("it is nested more than %d deep", deepest)
		}
		if values > most {
			return fmt.Errorf("it has more than %d values", most)
		}
	}
	return nil
}
