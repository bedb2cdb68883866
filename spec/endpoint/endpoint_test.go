package endpoint_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/spec/conformance"
	"sigconform/spec/endpoint"
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
func open(t *testing.T, options endpoint.Options) (*endpoint.Endpoint, *endpoint.Diagnosis) {
	t.Helper()
	g := NewWithT(t)
	options.AuthToken = token
	endpoint, err := endpoint.Open(options)
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { endpoint.Close() })
	diagnosis, err := endpoint.Calibrate(context.Background())
	g.Expect(err).NotTo(HaveOccurred())
	return endpoint, diagnosis
}

// diagnosed is what is said of an application at /sms that cannot be tested.
func diagnosed(t *testing.T, application http.Handler) *endpoint.Diagnosis {
	t.Helper()
	server := httptest.NewServer(application)
	t.Cleanup(server.Close)
	_, diagnosis := open(t, at(server.URL+"/sms"))
	NewWithT(t).Expect(diagnosis).NotTo(BeNil())
	return diagnosis
}

// corpus are the built-in vectors, which take long to read. Nobody changes them.
var corpus = sync.OnceValue(func() []*vectors.Vector { return vectors.Builtin().Vectors() })

// runAgainst asks of an endpoint what the globs say, or everything. Failures are not
// explained: that takes seconds.
func runAgainst(t *testing.T, options endpoint.Options, globs ...string) *conformance.Run {
	t.Helper()
	return runWithin(t, options, diagnosis.Bounds{Steps: 1}, globs...)
}

// explainedAgainst does the same, and explains the failures, however long that takes.
func explainedAgainst(t *testing.T, options endpoint.Options, globs ...string) *conformance.Run {
	t.Helper()
	return runWithin(t, options, diagnosis.Bounds{Compute: -1}, globs...)
}

func runWithin(t *testing.T, options endpoint.Options, explaining diagnosis.Bounds, globs ...string) *conformance.Run {
	t.Helper()
	g := NewWithT(t)
	endpoint, diagnosis := open(t, options)
	g.Expect(diagnosis).To(BeNil())
	plan := endpoint.Plan(corpus())
	selected, err := conformance.Selection{IDs: globs}.Select(plan.Vectors)
	g.Expect(err).NotTo(HaveOccurred())
	run := conformance.Ask(context.Background(), plan, selected, conformance.Judging{Book: vectors.Rules(), Explaining: explaining}, nil)
	plan.Explain(run)
	return run
}

func at(url string) endpoint.Options {
	return endpoint.Options{Options: webhook.Options{URL: url}}
}

func TestRightEndpointConforms(t *testing.T) {
	for _, path := range []string{"/sms", "/", "", "/hooks/sms/", "/sms?tenant=1"} {
		t.Run(path, func(t *testing.T) {
			g := NewWithT(t)
			server := httptest.NewServer(application(reference.New(), asCalled))
			defer server.Close()
			run := runAgainst(t, at(server.URL+path))
			g.Expect(run.Stopped).NotTo(HaveOccurred())
			g.Expect(failures(run)).To(BeEmpty())
			g.Expect(run.Count(conformance.Passed)).To(BeNumerically(">", 250))
		})
	}
}

func TestWrongEndpointFailsWhereItIsWrong(t *testing.T) {
	g := NewWithT(t)
	wrong := reference.New()
	wrong.Covered = func(reference.Request) bool { return true }
	server := httptest.NewServer(application(wrong, asCalled))
	defer server.Close()
	run := runAgainst(t, at(server.URL+"/sms"))
	g.Expect(failures(run)).To(ContainElement("body-json/other-body"))
	for _, r := range run.Failures() {
		g.Expect(r.Vector.Result).To(Equal(vectors.Invalid), r.Vector.ID)
		g.Expect(r.Vector.Rules).To(ContainElement(HavePrefix("body-")), r.Vector.ID)
	}
}

