// This file answers: does the validator support SharedKeys, and if not, which
// vectors say nothing about it? A validator that accepts next to none of the requests that
// a shared key signed does not support them. That is not a failure unless the support
// is required; but like any validator it must reject what no key signed.

package conformance

import (
	"fmt"
	"strconv"

	"sigconform/reference"
	"sigconform/vectors"
)

// sharedKeyFeature is what --require calls the support of SharedKeys.
const sharedKeyFeature = "shared-key"

// fewAccepted is the share, as one in so many, of the requests signed with a shared key that a
// validator must accept to count as one that supports them. Fewer are accepted for another reason:
// all GET requests are, say.
const fewAccepted = 4

// withoutSharedKeys takes back the verdicts about SharedKeys if the validator does
// not support them: for vectors that must be accepted, for questions, and for those
// that a validator accepts rightly if it does not know the settings header.
func (run *Run) withoutSharedKeys(judging Judging) {
	if _, required := judging.Require[sharedKeyFeature]; required {
		return
	}
	var signed, skipped []*Result // signed are those that a shared key signed
	accepted := 0                 // of them
	for _, r := range run.Results {
		if !r.Vector.NeedsSharedKeys() || !r.Answered() {
			continue
		}
		if r.Vector.Request.SignatureSettings != nil && r.Vector.Result == vectors.Valid {
			if r.Answer.Verdict == reference.Accept {
				accepted++
			}
			signed = append(signed, r)
		}
		if r.Vector.Result != vectors.Invalid && r.Vector.Request.SignatureSettings != nil || acceptedWithoutSettings(r.Vector) {
			skipped = append(skipped, r)
		}
	}
	if len(signed) == 0 || fewAccepted*accepted >= len(signed) {
		return
	}
	run.noSharedKeys = true
	for _, r := range skipped {
		if !r.Answer.Verdict.IsFault() {
			r.Outcome, r.Kind, r.Why = Skipped, "", "the validator does not support SharedKeys"
		}
	}
	count := "none"
	if accepted > 0 {
		count = strconv.Itoa(accepted)
	}
	run.Warnings = append(run.Warnings, fmt.Sprintf("it does not support SharedKeys (beta): it accepts %s of %d requests that one signed, "+
		"so %d vectors were skipped; with --require %s they fail", count, len(signed), len(skipped), sharedKeyFeature))
}

// acceptedWithoutSettings reports whether a request that must be rejected is right
// for a validator that ignores the settings header.
func acceptedWithoutSettings(v *vectors.Vector) bool {
	r := v.Request.Reference()
	if v.Result != vectors.Invalid || r.SignatureSettings == nil {
		return false
	}
	r.SignatureSettings = nil
	if reference.New().Validate(string(v.AuthToken), r) {
		return true
	}
	// HMAC-SHA256 with the auth token is a question (sha256-without-settings).
	key := reference.Key{Secret: string(v.AuthToken), Algorithm: reference.HMACSHA256}
	return r.Signature != nil && reference.Encode(key.MAC(reference.StringToSign(r))) == *r.Signature
}
