package fuzz

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sigconform/reference"
)

// These are properties of the reference, on requests that the generator draws.
// Each says what must hold for every request; none computes a signature in a
// second way, which the published ones are for (package vectors).

// drawn draws a draft whose requests touch no question, unless asked to.
func drawn(t *rapid.T) *draft {
	s := Drawn(func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") })
	d := drawDraft(s, nil)
	if d.token == "" {
		d.token = "12345"
	}
	d.tail, d.url.Fragment = "", ""
	if d.form && d.method != "POST" {
		d.form = false
	}
	if !d.form {
		d.params = nil
	}
	return d
}

func source(t *rapid.T) *Source {
	return Drawn(func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") })
}

func accepts(t *rapid.T, c *Case) bool { return reference.New().Validate(c.Token, c.Request) }

// TestSignThenValidate: what is signed is accepted, and nothing else is: no
// signature, another key, and a signature that differs in one bit.
func TestSignThenValidate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawn(t)
		c := signed(d)
		if c.facts.right == "" {
			if accepts(t, c) {
				t.Fatalf("a body that nothing covers is accepted: %+v", c.Request)
			}
			return
		}
		if *c.Request.Signature != reference.Sign(c.Token, c.Request) {
			t.Fatalf("Sign and the steps differ for %+v", c.Request)
		}
		if !accepts(t, c) {
			t.Fatalf("what was signed is rejected: %+v", c.Request)
		}
		right := *c.Request.Signature
		at := rapid.IntRange(0, len(right)-2).Draw(t, "at")
		bit := byte(1) << rapid.IntRange(0, 6).Draw(t, "bit")
		wrong := right[:at] + string(right[at]^bit) + right[at+1:]
		for name, signature := range map[string]*string{
			"absent": nil, "empty": new(string), "one bit": &wrong, "cut": ptr(right[:len(right)-1]), "longer": ptr(right + "A"), "twice": ptr(right + "," + right),
		} {
			c.Request.Signature = signature
			if accepts(t, c) {
				t.Fatalf("%s: accepted", name)
			}
		}
		c.Request.Signature = &right
		c.Token = swapCase(c.Token) + "x"
		if accepts(t, c) {
			t.Fatal("accepted under another token")
		}
		c.Token, c.Request.Signature = "", ptr(reference.Sign("", c.Request))
		if accepts(t, c) {
			t.Fatal("accepted without a token")
		}
	})
}

func ptr(s string) *string { return &s }

// TestSingleByte: one byte of path, query, host or of a value is changed after
// signing, and the request is rejected.
func TestSingleByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawn(t)
		c := signed(d)
		changed := *d
		changed.params = slices.Clone(d.params)
		flip := func(s string) string {
			if s == "" {
				return "x"
			}
			at := rapid.IntRange(0, len(s)-1).Draw(t, "at")
			return s[:at] + string(rune('a'+(s[at]+1)%26)) + s[at+1:]
		}
		switch rapid.IntRange(0, 3).Draw(t, "what") {
		case 0:
			changed.url.Path = "/" + flip(d.url.Path)
		case 1:
			changed.url.Query = "?x" + flip(d.url.Query)
		case 2:
			changed.url.Host = "x" + d.url.Host
		case 3:
			if len(d.params) == 0 {
				return
			}
			i := rapid.IntRange(0, len(d.params)-1).Draw(t, "param")
			changed.params[i].Value = flip(d.params[i].Value) + "!"
		}
		r := changed.request()
		r.Signature = c.Request.Signature
		if reference.New().Validate(d.token, r) {
			t.Fatalf("signed was %q, accepted is %q", c.Signed.String, factsOf(r).right)
		}
	})
}

// TestVerbatim: the URL that is signed is the one that was handed over, but for
// the userinfo, the fragment and the port of a voice URL over HTTPS.
func TestVerbatim(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := source(t)
		u, product := drawURL(s), drawProduct(s)
		if s.oneIn(8) {
			u.Userinfo = "a@b:c@" // it ends at the last
		}
		url := u.String()
		parts, ok := reference.SplitURL(url)
		if !ok || parts.String() != url {
			t.Fatalf("%q is cut into %+v", url, parts)
		}
		if parts != u {
			t.Fatalf("%+v is cut into %+v", u, parts)
		}
		got := reference.SignedURLs(url, product)[0]
		u.Userinfo, u.Fragment = "", ""
		if strings.EqualFold(u.Scheme, "https") && product == reference.Voice {
			u.Port = ""
		}
		if got != u.String() {
			t.Fatalf("for %q is signed %q, not %q", url, got, u.String())
		}
	})
}

// TestEquivalences: the documented differences between what was signed and
// what is handed over change nothing, and each other difference does.
func TestEquivalences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawn(t)
		if d.url.Scheme != "https" && d.url.Scheme != "http" {
			return
		}
		c := signed(d)
		if c.facts.right == "" {
			return
		}
		s := source(t)
		other := *d
		other.params = slices.Clone(d.params)
		same := true
		switch rapid.IntRange(0, 5).Draw(t, "difference") {
		case 0:
			other.url.Userinfo = pick(s, userinfo)
		case 1: // the port: only voice over HTTPS
			other.url.Port = ":9999"
			same = d.url.Scheme == "https" && d.product == reference.Voice
			if d.url.Scheme == "https" && d.product == reference.ProductUnknown && d.url.Port == "" {
				same = true // the one that was signed may have lost its port
			}
		case 2:
			other.spelling = drawSpelling(s)
		case 3:
			slices.Reverse(other.params)
		case 4:
			other.url.Scheme = map[string]string{"https": "http", "http": "https"}[d.url.Scheme]
			same = false
		case 5:
			other.url.Path += "/"
			same = false
		}
		r := other.request()
		r.Signature = c.Request.Signature
		if got := reference.New().Validate(d.token, r); got != same {
			t.Fatalf("signed %q, handed %q: accepted is %v", c.Signed.String, r.URL, got)
		}
	})
}

