package generate

import (
	"errors"
	"strings"
	"testing"

	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/vectors"
)

// moved is a place at a loopback address, which the generator may also draw. Its
// Move is as simple as possible.
func moved(token string) *Place {
	return &Place{Scheme: "http", Move: func(v *vectors.Vector) (*vectors.Vector, error) {
		if v.NeedsSharedKeys() {
			return nil, errors.New("this place has none")
		}
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

// TestPlace checks that cases for a place are sent there and nowhere else, that their
// expectations are right there too, and that they do not contain its token.
func TestPlace(t *testing.T) {
	const token = "the token of the place"
	at := moved(token)
	var expected [3]int
	for number := range uint64(20_000) {
		for _, c := range Episode(at, Seeded(1, number), nil) {
			expected[c.Expected]++
			url, _ := reference.SplitURL(c.sent.URL)
			if url.Scheme+url.Userinfo+url.Host+url.Port+url.Path != "http127.0.0.1/myapp" || c.Token != placeToken {
				t.Fatalf("%+v is sent to %s", c, c.sent.URL)
			}
			valid := reference.New().Validate(token, *c.sent)
			if valid && c.Expected == judge.MustReject || !valid && c.Expected == judge.MustAccept {
				t.Fatalf("it %s, and the reference says %v: %+v", c.Expected, valid, *c.sent)
			}
		}
	}
	if expected[judge.MustAccept] < 10_000 || expected[judge.MustReject] < 10_000 {
		t.Errorf("the numbers drawn are %d", expected)
	}
}

// TestVectorsSignAgain checks that a case as a vector, signed again, has the same
// signature: otherwise a candidate would change when it is promoted.
func TestVectorsSignAgain(t *testing.T) {
	for number := range uint64(3000) {
		for _, c := range Episode(nil, Seeded(1, number), nil) {
			v := c.Vector()
			if err := v.Sign(); err != nil || c.Request.Signature != nil && *v.Request.Signature != *c.Request.Signature {
				t.Fatalf("%v: signed again it is %s: %+v, %+v", err, *v.Request.Signature, c.Request, c.Signed)
			}
		}
	}
}
