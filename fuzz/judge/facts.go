// Package judge answers: what must the answer be? It is the oracle of the fuzzer:
// given a request and what its signature covers, it says whether a validator must
// accept the request or must reject it, or whether the docs leave that open.
// Its files, in reading order:
//
//	facts.go  what the reference says about a request, computed once
//	case.go   a request, and what its signature covers
//	text.go   which characters a text has, and its percent-escapes
//	form.go   which forms and media types are unusual
//	json.go   the properties of JSON that questions are about
//	key.go    which key and which algorithm does a request call for?
//	open.go   which open questions does a request touch?
//	loose.go  can two URLs be the same, under some answer to a question?
//	judge.go  which answer the rules demand
//
// Other modules need only this package: of this module it imports nothing but
// package reference.
package judge

import (
	"slices"
	"strings"

	"sigconform/reference"
)

// facts are what the reference says about a request. They are computed once and
// shared by the cases that send the same request with other signatures.
type facts struct {
	parts  reference.URLParts
	isURL  bool
	isForm bool              // by its type
	hashes []string          // of the body, in the query
	params []reference.Param // of a form, with any method
	// ordered are the params in the order in which they are signed; repeats is true
	// if a name occurs more than once.
	ordered []reference.Param
	repeats bool
	// url, appended and right are what Twilio signs: the URL, the parameters
	// and the string. Right is "" if no signature is right.
	url      string
	appended []reference.Param
	right    string
}

func factsOf(r reference.Request) *facts {
	f := &facts{isForm: r.IsForm()}
	f.parts, f.isURL = reference.SplitURL(r.URL)
	if mayNameHash(f.parts.Query) {
		f.hashes = reference.BodyHashes(r.URL)
	}
	if f.isForm && len(r.Body) > 0 {
		f.params = reference.ParseForm(r.Body)
		f.ordered = reference.OrderParams(f.params)
		f.repeats = len(f.ordered) != len(f.params) || repeatsName(f.ordered)
	}
	f.url = reference.SignedURLs(r.URL, r.Product)[0]
	switch {
	case r.Method == "POST" && f.isForm:
		f.appended = f.ordered
	case len(f.hashes) > 0 && !f.hashHolds(r.Body), len(f.hashes) == 0 && len(r.Body) > 0:
		return f
	}
	f.right = reference.Join(f.url, f.appended)
	return f
}

// hashHolds reports whether all hashes are the body's, as [reference.HashHolds] does.
func (f *facts) hashHolds(body []byte) bool {
	right := reference.BodyHash(body)
	return !slices.ContainsFunc(f.hashes, func(given string) bool { return given != right })
}

// mayNameHash is false only if a query has no parameter with the name of the hash: it
// spells no part of that name and escapes no letter or digit.
func mayNameHash(query string) bool {
	for i := 1; i < len(query); i++ {
		if query[i-1] == '%' && '3' <= query[i] && query[i] <= '7' {
			return true
		}
	}
	return strings.Contains(query, "SHA256")
}

func repeatsName(ordered []reference.Param) bool {
	for i := 1; i < len(ordered); i++ {
		if ordered[i].Name == ordered[i-1].Name {
			return true
		}
	}
	return false
}
