package protocol

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"sigconform/reference"
)

// This file writes and reads the lines that are exchanged by the hundred
// thousand, faster than encoding/json does, which remains the measure: what is
// written is what it would write, and what is not plain enough to be read here
// is read by it. In its place github.com/go-json-experiment/json reached 63 % of the
// rate in BenchmarkChild (median of five runs each, taken in turns).

// appendString appends s as a JSON string, as encoding/json does without
// escaping for HTML.
func appendString(line []byte, s string) []byte {
	line = append(line, '"')
	plain := 0 // what is not yet appended starts here
	for i := 0; i < len(s); {
		c := s[i]
		if plainBytes[c] {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			line = append(append(line, s[plain:i]...), escapes[c]...)
			i++
			plain = i
			continue
		}
		char, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case char == utf8.RuneError && size == 1:
			line = append(append(line, s[plain:i]...), `\ufffd`...)
			plain = i + size
		case char == '\u2028' || char == '\u2029':
			line = append(append(line, s[plain:i]...), `\u202`...)
			line = append(line, hexDigits[char&15])
			plain = i + size
		}
		i += size
	}
	return append(append(line, s[plain:]...), '"')
}

// plainBytes are the bytes that stand for themselves in a JSON string.
var plainBytes = func() (plain [256]bool) {
	for c := range plain {
		plain[c] = c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf
	}
	return plain
}()

const hexDigits = "0123456789abcdef"

// escapes are the escapes of ASCII characters.
var escapes = func() (escapes [utf8.RuneSelf]string) {
	for c := range escapes {
		text, _ := json.Marshal(string(rune(c)))
		escapes[c] = string(text[1 : len(text)-1])
	}
	return escapes
}()

// append appends the question as a line, without its line feed.
func (q *question) append(line []byte) []byte {
	line = appendString(append(line, `{"id":`...), q.ID)
	line = appendString(append(line, `,"authToken":`...), q.AuthToken)
	line = appendString(append(line, `,"method":`...), q.Method)
	line = appendString(append(line, `,"url":`...), q.URL)
	if q.Product != "" {
		line = appendString(append(line, `,"product":`...), string(q.Product))
	}
	if q.ContentType != nil {
		line = appendString(append(line, `,"contentType":`...), *q.ContentType)
	}
	if q.Body != "" {
		line = appendString(append(line, `,"body":`...), q.Body)
	}
	if len(q.BodyBase64) > 0 {
		text, _ := json.Marshal(q.BodyBase64)
		line = append(append(line, `,"bodyBase64":`...), text...)
	}
	if q.Params != nil {
		line = append(line, `,"params":[`...)
		for i, p := range *q.Params {
			if i > 0 {
				line = append(line, ',')
			}
			line = appendString(append(line, '['), p[0])
			line = appendString(append(line, ','), p[1])
			line = append(line, ']')
		}
		line = append(line, ']')
	}
	if q.Signature != nil {
		line = appendString(append(line, `,"signature":`...), *q.Signature)
	}
	if q.Settings != nil {
		line = appendString(append(line, `,"signatureSettings":`...), *q.Settings)
	}
	for i, key := range q.SharedKeys {
		line = append(line, map[bool]string{true: `,"sharedKeys":[`, false: `,`}[i == 0]...)
		line = appendString(append(line, `{"id":`...), key.ID)
		line = appendString(append(line, `,"secret":`...), key.Secret)
		line = append(line, '}')
	}
	if len(q.SharedKeys) > 0 {
		line = append(line, ']')
	}
	return append(line, '}')
}

// append appends the reply as a line, without its line feed.
func (r *reply) append(line []byte) []byte {
	line = appendString(append(line, `{"id":`...), *r.ID)
	if r.Valid != nil {
		line = strconv.AppendBool(append(line, `,"valid":`...), *r.Valid)
	}
	for _, field := range []struct {
		name  string
		value *string
	}{{"error", r.Error}, {"unsupported", r.Unsupported}, {"stringToSign", r.StringToSign}} {
		if field.value != nil {
			line = appendString(append(append(append(line, `,"`...), field.name...), `":`...), *field.value)
		}
	}
	if r.Used != "" {
		line = appendString(append(line, `,"used":`...), r.Used)
	}
	if r.Reason != "" {
		line = appendString(append(line, `,"reason":`...), string(r.Reason))
	}
	return append(line, '}')
}

