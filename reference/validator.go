package reference

import "crypto/subtle"

// Validator decides whether a request's signature holds. It is a struct of
// steps, so that a mistake can be shown as what it is: the reference with one
// step replaced. [New] returns the steps that are right; all must be set.
type Validator struct {
	// Admit reports whether there is a key to check with and a signature to be
	// checked. What is not admitted is rejected.
	Admit func(authToken string, signature *string) bool
	// Coverage says what covers the body; see [CoverageOf].
	Coverage func(r Request) Coverage
	// HashHolds checks a body that is covered by its hash; see [HashHolds].
	HashHolds func(url string, body []byte) bool
	// ParseForm decodes a body that is covered by its parameters; see [ParseForm].
	ParseForm func(body []byte) []Param
	// OrderParams puts the parameters in the order they are signed in; see
	// [OrderParams].
	OrderParams func(params []Param) []Param
	// SignedURLs says which URLs may have been signed; see [SignedURLs].
	SignedURLs func(url string, product Product) []string
	// Join makes the string to sign; see [Join].
	Join func(url string, params []Param) string
	// MAC computes the message authentication code; see [MAC].
	MAC func(authToken, stringToSign string) []byte
	// Encode spells it as text; see [Encode].
	Encode func(mac []byte) string
	// Equal compares the computed signature with the received one; see [Equal].
	Equal func(computed, received string) bool
}

// New returns the validator that follows every rule.
func New() Validator {
	return Validator{
		Admit:       Admit,
		Coverage:    CoverageOf,
		HashHolds:   HashHolds,
		ParseForm:   ParseForm,
		OrderParams: OrderParams,
		SignedURLs:  SignedURLs,
		Join:        Join,
		MAC:         MAC,
		Encode:      Encode,
		Equal:       Equal,
	}
}

// Validate reports whether r carries a signature that holds under authToken:
// true to accept the request, false to reject it. It never fails otherwise.
func (v Validator) Validate(authToken string, r Request) bool {
	if !v.Admit(authToken, r.Signature) {
		return false
	}
	for _, stringToSign := range v.StringsToSign(r) {
		if v.Equal(v.Encode(v.MAC(authToken, stringToSign)), *r.Signature) {
			return true
		}
	}
	return false
}

// StringsToSign returns every string whose signature v would accept for r, the
// likeliest first: one for each URL that may have been signed, and none if the
// body is not covered or its hash is wrong.
func (v Validator) StringsToSign(r Request) []string {
	var params []Param
	switch v.Coverage(r) {
	case CoveredByParams:
		params = v.OrderParams(v.ParseForm(r.Body))
	case CoveredByHash:
		if !v.HashHolds(r.URL, r.Body) {
			return nil
		}
	case NotCovered:
		return nil
	}
	var signed []string
	for _, url := range v.SignedURLs(r.URL, r.Product) {
		signed = append(signed, v.Join(url, params))
	}
	return signed
}

// Admit reports whether there is a token and a signature header. A validator
// without a token knows no key and accepts nothing (question empty-token).
func Admit(authToken string, signature *string) bool {
	return authToken != "" && signature != nil
}

// Equal compares two signatures byte for byte, in a time that does not tell
// how many of the bytes agree (hmac-sha1-base64).
func Equal(computed, received string) bool {
	return subtle.ConstantTimeCompare([]byte(computed), []byte(received)) == 1
}
