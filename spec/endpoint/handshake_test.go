package endpoint_test

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"sigconform/reference"
	"sigconform/spec/conformance"
)

// socket is a WebSocket endpoint, which validates the URL as it was called.
type socket struct {
	accepts func(right bool, r *http.Request) bool                        // nil for what is right
	open    func(conn net.Conn, right bool)                               // what it does once it has accepted
	refuse  func(w http.ResponseWriter, conn func() net.Conn, yes string) // nil for 403
	bare    bool                                                          // it leaves out the headers of a 101
}

func (s socket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") == "" || r.URL.Path != "/stream" && !strings.HasPrefix(r.URL.Path, "/stream/") {
		http.NotFound(w, r)
		return
	}
	signature := r.Header.Get("X-Twilio-Signature")
	request := reference.Request{Method: "GET", URL: "ws://" + r.Host + r.RequestURI}
	if values := r.Header["X-Twilio-Signature"]; len(values) == 1 {
		request.Signature = &signature
	}
	right := reference.New().Validate(token, request)
	accepted := right
	if s.accepts != nil {
		accepted = s.accepts(right, r)
	}
	hijack := func() net.Conn {
		conn, _, _ := w.(http.Hijacker).Hijack()
		return conn
	}
	yes := switching(r)
	if s.bare {
		yes = "HTTP/1.1 101 Switching Protocols\r\n\r\n"
	}
	switch {
	case !accepted && s.refuse != nil:
		s.refuse(w, hijack, yes)
	case !accepted:
		http.Error(w, "no", http.StatusForbidden)
	default:
		conn := hijack()
		defer conn.Close()
		io.WriteString(conn, yes)
		if s.open != nil {
			s.open(conn, right)
		} else {
			io.Copy(io.Discard, conn)
		}
	}
}

// switching is the answer that accepts a handshake.
func switching(r *http.Request) string {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n"
}

// close1008 is the frame that closes a connection because of a policy.
const close1008 = "\x88\x02\x03\xf0"

func TestWaysToTakeAHandshake(t *testing.T) {
	t.Parallel() // it waits
	everything := func(bool, *http.Request) bool { return true }
	stay := func(conn net.Conn) { io.Copy(io.Discard, conn) }
	for name, test := range map[string]struct {
		socket
		says string   // of the diagnosis; "" for none
		ids  []string // that fail
	}{
		"right": {socket{}, "", nil},
		"it accepts and closes wrong ones": {socket{accepts: everything, open: func(conn net.Conn, right bool) {
			if !right {
				io.WriteString(conn, close1008)
				return
			}
			stay(conn)
		}}, "", []string{"endpoint-guard/refusal-time"}},
		"it speaks before it closes": {socket{accepts: everything, open: func(conn net.Conn, right bool) {
			io.WriteString(conn, "\x81\x02hi")
			if !right {
				io.WriteString(conn, close1008)
				return
			}
			stay(conn)
		}}, "the application speaks before it closes", nil},
		"it closes right ones": {socket{open: func(conn net.Conn, _ bool) { io.WriteString(conn, "\x88\x02\x03\xf3") }},
			"closed at once (1011)", nil},
		"its 101 is incomplete": {socket{bare: true}, "no client can use it", nil},
		"it refuses, and accepts": {socket{refuse: func(_ http.ResponseWriter, hijack func() net.Conn, yes string) {
			conn := hijack()
			defer conn.Close()
			io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"+yes)
			conn.SetReadDeadline(time.Now().Add(time.Second))
			stay(conn)
		}}, "and then accepted with 101", nil},
		"its refusal has no end, and it accepts": {socket{refuse: func(_ http.ResponseWriter, hijack func() net.Conn, yes string) {
			conn := hijack()
			defer conn.Close()
			io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n"+yes)
			conn.SetReadDeadline(time.Now().Add(time.Second))
			stay(conn)
		}}, "and then accepted with 101", nil},
		"it drops wrong ones": {socket{refuse: func(_ http.ResponseWriter, hijack func() net.Conn,
			_ string) {
			hijack().Close()
		}}, "", nil},
		"a subprotocol is exempt": {socket{accepts: func(right bool, r *http.Request) bool {
			return right || r.Header.Get("Sec-WebSocket-Protocol") != ""
		}}, "", []string{"endpoint-guard/handshake"}},
		"whatever has a query is exempt": {socket{accepts: func(right bool, r *http.Request) bool {
			return right || r.URL.RawQuery != ""
		}}, "with a query (?x) are accepted", nil},
		"a beginning is enough": {socket{accepts: func(right bool, r *http.Request) bool {
			want := reference.Sign(token, reference.Request{Method: "GET", URL: "ws://" + r.Host + r.RequestURI})
			return right || len(r.Header["X-Twilio-Signature"]) == 1 &&
				strings.HasPrefix(want, r.Header.Get("X-Twilio-Signature"))
		}}, "", []string{"signature/empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			server := httptest.NewServer(test.socket)
			t.Cleanup(server.CloseClientConnections)
			url := "ws" + strings.TrimPrefix(server.URL, "http") + "/stream"
			_, diagnosis := open(t, at(url))
			if test.says != "" {
				g.Expect(diagnosis).NotTo(BeNil())
				g.Expect(diagnosis.Sentence).To(ContainSubstring(test.says))
				return
			}
			g.Expect(diagnosis).To(BeNil(), fmt.Sprint(diagnosis))
			run := runAgainst(t, at(url), "endpoint-guard/*", "signature/empty", "get/*", "token/*")
			g.Expect(run.Stopped).NotTo(HaveOccurred())
			g.Expect(failures(run)).To(ConsistOf(test.ids))
		})
	}
}

