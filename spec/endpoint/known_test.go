package endpoint_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// handing is an application that hands its validator what it makes of a body.
func handing(body func(r *http.Request, raw []byte) []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body(r, raw))))
		application(reference.New(), asCalled).ServeHTTP(w, r)
	})
}

func isFormRequest(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}

// unsigned is an application that loses the signature of each request.
func unsigned(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("X-Twilio-Signature")
		h.ServeHTTP(w, r)
	})
}

// TestFormsThatAreRefused: what becomes of a form before the validator has it is one
// sentence, with what to do about it.
func TestFormsThatAreRefused(t *testing.T) {
	answering := func(isMet func(r *http.Request) bool, status int, text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if isMet(r) {
				w.WriteHeader(status)
				io.WriteString(w, text)
				return
			}
			application(reference.New(), asCalled).ServeHTTP(w, r)
		})
	}
	always := func(*http.Request) bool { return true }
	for name, c := range map[string]struct {
		handler        http.Handler
		sentence, hint string
	}{
		"known names alone": {handing(func(r *http.Request, raw []byte) []byte {
			if !isFormRequest(r) {
				return raw
			}
			form, _ := url.ParseQuery(string(raw))
			return []byte(url.Values{"From": form["From"], "Body": form["Body"]}.Encode())
		}), "signs the parameters that it knows alone, of the form that was sent Body and From", "all parameters of the form"},
		"in Base64 still": {handing(func(r *http.Request, raw []byte) []byte {
			if isFormRequest(r) {
				return []byte(base64.StdEncoding.EncodeToString(raw))
			}
			return raw
		}), "in Base64 still", "decode the body first"},
		"a missing field": {answering(isFormRequest, http.StatusUnprocessableEntity,
			`{"detail":[{"type":"missing","loc":["body","Memo"],"msg":"Field required","input":null}]}`),
			"a form without Memo is answered 422 from before the validator", "--form Memo=1"},
		"an error at each form": {answering(isFormRequest, http.StatusInternalServerError,
			"<title>Error</title><pre>RuntimeError: Stream consumed</pre>"),
			`a right request (a form) is answered 500 ("RuntimeError: Stream consumed"), and so is a wrong one`, "read the body before"},
		"no URL": {answering(always, http.StatusInternalServerError, "<title>Error</title><pre>TypeError: Invalid URL<br> at new URL</pre>"),
			`("TypeError: Invalid URL"), and so is a wrong one: what it hands to its validator is no URL`, "a base URL that is not set"},
		"no parser for forms": {unsigned(answering(isFormRequest, http.StatusUnsupportedMediaType, "Unsupported Media Type")),
			"every form is answered 415 from before the validator", "application/x-www-form-urlencoded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			d := diagnosed(t, c.handler)
			g.Expect(d.Sentence).To(ContainSubstring(c.sentence))
			g.Expect(strings.Join(d.Hints, "\n")).To(ContainSubstring(c.hint))
		})
	}
}

// TestBodiesThatWereRead: what hangs at each body, and answers GET, waits for one that was read.
func TestBodiesThatWereRead(t *testing.T) {
	g := NewWithT(t)
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			<-done
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	defer close(done)
	options := at(server.URL + "/sms")
	options.Timeout = time.Second / 4
	_, d := open(t, options)
	g.Expect(d.Sentence).To(ContainSubstring("where GET is answered 403 at once"))
	g.Expect(strings.Join(d.Hints, "\n")).To(ContainSubstring("mount the proxy before express.json"))
}

// TestJSONIsNoMatterOfTheBody: where the query is dropped, right JSON is refused for that.
func TestJSONIsNoMatterOfTheBody(t *testing.T) {
	for dropped, said := range map[string]bool{"query-dropped": false, "json-members-signed=javascript": true} {
		g := NewWithT(t)
		variant, err := defect.Find(dropped)
		g.Expect(err).NotTo(HaveOccurred())
		server := httptest.NewServer(catching(application(variant.New(), asCalled)))
		defer server.Close()
		e, d := open(t, at(server.URL+"/sms"))
		g.Expect(d).To(BeNil())
		g.Expect(strings.Contains(strings.Join(e.Close(), "\n"), "right JSON is refused")).To(Equal(said), dropped)
	}
}

// TestBodiesInApplications: what an application makes of bodies in front of an SDK is one
// cause, also where a fragment, which nobody transmits, has the hash.
func TestBodiesInApplications(t *testing.T) {
	for _, key := range []string{
		"node-middleware=no-raw-body", "node-middleware=no-raw-body-and-parsed-json", "node-middleware=raw-json",
		"body-taken-as-parsed=always", "body-taken-as-parsed=unless-hashed",
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			variant, err := defect.Find(key)
			g.Expect(err).NotTo(HaveOccurred())
			server := httptest.NewServer(catching(application(variant.New(), asCalled)))
			defer server.Close()
			run := explainedAgainst(t, at(server.URL+"/sms"), "body-*/*", "form-values/*")
			var causes []string
			for _, c := range run.Diagnosis.Causes {
				causes = append(causes, c.Defect.Key())
			}
			g.Expect(causes).To(Equal([]string{key}))
			g.Expect(run.Diagnosis.Unexplained).To(BeEmpty())
		})
	}
}

// catching is an application that refuses with 403 what makes it throw.
func catching(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(http.StatusForbidden)
			}
		}()
		h.ServeHTTP(w, r)
	})
}

// TestChunksThatNobodyGets: Falcon reads as much of a body as Content-Length says, so that
// nobody gets a body in chunks, and nobody is deceived.
func TestChunksThatNobodyGets(t *testing.T) {
	for title, letIn := range map[string]bool{`{"title": "403 Forbidden"}`: false, "Forbidden": true} {
		g := NewWithT(t)
		validate := handing(func(r *http.Request, raw []byte) []byte {
			return raw[:max(0, min(len(raw), int(r.ContentLength)))]
		})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			verdict := httptest.NewRecorder()
			validate.ServeHTTP(verdict, r)
			w.WriteHeader(verdict.Code)
			if verdict.Code != http.StatusOK {
				io.WriteString(w, title)
			} else {
				fmt.Fprint(w, thanks)
			}
		}))
		defer server.Close()
		run := runAgainst(t, at(server.URL+"/sms"), "endpoint-body/chunked-*")
		g.Expect(slices.Contains(failures(run), "endpoint-body/chunked-form-unsigned")).To(Equal(letIn), title)
	}
}

// TestChecksOfAKnownCause: a check that shows what a known mistake shows in other requests
// belongs to that mistake.
func TestChecksOfAKnownCause(t *testing.T) {
	g := NewWithT(t)
	variant, err := defect.Find("exception-accepts=signature-of-another-length")
	g.Expect(err).NotTo(HaveOccurred())
	validate := application(variant.New(), asCalled)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if several := r.Header["X-Twilio-Signature"]; len(several) > 1 {
			r.Header.Set("X-Twilio-Signature", strings.Join(several, ", ")) // as Node has it
		}
		validate.ServeHTTP(w, r)
	}))
	defer server.Close()
	run := explainedAgainst(t, at(server.URL+"/sms"), "signature/*", "endpoint-header/*")
	g.Expect(failures(run)).To(ContainElement("endpoint-header/twice-wrong"))
	g.Expect(run.Diagnosis.Causes).To(HaveLen(1))
	g.Expect(run.Diagnosis.Causes[0].Defect.Key()).To(Equal(variant.Key()))
}
