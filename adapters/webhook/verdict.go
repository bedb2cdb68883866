// This file answers: what does a status code mean?
//
//	2xx, 101                  accept (101 alone for a WebSocket)
//	400, 401, 403             reject, unless it is known which of them is one
//	401 with WWW-Authenticate, before credentials were sent: a challenge
//	5xx                       error
//	any other                 no verdict: the question did not reach the validator

package webhook

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/reference"
)

// Statuses is a set of status codes, written "403", "4xx" or several of them
// with commas between.
type Statuses map[int]bool

// ParseStatuses reads a set of status codes.
func ParseStatuses(text string) (Statuses, error) {
	set := Statuses{}
	for word := range strings.SplitSeq(text, ",") {
		word = strings.ToLower(strings.TrimSpace(word))
		if word == "" {
			continue
		}
		first, last := word, word
		if class, all := strings.CutSuffix(word, "xx"); all {
			first, last = class+"00", class+"99"
		}
		from, err := strconv.Atoi(first)
		to, _ := strconv.Atoi(last)
		if err != nil || from < 200 || to > 599 {
			return nil, fmt.Errorf("%q is not a status code; write 403, 4xx or 200,302", word)
		}
		for status := from; status <= to; status++ {
			set[status] = true
		}
	}
	return set, nil
}

// Has reports whether the status is in the set.
func (s Statuses) Has(status int) bool { return s[status] }

// verdict is what an answer means.
func (c *Client) verdict(r Reply, websocket bool) protocol.Answer {
	said := statusText(r.Status)
	switch {
	case c.options.RejectBody != "" && strings.Contains(r.Body, c.options.RejectBody):
		return protocol.Answer{Verdict: reference.Reject}
	case r.Later:
		return protocol.Answer{Verdict: reference.Accept,
			Detail: "answered " + said + ", and then 101 on the same connection"}
	case r.Socket != nil && r.Socket.Wrong != "":
		return protocol.Answer{Verdict: reference.Error,
			Detail: "answered " + said + " that no client can use: " + r.Socket.Wrong}
	case c.options.Accept.Has(r.Status):
		return protocol.Answer{Verdict: reference.Accept}
	case c.options.Reject.Has(r.Status):
		return protocol.Answer{Verdict: reference.Reject}
	case r.Challenge != "":
		return notJudged(said, "it asks for a login, and the URL has no user and password")
	case websocket && r.Status >= 200 && r.Status < 300:
		return notJudged(said, "it is not a WebSocket")
	case r.Status == http.StatusSwitchingProtocols && !websocket:
		return protocol.Answer{Verdict: reference.Error,
			Detail: "answered " + said + " though nothing was to be upgraded"}
	case r.Status == http.StatusSwitchingProtocols, r.Status >= 200 && r.Status < 300:
		return protocol.Answer{Verdict: reference.Accept}
	case r.Status == 400, r.Status == 401, r.Status == 403:
		if known := c.options.Refusal; known != 0 && known != r.Status {
			return notJudged(said, fmt.Sprintf("a wrong signature is refused with %d, so this may come from before "+
				"the validator", known))
		}
		return protocol.Answer{Verdict: reference.Reject}
	case r.Status >= 500 && r.Status < 600:
		detail := "answered " + said
		if body := strings.Join(strings.Fields(r.Body), " "); body != "" {
			detail += ": " + body
		}
		return protocol.Answer{Verdict: reference.Error, Detail: detail}
	default:
		return notJudged(said, why(r.Status))
	}
}

// notJudged is the answer that says nothing about the validator.
func notJudged(said, why string) protocol.Answer {
	return protocol.Answer{Verdict: reference.Unsupported, Detail: fmt.Sprintf("answered %s: %s", said, why)}
}

// why says what a status other than the verdicts points to.
func why(status int) string {
	switch status {
	case 404, 405, 410, 421:
		return "routing; the request did not reach the validator"
	case 408, 413, 414, 429, 431:
		return "a limit; the request did not reach the validator"
	case 406, 415:
		return "the media type; the request did not reach the validator"
	case 426:
		return "it wants another protocol"
	}
	if status >= 300 && status < 400 {
		return "a redirect; it is not followed"
	}
	return "neither an acceptance nor a rejection; --accept-status or --reject-status can make it one"
}

// statusText is a status code with its name.
func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}
