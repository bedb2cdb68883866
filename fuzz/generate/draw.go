package generate

import (
	"strings"
)

// drawDraft draws a request; if at is not nil, one for that place.
func drawDraft(s *Source, at *Place) *draft {
	d := &draft{method: "POST"}
	if at == nil {
		d.token = drawToken(s)
		s.span(func() { d.url = drawURL(s) })
	} else {
		d.token, d.url = placeToken, at.url()
		s.maybe(2, func() { d.url.Query = "?" + drawQuery(s) })
		if len(at.Below) > 0 {
			s.maybe(4, func() { d.url.Path += "/" + pick(s, at.Below) })
		}
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
	s.maybe(8, func() { d.drawKeys(s) })
	return d
}

// drawBody draws the body and its content type, and adds the hash to the query.
func (d *draft) drawBody(s *Source) {
	switch {
	case d.form:
		contentType := pick(s, formTypes)
		if s.oneIn(12) {
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
