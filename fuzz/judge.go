package fuzz

import (
	"net/netip"
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
	if c.facts == nil {
		c.facts = factsOf(c.Request)
	}
	if c.sameKey() && c.plainMAC() && c.facts.right != "" && c.facts.right == c.Signed.String {
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

func (c *Case) plainMAC() bool {
	return !c.Signed.None && c.Signed.MAC == "" && c.Signed.Encoding == ""
}

// sameKey reports whether the key is the token.
func (c *Case) sameKey() bool { return c.Signed.Key == c.Token }

// mustReject reports whether no reasonable validator accepts: it looks for one
// thing that is wrong under every answer to every question.
func (c *Case) mustReject() bool {
	switch {
	case uncovered(c.Request, c.facts):
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
	case "base64url", "base64-unpadded", "base64-noncanonical", "padding-more", "space-before", "space-after":
		return true
	}
	return false
}

// uncovered reports whether the body of r is one on which no signature can
// depend: of another type than a form, and without its hash in the query
// (body-covered, body-sha256, body-sha256-query-only).
func uncovered(r reference.Request, f *facts) bool {
	if formLike(r) || multipart(r) {
		return false
	}
	if !f.isURL || controls(r.URL) || unescapedHashName(f.parts.Query) || !strings.HasPrefix(f.parts.Scheme, "http") {
		return false
	}
	switch {
	case len(f.hashes) == 0:
		return r.Method == "POST" && len(r.Body) > 0
	case slices.Contains(f.hashes, "") && (r.Method != "POST" || len(r.Body) == 0):
		return false // questions body-on-get, other-methods, empty-json-body-without-hash
	case r.Method != "POST" && len(r.Body) == 0:
		return false // who looks at a body that a GET does not have?
	}
	return !hashMayHold(r, f)
}

// hashMayHold reports whether one of the hashes in the query is the body's,
// in any case (questions hash-duplicated and hash-hex-case).
func hashMayHold(r reference.Request, f *facts) bool {
	if len(f.hashes) == 0 {
		return false
	}
	hash := reference.BodyHash(r.Body)
	return slices.ContainsFunc(f.hashes, func(given string) bool { return strings.EqualFold(given, hash) })
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

// multipart reports whether the body is another kind of form (question
// multipart-form).
func multipart(r reference.Request) bool {
	return r.ContentType != nil && strings.HasPrefix(strings.ToLower(*r.ContentType), "multipart/form-data")
}

// mayHaveBeenSigned reports whether some answer to some question makes the
// string that was signed one for this request. It compares the two strings as
// wholes, because name, value and path run into each other (question
// concatenation), and then piece by piece, loosely.
func (c *Case) mayHaveBeenSigned() bool {
	r, f, given := c.Request, c.facts, c.facts.parts
	signedURL, ok := reference.SplitURL(c.Signed.URL)
	if !f.isURL || !ok || controls(r.URL) || controls(c.Signed.URL) || colons(given.Host) || colons(signedURL.Host) {
		return true // no URL that can be called: outside of what is claimed
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
	if loose(given) != loose(signedURL) {
		return false
	}
	switch {
	case len(f.params) == 0:
		return len(c.Signed.Params) == 0 || multipart(r)
	case r.Method != "POST":
		// Questions body-on-get and other-methods: none, or all.
		return len(c.Signed.Params) == 0 || covers(c)
	case len(c.Signed.Params) == 0 && hashMayHold(r, f):
		return true // question bodySHA256-with-form-body
	default:
		return covers(c)
	}
}

// colons reports whether a host that is no IPv6 address has a colon: where it
// ends and the port begins, parsers think differently.
func colons(host string) bool { return host != "" && host[0] != '[' && strings.Contains(host, ":") }

// sameAsAWhole reports whether what was signed after the authority is what the
// request has there, with a slash more or less, with the fragment or without,
// and with the parameters or, where that is a question, without.
func (c *Case) sameAsAWhole() bool {
	f, given := c.facts, c.facts.parts
	whole := afterAuthority(c.Signed.String)
	appended := reference.Join("", f.ordered)
	alone := c.Request.Method != "POST" || hashMayHold(c.Request, f) // question bodySHA256-with-form-body
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

// afterAuthority returns what follows scheme and authority.
func afterAuthority(s string) string {
	_, s, _ = strings.Cut(s, "://")
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		return s[i:]
	}
	return ""
}

// covers reports whether the signed parameters may be those of the form under
// some reading: the right ones in the right order, or, where the form touches a
// question, any that hold every name and value of it.
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
	// Question duplicate-names: in any order and joined in any way, but every
	// value has to be there (body-covered).
	for _, p := range f.ordered {
		if !strings.Contains(text, p.Name) || !strings.Contains(text, p.Value) {
			return false
		}
		// An empty text may hide in another one.
		if p.Value == "" && !slices.Contains(signed, p) {
			return false
		}
	}
	return true
}

// sameAuthority reports whether some answer to the questions on scheme case,
// userinfo, ports and host case makes the two the same.
func sameAuthority(given, signed reference.URLParts) bool {
	if !strings.EqualFold(given.Scheme, signed.Scheme) {
		return false
	}
	if specialUserinfo(given.Userinfo) {
		return true // where it ends, and with it where the host begins, is a question
	}
	// Question equivalent-spelling: the case of the host, its final dot.
	if a, b := strings.TrimSuffix(given.Host, "."), strings.TrimSuffix(signed.Host, "."); !strings.EqualFold(a, b) {
		// … and other notations of an address. Question illegal-uri-characters:
		// Unicode and Punycode are one name.
		return !ascii(a) || !ascii(b) || numeric(a) && numeric(b) && mayBeOneAddress(a, b)
	}
	if signed.Userinfo != "" && signed.Userinfo != given.Userinfo {
		return false
	}
	if port := signed.Port; port != given.Port && port != "" && port != ":" {
		if odd := port[1] == '0' || strings.HasPrefix(given.Port, ":0"); odd {
			return true // :0443 is :443 to whom reads a number
		}
		return given.Port == "" && port == defaultPort(given.Scheme) // question default-port-added
	}
	return true
}

// mayBeOneAddress reports whether two addresses that are spelled differently
// may be the same: some parsers read more notations than the usual ones.
func mayBeOneAddress(a, b string) bool {
	ipA, errA := netip.ParseAddr(strings.Trim(a, "[]"))
	ipB, errB := netip.ParseAddr(strings.Trim(b, "[]"))
	return errA != nil || errB != nil || ipA.Unmap() == ipB.Unmap()
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
	if !ascii(path) || !ascii(query) { // question illegal-uri-characters: raw or escaped
		path, query = escapedBeyondASCII(path), escapedBeyondASCII(query)
	}
	path = strings.ReplaceAll(path, `\`, "/") // as browsers read it
	if strings.ContainsAny(path, "%.'/") {
		path = strings.TrimSuffix(withoutDots(unescaped(path, "/?#%;")), "/")
	}
	if strings.ContainsAny(query, "%+ '?") {
		query = strings.TrimPrefix(strings.ReplaceAll(unescaped(query, "&=+#%;"), "+", " "), "?")
	}
	return path + "?" + withoutEmptyPairs(query)
}

// withoutEmptyPairs drops what is empty between two "&", and gives a name that
// has no value an empty one: to whoever reads the query they are the same.
func withoutEmptyPairs(query string) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		switch {
		case pair == "":
			continue
		case !strings.Contains(pair, "="):
			pair += "="
		}
		kept = append(kept, pair)
	}
	return strings.Join(kept, "&")
}

// escapedBeyondASCII escapes what is beyond ASCII.
func escapedBeyondASCII(s string) string {
	var out []byte
	for i := range len(s) {
		if c := s[i]; c < 0x80 {
			out = append(out, c)
		} else {
			out = append(out, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return string(out)
}

// unescaped decodes percent-escapes, but for those of the bytes in keep and of
// what is no printable ASCII, which get upper-case digits.
func unescaped(s, keep string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
			out = append(out, s[i])
			continue
		}
		decoded := unhex(s[i+1])<<4 | unhex(s[i+2])
		if i += 2; decoded < ' ' || decoded > '~' || strings.IndexByte(keep, decoded) >= 0 {
			out = append(out, '%', upperHex[decoded>>4], upperHex[decoded&15])
		} else {
			out = append(out, decoded)
		}
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

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// controls reports whether s has control characters or spaces: parsers of URLs
// drop some.
func controls(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}
