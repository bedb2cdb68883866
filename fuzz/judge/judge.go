package judge

import (
	"cmp"
	"slices"
	"strings"

	"sigconform/reference"
)

// This file answers: what do the rules demand? It must be right, or findings
// are worthless, so it claims little:
//
//   - A signature of exactly what the rules say must be accepted if the request
//     touches no question that the docs leave open (open.go).
//   - A signature with another key, of another URL or of other parameters must be
//     rejected, unless some answer to a question makes it right. If one might, the
//     judge demands nothing.
//   - A request with a body that nothing covers must be rejected, with any signature.

// Judge returns what the rules demand for a case; its Signed says how its signature
// was made.
func Judge(c *Case) Expectation {
	if c.facts == nil {
		c.facts = factsOf(c.Request)
	}
	if !c.Signed.None && c.rightKey() && c.Signed.Encoding == "" && c.facts.right != "" && c.facts.right == c.Signed.String {
		if len(Questions(c)) == 0 {
			return MustAccept
		}
		return NotJudged
	}
	if c.mustReject() {
		return MustReject
	}
	return NotJudged
}

// mustReject reports whether no reasonable validator accepts the case: it looks for
// one thing that is wrong under every answer to every question.
func (c *Case) mustReject() bool {
	switch {
	case uncovered(c.Request, c.facts) && !c.signedAsForm():
		return true
	case multipart(c.Request) && c.Request.Method == "POST" && len(c.facts.hashes) == 0 && len(c.Signed.Params) == 0:
		return len(c.Request.Body) > 0 // body-covered: no part of it is signed
	case c.Signed.None:
		return true
	case !c.mayBeItsKey():
		return true
	case c.Signed.Encoding != "" && !c.sameBytes():
		return true
	}
	return !c.mayHaveBeenSigned() && !c.signedAsForm()
}

// sameBytes reports whether the encoding of the signature represents the bytes of
// the MAC: accepting it lets nobody forge a request (malleability, question
// signature-whitespace).
func (c *Case) sameBytes() bool {
	switch c.Signed.Encoding {
	case "base64-of-20-bytes":
		return c.signedBy(reference.HMACSHA1)
	case "base64url", "base64-unpadded", "base64-noncanonical", "padding-more", "junk-more", "space-before", "space-after":
		return true
	}
	return false
}

// Uncovered reports whether no signature can depend on the body of r: it is not a
// form, and the query does not give its hash (body-covered, body-sha256,
// body-sha256-query-only).
func Uncovered(r reference.Request) bool { return uncovered(r, factsOf(r)) }

func uncovered(r reference.Request, f *facts) bool {
	if formLike(r) || multipart(r) {
		return false
	}
	if !f.isURL || controls(r.URL) || unescapedHashName(f.parts.Query) || !strings.HasPrefix(f.parts.Scheme, "http") {
		return false
	}
	switch {
	case len(f.hashes) == 0:
		return r.Method == "POST" && len(r.Body) > 0 && !hashOtherwiseNamed(r)
	case slices.Contains(f.hashes, "") && (r.Method != "POST" || len(r.Body) == 0):
		return false // questions body-on-get, other-methods, empty-json-body-without-hash
	case r.Method != "POST" && len(r.Body) == 0:
		return false // nobody checks the body of a GET without one
	case len(r.Body) == 0 && !strings.Contains(f.parts.Query, reference.BodyHashParam):
		return false // question hash-name-escaped: to who does not find it there is neither a body nor a hash
	}
	return !hashMayMatch(r, f)
}

// signedAsForm reports whether a body without a content type, or with one that has that
// of forms in it, may have been parsed and signed as a form (questions typeless-form and
// content-type-spelling).
func (c *Case) signedAsForm() bool {
	given := c.Request.ContentType
	namesForm := given == nil || !c.facts.isForm && strings.Contains(strings.ToLower(*given), formType)
	if !namesForm || len(c.Signed.Params) == 0 {
		return false
	}
	as := *c
	contentType := formType
	as.Request.ContentType = &contentType
	as.facts = factsOf(as.Request)
	return as.mayHaveBeenSigned()
}

// hashMayMatch reports whether one of the hashes in the query is the body's, in
// upper or lower case (questions hash-duplicated and hash-hex-case), or followed by
// an equals sign (question hash-name-spelling).
func hashMayMatch(r reference.Request, f *facts) bool {
	if len(f.hashes) == 0 {
		return false
	}
	hash := reference.BodyHash(r.Body)
	return slices.ContainsFunc(f.hashes, func(given string) bool { return strings.EqualFold(strings.TrimRight(given, "="), hash) })
}

// hashOtherwiseNamed reports whether the query gives the body's hash under another
// spelling of the parameter's name (question hash-name-spelling).
func hashOtherwiseNamed(r reference.Request) bool {
	p, _ := reference.SplitURL(r.URL)
	for _, pair := range reference.ParseForm([]byte(strings.TrimLeft(p.Query, "?"))) {
		if strings.EqualFold(strings.TrimLeft(before(pair.Name, "\x00"), "?"), reference.BodyHashParam) &&
			strings.EqualFold(strings.TrimRight(pair.Value, "="), reference.BodyHash(r.Body)) {
			return true
		}
	}
	return false
}

