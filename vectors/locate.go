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
		return nil, lineError{l.line(), errors.New("there is something after the end of the value")}
	}
	return l.lines, nil
}

// vectorLines returns the lines that the vectors of a formatted file start on: nothing else in
// it is an object at that depth. It takes a fraction of the time of [lines].
func vectorLines(data []byte) (starts []int) {
	line := 0
	for text := range bytes.Lines(data) {
		if line++; string(text) == "    {\n" {
			starts = append(starts, line)
		}
	}
	return starts
}

// pointerEscapes writes a key as a part of a JSON pointer.
var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

type locator struct {
	data    []byte
	decoder *json.Decoder
	lines   map[string]int
	counted int // how far the line feeds have been counted, and how many there were
	feeds   int
}

// line is the line of the next token.
func (l *locator) line() int {
	offset := int(l.decoder.InputOffset())
	for offset < len(l.data) && strings.IndexByte(" \t\r\n,:", l.data[offset]) >= 0 {
		offset++
	}
	l.feeds += bytes.Count(l.data[l.counted:offset], []byte("\n"))
	l.counted = offset
	return 1 + l.feeds
}

func (l *locator) value(pointer string) error {
	l.lines[pointer] = l.line()
	token, err := l.decoder.Token()
	if err != nil {
		return lineError{l.line(), err}
	}
	if _, opens := token.(json.Delim); !opens {
		return nil
	}
	for i := 0; l.decoder.More(); i++ {
		name := strconv.Itoa(i)
		if token == json.Delim('{') {
			key, err := l.decoder.Token()
			if err != nil {
				return lineError{l.line(), err}
			}
			name = pointerEscapes.Replace(key.(string))
			if _, twice := l.lines[pointer+"/"+name]; twice {
				return lineError{l.line(), fmt.Errorf("the key %q is there twice", key)}
			}
		}
		if err := l.value(pointer + "/" + name); err != nil {
			return err
		}
	}
	_, err = l.decoder.Token()
	return err
}

// lineError is an error at a line of a file.
type lineError struct {
	line int
	err  error
}

func (e lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e lineError) Unwrap() error { return e.err }

// syntaxLine turns the offset of a syntax error into a line.
func syntaxLine(data []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return lineError{1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n")), err}
	}
	return err
}

// faultOf makes a fault of an error, at the line that it names.
func faultOf(file string, err error, hint string) Fault {
	var at lineError
	if errors.As(err, &at) {
		return Fault{File: file, Line: at.line, Message: at.err.Error(), Hint: hint}
	}
	return Fault{File: file, Message: err.Error(), Hint: hint}
}
