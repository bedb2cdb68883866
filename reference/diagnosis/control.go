// This file answers: what must a validator with a mistake reject, so that it is that mistake
// and not a larger one?

package diagnosis

import (
	"regexp"
	"strings"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// sameOtherwise returns the probe with the method and the content type of most bodies
// that have a hash. A defect that lets a body through for its method or type rejects
// them (body-covered); a validator that lets every body through does not.
func sameOtherwise(p probe) (controls []probe) {
	json, post := "application/json", p
	post.Request.Method = "POST"
	typed := p
	typed.Request.ContentType = &json
	both := typed
	both.Request.Method = "POST"
	for _, c := range []probe{typed, post, both} {
		c.control = true
		controls = append(controls, c)
	}
	return controls
}

// hexHash matches a body hash in a URL.
var hexHash = regexp.MustCompile(`[0-9A-Fa-f]{64}`)

// controlsOf changes a probe at the place that the defect is about. Where Twilio
// signs the request at all, that is where the two strings part: something else
// is signed there. Where the body is not covered it is the hash, or the body.
func controlsOf(p probe, v reference.Validator, covered bool) []probe {
	signed, ok := defect.StringToSign(v, p.Request)
	if !ok {
		return nil
	}
	sign := func(r reference.Request, stringToSign string) probe {
		key, _ := v.ChooseKey(p.AuthToken, r)
		signature := reference.Encode(v.MAC(key, stringToSign))
		r.Signature = &signature
		return probe{Case: Case{AuthToken: p.AuthToken, Request: r}, control: true}
	}
	var controls []probe
	if covered {
		right, _ := defect.StringToSign(reference.New(), p.Request)
		at := 0
		for at < len(right) && at < len(signed) && right[at] == signed[at] {
			at++
		}
		controls = append(controls, sign(p.Request, signed[:at]+"~0~"+signed[at:]))
		if reference.CoverageOf(p.Request) != reference.CoveredByHash || len(v.For(p.Request).Params(p.Request)) == 0 {
			return controls
		} // else something of the body is signed: is the hash compared?
	} else {
		controls = sameOtherwise(p)
	}
	if at := hexHash.FindStringIndex(p.Request.URL); at != nil {
		hash := p.Request.URL[at[0]:at[1]]
		other := reference.BodyHash([]byte(hash))
		r := p.Request
		r.URL = strings.Replace(r.URL, hash, other, 1)
		controls = append(controls, sign(r, strings.ReplaceAll(signed, hash, other)))
	}
	if covered {
		return controls
	}
	changed := p
	changed.control = true
	changed.Request.Body = append([]byte("~0~"), p.Request.Body...)
	return append(controls, changed)
}
