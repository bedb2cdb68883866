package fuzz

import (
	"strings"

	"sigconform/reference"
)

// This file draws requests as Twilio might send them, part by part: every
// piece of the URL, names and values and how they are spelled, bodies, types.

// draft is a request in its parts.
type draft struct {
	token       string
	method      string
	product     reference.Product
	url         reference.URLParts
	contentType *string
	form        bool // the body is made of params; else it is body
	params      []reference.Param
	spelling    spelling
	tail        string // more bytes of a form's body
	body        []byte
	hashed      bool // the query gives the body's hash
}

// spelling is how a form is written; the zero value as most clients do.
type spelling struct {
	percent20 bool // a space is %20, not +
	lower     bool // hex digits are lower case
	escape    int  // 1: everything is escaped, 2: as little as possible
	bare      bool // no = before an empty value
	blanks    bool // & where no pair is
}

// drawDraft draws a request, for the place if that is not nil.
func drawDraft(s *Source, at *Place) *draft {
	d := &draft{method: "POST"}
	if at == nil {
		d.token = drawToken(s)
		s.span(func() { d.url = drawURL(s) })
	} else {
		d.token, d.url = placeToken, at.url()
		s.maybe(2, func() { d.url.Query = "?" + drawQuery(s) })
	}
	switch s.weighted(12, 4, 5, 1, 1) {
	case 0:
		d.form = true
	case 1:
		d.method = "GET"
	case 2:
		d.hashed = true
	case 3: // no body at all
	case 4:
		d.method, d.form = pick(s, methods), s.oneIn(2)
		d.hashed = s.oneIn(2)
	}
	if strings.HasPrefix(d.url.Scheme, "w") && !s.oneIn(16) { // a handshake
		d.method, d.form, d.hashed = "GET", false, false
	}
	if at == nil {
		s.span(func() { d.product = drawProduct(s) })
	} else {
		d.product = at.Product
	}
	s.span(func() { d.drawBody(s) })
	return d
}

func drawToken(s *Source) string {
	switch s.weighted(50, 6, 4, 4, 1) {
	case 0:
		return pick(s, tokens)
	case 1:
		return drawBytes(s, []byte(lowerHex))
	case 2:
		return string(pick(s, printable)) + drawEscaped(s, printable)
	case 3:
		return strings.Repeat(pick(s, []string{"x", "0"}), drawSize(s, longestToken))
	default:
		return pick(s, []string{"", "ñandú", drawText(s)})
	}
}

func drawProduct(s *Source) reference.Product {
	return []reference.Product{reference.ProductUnknown, reference.Voice, reference.Messaging}[s.weighted(1, 2, 2)]
}

func drawURL(s *Source) reference.URLParts {
	u := reference.URLParts{Scheme: pick(s, []string{"https", "https", "https", "http", "http", "wss"})}
	s.maybe(64, func() { u.Scheme = pick(s, []string{"ws", "HTTPS", "Http"}) })
	rarely := 1
	if u.Scheme == "wss" {
		rarely = 8
	}
	s.maybe(8*rarely, func() { u.Userinfo = pick(s, userinfo) })
	u.Host = drawHost(s)
	s.maybe(3*rarely, func() { u.Port = drawPort(s) })
	s.span(func() { u.Path = drawPath(s) })
	s.maybe(2, func() { u.Query = "?" + drawQuery(s) })
	s.maybe(64, func() { u.Fragment = "#" + pick(s, []string{"rc=2", "", "bodySHA256=x"}) })
	return u
}

