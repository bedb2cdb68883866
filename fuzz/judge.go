package fuzz

import (
	"bytes"
	"slices"
	"strings"

	"sigconform/reference"
)

// This file answers: what do the rules demand? It must be right, or findings
// are worth nothing, and so it claims little:
//
//   - A signature that was made of just what the rules say must be accepted,
//     if the request touches no question that the norm leaves open (open.go).
//   - A signature that was made under another key, of another URL or of other
//     parameters must be rejected, unless some answer to some question makes
//     it right. Where that might be, nothing is demanded.
//   - A body that nothing covers must be rejected with any signature.

// Judge returns what the rules demand for a case whose Signed tells how its
// signature was made.
func Judge(c *Case) Expectation {
	if c.sameKey() && c.plainMAC() && rightString(c) {
		if c.Token != "" && len(Questions(c)) == 0 {
			return MustAccept
		}
		return NotJudged
	}
	if c.mustReject() {
		return MustReject
	}
	return NotJudged
}

// rightString reports whether what was signed is what Twilio signs for the
// request. Of two that may be, the second is a question's (port-by-product,
// wss-trailing-slash).
func rightString(c *Case) bool {
	right := reference.New().StringsToSign(c.Request)
	return len(right) > 0 && right[0] == c.Signed.String
}

func (c *Case) plainMAC() bool {
	return !c.Signed.None && c.Signed.MAC == "" && c.Signed.Encoding == ""
}

// sameKey reports whether the key is the token.
func (c *Case) sameKey() bool { return c.Signed.Key == c.Token }

// mustReject reports whether no reasonable validator accepts: it looks for one
// thing that is wrong under every answer to every question.
func (c *Case) mustReject() bool {
	switch {
	case uncovered(c.Request):
		return true
	case c.Signed.None:
		return true
	case sameKeyTo(c.Signed.Key) != sameKeyTo(c.Token):
		return true
	case c.Signed.MAC != "":
		return true
	case c.Signed.Encoding != "" && !sameBytes(c.Signed.Encoding):
		return true
	}
	return !c.mayHaveBeenSigned()
}

// sameKeyTo returns a token without what some may trim (question
// token-whitespace) and HMAC ignores: it pads keys with zeros.
func sameKeyTo(token string) string { return strings.Trim(token, " \t\r\n\v\f\x00\u00a0\ufeff") }

// sameBytes reports whether the spelling stands for the same 20 bytes:
// accepting it forges nothing (malleability, question signature-whitespace).
func sameBytes(encoding string) bool {
	switch encoding {
	case "base64url", "base64-unpadded", "base64-noncanonical", "padding-more", "space-before", "space-after", "line-feed-after":
		return true
	}
	return false
}

// uncovered reports whether the body of r is one on which no signature can
// depend: of another type than a form, and without its hash in the query
// (body-covered, body-sha256, body-sha256-query-only).
func uncovered(r reference.Request) bool {
	if r.Method != "POST" || formLike(r) {
		return false
	}
	p, ok := reference.SplitURL(r.URL)
	if !ok || unescapedHashName(p.Query) {
		return false
	}
	if len(r.Body) == 0 && len(reference.BodyHashes(r.URL)) == 0 {
		return false
	}
	hash := reference.BodyHash(r.Body)
	return !slices.ContainsFunc(reference.BodyHashes(r.URL), func(given string) bool { return strings.EqualFold(given, hash) })
}

// unescapedHashName reports whether the query might hold the hash's name in a
// spelling of which parsers think differently.
func unescapedHashName(query string) bool {
	return strings.Contains(query, ";"+reference.BodyHashParam)
}

// formLike reports whether some might take the type for a form's.
func formLike(r reference.Request) bool {
	return r.ContentType != nil && strings.Contains(strings.ToLower(*r.ContentType), "urlencoded") && (r.IsForm() || oddType(*r.ContentType))
}

// mayHaveBeenSigned reports whether some answer to some question makes the
// string that was signed one for this request. It compares the two strings as
// wholes, because name, value and path run into each other (question
// concatenation), and then piece by piece, loosely.
func (c *Case) mayHaveBeenSigned() bool {
	r := c.Request
	given, ok := reference.SplitURL(r.URL)
	signed, okSigned := reference.SplitURL(c.Signed.String)
	signedURL, okURL := reference.SplitURL(c.Signed.URL)
	if !ok || !okSigned || !okURL {
		return true // no URL: outside of what is claimed
	}
	if !sameAuthority(given, signedURL) {
		return given.Path == "" || signedURL.Path == "" // question empty-path
	}
	form := r.IsForm() && len(r.Body) > 0
	params := reference.ParseForm(r.Body)
	for _, appended := range paramReadings(r, params) {
		rest := given.Path + given.Query
		whole := signed.Path + signed.Query + signed.Fragment
		for _, rest := range []string{rest, rest + "/", strings.TrimSuffix(rest, "/"), rest + given.Fragment, given.Path + "/" + given.Query} {
			if whole == rest+appended {
				return true
			}
		}
	}
	if loose(given) != loose(signedURL) {
		return false
	}
	switch {
	case r.Method != "POST" && form:
		// Questions body-on-get and other-methods: none, or all.
		return len(c.Signed.Params) == 0 || covers(c.Signed.Params, params, r)
	case !form:
		return len(c.Signed.Params) == 0
	case len(reference.BodyHashes(r.URL)) > 0 && len(c.Signed.Params) == 0:
		return reference.HashHolds(r.URL, r.Body) // question bodySHA256-with-form-body
	default:
		return covers(c.Signed.Params, params, r)
	}
}

