package judge

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"sigconform/reference"
)

// Unusual is listed among the questions if a request has something that nobody
// sends and that no rule or question covers: a reasonable validator may refuse it.
const Unusual = "unusual"

// Questions returns the slugs of the questions that c touches. The docs leave them
// open, so a validator need not accept c even with the reference's signature. A
// request that touches no question must be accepted with its signature.
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
		return []string{Unusual}
	}
	touchURL(touch, p, r.Product)
	touchKey(touch, c)
	hashes, isForm := c.facts.hashes, c.facts.isForm
	touch("hash-name-escaped", len(hashes) > 0 && escapedHashName(p.Query))
	touch("hash-duplicated", len(hashes) > 1)
	touch("long-body", len(r.Body) > longBody)
	if !isForm {
		touchOther(touch, r)
	}
	switch {
	case r.ContentType != nil && oddType(*r.ContentType):
		touch(Unusual, true)
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
		touch(Unusual, r.Method != "GET" || len(r.Body) > 0 || p.Scheme == "ws")
		touch("wss-query", p.Query != "")
		touch(Unusual, r.SignatureSettings != nil) // not known of a handshake
	}
	return touched
}

// Twilio is not known to exceed these sizes, in bytes.
const (
	longBody = 16 << 10
	longURL  = 4000
	longName = 2048
)

func touchURL(touch func(string, bool), p reference.URLParts, product reference.Product) {
	touch("scheme-case", p.Scheme != "https" && p.Scheme != "http" && p.Scheme != "wss" && p.Scheme != "ws")
	touch("illegal-uri-characters", !legal(p.Path, "/") || !legal(strings.TrimPrefix(p.Query, "?"), "/?") || !legalHost(p.Host))
	touch("sip-spelling", strings.Contains(strings.ToLower(p.Query), "sip"))
	touch("host-percent-encoded", strings.Contains(p.Host, "%"))
	touch("host-underscore", strings.Contains(p.Host, "_"))
	touch("long-url", len(p.String()) > longURL)
	touch("empty-path", p.Path == "")
	touch("empty-query", p.Query == "?")
	touch("empty-port", p.Port == ":")
	touch(Unusual, oddPort(p.Port))
	touch("fragment", p.Fragment != "")
	secure := strings.EqualFold(p.Scheme, "https")
	touch("port-by-product", secure && p.Port != "" && product == reference.ProductUnknown)
	if p.Userinfo != "" {
		user, password, hasPassword := strings.Cut(strings.TrimSuffix(p.Userinfo, "@"), ":")
		touch("password-empty", hasPassword && password == "")
		touch("userinfo-special-characters", specialUserinfo(p.Userinfo))
		touch(Unusual, user == "" || !legal(user, "") || !legal(password, ""))
	}
	if strings.HasPrefix(p.Scheme, "w") {
		touch("wss-port", p.Port != "")
		touch("wss-userinfo", p.Userinfo != "")
	}
}

func touchForm(touch func(string, bool), r reference.Request, f *facts) {
	body := string(r.Body)
	params := f.params
	touch("other-charset", oddCharset(r))
	touch("content-type-spelling", !plainType(*r.ContentType, formType))
	touch("raw-non-ascii", !reference.IsASCII(body))
	touch("empty-form", len(params) == 0)
	touch("semicolon-separator", strings.Contains(body, ";"))
	touch("malformed-percent", malformedPercent(body))
	touch("byte-order-mark", strings.HasPrefix(body, "\ufeff") || len(params) > 0 && strings.HasPrefix(params[0].Name, "\ufeff"))
	touch("more-than-1000-params", len(params) > 1000)
	touch(Unusual, rawBytes(body))
	for _, p := range params {
		touch("empty-name", p.Name == "")
		touch("nul-in-name", strings.Contains(p.Name, "\x00"))
		touch("nul-in-value", strings.Contains(p.Value, "\x00"))
		touch("value-control-characters", strings.ContainsFunc(p.Value, isControl))
		touch("name-characters", !PlainName(p.Name))
		touch("long-names", len(p.Name) > longName)
		touch("invalid-utf8-values", !utf8.ValidString(p.Name) || !utf8.ValidString(p.Value))
	}
	touch("duplicate-names", f.repeats)
	touch("sort-beyond-bmp", !sameInUTF16(f.ordered))
}

// touchOther is touchForm for a body that is not a form.
func touchOther(touch func(string, bool), r reference.Request) {
	switch {
	case r.ContentType == nil:
		touch("other-media-types", len(r.Body) > 0)
	case !isJSON(*r.ContentType):
		touch("other-media-types", true)
	default:
		touch("content-type-spelling", !plainType(*r.ContentType, jsonType))
		touchJSON(touch, r.Body)
	}
}

func touchJSON(touch func(string, bool), body []byte) {
	if len(body) == 0 {
		return
	}
	touch("json-not-utf-8", !utf8.Valid(body))
	value := readJSON(body)
	touch("json-malformed", !value.valid)
	touch("json-duplicate-keys", value.repeats)
	// Nobody sends a bare number, text or word, and many frameworks refuse it.
	touch(Unusual, value.valid && !value.composed)
}

// isControl reports whether c is a control character other than white space.
func isControl(c rune) bool {
	return c <= 0x08 || 0x0e <= c && c < ' ' || 0x7f <= c && c < 0xa0
}

// PlainName reports whether a name consists of characters that Twilio uses in names.
func PlainName(name string) bool {
	return !slices.ContainsFunc([]byte(name), func(c byte) bool {
		return !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("._-[]", c) >= 0)
	})
}

// oddPort reports whether a port is out of range, not a number, or has a leading zero.
func oddPort(port string) bool {
	n, err := strconv.Atoi(strings.TrimPrefix(port, ":"))
	return len(port) > 1 && (err != nil || n > 65535 || port[1] == '0')
}

// specialUserinfo reports whether the userinfo contains delimiters that should be
// escaped.
func specialUserinfo(userinfo string) bool {
	return strings.Count(userinfo, "@") > 1 || strings.Count(userinfo, ":") > 1
}

// escapedHashName reports whether the hash parameter's name contains escapes.
func escapedHashName(query string) bool {
	for pair := range strings.SplitSeq(strings.TrimPrefix(query, "?"), "&") {
		name, _, _ := strings.Cut(pair, "=")
		if strings.Contains(name, "%") && len(reference.BodyHashes("http://h?"+pair)) > 0 {
			return true
		}
	}
	return false
}

// sameKeyTo returns a token without white space, which some may trim (question
// token-whitespace), and without NUL bytes, because HMAC pads keys with zeros.
func sameKeyTo(token string) string { return strings.Trim(token, " \t\r\n\v\f\x00\u00a0\ufeff") }

// oddForm and oddParams report whether a form touches a question about which
// parameters it has, other than duplicate-names.
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

// sameInUTF16 reports whether the names, sorted by bytes, are also sorted by UTF-16
// code units.
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
