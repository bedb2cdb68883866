package generate

import (
	"sync"
	"unicode/utf8"

	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/vectors"
)

// Case is one request to test a validator with, and what is known about it.
type Case struct {
	judge.Case
	// Move says how the request was made: "as Twilio sends it", "a parameter
	// added after signing", …
	Move string
	// Expected is what the rules demand; see [judge.Judge].
	Expected judge.Expectation

	sent      *reference.Request // what is sent instead; nil for the request itself
	sentToken string             // what that is signed with
}

// Sent returns the request that is sent to the validator: its own, or the one that
// it becomes at a [Place].
func (c *Case) Sent() reference.Request {
	if c.sent != nil {
		return *c.sent
	}
	return c.Request
}

// SentParams returns the parameters of the body that is sent, if they are known; else nil.
func (c *Case) SentParams() []reference.Param {
	if c.sent != nil {
		return nil
	}
	return c.FormParams()
}

// SentToken returns the token that the validator checks the sent request with: its own,
// or that of a [Place].
func (c *Case) SentToken() string {
	if c.sent != nil {
		return c.sentToken
	}
	return c.Token
}

// sign computes the signature that Signed describes and puts it into the request.
func (c *Case) sign() {
	c.Signed.String = reference.Join(c.Signed.URL, c.Signed.Params)
	c.seal()
}

// signers keep the key that they signed with last: mostly it is that of the next case.
var signers = sync.Pool{New: func() any { return new(defect.Keyed) }}

// seal signs the string to sign.
func (c *Case) seal() {
	signature, key := "", reference.Key{Secret: c.Signed.Key, Algorithm: reference.HMACSHA1}
	if c.Signed.MAC == macOf(reference.HMACSHA256) {
		key.Algorithm = reference.HMACSHA256
	}
	if c.Signed.MAC == macOf(key.Algorithm) && c.Signed.Encoding == "" {
		keyed := signers.Get().(*defect.Keyed)
		signature = reference.Encode(keyed.MAC(key, c.Signed.String))
		signers.Put(keyed)
	} else {
		signature, _ = c.Vector().ComputeSignature()
	}
	c.Request.Signature = &signature
}

// unsign replaces the signature with one that nothing was signed for.
func (c *Case) unsign(signature *string) {
	c.Signed = judge.Signed{None: true}
	c.Request.Signature = signature
}

// text reports whether everything except the body is UTF-8: neither the protocol
// nor a vector can express anything else.
func (c *Case) text() bool {
	valid := utf8.ValidString(c.Request.URL) && utf8.ValidString(c.Token) && utf8.ValidString(c.Signed.Key)
	for _, header := range []*string{c.Request.Signature, c.Request.SignatureSettings} {
		valid = valid && (header == nil || utf8.ValidString(*header))
	}
	return valid
}

// Vector returns the case as a vector with token, request and signed; its other
// fields are empty.
func (c *Case) Vector() *vectors.Vector {
	r := c.Request
	v := &vectors.Vector{
		AuthToken: vectors.Text(c.Token),
		Request: vectors.Request{
			Method: r.Method, URL: vectors.Text(r.URL), Product: r.Product,
			ContentType: r.ContentType, Signature: r.Signature,
		},
	}
	v.Request.SetBody(r.Body)
	if r.SignatureSettings != nil {
		settings := vectors.Text(*r.SignatureSettings)
		v.Request.SignatureSettings = &settings
	}
	for _, key := range r.SharedKeys {
		v.Request.SharedKeys = append(v.Request.SharedKeys, vectors.SharedKey{ID: vectors.Text(key.ID), Secret: vectors.Text(key.Secret)})
	}
	if c.Signed.None {
		return v
	}
	v.Signed = &vectors.Signed{URL: vectors.Text(c.Signed.URL), MAC: c.Signed.MAC, Encoding: c.Signed.Encoding}
	if c.Signed.Key != c.Token {
		key := vectors.Text(c.Signed.Key)
		v.Signed.Token = &key
	}
	v.Signed.SetParams(c.Signed.Params)
	if len(c.Signed.Params) == 0 && reference.CoverageOf(r) == reference.CoveredByParams {
		v.Signed.Params = [][2]vectors.Text{} // no parameters; if absent, those of the body would be signed
	}
	v.Signed.SetString(c.Signed.String)
	return v
}

// CaseOf returns a vector as a case, including what the vector says was signed.
func CaseOf(v *vectors.Vector) judge.Case {
	c := judge.Case{Token: string(v.AuthToken), Request: v.Request.Reference()}
	if v.Signed == nil {
		c.Signed.None = true
		return c
	}
	c.Signed = judge.Signed{
		Key: c.Token, URL: string(v.Signed.URL), Params: v.Signed.Pairs(), String: v.StringToSign(),
		MAC: v.Signed.MAC, Encoding: v.Signed.Encoding,
	}
	if v.Signed.Token != nil {
		c.Signed.Key = string(*v.Signed.Token)
	}
	return c
}
