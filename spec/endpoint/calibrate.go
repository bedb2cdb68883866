// This file answers: does the endpoint verify anything at all, and of what? A
// correct request must be accepted and one with a wrong signature refused.
// Otherwise one diagnosis says why, in place of hundreds of failures.

package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
)

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
const calibrationParams = "AccountSid=" + calibrationAccount +
	"&Body=Hello&CallSid=CA00000000000000000000000000000000" +
	"&CallStatus=ringing&Digits=1&From=%2B15005550006&MessageSid=SM00000000000000000000000000000000" +
	"&NumMedia=0&To=%2B15005550001"

// calibrationAccount is an account that nobody has.
const calibrationAccount = "AC00000000000000000000000000000000"

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

// Calibrate finds out whether the endpoint can be tested. The diagnosis is nil if
// it can. The error is one of reaching it, and says what to do about it.
func (e *Endpoint) Calibrate(ctx context.Context) (*Diagnosis, error) {
	d, err := e.calibrate(ctx)
	return d, e.withHints(err)
}

func (e *Endpoint) calibrate(ctx context.Context) (*Diagnosis, error) {
	var unparsed, first *attempt // first is what says most: the first answer that comes from a validator
	for _, s := range e.shapes() {
		// The wrong one comes first: what a right one leaves behind must not help it.
		before, err := e.sendSigned(ctx, s, wrongKey)
		if certificate := (*webhook.CertificateError)(nil); errors.As(err, &certificate) {
			return e.badCertificate(certificate), nil
		}
		if err != nil {
			return nil, err
		}
		reply, err := e.sendSigned(ctx, s, e.token)
		if err != nil {
			return nil, err
		}
		if reply.Verdict == reference.Reject {
			if reply, err = e.asVoice(ctx, s, reply); err != nil {
				return nil, err
			}
		}
		tried := &attempt{shape: s, wrong: before, right: reply}
		if d, err := e.hangs(ctx, tried); d != nil || err != nil {
			return d, err
		}
		if err := e.silent(tried); err != nil && !e.isWebSocket() {
			return nil, err
		}
		if first == nil && tried.isDown() { // no other kind of request gets further
			e.shape = s
			return e.diagnose(ctx, tried)
		}
		if d := e.deadSocket(reply); d != nil {
			return d, nil
		}
		if reply.Verdict == reference.Accept {
			e.challenges = reply.Challenge != ""
			return e.calibrated(ctx, tried, first)
		}
		if s.kind() == kindForm && reply.Status == http.StatusUnsupportedMediaType && before.Status == reply.Status {
			unparsed = tried
		}
		if first == nil || first.right.Verdict == reference.Unsupported && reply.Verdict != reference.Unsupported &&
			!first.passedGuard() {
			first, e.shape = tried, s
		}
	}
	if unparsed != nil && first != unparsed {
		if _, err := e.meetNeighbour(ctx); err != nil {
			return nil, err
		}
		return e.formsUntaken(unparsed), nil
	}
	return e.diagnose(ctx, first)
}

// attempt is a wrong request of a shape, and then a right one, as they were answered.
type attempt struct {
	shape        shape
	wrong, right webhook.Reply
}

// passedGuard reports whether the signature was accepted, though the request was
// not: a wrong one is refused otherwise.
func (a *attempt) passedGuard() bool {
	elsewhere := a.right.Verdict == reference.Unsupported || a.right.Verdict == reference.Reject && a.right.Status != a.wrong.Status
	return elsewhere && a.right.Challenge == "" && a.wrong.Challenge == "" && a.wrong.Verdict == reference.Reject
}

// fails reports whether a right request and a wrong one both end in a server error.
func (a *attempt) fails() bool {
	return a.right.Verdict == reference.Error && a.right.Status != 0 && a.wrong.Verdict == reference.Error
}

// shapes are the kinds of request to calibrate with, in the order to try them.
func (e *Endpoint) shapes() []shape {
	if e.isWebSocket() {
		return []shape{handshakeShape}
	}
	var shapes []shape
	for _, s := range []shape{e.fitted(formShape), e.fitted(jsonShape), e.fitted(getShape)} {
		if e.takesKind(s.kind()) {
			shapes = append(shapes, s)
		}
	}
	return shapes
}

