package endpoint_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/reference"
	"sigconform/reference/diagnosis"
)

// TestRaceOfEndpoints: what answers arrive in is another goroutine's, and two endpoints
// can be tested at the same time. This is the test that runs with the race detector.
func TestRaceOfEndpoints(t *testing.T) {
	wrong := reference.New()
	wrong.Covered = func(reference.Request) bool { return true }
	http := httptest.NewServer(application(wrong, asCalled))
	t.Cleanup(http.Close)
	ws := httptest.NewServer(socket{})
	t.Cleanup(ws.CloseClientConnections)
	for url, globs := range map[string][]string{
		http.URL + "/sms": {"get/*", "form-order/*", "body-json/*", "endpoint-guard/*", "endpoint-header/*"},
		http.URL + "/":    {"get/*", "form-values/*", "body-json/*"},
		"ws" + strings.TrimPrefix(ws.URL, "http") + "/stream": {"get/*", "signature/*"},
	} {
		t.Run(globs[1], func(t *testing.T) {
			t.Parallel()
			run := runWithin(t, at(url), diagnosis.Bounds{Steps: 5000}, globs...)
			NewWithT(t).Expect(run.Stopped).NotTo(HaveOccurred())
		})
	}
}
