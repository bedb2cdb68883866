package diagnosis_test

import (
	"testing"

	"sigconform/reference/diagnosis"
)

func TestSameMessage(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"TypeError(\"expected Hash (got String) for param `a'\")", "TypeError(\"expected Hash (got String) for param `Body'\")", true},
		{"TypeError(\"expected Hash (got String) for param `a'\")", "TypeError(\"expected Array (got String) for param `x y'\")", true},
		{"invalid URL: https://a.example/x?y", "invalid URL: http://[::1]:80/", true},
		{"ValueError('bad port 80')", "ValueError('bad port 443')", true},
		{"can't convert 'a' to int", "can't convert 'bb' to int", true},
		{"invalid byte at 17", "invalid byte at 3", true},
		{"panic: runtime error: index out of range [3] with length 3", "panic: runtime error: index out of range [5] with length 2", true},
		{"no such account AC0123456789abcdef", "no such account AC99", true},
		{"ValueError('bad port 80')", "TypeError('bad port 80')", false},
		{"ValueError('bad port')", "ValueError('bad host')", false},
		{"invalid URL: https://a.example/", "invalid body: https://a.example/", false},
		{"", "x", false},
	} {
		if same := diagnosis.SameMessage(c.a, c.b); same != c.same {
			t.Errorf("%q and %q: same is %v (%q, %q)", c.a, c.b, same, diagnosis.Message(c.a), diagnosis.Message(c.b))
		}
	}
}
