// This file answers: are requests that Twilio sends refused before the validator, for what
// they lack?

package endpoint

import (
	"fmt"
	"strings"

	"sigconform/spec/conformance"
)

// Details of answers: see interpret.
const (
	toDocumented     = " to what Twilio is documented to send"
	fromBeforeItself = " whatever the signature: this comes from before the validator"
)

// fieldsDemanded is the cause of those failures of a run that are answered as other forms
// are from before the validator; nil if there are none.
func fieldsDemanded(run *conformance.Run, failures []*conformance.Result) *conformance.Cause {
	before := map[string]bool{} // what is answered from there
	for _, r := range run.Results {
		if said, is := strings.CutSuffix(r.Why, fromBeforeItself); is && r.Vector.Request.Reference().IsForm() {
			before[said] = true
		}
	}
	var of []*conformance.Result
	answer := ""
	for _, r := range failures {
		said, is := strings.CutSuffix(r.Answer.Detail, toDocumented)
		if is && before[said] && (answer == "" || said == answer) && r.Vector.Request.Reference().IsForm() {
			of, answer = append(of, r), said
		}
	}
	if of == nil {
		return nil
	}
	h := hole{
		slug: "fields-demanded",
		says: fmt.Sprintf("refuses forms that lack a field before their signature is verified (%s)", answer),
		hint: "A form class, a DTO or Form(...) demands fields that not all of Twilio's requests have. Verify the signature first, and " +
			"let the fields be absent; or, if this route takes one kind of request alone, name its fields, as in " +
			"--form From=%2B15005550006 --form Body=Hello.",
	}
	return h.cause(of)
}