// The failures of an endpoint are explained by a defect, and the explanation is
// confirmed by asking it.
func TestFailuresOfAnEndpointAreExplained(t *testing.T) {
	g := NewWithT(t)
	for _, variant := range defect.Variants() {
		if variant.Slug != "sorted-ignoring-case" {
			continue
		}
		server := httptest.NewServer(application(variant.New(), asCalled))
		defer server.Close()
		run := explainedAgainst(t, at(server.URL+"/sms"))
		g.Expect(run.Stopped).NotTo(HaveOccurred())
		g.Expect(run.Diagnosis.Causes).To(HaveLen(1))
		cause := run.Diagnosis.Causes[0]
		g.Expect(cause.Defect.Slug).To(Equal(variant.Slug))
		g.Expect(cause.Contradicts).To(BeEmpty())
		g.Expect(cause.Confirmed).To(And(BeNumerically(">", 0), Equal(cause.Probed)))
		return
	}
	t.Fatal("there is no such defect any more")
}

// The token is in no vector that is asked, and so in no report.
func TestVectorsDoNotHoldTheToken(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(application(reference.New(), asCalled))
	defer server.Close()
	endpoint, _ := open(t, at(server.URL+"/sms"))
	for _, v := range endpoint.Plan(corpus()).Vectors {
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

// What a person behind a proxy must be told is which URL the application takes
// for its own.
func TestDiagnosis(t *testing.T) {
	inside := func(scheme string) func(*http.Request) string {
		return func(r *http.Request) string { return scheme + "://" + r.Host + r.RequestURI }
	}
	at := func(url string) func(*http.Request) string { return func(*http.Request) string { return url } }
	for name, test := range map[string]struct {
		url      func(*http.Request) string
		public   string
		sentence string
		verifies string
		status   int
	}{
		"TLS ends in front": {inside("http"), "https://example.com/sms", "the scheme (http instead of https)",
			"http://example.com/sms", 1},
		"the host is inside": {func(r *http.Request) string { return "https://SERVER" + r.RequestURI },
			"https://example.com/sms", "the host (127.0.0.1 instead of example.com)", "https://SERVER/sms", 1},
		"scheme and host": {func(r *http.Request) string { return "http://SERVER" + r.RequestURI },
			"https://example.com/sms", "the scheme (http instead of https), the host", "http://SERVER/sms", 1},
		"a prefix is stripped": {inside("https"), "https://example.com/hooks/sms",
			"the path (/sms instead of /hooks/sms)", "https://example.com/sms", 1},
		"a slash is added": {func(r *http.Request) string { return "https://" + r.Host + r.URL.Path + "/" },
			"https://example.com/sms", "the path (/sms/ instead of /sms)", "https://example.com/sms/", 1},
		"the query is dropped": {func(r *http.Request) string { return "https://" + r.Host + r.URL.Path },
			"https://example.com/sms?tenant=1", "the query", "https://example.com/sms", 1},
		"it knows its public one": {at("https://SERVER/sms"), "", "the scheme (https instead of http)",
			"https://SERVER/sms", 1},
		"upstream of nginx": {at("http://127.0.0.1:3000/sms"), "https://example.com/sms",
			"the port (:3000 instead of none)", "http://127.0.0.1:3000/sms", 1},
		"its base URL is not set": {func(r *http.Request) string { return "undefined" + r.RequestURI }, "",
			"it prints undefined", "undefined/sms", 1},
		"another one altogether": {at("https://elsewhere.example/"), "",
			"is refused with 403, and so is one signed for", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var host string
			server := httptest.NewServer(application(reference.New(), func(r *http.Request) string {
				return strings.ReplaceAll(test.url(r), "SERVER", host)
			}))
			defer server.Close()
			host = strings.TrimPrefix(server.URL, "http://")
			_, d := open(t, endpoint.Options{Options: webhook.Options{URL: server.URL + "/sms",
				PublicURL: test.public}})
			g.Expect(d).NotTo(BeNil())
			g.Expect(d.Sentence).To(ContainSubstring(test.sentence))
			g.Expect(d.Verifies).To(Equal(strings.ReplaceAll(test.verifies, "SERVER", host)))
			g.Expect(d.Status).To(Equal(test.status))
			g.Expect(d.Hints).NotTo(BeEmpty())
		})
	}
}

func TestDiagnosisOfTokenAndBody(t *testing.T) {
	other := func(change func(*reference.Validator)) reference.Validator {
		v := reference.New()
		change(&v)
		return v
	}
	for name, test := range map[string]struct {
		validator reference.Validator
		sentence  string
	}{
		"a line feed behind the token": {other(func(v *reference.Validator) {
			v.MAC = func(key reference.Key, s string) []byte { return reference.MAC(key.Secret+"\n", s) }
		}), "another token than Twilio: it has a line feed at its end"},
		"no parameters": {other(func(v *reference.Validator) {
			v.Params = func(reference.Request) []reference.Param { return nil }
			v.Covered = func(r reference.Request) bool { return r.IsForm() || len(r.Body) == 0 }
		}), "the URL alone"},
		"JSON written again": {other(func(v *reference.Validator) {
			v.Covered = func(r reference.Request) bool {
				var value any
				if r.IsForm() || json.Unmarshal(r.Body, &value) != nil {
					return false
				}
				written, _ := json.MarshalIndent(value, "", "  ")
				return strings.Contains(r.URL, "bodySHA256="+reference.BodyHash(written))
			}
		}), "hashes another body than it is sent: JSON that was parsed and written again, indented"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			d := diagnosed(t, application(test.validator, asCalled))
			g.Expect(d.Sentence).To(ContainSubstring(test.sentence))
			g.Expect(d.Status).To(Equal(1))
		})
	}
}

