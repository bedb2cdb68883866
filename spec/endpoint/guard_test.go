package endpoint_test

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec/endpoint"
)

// site is an application at /sms with a distinctive answer. Each hole in its guard
// is a field.
type site struct {
	// routed is where the router takes a request, by its raw target; nil for the path.
	routed func(r *http.Request) string
	// exempt requests never get to the guard.
	exempt func(r *http.Request, body string) bool
	// refuse answers a wrong signature; nil for a plain 403.
	refuse func(w http.ResponseWriter)
	// keep is called with each verdict.
	keep func(r *http.Request, accepted bool)
	// cookies are set by the accepted answer.
	cookies []string
}

const thanks = "<Response><Message>Thanks</Message></Response>"

func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _, _ := strings.Cut(r.RequestURI, "?")
	place := raw
	if s.routed != nil {
		place = s.routed(r)
	}
	if place != "/sms" && !strings.HasPrefix(place, "/sms/") {
		http.NotFound(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	accepted := s.exempt != nil && s.exempt(r, string(body))
	if !accepted {
		request := reference.Request{Method: r.Method, URL: asCalled(r), Body: body}
		if values := r.Header["Content-Type"]; len(values) > 0 {
			request.ContentType = &values[0]
		}
		if values := r.Header["X-Twilio-Signature"]; len(values) > 0 {
			request.Signature = &values[0]
		}
		accepted = reference.New().Validate(token, request)
		if s.keep != nil {
			s.keep(r, accepted)
		}
	}
	switch {
	case accepted:
		for _, cookie := range s.cookies {
			w.Header().Add("Set-Cookie", cookie)
		}
		io.WriteString(w, thanks)
	case s.refuse != nil:
		s.refuse(w)
	default:
		http.Error(w, "no", http.StatusForbidden)
	}
}

// rawPath is the path of a request as it came.
func rawPath(r *http.Request) string {
	raw, _, _ := strings.Cut(r.RequestURI, "?")
	return raw
}

// isPlain reports whether a request came to the path that guards are bound to.
func isPlain(r *http.Request) bool { return rawPath(r) == "/sms" }

func TestWaysPastTheGuardAreFound(t *testing.T) {
	var seen sync.Map // verdicts by idempotency token
	kept := func(r *http.Request) string { return r.Header.Get("I-Twilio-Idempotency-Token") }
	header := func(name string, values ...string) func(*http.Request, string) bool {
		return func(r *http.Request, _ string) bool {
			for _, value := range values {
				if strings.Contains(r.Header.Get(name), value) {
					return true
				}
			}
			return false
		}
	}
	for name, hole := range map[string]struct {
		id string
		site
	}{
		"the router decodes and cleans": {"endpoint-guard/path", site{
			routed: func(r *http.Request) string {
				decoded, _ := url.PathUnescape(rawPath(r))
				return path.Clean("/" + decoded)
			},
			exempt: func(r *http.Request, _ string) bool { return !isPlain(r) },
		}},
		"the router ignores the case": {"endpoint-guard/path", site{
			routed: func(r *http.Request) string { return strings.ToLower(rawPath(r)) },
			exempt: func(r *http.Request, _ string) bool { return !strings.HasPrefix(rawPath(r), "/sms") },
		}},
		"static files are exempt by their suffix": {"endpoint-guard/path", site{
			routed: func(r *http.Request) string { place, _, _ := strings.Cut(rawPath(r), ";"); return place },
			exempt: func(r *http.Request, _ string) bool { return strings.HasSuffix(rawPath(r), ".css") },
		}},
		"the router believes X-Original-URL": {"endpoint-guard/path", site{
			routed: func(r *http.Request) string {
				if original := r.Header.Get("X-Original-URL"); original != "" {
					return original
				}
				return rawPath(r)
			},
			exempt: func(r *http.Request, _ string) bool { return !isPlain(r) },
		}},
		"other methods": {"endpoint-guard/method",
			site{exempt: func(r *http.Request, _ string) bool { return r.Method == "PROPFIND" }}},
		"a method in lower case": {"endpoint-guard/method", site{
			exempt: func(r *http.Request, _ string) bool { return r.Method == "post" },
		}},
		"an override by header": {"endpoint-guard/method-override",
			site{exempt: header("X-Http-Method-Override", "DELETE")}},
		"an override in the form": {"endpoint-guard/method-override", site{
			exempt: func(_ *http.Request, body string) bool { return strings.Contains(body, "_method=PATCH") },
		}},
		"loopback is believed":           {"endpoint-guard/address", site{exempt: header("X-Real-Ip", "127.0.0.1")}},
		"private addresses in Forwarded": {"endpoint-guard/address", site{exempt: header("Forwarded", "for=10.")}},
		"JSON is wanted": {"endpoint-guard/negotiation",
			site{exempt: header("Accept", "application/json")}},
		"the own origin is believed": {"endpoint-guard/negotiation", site{
			exempt: func(r *http.Request, _ string) bool { return r.Header.Get("Origin") == "http://"+r.Host },
		}},
		"any cookie is a session": {"endpoint-guard/negotiation",
			site{exempt: func(r *http.Request, _ string) bool { return r.Header.Get("Cookie") != "" }}},
		"the session of a right request": {"endpoint-guard/state", site{
			exempt: header("Cookie", "s=1; t=2"), cookies: []string{"s=1; Path=/", "t=2"},
		}},
		"an old client": {"endpoint-guard/negotiation", site{
			exempt: func(r *http.Request, _ string) bool { return r.ProtoMinor == 0 },
		}},
		"the guard believes X-Rewrite-URL": {"endpoint-guard/path", site{exempt: header("X-Rewrite-URL", "/health")}},
		"a development host": {"endpoint-guard/host", site{
			exempt: func(r *http.Request, _ string) bool { return strings.HasPrefix(r.Host, "localhost") },
		}},
		"the host of a tunnel": {"endpoint-guard/host", site{
			exempt: func(r *http.Request, _ string) bool { return strings.HasSuffix(r.Host, ".ngrok.io") },
		}},
		"a header for debugging":   {"endpoint-guard/negotiation", site{exempt: header("X-Debug", "1")}},
		"a header for development": {"endpoint-guard/negotiation", site{exempt: header("X-Env", "development")}},
		"an exception counts as acceptance": {"endpoint-guard/parser", site{
			exempt: func(_ *http.Request, body string) bool { return strings.Contains(body, "%zz") },
		}},
		"multipart": {"endpoint-guard/multipart", site{exempt: func(r *http.Request, _ string) bool {
			kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
			return kind == "multipart/form-data"
		}}},
		"large forms": {"endpoint-guard/size", site{
			exempt: func(_ *http.Request, body string) bool { return len(body) > 2<<20 },
		}},
		"the verdict is kept": {"endpoint-guard/state", site{
			keep:   func(r *http.Request, accepted bool) { seen.Store(kept(r), accepted) },
			exempt: func(r *http.Request, _ string) bool { accepted, _ := seen.Load(kept(r)); return accepted == true },
		}},
		"the refusal has the accepted body": {"endpoint-guard/refusal-body", site{
			refuse: func(w http.ResponseWriter) { http.Error(w, "no"+thanks, http.StatusForbidden) },
		}},
		"the refusal is a server error": {"endpoint-guard/refusal-status", site{
			refuse: func(w http.ResponseWriter) { http.Error(w, "sorry", http.StatusInternalServerError) },
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			server := httptest.NewServer(hole.site)
			defer server.Close()
			run := runAgainst(t, at(server.URL+"/sms"), "endpoint-guard/*")
			g.Expect(found(run)).To(ConsistOf(hole.id))
		})
	}
}

// The host has other spellings that lead to the same application.
func TestHostSpellings(t *testing.T) {
	for _, spelled := range []string{"WWW.EXAMPLE.ORG", "www.example.org."} {
		g := NewWithT(t)
		server := httptest.NewServer(site{exempt: func(r *http.Request, _ string) bool { return r.Host == spelled }})
		defer server.Close()
		options := at("http://www.example.org/sms")
		options.ConnectTo = strings.TrimPrefix(server.URL, "http://")
		g.Expect(found(runAgainst(t, options, "endpoint-guard/*"))).To(ConsistOf("endpoint-guard/host"), spelled)
	}
}

// Right applications, whose servers answer otherwise than plainly.
func TestGuardedApplicationsPass(t *testing.T) {
	for name, right := range map[string]http.Handler{
		"plain": site{},
		"every other path is answered alike": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if isPlain(r) {
				site{}.ServeHTTP(w, r)
				return
			}
			io.WriteString(w, thanks)
		}),
		"its answer is empty, and so is that of every other path": http.HandlerFunc(func(w http.ResponseWriter,
			r *http.Request) {
			if isPlain(r) {
				application(reference.New(), asCalled).ServeHTTP(w, r)
			}
		}),
		"OPTIONS and PUT are answered by the framework": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost || r.Method == http.MethodGet {
				site{}.ServeHTTP(w, r)
			}
		}),
		"a prefetch is answered by the framework": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Middleware-Prefetch") != "" {
				io.WriteString(w, "{}")
				return
			}
			site{}.ServeHTTP(w, r)
		}),
		"it refuses with 200": site{refuse: func(w http.ResponseWriter) {
			io.WriteString(w,
				"<Response><Reject/></Response>")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			server := httptest.NewServer(right)
			defer server.Close()
			run := runAgainst(t, at(server.URL+"/sms"), "endpoint-guard/*")
			g.Expect(run.Stopped).NotTo(HaveOccurred())
			g.Expect(failures(run)).To(BeEmpty())
		})
	}
}

