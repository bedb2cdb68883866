package endpoint_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/spec/endpoint"
	"sigconform/vectors"
)

// found are the checks by which a run shows something: those that fail, and the
// questions whose answer is that it was accepted.
func found(run *conformance.Run) []string {
	ids := failures(run)
	for _, r := range run.Results {
		if r.Outcome == conformance.Answered && r.Answer.Verdict == reference.Accept {
			ids = append(ids, r.Vector.ID)
		}
	}
	return ids
}

// unsignedIfChunked validates, but a body in chunks does not count where the
// signature does without.
func unsignedIfChunked() http.Handler {
	validate := application(reference.New(), asCalled)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		verdict := httptest.NewRecorder()
		r.Body = io.NopCloser(bytes.NewReader(data))
		if validate.ServeHTTP(verdict, r); verdict.Code != http.StatusOK && r.ContentLength < 0 {
			r.Body = http.NoBody
			verdict = httptest.NewRecorder()
			validate.ServeHTTP(verdict, r)
		}
		w.WriteHeader(verdict.Code)
	})
}

// Each mistake that only an endpoint can show is found by a check, and by none
// of these checks where there is no mistake.
func TestChecksFindWhatTheyAreFor(t *testing.T) {
	right := func(mutate func(*http.Request)) http.Handler {
		validate := application(reference.New(), func(r *http.Request) string { return asCalled(r) })
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mutate(r)
			validate.ServeHTTP(w, r)
		})
	}
	fromHeader := func(name string, set func(r *http.Request, value string)) http.Handler {
		return right(func(r *http.Request) {
			if value := r.Header.Get(name); value != "" {
				set(r, value)
			}
		})
	}
	host := func(r *http.Request, value string) { r.Host = value }
	uri := func(r *http.Request, value string) { r.RequestURI = value }
	body := func(edit func(r *http.Request, body []byte) []byte) http.Handler {
		return right(func(r *http.Request) {
			data, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(edit(r, data)))
		})
	}
	scheme := func(header string) http.Handler {
		return application(reference.New(), func(r *http.Request) string {
			if proto := r.Header.Get(header); proto != "" {
				return proto + "://" + r.Host + r.RequestURI
			}
			return asCalled(r)
		})
	}
	for id, wrong := range map[string]http.Handler{
		"endpoint-forwarding/x-forwarded-host":   fromHeader("X-Forwarded-Host", host),
		"endpoint-forwarding/x-original-host":    fromHeader("X-Original-Host", host),
		"endpoint-forwarding/x-forwarded-proto":  scheme("X-Forwarded-Proto"),
		"endpoint-forwarding/x-forwarded-scheme": scheme("X-Forwarded-Scheme"),
		"endpoint-forwarding/x-original-url":     fromHeader("X-Original-URL", uri),
		"endpoint-forwarding/x-rewrite-url":      fromHeader("X-Rewrite-URL", uri),
		"endpoint-forwarding/x-forwarded-prefix": fromHeader("X-Forwarded-Prefix",
			func(r *http.Request, v string) { r.RequestURI = v + r.RequestURI }),
		"endpoint-forwarding/x-forwarded-port": fromHeader("X-Forwarded-Port",
			func(r *http.Request, v string) { r.Host = strings.Split(r.Host, ":")[0] + ":" + v }),
		"endpoint-forwarding/forwarded": fromHeader("Forwarded",
			func(r *http.Request, v string) { _, r.Host, _ = strings.Cut(v, "host=") }),
		"endpoint-header/other-name": right(func(r *http.Request) {
			r.Header["X-Twilio-Signature"] = append(r.Header["X-Twilio-Signature"], r.Header["X-Signature"]...)
		}),
		"endpoint-header/x-http-method-override": fromHeader("X-Http-Method-Override",
			func(r *http.Request, v string) { r.Method, r.Body = v, http.NoBody }),
		"endpoint-body/chunked-form-unsigned":        unsignedIfChunked(),
		"endpoint-body/chunked-json-hash-of-nothing": unsignedIfChunked(),
		"endpoint-body/gzip-json-hash-of-nothing": right(func(r *http.Request) { // another layer has taken the compressed body
			if r.Header.Get("Content-Encoding") == "gzip" {
				r.Body = http.NoBody
			}
		}),
		"endpoint-body/over-1-mib-unsigned": body(func(_ *http.Request,
			b []byte) []byte {
			return b[:min(len(b), 1<<20+5)]
		}),
		"endpoint-body/parameter-1001-unsigned": body(func(_ *http.Request, b []byte) []byte {
			return []byte(strings.Join(strings.Split(string(b), "&")[:min(1000, strings.Count(string(b), "&")+1)], "&"))
		}),
		"endpoint-body/query-instead-of-form": right(func(r *http.Request) {
			if query := strings.Split(r.RequestURI, "To="); len(query) == 2 {
				r.RequestURI = strings.TrimRight(query[0], "?&")
				data, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(strings.NewReader(string(data) + "&To=" + query[1]))
			}
		}),
		"endpoint-path/letter-case-normalized": right(func(r *http.Request) {
			r.RequestURI = strings.ToLower(r.RequestURI[:4]) + r.RequestURI[4:]
		}),
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			server := httptest.NewServer(wrong)
			defer server.Close()
			g.Expect(found(runAgainst(t, at(server.URL+"/sms"), id))).To(ConsistOf(id))
			faultless := httptest.NewServer(application(reference.New(), asCalled))
			defer faultless.Close()
			g.Expect(found(runAgainst(t, at(faultless.URL+"/sms"), id))).To(BeEmpty())
		})
	}
}

