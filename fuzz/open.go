package fuzz

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"sigconform/reference"
)

// unusual is what no rule and no question of the rulebook is about, and nobody
// sends: a reasonable validator may refuse it.
const unusual = "unusual"

// Questions returns the questions, by their slugs, that c touches: what the
// norm leaves open, so that a validator need not accept even what was signed
// just so. A request that touches none must be accepted with its signature.
func Questions(c *Case) []string {
	var touched []string
	touch := func(question string, touches bool) {
		if touches {
			touched = append(touched, question)
		}
	}
	if c.facts == nil {
		c.facts = factsOf(c.Request)
	}
	r, p := c.Request, c.facts.parts
	if !c.facts.isURL {
		return []string{unusual}
	}
	touchURL(touch, p, r.Product)
	touch("token-whitespace", sameKeyTo(c.Token) != c.Token)
	touch("empty-token", c.Token == "")
	touch("non-ascii-token", !ascii(c.Token))
	if strings.ContainsFunc(c.Token, func(c rune) bool { return c < ' ' || c == utf8.RuneError }) {
		touch(unusual, true)
	}
	hashes, isForm := c.facts.hashes, c.facts.isForm
	touch("hash-name-escaped", len(hashes) > 0 && escapedHashName(p.Query))
	switch {
	case r.ContentType != nil && oddType(*r.ContentType):
		touch(unusual, true)
	case multipart(r):
		touch("multipart-form", true)
	case r.Method != "POST" && r.Method != "GET":
		touch("other-methods", true)
	case r.Method == "GET" && len(hashes) > 0:
		touch("json-on-get", true)
	case r.Method == "GET":
		touch("body-on-get", len(r.Body) > 0)
		touch("empty-json-body-without-hash", r.ContentType != nil && !isForm)
	case isForm && len(r.Body) > 0:
		touchForm(touch, r, c.facts)
		touch("bodySHA256-with-form-body", len(hashes) > 0)
	case isForm:
		touch("bodySHA256-with-form-body", len(hashes) > 0)
	case r.ContentType != nil && len(r.Body) == 0:
		touch("empty-json-body-without-hash", len(hashes) == 0)
	}
	if strings.HasPrefix(p.Scheme, "w") {
		// A handshake is a GET without a body.
		touch(unusual, r.Method != "GET" || len(r.Body) > 0 || p.Scheme == "ws")
	}
	return touched
}

func touchURL(touch func(string, bool), p reference.URLParts, product reference.Product) {
	touch("scheme-case", p.Scheme != "https" && p.Scheme != "http" && p.Scheme != "wss" && p.Scheme != "ws")
	touch("illegal-uri-characters", !legal(p.Path, "/") || !legal(strings.TrimPrefix(p.Query, "?"), "/?") || !legalHost(p.Host))
	touch("empty-path", p.Path == "")
	touch("empty-query", p.Query == "?")
	touch("empty-port", p.Port == ":")
	touch(unusual, oddPort(p.Port))
	touch("fragment", p.Fragment != "")
	secure := strings.EqualFold(p.Scheme, "https")
	touch("port-by-product", secure && p.Port != "" && product == reference.ProductUnknown)
	if p.Userinfo != "" {
		user, password, hasPassword := strings.Cut(strings.TrimSuffix(p.Userinfo, "@"), ":")
		touch("password-empty", hasPassword && password == "")
		touch("userinfo-special-characters", specialUserinfo(p.Userinfo))
		touch(unusual, user == "" || !legal(user, "") || !legal(password, ""))
	}
	if strings.HasPrefix(p.Scheme, "w") {
		touch("wss-port", p.Port != "")
		touch("wss-userinfo", p.Userinfo != "")
	}
}

// oddPort reports whether a port is none, or a number that is not written as one.
func oddPort(port string) bool {
	n, err := strconv.Atoi(strings.TrimPrefix(port, ":"))
	return len(port) > 1 && (err != nil || n > 65535 || port[1] == '0')
}

// legal reports whether s consists of what RFC 3986 allows in a path segment,
// and of the bytes in also.
func legal(s, also string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%':
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
		case 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9':
		case strings.IndexByte("-._~!$&'()*+,;=:@", c) < 0 && strings.IndexByte(also, c) < 0:
			return false
		}
	}
	return true
}

