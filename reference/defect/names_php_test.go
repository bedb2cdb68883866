package defect

import (
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
		for _, p := range phpParams(reference.ParseForm([]byte(form)), "elements-of-arrays") {
			got += p.Name + "=" + p.Value + " "
		}
		if got != want {
			t.Errorf("%s: %q, want %q", form, got, want)
		}
	}
}
