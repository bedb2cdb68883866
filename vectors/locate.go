package vectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// lines maps the JSON pointer of every value in a file to the line it starts
// on, and reports a key that an object has twice, which encoding/json does not.
func lines(data []byte) (map[string]int, error) {
	l := locator{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), lines: map[string]int{}}
	if err := l.value(""); err != nil {
		return nil, err
	}
	if l.decoder.More() {
		return nil, fmt.Errorf("line %d: there is something after the end of the value", l.line())
	}
	return l.lines, nil
}

type locator struct {
	data    []byte
	decoder *json.Decoder
	lines   map[string]int
}

// line is the line of the next token.
func (l *locator) line() int {
	offset := int(l.decoder.InputOffset())
	for offset < len(l.data) && strings.IndexByte(" \t\r\n,:", l.data[offset]) >= 0 {
		offset++
	}
	return 1 + bytes.Count(l.data[:offset], []byte("\n"))
}

func (l *locator) value(pointer string) error {
	l.lines[pointer] = l.line()
	token, err := l.decoder.Token()
	if err != nil {
		return fmt.Errorf("line %d: %w", l.line(), err)
	}
	if _, opens := token.(json.Delim); !opens {
		return nil
	}
	for i := 0; l.decoder.More(); i++ {
		name := strconv.Itoa(i)
		if token == json.Delim('{') {
			key, err := l.decoder.Token()
			if err != nil {
				return fmt.Errorf("line %d: %w", l.line(), err)
			}
			name = strings.NewReplacer("~", "~0", "/", "~1").Replace(key.(string))
			if _, twice := l.lines[pointer+"/"+name]; twice {
				return fmt.Errorf("line %d: the key %q is there twice", l.line(), key)
			}
		}
		if err := l.value(pointer + "/" + name); err != nil {
			return err
		}
	}
	_, err = l.decoder.Token()
	return err
}

// syntaxLine turns the offset of a syntax error into a line.
func syntaxLine(data []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n")), err)
	}
	return err
}
