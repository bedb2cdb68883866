package report

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// Bytes are bytes in a report: a URL, a body, a string to sign. In JSON they
// are a string if they are UTF-8 and all there, and otherwise an object that
// gives them as text or in Base64, and says which piece of how many they are:
//
//	{"base64": "…"}    {"text": "…", "from": 65000, "of": 70000}
type Bytes struct {
	Data string
	From int // where Data starts in the whole
	Of   int // how many bytes the whole has
}

// longest is how many bytes of one value a report keeps.
const longest = 8 << 10

type bytesJSON struct {
	Text   *string `json:"text,omitempty"`
	Base64 []byte  `json:"base64,omitempty"`
	From   int     `json:"from,omitempty"`
	Of     int     `json:"of,omitempty"`
}

// Whole reports whether nothing was cut off.
func (b Bytes) Whole() bool { return len(b.Data) == b.Of }

// start is at most the first n bytes of b, or a little less: it ends at no byte
// within a character.
func (b Bytes) start(n int) Bytes {
	if len(b.Data) <= n {
		return b
	}
	end := n
	for end > n-utf8.UTFMax && !utf8.RuneStart(b.Data[end]) {
		end--
	}
	return Bytes{b.Data[:end], b.From, b.Of}
}

// MarshalJSON writes the shortest of the forms.
func (b Bytes) MarshalJSON() ([]byte, error) {
	text := utf8.ValidString(b.Data)
	if text && b.Whole() {
		return json.Marshal(b.Data)
	}
	var form bytesJSON
	if text {
		form.Text = &b.Data
	} else {
		form.Base64 = []byte(b.Data)
	}
	if !b.Whole() {
		form.From, form.Of = b.From, b.Of
	}
	return json.Marshal(form)
}

// UnmarshalJSON reads every form.
func (b *Bytes) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &b.Data) == nil {
		b.From, b.Of = 0, len(b.Data)
		return nil
	}
	var form bytesJSON
	if err := json.Unmarshal(data, &form); err != nil {
		return err
	}
	b.Data = string(form.Base64)
	if form.Text != nil {
		b.Data = *form.Text
	}
	b.From, b.Of = form.From, max(form.Of, form.From+len(b.Data))
	if b.From < 0 {
		return errors.New("a piece cannot start before the whole")
	}
	return nil
}

// keep returns what a report keeps of s: all of it, or the piece around a place
// of interest.
func keep(s string, around int) Bytes {
	if len(s) <= longest {
		return Bytes{s, 0, len(s)}
	}
	return piece(s, startOf(s, around))
}

// keepBoth is keep for two strings, around the first byte in which they part:
// both pieces start at the same place.
func keepBoth(a, b string) (Bytes, Bytes) {
	if len(a) <= longest && len(b) <= longest {
		return keep(a, 0), keep(b, 0)
	}
	from := startOf(a, parting(a, b))
	return piece(a, from), piece(b, from)
}

// startOf is where a piece around a place starts: a quarter of a piece before,
// and at no byte within a character.
func startOf(s string, around int) int {
	from := max(0, around-longest/4)
	for from > 0 && from < len(s) && !utf8.RuneStart(s[from]) {
		from--
	}
	return from
}

func piece(s string, from int) Bytes {
	end := min(len(s), from+longest)
	for end > from && end < len(s) && end > from+longest-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return Bytes{s[from:end], from, len(s)}
}

// parting is the first byte in which two strings part, and where the shorter
// ends if none does; never within a character.
func parting(a, b string) int {
	part := 0
	for part < len(a) && part < len(b) && a[part] == b[part] {
		part++
	}
	for part > 0 && (part < len(a) && !utf8.RuneStart(a[part]) || part < len(b) && !utf8.RuneStart(b[part])) {
		part--
	}
	return part
}
