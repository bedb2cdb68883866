package fuzz

import (
	"strings"
	"testing"

	"sigconform/reference"
	"sigconform/vectors"
)

// moved is a place at a loopback address, which is one that is drawn as well.
// Its Move is as simple as can be.
func moved(token string) *Place {
	return &Place{Scheme: "http", Move: func(v *vectors.Vector) (*vectors.Vector, error) {
		m := *v
		to := func(url vectors.Text) vectors.Text {
			return vectors.Text(strings.Replace(string(url), "://"+placeHost+"/", "://127.0.0.1/", 1))
		}
		m.Request.URL, m.AuthToken = to(v.Request.URL), vectors.Text(token)
		if v.Signed != nil {
			signed := *v.Signed
			signed.URL = to(signed.URL)
			m.Signed = &signed
		}
		return &m, m.Sign()
	}}
}

// TestPlace: what is drawn for a place goes there and nowhere else, and what is
// demanded of the answer is right there too. The token that it is signed with is
// not in it.
func TestPlace(t *testing.T) {
	const token = "the token of the place"
	at := moved(token)
	var expected [3]int
	for number := range uint64(20_000) {
		for _, c := range episodeAt(at, Seeded(1, number), nil) {
			expected[c.Expected]++
			url, _ := reference.SplitURL(c.sent.URL)
			if url.Scheme+url.Userinfo+url.Host+url.Port+url.Path != "http127.0.0.1/myapp" || c.Token != placeToken {
				t.Fatalf("%+v is sent to %s", c, c.sent.URL)
			}
			if valid := reference.New().Validate(token, *c.sent); valid && c.Expected == MustReject || !valid && c.Expected == MustAccept {
				t.Fatalf("it %s, and the reference says %v: %s", c.Expected, valid, requestLine(*c.sent))
			}
		}
	}
	if expected[MustAccept] < 10_000 || expected[MustReject] < 10_000 {
		t.Errorf("drawn are %d", expected)
	}
}

// TestVectorsSignAnew: a case as a vector, signed anew, has the signature that it
// had, or a candidate would change when it is promoted.
func TestVectorsSignAnew(t *testing.T) {
	for number := range uint64(3000) {
		for _, c := range Episode(Seeded(1, number), nil) {
			v := c.vector()
			if err := v.Sign(); err != nil || c.Request.Signature != nil && *v.Request.Signature != *c.Request.Signature {
				t.Fatalf("%v: signed anew it is %s: %s, %+v", err, *v.Request.Signature, requestLine(c.Request), c.Signed)
			}
		}
	}
}
