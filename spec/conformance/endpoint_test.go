package conformance_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// token is the endpoint's in these tests. Nothing that is shown may have it.
const token = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"

// application is a webhook that validates with v the URL that it believes in.
func application(v reference.Validator, url func(*http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		request := reference.Request{Method: r.Method, URL: url(r), Body: body}
		if values := r.Header["Content-Type"]; len(values) > 0 {
			request.ContentType = &values[0]
		}
		if values := r.Header["X-Twilio-Signature"]; len(values) > 0 {
			request.Signature = &values[0]
		}
		if !v.Validate(token, request) {
			w.WriteHeader(http.StatusForbidden)
		}
	})
}

// asCalled is the URL that was called, of a server that is called directly.
func asCalled(r *http.Request) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + r.RequestURI
}

// open opens the endpoint and calibrates it.
func open(t *testing.T, options conformance.EndpointOptions) (*conformance.Endpoint, *conformance.Diagnosis) {
	t.Helper()
	g := NewWithT(t)
	options.AuthToken = token
	endpoint, err := conformance.OpenEndpoint(options)
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { endpoint.Close() })
	diagnosis, err := endpoint.Calibrate(context.Background())
	g.Expect(err).NotTo(HaveOccurred())
	return endpoint, diagnosis
}

// runAgainst asks everything of an endpoint.
func runAgainst(t *testing.T, options conformance.EndpointOptions) *conformance.Run {
	t.Helper()
	endpoint, diagnosis := open(t, options)
	NewWithT(t).Expect(diagnosis).To(BeNil())
	selected := endpoint.Vectors(vectors.Builtin().Vectors())
	run := conformance.Ask(context.Background(), endpoint, selected, conformance.Judging{Book: vectors.Rules()}, nil)
	endpoint.Explain(run)
	return run
}

func at(url string) conformance.EndpointOptions {
	return conformance.EndpointOptions{Options: webhook.Options{URL: url}}
}

func TestRightEndpointConforms(t *testing.T) {
	for _, path := range []string{"/sms", "/", "/hooks/sms/", "/sms?tenant=1"} {
		t.Run(path, func(t *testing.T) {
			g := NewWithT(t)
			server := httptest.NewServer(application(reference.New(), asCalled))
			defer server.Close()
			run := runAgainst(t, at(server.URL+path))
			g.Expect(run.Stopped).NotTo(HaveOccurred())
			g.Expect(failures(run)).To(BeEmpty())
			g.Expect(run.Count(conformance.Holds)).To(BeNumerically(">", 250))
		})
	}
}

func TestWrongEndpointFailsWhereItIsWrong(t *testing.T) {
	g := NewWithT(t)
	wrong := reference.New()
	wrong.HashHolds = func(string, []byte) bool { return true }
	server := httptest.NewServer(application(wrong, asCalled))
	defer server.Close()
	run := runAgainst(t, at(server.URL+"/sms"))
	g.Expect(failures(run)).To(ContainElement("body-json/other-body"))
	for _, id := range failures(run) {
		g.Expect(id).To(Or(HavePrefix("body-json/"), HavePrefix("body-coverage/"), HavePrefix("endpoint-")))
	}
}

// The token is in no vector that is asked, and so in no report.
func TestVectorsDoNotHoldTheToken(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(application(reference.New(), asCalled))
	defer server.Close()
	endpoint, _ := open(t, at(server.URL+"/sms"))
	for _, v := range endpoint.Vectors(vectors.Builtin().Vectors()) {
		for _, text := range []string{string(v.AuthToken), v.Comment, v.StringToSign(), string(v.Request.URL)} {
			g.Expect(strings.ToLower(text)).NotTo(ContainSubstring(token), v.ID)
		}
		if v.Signed != nil && v.Signed.Token != nil {
			g.Expect(strings.ToLower(string(*v.Signed.Token))).NotTo(ContainSubstring(token[:len(token)/2]), v.ID)
		}
	}
}

func failures(run *conformance.Run) []string {
	var ids []string
	for _, r := range run.Failures() {
		ids = append(ids, r.Vector.ID)
	}
	return ids
}
