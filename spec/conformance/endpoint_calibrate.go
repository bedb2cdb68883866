// This file answers: does the endpoint verify anything at all, and of what? A
// correct request must be accepted and one with a wrong signature refused.
// Otherwise one diagnosis says why, in place of hundreds of failures.

package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// EndpointDiagnosis says why an endpoint cannot be asked what the vectors ask.
type EndpointDiagnosis struct {
	Status   int    // the exit status
	Sentence string // what is wrong
	Verifies string // the URL that the application verifies, if that was found
	Signs    string // the URL that Twilio signs
	Rules    []string
	Kind     vectors.BugType
	Hints    []string // what to do; each a sentence

	found bool // what the application verifies instead is known
}

// shape is a kind of request that an endpoint may take.
type shape struct {
	name        string
	method      string
	query       string // without "?"
	contentType string
	body        string
}

// The parameters are those that applications look at, without a character that
// is easily decoded wrongly.
const calibrationParams = "AccountSid=AC00000000000000000000000000000000&Body=Hello&CallSid=CA00000000000000000000000000000000" +
	"&CallStatus=ringing&Digits=1&From=%2B15005550006&MessageSid=SM00000000000000000000000000000000&NumMedia=0&To=%2B15005550001"

var (
	formShape      = shape{"a form", "POST", "", "application/x-www-form-urlencoded", calibrationParams}
	getShape       = shape{"a GET request", "GET", calibrationParams, "", ""}
	jsonShape      = shape{"JSON", "POST", "", "application/json", `{"Body":"Hello"}`}
	handshakeShape = shape{"a handshake", "GET", "", "", ""}
)

// wrongKey is a token that is not the endpoint's.
const wrongKey = "not the token"

// request returns a request of that shape to a URL, without a signature.
func (s shape) request(url reference.URLParts, product reference.Product) reference.Request {
	r := reference.Request{Method: s.method, Product: product, Body: []byte(s.body)}
	if s.query != "" {
		url.Query = joinQuery(url.Query, "?"+s.query)
	}
	if s.contentType != "" {
		r.ContentType = &s.contentType
	}
	if s.contentType == jsonShape.contentType {
		url.Query = joinQuery(url.Query, "?"+reference.BodyHashParam+"="+reference.BodyHash(r.Body))
	}
	r.URL = url.String()
	return r
}

// Calibrate asks the endpoint whether it can be asked. The diagnosis is nil if
// it can. The error is one of reaching it.
func (e *Endpoint) Calibrate(ctx context.Context) (*EndpointDiagnosis, error) {
	shapes := []shape{formShape, jsonShape, getShape}
	if e.isWebSocket() {
		shapes = []shape{handshakeShape}
	}
	var first *webhook.Reply // what says most: the first answer that comes from a validator
	for _, s := range shapes {
		reply, err := e.sendSigned(ctx, s, e.token)
		if certificate := (*webhook.CertificateError)(nil); errors.As(err, &certificate) {
			return e.badCertificate(certificate), nil
		}
		if err != nil {
			return nil, err
		}
		if reply.Verdict == protocol.Reject {
			if reply, err = e.asVoice(ctx, s, reply); err != nil {
				return nil, err
			}
		}
		if reply.Verdict == protocol.Accept {
			e.challenges = reply.Challenge != ""
			return e.calibrated(ctx, s, first)
		}
		if first == nil || first.Verdict == protocol.Unsupported && reply.Verdict != protocol.Unsupported {
			first, e.shape = &reply, s
		}
	}
	return e.diagnose(ctx, *first)
}

// asVoice tries the other signature of an HTTPS URL with a port, if it is not
// said which product calls the endpoint (port-dropped-https-voice).
func (e *Endpoint) asVoice(ctx context.Context, s shape, refused webhook.Reply) (webhook.Reply, error) {
	if e.product != reference.ProductUnknown || e.url.Scheme != "https" || e.url.Port == "" {
		return refused, nil
	}
	e.product = reference.Voice
	reply, err := e.sendSigned(ctx, s, e.token)
	if err == nil && reply.Verdict == protocol.Accept {
		e.notes = append(e.notes, "the endpoint verifies its URL without the port, as voice signs it; --product voice says so")
		return reply, nil
	}
	e.product = reference.ProductUnknown
	return refused, err
}

