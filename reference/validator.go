package reference

import "crypto/subtle"

// Validator decides whether a request's signature holds. It is a struct of
// steps, so that a mistake can be shown as what it is: the reference with one
// step replaced. [New] returns the steps that are right; all must be set.
type Validator struct {
	// Admit reports whether there is a key to check with and a signature to be
	// checked. What is not admitted is rejected.
	Admit func(authToken string, signature *string) bool
	// Covered reports whether a signature vouches for the body; see [Covered].
	// What is not covered is rejected.
	Covered func(r Request) bool
	// Params says which parameters were signed; see [Params].
	Params func(r Request) []Param
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
	// Enforce makes the answer of what was found; see [Enforce].
	Enforce func(authToken string, r Request, holds bool) bool
}

// New returns the validator that follows every rule.
func New() Validator {
	return Validator{
		Admit:       Admit,
		Covered:     Covered,
		Params:      Params,
		OrderParams: OrderParams,
		SignedURLs:  SignedURLs,
		Join:        Join,
		MAC:         MAC,
		Encode:      Encode,
		Equal:       Equal,
		Enforce:     Enforce,
	}
}

// Validate reports whether r carries a signature that holds under authToken:
// true to accept the request, false to reject it. It never fails otherwise.
func (v Validator) Validate(authToken string, r Request) bool {
	accepted, _ := v.Check(authToken, r)
	return accepted
}

// Check is Validate, and shows its work: the strings whose signature it would
// accept, as [Validator.StringsToSign] returns them; none if there is no token
// or no signature.
func (v Validator) Check(authToken string, r Request) (accepted bool, stringsToSign []string) {
	holds := false
	if v.Admit(authToken, r.Signature) {
		stringsToSign = v.StringsToSign(r)
		for i := 0; i < len(stringsToSign) && !holds; i++ {
			holds = v.Equal(v.Encode(v.MAC(authToken, stringsToSign[i])), *r.Signature)
		}
	}
	return v.Enforce(authToken, r, holds), stringsToSign
}

// StringsToSign returns every string whose signature v would accept for r, the
// likeliest first: one for each URL that may have been signed, and none if the
// body is not covered or its hash is wrong.
func (v Validator) StringsToSign(r Request) []string {
	if !v.Covered(r) {
		return nil
	}
	params := v.OrderParams(v.Params(r))
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

// Enforce reports whether to accept a request whose signature holds or does
// not: there is no mode, no host and no sender that is trusted without one.
func Enforce(authToken string, r Request, holds bool) bool {
	return holds
}
