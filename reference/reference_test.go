package reference_test

import (
	"slices"
	"testing"

	"sigconform/reference"
)

func text(s string) *string { return &s }

// form is a POST of a form.
func form(url, body string) reference.Request {
	return reference.Request{
		Method: "POST", URL: url, Body: []byte(body),
		ContentType: text("application/x-www-form-urlencoded"),
	}
}

// TestPublished computes signatures that others have published. The vector
// family "published" has all of them.
func TestPublished(t *testing.T) {
	const params = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
	for _, c := range []struct {
		name, token, signature string
		request                reference.Request
	}{
		{"the walk-through of the docs", "12345", "L/OH5YylLD5NRKLltdqwSvS0BnU=", form("https://example.com/myapp.php?foo=1&bar=2",
			"CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212")},
		{"form", "12345", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", form("https://mycompany.com/myapp.php?foo=1&bar=2", params)},
		{"HTTP keeps the port", "12345", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", form("http://mycompany.com:1234/myapp.php?foo=1&bar=2", params)},
		{"repeated value", "12345", "IK+Dwps556ElfBT0I3Rgjkr1wJU=", form("https://mycompany.com/myapp.php?foo=1&bar=2",
			"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234")},
		{"GET", "1234567890", "PM+bjB+ITJ9a3LIYStKWOTMZMlU=", reference.Request{Method: "GET",
			URL: "https://someurl.com/somepath?param1=client%3AAnonymous"}},
		{"JSON", "12345", "y77kIzt2vzLz71DgmJGsen2scGs=", reference.Request{Method: "POST", ContentType: text("application/json"),
			URL:  "https://mycompany.com/myapp.php?bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
			Body: []byte(`{"property": "value", "boolean": true}`)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := reference.Sign(c.token, c.request); got != c.signature {
				t.Errorf("Sign = %s, the published signature is %s\nstring to sign: %q", got, c.signature, reference.StringToSign(c.request))
			}
			c.request.Signature = &c.signature
			if !reference.New().Validate(c.token, c.request) {
				t.Error("Validate rejects the published signature")
			}
			if reference.New().Validate(c.token+"6", c.request) {
				t.Error("Validate accepts it with another token")
			}
		})
	}
}

// TestSignedURLs checks the rules on userinfo, ports and wss.
func TestSignedURLs(t *testing.T) {
	for _, c := range []struct {
		url     string
		product reference.Product
		want    []string
	}{
		{"https://h/p?x=1", reference.Voice, []string{"https://h/p?x=1"}},
		{"https://u:p@h/p", reference.Messaging, []string{"https://h/p"}},
		{"http://u:p@h:80/p", reference.Voice, []string{"http://h:80/p"}},
		{"https://h:443/p", reference.Voice, []string{"https://h/p"}},
		{"https://h:8443/p", reference.Voice, []string{"https://h/p"}},
		{"https://h:8443/p", reference.Messaging, []string{"https://h:8443/p"}},
		{"https://h:8443/p", reference.ProductUnknown, []string{"https://h:8443/p", "https://h/p"}},
		{"https://[2001:db8::1]:8443/p", reference.Voice, []string{"https://[2001:db8::1]/p"}},
		{"https://[2001:db8::1]/p", reference.Voice, []string{"https://[2001:db8::1]/p"}},
		{"https://h/p?cb=https://u:p@x:8443/", reference.Voice, []string{"https://h/p?cb=https://u:p@x:8443/"}},
		{"https://h?u:p@x:1", reference.Voice, []string{"https://h?u:p@x:1"}},
		{"https://a@b:c@h:1/p", reference.Voice, []string{"https://h/p"}},
		{"https://h/p#rc=2", reference.Voice, []string{"https://h/p"}},
		{"wss://h/s", reference.Voice, []string{"wss://h/s", "wss://h/s/"}},
		{"wss://h/s/", reference.Voice, []string{"wss://h/s/"}},
		{"wss://h/s?x", reference.Voice, []string{"wss://h/s?x"}},
		{"no url at all:8443", reference.Voice, []string{"no url at all:8443"}},
	} {
		if got := reference.SignedURLs(c.url, c.product); !slices.Equal(got, c.want) {
			t.Errorf("SignedURLs(%q, %q) = %q, want %q", c.url, c.product, got, c.want)
		}
	}
}

func TestSplitURLIsVerbatim(t *testing.T) {
	for _, url := range []string{
		"https://h", "HTTPS://H:/", "https://u:p@h:1/a/../b//c?x=%2f#f?g", "a+b.c-d://", "https://@h/", "https://[::1]:80?#",
	} {
		p, ok := reference.SplitURL(url)
		if !ok || p.String() != url {
			t.Errorf("SplitURL(%q) = %+v, %v: joined again they are %q", url, p, ok, p.String())
		}
	}
	for _, text := range []string{"", "h/p", "://h", "1a://h", "ht tp://h", "mailto:a@b"} {
		if p, ok := reference.SplitURL(text); ok {
			t.Errorf("SplitURL(%q) = %+v, want false", text, p)
		}
	}
}

func TestParseForm(t *testing.T) {
	type params = []reference.Param
	for body, want := range map[string]params{
		"":                nil,
		"&":               nil,
		"a":               {{"a", ""}},
		"a=":              {{"a", ""}},
		"=x":              {{"", "x"}},
		"a=b=c":           {{"a", "b=c"}},
		"a=1&b=2&a=1":     {{"a", "1"}, {"b", "2"}, {"a", "1"}},
		"a=+%20%2B&%61=%": {{"a", "  +"}, {"a", "%"}},
		"a=%zz%4":         {{"a", "%zz%4"}},
		"a=%2525":         {{"a", "%25"}},
		"a=%FF%c3%a9":     {{"a", "\xff\u00e9"}},
		"a;b=1":           {{"a;b", "1"}},
	} {
		if got := reference.ParseForm([]byte(body)); !slices.Equal(got, want) {
			t.Errorf("ParseForm(%q) = %q, want %q", body, got, want)
		}
	}
}

func TestOrderParams(t *testing.T) {
	given := reference.ParseForm([]byte("b=1&a=2&B=3&a=1&a10=x&a9=x&=e&a=2&%C3%A9=y"))
	before := slices.Clone(given)
	want := reference.ParseForm([]byte("=e&B=3&a=1&a=2&a10=x&a9=x&b=1&%C3%A9=y"))
	if got := reference.OrderParams(given); !slices.Equal(got, want) {
		t.Errorf("OrderParams = %q, want %q", got, want)
	}
	if !slices.Equal(given, before) {
		t.Error("OrderParams changed its input")
	}
}

func TestCoverage(t *testing.T) {
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for _, c := range []struct {
		name string
		r    reference.Request
		want reference.Coverage
	}{
		{"form", form("https://h/p", "a=1"), reference.CoveredByParams},
		{"form with a hash", form("https://h/p?bodySHA256=x", "a=1"), reference.CoveredByParams},
		{"type in other case, with a parameter", reference.Request{Method: "POST", URL: "https://h/p", Body: []byte("a=1"),
			ContentType: text("Application/X-WWW-Form-URLencoded ; charset=UTF-8")}, reference.CoveredByParams},
		{"no body", reference.Request{Method: "POST", URL: "https://h/p"}, reference.CoveredByNothing},
		{"no body, a hash", reference.Request{Method: "POST", URL: "https://h/p?bodySHA256=" + empty}, reference.CoveredByHash},
		{"no type", reference.Request{Method: "POST", URL: "https://h/p", Body: []byte("a=1")}, reference.NotCovered},
		{"GET with a body", reference.Request{Method: "GET", URL: "https://h/p", Body: []byte("a=1"),
			ContentType: text("application/x-www-form-urlencoded")}, reference.NotCovered},
		{"hash in the fragment", reference.Request{Method: "POST", URL: "https://h/p#bodySHA256=x", Body: []byte("{}")}, reference.NotCovered},
		{"hash in the path", reference.Request{Method: "POST", URL: "https://h/bodySHA256=x", Body: []byte("{}")}, reference.NotCovered},
		{"hash in a value", reference.Request{Method: "POST", URL: "https://h/p?x=bodySHA256=x", Body: []byte("{}")}, reference.NotCovered},
	} {
		if got := reference.CoverageOf(c.r); got != c.want {
			t.Errorf("%s: CoverageOf = %d, want %d", c.name, got, c.want)
		}
	}
	right := reference.BodyHash([]byte("{}"))
	for url, want := range map[string]bool{
		"https://h/p?bodySHA256=" + right:                          true,
		"https://h/p?x=1&bodySHA256=" + right + "&y=2":             true,
		"https://h/p?body%53HA256=" + right:                        true,
		"https://h/p?bodySHA256=" + right + "&bodySHA256=" + right: true,
		"https://h/p?bodySHA256=" + right + "&bodySHA256=" + empty: false,
		"https://h/p?bodySHA256=" + empty + "&bodySHA256=" + right: false,
		"https://h/p?bodySHA256=" + right[:63]:                     false,
		"https://h/p?bodySHA256=":                                  false,
		"https://h/p":                                              false,
	} {
		if got := reference.HashHolds(url, []byte("{}")); got != want {
			t.Errorf("HashHolds(%q) = %v, want %v", url, got, want)
		}
	}
}

// TestRejects checks what must never be accepted, even if all else is right.
func TestRejects(t *testing.T) {
	right := form("https://h/p", "a=1")
	signature := reference.Sign("12345", right)
	with := func(signature *string) reference.Request {
		r := right
		r.Signature = signature
		return r
	}
	byEmptyKey := reference.Sign("", right)
	for _, c := range []struct {
		name, token string
		r           reference.Request
		want        bool
	}{
		{"the right one", "12345", with(&signature), true},
		{"no header", "12345", with(nil), false},
		{"an empty header", "12345", with(text("")), false},
		{"cut short", "12345", with(text(signature[:27])), false},
		{"no token", "", with(&byEmptyKey), false},
		{"no token, no header", "", with(nil), false},
	} {
		if got := reference.New().Validate(c.token, c.r); got != c.want {
			t.Errorf("%s: Validate = %v, want %v", c.name, got, c.want)
		}
	}
}
