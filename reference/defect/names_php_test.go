package defect

import (
	"strings"
	"testing"

	"sigconform/reference"
)

// What parse_str of PHP 8.2 makes of each form, with the elements of arrays printed.
func TestPostOfPHP(t *testing.T) {
	for form, want := range map[string]string{
		"a[b=1":             "a_b=1 ",
		"a[b.c=1":           "a_b_c=1 ",
		"[e=5":              "",
		"a.b[c.d]=1":        "a_b=1 ",
		" x=1":              "x=1 ",
		"a[b]c=1":           "a=1 ",
		"a[b[c]=1":          "a=1 ",
		"a]=1":              "a]=1 ",
		"a=1&a[]=2":         "a=2 ",
		"a[]=2&a=1":         "a=1 ",
		"a[]=1&a[]=2&b=3":   "a=1 a=2 b=3 ",
		"a[]=1&a[0]=2":      "a=2 ",
		"a[b][c]=1":         "a=Array ",
		"a%00b=1&c=2&c=3":   "a=1 c=3 ",
		"a[x]=1&a[y]=2&a=4": "a=4 ",
	} {
		got := ""
		for _, p := range phpRead(reference.ParseForm([]byte(form)), phpInForm, phpName).printed("elements-of-arrays") {
			got += p.Name + "=" + p.Value + " "
		}
		if got != want {
			t.Errorf("%s: %q, want %q", form, got, want)
		}
	}
}

// What Request::normalizeQueryString of Symfony makes of each query.
func TestQueryOfSymfony(t *testing.T) {
	for query, want := range map[string]string{
		"q[]=1&r[x]=2":                      "q%5B0%5D=1&r%5Bx%5D=2",
		"q%5B%5D=1&q[]=2&a.b=1&a b=2":       "a%20b=2&a.b=1&q%5B0%5D=1&q%5B1%5D=2",
		"a[b][c]=1":                         "a%5Bb%5D%5Bc%5D=1",
		"a[=1":                              "a%5B=1",
		"a]=1":                              "a%5D=1",
		"b&a&a=2&=x":                        "a=2&b=",
		"q[]=1&q=2":                         "q=2",
		"q=2&q[x]=1":                        "q%5Bx%5D=1",
		"10=a&9=b&x=c":                      "9=b&10=a&x=c",
		"a[2]=1&a[]=3":                      "a%5B2%5D=1&a%5B3%5D=3",
		"a[x=1":                             "a%5Bx=1",
		"[a]=1":                             "",
		"x[ y.z]=1":                         "x%5B%20y.z%5D=1",
		"%00a=1&b%00c=2":                    "b=2",
		"Z=1&a=2&10=3&2=4":                  "2=4&10=3&Z=1&a=2",
		"%FF=1&a=%zz&+c=~*'":                "a=%25zz&c=~%2A%27&%FF=1",
		strings.Repeat("b=1&", 1000) + "a=": "b=1",
	} {
		if got := strings.TrimPrefix(symfonyQuery(query), "?"); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

// $_POST, $_REQUEST, and what array_merge makes of $_GET and $_POST, in PHP 8.2.
func TestVariablesOfPHP(t *testing.T) {
	form := "application/x-www-form-urlencoded"
	for which, want := range map[string]string{
		"$_POST":      "b_c=1 a=2 7=y ",
		"$_REQUEST":   "a=2 10=x b_c=1 7=y ",
		"array_merge": "a=2 0=x b_c=1 1=y ",
	} {
		r := reference.Request{Method: "POST", URL: "https://h/p?a=1&10=x", ContentType: &form, Body: []byte("b.c=1&a=2&7=y")}
		got := ""
		for _, p := range phpVariables(r, which).printed("elements-of-arrays") {
			got += p.Name + "=" + p.Value + " "
		}
		if got != want {
			t.Errorf("%s: %q, want %q", which, got, want)
		}
	}
}

// What $request->all() of Laravel holds.
func TestInputOfLaravel(t *testing.T) {
	for _, tried := range []struct{ kind, url, body, want string }{
		{"application/x-www-form-urlencoded", "https://h/p?a=1&q=2", "a=3&b.c=4", "a=3 b_c=4 q=2 "},
		{"application/json", "https://h/p?q=2", `{"a":{"b":"x","c":[1]},"n":1,"t":true,"f":false,"z":null}`, "a=x a=Array n=1 t=1 f= z= q=2 "},
		{"application/json; charset=utf-8", "https://h/p", `[1,"b"]`, "0=1 1=b "},
		{"application/json", "https://h/p", `"text"`, "0=text "},
		{"application/json", "https://h/p?q=2", `{`, "q=2 "},
		{"text/plain", "https://h/p?q=2", "a=1", "q=2 "},
	} {
		r := reference.Request{Method: "POST", URL: tried.url, ContentType: &tried.kind, Body: []byte(tried.body)}
		got := ""
		for _, p := range phpVariables(r, "$request->all()").printed("elements-of-arrays") {
			got += p.Name + "=" + p.Value + " "
		}
		if got != tried.want {
			t.Errorf("%s: %q, want %q", tried.body, got, tried.want)
		}
	}
}

// PHP fills $_POST from multipart/form-data, too, and the fields of files are not there.
func TestMultipartOfPHP(t *testing.T) {
	kind := "multipart/form-data; boundary=b"
	r := reference.Request{Method: "POST", URL: "https://h/p", ContentType: &kind, Body: []byte("--b\r\n" +
		"Content-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b\r\n" +
		"Content-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n\r\n2\r\n--b--\r\n")}
	got := phpVariables(r, "$_REQUEST").printed("elements-of-arrays")
	if len(got) != 1 || got[0] != (reference.Param{Name: "a", Value: "1"}) {
		t.Errorf("%v, want a=1", got)
	}
}
