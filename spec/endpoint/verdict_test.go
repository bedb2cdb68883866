package endpoint_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// An application that refuses with 400, in a framework that answers 400 to quotes in a
// query whatever the signature: that is skipped, and nothing fails.
func TestFrameworkRefusesAsTheApplicationDoes(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "'") {
			http.Error(w, "expected Hash, got String for param q", 400)
			return
		}
		asWritten(w, r, asCalled, func(w http.ResponseWriter) { http.Error(w, "The signature is wrong.", 400) })
	}))
	defer server.Close()
	run := runAgainst(t, at(server.URL+"/sms"), "url-verbatim/*")
	g.Expect(run.Failures()).To(BeEmpty())
	skipped := 0
	for _, r := range run.Results {
		if r.Vector.Result == vectors.Valid && r.Outcome == conformance.Skipped && strings.Contains(r.Why, "whatever the signature") {
			skipped++
		}
	}
	g.Expect(skipped).To(BeNumerically(">", 0))
}

// A wrong application whose refusal shows the URL that it verified fails all the same, as
// does one whose refusal of JSON is JSON.
func TestRefusalsThatVary(t *testing.T) {
	drop := func(r *http.Request) string { return strings.ReplaceAll(asCalled(r), "'", "") }
	for name, refuse := range map[string]func(http.ResponseWriter, *http.Request){
		"shows the URL": func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, fmt.Sprintf("The signature is wrong for %s, query %q", drop(r), r.URL.Query()), 400)
		},
		"as it was asked": func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "GET" {
				http.Error(w, `{"error": {"code": 20003, "reason": "unauthenticated"}}`, 400)
				return
			}
			http.Error(w, "The signature is wrong.", 400)
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asWritten(w, r, drop, func(w http.ResponseWriter) { refuse(w, r) })
			}))
			defer server.Close()
			run := runAgainst(t, at(server.URL+"/sms"), "url-verbatim/*")
			ids := map[string]bool{}
			for _, r := range run.Failures() {
				ids[r.Vector.ID] = true
			}
			g.Expect(ids).NotTo(BeEmpty())
		})
	}
}

// asWritten answers as an application that verifies a URL, and refuses as it is told.
func asWritten(w http.ResponseWriter, r *http.Request, url func(*http.Request) string, refuse func(http.ResponseWriter)) {
	recorder := httptest.NewRecorder()
	application(reference.New(), url).ServeHTTP(recorder, r)
	if recorder.Code >= 400 {
		refuse(w)
		return
	}
	fmt.Fprint(w, "Thanks for your message")
}

// A fallback that answers every other path is no bypass, and is told in one line.
func TestFallbackForOtherPaths(t *testing.T) {
	g := NewWithT(t)
	app := application(reference.New(), asCalled)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path, _, _ := strings.Cut(r.RequestURI, "?"); path == "/sms" || strings.HasPrefix(path, "/sms/") {
			app.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	e, d := open(t, at(server.URL+"/sms"))
	g.Expect(d).To(BeNil())
	g.Expect(strings.Join(e.Close(), "\n")).To(ContainSubstring("/smsx) is answered 200 without a signature"))
	g.Expect(runAgainst(t, at(server.URL+"/sms"), "url-verbatim/*").Failures()).To(BeEmpty())
}

// A framework that hands the body of a GET to nobody is not accused of leaving it unsigned.
func TestBodyOfGetIsDropped(t *testing.T) {
	g := NewWithT(t)
	app := application(reference.New(), asCalled)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "GET" || r.Method == "HEAD" {
			r.Body = http.NoBody
		}
		app.ServeHTTP(w, r)
	}))
	defer server.Close()
	e, d := open(t, at(server.URL+"/sms"))
	g.Expect(d).To(BeNil())
	drawn, err := e.OpenDrawn(0)
	g.Expect(err).NotTo(HaveOccurred())
	contentType := "application/json"
	for _, method := range []string{"GET", "HEAD"} {
		r := reference.Request{Method: method, URL: server.URL + "/sms?bodySHA256=" + reference.BodyHash(nil)}
		signature := reference.Sign(token, r)
		r.Signature, r.ContentType, r.Body = &signature, &contentType, []byte(`{"a":1}`)
		var got protocol.Answer
		g.Expect(drawn.Ask(t.Context(), []protocol.Case{{ID: "x", Request: r}}, func(_ int, a protocol.Answer) { got = a })).To(Succeed())
		g.Expect(got.Verdict).To(Equal(reference.Unsupported), method)
		g.Expect(got.Detail).To(ContainSubstring("the body of a " + method))
	}
}

// A route for forms answers every JSON alike, before a validator has seen it: that is not
// tested, and no accusation.
func TestRouteForFormsTakesNoJSON(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Content-Type"), "json") {
			http.Error(w, `{"detail":"field required"}`, http.StatusUnprocessableEntity)
			return
		}
		site{}.ServeHTTP(w, r)
	}))
	defer server.Close()
	run := runAgainst(t, at(server.URL+"/sms"), "twilio-requests/*", "self-test/*", "body-json/*")
	g.Expect(failures(run)).To(BeEmpty())
	g.Expect(run.Stopped).To(MatchError(ContainSubstring("no JSON could be tested")))
	options := at(server.URL + "/sms")
	options.Accepts = []string{"form", "get"}
	run = runAgainst(t, options, "twilio-requests/*", "self-test/*", "body-json/*")
	g.Expect(failures(run)).To(BeEmpty())
	g.Expect(run.Stopped).NotTo(HaveOccurred())
}

// A form that lacks a field is refused before the validator: that is one cause, which names
// the flag that gives the fields.
func TestFieldsDemanded(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if r.Method == "POST" && !strings.Contains(string(body), "From=") && strings.Contains(r.Header.Get("Content-Type"), "form") {
			http.Error(w, `{"detail":[{"msg":"field required"}]}`, 422)
			return
		}
		asWritten(w, r, asCalled, func(w http.ResponseWriter) { http.Error(w, "The signature is wrong.", 403) })
	}))
	defer server.Close()
	run := runAgainst(t, at(server.URL+"/sms"), "twilio-requests/*", "form-values/*")
	g.Expect(run.Failures()).NotTo(BeEmpty())
	g.Expect(run.Diagnosis.Unexplained).To(BeEmpty())
	g.Expect(run.Diagnosis.Causes).To(HaveLen(1))
	g.Expect(run.Diagnosis.Causes[0].Defect.Slug).To(Equal("fields-demanded"))
	g.Expect(run.Diagnosis.Causes[0].Defect.Hint()).To(ContainSubstring("--form From="))
}