// calibrated goes on after a correct request of that shape was accepted; before
// is what came of the shapes before it.
func (e *Endpoint) calibrated(ctx context.Context, s shape, before *webhook.Reply) (*EndpointDiagnosis, error) {
	if before != nil && before.Verdict == protocol.Reject && s.name == getShape.name {
		// It refuses correct forms and takes what has no body: is there a reason?
		d, err := e.diagnose(ctx, *before)
		if err != nil || d.found {
			return d, err
		}
	}
	if e.shape = s; before != nil {
		e.notes = append(e.notes, fmt.Sprintf("the endpoint was calibrated with %s: it does not accept a correctly signed form", e.shape.name))
	}
	wrong, err := e.sendSigned(ctx, e.shape, wrongKey)
	if err != nil {
		return nil, err
	}
	switch wrong.Verdict {
	case protocol.Accept:
		return e.bypass(ctx)
	case protocol.Unsupported:
		return &EndpointDiagnosis{
			Status:   StatusUsage,
			Sentence: fmt.Sprintf("a correct request is accepted, but it is not plain that a wrong signature is refused: it is %s", wrong.Detail),
			Hints:    []string{fmt.Sprintf("if that is how your application refuses, say so: --reject-status %d", wrong.Status)},
		}, nil
	case protocol.Timeout, protocol.Died:
		return nil, fmt.Errorf("a request with a wrong signature: %s", wrong.Detail)
	case protocol.Reject:
		e.refusal = wrong.Status
	}
	return nil, e.explore(ctx)
}

// bypass is the diagnosis of an endpoint that accepts a wrong signature.
func (e *Endpoint) bypass(ctx context.Context) (*EndpointDiagnosis, error) {
	unsigned, err := e.send(ctx, e.shape.request(e.url, e.product))
	if err != nil {
		return nil, err
	}
	d := &EndpointDiagnosis{
		Status: StatusNotConformant, Rules: []string{"hmac-sha1-base64"}, Kind: vectors.FalseAccept,
		Sentence: "authentication bypass: the endpoint accepts everything, a signature made with a wrong key and a request without one",
		Hints: []string{
			"is validation switched off here (a test or debug mode, no token configured), or is the validator's answer not looked at?",
			"if the application refuses with a status that means acceptance here, say so: --reject-status",
		},
	}
	if unsigned.Verdict != protocol.Accept {
		d.Sentence = "authentication bypass: the endpoint accepts a signature made with a wrong key; it only looks whether there is one"
	}
	return d, nil
}

// badCertificate is the diagnosis of an endpoint that Twilio does not connect to.
func (e *Endpoint) badCertificate(err *webhook.CertificateError) *EndpointDiagnosis {
	return &EndpointDiagnosis{
		Status: StatusNotConformant, Rules: []string{"tls"}, Kind: vectors.FalseReject,
		Sentence: "Twilio does not connect to the endpoint: " + err.Error(),
		Hints: []string{
			"--ca FILE trusts an authority of your own, as for a test",
			"--insecure goes on all the same, and says so",
		},
	}
}

// sign returns the request with the signature that Twilio makes with the token.
func (e *Endpoint) sign(r reference.Request, token string) reference.Request {
	signature := reference.Sign(token, r)
	r.Signature = &signature
	return r
}

func (e *Endpoint) sendSigned(ctx context.Context, s shape, token string) (webhook.Reply, error) {
	return e.send(ctx, e.sign(s.request(e.url, e.product), token))
}

func (e *Endpoint) send(ctx context.Context, r reference.Request) (webhook.Reply, error) {
	return e.sendAs(ctx, r, nil)
}

// sendAs sends a request as deliver changes it, if that is not nil.
func (e *Endpoint) sendAs(ctx context.Context, r reference.Request, deliver func(*webhook.Delivery)) (webhook.Reply, error) {
	d := webhook.Delivery{Case: protocol.Case{ID: "endpoint/calibration", Request: r}}
	if deliver != nil {
		deliver(&d)
	}
	return e.webhook.Send(ctx, d)
}

// Run is the diagnosis as a run of one vector that fails, for the reports that
// programs read.
func (d *EndpointDiagnosis) Run() *Run {
	v := &vectors.Vector{
		ID:      "endpoint/calibration",
		Comment: "A correctly signed request is accepted, one with a wrong signature is refused",
		Rules:   d.Rules, Source: derived("before anything else can be asked"), Result: vectors.Valid,
		Family: &vectors.Family{Name: "endpoint", Title: "The endpoint itself", File: "endpoint"},
	}
	lines := []string{d.Sentence}
	if d.Verifies != "" {
		lines = append(lines, "your application verifies "+d.Verifies)
	}
	if d.Signs != "" {
		lines = append(lines, "Twilio signs "+d.Signs)
	}
	detail := strings.Join(append(lines, d.Hints...), "\n")
	return &Run{Results: []*Result{{Vector: v, Outcome: Fails, Kind: d.Kind, Why: d.Sentence, Answer: protocol.Answer{Verdict: protocol.Reject, Detail: detail}}}}
}

func derived(ref string) vectors.Source { return vectors.Source{Kind: "derived", Ref: ref} }