// TestFormRoundTrip: parameters that are encoded, in whatever spelling, are
// parsed as they were.
func TestFormRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := source(t)
		d := &draft{}
		d.drawParams(s)
		sp := drawSpelling(s)
		body := sp.encode(d.params)
		if got := reference.ParseForm(body); !slices.Equal(got, d.params) {
			t.Fatalf("%q is parsed as %q, it was made of %q", body, got, d.params)
		}
	})
}

// TestOrder: the order of arrival does not matter, names are in the order of
// their bytes, and nothing is lost but equal pairs.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := source(t)
		d := &draft{}
		d.drawParams(s)
		before := slices.Clone(d.params)
		ordered := reference.OrderParams(d.params)
		if !slices.Equal(d.params, before) {
			t.Fatalf("%q was changed to %q", before, d.params)
		}
		shuffled := rapid.Permutation(d.params).Draw(t, "shuffled")
		if !slices.Equal(ordered, reference.OrderParams(shuffled)) {
			t.Fatalf("%q is ordered otherwise than %q", shuffled, d.params)
		}
		for i := 1; i < len(ordered); i++ {
			if strings.Compare(ordered[i-1].Name, ordered[i].Name) > 0 {
				t.Fatalf("%q is before %q", ordered[i-1].Name, ordered[i].Name)
			}
		}
		for _, p := range d.params {
			if !slices.Contains(ordered, p) {
				t.Fatalf("%q is lost", p)
			}
		}
		if twice := reference.OrderParams(slices.Concat(d.params, d.params)); !slices.Equal(twice, ordered) {
			t.Fatalf("every parameter twice is %q, once %q", twice, ordered)
		}
	})
}

// TestEveryParameterCounts: a form with one more, one less or another value is
// another string to sign, and the body of no other type is in it.
func TestEveryParameterCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawn(t)
		r := d.request()
		before := reference.StringToSign(r)
		if !r.IsForm() || r.Method != "POST" {
			r.Body = append(slices.Clone(r.Body), 'x')
			if reference.StringToSign(r) != before {
				t.Fatal("a body that is no form is in the string to sign")
			}
			return
		}
		length := len(reference.SignedURLs(r.URL, r.Product)[0])
		for _, p := range reference.OrderParams(d.params) {
			if !strings.Contains(before, p.Name+p.Value) {
				t.Fatalf("%q is not in %q", p, before)
			}
			length += len(p.Name) + len(p.Value)
		}
		if len(before) != length {
			t.Fatalf("%q has %d bytes, its parts %d", before, len(before), length)
		}
		r.Body = append(slices.Clone(r.Body), "&new=!"...)
		if len(reference.StringToSign(r)) != len(before)+len("new!") {
			t.Fatalf("a parameter more: %q became %q", before, reference.StringToSign(r))
		}
	})
}

// TestBodyHash: a body that is no form is accepted with its hash in the signed
// query, and no other body is, nor the hash in another place.
func TestBodyHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := source(t)
		d := drawn(t)
		d.method, d.form, d.params, d.hashed = "POST", false, nil, true
		d.contentType = ptr("application/json")
		d.body = drawContent(s)
		pair := reference.BodyHashParam + "=" + reference.BodyHash(d.body)
		d.url.Query = "?a=1&" + pair + "&b=2"
		c := signed(d)
		if !accepts(t, c) {
			t.Fatalf("rejected: %+v", c.Request)
		}
		r := c.Request
		r.Body = append(slices.Clone(r.Body), 'x')
		if reference.New().Validate(d.token, r) {
			t.Fatal("another body is accepted")
		}
		if len(d.body) == 0 {
			return
		}
		if r.Body = nil; reference.New().Validate(d.token, r) {
			t.Fatal("no body is accepted")
		}
		if reference.HashHolds("https://h/p?a=1", d.body) {
			t.Fatal("a hash holds that is not there")
		}
		for _, url := range []reference.URLParts{
			{Path: "/p", Query: "?a=1"}, {Path: "/p", Query: "?a=1", Fragment: "#" + pair}, {Path: "/" + pair}, {Path: "/p", Query: "?x=" + pair},
			{Path: "/p", Query: "?x" + pair}, {Path: "/p", Query: "?" + strings.ToLower(pair)}, {Path: "/p", Query: "?" + pair + "0"}, {Path: "/p", Query: "?" + pair[:40]},
		} {
			url.Scheme, url.Host = "https", "h"
			moved := *d
			moved.url = url
			if other := signed(&moved); accepts(t, other) {
				t.Fatalf("%s is accepted", other.Request.URL)
			}
		}
	})
}

// TestGETSignsTheURLAlone: whatever body it has, and its query is not appended
// a second time.
func TestGETSignsTheURLAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawn(t)
		r := d.request()
		r.Method = "GET"
		if got := reference.StringToSign(r); got != reference.SignedURLs(r.URL, r.Product)[0] {
			t.Fatalf("GET signs %q", got)
		}
	})
}

// TestAlterationsAreJudgedAsTheReferenceAnswers: what must be accepted the
// reference accepts, and what must be rejected it rejects.
func TestAlterationsAreJudgedAsTheReferenceAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, c := range Episode(source(t), nil) {
			got := accepts(t, c)
			if c.Expected == MustAccept && !got || c.Expected == MustReject && got {
				t.Fatalf("%s: %s, the reference disagrees: %+v signed %+v", c.Move, c.Expected, c.Request, c.Signed)
			}
		}
	})
}
