package generate

import (
	"sigconform/reference"
)

// spelling is how a form is written; the zero value as most clients do.
type spelling struct {
	percent20 bool // a space is %20, not +
	lower     bool // hex digits are lower case
	escape    int  // 1: everything is escaped, 2: as little as possible
	bare      bool // no = before an empty value
	blanks    bool // & where no pair is
}

const (
	plain      = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._*"
	alsoLegal  = "~!'()/:@,?$"
	upperHex   = "0123456789ABCDEF"
	lowerHex   = "0123456789abcdef"
	neverPlain = 3
)

// class says how little a byte needs escaping: 0 never, 2 if one wants to.
var class = func() (class [256]byte) {
	for i := range class {
		class[i] = neverPlain
	}
	for _, c := range []byte(plain) {
		class[c] = 0
	}
	for _, c := range []byte(alsoLegal) {
		class[c] = 2
	}
	return class
}()

// encode writes the parameters as a form body.
func (sp spelling) encode(params []reference.Param) []byte {
	size := 0
	for _, p := range params {
		size += len(p.Name) + len(p.Value) + 8
	}
	body := make([]byte, 0, size+size/2)
	for i, p := range params {
		if i > 0 || sp.blanks {
			body = append(body, '&')
		}
		body = sp.escaped(body, p.Name)
		if p.Value != "" || !sp.bare || p.Name == "" {
			body = append(body, '=')
			body = sp.escaped(body, p.Value)
		}
		if sp.blanks {
			body = append(body, '&')
		}
	}
	return body
}

func (sp spelling) escaped(body []byte, text string) []byte {
	digits := upperHex
	if sp.lower {
		digits = lowerHex
	}
	for i := range len(text) {
		switch c := text[i]; {
		case sp.escape != 1 && (class[c] == 0 || sp.escape == 2 && class[c] == 2):
			body = append(body, c)
		case c == ' ' && !sp.percent20:
			body = append(body, '+')
		default:
			body = append(body, '%', digits[c>>4], digits[c&15])
		}
	}
	return body
}

func escapeOnce(text string) string {
	return string(spelling{percent20: true}.escaped(nil, text))
}