func drawHost(s *Source) string {
	if !s.oneIn(8) {
		return pick(s, hosts)
	}
	switch s.weighted(3, 1, 1) {
	case 0:
		host := pick(s, labels)
		s.repeat(2, 6, func() { host = pick(s, labels) + "." + host })
		return host
	case 1:
		return decimal(1+s.below(255)) + "." + decimal(s.below(256)) + "." + decimal(s.below(256)) + "." + decimal(s.below(256))
	default: // an IPv6 address, seldom as short as it could be
		var groups [8]string
		for i := range groups {
			groups[i] = pick(s, []string{"0", "0000", "1", "db8", "DB8", "0a", "ffff", "2001"})
		}
		if s.oneIn(2) {
			return "[" + groups[0] + "::" + strings.Join(groups[4:], ":") + "]"
		}
		return "[" + strings.Join(groups[:], ":") + "]"
	}
}

func drawPort(s *Source) string {
	if s.oneIn(8) {
		return ":" + decimal(1+s.below(65535))
	}
	return pick(s, ports)
}

func drawPath(s *Source) string {
	if s.oneIn(32) {
		return pick(s, []string{"/", ""})
	}
	path := ""
	s.repeat(2, 5, func() { path += "/" + drawSegment(s) })
	s.maybe(16, func() { path += "/" + drawBytes(s, pathBytes) })
	if path == "" {
		path = "/p"
	}
	s.maybe(6, func() { path += "/" })
	return path
}

func drawSegment(s *Source) string {
	switch s.weighted(26, 2, 2, 1, 1) {
	case 0:
		segment := pick(s, segments)
		if strings.IndexByte(segment, ' ') >= 0 {
			segment = strings.ReplaceAll(segment, " ", "%20")
		}
		return segment
	case 1:
		return drawEscaped(s, pathBytes)
	case 2:
		return pick(s, open)
	case 3:
		return pick(s, open) + pick(s, extensions)
	default:
		return pick(s, open) + escapeOnce(pick(s, syntax))
	}
}

func drawQuery(s *Source) string {
	pairs := []string{drawPair(s)}
	s.repeat(3, 8, func() { pairs = append(pairs, drawPair(s)) })
	query := strings.Join(pairs, "&")
	if s.oneIn(96) {
		query += pick(s, []string{"&", "?", "&&", `"`, "[]", "|", "%", "ñ", " ", "\\", "^", "{}"})
	}
	return query
}

func drawPair(s *Source) string {
	switch s.weighted(28, 2, 1, 1) {
	case 0:
		return pick(s, queryNames) + "=" + pick(s, queryValues)
	case 1:
		return pick(s, queryNames)
	case 2:
		return drawEscaped(s, queryBytes)
	default:
		meant := pick(s, syntax)
		if s.oneIn(2) {
			meant = escapeOnce(meant)
		}
		return pick(s, queryNames) + "=" + pick(s, queryValues) + forURL(meant)
	}
}

// drawBody draws the body and its type, and puts the hash into the query.
func (d *draft) drawBody(s *Source) {
	switch {
	case d.form:
		contentType := pick(s, formTypes)
		if s.oneIn(64) {
			contentType = pick(s, oddFormTypes)
		}
		d.contentType = &contentType
		d.drawParams(s)
		d.spelling = drawSpelling(s)
		if s.oneIn(100) {
			d.tail = pick(s, []string{"&", "&a=%FF", "&a=%", "&a=%zz", ";b=2", "&=x", "&a=1&a=2", "&a%00b=1", "&b;c", "&a= ", "&😀=1&Ａ=2"})
		}
	case d.hashed || d.method != "GET" && s.oneIn(16):
		contentType := pick(s, otherTypes)
		d.contentType = &contentType
		if s.oneIn(16) {
			d.contentType = nil
		}
		d.body = drawContent(s)
	case s.oneIn(4):
		contentType := pick(s, formTypes)
		d.contentType = &contentType
	}
	rarely := 32
	if len(d.body) > 0 {
		rarely = 16
	}
	s.maybe(rarely, func() { d.stretch(s) })
	switch {
	case d.hashed:
		d.addHash(s)
	case d.form && s.oneIn(24): // a hash where none belongs
		d.addOddHash(s)
	}
}

