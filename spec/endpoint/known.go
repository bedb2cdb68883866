// This file answers: does an application sign only the parameters whose names it knows?
// Where it does, some of those that were sent are what it signs.

package endpoint

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// Every selection of up to so many parameters is tried, as long as nobody waits too long.
const (
	mostNames   = 9
	knownWithin = 10 * time.Second
)

// knownNames is the diagnosis of an application that signs some of the parameters of a
// correct form, and the others not; nil if it does not.
func (e *Endpoint) knownNames(ctx context.Context, correct reference.Request) (*Diagnosis, error) {
	params := reference.OrderParams(reference.ParseForm(correct.Body))
	if !correct.IsForm() || len(params) > mostNames {
		return nil, nil
	}
	url, until := reference.SignedURLs(correct.URL, e.product)[0], time.Now().Add(knownWithin)
	for _, selection := range selections(len(params)) {
		if time.Now().After(until) {
			break
		}
		var signed []reference.Param
		var names []string
		for i, p := range params {
			if selection&(1<<i) != 0 {
				signed, names = append(signed, p), append(names, p.Name)
			}
		}
		signature := reference.Encode(reference.MAC(e.token, reference.Join(url, signed)))
		correct.Signature = &signature
		reply, err := e.send(ctx, correct)
		if err != nil {
			return nil, err
		}
		if reply.Verdict == reference.Accept {
			return &Diagnosis{
				Status: conformance.StatusNotConformant, Rules: []string{"all-params"}, Kind: vectors.FalseReject,
				Sentence: fmt.Sprintf("the application signs the parameters that it knows alone, of the form that was sent %s. Twilio "+
					"signs all that it sends, and sends new ones without notice", enumerated(names)),
				Signs: url, found: true,
				Hints: append([]string{"hand the validator all parameters of the form, as they were received"}, e.advise(onForm)...),
			}, nil
		}
	}
	return nil, nil
}

// selections are those of some, and not all, of n things, the smallest first: the bits
// of what is selected. The first few are none: that is a limit, and no matter of names.
func selections(n int) []uint {
	var all []uint
	for s := uint(1); s+1 < 1<<n; s++ {
		if s&(s+1) != 0 {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b uint) int { return cmp.Compare(bits.OnesCount(a), bits.OnesCount(b)) })
	return all
}
