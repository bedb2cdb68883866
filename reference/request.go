// Package reference answers one question: how is a Twilio webhook signature
// computed, and when does one hold?
//
// It is the algorithm as Twilio's Security page gives it, in six short files
// to be read in this order:
//
//	request.go    what is signed: a Request
//	url.go        which URL was signed: userinfo and ports
//	form.go       which parameters were signed: decoding and order
//	body.go       what covers the body: its parameters, or its hash
//	sign.go       the string to sign, the MAC, the signature
//	validator.go  the steps in their order, and the verdict
//
// Nothing here normalizes what it was given: URLs, parameters and bodies are
// bytes, compared as bytes. Where the page is silent the package takes the
// stricter reading and its comment names the question; a validator that
// answers such a question otherwise is not wrong.
//
// Comments name the rule they follow by its slug (url-verbatim, port-kept, …);
// `sigconform rules` prints what each slug says and where it comes from.
package reference

import "strings"

// Product is the Twilio product that sends a request. It matters for one
// rule: voice drops the port of an HTTPS URL before signing, messaging keeps it.
type Product string

// The products that sign differently. The zero value means that the validator
// is not told which one it serves.
const (
	ProductUnknown Product = ""
	Voice          Product = "voice"
	Messaging      Product = "messaging"
)

// Request is a webhook request as the application that received it hands it to
// its validator.
type Request struct {
	// Method is the HTTP method, as sent (upper case).
	Method string
	// URL is the URL configured at Twilio, from the scheme through the end of
	// the query; for GET with the parameters that Twilio appended to the query.
	// Bytes as they stand: nothing is decoded or normalized.
	URL string
	// Product is the sending product, or ProductUnknown.
	Product Product
	// ContentType is the value of the Content-Type header; nil if there was none.
	ContentType *string
	// Body is the raw body; empty if there was none.
	Body []byte
	// Signature is the value of X-Twilio-Signature: nil if the header was
	// absent, "" if it was there and empty.
	Signature *string
}

// IsForm reports whether the content type is application/x-www-form-urlencoded.
// The case and the parameters of the media type are ignored; an absent or empty
// content type is no form.
func (r Request) IsForm() bool {
	if r.ContentType == nil {
		return false
	}
	mediaType, _, _ := strings.Cut(*r.ContentType, ";")
	return strings.EqualFold(strings.TrimSpace(mediaType), "application/x-www-form-urlencoded")
}
