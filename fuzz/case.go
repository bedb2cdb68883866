package fuzz

import (
	"strconv"
	"unicode/utf8"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/vectors"
)

// Case is one request that a validator is asked, and what is known of its
// signature.
type Case struct {
	Token   string
	Request reference.Request
	Signed  Signed
	// Move says how the request was made: "as Twilio sends it", "a parameter
	// added after signing", …
	Move string
	// Expected is what the rules demand; see [Judge].
	Expected Expectation

	facts *facts             // of the request
	sent  *reference.Request // what is asked in its place; nil for the request itself
}

// Signed says what the signature of a case was made of. It is what makes an
// expectation possible: a signature that was made of something else than the
// request must be rejected.
type Signed struct {
	None     bool // it is no signature at all: absent, empty, or any text
	Key      string
	URL      string
	Params   []reference.Param // in the order in which they were appended
	String   string            // the string to sign: URL, then names and values
	MAC      string            // as in a vector; "" for HMAC-SHA1
	Encoding string            // as in a vector; "" for Base64
}

// Expectation is what the rules demand of an answer.
type Expectation int

// NotJudged: the norm leaves the answer open, or nobody would send this.
const (
	NotJudged Expectation = iota
	MustAccept
	MustReject
)

func (e Expectation) String() string {
	return [...]string{"open", "must accept", "must reject"}[e]
}

// sign makes the signature of what Signed says, and puts it into the request.
func (c *Case) sign() {
	c.Signed.String = reference.Join(c.Signed.URL, c.Signed.Params)
	c.seal()
}

// seal makes the signature of the string to sign.
func (c *Case) seal() {
	signature := ""
	if c.Signed.MAC == "" && c.Signed.Encoding == "" {
		signature = reference.Encode(reference.MAC(c.Signed.Key, c.Signed.String))
	} else {
		signature, _ = c.vector().ComputeSignature()
	}
	c.Request.Signature = &signature
}

// vector returns token, request and signed as a vector has them.
func (c *Case) vector() *vectors.Vector {
	r := c.Request
	v := &vectors.Vector{
		AuthToken: vectors.Text(c.Token),
		Request: vectors.Request{
			Method: r.Method, URL: vectors.Text(r.URL), Product: r.Product,
			ContentType: r.ContentType, Signature: r.Signature,
		},
	}
	setBody(&v.Request, r.Body)
	if c.Signed.None {
		return v
	}
	v.Signed = &vectors.Signed{URL: vectors.Text(c.Signed.URL), MAC: c.Signed.MAC, Encoding: c.Signed.Encoding}
	if c.Signed.Key != c.Token {
		key := vectors.Text(c.Signed.Key)
		v.Signed.Token = &key
	}
	setParams(v.Signed, c.Signed.Params)
	if len(c.Signed.Params) == 0 && reference.CoverageOf(r) == reference.CoveredByParams {
		v.Signed.Params = [][2]vectors.Text{} // none: absent stands for those of the body
	}
	setString(v.Signed, c.Signed.String)
	return v
}

// caseOf returns a vector as a case, with what the vector says of its signature.
func caseOf(v *vectors.Vector) *Case {
	c := &Case{Token: string(v.AuthToken), Request: v.Request.Reference()}
	if v.Signed == nil {
		c.Signed.None = true
		return c
	}
	c.Signed = Signed{Key: c.Token, URL: string(v.Signed.URL), Params: v.Signed.Pairs(), String: v.StringToSign(), MAC: v.Signed.MAC, Encoding: v.Signed.Encoding}
	if v.Signed.Token != nil {
		c.Signed.Key = string(*v.Signed.Token)
	}
	return c
}

// asked returns the case as an adapter takes it.
func (c *Case) asked(id string) protocol.Case {
	if c.sent != nil {
		return protocol.Case{ID: id, AuthToken: c.Token, Request: *c.sent}
	}
	return protocol.Case{ID: id, AuthToken: c.Token, Request: c.Request}
}

// decimal is strconv.Itoa.
func decimal(n int) string { return strconv.Itoa(n) }

func setBody(r *vectors.Request, body []byte) {
	if utf8.Valid(body) {
		r.Body = vectors.Text(body)
	} else {
		r.BodyBase64 = body
	}
}

func setString(s *vectors.Signed, text string) {
	if utf8.ValidString(text) {
		s.String = vectors.Text(text)
	} else {
		s.StringBase64 = []byte(text)
	}
}

func setParams(s *vectors.Signed, params []reference.Param) {
	text := true
	for _, p := range params {
		text = text && utf8.ValidString(p.Name) && utf8.ValidString(p.Value)
	}
	for _, p := range params {
		if text {
			s.Params = append(s.Params, [2]vectors.Text{vectors.Text(p.Name), vectors.Text(p.Value)})
		} else {
			s.ParamsBase64 = append(s.ParamsBase64, [2][]byte{[]byte(p.Name), []byte(p.Value)})
		}
	}
}
