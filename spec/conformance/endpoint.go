// The files endpoint*.go ask a running application, as Twilio does:
//
//	endpoint.go            the endpoint as a validator, and what a run against it means
//	endpoint_calibrate.go  does it verify anything at all, and of what?
//	endpoint_explore.go    which variations of a request does it take?
//	endpoint_probe.go      which URL, token or body does it verify instead?
//	endpoint_guesses.go    … and what is tried to find that out
//	endpoint_rebase.go     the vectors, for the endpoint's own URL and token
//	endpoint_drawn.go      requests that a generator draws, for the same
//	endpoint_checks.go     what only a running endpoint can be asked, as vectors
//	endpoint_checklist.go  … and what that is

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

// Endpoint is a running application whose webhook is asked. It is an
// adapters.Validator for the vectors that [Endpoint.Vectors] makes.
type Endpoint struct {
	webhook  *webhook.Validator
	options  webhook.Options    // it was opened with
	address  reference.URLParts // where to connect to
	inside   string             // where a proxy calls the application, if that is known
	url      reference.URLParts // what Twilio is configured with
	isPublic bool               // that is another URL than the one to connect to
	token    string
	product  reference.Product
	shape    shape // of the requests that it was calibrated with

	challenges bool // it asked for a login, and took the credentials
	refusal    int  // the status that refused a wrong signature; 0 if none did

	notes         []string          // what calibration learnt, for a person to read
	unreachable   map[string]string // method or path variation to why it does not lead to the validator
	notApplicable map[string]string // id to why it cannot be asked of an endpoint
	deliveries    map[string]func(protocol.Case) webhook.Delivery
}

// EndpointOptions say whom to ask, and how its requests are signed.
type EndpointOptions struct {
	webhook.Options
	AuthToken string
	Product   reference.Product // what sends to the endpoint, if that is known
	Upstream  string            // where a proxy in front calls the application; "" if that is not known
}

// OpenEndpoint returns the endpoint. It is not called before it is calibrated.
// The token appears in nothing that the endpoint is quoted with.
func OpenEndpoint(options EndpointOptions) (*Endpoint, error) {
	if options.AuthToken == "" {
		return nil, errors.New("there is no token to sign with")
	}
	options.Secrets = append(options.Secrets, options.AuthToken)
	opened, err := webhook.Open(options.Options)
	if err != nil {
		return nil, err
	}
	address, err := webhook.ParseURL(options.URL)
	if err != nil {
		return nil, err
	}
	url := address
	if options.PublicURL != "" {
		if url, err = webhook.ParseURL(options.PublicURL); err != nil {
			return nil, err
		}
	}
	if options.Upstream != "" {
		if _, err := webhook.ParseURL(options.Upstream); err != nil {
			return nil, err
		}
	}
	e := &Endpoint{
		webhook: opened, options: options.Options, address: address, url: url, isPublic: options.PublicURL != "", inside: options.Upstream, token: options.AuthToken, product: options.Product,
		unreachable: map[string]string{}, notApplicable: map[string]string{},
		deliveries: map[string]func(protocol.Case) webhook.Delivery{},
	}
	opened.Deliver = e.deliver
	return e, nil
}

// deliver says how a case is sent: as Twilio does, unless it is a check that
// is about just that.
func (e *Endpoint) deliver(c protocol.Case) webhook.Delivery {
	if special, ok := e.deliveries[c.ID]; ok {
		return special(c)
	}
	return webhook.Delivery{Case: c}
}

// Ask asks what can be asked, and answers the rest itself: unsupported, with
// the reason.
func (e *Endpoint) Ask(ctx context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	var sent []protocol.Case
	var index []int
	for i, c := range cases {
		if why, not := e.notApplicable[c.ID]; not {
			answered(i, protocol.Answer{Verdict: protocol.Unsupported, Detail: why})
			continue
		}
		sent, index = append(sent, c), append(index, i)
	}
	if len(sent) == 0 {
		return nil
	}
	return e.webhook.Ask(ctx, sent, func(i int, a protocol.Answer) { answered(index[i], a) })
}

