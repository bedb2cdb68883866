package endpoint_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// TestKnownMistakeInEveryRequest: an application that makes the same mistake with each
// request refuses all right ones, and the diagnosis names the mistake.
func TestKnownMistakeInEveryRequest(t *testing.T) {
	for _, key := range []string{"framework-parameters-added=create", "other-digest=hmac-sha256", "names-not-signed"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			variant, err := defect.Find(key)
			g.Expect(err).NotTo(HaveOccurred())
			d := diagnosed(t, application(variant.New(), asCalled))
			g.Expect(d.Sentence).To(ContainSubstring(variant.Says()))
			g.Expect(d.Sentence).To(ContainSubstring("(" + key + ")"))
			g.Expect(d.Hints).To(ContainElement(variant.Hint()))
		})
	}
}

// TestSignatureDoesNotArrive: an application that looks for it elsewhere, and one that
// says that it is missing, but not one that says that it is missing or wrong.
func TestSignatureDoesNotArrive(t *testing.T) {
	right := application(reference.New(), asCalled)
	says := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, text)
		})
	}
	for name, tried := range map[string]struct {
		handler http.Handler
		says    string
	}{
		"another name": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("X-Twilio-Signature", r.Header.Get("Twilio-Signature"))
			right.ServeHTTP(w, r)
		}), "looks for the signature in the header Twilio-Signature"},
		"missing":      {says("Missing X-Twilio-Signature header: no signature"), "says of a signed request that it has no signature"},
		"not given":    {says("<h1>Signature not provided</h1>"), "says of a signed request that it has no signature"},
		"either":       {says("Missing or invalid signature"), "a correctly signed request is refused with 403"},
		"wrong":        {says("Signature does not match"), "a correctly signed request is refused with 403"},
		"nothing said": {says("Forbidden"), "a correctly signed request is refused with 403"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			NewWithT(t).Expect(diagnosed(t, tried.handler).Sentence).To(ContainSubstring(tried.says))
		})
	}
}

// ofNginx is a page of nginx itself.
func ofNginx(w http.ResponseWriter, status int) {
	w.Header().Set("Server", "nginx")
	w.WriteHeader(status)
	io.WriteString(w, "<html>\n<head><title>"+http.StatusText(status)+"</title></head>\n<body><hr><center>nginx</center></body></html>")
}

// TestProxyAnswersEveryPOST: where GET gets to the application and no POST does, one
// sentence says so, with the flag for an endpoint that takes GET alone.
func TestProxyAnswersEveryPOST(t *testing.T) {
	right := application(reference.New(), asCalled)
	for status, hint := range map[int]string{403: "limit_except", 405: "serves a file", 413: "client_max_body_size"} {
		g := NewWithT(t)
		d := diagnosed(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				ofNginx(w, status)
				return
			}
			right.ServeHTTP(w, r)
		}))
		g.Expect(d.Sentence).To(ContainSubstring("nginx itself answers every POST with %d", status))
		g.Expect(strings.Join(d.Hints, "\n")).To(And(ContainSubstring(hint), ContainSubstring("--accepts get")))
	}
}

// TestTokenCheckBehindTheSignature: right forms are refused from behind the validator, for
// want of a CSRF token, while GET is accepted.
func TestTokenCheckBehindTheSignature(t *testing.T) {
	g := NewWithT(t)
	right := application(reference.New(), asCalled)
	d := diagnosed(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Runtime", "0.004213")
		recorder := httptest.NewRecorder()
		if right.ServeHTTP(recorder, r); recorder.Code == http.StatusOK && r.Method == http.MethodPost {
			w.WriteHeader(http.StatusUnprocessableEntity)
			io.WriteString(w, "<h1>The change you wanted was rejected.</h1>")
			return
		}
		w.WriteHeader(recorder.Code)
		w.Write(recorder.Body.Bytes())
	}))
	g.Expect(d.Sentence).To(ContainSubstring("the signature was accepted, and what comes behind the validator says 422"))
	g.Expect(strings.Join(d.Hints, "\n")).To(And(ContainSubstring("skip_before_action"), ContainSubstring("--accepts get")))
}

// TestRouteTakesNoPOST: the router says so, and that is one sentence.
func TestRouteTakesNoPOST(t *testing.T) {
	g := NewWithT(t)
	right := application(reference.New(), asCalled)
	d := diagnosed(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		right.ServeHTTP(w, r)
	}))
	g.Expect(d.Sentence).To(Equal("every POST is answered 405: the route takes GET alone"))
	g.Expect(strings.Join(d.Hints, "\n")).To(ContainSubstring("--accepts get"))
}

// TestEveryPOSTIsRefused: with a page that says nothing, before the validator.
func TestEveryPOSTIsRefused(t *testing.T) {
	g := NewWithT(t)
	right := application(reference.New(), asCalled)
	d := diagnosed(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"timestamp":"2026-01-01T00:00:00Z","status":403,"error":"Forbidden","path":"/sms"}`)
			return
		}
		right.ServeHTTP(w, r)
	}))
	g.Expect(d.Sentence).To(ContainSubstring("every POST is answered 403, even a right one without a body"))
	g.Expect(strings.Join(d.Hints, "\n")).To(ContainSubstring("in Spring: http.csrf("))
}

// TestFieldsBehindTheSignature: a right form is refused with another status than a wrong
// signature is: the signature was accepted.
func TestFieldsBehindTheSignature(t *testing.T) {
	right := application(reference.New(), asCalled)
	d := diagnosed(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		if right.ServeHTTP(recorder, r); recorder.Code == http.StatusOK {
			recorder.Code = http.StatusBadRequest
		}
		w.WriteHeader(recorder.Code)
	}))
	NewWithT(t).Expect(d.Sentence).To(ContainSubstring("the signature was accepted, and what comes behind the validator says 400"))
}

// TestEverythingIsRefused: what stands in front may refuse all paths alike.
func TestEverythingIsRefused(t *testing.T) {
	d := diagnosed(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	NewWithT(t).Expect(d.Hints).To(ContainElement(ContainSubstring("other paths are refused alike")))
}

// TestProxyLimitsRequests: a proxy that goes on to answer 503 itself ends the run, and its
// page is no crash of the application.
func TestProxyLimitsRequests(t *testing.T) {
	g := NewWithT(t)
	right, served := application(reference.New(), asCalled), 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if served++; served > 60 {
			ofNginx(w, http.StatusServiceUnavailable)
			return
		}
		right.ServeHTTP(w, r)
	}))
	defer server.Close()
	run := explainedAgainst(t, at(server.URL+"/sms"), "get/*", "form-values/*")
	g.Expect(run.Failures()).To(BeEmpty())
	g.Expect(run.Stopped).To(MatchError(ContainSubstring("nginx itself answers 503")))
}

// TestQueryThatIsNone: what a program prints where there is no query, and a front
// controller that is handed the path.
func TestQueryThatIsNone(t *testing.T) {
	for name, tried := range map[string]struct {
		query func(r *http.Request) string
		hint  string
	}{
		"null":             {func(r *http.Request) string { return "?null" }, "only where there is a query"},
		"front controller": {func(r *http.Request) string { return "?q=/sms&" }, "take REQUEST_URI"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := diagnosed(t, application(reference.New(), func(r *http.Request) string {
				if r.URL.RawQuery == "" {
					return asCalled(r) + tried.query(r)
				}
				return asCalled(r)
			}))
			NewWithT(t).Expect(strings.Join(d.Hints, "\n")).To(ContainSubstring(tried.hint))
		})
	}
}
