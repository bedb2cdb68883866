// This file answers: does the signature arrive at the validator, and does it look for it
// under the right name? A proxy drops headers, a framework names them otherwise, and an
// application may ask for another one.

package endpoint

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// otherNames are headers in which applications look for the signature in place of
// X-Twilio-Signature.
var otherNames = []string{"Twilio-Signature", "X-Signature", "X-Twilio-Sig", "X-Twilio-Signature-256", "X-Hub-Signature", "Signature"}

// signatureMissed is what says that there is no signature, and not that it is wrong.
var signatureMissed = regexp.MustCompile(`(?i)\b(missing|no|without|absent|lacks?|needs?|requires?)\b[^.]*\bsignature\b|` +
	`\bsignature\b[^.]*\b(missing|absent|required|not (found|given|present|provided|set|sent))\b`)

// signatureWrong is what says, or says as well, that it is wrong.
var signatureWrong = regexp.MustCompile(`(?i)\b(invalid|wrong|bad|incorrect|mismatch|does(n.t| not) match|not valid|failed|or)\b`)

// renamed is the diagnosis of an application that looks for the signature elsewhere, or
// says of a request that is signed that it has none; nil if it does neither.
func (e *Endpoint) renamed(ctx context.Context, refused webhook.Reply) (*Diagnosis, error) {
	correct := e.shape.request(e.url, e.product)
	d := &Diagnosis{
		Status: conformance.StatusNotConformant, Kind: vectors.FalseReject, Rules: []string{"hmac-sha1-base64"},
		Signs: reference.SignedURLs(correct.URL, e.product)[0], Refusal: e.firstLine(refused), found: true,
	}
	for _, name := range otherNames {
		reply, err := e.sendAs(ctx, e.sign(correct, e.token), func(d *webhook.Delivery) { d.SignatureName = name })
		if err != nil {
			return nil, err
		}
		if reply.Verdict == reference.Accept {
			d.Sentence = fmt.Sprintf("the application looks for the signature in the header %s: Twilio sends it in X-Twilio-Signature", name)
			d.Hints = e.adviseApplication(onHeader)
			return d, nil
		}
	}
	if said := d.Refusal; !signatureMissed.MatchString(said) || signatureWrong.MatchString(said) {
		return nil, nil
	}
	d.Sentence = fmt.Sprintf("the application says of a signed request that it has no signature%s: X-Twilio-Signature does not "+
		"arrive, or is looked for under another name", e.quoted(refused))
	d.Hints = slices.Concat([]string{"let the application log the headers that arrive: a proxy or a gateway in front may drop some, " +
		"or pass on those alone that it is told to"}, e.advise(onHeader))
	return d, nil
}
