// This file answers: which validators do not look at the signature at all? They
// fail so many vectors that one sentence says more.

package defect

import "sigconform/reference"

var behaviours = []Defect{
	{
		Slug: "accepts-everything",
		Says: "accepts everything",
		Hint: "The result of the check is computed and not used, only logged, or the check is switched off " +
			"(development, a feature flag, an environment variable). Reject with 403 whenever it is false; test " +
			"with a wrong signature.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64", Behaviour: true,
		Step: enforce(func(string, reference.Request, bool) bool { return true }),
	},
	{
		Slug: "rejects-everything",
		Says: "rejects everything",
		Hint: "It takes none of the tokens that it is handed (one of its own, from the environment), does not " +
			"find the signature, or an exception ends every check. Hand it authToken of each request; print the " +
			"string to sign and compare it with what is expected.",
		BugTypes: rejects, Breaks: "hmac-sha1-base64", Behaviour: true,
		Step: enforce(func(string, reference.Request, bool) bool { return false }),
	},
	{
		Slug: "any-signature-accepted",
		Says: "accepts everything that has a signature header, whatever is in it",
		Hint: "The header is looked for and not compared, or the result of the comparison is not used. Test " +
			"with a wrong signature.",
		BugTypes: accepts, Breaks: "hmac-sha1-base64", Behaviour: true,
		Step: enforce(func(_ string, r reference.Request, holds bool) bool { return holds || r.Signature != nil }),
	},
	{
		Slug: "answers-the-opposite",
		Says: "answers the opposite: accepts what it should reject, and rejects what it should accept",
		Hint: "A condition is inverted, or a comparison that returns 0 for equal is taken for true and false. " +
			"Test with one right and one wrong signature.",
		BugTypes: both, Breaks: "hmac-sha1-base64", Behaviour: true,
		Step: enforce(func(_ string, _ reference.Request, holds bool) bool { return !holds }),
	},
}
