package generate

import (
	"slices"
	"strings"

	"sigconform/reference"
)

// This file has what may happen to a request between Twilio and a validator:
// harmless changes, attacks, and what goes wrong on the way.
// A move changes the draft (what the validator receives) or the signature.
// Moves do not say what the answer must be; [judge.Judge] does.

// move is one such change. It reports false where there is nothing to change.
type move struct {
	name   string
	weight int
	// change changes the request; the signature remains that of the original.
	change func(s *Source, d *draft) bool
	// again is set if the change is most useful when the request is signed after it.
	again bool
	// resign changes the signature; the request stays.
	resign func(s *Source, d *draft, c *Case) bool
}

var moves = []move{
	// Changes that the signature does not depend on.
	{name: "as Twilio sends it", weight: 4, change: func(*Source, *draft) bool { return true }},
	{name: "the userinfo is different", weight: 2, change: func(s *Source, d *draft) bool {
		if d.url.Userinfo != "" && s.oneIn(2) {
			d.url.Userinfo = ""
		} else {
			d.url.Userinfo = pick(s, userinfo)
		}
		return true
	}},
	{name: "the port is different", weight: 2, change: func(s *Source, d *draft) bool {
		if d.url.Port != "" && s.oneIn(2) {
			d.url.Port = ""
		} else {
			d.url.Port = pick(s, ports)
		}
		return true
	}},
	{name: "the form is spelled differently", weight: 2, change: func(s *Source, d *draft) bool {
		d.spelling = drawSpelling(s)
		return len(d.params) > 0
	}},
	{name: "the parameters come in another order", weight: 2, change: func(s *Source, d *draft) bool {
		shuffle(s, d.params)
		return len(d.params) > 1
	}},
	{name: "the content type is spelled differently", weight: 1, change: func(s *Source, d *draft) bool {
		contentType := pick(s, otherTypes)
		if d.form {
			contentType = pick(s, formTypes)
		}
		d.contentType = &contentType
		return true
	}},
	{name: "the product is different", weight: 1, change: func(s *Source, d *draft) bool {
		d.product = drawProduct(s)
		return true
	}},

	// Changes by an attacker who has seen a signed request.
	{name: "a piece of the URL is edited", weight: 5, change: editURL},
	{name: "a query parameter is added", weight: 2, change: func(s *Source, d *draft) bool {
		return editQuery(d, func(pairs []string) []string { return slices.Insert(pairs, s.below(len(pairs)+1), drawPair(s)) })
	}},
	{name: "a query parameter is left out", weight: 1, change: func(s *Source, d *draft) bool {
		return len(d.url.Query) > 1 && editQuery(d, func(pairs []string) []string {
			i := s.below(len(pairs))
			return slices.Delete(pairs, i, i+1)
		})
	}},
	{name: "the query parameters come in another order", weight: 2, change: func(s *Source, d *draft) bool {
		return strings.Contains(d.url.Query, "&") && editQuery(d, func(pairs []string) []string {
			shuffle(s, pairs)
			return pairs
		})
	}},
	{name: "a parameter is added", weight: 4, change: func(s *Source, d *draft) bool {
		p := reference.Param{Name: drawName(s), Value: drawValue(s)}
		if len(d.params) > 0 && s.oneIn(4) {
			p.Name = pick(s, d.params).Name
		}
		d.params = slices.Insert(d.params, len(d.params)-s.below(len(d.params)+1), p)
		if s.oneIn(8) { // as a list: frameworks treat it otherwise than one value
			d.params = slices.Insert(d.params, len(d.params)-s.below(len(d.params)+1), reference.Param{Name: p.Name, Value: drawValue(s)})
		}
		return d.form
	}},
	{name: "a parameter is left out", weight: 2, change: func(s *Source, d *draft) bool {
		return changeParam(s, d, func(i int) { d.params = slices.Delete(d.params, i, i+1) })
	}},
	{name: "a value is edited", weight: 4, change: func(s *Source, d *draft) bool {
		return changeParam(s, d, func(i int) { d.params[i].Value = edit(s, d.params[i].Value) })
	}},
	{name: "a name is edited", weight: 2, change: func(s *Source, d *draft) bool {
		return changeParam(s, d, func(i int) { d.params[i].Name = edit(s, d.params[i].Name) })
	}},
	{name: "the boundary of name and value is moved", weight: 1, change: func(s *Source, d *draft) bool {
		return changeParam(s, d, func(i int) {
			joined := d.params[i].Name + d.params[i].Value
			at := s.below(len(joined) + 1)
			d.params[i] = reference.Param{Name: joined[:at], Value: joined[at:]}
		})
	}},
	{name: "a parameter is split in two", weight: 1, change: func(s *Source, d *draft) bool {
		return changeParam(s, d, func(i int) {
			value := d.params[i].Value
			at := s.below(len(value) + 1)
			d.params[i].Value = value[:at]
			d.params = slices.Insert(d.params, i+1, reference.Param{Name: value[at:]})
		})
	}},
	{name: "two values change places", weight: 1, change: func(s *Source, d *draft) bool {
		return changeParam(s, d, func(i int) {
			k := s.below(len(d.params))
			d.params[i].Value, d.params[k].Value = d.params[k].Value, d.params[i].Value
		})
	}},
	{name: "the query is moved into the form", weight: 1, change: func(s *Source, d *draft) bool {
		if !d.form || len(d.url.Query) < 2 {
			return false
		}
		moved := reference.ParseForm([]byte(d.url.Query[1:]))
		d.params, d.url.Query = append(d.params, moved...), ""
		return true
	}},
	{name: "the form is moved into the query", weight: 1, change: func(s *Source, d *draft) bool {
		if !d.form || len(d.params) == 0 {
			return false
		}
		moved := string(d.spelling.encode(d.params))
		d.params = nil
		d.url.Query = "?" + strings.TrimPrefix(strings.TrimPrefix(d.url.Query, "?")+"&"+moved, "&")
		return true
	}},
	{name: "a parameter of the query is also put into the form", weight: 1, change: func(s *Source, d *draft) bool {
		if !d.form || len(d.url.Query) < 2 {
			return false
		}
		moved := reference.ParseForm([]byte(d.url.Query[1:]))
		if len(moved) > 0 {
			d.params = append(d.params, pick(s, moved))
		}
		return true
	}},
	{name: "bytes are appended to the form", weight: 1, change: func(s *Source, d *draft) bool {
		d.tail += "&" + string(drawSpelling(s).encode([]reference.Param{{Name: drawName(s), Value: drawValue(s)}}))
		return d.form
	}},
	{name: "a part is made long", weight: 2, again: true, change: func(s *Source, d *draft) bool {
		d.stretch(s)
		return true
	}},
	{name: "the body is edited", weight: 3, change: func(s *Source, d *draft) bool {
		d.body = []byte(edit(s, string(d.body)))
		return !d.form
	}},
	{name: "the body is different", weight: 2, change: func(s *Source, d *draft) bool {
		d.body = drawContent(s)
		return !d.form
	}},
	{name: "the body is written differently", weight: 1, change: func(s *Source, d *draft) bool {
		d.body = pick(s, rewrites)(d.body)
		return !d.form
	}},
	{name: "the body is replaced, and its hash is put into the query", weight: 1, change: func(s *Source, d *draft) bool {
		d.body = drawContent(s)
		d.form = false
		d.addHash(s)
		return true
	}},
	{name: "the hash is wrong, or elsewhere", weight: 6, again: true, change: func(s *Source, d *draft) bool {
		if !d.dropHash() {
			return false
		}
		d.addOddHash(s)
		return true
	}},
	{name: "a body is added to a request without one", weight: 2, change: func(s *Source, d *draft) bool {
		if d.form && len(d.params) > 0 || len(d.body) > 0 {
			return false
		}
		d.form, d.body = false, drawContent(s)
		contentType := pick(s, otherTypes)
		d.contentType = &contentType
		if s.oneIn(3) {
			d.contentType = nil
		}
		return true
	}},
	{name: "the content type is different", weight: 2, change: func(s *Source, d *draft) bool {
		d.body, d.form = d.request().Body, false
		contentType := pick(s, slices.Concat(otherTypes, formTypes,
			[]string{"", "application/x-www-form-urlencoded+x", "text/plain; application/x-www-form-urlencoded"}))
		d.contentType = &contentType
		if s.oneIn(4) {
			d.contentType = nil
		}
		return true
	}},
	{name: "the method is different", weight: 1, change: func(s *Source, d *draft) bool {
		d.method = pick(s, methods)
		return true
	}},

	// Signatures that are made in another way, or are not signatures.
	{name: "signed with another key", weight: 2, resign: func(s *Source, d *draft, c *Case) bool {
		if c.Signed.Key = edit(s, d.token); s.oneIn(2) {
			c.Signed.Key = drawToken(s)
		}
		c.sign()
		return true
	}},
	{name: "signed with a piece of the request as the key", weight: 1, resign: func(s *Source, d *draft, c *Case) bool {
		if len(d.params) > 0 && !s.oneIn(4) {
			c.Signed.Key = pick(s, d.params).Value
		} else {
			c.Signed.Key = pick(s, []string{d.url.Host, d.url.String(), strings.TrimSuffix(d.url.Userinfo, "@"), d.url.Path, d.method})
		}
		c.sign()
		return true
	}},
	{name: "the token is different", weight: 2, resign: func(s *Source, d *draft, c *Case) bool {
		c.Token = drawToken(s)
		return true
	}},
	{name: "the signature is edited", weight: 2, resign: func(s *Source, _ *draft, c *Case) bool {
		signature := *c.Request.Signature
		if at := s.below(26); s.oneIn(3) {
			signature = signature[:at] + string(pick(s, base64Letters)) + signature[at+1:]
		} else {
			signature = edit(s, signature)
		}
		if trimmed := strings.TrimSpace(signature); trimmed == *c.Request.Signature || decodesAlike(trimmed, *c.Request.Signature) {
			return false
		}
		c.unsign(&signature)
		return true
	}},
	{name: "the signature is spelled differently", weight: 2, resign: func(s *Source, _ *draft, c *Case) bool {
		c.Signed.Encoding = pick(s, encodings)
		c.sign()
		return true
	}},
	{name: "the MAC is a different one", weight: 1, resign: func(s *Source, _ *draft, c *Case) bool {
		c.Signed.MAC = pick(s, macs)
		c.sign()
		return true
	}},
	{name: "no signature", weight: 1, resign: func(_ *Source, _ *draft, c *Case) bool {
		c.unsign(nil)
		return true
	}},
	{name: "an empty signature, or one that is not Base64", weight: 1, resign: func(s *Source, _ *draft, c *Case) bool {
		text := pick(s, []string{"", " ", "=", "x", "null", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "é", "\x00", "undefined", "====", "A", "*"})
		c.unsign(&text)
		return true
	}},
	{name: "the parameters are signed in another order", weight: 1, resign: func(s *Source, _ *draft, c *Case) bool {
		params := slices.Clone(c.Signed.Params)
		shuffle(s, params)
		c.Signed.Params = params
		c.sign()
		return len(params) > 1
	}},
	{name: "the raw body is signed", weight: 1, resign: func(_ *Source, _ *draft, c *Case) bool {
		c.Signed.Params = []reference.Param{{Value: string(c.Request.Body)}}
		c.sign()
		return len(c.Request.Body) > 0
	}},
	{name: "only the URL is signed", weight: 1, resign: func(_ *Source, _ *draft, c *Case) bool {
		signed := len(c.Signed.Params) > 0
		c.Signed.Params = nil
		c.sign()
		return signed
	}},
	{name: "some parameters are not signed", weight: 1, resign: func(s *Source, _ *draft, c *Case) bool {
		params := slices.DeleteFunc(slices.Clone(c.Signed.Params), func(reference.Param) bool { return s.oneIn(2) })
		c.Signed.Params = params
		c.sign()
		return true
	}},
}

// macs and encodings are the wrong ways that package vectors knows.
var (
	macs      = []string{"hmac-sha256", "hmac-md5", "sha1", "sha1-token-first", "sha1-token-last", "hmac-sha1-swapped", "zeros", "hmac-sha512"}
	encodings = []string{
		"hex", "half", "one-char-more", "first-char", "base64url", "base64-unpadded", "base64-noncanonical", "lower-case",
		"upper-case", "case-swapped", "hex-upper", "base64-of-hex", "base64-twice", "base64-of-10-bytes", "base64-of-21-bytes",
		"first-bit-flipped",
		"last-bit-flipped", "reversed", "padding-more", "nul-more", "space-before", "space-after", "quoted", "percent-encoded",
		"scheme-before", "comma-joined", "comma-wrong-last", "comma-wrong-first",
	}
	base64Letters = []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)
