package fuzz

import (
	"bytes"
	"encoding/json"
	"strings"

	"sigconform/reference"
	"sigconform/vectors"
)

// This file is about a validator with a place of its own: a running application
// has one URL and one token. Requests are drawn for a public stand-in, and moved
// to the place when they are asked. So neither its token nor its address is in
// any request that is shown or written.

// Place is where the validator under test is, if it cannot be asked about any
// URL and token.
type Place struct {
	// Scheme and Product are those of the requests that are drawn.
	Scheme  string
	Product reference.Product
	// Move returns a vector as it is asked at the place, signed with the token of
	// the place wherever the vector is with its own. The error says why it cannot
	// be asked there.
	Move func(*vectors.Vector) (*vectors.Vector, error)
}

// What stands for the token, host and path of a place.
const (
	placeToken = "0123456789abcdef0123456789abcdef"
	placeHost  = "example.com"
	placePath  = "/myapp"
)

// url is the URL of requests for the place.
func (p *Place) url() reference.URLParts {
	return reference.URLParts{Scheme: p.Scheme, Host: placeHost, Path: placePath}
}

// takes reports whether the case can be asked at the place, and prepares that.
// What a server may refuse though it is signed right is not judged any more.
func (p *Place) takes(c *Case) bool {
	url, _ := reference.SplitURL(c.Request.URL)
	query := url.Query
	if url.Query, url.Fragment = "", ""; url != p.url() || c.Token != placeToken || c.Request.Product != p.Product {
		return false
	}
	v := c.vector()
	v.Family = &vectors.Family{}
	v.Result = map[Expectation]vectors.Result{MustAccept: vectors.Valid, MustReject: vectors.Invalid, NotJudged: vectors.Question}[c.Expected]
	moved, err := p.Move(v)
	if err != nil || c.Expected == MustReject && Judge(caseOf(moved)) != MustReject {
		return false
	}
	if c.Expected == MustAccept && refusable(c.Request, query) {
		c.Expected = NotJudged
	}
	sent := moved.Request.Reference()
	c.sent = &sent
	return true
}

// longestTarget is how long a request target may be that every server takes.
const longestTarget = 3500

// refusable reports whether a server or a framework may refuse a request with a
// status that means a rejection, whatever the signature: it cannot parse the
// body that the type promises, or has enough of it.
func refusable(r reference.Request, query string) bool {
	if len(query) > longestTarget {
		return true
	}
	if r.ContentType == nil || r.IsForm() {
		return false
	}
	mediaType := strings.ToLower(*r.ContentType)
	switch {
	case strings.Contains(mediaType, "json"):
		// Some take nothing but objects and arrays.
		return !strings.Contains(mediaType, "/") || !json.Valid(r.Body) || !bytes.ContainsAny(bytes.TrimSpace(r.Body)[:1], "{[")
	case strings.Contains(mediaType, "xml"):
		return true
	}
	return false
}
