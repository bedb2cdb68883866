// This file answers: does a right request change what becomes of the next? A cache in
// front answers for the application, or the application keeps its verdict. Then no
// other verdict of it says anything.

package endpoint

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// cached looks for a cache in front of the endpoint: it answers a GET with a wrong
// signature, which it refused before, once the same with a right one was answered.
func (e *Endpoint) cached(ctx context.Context) (*Diagnosis, error) {
	if e.isWebSocket() || !e.takesKind(kindGet) {
		return nil, nil
	}
	url := e.url
	url.Query = joinQuery(url.Query, fmt.Sprintf("?Digits=%d", rand.Uint32()))
	request := reference.Request{Method: http.MethodGet, URL: url.String(), Product: e.product}
	var replies []webhook.Reply
	for _, token := range []string{wrongKey, e.token, wrongKey} {
		reply, err := e.send(ctx, e.sign(request, token))
		if err != nil {
			return nil, err
		}
		replies = append(replies, reply)
	}
	if e.accepts(replies[0]) || !e.accepts(replies[1]) || !e.accepts(replies[2]) {
		return nil, nil
	}
	d := e.remembers(replies[2])
	if cacheOf(replies[2]) == "" {
		d.Sentence = "authentication bypass: a GET with a wrong signature is accepted, once the same with a right " +
			"one was: a cache answers for the application, or it keeps its verdict"
		d.Hints = append([]string{noCache}, e.advise(onCache)...)
	}
	return d, nil
}

// replayed looks for a verdict that is kept by the signature: a form with the signature of
// another one is accepted once that other one was, and refused with one that was never
// seen. Then every signature that was seen lets anything in, and no other verdict says
// anything.
func (e *Endpoint) replayed(ctx context.Context) (*Diagnosis, error) {
	last, opened, err := e.opened(ctx, calibrationParams+"&To=%2B1")
	if err != nil || !opened {
		return nil, err
	}
	d := e.remembers(last)
	d.Sentence = "authentication bypass: once a right request was seen, its signature lets any other form in: " +
		"the verdict is kept by the signature"
	d.Hints = []string{"verify each request: a signature says something about its own request alone. If it is to be " +
		"accepted once only, keep it for refusing, not for accepting"}
	return d, nil
}

// paramsKept looks for parameters that stay from one request to the next: once a form with
// a parameter that no other has was accepted, one without it is accepted with a signature
// that covers it. Then no other verdict says anything.
func (e *Endpoint) paramsKept(ctx context.Context) (*Diagnosis, error) {
	if _, opened, err := e.opened(ctx, calibrationParams); err != nil || !opened {
		return nil, err
	}
	return &Diagnosis{
		Status: conformance.StatusNotConformant, Rules: []string{"all-params"}, Kind: vectors.FalseReject,
		Sentence: "the application signs the parameters of an earlier form together with those of this one: a form without a " +
			"parameter is accepted with a signature that covers it, once another form had it",
		Hints: append([]string{"a mutable default argument (def params(form, out={}) in Python), a class attribute, or a variable outside " +
			"of the request keeps them: make a new dictionary for each request"}, e.advise(onForm)...),
	}, nil
}

// opened reports whether a form is accepted with the signature of a right one with one
// parameter more, once that was seen, and refused with one that was not. Where forms are
// not taken it sends nothing.
func (e *Endpoint) opened(ctx context.Context, form string) (last webhook.Reply, opened bool, err error) {
	if e.shape.kind() != kindForm {
		return last, false, nil
	}
	marked := func() reference.Request {
		return e.sign(e.form(calibrationParams+fmt.Sprintf("&Nonce=%d", rand.Uint64())), e.token)
	}
	signedAs := func(r reference.Request) reference.Request {
		other := e.form(form)
		other.Signature = r.Signature
		return other
	}
	// The form is never sent with a signature before that was seen: a refusal may be kept as well.
	right := marked()
	for _, step := range []struct {
		reference.Request
		accepted bool
	}{{signedAs(marked()), false}, {right, true}, {signedAs(right), true}} {
		if last, err = e.send(ctx, step.Request); err != nil || e.accepts(last) != step.accepted {
			return last, false, err
		}
	}
	return last, true, nil
}

// remembers is the diagnosis of an endpoint that refuses a wrong signature until a
// right one has come.
func (e *Endpoint) remembers(reply webhook.Reply) *Diagnosis {
	d := &Diagnosis{
		Status: conformance.StatusNotConformant, Rules: []string{"hmac-sha1-base64"}, Kind: vectors.FalseAccept,
		Sentence: "authentication bypass: once a right request was seen, a wrong signature is accepted; it was " +
			"refused before",
		Hints: []string{"a verdict is kept from one request to the next (in a middleware's variable, a memoized " +
			"method, a session): verify each request"},
	}
	if cache := cacheOf(reply); cache != "" {
		d.Sentence = "authentication bypass: a cache in front of the application (" + cache +
			") answers a request with a wrong signature, once a right one was answered"
		d.Hints = append([]string{noCache}, e.advise(onCache)...)
	}
	return d
}

const noCache = "keep no answers of the webhook in a cache; or let the application send Cache-Control: no-store"

// cacheOf names the header by which a cache is recognized; "" if there is none.
func cacheOf(reply webhook.Reply) string {
	for _, name := range []string{"X-Cache", "X-Cache-Status", "Age", "X-Varnish"} {
		if value := reply.Header.Get(name); value != "" {
			return name + ": " + value
		}
	}
	return ""
}
