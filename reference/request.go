// Package reference answers one question: how is a Twilio webhook signature
// computed and checked?
//
// It implements the algorithm that Twilio's Security page describes, in eight
// short files, in reading order:
//
//	request.go    what is signed: a Request
//	url.go        which URL was signed: userinfo and ports
//	form.go       which parameters were signed: decoding and order
//	body.go       what covers the body: its parameters, or its hash
//	key.go        which key and which algorithm sign
//	sign.go       the string to sign, the MAC, the signature
//	validator.go  the steps in their order, and the verdict
//	text.go       helpers: ASCII, percent-escapes, dot segments
//
// Nothing here normalizes its input: URLs, parameters and bodies are bytes,
// compared as bytes. Where the docs say nothing, the package takes the stricter
// reading and a comment names the question; a validator that answers such a
// question differently is not wrong.
//
// Comments name the rule they follow by its slug (url-verbatim, port-kept, …);
// `sigconform rules` prints what each slug says and where it comes from.
package reference

import "strings"

// Product is the Twilio product that sends a request. It matters to one
// rule: voice drops the port of an HTTPS URL before signing, messaging keeps it.
type Product string

// The products that sign differently. The zero value means that the validator
// is not told which one it serves.
const (
	ProductUnknown Product = ""
	Voice          Product = "voice"
	Messaging      Product = "messaging"
)

// Request is a webhook request as an application hands it to its validator.
type Request struct {
	// Method is the HTTP method, as sent (upper case).
	Method string
	// URL is the URL configured at Twilio, from the scheme through the end of
	// the query; for GET it includes the parameters that Twilio appended.
	// It is verbatim: nothing is decoded or normalized.
	URL string
	// Product is the sending product, or ProductUnknown.
	Product Product
	// ContentType is the value of the Content-Type header; nil if it was absent.
	ContentType *string
	// Body is the raw body; empty if there was no body.
	Body []byte
	// Signature is the value of X-Twilio-Signature: nil if the header was
	// absent, "" if it was present and empty.
	Signature *string
	// SignatureSettings is the value of X-Twilio-Webhooks-Signature-Settings: nil if
	// the header was absent, which means that the auth token signed (sk-header).
	SignatureSettings *string
	// SharedKeys are the keys that the application is configured with in addition
	// to the auth token; nil if it has no others.
	SharedKeys []SharedKey
}

// IsForm reports whether the content type is application/x-www-form-urlencoded.
// Case and parameters of the media type are ignored. A request without a content
// type, or with an empty one, is not a form.
func (r Request) IsForm() bool {
	if r.ContentType == nil {
		return false
	}
	mediaType, _, _ := strings.Cut(*r.ContentType, ";")
	return strings.EqualFold(strings.TrimSpace(mediaType), "application/x-www-form-urlencoded")
}