// readQuestion reads a line that is as plain as EncodeCase writes it. It
// reports false for any other.
func readQuestion(line []byte, q *question) bool {
	return readObject(line, func(r *reader, name string) bool {
		var ok bool
		switch name {
		case "id":
			q.ID, ok = r.text()
		case "authToken":
			q.AuthToken, ok = r.text()
		case "method":
			q.Method, ok = r.text()
		case "url":
			q.URL, ok = r.text()
		case "product":
			var product string
			product, ok = r.text()
			q.Product = reference.Product(product)
		case "contentType":
			q.ContentType, ok = r.textPointer()
		case "body":
			q.Body, ok = r.text()
		case "params": // derived from the body
			ok = r.skipParams()
		case "signature":
			q.Signature, ok = r.textPointer()
		}
		return ok
	})
}

// readReply reads a line that is as plain as most validators write it. It
// reports false for any other.
func readReply(line []byte, reply *reply) bool {
	return readObject(line, func(r *reader, name string) bool {
		var ok bool
		switch name {
		case "id":
			reply.ID, ok = r.textPointer()
		case "valid":
			reply.Valid, ok = r.boolean()
		case "error":
			reply.Error, ok = r.textPointer()
		case "unsupported":
			reply.Unsupported, ok = r.textPointer()
		case "stringToSign":
			reply.StringToSign, ok = r.textPointer()
		case "used":
			reply.Used, ok = r.text()
		case "reason":
			var reason string
			reason, ok = r.text()
			reply.Reason = remark(reason)
		}
		return ok
	})
}

// readObject calls read for each field, when its value is next. It reports
// false if read does, for a name that is there twice or is not plain, and for
// anything that is no such object.
func readObject(line []byte, read func(r *reader, name string) bool) bool {
	r := &reader{line: string(line)} // the texts that are read are parts of it
	if !r.next('{') {
		return false
	}
	var names [12]string
	for i := range names {
		name, ok := r.text()
		if !ok || !r.next(':') {
			return false
		}
		for _, before := range names[:i] {
			if before == name {
				return false
			}
		}
		if names[i] = name; !read(r, name) {
			return false
		}
		if !r.next(',') {
			return r.next('}') && r.atEnd()
		}
	}
	return false
}

// reader reads JSON from left to right.
type reader struct {
	line string
	at   int
}

// next skips white space and reports whether c is next, and if so skips it.
func (r *reader) next(c byte) bool {
	r.space()
	if r.at < len(r.line) && r.line[r.at] == c {
		r.at++
		return true
	}
	return false
}

func (r *reader) space() {
	for r.at < len(r.line) {
		switch r.line[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

func (r *reader) atEnd() bool {
	r.space()
	return r.at == len(r.line)
}

// text reads a string.
func (r *reader) text() (string, bool) {
	raw, plain, ok := r.raw()
	if !ok || plain {
		return raw, ok
	}
	var s string
	err := json.Unmarshal([]byte(r.line[r.at-len(raw)-2:r.at]), &s)
	return s, err == nil
}

func (r *reader) textPointer() (*string, bool) {
	s, ok := r.text()
	return &s, ok
}

// raw skips a string and returns what is between its quotation marks. It is
// plain if it stands for itself.
func (r *reader) raw() (raw string, plain, ok bool) {
	if !r.next('"') {
		return "", false, false
	}
	from, escaped, beyond := r.at, false, false
	for i := from; i < len(r.line); i++ {
		c := r.line[i]
		if plainBytes[c] {
			continue
		}
		switch {
		case c == '"':
			raw, r.at = r.line[from:i], i+1
			return raw, !escaped && (!beyond || utf8.ValidString(raw)), true
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			return "", false, false
		default:
			beyond = true
		}
	}
	return "", false, false
}

func (r *reader) boolean() (*bool, bool) {
	r.space()
	rest := r.line[r.at:]
	switch {
	case len(rest) >= 4 && rest[:4] == "true":
		r.at += 4
		return &yes, true
	case len(rest) >= 5 && rest[:5] == "false":
		r.at += 5
		return &no, true
	}
	return nil, false
}

var yes, no = true, false

// skipParams skips a list of pairs of strings.
func (r *reader) skipParams() bool {
	if !r.next('[') {
		return false
	}
	if r.next(']') {
		return true
	}
	for {
		if !r.next('[') || !r.skipText() || !r.next(',') || !r.skipText() || !r.next(']') {
			return false
		}
		if !r.next(',') {
			return r.next(']')
		}
	}
}

// skipText skips a string. One with escapes is checked as well.
func (r *reader) skipText() bool {
	raw, plain, ok := r.raw()
	return ok && (plain || json.Valid([]byte(r.line[r.at-len(raw)-2:r.at])))
}
