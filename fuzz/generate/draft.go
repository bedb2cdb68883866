package generate

import (
	"strings"

	"sigconform/reference"
)

// draft is a request in its parts.
type draft struct {
	token       string
	method      string
	product     reference.Product
	url         reference.URLParts
	contentType *string
	form        bool // the body is an encoding of params; otherwise it is body
	params      []reference.Param
	spelling    spelling
	tail        string // more bytes of a form's body
	body        []byte
	hashed      bool    // the query gives the body's hash
	settings    *string // the header that names a shared key; nil if there is none
	keys        []reference.SharedKey
}

// request returns the request as the validator receives it, without a signature.
func (d *draft) request() reference.Request {
	r := reference.Request{Method: d.method, URL: d.url.String(), Product: d.product, ContentType: d.contentType, Body: d.body,
		SignatureSettings: d.settings, SharedKeys: d.keys}
	if d.form {
		r.Body = append(d.spelling.encode(d.params), d.tail...)
	}
	return r
}

// addPair puts a pair into the query, mostly at its end.
func (d *draft) addPair(s *Source, pair string) {
	switch {
	case d.url.Query == "" || d.url.Query == "?":
		d.url.Query = "?" + pair
	case s.oneIn(4):
		d.url.Query = "?" + pair + "&" + d.url.Query[1:]
	default:
		d.url.Query += "&" + pair
	}
}

// dropHash removes the hash from the query and reports whether there was one.
func (d *draft) dropHash() bool {
	pairs := strings.Split(strings.TrimPrefix(d.url.Query, "?"), "&")
	kept := pairs[:0]
	for _, pair := range pairs {
		if !strings.HasPrefix(pair, reference.BodyHashParam+"=") {
			kept = append(kept, pair)
		}
	}
	if len(kept) == len(pairs) {
		return false
	}
	d.url.Query = strings.TrimSuffix("?"+strings.Join(kept, "&"), "?")
	return true
}
