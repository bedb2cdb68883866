package judge

import (
	"bytes"
	"encoding/json"
)

// document has the properties of a JSON text that questions are about.
type document struct {
	valid    bool
	composed bool // it is an object or an array
	repeats  bool // an object in it repeats a key
}

// readJSON reads a JSON text.
func readJSON(text []byte) document {
	if !json.Valid(text) {
		return document{}
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	d := document{valid: true}
	d.composed = d.value(decoder)
	return d
}

// value reads a value and reports whether it is an object or an array.
func (d *document) value(decoder *json.Decoder) (composed bool) {
	token, err := decoder.Token()
	delimiter, composed := token.(json.Delim)
	if err != nil || !composed {
		return false
	}
	keys := map[string]bool{}
	for decoder.More() {
		if delimiter == '{' {
			token, err := decoder.Token()
			key, isText := token.(string)
			if err != nil || !isText {
				return true
			}
			d.repeats = d.repeats || keys[key]
			keys[key] = true
		}
		d.value(decoder)
	}
	_, _ = decoder.Token() // the end of the object or array, which exists because the text is valid
	return true
}