// Applications that are careful, and differ from each other: none of them
// refuses what Twilio sends, or takes what its key never signed, so none fails.
func TestCarefulApplicationsDoNotFail(t *testing.T) {
	validate := application(reference.New(), asCalled)
	handler := func(f func(w http.ResponseWriter, r *http.Request)) http.Handler { return http.HandlerFunc(f) }
	refuse := func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadRequest) }
	for name, careful := range map[string]http.Handler{
		"trusts the proxy that stands in front": handler(func(w http.ResponseWriter, r *http.Request) {
			if host := r.Header.Get("X-Forwarded-Host"); host != "" {
				r.Host = host
			}
			validate.ServeHTTP(w, r)
		}),
		"refuses chunks": handler(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength < 0 {
				refuse(w)
				return
			}
			validate.ServeHTTP(w, r)
		}),
		"refuses what is large": handler(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength > 100<<10 {
				refuse(w)
				return
			}
			validate.ServeHTTP(w, r)
		}),
		"lets a header override the method": handler(func(w http.ResponseWriter, r *http.Request) {
			if method := r.Header.Get("X-Http-Method-Override"); method != "" {
				r.Method, r.Body = method, http.NoBody
			}
			validate.ServeHTTP(w, r)
		}),
		"cleans paths": handler(func(w http.ResponseWriter, r *http.Request) {
			_, query, found := strings.Cut(r.RequestURI, "?")
			if r.RequestURI = path.Clean(r.URL.Path); found {
				r.RequestURI += "?" + query
			}
			validate.ServeHTTP(w, r)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			server := httptest.NewServer(careful)
			defer server.Close()
			run := runAgainst(t, at(server.URL+"/sms"), "endpoint/*", "endpoint-*/*")
			g.Expect(run.Stopped).NotTo(HaveOccurred())
			g.Expect(failures(run)).To(BeEmpty())
		})
	}
}

// An application that verifies the URL of its configuration is right to refuse
// a form that was called with another query; it must only not accept it.
func TestConfiguredURL(t *testing.T) {
	g := NewWithT(t)
	var configured string
	server := httptest.NewServer(application(reference.New(), func(r *http.Request) string { return configured }))
	defer server.Close()
	configured = server.URL + "/sms"
	run := runAgainst(t, at(configured), "form-*/*", "get/post-query-not-params")
	for _, r := range run.Failures() {
		g.Expect(r.Vector.Result == vectors.Valid && r.Vector.Request.Method == "POST" &&
			r.Vector.Request.URL != vectors.Text(configured)).To(BeFalse(), r.Vector.ID)
	}
	why := map[string]string{}
	for _, r := range run.Results {
		why[r.Vector.ID] = r.Why
	}
	g.Expect(why["get/post-query-not-params"]).To(ContainSubstring("verifies the URL of its configuration"))
}

