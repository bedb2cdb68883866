// This file answers: what covers the body? A signature proves nothing about a
// body that it does not depend on. The rules are
//
//   - name-value-appended: the parameters of a POST form are in the string to
//     sign.
//   - body-not-params: no other body is part of the string to sign.
//   - body-sha256: another body is covered by its SHA-256, given in the query,
//     which is signed with the URL.
//   - body-sha256-query-only: only a query parameter of exactly that name counts.
//   - body-covered: a body that neither of the two covers is rejected.

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
// and the docs say nothing about other methods (questions body-on-get,
// other-methods). A hash next to form parameters is not needed and is ignored
// (question bodySHA256-with-form-body).
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

// Covered reports whether a valid signature of r also vouches for the body: the
// body is empty, or it is a form whose parameters are signed, or the signed URL
// gives its hash.
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

// BodyHashes returns the decoded values of all bodySHA256 parameters in the
// URL's query, in order. It returns nil if url is not an absolute URL.
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
// [BodyHash] spells it (question hash-hex-case). If the hash is given several
// times, every one of them must be right (question hash-duplicated).
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
// has a hash too: e3b0c442…b855.
func BodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
