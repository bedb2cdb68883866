// This file answers: what does a handshake have of its own? A WebSocket handshake is a
// signed GET without a body. A vector about the URL, the signature or the key is sent as
// one, even if it has a form; one about the form, or about another body, does not apply:
// without its body it would pass, and prove nothing. Whether a handshake was accepted
// shows only if the connection lives.

package endpoint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// bodyRules are the rules that say nothing about a request without a body.
var bodyRules = []string{
	"sorted-by-name", "name-value-appended", "all-params", "whitespace-kept", "decoded-once",
	"body-not-params", "body-sha256", "body-sha256-query-only", "body-covered",
}

// asHandshake makes a handshake of a vector: a GET without a body. A form that is
// signed as it should be is left out on both sides: what is left is about the URL,
// the signature or the key. The error says that the vector is about a body.
func asHandshake(v *vectors.Vector) error {
	r := v.Request.Reference()
	if len(v.Rules) > 0 {
		v.Rules = slices.DeleteFunc(slices.Clone(v.Rules), func(rule string) bool { return slices.Contains(bodyRules, rule) })
		if len(v.Rules) == 0 {
			return errHandshake
		}
	} else if (len(r.Body) > 0 || r.Method != "GET") && !isAboutURLOrKey(v) {
		return errHandshake
	}
	if len(reference.BodyHashes(r.URL)) > 0 {
		return errHandshake
	}
	if r.Method != "GET" && r.Method != "POST" || len(r.Body) > 0 &&
		reference.CoverageOf(r) != reference.CoveredByParams {
		return errHandshake
	}
	if v.Signed != nil && len(r.Body) > 0 && !slices.Equal(v.Signed.Pairs(),
		reference.OrderParams(reference.Params(r))) {
		return errHandshake
	}
	if v.Signed != nil && len(r.Body) == 0 && len(v.Signed.Pairs()) > 0 {
		return errHandshake
	}
	v.Request.Method, v.Request.ContentType = "GET", nil
	v.Request.SetBody(nil)
	if v.Signed != nil {
		v.Signed.SetParams(nil)
	}
	return nil
}

// isAboutURLOrKey reports whether a question that comes with a POST is about something
// else than its body: its URL is spelled in a way of its own, or was not signed as it is,
// or the signature is not an ordinary one. What is drawn and has a body is about the body.
func isAboutURLOrKey(v *vectors.Vector) bool {
	if v.Question == "" {
		return false
	}
	s := v.Signed
	return s == nil || s.Token != nil || s.MAC+s.Encoding != "" || s.URL != v.Request.URL || !plainURL.MatchString(string(v.Request.URL))
}

// plainURL is a URL in whose spelling nothing is unusual.
var plainURL = regexp.MustCompile(`^https?://[a-z.]+(/[a-z.]*)+(\?(\w+=\w*&?)+)?$`)

// onlyOnce leaves the first of the vectors that became the same handshake: one that was
// a handshake already, or at least a GET. The others do not apply.
func onlyOnce(items []item, was []*vectors.Vector) {
	seen := map[string]bool{}
	for likeness := range 3 {
		for i := range items {
			v := items[i].vector
			if items[i].not != "" || likenessOf(was[i]) != likeness {
				continue
			}
			key := fmt.Sprintf("%q %v %s %s", v.Request.URL, v.Request.Signature == nil, v.Question, v.Answer)
			if v.Request.Signature != nil {
				key += *v.Request.Signature
			}
			if seen[key] {
				items[i].not = errTwice.Error()
			}
			seen[key] = true
		}
	}
}

// likenessOf says how much a vector is like a handshake: 0 if it is one, 1 if it is
// another GET.
func likenessOf(v *vectors.Vector) int {
	switch {
	case strings.HasPrefix(string(v.Request.URL), "ws"):
		return 0
	case v.Request.Method == "GET":
		return 1
	}
	return 2
}

// How long an accepted handshake is watched: briefly where it must be accepted, and
// longer where an application may be about to refuse it after all.
const (
	briefly = 60 * time.Millisecond
	longer  = 250 * time.Millisecond
	// patient is how long at least where the application is known to refuse after it has
	// accepted: a busy one takes its time for it. mostPatient is how long at most.
	patient, mostPatient = time.Second, 5 * time.Second
	// silence is how long a refusal is waited for that never comes.
	silence = time.Second
	// atOnce is how many handshakes are under way where each takes its time.
	atOnce = 16
)

// refusing is how long an accepted handshake is watched that must be refused.
func (e *Endpoint) refusing() time.Duration {
	if e.refusalTime != nil {
		return min(patient+4*e.refusesAfter, mostPatient)
	}
	return longer
}

// besides is how long an accepted handshake is watched at another path: there nobody is
// known to refuse after it has accepted.
func (e *Endpoint) besides() time.Duration {
	if e.refusalTime != nil {
		return e.refusing()
	}
	return briefly
}

// pace says how long a handshake is waited for and watched.
func (e *Endpoint) pace(d *webhook.Delivery) {
	genuine := e.isGenuine(*d)
	switch {
	case genuine:
		d.Living = briefly
	default:
		d.Living = longer
	}
	if e.refusesSilently && !genuine {
		d.Patience = silence
	}
}

// glance is how long a drawn handshake that was accepted is watched: the calibration has
// seen that this endpoint refuses before it accepts.
const glance = 5 * time.Millisecond

// paceDrawn is pace for handshakes that are drawn, of which there is no end.
func (e *Endpoint) paceDrawn(d *webhook.Delivery) {
	e.pace(d)
	if d.Living == briefly || e.refusalTime == nil {
		d.Living = glance
	}
}

// isGenuine reports whether a delivery is sent as Twilio would send and sign it.
func (e *Endpoint) isGenuine(d webhook.Delivery) bool {
	d.Request = e.withKeys(d.Request)
	return d.Signatures == nil && d.Method == "" && d.SignatureName == "" &&
		reference.New().Validate(e.token, d.Request)
}

// handshakeTrials ask for an upgrade in other ways, for which a filter may stand aside.
func (e *Endpoint) handshakeTrials() []trial {
	return e.headerTrials([]webhook.Field{
		{Name: "Sec-WebSocket-Protocol", Value: "audio.twilio.com"}, {Name: "Sec-WebSocket-Protocol", Value: "chat"},
		{Name: "Upgrade", Value: "WebSocket"}, {Name: "Upgrade", Value: "WEBSOCKET"},
		{Name: "Origin", Value: "http://localhost"}, {Name: "Origin", Value: "https://" + e.url.Host},
		{Name: "Sec-WebSocket-Extensions", Value: "permessage-deflate"}, {Name: "Sec-WebSocket-Version", Value: "8"},
	})
}

// watched is the verdict on what came of a handshake that was answered 101.
func (e *Endpoint) watched(s *webhook.Socket) reference.Verdict {
	if s.Closed && !s.Spoke {
		return reference.Reject // it is closed before anything was said
	}
	return reference.Accept
}
