package defect

import (
	"fmt"
	"testing"

	"sigconform/reference"
)

// As qs 6 in Express 4 prints it: name + value of each name.
func TestQsParams(t *testing.T) {
	for form, want := range map[string]string{
		"a=1&b=2":                 "[{a 1} {b 2}]",
		"a=1&a=2":                 "[{a 1,2}]",
		"a[]=1&a[]=2":             "[{a 1,2}]",
		"a[0]=1&a[1]=2":           "[{a 1,2}]",
		"a[b]=1&a[c]=2":           "[{a [object Object]}]",
		"a=1&a[b]=2":              "[{a 1,[object Object]}]",
		"a[b]=1&a=2":              "[{a [object Object],2}]",
		"a[b]=1&a[]=2":            "[{a [object Object]}]",
		"a[]=2&a[b]=1":            "[{a [object Object]}]",
		"a[][]=1&a[][]=2":         "[{a 1,2}]",
		"a[0][b]=1":               "[{a [object Object]}]",
		"[=1":                     "[{[ 1}]",
		"a]b=1":                   "[{a]b 1}]",
		"a[101]=1":                "[{a [object Object]}]",
		"a[01]=1":                 "[{a [object Object]}]",
		"[a]=1":                   "[{a 1}]",
		"a[b=1":                   "[{a [object Object]}]",
		"__proto__=1&b=2":         "[{b 2}]",
		"a[b]c=1":                 "[{a [object Object]}]",
		"a.b=1":                   "[{a.b 1}]",
		"a[]=1&b=x&a[]=2&b=y&c=1": "[{a 1,2} {b x,y} {c 1}]",
	} {
		if got := fmt.Sprint(qsParams(reference.ParseForm([]byte(form)))); got != want {
			t.Errorf("%s: %s, not %s", form, got, want)
		}
	}
}