func TestDiagnosisOfWhatDoesNotGetThere(t *testing.T) {
	for name, test := range map[string]struct {
		answer   http.HandlerFunc
		sentence string
		status   int
	}{
		"no such path": {http.NotFound, "404", 2},
		"a redirect":   {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/sms/", 308) }, "308", 2},
		"a login": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(401)
		}, "it asks for a login", 2},
		"an error": {func(w http.ResponseWriter, r *http.Request) { http.Error(w, "token is "+token, 500) },
			`answered 500 ("token is [secret]"), and so is a wrong one`, 1},
		"accepts everything": {func(w http.ResponseWriter, r *http.Request) {},
			"authentication bypass: the endpoint accepts everything", 1},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			d := diagnosed(t, test.answer)
			g.Expect(d.Sentence).To(ContainSubstring(test.sentence))
			g.Expect(d.Status).To(Equal(test.status))
		})
	}
}

// A password in the URL is for the login. It is shown nowhere, not even by the
// diagnosis of an application that signs it.
func TestThePasswordIsNotShown(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(application(reference.New(),
		func(r *http.Request) string { return "http://us:hunter2@" + r.Host + r.RequestURI }))
	defer server.Close()
	url := strings.Replace(server.URL, "://", "://us:hunter2@", 1) + "/sms"
	keeps := reference.New()
	keeps.SignedURLs = func(url string, _ reference.Product) []string { return []string{url} }
	keeping := httptest.NewServer(application(keeps,
		func(r *http.Request) string { return "http://us:hunter2@" + r.Host + r.RequestURI }))
	defer keeping.Close()
	_, d := open(t, at(strings.Replace(keeping.URL, "://", "://us:hunter2@", 1)+"/sms"))
	g.Expect(d).NotTo(BeNil())
	g.Expect(d.Sentence).To(ContainSubstring("the user and password (us:***@ instead of none)"))
	g.Expect(fmt.Sprint(*d)).NotTo(ContainSubstring("hunter2"))

	endpoint, d := open(t, at(url))
	g.Expect(d).To(BeNil())
	for _, v := range endpoint.Plan(corpus()).Vectors {
		text, err := json.Marshal(v)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(string(text)).NotTo(ContainSubstring("hunter2"), v.ID)
	}
}