// asVoice tries the other signature of an HTTPS URL with a port, if it is not
// said which product calls the endpoint (port-dropped-https-voice).
func (e *Endpoint) asVoice(ctx context.Context, s shape, refused webhook.Reply) (webhook.Reply, error) {
	if e.product != reference.ProductUnknown || e.url.Scheme != "https" || e.url.Port == "" {
		return refused, nil
	}
	e.product = reference.Voice
	reply, err := e.sendSigned(ctx, s, e.token)
	if err == nil && reply.Verdict == reference.Accept {
		e.notes = append(e.notes, "the endpoint verifies its URL without the port, as voice signs it; --product "+
			"voice says so")
		return reply, nil
	}
	e.product = reference.ProductUnknown
	return refused, err
}

// calibrated goes on after a correct request was accepted; before is what came of
// the shapes before it, nil if there were none.
func (e *Endpoint) calibrated(ctx context.Context, now, before *attempt) (*Diagnosis, error) {
	if before != nil && (before.right.Verdict == reference.Reject || before.fails()) {
		// It refuses correct forms, or fails at each, and takes something else: is there a reason?
		d, err := e.diagnose(ctx, before)
		if err != nil || d.found || before.fails() {
			e.oneAccount(d, now)
			return d, err
		}
	}
	e.shape = now.shape
	if before != nil {
		if d := e.beforeTheValidator(before); d != nil {
			return d, nil
		}
		d, err := e.refusesPOST(ctx, before)
		if err != nil {
			return nil, err
		}
		if own := e.turnedAway(before); own != nil {
			d = own
		}
		if d == nil && before.passedGuard() {
			d = e.failsBehind(before)
		}
		if d != nil {
			d.Hints = append(d.Hints, fmt.Sprintf("%s is accepted: if the webhook takes nothing else, say so: --accepts %s",
				now.shape.name, now.shape.kind()))
			return d, nil
		}
		note := fmt.Sprintf("the endpoint was calibrated with %s: it answers %d to %s", e.shape.name, before.right.Status, before.shape.name)
		if account := e.sentAccount(before.shape); account != "" {
			note += "; " + account
		}
		e.notes = append(e.notes, note)
	}
	right, err := e.repeated(ctx, e.token)
	if err != nil {
		return nil, err
	}
	wrong, err := e.repeated(ctx, wrongKey)
	if err != nil {
		return nil, err
	}
	request := webhook.Delivery{Case: caseOf(e.shape.request(e.url, e.product))}
	e.cookies = cookiesOf(right[0])
	e.acceptance, e.rejection = portraitOf(request, right...), portraitOf(request, wrong...)
	if _, err := e.meetNeighbour(ctx); err != nil {
		return nil, err
	}
	if d, err := e.refusals(ctx, now.wrong, right, wrong); d != nil || err != nil {
		return d, err
	}
	unsigned, err := e.send(ctx, e.shape.request(e.url, e.product))
	if err != nil {
		return nil, err
	}
	e.takesUnsigned = e.accepts(unsigned)
	for _, look := range []func(context.Context) (*Diagnosis, error){
		e.unguardedByQuery, e.cached, e.replayed, e.paramsKept, e.jsonRefused,
	} {
		if d, err := look(ctx); d != nil || err != nil {
			return d, err
		}
	}
	if err := e.outermost(ctx); err != nil {
		return nil, err
	}
	return nil, e.explore(ctx)
}

// oneAccount corrects the diagnosis of a key that is not the endpoint's token, where right
// requests of another kind are accepted: these name no account, so the token is loaded, and
// the key is that of the account which the form names.
func (e *Endpoint) oneAccount(d *Diagnosis, accepted *attempt) {
	if d == nil || d.key == nil || accepted.shape.kind() == kindForm || e.accountSID != "" {
		return
	}
	d.Sentence = fmt.Sprintf("authentication bypass: for an AccountSid that it does not know, here %s, the application "+
		"verifies with %s, which anybody can sign with", calibrationAccount, named(*d.key))
	d.Hints = []string{"refuse an account for which there is no key: a lookup without a result must not become a key",
		"to test the rest, name an account that it serves: --account-sid"}
}

