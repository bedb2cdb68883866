package generate

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/vectors"
)

// This file is about a validator at a fixed place: a running application has one URL
// and one token. Requests are drawn for a public stand-in and moved to the place when
// they are sent. So no request that is shown or written has its token or address.

// Place is where the validator under test is, if it cannot be tested with any URL and
// token.
type Place struct {
	// Scheme and Product are those of the requests that are drawn.
	Scheme  string
	Product reference.Product
	// Token is the token of the place. It signs what is sent to tell mistakes apart, and
	// goes into nothing that is shown or written.
	Token string
	// Keys are its shared keys, for the same.
	Keys []reference.SharedKey
	// Below are the ends of paths below the stand-in's that lead to the validator at the
	// place, too; nil for none.
	Below []string
	// Move returns a vector as it is sent to the place: where the vector is signed
	// with its own token, it is signed with the token of the place. The error says why
	// it cannot be sent there.
	Move func(*vectors.Vector) (*vectors.Vector, error)
}

// The stand-ins for the token, host and path of a place.
const (
	placeToken = "0123456789abcdef0123456789abcdef"
	placeHost  = "example.com"
	placePath  = "/myapp"
)

// url is the URL of requests for the place.
func (p *Place) url() reference.URLParts {
	return reference.URLParts{Scheme: p.Scheme, Host: placeHost, Path: placePath}
}

// takes reports whether the case can be sent to the place, and prepares it. A case
// that a server may refuse even with the right signature gets no expectation.
func (p *Place) takes(c *Case) bool {
	if c.Request.Method == "OPTIONS" {
		return false // servers and frameworks answer it by themselves
	}
	url, _ := reference.SplitURL(c.Request.URL)
	query := url.Query
	if end, below := strings.CutPrefix(url.Path, placePath+"/"); below && slices.Contains(p.Below, end) {
		url.Path = placePath
	}
	if url.Query, url.Fragment = "", ""; url != p.url() || c.Token != placeToken || c.Request.Product != p.Product {
		return false
	}
	v := c.Vector()
	v.Family = &vectors.Family{}
	v.Result = map[judge.Expectation]vectors.Result{
		judge.MustAccept: vectors.Valid, judge.MustReject: vectors.Invalid, judge.NotJudged: vectors.Question,
	}[c.Expected]
	moved, err := p.Move(v)
	if err != nil {
		return false
	}
	if there := CaseOf(moved); c.Expected == judge.MustReject && judge.Judge(&there) != judge.MustReject {
		return false
	}
	if c.Expected == judge.MustAccept && refusable(c.Request, query) {
		c.Expected = judge.NotJudged
	}
	sent := moved.Request.Reference()
	if sent.SharedKeys != nil {
		sent.SharedKeys = p.Keys
	}
	c.sent, c.sentToken = &sent, p.Token
	return true
}

// longestTarget is the longest request target that every server accepts.
const longestTarget = 3500

// refusable reports whether a server or a framework may refuse a request with a
// status that means a rejection, with any signature: it cannot parse the body as its
// content type, or it limits its size.
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
		// Some accept only objects and arrays.
		return !strings.Contains(mediaType, "/") || !json.Valid(r.Body) || !bytes.ContainsAny(bytes.TrimSpace(r.Body)[:1], "{[")
	case strings.Contains(mediaType, "xml"):
		return true
	}
	return false
}
