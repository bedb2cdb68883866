package protocol

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"sigconform/reference"
)

// readQuestion reads a line that is as plain as EncodeCase writes it. It
// reports false for any other.
func readQuestion(line []byte) (q question, ok bool) {
	r := reader{line: string(line)}
	for r.field() {
		switch r.name {
		case "id":
			q.ID = r.text()
		case "authToken":
			q.AuthToken = r.text()
		case "method":
			q.Method = r.text()
		case "url":
			q.URL = r.text()
		case "product":
			q.Product = reference.Product(r.text())
		case "contentType":
			q.ContentType = r.textPointer()
		case "body":
			q.Body = r.text()
		case "params": // derived from the body
			r.skipParams()
		case "signature":
			q.Signature = r.textPointer()
		case "signatureSettings":
			q.Settings = r.textPointer()
		case "sharedKeys":
			q.SharedKeys = r.keys()
		default:
			r.failed = true
		}
	}
	return q, !r.failed
}

// readReply reads a line that is as plain as most validators write it. It
// reports false for any other.
func readReply(line []byte) (reply reply, ok bool) {
	r := reader{line: string(line)}
	for r.field() {
		switch r.name {
		case "id":
			reply.ID = r.textPointer()
		case "valid":
			reply.Valid = r.boolean()
		case "error":
			reply.Error = r.textPointer()
		case "unsupported":
			reply.Unsupported = r.textPointer()
		case "stringToSign":
			reply.StringToSign = r.textPointer()
		case "used":
			reply.Used = r.text()
		case "reason":
			reply.Reason = remark(r.text())
		default:
			r.failed = true
		}
	}
	return reply, !r.failed
}

// reader reads a JSON object from left to right. The texts that it returns are parts of
// the line. Once it has failed, what it returns means nothing.
type reader struct {
	line   string
	at     int
	failed bool
	name   string // of the field whose value is next
	names  [12]string
	fields int
}

// field goes to the next field and reports whether there is one. It fails for a name
// that is there twice, an object without fields, and anything that is no object.
func (r *reader) field() bool {
	if r.fields == 0 {
		r.must('{')
	} else if !r.next(',') {
		r.must('}')
		r.space()
		r.failed = r.failed || r.at < len(r.line)
		return false
	}
	r.name = r.text()
	r.must(':')
	if r.failed || r.fields == len(r.names) || slices.Contains(r.names[:r.fields], r.name) {
		r.failed = true
		return false
	}
	r.names[r.fields] = r.name
	r.fields++
	return true
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

// must skips white space and c.
func (r *reader) must(c byte) {
	if !r.next(c) {
		r.failed = true
	}
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

// text reads a string.
func (r *reader) text() (s string) {
	raw, plain := r.raw()
	if plain || r.failed {
		return raw
	}
	r.failed = json.Unmarshal([]byte(r.line[r.at-len(raw)-2:r.at]), &s) != nil
	return s
}

func (r *reader) textPointer() *string {
	s := r.text()
	return &s
}

// raw skips a string and returns what is between its quotation marks. It is
// plain if it stands for itself.
func (r *reader) raw() (raw string, plain bool) {
	r.must('"')
	from, escaped, beyond := r.at, false, false
	for i := from; i < len(r.line) && !r.failed; i++ {
		c := r.line[i]
		if plainBytes[c] {
			continue
		}
		switch {
		case c == '"':
			raw, r.at = r.line[from:i], i+1
			return raw, !escaped && (!beyond || utf8.ValidString(raw))
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			r.failed = true
		default:
			beyond = true
		}
	}
	r.failed = true
	return "", false
}

func (r *reader) boolean() *bool {
	switch {
	case r.word("true"):
		return &yes
	case r.word("false"):
		return &no
	}
	r.failed = true
	return nil
}

var yes, no = true, false

// word skips white space and reports whether the word is next, and if so skips it.
func (r *reader) word(word string) bool {
	r.space()
	if !strings.HasPrefix(r.line[r.at:], word) {
		return false
	}
	r.at += len(word)
	return true
}

// skipParams skips a list of pairs of strings.
func (r *reader) skipParams() {
	r.must('[')
	if r.next(']') {
		return
	}
	for more := true; more && !r.failed; more = r.next(',') {
		r.must('[')
		r.skipText()
		r.must(',')
		r.skipText()
		r.must(']')
	}
	r.must(']')
}

// skipText skips a string. One with escapes is checked as well.
func (r *reader) skipText() {
	if raw, plain := r.raw(); !plain && !r.failed {
		r.failed = !json.Valid([]byte(r.line[r.at-len(raw)-2 : r.at]))
	}
}

// keys reads shared keys whose fields are in the order in which EncodeCase writes them.
func (r *reader) keys() (keys []sharedKey) {
	r.must('[')
	for more := true; more && !r.failed; more = r.next(',') {
		var key sharedKey
		if r.failed = r.failed || !r.word(`{"id":`); !r.failed {
			key.ID = r.text()
		}
		if r.failed = r.failed || !r.word(`,"secret":`); !r.failed {
			key.Secret = r.text()
		}
		r.must('}')
		keys = append(keys, key)
	}
	r.must(']')
	return keys
}