// Close drops the connections and returns what was noticed.
func (e *Endpoint) Close() []string { return append(e.webhook.Close(), e.notes...) }

// Explain puts the reasons of what was not judged into the words of an endpoint.
func (e *Endpoint) Explain(run *Run) {
	for _, r := range run.Results {
		if r.Answer.Verdict == protocol.Died {
			r.Why = strings.Replace(r.Why, was(protocol.Died), "closed the connection", 1)
		}
		if r.Outcome != Unjudged || r.Answer.Verdict != protocol.Unsupported {
			continue
		}
		r.Why = r.Answer.Detail
		if why, not := e.notApplicable[r.Vector.ID]; not {
			r.Why = "not applicable to this endpoint: " + why
			r.Answer = protocol.Answer{}
		}
		r.Answer.Detail = ""
	}
	if e.challenges {
		e.explainLogin(run)
	}
}

// explainLogin says on which of the two requests of a login the signature is
// looked at.
func (e *Endpoint) explainLogin(run *Run) {
	verdicts := map[string]protocol.Verdict{}
	for _, r := range run.Results {
		verdicts[r.Vector.ID] = r.Answer.Verdict
	}
	before, after := verdicts[challengedWrong], verdicts[loggedInWrong]
	if before == "" || after == "" {
		return
	}
	where := map[[2]bool]string{
		{true, true}:   "on both requests, without and with the credentials",
		{true, false}:  "only on the request without credentials, not on the one that is acted upon",
		{false, true}:  "only on the request with the credentials",
		{false, false}: "on neither request",
	}[[2]bool{before != protocol.Accept, after != protocol.Accept}]
	run.Warnings = append(run.Warnings, "the endpoint asks for a login; the signature is checked "+where)
}

// Applicable returns an error if none of the vectors can be asked.
func (e *Endpoint) Applicable(selected []*vectors.Vector) error {
	why := ""
	for _, v := range selected {
		reason, not := e.notApplicable[v.ID]
		if !not {
			return nil
		}
		why = reason
	}
	return fmt.Errorf("nothing of what was selected can be asked of this endpoint: %s", why)
}

// tokenOf returns the token that a vector was signed with. Computed is false for
// a check: what came of it is due to how it was sent, and no mistake in computing
// a signature explains it.
func (e *Endpoint) tokenOf(v *vectors.Vector) (token string, computed bool) {
	return e.token, v.Family.File != checksFile
}

// conceal takes the password out of a text that has the endpoint's URL in it.
func (e *Endpoint) conceal(text string) string {
	for _, userinfo := range []string{e.url.Userinfo, e.address.Userinfo} {
		if user, _, found := strings.Cut(userinfo, ":"); found {
			text = strings.ReplaceAll(text, userinfo, user+":***@")
		}
	}
	return text
}

// concealVector takes the password out of a vector that has been signed: it
// takes no part in what is sent, and a report shows the rest.
func (e *Endpoint) concealVector(v *vectors.Vector) {
	hide := func(text *vectors.Text) { *text = vectors.Text(e.conceal(string(*text))) }
	hide(&v.Request.URL)
	if v.Signed != nil {
		hide(&v.Signed.URL)
		hide(&v.Signed.String)
		v.Signed.StringBase64 = []byte(e.conceal(string(v.Signed.StringBase64)))
		if len(v.Signed.StringBase64) == 0 {
			v.Signed.StringBase64 = nil
		}
	}
}

// configured is the URL that Twilio is configured with.
func (e *Endpoint) configured() string { return e.url.String() }

// isWebSocket reports whether the endpoint takes handshakes, not requests.
func (e *Endpoint) isWebSocket() bool { return e.url.Scheme == "ws" || e.url.Scheme == "wss" }
