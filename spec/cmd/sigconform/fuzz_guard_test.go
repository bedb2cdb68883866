package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigconform/reference"
	"sigconform/spec/conformance"
)

// No drawn request leads past a guard that is bound to a method: fuzz tries that beside,
// and a list of known failures may name it.
func TestFuzzTriesWaysPastTheGuard(t *testing.T) {
	setToken(t)
	right := webhookOf(reference.New(), asCalled)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		if r.URL.Path != "/sms" {
			http.NotFound(w, r)
			return
		}
		if right(answer, r); r.Method != http.MethodPut && answer.Code != http.StatusOK {
			w.WriteHeader(answer.Code)
			return
		}
		io.WriteString(w, "<Response><Message>Thanks for your message</Message></Response>")
	}))
	defer server.Close()
	known := filepath.Join(t.TempDir(), "known.txt")
	if err := os.WriteFile(known, []byte("method-unguarded it is to be replaced\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for list, want := range map[string]int{"": conformance.StatusNotConformant, known: conformance.StatusConformant} {
		c := fuzzCmd{target: target{Timeout: 20 * time.Second, endpointFlags: endpointFlags{Endpoint: server.URL + "/sms", PerSecond: quick}},
			Seed: 1, Cases: 60}
		c.KnownFailures = list
		if got := exitStatus(c.Run(t.Context())); got != want {
			t.Errorf("known %q: status %d, not %d", list, got, want)
		}
	}
}

// A content type that gets past the guard is one finding, not one for each drawn request
// that shows it; written as known it is known.
func TestFuzzFindsOneHole(t *testing.T) {
	setToken(t)
	right := webhookOf(reference.New(), asCalled)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		if r.URL.Path != "/sms" || r.Method != http.MethodPost {
			http.NotFound(w, r)
			return
		}
		if right(answer, r); received(r, "").IsForm() {
			w.WriteHeader(answer.Code)
		}
	}))
	defer server.Close()
	list := filepath.Join(t.TempDir(), "known.txt")
	c := fuzzCmd{target: target{Timeout: 20 * time.Second, endpointFlags: endpointFlags{Endpoint: server.URL + "/sms", PerSecond: quick}},
		Seed: 1, Cases: 300}
	c.Accepts = []string{"form", "json"}
	c.WriteKnownFailures = list
	if got := exitStatus(c.Run(t.Context())); got != conformance.StatusConformant {
		t.Errorf("status %d where all findings are written as known", got)
	}
	text, err := os.ReadFile(list)
	if err != nil || !strings.HasPrefix(string(text), "type-unguarded ") || strings.Count(string(text), "\n") != 1 {
		t.Errorf("the list is %q, %v", text, err)
	}
}

// exitStatus is the status that an error carries.
func exitStatus(err error) int {
	if err == nil {
		return conformance.StatusConformant
	}
	if status, is := err.(exitError); is {
		return status.status
	}
	return -1
}