// What a handshake cannot say does not apply: it is not sent, and not skipped.
func TestHandshakesAreSentNoBodies(t *testing.T) {
	t.Parallel() // it waits
	g := NewWithT(t)
	server := httptest.NewServer(socket{})
	defer server.Close()
	run := runAgainst(t, at("ws"+strings.TrimPrefix(server.URL, "http")+"/stream"), "signature/*", "body-json/*", "form-*/*")
	g.Expect(run.Failures()).To(BeEmpty())
	g.Expect(run.Count(conformance.Skipped)).To(BeZero())
	g.Expect(run.Count(conformance.NotApplicable)).To(BeNumerically(">", 100))
	rules, sent := map[string]bool{}, map[string]string{}
	for _, r := range run.Results {
		if r.Outcome == conformance.NotApplicable {
			g.Expect(r.Why).NotTo(BeEmpty(), r.Vector.ID)
			continue
		}
		g.Expect(r.Vector.Request.Method).To(Equal("GET"), r.Vector.ID)
		g.Expect(r.Vector.Request.Reference().Body).To(BeEmpty(), r.Vector.ID)
		for _, rule := range r.Vector.Rules {
			rules[rule] = true
		}
		if r.Vector.Request.Signature != nil {
			handshake := fmt.Sprint(r.Vector.Request.URL, *r.Vector.Request.Signature, r.Vector.Question)
			g.Expect(sent[handshake]).To(BeEmpty(), "%s is the same handshake", r.Vector.ID)
			sent[handshake] = r.Vector.ID
		}
	}
	g.Expect(slices.Sorted(maps.Keys(rules))).To(Equal([]string{"hmac-sha1-base64", "token-verbatim", "url-verbatim"}))
	for _, reply := range run.Replies() {
		g.Expect(reply.Question).To(Equal("sha256-without-settings"))
	}
}

// An endpoint that takes what is not signed fails for that alone: ways past its guard
// are those of a wrong signature.
func TestUnsignedIsOneMistake(t *testing.T) {
	t.Parallel() // it waits
	g := NewWithT(t)
	server := httptest.NewServer(socket{accepts: func(right bool, r *http.Request) bool {
		return right || r.Header.Get("X-Twilio-Signature") == ""
	}})
	defer server.Close()
	run := runAgainst(t, at("ws"+strings.TrimPrefix(server.URL, "http")+"/stream"), "signature/*", "endpoint-guard/*")
	var failed []string
	for _, r := range run.Failures() {
		failed = append(failed, r.Vector.ID)
	}
	g.Expect(failed).NotTo(BeEmpty())
	g.Expect(strings.Join(failed, " ")).NotTo(ContainSubstring("endpoint-guard/"))
}
