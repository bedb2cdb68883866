// This file answers: what covers the body? A signature is worth nothing for a
// body that it does not depend on. The rules are
//
//   - name-value-appended: the parameters of a POST form are in the string to
//     sign.
//   - body-not-params: no other body is.
//   - body-sha256: another body is covered by its SHA-256, given in the query,
//     which is signed with the URL.
//   - body-sha256-query-only: only a query parameter of exactly that name counts.
//   - body-covered: a body that neither covers is rejected.

package reference

import (
	"crypto/sha256"
	"encoding/hex"
)

// BodyHashParam is the name of the query parameter that carries the body's hash.
const BodyHashParam = "bodySHA256"

// Coverage is what binds a request's body to its signature.
type Coverage int

// The ways in which a body can be covered.
const (
	// CoveredByNothing: there is no body, and nothing to cover.
	CoveredByNothing Coverage = iota
	// CoveredByParams: the body is a POST form; its parameters are signed.
	CoveredByParams
	// CoveredByHash: the signed query gives the body's hash.
	CoveredByHash
	// NotCovered: there is a body, and the signature does not depend on it.
	NotCovered
)

// CoverageOf says what covers the body of r. A form counts only with POST:
// Twilio's GET requests carry everything in the URL (get-signs-url-only), and
// with other methods the page is silent (questions body-on-get, other-methods).
// A hash beside form parameters is not needed and not looked at (question
// bodySHA256-with-form-body).
func CoverageOf(r Request) Coverage {
	switch {
	case r.Method == "POST" && r.IsForm():
		return CoveredByParams
	case len(BodyHashes(r.URL)) > 0:
		return CoveredByHash
	case len(r.Body) == 0:
		return CoveredByNothing
	default:
		return NotCovered
	}
}

// Covered reports whether a signature of r that holds vouches for the body as
// well: there is none, it is a form whose parameters are signed, or its hash is
// signed and right.
func Covered(r Request) bool {
	switch CoverageOf(r) {
	case NotCovered:
		return false
	case CoveredByHash:
		return HashHolds(r.URL, r.Body)
	default:
		return true
	}
}

// BodyHashes returns the values, decoded, of every bodySHA256 parameter in the
// URL's query, in their order; none for a text that is no absolute URL.
func BodyHashes(url string) []string {
	p, ok := SplitURL(url)
	if !ok || p.Query == "" {
		return nil
	}
	var hashes []string
	for _, param := range ParseForm([]byte(p.Query[1:])) {
		if param.Name == BodyHashParam {
			hashes = append(hashes, param.Value)
		}
	}
	return hashes
}

// HashHolds reports whether the URL's query gives the body's hash, as
// [BodyHash] spells it (question hash-hex-case). Given several times it must be
// right every time (question hash-duplicated).
func HashHolds(url string, body []byte) bool {
	hashes := BodyHashes(url)
	for _, hash := range hashes {
		if hash != BodyHash(body) {
			return false
		}
	}
	return len(hashes) > 0
}

// BodyHash returns the SHA-256 of the raw body in lower-case hex. An empty body
// has a hash as well: e3b0c442…b855.
func BodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
