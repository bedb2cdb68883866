package judge

import (
	"strings"

	"sigconform/reference"
)

// The media types that Twilio sends.
const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// multipart reports whether the body is another kind of form (question
// other-media-types).
func multipart(r reference.Request) bool {
	return r.ContentType != nil && strings.HasPrefix(strings.ToLower(*r.ContentType), "multipart/form-data")
}

// oddType reports whether parsers of media types disagree about a content type.
func oddType(contentType string) bool {
	mediaType, _, _ := strings.Cut(contentType, ";")
	mediaType = strings.TrimSpace(mediaType)
	kind, subtype, found := strings.Cut(mediaType, "/")
	if mediaType == "application-json" {
		return false // Twilio's Security page spells it this way
	}
	word := func(s string) bool {
		return s != "" && strings.IndexFunc(s, func(c rune) bool {
			return c <= ' ' || c > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, c)
		}) < 0
	}
	return contentType != "" && (!found || !word(kind) || !word(subtype))
}

// oddCharset reports whether the content type of a form names a charset other than
// UTF-8, or any other parameter.
func oddCharset(r reference.Request) bool {
	if r.ContentType == nil {
		return false
	}
	_, parameters, _ := strings.Cut(*r.ContentType, ";")
	for parameter := range strings.SplitSeq(strings.ToLower(parameters), ";") {
		parameter = strings.ReplaceAll(strings.TrimSpace(parameter), `"`, "")
		if parameter != "" && parameter != "charset=utf-8" {
			return true
		}
	}
	return false
}

// isJSON reports whether a content type is JSON, in any spelling.
func isJSON(contentType string) bool {
	mediaType, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(mediaType), jsonType)
}

// plainType reports whether a content type is spelled as Twilio spells it
// (question content-type-spelling).
func plainType(contentType, mediaType string) bool {
	parameters, found := strings.CutPrefix(contentType, mediaType)
	return found && (parameters == "" || strings.EqualFold(parameters, "; charset=utf-8"))
}

func malformedPercent(body string) bool {
	for i := range len(body) {
		if body[i] != '%' {
			continue
		}
		if _, isEscape := reference.Unescape(body, i); !isEscape {
			return true
		}
	}
	return false
}

// rawBytes reports whether a form contains bytes that every client escapes: spaces,
// control characters, bytes outside ASCII.
func rawBytes(body string) bool {
	for i := range len(body) {
		if c := body[i]; c <= ' ' || c >= 0x7f {
			return true
		}
	}
	return false
}
