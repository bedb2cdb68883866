package endpoint_test

import (
	"context"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/spec/conformance"
	"sigconform/spec/endpoint"
)

// keysOf are the causes of a run.
func keysOf(run *conformance.Run) []string {
	var keys []string
	if run.Diagnosis != nil {
		for _, cause := range run.Diagnosis.Causes {
			keys = append(keys, cause.Defect.Key())
		}
	}
	return keys
}

// idsOf are the ids of results.
func idsOf(results []*conformance.Result) []string {
	var ids []string
	for _, r := range results {
		ids = append(ids, r.Vector.ID)
	}
	return ids
}

// Each hole in a guard is one cause, which explains all that fails.
func TestHolesAreNamed(t *testing.T) {
	says := func(name string) func(*http.Request, string) bool {
		return func(r *http.Request, _ string) bool { return r.Header.Get(name) != "" }
	}
	isMultipart := func(r *http.Request, _ string) bool {
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		return kind == "multipart/form-data"
	}
	for name, hole := range map[string]struct {
		cause string
		site
	}{
		"the case of the path": {"path-spelling-unguarded", site{
			routed: func(r *http.Request) string { return strings.ToLower(rawPath(r)) },
			exempt: func(r *http.Request, _ string) bool { return !isPlain(r) },
		}},
		"a second route": {"path-spelling-unguarded", site{
			routed: func(r *http.Request) string { return strings.TrimPrefix(rawPath(r), "/api") },
			exempt: func(r *http.Request, _ string) bool { return !isPlain(r) },
		}},
		"a header that skips the check": {"client-claim-exempt", site{exempt: says("X-Skip-Signature")}},
		"multipart, also in vectors":    {"multipart-not-covered", site{exempt: isMultipart}},
		"types, by any method and in vectors": {"type-unguarded", site{exempt: func(r *http.Request, _ string) bool {
			return !strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "application/x-www-form-urlencoded") && r.Method != "GET"
		}}},
		"a method, by itself and as an override": {"method-unguarded", site{exempt: func(r *http.Request, _ string) bool {
			return r.Method == "DELETE" || r.Header.Get("X-HTTP-Method-Override") == "DELETE"
		}}},
		"a field of the form, also in vectors": {"method-override-unguarded", site{
			exempt: func(_ *http.Request, body string) bool { return strings.Contains(body, "_method=") },
		}},
		"the accepted body": {"acts-before-refusing", site{
			refuse: func(w http.ResponseWriter) { http.Error(w, "no"+thanks, http.StatusForbidden) },
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			server := httptest.NewServer(hole.site)
			defer server.Close()
			run := runAgainst(t, at(server.URL+"/sms"), "endpoint-*/*", "form-values/*", "body-coverage/*")
			g.Expect(failures(run)).NotTo(BeEmpty())
			g.Expect(keysOf(run)).To(Equal([]string{hole.cause}))
			g.Expect(idsOf(run.Diagnosis.Causes[0].Explains)).To(ConsistOf(idsOf(run.Failures())))
			g.Expect(run.Diagnosis.Causes[0].State).To(BeEquivalentTo("confirmed"))
			g.Expect(idsOf(run.Diagnosis.Unexplained)).To(BeEmpty())
		})
	}
}

// A comparison that throws where lengths differ, and a handler that lets such requests in: the
// vectors whose signatures are absent or odd have one cause.
func TestComparisonThatThrows(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(site{exempt: func(r *http.Request, _ string) bool {
		isForm := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
		return isForm && len(r.Header.Get("X-Twilio-Signature")) != 28
	}})
	defer server.Close()
	run := explainedAgainst(t, at(server.URL+"/sms"), "signature/*", "body-coverage/*", "endpoint-header/*")
	g.Expect(failures(run)).NotTo(BeEmpty())
	for _, r := range run.Failures() {
		g.Expect(run.Diagnosis.CauseOf(r) != nil).To(BeTrue(), r.Vector.ID)
	}
	g.Expect(keysOf(run)).To(HaveLen(1))
}

// What a mistake in computing lets past a guard is due to that mistake.
func TestChecksBelongToKnownMistakes(t *testing.T) {
	for key, globs := range map[string][]string{
		"body-not-covered":                 {"body-coverage/*", "body-json/*", "endpoint-body/*", "endpoint-guard/multipart"},
		"names-in-query-not-signed":        {"get/*", "body-coverage/*", "endpoint-body/*", "endpoint-guard/size"},
		"missing-signature-accepted=empty": {"signature/*", "body-coverage/*", "endpoint-header/*", "endpoint-guard/*"},
	} {
		t.Run(key, func(t *testing.T) {
			g := NewWithT(t)
			variant, err := defect.Find(key)
			g.Expect(err).NotTo(HaveOccurred())
			server := httptest.NewServer(application(variant.New(), asCalled))
			defer server.Close()
			run := explainedAgainst(t, at(server.URL+"/sms"), globs...)
			g.Expect(failures(run)).NotTo(BeEmpty())
			for _, k := range keysOf(run) {
				g.Expect(k).To(HavePrefix(variant.Slug))
			}
			for _, r := range run.Failures() {
				g.Expect(run.Diagnosis.CauseOf(r) != nil).To(BeTrue(), r.Vector.ID)
			}
		})
	}
}

