// This file answers: does the validator support SharedKeys, and if not, which
// vectors say nothing about it? A validator that accepts none of the requests that a
// shared key signed does not support them. That is not a failure unless the support
// is required; but like any validator it must reject what no key signed.

package conformance

import (
	"fmt"
	"slices"

	"sigconform/reference"
	"sigconform/vectors"
)

// sharedKeyFeature is what --require calls the support of SharedKeys.
const sharedKeyFeature = "shared-key"

// withoutSharedKeys takes back the verdicts about SharedKeys if the validator does
// not support them: for vectors that must be accepted, for questions, and for those
// that a validator accepts rightly if it does not know the settings header.
func (run *Run) withoutSharedKeys(judging Judging) {
	if _, required := judging.Require[sharedKeyFeature]; required {
		return
	}
	var signed, skipped []*Result // signed are those that a shared key signed
	for _, r := range run.Results {
		if !r.Vector.NeedsSharedKeys() || !r.Answered() {
			continue
		}
		if r.Vector.Request.SignatureSettings != nil && r.Vector.Result == vectors.Valid {
			if r.Answer.Verdict == reference.Accept && !run.acceptsAll(r) {
				return
			}
			signed = append(signed, r)
		}
		if r.Vector.Result != vectors.Invalid && r.Vector.Request.SignatureSettings != nil || acceptedWithoutSettings(r.Vector) {
			skipped = append(skipped, r)
		}
	}
	if len(signed) == 0 {
		return
	}
	run.noSharedKeys = true
	for _, r := range skipped {
		if !r.Answer.Verdict.IsFault() {
			r.Outcome, r.Kind, r.Why = Skipped, "", "the validator does not support SharedKeys"
		}
	}
	run.Warnings = append(run.Warnings, fmt.Sprintf("it does not support SharedKeys (beta): it accepts none of %d requests that one signed, "+
		"so %d vectors were skipped; with --require %s they fail", len(signed), len(skipped), sharedKeyFeature))
}

// acceptsAll reports whether the validator rejected nothing at all that is like the request of
// a result: what it accepts there says nothing of the keys that it knows.
func (run *Run) acceptsAll(r *Result) bool {
	type kind struct {
		method  string
		covered reference.Coverage
		isEmpty bool
	}
	kindOf := func(v *vectors.Vector) kind {
		request := v.Request.Reference()
		return kind{request.Method, reference.CoverageOf(request), len(request.Body) == 0}
	}
	return !slices.ContainsFunc(run.Results, func(other *Result) bool {
		return kindOf(other.Vector) == kindOf(r.Vector) && other.Vector.Result == vectors.Invalid &&
			other.Answer.Verdict == reference.Reject
	})
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
