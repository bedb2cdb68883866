// This file lists the checks of how a body is sent: in chunks, compressed, larger than
// common limits. However it is sent, the signature covers all of it.

package endpoint

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"sync"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// bodyChecks: however a body is sent, the signature covers all of it.
func (e *Endpoint) bodyChecks() []check {
	chunked := func(d *webhook.Delivery) { d.Chunked = true }
	gzipped := func(d *webhook.Delivery) {
		d.WireBody = compressed(d.Request.Body)
		d.Header = []webhook.Field{{Name: "Content-Encoding", Value: "gzip"}}
	}
	// Twilio sends bodies with their length. A server that does not read chunks
	// hands an empty body to the validator and to everybody else.
	unread := e.unreachable[chunkedBody]
	const hello = `{"Body":"Hello"}`
	emptyText := strings.Replace(calibrationParams, "Body=Hello", "Body=", 1)
	all := []check{
		at(check{id: emptyBodyCheck, comment: "A message without text, as an MMS may be", rule: "all-params",
			request: e.form(emptyText)}),
		at(check{id: "endpoint-body/chunked-form", comment: "A form sent in chunks", rule: "all-params",
			request: e.form(calibrationParams), not: unread, deliver: chunked}),
		at(check{id: "endpoint-body/chunked-form-unsigned",
			comment: "A form sent in chunks, with only its URL signed", rule: "body-covered", result: vectors.Invalid,
			request: e.form(calibrationParams), urlOnly: true, deliver: chunked}),
		at(check{id: "endpoint-body/chunked-json", comment: "JSON sent in chunks", rule: "body-sha256",
			request: e.json(hello, hello), not: unread, deliver: chunked}),
		at(check{id: "endpoint-body/chunked-json-other", comment: "JSON sent in chunks, with the hash of another body",
			rule: "body-sha256", result: vectors.Invalid,
			request: e.json(hello, "{}"), deliver: chunked}),
		at(check{id: "endpoint-body/chunked-json-hash-of-nothing",
			comment: "JSON sent in chunks, with the hash of an empty body", rule: "body-sha256", result: vectors.Invalid,
			request: e.json(hello, ""), deliver: chunked}),
		at(check{id: "endpoint-body/gzip-form-unsigned", comment: "A compressed form, with only its URL signed: " +
			"a form parser that does not decompress it may find no parameters", question: "compressed-form=url-signed",
			request: e.form(calibrationParams), urlOnly: true, deliver: gzipped}),
		at(check{id: "endpoint-body/gzip-json-other", comment: "Compressed JSON, with the hash of another body",
			rule: "body-sha256", result: vectors.Invalid,
			request: e.json(hello, "{}"), deliver: gzipped}),
		at(check{id: "endpoint-body/gzip-json-hash-of-nothing",
			comment: "Compressed JSON, with the hash of an empty body", rule: "body-sha256", result: vectors.Invalid,
			request: e.json(hello, ""), deliver: gzipped}),
		at(check{id: "endpoint-body/query-and-form", comment: "The same parameter in the query and in the form, with " +
			"different values", rule: "get-signs-url-only", request: e.withQuery(e.form("Digits=1"), "Digits=2")}),
		at(check{id: "endpoint-body/query-instead-of-form", comment: "A parameter in the query that was signed as " +
			"one of the form", rule: "get-signs-url-only", result: vectors.Invalid,
			request: e.withQuery(e.form("Digits=1"), "To=2"), signed: e.signedElsewhere(func(*reference.URLParts) {}),
			params: []byte("Digits=1&To=2")}),
	}
	if unread != "" && e.dropsChunks() {
		for i := range all {
			switch all[i].id {
			case "endpoint-body/chunked-form-unsigned":
				all[i].openTo("chunked-body=form")
			case "endpoint-body/chunked-json-hash-of-nothing":
				all[i].openTo("chunked-body=json")
			}
		}
	}
	// Beyond what common parsers read. An application may refuse it, but what it
	// leaves out must not go unsigned.
	for _, limit := range []struct {
		slug string
		size int
	}{{"100-kib", 100 << 10}, {"1-mib", 1 << 20}, {"2-5-mib", 5 << 19}} {
		signed := filled(limit.size)
		all = append(all,
			at(check{id: "endpoint-body/over-" + limit.slug, comment: "A form of more than " + limit.slug,
				question: "large-form=" + limit.slug, request: e.form(signed)}),
			at(check{id: "endpoint-body/over-" + limit.slug + "-unsigned",
				comment: "A form of more than " + limit.slug +
					" whose last parameter is not signed", rule: "body-covered", result: vectors.Invalid,
				request: e.form(signed + "&To=1"), params: []byte(signed)}),
		)
	}
	var many strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&many, "p%04d=1&", i)
	}
	return append(all, at(check{
		id: "endpoint-body/parameter-1001-unsigned", comment: "A form whose 1001st parameter is not signed",
		rule: "body-covered", result: vectors.Invalid,
		request: e.form(many.String() + "To=1"), params: []byte(many.String()),
	}))
}

// mostFilled is more than any common limit.
const mostFilled = 11 << 20

// longest is the longest form that is sent.
var longest = sync.OnceValue(func() string { return "Body=" + strings.Repeat("x", mostFilled) })

// filled returns a form with a value of so many bytes. All such forms share memory.
func filled(size int) string { return longest()[:len("Body=")+size] }

func compressed(data []byte) []byte {
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	writer.Write(data)
	writer.Close()
	return out.Bytes()
}