// paramReadings returns what may be appended to the URL of r.
func paramReadings(r reference.Request, params []reference.Param) []string {
	if !r.IsForm() {
		return []string{""}
	}
	all := reference.Join("", reference.OrderParams(params))
	if r.Method == "POST" && len(reference.BodyHashes(r.URL)) == 0 {
		return []string{all}
	}
	return []string{all, ""}
}

// covers reports whether the signed parameters may be those of the form under
// some reading: the right ones in the right order, or, where the form touches a
// question, any that hold every name and value of it.
func covers(signed, params []reference.Param, r reference.Request) bool {
	ordered := reference.OrderParams(params)
	if reference.Join("", signed) == reference.Join("", ordered) {
		return true
	}
	if oddCharset(r) || oddForm(string(r.Body)) || oddParams(params) {
		return true
	}
	if len(ordered) != len(params) || repeatsName(ordered) {
		// Question duplicate-names: in any order and joined in any way, but every
		// value has to be there (body-covered).
		text := reference.Join("", signed)
		for _, p := range ordered {
			if !strings.Contains(text, p.Name) || !strings.Contains(text, p.Value) {
				return false
			}
			// An empty or repeated text may hide in another one.
			if p.Value == "" && !slices.Contains(signed, p) {
				return false
			}
		}
		return true
	}
	return false
}

func repeatsName(ordered []reference.Param) bool {
	for i := 1; i < len(ordered); i++ {
		if ordered[i].Name == ordered[i-1].Name {
			return true
		}
	}
	return false
}

// sameAuthority reports whether some answer to the questions on scheme case,
// userinfo, ports and host case makes the two the same.
func sameAuthority(given, signed reference.URLParts) bool {
	if !strings.EqualFold(given.Scheme, signed.Scheme) || !strings.EqualFold(given.Host, signed.Host) {
		return false
	}
	if signed.Userinfo != "" && signed.Userinfo != given.Userinfo {
		return false
	}
	if port := signed.Port; port != given.Port && port != "" && port != ":" {
		return given.Port == "" && port == defaultPort(given.Scheme)
	}
	return true
}

func defaultPort(scheme string) string {
	switch strings.ToLower(scheme) {
	case "https", "wss":
		return ":443"
	default:
		return ":80"
	}
}

// loose returns path and query in one spelling for all that the questions
// equivalent-spelling, slash-tolerance, empty-path and empty-query leave open.
func loose(p reference.URLParts) string {
	path, query := p.Path, p.Query
	if strings.ContainsAny(path, "%.'/") {
		path = strings.TrimSuffix(withoutDots(unescaped(path, "/?#%;")), "/")
	}
	if strings.ContainsAny(query, "%+ '?") {
		query = strings.TrimPrefix(strings.ReplaceAll(unescaped(query, "&=+#%;"), "+", " "), "?")
	}
	return path + "?" + query
}

// unescaped decodes percent-escapes, but for those of the bytes in keep and of
// what is no printable ASCII, which get upper-case digits.
func unescaped(s, keep string) string {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+2 >= len(s) {
			out = append(out, s[i])
			continue
		}
		decoded := reference.ParseForm([]byte(s[i : i+3]))[0].Name
		switch {
		case len(decoded) != 1:
			out = append(out, s[i])
			continue
		case decoded[0] < ' ' || decoded[0] > '~' || strings.Contains(keep, decoded):
			out = append(out, bytes.ToUpper([]byte(s[i:i+3]))...)
		default:
			out = append(out, decoded[0])
		}
		i += 2
	}
	return string(out)
}

// withoutDots removes "." and ".." segments, as RFC 3986 does (§5.2.4).
func withoutDots(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	var kept []string
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		switch segment {
		case ".":
		case "..":
			if len(kept) > 1 {
				kept = kept[:len(kept)-1]
			}
		default:
			kept = append(kept, segment)
			continue
		}
		if i == len(segments)-1 {
			kept = append(kept, "")
		}
	}
	return strings.Join(kept, "/")
}
