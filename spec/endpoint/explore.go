// This file answers: which variations of a request lead to the same validator?
// Another method, a path below the endpoint's, a body in chunks, a longer query:
// what an application does not take at all says nothing about its validator, and
// what is about it is not sent.

package endpoint

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"sigconform/adapters/webhook"
	"sigconform/reference"
)

// variation is a way to change the calibrated request that an application may
// not take, or not to the same validator.
type variation struct {
	key     string // in Endpoint.unreachable
	name    string // as a sentence begins with it
	url     reference.URLParts
	shape   shape
	deliver func(*webhook.Delivery) // changes how it is sent; may be nil
}

// variations are those that the vectors and checks make use of.
func (e *Endpoint) variations() []variation {
	below, slash := e.url, e.url
	bare := strings.TrimSuffix(e.url.Path, "/")
	below.Path = bare + "/sigconform/probe"
	if slash.Path = bare + "/"; slash.Path == e.url.Path {
		slash.Path = bare
	}
	all := []variation{{"path", "a path below the endpoint's", below, e.shape, nil}}
	if slash.Path != "" {
		all = append(all, variation{"slash", "the endpoint's path with a slash more or less", slash, e.shape, nil})
	}
	if e.isWebSocket() {
		return all
	}
	for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE"} {
		if method != e.shape.method {
			all = append(all, variation{method, method, e.url, shape{name: method, method: method, query: "Digits=1"},
				nil})
		}
	}
	if e.shape.body != "" {
		all = append(all, variation{chunkedBody, "a body sent in chunks", e.url, e.shape,
			func(d *webhook.Delivery) { d.Chunked = true }})
	}
	return all
}

// chunkedBody is the variation that Twilio does not send and not every server
// reads.
const chunkedBody = "chunked"

// explore finds out which variations of a request lead to the validator: a
// correct one must be accepted and a wrong one refused there as well.
func (e *Endpoint) explore(ctx context.Context) error {
	for _, v := range e.variations() {
		reached, right, wrong, err := e.reached(ctx, v)
		if err == nil && !reached && v.shape.query != "" {
			// What is verified wrongly with a query may be verified without one.
			bare := v
			bare.shape.query = ""
			reached, _, _, err = e.reached(ctx, bare)
		}
		if err != nil {
			return err
		}
		if reached {
			continue
		}
		e.unreachable[v.key] = fmt.Sprintf("%s does not lead to the validator: signed right it was %s, signed wrong %s",
			v.name, answered(right), answered(wrong))
		switch {
		case e.accepts(wrong):
			e.notes = append(e.notes, fmt.Sprintf("%s is answered %d whatever the signature; see to it that nothing "+
				"there acts on what it is sent", v.name, wrong.Status))
		case v.key == http.MethodGet && right.Status == e.refusal && e.rejection.shows(right.Body):
			e.notes = append(e.notes, "the endpoint refuses every right GET request as it refuses a wrong signature")
		case v.key == "slash":
			e.notes = append(e.notes, fmt.Sprintf("if you configure %s at Twilio, it is refused",
				e.conceal(v.url.String())))
		}
	}
	if err := e.exploreNeighbour(ctx); err != nil {
		return err
	}
	return e.exploreQuery(ctx)
}

// exploreNeighbour notes that a path next to the endpoint's is answered to anybody.
func (e *Endpoint) exploreNeighbour(ctx context.Context) error {
	if e.isWebSocket() {
		return nil
	}
	target := ""
	reply, err := e.sendAs(ctx, e.shape.request(e.url, e.product), func(d *webhook.Delivery) {
		d.Target = e.nextTo(*d).Target
		target = d.Target
	})
	if err == nil && e.accepts(reply) {
		path, _, _ := strings.Cut(target, "?")
		e.notes = append(e.notes, fmt.Sprintf("a path beside the endpoint's (%s) is answered %d without a signature; "+
			"see to it that nothing there acts on what it is sent", path, reply.Status))
	}
	return err
}

// reached reports whether a variation leads to the validator. Right and wrong differ
// in their query, where there is one, so that no cache answers for another.
func (e *Endpoint) reached(ctx context.Context, v variation) (reached bool, right, wrong webhook.Reply, err error) {
	request := e.fitted(v.shape).request(v.url, e.product)
	if right, err = e.sendAs(ctx, e.sign(request, e.token), v.deliver); err != nil {
		return false, right, wrong, err
	}
	if v.shape.query != "" {
		v.shape.query += "2"
		request = e.fitted(v.shape).request(v.url, e.product)
	}
	wrong, err = e.sendAs(ctx, e.sign(request, wrongKey), v.deliver)
	return e.accepts(right) && !e.accepts(wrong), right, wrong, err
}

// exploreQuery finds out whether the application verifies a URL that it has from
// its configuration. Twilio calls it at no other, so it is right to refuse one
// with a query added, though that is signed. An application that drops the
// query of the request is not meant: it takes the host from the request.
func (e *Endpoint) exploreQuery(ctx context.Context) error {
	if e.shape.kind() != kindForm {
		return nil
	}
	own := e.sign(e.shape.request(e.url, e.product), e.token)
	elsewhere, err := e.sendAs(ctx, own, func(d *webhook.Delivery) {
		d.Header = []webhook.Field{{Name: "Host",
			Value: foreignHost}}
	})
	if err != nil || elsewhere.Verdict != reference.Accept {
		return err
	}
	longer := e.url
	longer.Query = joinQuery(longer.Query, "?sigconform=probe")
	added, err := e.send(ctx, e.sign(e.shape.request(longer, e.product), e.token))
	if err != nil || added.Verdict == reference.Accept {
		return err
	}
	e.unreachable[addedQuery] = "the application verifies the URL of its configuration, and Twilio calls that " +
		"without more of a query"
	e.notes = append(e.notes, "the application verifies the URL of its configuration, whatever Host and query it is "+
		"called with")
	return nil
}

// foreignHost is no host of the endpoint's, and addedQuery the variation of a
// form's URL that has more in its query than the configured one.
const (
	foreignHost = "elsewhere.example"
	addedQuery  = "query"
)

// answered says how a request was answered.
func answered(r webhook.Reply) string {
	if r.Status == 0 {
		return "not answered"
	}
	return fmt.Sprintf("answered %d", r.Status)
}