// At an address that Twilio can reach, a header that changes the URL is a way
// in; on this machine or in a private network it may be the proxy's.
func TestForwardingHeadersByAddress(t *testing.T) {
	for host, want := range map[string]vectors.Result{
		"127.0.0.1:3000": vectors.Question, "[::1]:3000": vectors.Question, "localhost": vectors.Question, "app:3000": vectors.Question,
		"10.1.2.3": vectors.Question, "app.internal": vectors.Question,
		"hooks.example.com": vectors.Invalid, "203.0.113.5:8443": vectors.Invalid,
		"[2001:db8::1]": vectors.Invalid, "10.example.com": vectors.Invalid,
	} {
		g := NewWithT(t)
		endpoint, err := endpoint.Open(endpoint.Options{Options: webhook.Options{URL: "https://" + host + "/sms"},
			AuthToken: token})
		g.Expect(err).NotTo(HaveOccurred())
		n := 0
		for _, v := range endpoint.Plan(nil).Vectors {
			if strings.HasPrefix(v.ID, "endpoint-forwarding/x-forwarded-") {
				n++
				g.Expect(v.Result).To(Equal(want), host+" "+v.ID)
			}
		}
		g.Expect(n).To(BeNumerically(">", 5))
	}
}

// An application that decompresses and validates what it got is not wrong.
func TestCompressionIsNoMistake(t *testing.T) {
	g := NewWithT(t)
	validate := application(reference.New(), asCalled)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Encoding") == "gzip" {
			plain, err := gzip.NewReader(r.Body)
			if err != nil {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			r.Body = io.NopCloser(plain)
		}
		validate.ServeHTTP(w, r)
	}))
	defer server.Close()
	g.Expect(failures(runAgainst(t, at(server.URL+"/sms")))).To(BeEmpty())
}

// An error where a rejection was due is a crash: listed, and with --strict a
// failure; one where an acceptance was due fails.
func TestCrashesOfAnEndpoint(t *testing.T) {
	g := NewWithT(t)
	validate := application(reference.New(), asCalled)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header["X-Twilio-Signature"]) == 0 || strings.Contains(r.RequestURI, "O'Brien") {
			http.Error(w, "nil pointer\x1b[2J, the key was "+token, http.StatusInternalServerError)
			return
		}
		validate.ServeHTTP(w, r)
	}))
	defer server.Close()
	run := runAgainst(t, at(server.URL+"/sms"))
	byID := map[string]*conformance.Result{}
	for _, r := range run.Results {
		byID[r.Vector.ID] = r
	}
	missing, quoted := byID["signature/missing"], byID["url-verbatim/apostrophe-raw"]
	g.Expect(missing.Outcome).To(Equal(conformance.Passed))
	g.Expect(missing.Kind).To(Equal(vectors.Crash))
	g.Expect(quoted.Outcome).To(Equal(conformance.Failed))
	g.Expect(quoted.Answer.Verdict).To(Equal(reference.Error))
	g.Expect(quoted.Answer.Detail).To(Equal("answered 500 Internal Server Error: nil pointer\x1b[2J, the key was " +
		"[secret]"))
}

// Past the proxy its headers are its own.
func TestPublicURL(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(application(reference.New(), func(r *http.Request) string {
		return r.Header.Get("X-Forwarded-Proto") + "://" + r.Header.Get("X-Forwarded-Host") + "/hooks" + r.RequestURI
	}))
	defer server.Close()
	options := at(server.URL + "/sms")
	options.PublicURL = "https://example.com/hooks/sms"
	run := runAgainst(t, options)
	g.Expect(run.Stopped).NotTo(HaveOccurred())
	g.Expect(failures(run)).To(BeEmpty())
	for _, r := range run.Results {
		if strings.HasPrefix(r.Vector.ID, "endpoint-forwarding/") {
			g.Expect(r.Outcome).To(Equal(conformance.NotApplicable), r.Vector.ID)
			g.Expect(r.Why).To(ContainSubstring("--public-url"))
		}
	}
}
