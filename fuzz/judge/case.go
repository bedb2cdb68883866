package judge

import (
	"sigconform/reference"
)

// Case is one request to a validator, with its signature and what was signed.
type Case struct {
	Token   string
	Request reference.Request
	Signed  Signed

	facts *facts // of the request; nil until they are needed
}

// Signed says what the signature of a case covers. Expectations rest on it: a
// signature of something other than the request must be rejected.
type Signed struct {
	None     bool // there is no signature: it is absent, empty, or an arbitrary text
	Key      string
	URL      string
	Params   []reference.Param // in the order in which they were appended
	String   string            // the string to sign: URL, then names and values
	MAC      string            // as in a vector; "" for HMAC-SHA1
	Encoding string            // as in a vector; "" for Base64
}

// Correct returns the request with what Twilio signs for it; it does not compute
// the signature itself. Where no key is right, because the settings header names
// none, the auth token signs. Signed.String is "" if no signature can be right, because
// nothing covers the body (body-covered).
func Correct(token string, r reference.Request) Case {
	f := factsOf(r)
	signed := Signed{Key: token, URL: f.url, Params: f.appended, String: f.right}
	if key, ok := reference.ChooseKey(token, r); ok {
		signed.Key = key.Secret
		if key.Algorithm == reference.HMACSHA256 {
			signed.MAC = sha256MAC
		}
	}
	return Case{Token: token, Request: r, Signed: signed, facts: f}
}

// FormParams returns the parameters of a form, if they have been decoded; else nil.
func (c *Case) FormParams() []reference.Param {
	if c.facts == nil {
		return nil
	}
	return c.facts.params
}

// Expectation is what the rules demand of an answer.
type Expectation int

// NotJudged: the docs leave the answer open, or nobody would send this.
const (
	NotJudged Expectation = iota
	MustAccept
	MustReject
)

func (e Expectation) String() string {
	return [...]string{"open", "must accept", "must reject"}[e]
}

// SameKey reports whether the signature was made with the auth token.
func (c *Case) SameKey() bool { return c.Signed.Key == c.Token }
