package vectors

import (
	"bytes"
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

// Run is a piece of a text: something that is repeated, or said once.
type Run struct {
	Repeat string `json:"repeat"`
	Times  int    `json:"times"`
}

const (
	shortestRun   = 256     // repeats that are worth a run
	longestRepeat = 12      // characters of what a run repeats
	longestText   = 4 << 20 // bytes that a text may have
)

// UnmarshalJSON reads either form.
func (t *Text) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		if inner := data[1 : len(data)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
			*t = Text(inner) // there is nothing to decode: most texts are like this
			return nil
		}
	}
	if data[0] != '[' {
		return json.Unmarshal(data, (*string)(t))
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	runs, size := make([]Run, len(parts)), 0
	for i, part := range parts {
		r := &runs[i]
		if json.Unmarshal(part, &r.Repeat) == nil {
			r.Times = 1
		} else if err := json.Unmarshal(part, r); err != nil {
			return fmt.Errorf(`a part of a text is a string or {"repeat", "times"}: %w`, err)
		}
		if r.Times < 0 || len(r.Repeat) > 0 && r.Times > (longestText-size)/len(r.Repeat) {
			return errors.New("a text may have at most 4 MiB")
		}
		size += len(r.Repeat) * r.Times
	}
	var s strings.Builder
	s.Grow(size)
	for _, r := range runs {
		r.writeTo(&s)
	}
	*t = Text(s.String())
	return nil
}

// writeTo writes what the run says, many times at once: a run may be millions of
// letters long.
func (r Run) writeTo(s *strings.Builder) {
	some := strings.Repeat(r.Repeat, min(r.Times, 1000))
	for left := r.Times; left > 0 && r.Repeat != ""; left -= 1000 {
		s.WriteString(some[:len(r.Repeat)*min(left, 1000)])
	}
}

// MarshalJSON writes a list where something short repeats long enough, and a
// string otherwise.
func (t Text) MarshalJSON() ([]byte, error) {
	runs := t.Runs()
	if len(runs) == 0 || len(runs) == 1 && runs[0].Times == 1 {
		return marshal(string(t))
	}
	var parts []any
	for _, r := range runs {
		if r.Times == 1 {
			parts = append(parts, r.Repeat)
		} else {
			parts = append(parts, r)
		}
	}
	return marshal(parts)
}

// Runs cuts the text into what is worth a run and, said once each, what lies
// between; nothing for an empty text.
func (t Text) Runs() []Run {
	var runs []Run
	s := string(t)
	once := 0 // where the piece that is not yet cut off starts
	for i := 0; i < len(s); {
		repeated, times := runAt(s[i:])
		if times >= shortestRun {
			if once < i {
				runs = append(runs, Run{s[once:i], 1})
			}
			runs = append(runs, Run{repeated, times})
			i += times * len(repeated)
			once = i
			continue
		}
		// No run starts inside a shorter repetition of a single character.
		_, size := utf8.DecodeRuneInString(s[i:])
		for char := s[i : i+size]; strings.HasPrefix(s[i:], char); {
			i += size
		}
	}
	if once < len(s) {
		runs = append(runs, Run{s[once:], 1})
	}
	return runs
}

// runAt returns the text of a few characters that s starts with as often as it
// repeats, and how often that is: the shortest such text that makes a run, or
// none.
func runAt(s string) (repeated string, times int) {
	size := 0
	for chars := 0; chars < longestRepeat && size < len(s); chars++ {
		_, width := utf8.DecodeRuneInString(s[size:])
		size += width
		times := 1
		for end := size; strings.HasPrefix(s[end:], s[:size]); end += size {
			times++
		}
		if times >= shortestRun {
			return s[:size], times
		}
	}
	return "", 0
}
