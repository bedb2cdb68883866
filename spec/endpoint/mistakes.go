// This file answers: does one of the known mistakes in computing a signature explain an
// endpoint that refuses all right requests? What they make of a request that every
// application takes is signed, and sent: the one that is accepted is the diagnosis.

package endpoint

import (
	"context"
	"fmt"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// mistaken is the diagnosis of an application that accepts the correct request when it is
// signed as a known mistake signs it; nil if there is none. Tried is how many were sent.
func (e *Endpoint) mistaken(ctx context.Context, refused webhook.Reply) (d *Diagnosis, tried int, err error) {
	correct := e.shape.request(e.url, e.product)
	right := e.sign(correct, e.token)
	sent := map[string]bool{*right.Signature: true}
	for _, v := range defect.Variants() {
		made := v.New()
		signature, signs := defect.Sign(made, e.token, correct)
		if !signs || sent[signature] {
			continue
		}
		if verdict, _ := defect.Ask(made, e.token, right); verdict == reference.Accept {
			continue // it would not have refused this one
		}
		sent[signature] = true
		guessed := correct
		guessed.Signature = &signature
		tried++
		reply, err := e.send(ctx, guessed)
		if err != nil {
			return nil, tried, err
		}
		if reply.Verdict != reference.Accept {
			continue
		}
		verifies, _ := defect.StringToSign(made, correct)
		d := &Diagnosis{
			Status: conformance.StatusNotConformant, Kind: vectors.FalseReject, Rules: []string{v.Breaks}, found: true,
			Sentence: fmt.Sprintf("your application %s (%s): a request that is signed so is accepted, and a correct one is refused with %d",
				v.Says(), v.Key(), refused.Status),
			Verifies: e.conceal(verifies), Signs: e.conceal(reference.StringToSign(correct)), Refusal: e.firstLine(refused),
			Hints: []string{v.Hint()},
		}
		if about := topicOf[v.Breaks]; about != nil {
			d.Hints = append(d.Hints, e.adviseApplication(about)...)
		}
		return d, tried, nil
	}
	return nil, tried, nil
}