func (d *draft) drawParams(s *Source) {
	s.repeat(5, 12, func() {
		p := reference.Param{Name: drawName(s), Value: drawValue(s)}
		if p.Name == "AccountSid" && s.oneIn(2) {
			p.Value = drawSid(s, "AC")
		}
		if len(d.params) > 0 && s.oneIn(12) { // a name much like another
			p.Name = edit(s, pick(s, d.params).Name)
			if s.oneIn(2) {
				p.Name += pick(s, suffixes)
			}
		}
		for i := range d.params {
			// Repeated names are a question of their own; they are drawn rarely.
			if d.params[i].Name == p.Name && !s.oneIn(32) {
				return
			}
		}
		d.params = append(d.params, p)
	})
}

func drawName(s *Source) string {
	switch s.weighted(18, 1, 2, 1) {
	case 0:
		return pick(s, names)
	case 1:
		return "n" + drawText(s)
	case 2:
		return pick(s, sent)
	default: // one that has parts
		name := pick(s, names)
		s.repeat(4, 10, func() { name += pick(s, suffixes) })
		s.maybe(4, func() { name += strings.Repeat(pick(s, suffixes), s.below(25)) })
		return name
	}
}

func drawValue(s *Source) string {
	switch s.weighted(60, 8, 6) {
	case 0:
		value := pick(s, values)
		s.maybe(40, func() { value += pick(s, syntax) + pick(s, values) })
		return value
	case 1:
		return drawText(s)
	default:
		return drawStructured(s)
	}
}

// drawContent draws a body that is no form.
func drawContent(s *Source) []byte {
	switch s.weighted(16, 4, 1) {
	case 0:
		return []byte(pick(s, bodies))
	case 1:
		return []byte(drawJSON(s, 3))
	default:
		return []byte(drawText(s))
	}
}

func drawSpelling(s *Source) spelling {
	return spelling{
		percent20: s.oneIn(2), lower: s.oneIn(4), escape: s.weighted(16, 1, 2),
		bare: s.oneIn(16), blanks: s.oneIn(32),
	}
}

// request returns the request as it is received, without a signature.
func (d *draft) request() reference.Request {
	r := reference.Request{Method: d.method, URL: d.url.String(), Product: d.product, ContentType: d.contentType, Body: d.body}
	if d.form {
		r.Body = append(d.spelling.encode(d.params), d.tail...)
	}
	return r
}

const (
	plain      = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._*"
	alsoLegal  = "~!'()/:@,?$"
	upperHex   = "0123456789ABCDEF"
	lowerHex   = "0123456789abcdef"
	neverPlain = 3
)

// class says how little a byte needs escaping: 0 never, 2 if one wants to.
var class = func() (class [256]byte) {
	for i := range class {
		class[i] = neverPlain
	}
	for _, c := range []byte(plain) {
		class[c] = 0
	}
	for _, c := range []byte(alsoLegal) {
		class[c] = 2
	}
	return class
}()

// encode writes the parameters as a form body.
func (sp spelling) encode(params []reference.Param) []byte {
	size := 0
	for _, p := range params {
		size += len(p.Name) + len(p.Value) + 8
	}
	body := make([]byte, 0, size+size/2)
	for i, p := range params {
		if i > 0 || sp.blanks {
			body = append(body, '&')
		}
		body = sp.escaped(body, p.Name)
		if p.Value != "" || !sp.bare || p.Name == "" {
			body = append(body, '=')
			body = sp.escaped(body, p.Value)
		}
		if sp.blanks {
			body = append(body, '&')
		}
	}
	return body
}

func (sp spelling) escaped(body []byte, text string) []byte {
	digits := upperHex
	if sp.lower {
		digits = lowerHex
	}
	for i := range len(text) {
		switch c := text[i]; {
		case sp.escape != 1 && (class[c] == 0 || sp.escape == 2 && class[c] == 2):
			body = append(body, c)
		case c == ' ' && !sp.percent20:
			body = append(body, '+')
		default:
			body = append(body, '%', digits[c>>4], digits[c&15])
		}
	}
	return body
}