// legalHost reports whether a host is a name or an address that can be called.
func legalHost(host string) bool {
	if address, isIPv6 := strings.CutPrefix(host, "["); isIPv6 {
		address, closed := strings.CutSuffix(address, "]")
		ip, err := netip.ParseAddr(address)
		return closed && err == nil && ip.Is6() && ip.Zone() == ""
	}
	host = strings.TrimSuffix(host, ".")
	if len(host) > 253 {
		return false
	}
	if numeric(host) {
		ip, err := netip.ParseAddr(host)
		return err == nil && ip.Is4()
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if len(label) > 4 && strings.EqualFold(label[:4], "xn--") && !strings.EqualFold(label, punycode) { // it may stand for nothing
			return false
		}
		for i := range len(label) {
			c := label[i]
			if ('a' > c|0x20 || c|0x20 > 'z') && ('0' > c || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// numeric reports whether the host is an address, or one to some: its last
// label is a number.
func numeric(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	return strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") || last != "" && '0' <= last[0] && last[0] <= '9'
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// unhex returns the value of a hex digit.
func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// oddType reports whether parsers of media types disagree on it.
func oddType(contentType string) bool {
	mediaType, _, _ := strings.Cut(contentType, ";")
	mediaType = strings.TrimSpace(mediaType)
	kind, subtype, found := strings.Cut(mediaType, "/")
	if mediaType == "application-json" {
		return false // the page spells it so
	}
	word := func(s string) bool {
		return s != "" && strings.IndexFunc(s, func(c rune) bool {
			return c <= ' ' || c > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, c)
		}) < 0
	}
	return contentType != "" && (!found || !word(kind) || !word(subtype))
}

// oddCharset reports whether the type of a form names another charset than
// UTF-8, or any other parameter.
func oddCharset(r reference.Request) bool {
	if r.ContentType == nil {
		return false
	}
	_, parameters, _ := strings.Cut(*r.ContentType, ";")
	for parameter := range strings.SplitSeq(strings.ToLower(parameters), ";") {
		parameter = strings.ReplaceAll(strings.TrimSpace(parameter), `"`, "")
		if parameter != "" && parameter != "charset=utf-8" {
			return true
		}
	}
	return false
}

// oddSpelling reports whether the type of a form is spelled as Twilio does not
// spell it.
func oddSpelling(r reference.Request) bool {
	_, parameters, found := strings.Cut(strings.ToLower(*r.ContentType), "/x-www-form-urlencoded")
	return !found || parameters != "" && parameters != ";charset=utf-8" && parameters != "; charset=utf-8"
}

// escapedHashName reports whether the name of the hash is spelled with escapes.
func escapedHashName(query string) bool {
	for pair := range strings.SplitSeq(strings.TrimPrefix(query, "?"), "&") {
		name, _, _ := strings.Cut(pair, "=")
		if strings.Contains(name, "%") && len(reference.BodyHashes("http://h?"+pair)) > 0 {
			return true
		}
	}
	return false
}

// specialUserinfo reports whether the userinfo holds what it should be escaped
// for.
func specialUserinfo(userinfo string) bool {
	return strings.Count(userinfo, "@") > 1 || strings.Count(userinfo, ":") > 1
}

func touchForm(touch func(string, bool), r reference.Request, f *facts) {
	body := string(r.Body)
	params := f.params
	touch("other-charset", oddCharset(r))
	touch("form-type-spelling", oddSpelling(r))
	touch("long-values", len(body) >= 1<<20)
	touch("raw-non-ascii", !ascii(body))
	touch("empty-form", len(params) == 0)
	touch("semicolon-separator", strings.Contains(body, ";"))
	touch("malformed-percent", malformedPercent(body))
	touch("byte-order-mark", strings.HasPrefix(body, "\ufeff") || len(params) > 0 && strings.HasPrefix(params[0].Name, "\ufeff"))
	touch("more-than-1000-params", len(params) > 1000)
	touch(unusual, rawBytes(body))
	for _, p := range params {
		touch("empty-name", p.Name == "")
		touch("nul-in-name", strings.Contains(p.Name, "\x00"))
		touch("invalid-utf8-values", !utf8.ValidString(p.Name) || !utf8.ValidString(p.Value))
	}
	touch("duplicate-names", f.repeats)
	touch("sort-beyond-bmp", !sameInUTF16(f.ordered))
}

// oddForm and oddParams report whether a form touches a question on which
// parameters it holds, but for duplicate-names.
func oddForm(body string) bool {
	return strings.Contains(body, ";") || malformedPercent(body) || rawBytes(body)
}

func oddParams(f *facts) bool {
	for i, p := range f.params {
		if p.Name == "" || strings.Contains(p.Name, "\x00") || !utf8.ValidString(p.Name) || !utf8.ValidString(p.Value) ||
			i == 0 && strings.HasPrefix(p.Name, "\ufeff") {
			return true
		}
	}
	return !sameInUTF16(f.ordered)
}

func malformedPercent(body string) bool {
	for i := strings.IndexByte(body, '%'); i >= 0 && i < len(body); i++ {
		if body[i] == '%' && (i+2 >= len(body) || !isHex(body[i+1]) || !isHex(body[i+2])) {
			return true
		}
	}
	return false
}

// rawBytes reports whether a form holds what no client leaves unescaped:
// spaces, control characters, bytes beyond ASCII.
func rawBytes(body string) bool {
	for i := range len(body) {
		if c := body[i]; c <= ' ' || c >= 0x7f {
			return true
		}
	}
	return false
}

// sameInUTF16 reports whether the names, sorted by bytes, are sorted by units
// of UTF-16 as well.
func sameInUTF16(ordered []reference.Param) bool {
	beyond := false
	for _, p := range ordered {
		for i := range len(p.Name) {
			beyond = beyond || p.Name[i] >= 0xf0
		}
	}
	if !beyond {
		return true
	}
	for i := 1; i < len(ordered); i++ {
		a, b := utf16.Encode([]rune(ordered[i-1].Name)), utf16.Encode([]rune(ordered[i].Name))
		for k := 0; k < len(a) && k < len(b); k++ {
			if a[k] != b[k] {
				if a[k] > b[k] {
					return false
				}
				break
			}
		}
	}
	return true
}
