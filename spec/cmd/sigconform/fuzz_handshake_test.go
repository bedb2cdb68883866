package main

import (
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sigconform/reference"
)

// handshakes is a WebSocket endpoint that accepts what a function says.
func handshakes(accepts func(url string, r *http.Request) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/stream" || r.Header.Get("Upgrade") == "" {
			http.NotFound(w, r)
			return
		}
		if !accepts("ws://"+r.Host+r.RequestURI, r) {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+
			base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n")
		io.Copy(io.Discard, conn)
	}
}

// TestFuzzHandshakes: a WebSocket endpoint is sent so many handshakes that mistakes in
// comparing signatures are found.
func TestFuzzHandshakes(t *testing.T) {
	t.Parallel()
	right := func(url string, r *http.Request) bool {
		return reference.New().Validate(endpointToken, received(r, url))
	}
	for name, test := range map[string]struct {
		accepts func(url string, r *http.Request) bool
		finding string // "" for none
	}{
		"right": {accepts: right},
		"case is ignored": {accepts: func(url string, r *http.Request) bool {
			want := reference.Sign(endpointToken, received(r, url))
			return len(r.Header["X-Twilio-Signature"]) == 1 && strings.EqualFold(want, r.Header.Get("X-Twilio-Signature"))
		}, finding: "case-ignored"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(handshakes(test.accepts))
			defer server.Close()
			defer server.CloseClientConnections()
			url := "ws" + strings.TrimPrefix(server.URL, "http") + "/stream"
			report, err := fuzzed(t, endpointFlags{Endpoint: url, PerSecond: quick}, 1, 1200)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(keysOf(report), " "); got != test.finding {
				t.Errorf("it has the findings %q, want %q", got, test.finding)
			}
		})
	}
}