// sentAccount says which account a shape named; "" if it was none of ours.
func (e *Endpoint) sentAccount(s shape) string {
	if s.kind() != kindForm || e.accountSID != "" {
		return ""
	}
	return "the form named the AccountSid " + calibrationAccount + ": if the application serves other accounts only, " +
		"--account-sid names one"
}

// repeated sends the calibrated request three times.
func (e *Endpoint) repeated(ctx context.Context, token string) ([]webhook.Reply, error) {
	var replies []webhook.Reply
	for range 3 {
		reply, err := e.sendSigned(ctx, e.shape, token)
		if err != nil {
			return nil, err
		}
		replies = append(replies, reply)
	}
	return replies, nil
}

// jsonRefused notes that right JSON is refused as a wrong signature is, though right
// forms are accepted: the validator is handed something else than the bytes of a body.
func (e *Endpoint) jsonRefused(ctx context.Context) (*Diagnosis, error) {
	if e.isWebSocket() || !e.takesKind(kindJSON) || e.shape.kind() != kindForm {
		return nil, nil
	}
	reply, err := e.sendSigned(ctx, e.fitted(jsonShape), e.token)
	if err == nil && reply.Verdict == reference.Reject && reply.Status == e.refusal && e.rejection.shows(reply.Body) {
		// A form with a query tells whether it is a matter of the query, which has the hash.
		form := e.withQuery(e.shape.request(e.url, e.product), "x=1")
		if queried, err := e.send(ctx, e.sign(form, e.token)); err != nil || !e.accepts(queried) {
			return nil, err
		}
		lines := append([]string{"right forms are accepted, and right JSON is refused as a wrong signature is: the " +
			"validator must be handed the bytes of the body " +
			"for all that is no form, not a parsed body, and hash them"}, e.advise(onBody)...)
		e.notes = append(e.notes, strings.Join(lines, "; "))
	}
	if err == nil && e.isClientError(reply) && (reply.Status != e.refusal || !e.rejection.mayBe(reply.Body)) {
		// A route for forms takes no JSON at all. Whether that is so, a person knows.
		e.jsonUntaken = true
		e.notes = append(e.notes, fmt.Sprintf("right JSON is answered %d, and right forms are accepted: if the endpoint takes no "+
			"JSON, --accepts says so", reply.Status))
	}
	return nil, err
}

// outermost finds out whether the application needs the headers of a proxy, which
// are sent with a public URL. Twilio sends none.
func (e *Endpoint) outermost(ctx context.Context) error {
	if !e.isPublic {
		return nil
	}
	request := e.sign(e.shape.request(e.url, e.product), e.token)
	reply, err := e.sendAs(ctx, request, func(d *webhook.Delivery) { d.Unforwarded = true })
	if err == nil && !e.accepts(reply) {
		e.notes = append(e.notes, fmt.Sprintf("accepted only with X-Forwarded-Proto: %s and X-Forwarded-Host from "+
			"outside; if this address is the outermost one, Twilio's requests are refused "+
			"(to call an outermost proxy as Twilio does: --endpoint %s --connect-to %s)", e.url.Scheme,
			e.conceal(e.configured()), e.address.Host+e.address.Port))
	}
	return err
}

func (e *Endpoint) sendSigned(ctx context.Context, s shape, token string) (webhook.Reply, error) {
	return e.send(ctx, e.sign(s.request(e.url, e.product), token))
}

func (e *Endpoint) send(ctx context.Context, r reference.Request) (webhook.Reply, error) {
	return e.sendAs(ctx, r, nil)
}

// deliver sends a delivery. Where wrong handshakes are not answered, nobody waits for long.
func (e *Endpoint) deliver(ctx context.Context, d webhook.Delivery) (webhook.Reply, error) {
	if e.refusesSilently && d.Patience == 0 && !e.isGenuine(d) {
		d.Patience = silence
	}
	return e.webhook.Send(ctx, d)
}

// sendAs sends a request as deliver changes it, if that is not nil.
func (e *Endpoint) sendAs(ctx context.Context, r reference.Request, deliver func(*webhook.Delivery)) (webhook.Reply,
	error) {
	d := webhook.Delivery{Case: protocol.Case{ID: "endpoint/calibration", Request: r}}
	if deliver != nil {
		deliver(&d)
	}
	reply, err := e.deliver(ctx, d)
	if err == nil {
		e.recognize(reply)
	}
	return reply, err
}