func TestCalibrationFindsBypasses(t *testing.T) {
	var once sync.Map
	serve := func(key string, says string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.ParseForm()
			request := reference.Request{Method: r.Method, URL: asCalled(r),
				ContentType: ptr(r.Header.Get("Content-Type")), Body: []byte(r.PostForm.Encode())}
			if strings.Contains(says, "another URL") {
				request.URL = strings.Replace(request.URL, "http://", "https://", 1)
			}
			signature := r.Header.Get("X-Twilio-Signature")
			switch _, open := once.Load(says); {
			case key == token && open && strings.Contains(says, "once"):
			case reference.Sign(key, request) != signature:
				http.Error(w, "no", http.StatusForbidden)
				return
			}
			once.Store(says, true)
			io.WriteString(w, thanks)
		})
	}
	for says, key := range map[string]string{
		"the application verifies with the empty key":                                                               "",
		`the application verifies with the key "undefined"`:                                                         "undefined",
		"the empty key, which anybody can sign with; it has probably not loaded its token. It verifies another URL": "",
		"once a right request was seen, a wrong signature is accepted":                                              token,
	} {
		t.Run(says, func(t *testing.T) {
			g := NewWithT(t)
			diagnosis := diagnosed(t, serve(key, says))
			g.Expect(diagnosis.Sentence).To(And(HavePrefix("authentication bypass"), ContainSubstring(says)))
			g.Expect(diagnosis.Status).To(Equal(1))
		})
	}
}

