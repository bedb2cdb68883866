package reference

import "crypto/subtle"

// Validator decides whether a request's signature is valid. It is a struct of
// steps, so that a mistake can be expressed as the reference with one step
// replaced. [New] returns the right steps; all of them except Instead must be set.
type Validator struct {
	// Admit reports whether there is a key to check with and a signature to be
	// checked. A request that is not admitted is rejected.
	Admit func(secret string, signature *string) bool
	// ChooseKey says which key and which algorithm sign; see [ChooseKey]. A request
	// for which there is no key is rejected.
	ChooseKey func(authToken string, r Request) (Key, bool)
	// Covered reports whether a signature vouches for the body; see [Covered].
	// A request whose body is not covered is rejected.
	Covered func(r Request) bool
	// Params says which parameters were signed; see [Params].
	Params func(r Request) []Param
	// OrderParams sorts the parameters as they are signed; see [OrderParams].
	OrderParams func(params []Param) []Param
	// SignedURLs says which URLs may have been signed; see [SignedURLs].
	SignedURLs func(url string, product Product) []string
	// Join makes the string to sign; see [Join].
	Join func(url string, params []Param) string
	// MAC computes the message authentication code; see [Key.MAC].
	MAC func(key Key, stringToSign string) []byte
	// Encode encodes the MAC as text; see [Encode].
	Encode func(mac []byte) string
	// Equal compares the computed signature with the received one; see [Equal].
	Equal func(computed, received string) bool
	// Enforce decides the answer, given whether the signature is valid; see [Enforce].
	Enforce func(authToken string, r Request, valid bool) bool
	// Instead, if it is set, returns the validator that handles r in place of this
	// one; the Instead of that validator is ignored. It serves mistakes that are made
	// under a condition; the right validator treats all requests alike.
	Instead func(r Request) *Validator
}

// New returns the validator that follows every rule.
func New() Validator {
	return Validator{
		Admit:       Admit,
		ChooseKey:   ChooseKey,
		Covered:     Covered,
		Params:      Params,
		OrderParams: OrderParams,
		SignedURLs:  SignedURLs,
		Join:        Join,
		MAC:         Key.MAC,
		Encode:      Encode,
		Equal:       Equal,
		Enforce:     Enforce,
	}
}

// Verdict is what a validator answers, or what happens instead of an answer.
type Verdict string

// The verdicts. A validator says Accept, Reject, Error and Unsupported; Timeout,
// Died and Malformed are protocol faults: it gave no answer. The built-in reference
// only accepts and rejects.
const (
	Accept      Verdict = "accept"
	Reject      Verdict = "reject"
	Error       Verdict = "error"       // it says that it failed with an exception
	Unsupported Verdict = "unsupported" // it says that it does not support this
	Timeout     Verdict = "timeout"     // it did not answer in time
	Died        Verdict = "died"        // its process ended instead of answering
	Malformed   Verdict = "malformed"   // it wrote something that does not answer this request
)

// IsFault reports whether the verdict is a protocol fault: the validator did not
// answer. A rejection is an answer, so a fault never counts as a rejection.
func (v Verdict) IsFault() bool { return v == Timeout || v == Died || v == Malformed }

// Validate reports whether r carries a signature that is valid for authToken:
// true to accept the request, false to reject it. It cannot fail.
func (v Validator) Validate(authToken string, r Request) bool {
	accepted, _ := v.Check(authToken, r)
	return accepted
}

// Check does the same as Validate and also returns the strings whose signature it
// would accept, as [Validator.StringsToSign] returns them; nil if there is no token
// or no signature.
func (v Validator) Check(authToken string, r Request) (accepted bool, stringsToSign []string) {
	v = v.For(r)
	valid := false
	if key, ok := v.ChooseKey(authToken, r); ok && v.Admit(key.Secret, r.Signature) {
		stringsToSign = v.StringsToSign(r)
		for i := 0; i < len(stringsToSign) && !valid; i++ {
			valid = v.Equal(v.Encode(v.MAC(key, stringsToSign[i])), *r.Signature)
		}
	}
	return v.Enforce(authToken, r, valid), stringsToSign
}

// StringsToSign returns every string whose signature v would accept for r, the
// likeliest first: one for each URL that may have been signed. It returns nil if
// the body is not covered or its hash is wrong.
func (v Validator) StringsToSign(r Request) []string {
	v = v.For(r)
	if !v.Covered(r) {
		return nil
	}
	params := v.OrderParams(v.Params(r))
	urls := v.SignedURLs(r.URL, r.Product)
	signed := make([]string, len(urls))
	for i, url := range urls {
		signed[i] = v.Join(url, params)
	}
	return signed
}

// For returns the validator that handles r: v itself, or what v.Instead returns.
func (v Validator) For(r Request) Validator {
	if v.Instead == nil {
		return v
	}
	instead := *v.Instead(r)
	instead.Instead = nil
	return instead
}

// Admit reports whether there is a secret and a signature header. A validator
// without a token has no key and accepts nothing (question empty-token), and an
// empty secret is not a key either (sk-empty-key).
func Admit(secret string, signature *string) bool {
	return secret != "" && signature != nil
}

// Equal compares two signatures byte for byte, in constant time (hmac-sha1-base64).
func Equal(computed, received string) bool {
	return subtle.ConstantTimeCompare([]byte(computed), []byte(received)) == 1
}

// Enforce reports whether to accept a request, given whether its signature is
// valid: no mode, host or sender is trusted without a valid signature.
func Enforce(authToken string, r Request, valid bool) bool {
	return valid
}
