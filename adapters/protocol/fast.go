package protocol

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// This file and fast_read.go write and read the lines that are exchanged by the
// hundred thousand, faster than encoding/json does, which remains the measure: what is
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