// Whatever has a query gets past such a guard: one sentence says so, in place of a
// failure for each vector that has one.
func TestGuardOfTheWholeTarget(t *testing.T) {
	g := NewWithT(t)
	diagnosis := diagnosed(t, site{exempt: func(r *http.Request,
		_ string) bool {
		return r.RequestURI != "/sms" && isPlain(r)
	}})
	g.Expect(diagnosis.Sentence).To(ContainSubstring("with a query (?x) are accepted"))
}

func ptr(s string) *string { return &s }

// A counter in the accepted answer of an application that validates nothing is no
// refusal.
func TestVaryingAnswersAreNoRefusals(t *testing.T) {
	g := NewWithT(t)
	n := 0
	diagnosis := diagnosed(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		io.WriteString(w, "<Response><Message>request "+strings.Repeat("x", n%5+1)+"</Message></Response>")
	}))
	g.Expect(diagnosis.Sentence).To(ContainSubstring("accepts everything"))
}

func TestDemandsOfAnApplication(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fields, _ := url.ParseQuery(string(body))
		isForm := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
		switch {
		case isForm && !fields.Has("From"):
			http.Error(w, "field required", http.StatusUnprocessableEntity)
			return
		case isForm && fields.Has("AccountSid") && fields.Get("AccountSid") != "AC0123456789abcdef0123456789abcdef":
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		site{}.ServeHTTP(w, r)
	}))
	defer server.Close()
	options := endpoint.Options{
		Options:    webhook.Options{URL: server.URL + "/sms"},
		AccountSID: "AC0123456789abcdef0123456789abcdef",
		Form:       []reference.Param{{Name: "From", Value: "+15005550006"}},
	}
	run := runAgainst(t, options, "form-*/*", "twilio-requests/*", "get/*", "endpoint-*/*")
	g.Expect(run.Stopped).NotTo(HaveOccurred())
	g.Expect(failures(run)).To(BeEmpty())
}

// What an endpoint is said to take, and could not be tested, is not green.
func TestUntestedKindsAreSaid(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "no", http.StatusMethodNotAllowed)
			return
		}
		site{}.ServeHTTP(w, r)
	}))
	defer server.Close()
	run := runAgainst(t, at(server.URL+"/sms"), "get/*", "form-values/*", "body-json/*")
	g.Expect(run.Stopped).To(MatchError(ContainSubstring("no GET request could be tested")))
	g.Expect(run.Stopped).To(MatchError(ContainSubstring("--accepts form,json")))
	options := at(server.URL + "/sms")
	options.Accepts = []string{"form", "json"}
	run = runAgainst(t, options, "get/*", "form-values/*", "body-json/*")
	g.Expect(run.Stopped).NotTo(HaveOccurred())
	g.Expect(failures(run)).To(BeEmpty())
}

// With --connect-to an outermost proxy is called as Twilio calls it.
func TestOutermostProxy(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme := "http"
		if r.Header.Get("X-Forwarded-Proto") == "https" {
			scheme = "https"
		}
		application(reference.New(), func(r *http.Request) string {
			return scheme + "://" + r.Host +
				r.RequestURI
		}).ServeHTTP(w, r)
	}))
	defer server.Close()
	forwarded := endpoint.Options{Options: webhook.Options{URL: server.URL + "/sms",
		PublicURL: "https://hooks.example.com/sms"}}
	e, diagnosis := open(t, forwarded)
	g.Expect(diagnosis).To(BeNil())
	g.Expect(e.Close()).To(ContainElement(ContainSubstring("accepted only with X-Forwarded-Proto: https")))

	address := strings.TrimPrefix(server.URL, "http://")
	direct := endpoint.Options{Options: webhook.Options{URL: "http://hooks.example.com/sms", ConnectTo: address},
		AuthToken: token}
	opened, err := endpoint.Open(direct)
	g.Expect(err).NotTo(HaveOccurred())
	diagnosis, err = opened.Calibrate(context.Background())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(diagnosis).To(BeNil())
}
