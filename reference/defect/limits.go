// This file answers: where is the limit of a validator that has one? A defect that
// is a limit says which requests are just within it, so that its number can be found.

package defect

import (
	"strconv"
	"strings"

	"sigconform/reference"
)

// count is the value of a defect that counts something.
func count(value string) int {
	n, _ := strconv.Atoi(value)
	return n
}

// firstBytes cuts a text after so many bytes.
func firstBytes(s, n string) string { return s[:min(count(n), len(s))] }

const formType = "application/x-www-form-urlencoded"

// sized returns requests of every size: the right ones of a defect that is a limit.
func sized(request func(n int) (url, body string)) func(n int) reference.Request {
	return func(n int) reference.Request {
		url, body := request(n)
		r := reference.Request{Method: "GET", URL: url, Body: []byte(body)}
		if body != "" {
			form := formType
			r.Method, r.ContentType = "POST", &form
		}
		return r
	}
}

// longForm is a request whose form has n bytes.
var longForm = sized(func(n int) (url, body string) {
	return "https://example.com/myapp", "a=" + strings.Repeat("b", max(0, n-2))
})

// longBody is a request with n bytes of JSON that their hash covers.
func longBody(n int) reference.Request {
	contentType, body := "application/json", []byte(strings.Repeat("1", n))
	url := "https://example.com/myapp?" + reference.BodyHashParam + "=" + reference.BodyHash(body)
	return reference.Request{Method: "POST", URL: url, ContentType: &contentType, Body: body}
}
