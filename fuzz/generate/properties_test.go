package generate

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/vectors"
)

// This file has properties of the reference that must be true for every request that
// the generator draws. None computes a signature in a second way: the published
// signatures check that (package vectors).

// drawn draws a draft whose request touches no question, unless questions is set.
func drawn(t *rapid.T) *draft {
	d := drawDraft(source(t), nil)
	if d.token == "" {
		d.token = "12345"
	}
	for i := range d.keys {
		d.keys[i].Secret += "k"
	}
	if len(d.keys) == 0 {
		d.settings = nil
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

// source returns a source whose choices rapid makes. Each is named after the function
// that makes it, so that a failure says what was drawn.
func source(t *rapid.T) *Source {
	return Drawn(func(n int) int { return rapid.IntRange(0, n-1).Draw(t, chooser()) })
}

// chooser is the name of the innermost function that is not a method of Source
// or its helper.
func chooser() string {
	var callers [16]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for {
		frame, more := frames.Next()
		inSource := strings.HasSuffix(frame.File, "/source.go") || strings.HasSuffix(frame.File, "/properties_test.go")
		if !inSource || !more {
			_, name, _ := strings.Cut(frame.Function[strings.LastIndexByte(frame.Function, '/')+1:], ".")
			return name
		}
	}
}

// coverable reports whether some signature is right for the request.
func coverable(c *Case) bool { return judge.Correct("", c.Request).Signed.String != "" }

func accepts(t *rapid.T, c *Case) bool { return reference.New().Validate(c.Token, c.Request) }

// TestSignThenValidate checks that a signed request is accepted, and that it is
// rejected without a signature, with another key, or with one flipped bit.
func TestSignThenValidate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawn(t)
		c := signed(d)
		if !coverable(c) {
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
			"absent": nil, "empty": new(string), "one bit": &wrong, "cut": ptr(right[:len(right)-1]),
			"longer": ptr(right + "A"), "twice": ptr(right + "," + right),
		} {
			c.Request.Signature = signature
			if accepts(t, c) {
				t.Fatalf("%s: accepted", name)
			}
		}
		c.Request.Signature = &right
		setKeys(c, func(key string) string { return vectors.SwapCase(key) + "x" })
		if accepts(t, c) {
			t.Fatal("accepted with another key")
		}
		setKeys(c, func(string) string { return "" })
		if c.Request.Signature = ptr(reference.Sign("", c.Request)); accepts(t, c) {
			t.Fatal("accepted without a key")
		}
	})
}

// setKeys changes the auth token and the shared keys.
func setKeys(c *Case, change func(string) string) {
	c.Token, c.Request.SharedKeys = change(c.Token), slices.Clone(c.Request.SharedKeys)
	for i := range c.Request.SharedKeys {
		c.Request.SharedKeys[i].Secret = change(c.Request.SharedKeys[i].Secret)
	}
}

func ptr(s string) *string { return &s }

// TestSingleByte checks that a request is rejected if one byte of its path, query,
// host or a value changes after signing.
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
			t.Fatalf("%q was signed, %q is accepted", c.Signed.String, judge.Correct("", r).Signed.String)
		}
	})
}

// TestVerbatim checks that the given URL is signed verbatim, except for the userinfo,
// the fragment and the port of a voice URL over HTTPS.
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
			t.Fatalf("for %q, %q is signed, not %q", url, got, u.String())
		}
	})
}

// TestEquivalences checks that the documented differences between the signed and the
// given request are accepted, and that any other difference is not.
func TestEquivalences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawn(t)
		if d.url.Scheme != "https" && d.url.Scheme != "http" {
			return
		}
		c := signed(d)
		if !coverable(c) {
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
			t.Fatalf("signed %q, given %q: accepted = %v", c.Signed.String, r.URL, got)
		}
	})
}

// TestFormRoundTrip checks that encoded parameters are parsed to the same parameters,
// in every spelling.
func TestFormRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := source(t)
		d := &draft{}
		d.drawParams(s)
		sp := drawSpelling(s)
		body := sp.encode(d.params)
		if got := reference.ParseForm(body); !slices.Equal(got, d.params) {
			t.Fatalf("%q is parsed as %q, it encodes %q", body, got, d.params)
		}
	})
}

// TestOrder checks that the order of arrival does not matter, that names are in the
// order of their bytes, and that only equal pairs are dropped.
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
			t.Fatalf("%q is not ordered like %q", shuffled, d.params)
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

// TestEveryParameterCounts checks that another parameter, a missing one or another
// value changes the string to sign, and that only a form's body is part of it.
func TestEveryParameterCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawn(t)
		r := d.request()
		before := reference.StringToSign(r)
		if !r.IsForm() || r.Method != "POST" {
			r.Body = append(slices.Clone(r.Body), 'x')
			if reference.StringToSign(r) != before {
				t.Fatal("a body that is not a form is in the string to sign")
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

// TestBodyHash checks that a body that is not a form is accepted with its hash in the
// signed query, but no other body is, nor a hash in another place.
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
			t.Fatal("a missing hash is right")
		}
		for _, url := range []reference.URLParts{
			{Path: "/p", Query: "?a=1"}, {Path: "/p", Query: "?a=1", Fragment: "#" + pair}, {Path: "/" + pair}, {Path: "/p", Query: "?x=" + pair},
			{Path: "/p", Query: "?x" + pair}, {Path: "/p", Query: "?" + strings.ToLower(pair)},
			{Path: "/p", Query: "?" + pair + "0"}, {Path: "/p", Query: "?" + pair[:40]},
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

// TestGETSignsTheURLAlone checks that a GET signs its URL only, with any body, and
// that its query is not appended a second time.
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

// TestAlterationsAreJudgedAsTheReferenceAnswers checks that the reference accepts
// what must be accepted and rejects what must be rejected.
func TestAlterationsAreJudgedAsTheReferenceAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, c := range Episode(nil, source(t), nil) {
			got := accepts(t, c)
			if c.Expected == judge.MustAccept && !got || c.Expected == judge.MustReject && got {
				t.Fatalf("%s: %s, the reference disagrees: %+v signed %+v", c.Move, c.Expected, c.Request, c.Signed)
			}
		}
	})
}