// unescapedHashName reports whether the query may contain the name of the hash in a
// spelling that parsers read differently.
func unescapedHashName(query string) bool {
	return strings.Contains(query, ";"+reference.BodyHashParam)
}

// formLike reports whether some validators may take the content type for a form's.
func formLike(r reference.Request) bool {
	return r.ContentType != nil && strings.Contains(strings.ToLower(*r.ContentType), "urlencoded") && (r.IsForm() || oddType(*r.ContentType))
}

// mayHaveBeenSigned reports whether some answer to some question makes the
// signed string right for this request. First it compares the two strings as
// wholes, because the boundaries of name, value and path are lost (question
// concatenation), and then piece by piece, loosely.
func (c *Case) mayHaveBeenSigned() bool {
	r, f, given := c.Request, c.facts, c.facts.parts
	signedURL, ok := reference.SplitURL(c.Signed.URL)
	if !f.isURL || !ok || controls(r.URL) || controls(c.Signed.URL) || colons(given.Host) || colons(signedURL.Host) {
		return true // not a URL that can be called: the judge claims nothing about it
	}
	if !sameAuthority(given, signedURL) {
		if given.Path != "" && signedURL.Path != "" {
			return false
		}
		// Question empty-path: the parameters run into the authority.
		signedURL, _ = reference.SplitURL(c.Signed.String)
		return given.Path == "" || sameAuthority(given, signedURL)
	}
	if c.sameAsAWhole() {
		return true
	}
	if strings.HasPrefix(given.Scheme, "w") && signedURL.Query == "" && (len(c.Signed.Params) > 0 || blank(given.Query)) {
		// Question wss-query: its parameters may be appended, and parsers of queries,
		// such as Python's parse_qs, leave those without a value out.
		given.Query = ""
		return loose(given) == loose(signedURL)
	}
	if loose(given) != loose(signedURL) {
		return false
	}
	switch {
	case len(f.params) == 0:
		return len(c.Signed.Params) == 0 || multipart(r)
	case r.Method != "POST":
		// Questions body-on-get and other-methods: no parameters, or all of them.
		return len(c.Signed.Params) == 0 || covers(c)
	case len(c.Signed.Params) == 0 && hashMayMatch(r, f):
		return true // question bodySHA256-with-form-body
	default:
		return covers(c)
	}
}

// blank reports whether no parameter of a query has a value.
func blank(query string) bool {
	params := reference.ParseForm([]byte(strings.TrimLeft(query, "?")))
	return !slices.ContainsFunc(params, func(p reference.Param) bool { return p.Value != "" })
}

// sameAsAWhole reports whether the signed string and the request are the same after
// the authority, with or without a trailing slash, with or without the fragment, and
// with the parameters or, where that is a question, without them.
func (c *Case) sameAsAWhole() bool {
	f, given := c.facts, c.facts.parts
	whole := afterAuthority(c.Signed.String)
	appended := reference.Join("", f.ordered)
	alone := c.Request.Method != "POST" || hashMayMatch(c.Request, f) // question bodySHA256-with-form-body
	rest := given.Path + given.Query
	if difference := len(whole) - len(rest); difference < -1 || difference > 1+len(appended)+len(given.Fragment) {
		return false
	}
	for _, rest := range []string{rest, rest + "/", strings.TrimSuffix(rest, "/"), rest + given.Fragment, given.Path + "/" + given.Query} {
		if whole == rest || strings.HasPrefix(whole, rest) && whole[len(rest):] == appended {
			if alone || len(whole) == len(rest)+len(appended) {
				return true
			}
		}
	}
	return false
}

// covers reports whether the signed parameters may be those of the form under
// some reading: the right ones in the right order or, if the form touches a
// question, any that contain every name and value of the form.
func covers(c *Case) bool {
	f, signed := c.facts, c.Signed.Params
	text := c.Signed.String[len(c.Signed.URL):]
	if text == reference.Join("", f.ordered) {
		return true
	}
	if oddCharset(c.Request) || oddForm(string(c.Request.Body)) || oddParams(f) {
		return true
	}
	if !f.repeats {
		return false
	}
	// Question duplicate-names: in the order of the body, or all of them sorted; …
	arrived := slices.Clone(f.params)
	byName := func(a, b reference.Param) int { return strings.Compare(a.Name, b.Name) }
	slices.SortStableFunc(arrived, byName)
	if text == reference.Join("", arrived) {
		return true
	}
	slices.SortFunc(arrived, func(a, b reference.Param) int {
		return cmp.Or(byName(a, b), strings.Compare(a.Value, b.Value))
	})
	if text == reference.Join("", arrived) {
		return true
	}
	// … in any order and joined in any way, but every value must be included
	// (body-covered).
	included := map[reference.Param]bool{}
	for _, p := range signed {
		included[p] = true
	}
	for _, p := range f.ordered {
		// An empty text is part of every text.
		if !included[p] && (p.Value == "" || !strings.Contains(text, p.Name) || !strings.Contains(text, p.Value)) {
			return false
		}
	}
	return true
}
