// This file says what a diagnosis is: why an endpoint cannot be tested, in one
// sentence, with what to do about it.

package endpoint

import (
	"errors"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// Diagnosis says why an endpoint cannot be tested with the vectors.
type Diagnosis struct {
	Status   int    // the exit status
	Sentence string // what is wrong
	Verifies string // the URL that the application verifies, if that was found
	Signs    string // the URL that Twilio signs
	Rules    []string
	Kind     vectors.BugType
	Refusal  string   // the first line of what it answers to the correct request; "" if it says nothing
	Hints    []string // what to do; each a sentence
	Notes    []string // what else was noticed; whoever closes the endpoint adds them

	found bool    // what the application verifies instead is known
	key   *string // that anybody can sign with, if the application verifies with one
}

// Run is the diagnosis as a run of one vector that fails, for the reports. What the
// application verifies stands as its string to sign: requests have confirmed it.
func (d *Diagnosis) Run() *conformance.Run {
	v := &vectors.Vector{
		ID:      "endpoint/calibration",
		Comment: "A correctly signed request is accepted, one with a wrong signature is refused",
		Rules:   d.Rules, Source: derived("before anything else can be sent"), Result: vectors.Valid,
		Request: vectors.Request{URL: vectors.Text(d.Signs)}, AuthToken: ownToken,
		Signed: &vectors.Signed{URL: vectors.Text(d.Signs), String: vectors.Text(d.Signs)},
		Family: &vectors.Family{Name: "endpoint", Title: "The endpoint itself", File: "endpoint"},
	}
	answer := protocol.Answer{Verdict: reference.Reject, Detail: d.Refusal}
	if d.Verifies != "" {
		answer.StringToSign = &d.Verifies
	}
	run := &conformance.Run{Warnings: d.Notes, Results: []*conformance.Result{
		{Vector: v, Outcome: conformance.Failed, Kind: d.Kind, Why: d.Sentence, Advice: d.Hints, Answer: answer},
	}}
	if d.Status == conformance.StatusNotRun {
		run.Stopped = errors.New(d.Sentence)
	}
	return run
}

func derived(ref string) vectors.Source { return vectors.Source{Kind: "derived", Ref: ref} }

// badCertificate is the diagnosis of an endpoint that Twilio does not connect to.
func (e *Endpoint) badCertificate(err *webhook.CertificateError) *Diagnosis {
	return &Diagnosis{
		Status: conformance.StatusNotConformant, Rules: []string{"tls"}, Kind: vectors.FalseReject,
		Sentence: "Twilio does not connect to the endpoint: " + err.Error(),
		Hints: []string{
			"--ca FILE trusts an authority of your own, as for a test",
			"--insecure goes on all the same, and says so",
		},
	}
}
