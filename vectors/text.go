package vectors

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Text is UTF-8 text in a vector file. In JSON it is a string or, where a long
// run would drown the reader, a list of strings and runs:
//
//	["Body=", {"repeat": "x", "times": 65536}]
type Text string

type run struct {
	Repeat string `json:"repeat"`
	Times  int    `json:"times"`
}

const (
	shortestRun = 256     // repeats that are worth a run
	longestText = 4 << 20 // bytes that a text may have
)

// UnmarshalJSON reads either form.
func (t *Text) UnmarshalJSON(data []byte) error {
	var parts []json.RawMessage
	if json.Unmarshal(data, &parts) != nil {
		return json.Unmarshal(data, (*string)(t))
	}
	var s strings.Builder
	for _, part := range parts {
		var piece string
		if json.Unmarshal(part, &piece) != nil {
			var r run
			if err := json.Unmarshal(part, &r); err != nil {
				return fmt.Errorf(`a part of a text is a string or {"repeat", "times"}: %w`, err)
			}
			if r.Times < 0 || len(r.Repeat)*r.Times > longestText {
				return errors.New("a text may have at most 4 MiB")
			}
			piece = strings.Repeat(r.Repeat, r.Times)
		}
		s.WriteString(piece)
	}
	*t = Text(s.String())
	return nil
}

// MarshalJSON writes a list where a character repeats long enough, and a
// string otherwise.
func (t Text) MarshalJSON() ([]byte, error) {
	var parts []any
	literal := 0 // where the part that is not yet written starts
	for i := 0; i < len(t); {
		_, size := utf8.DecodeRuneInString(string(t[i:]))
		char, end := t[i:i+size], i+size
		for strings.HasPrefix(string(t[end:]), string(char)) {
			end += size
		}
		if times := (end - i) / size; times >= shortestRun {
			if literal < i {
				parts = append(parts, string(t[literal:i]))
			}
			parts = append(parts, run{string(char), times})
			literal = end
		}
		i = end
	}
	if parts == nil {
		return marshal(string(t))
	}
	if literal < len(t) {
		parts = append(parts, string(t[literal:]))
	}
	return marshal(parts)
}