// A handler of another application at a path that is often an alias, whose answer is as
// empty as that of the webhook, is no way past its guard.
func TestOtherHandlersAreNoSecondRoute(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch rawPath(r) {
		case "/sms":
			application(reference.New(), asCalled).ServeHTTP(w, r)
		case "/api/sms":
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	run := runAgainst(t, at(server.URL+"/sms"), "endpoint-guard/*")
	g.Expect(failures(run)).To(BeEmpty())
}

// The verdict is kept by the signature: one sentence says so, in place of a failure of each
// vector whose signature was accepted before.
func TestVerdictKeptBySignature(t *testing.T) {
	g := NewWithT(t)
	signature := func(r *http.Request) string { return r.Header.Get("X-Twilio-Signature") }
	for _, refusals := range []bool{false, true} { // refusals may be kept as well
		var seen, refused sync.Map
		diagnosis := diagnosed(t, site{
			keep: func(r *http.Request, accepted bool) {
				if _, is := refused.Load(signature(r)); accepted && !is {
					seen.Store(signature(r), true)
				} else if refusals {
					refused.Store(signature(r), true)
				}
			},
			exempt: func(r *http.Request, _ string) bool { _, is := seen.Load(signature(r)); return is },
		})
		g.Expect(diagnosis.Sentence).To(ContainSubstring("kept by the signature"))
	}
}

// Parameters of earlier forms stay in a variable outside of the request.
func TestParamsOfEarlierFormsKept(t *testing.T) {
	g := NewWithT(t)
	var mutex sync.Mutex
	kept := url.Values{}
	diagnosis := diagnosed(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		request := reference.Request{Method: r.Method, URL: asCalled(r), Body: body, ContentType: ptr(r.Header.Get("Content-Type"))}
		if request.Method == http.MethodPost && request.IsForm() {
			mutex.Lock()
			fields, _ := url.ParseQuery(string(body))
			maps.Copy(kept, fields)
			request.Body = []byte(kept.Encode())
			mutex.Unlock()
		}
		if reference.Sign(token, request) != r.Header.Get("X-Twilio-Signature") {
			http.Error(w, "no", http.StatusForbidden)
		}
	}))
	g.Expect(diagnosis.Sentence).To(ContainSubstring("signs the parameters of an earlier form"))
}

// An application that looks for the hash of a form as for that of JSON.
func TestHashOfFormIsLookedFor(t *testing.T) {
	g := NewWithT(t)
	diagnosis := diagnosed(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bare := reference.Request{Method: r.Method, URL: asCalled(r)}
		right := r.Header.Get("X-Twilio-Signature") == reference.Sign(token, bare)
		if len(body) > 0 && r.URL.Query().Get("bodySHA256") != reference.BodyHash(body) || !right {
			http.Error(w, "no", http.StatusForbidden)
		}
	}))
	g.Expect(diagnosis.Sentence).To(ContainSubstring("looks for the hash of a form, too"))
}

// The token is loaded, and an account that the application does not know gets an empty key.
func TestEmptyKeyOfUnknownAccount(t *testing.T) {
	g := NewWithT(t)
	diagnosis := diagnosed(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fields, _ := url.ParseQuery(string(body))
		key := token
		if fields.Has("AccountSid") {
			key = ""
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		request := reference.Request{Method: r.Method, URL: asCalled(r), Body: body, ContentType: ptr(r.Header.Get("Content-Type"))}
		if reference.Sign(key, request) != r.Header.Get("X-Twilio-Signature") {
			http.Error(w, "no", http.StatusForbidden)
		}
	}))
	g.Expect(diagnosis.Sentence).To(And(ContainSubstring("for an AccountSid that it does not know"), ContainSubstring("empty key")))
}

// The ways past a guard are tried without vectors, too.
func TestGuardIsAskedAlone(t *testing.T) {
	g := NewWithT(t)
	for want, handler := range map[string]http.Handler{
		"method-unguarded":         site{exempt: func(r *http.Request, _ string) bool { return r.Method == "PUT" }},
		"chunked-body-not-covered": unsignedIfChunked(),
	} {
		server := httptest.NewServer(handler)
		e, diagnosis := open(t, at(server.URL+"/sms"))
		g.Expect(diagnosis).To(BeNil())
		plan := e.Plan(nil)
		run, err := plan.AskGuard(context.Background())
		g.Expect(err).NotTo(HaveOccurred())
		holes := plan.Holes(run, nil)
		g.Expect(holes).To(HaveLen(1))
		g.Expect(holes[0].Defect.Key()).To(Equal(want))
		server.Close()
	}
}

// TestDrawnRequestsShowNoMoreThanTheHole: what is drawn, and let in through a hole that is
// named, is no finding beside it; what is let in otherwise is one.
func TestDrawnRequestsShowNoMoreThanTheHole(t *testing.T) {
	g := NewWithT(t)
	form, multipart, plain := "application/x-www-form-urlencoded", "Multipart/form-data; boundary=x", "text/plain"
	for slug, absorbed := range map[string][]bool{ // of a form, of multipart, of text
		"multipart-not-covered": {false, true, false},
		"type-unguarded":        {false, true, true},
		"method-unguarded":      {false, false, false},
	} {
		hole := &conformance.Cause{Defect: defect.Variant{Defect: &defect.Defect{Slug: slug}}}
		for i, contentType := range []*string{&form, &multipart, &plain} {
			r := reference.Request{Method: "POST", ContentType: contentType, Body: []byte("a=1")}
			g.Expect(endpoint.Absorbs(hole, r)).To(Equal(absorbed[i]), "%s, %s", slug, *contentType)
		}
	}
}
