package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sigconform/fuzz"
	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/defect"
)

// quick is more requests in a second than any endpoint answers here.
const quick = 1_000_000

// tokenSet hands over the token as a user does: once, since tests that run at the same time
// have the same environment.
var tokenSet = sync.OnceValue(func() error { return os.Setenv("TWILIO_AUTH_TOKEN", endpointToken) })

func setToken(t *testing.T) {
	t.Helper()
	if err := tokenSet(); err != nil {
		t.Fatal(err)
	}
}

// fuzzed fuzzes an endpoint as the command does, with the token of these tests.
func fuzzed(t *testing.T, flags endpointFlags, seed uint64, cases int) (*fuzz.Report, error) {
	t.Helper()
	setToken(t)
	c := fuzzCmd{target: target{Timeout: 20 * time.Second, endpointFlags: flags}, Seed: seed, Cases: cases}
	options, err := c.options()
	if err != nil {
		t.Fatal(err)
	}
	validator, diagnosis, err := c.open(t.Context())
	if err != nil || diagnosis != nil {
		t.Fatalf("it cannot be tested: %#v, %#v", err, diagnosis)
	}
	defer validator.close()
	if _, err := aim(t.Context(), &options, validator); err != nil {
		t.Fatal(err)
	}
	return fuzz.Run(t.Context(), options)
}

// webhookOf is an application that validates with v, under the URL that it
// believes in, and refuses with 403.
func webhookOf(v reference.Validator, url func(*http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch verdict, _ := defect.Ask(v, endpointToken, received(r, url(r))); verdict {
		case reference.Accept:
		case reference.Reject:
			w.WriteHeader(http.StatusForbidden)
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
}

// received is a request as a validator is handed it. It can be read again.
func received(r *http.Request, url string) reference.Request {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	request := reference.Request{Method: r.Method, URL: url, Body: body}
	for name, field := range map[string]**string{"Content-Type": &request.ContentType, "X-Twilio-Signature": &request.Signature} {
		if values := r.Header[name]; len(values) > 0 {
			*field = &values[0]
		}
	}
	return request
}

func asCalled(r *http.Request) string { return "http://" + r.Host + r.RequestURI }

func withDefect(t *testing.T, key string) http.HandlerFunc {
	t.Helper()
	variant, err := defect.Find(key)
	if err != nil {
		t.Fatal(err)
	}
	return webhookOf(variant.New(), asCalled)
}

func keysOf(r *fuzz.Report) (keys []string) {
	for _, f := range r.Findings {
		keys = append(keys, f.Key)
	}
	return keys
}

// strict refuses, with 400 and before next, what frameworks refuse: JSON that is
// no object or array, XML, long targets, types that are no media types.
func strict(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		mediaType, body := strings.ToLower(r.Header.Get("Content-Type")), received(r, "").Body
		trimmed := bytes.TrimSpace(body)
		switch {
		case strings.Contains(mediaType, "json") &&
			(!json.Valid(body) || !bytes.ContainsAny(trimmed[:1], "{[") || !strings.Contains(mediaType, "/")),
			strings.Contains(mediaType, "xml"), len(r.RequestURI) > 4094:
			w.WriteHeader(http.StatusBadRequest)
		default:
			next(w, r)
		}
	}
}

// TestFuzzRightEndpoints: of an application that validates as it must nothing is
// found, whatever its URL is, and whatever it or its framework refuses besides.
func TestFuzzRightEndpoints(t *testing.T) {
	right := webhookOf(reference.New(), asCalled)
	refusing := func(status int, next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			if next(answer, r); answer.Code == http.StatusForbidden {
				answer.Code = status
			}
			w.WriteHeader(answer.Code)
		}
	}
	public := "https://hooks.example.net:8443/hooks/voice"
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		path    string
		flags   endpointFlags
	}{
		"a plain path":       {handler: right, path: "/sms"},
		"the root":           {handler: right, path: "/"},
		"a deep path":        {handler: right, path: "/hooks/sms/"},
		"a query of its own": {handler: right, path: "/sms?tenant=1&bodySHA=x"},
		"a strict framework": {handler: strict(right), path: "/sms"},
		"a framework of its own mind": {path: "/sms", handler: func(w http.ResponseWriter, r *http.Request) {
			if bytes.Contains(received(r, "").Body, []byte("%5B")) {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			right(w, r)
		}},
		"one that says only 400": {handler: strict(refusing(http.StatusBadRequest, right)), path: "/sms"},
		"one that validates POST only": {path: "/sms", handler: func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "POST" {
				right(w, r)
			}
		}},
		"one that takes POST only": {path: "/sms", handler: func(w http.ResponseWriter, r *http.Request) {
			if r.Method != "POST" {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			right(w, r)
		}},
		"one that takes little": {path: "/sms", handler: func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength > 500 {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return
			}
			right(w, r)
		}},
		"behind a proxy, with a port that voice drops": {path: "/voice", flags: endpointFlags{PublicURL: public},
			handler: webhookOf(reference.New(), func(r *http.Request) string {
				return "https://" + r.Host + "/hooks" + r.RequestURI
			})},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.handler)
			defer server.Close()
			c.flags.Endpoint, c.flags.PerSecond = server.URL+c.path, quick
			report, err := fuzzed(t, c.flags, 3, 500)
			if err != nil || report.Differences > 0 || report.Expected[judge.MustAccept] < 100 || report.Expected[judge.MustReject] < 100 {
				t.Errorf("%v; %d, %q, %+v", err, report.Expected, keysOf(report), requestOf(report))
			}
		})
	}
}

// TestFuzzConfiguredURL: of an application that verifies the URL of its configuration,
// unless the query has the text bodySHA256, one mistake is found, as 'sigconform run' finds one.
func TestFuzzConfiguredURL(t *testing.T) {
	server := httptest.NewServer(webhookOf(reference.New(), func(r *http.Request) string {
		url := "http://" + r.Context().Value(http.LocalAddrContextKey).(net.Addr).String() + "/sms"
		if strings.Contains(r.URL.RawQuery, reference.BodyHashParam) {
			url += "?" + r.URL.RawQuery
		}
		return url
	}))
	defer server.Close()
	report, err := fuzzed(t, endpointFlags{Endpoint: server.URL + "/sms", PerSecond: quick}, 3, 1000)
	if got := keysOf(report); err != nil || !slices.Equal(got, []string{"query-dropped"}) {
		t.Fatalf("%v %q %q", err, got, requestOf(report))
	}
}

// TestFuzzWrongEndpoints: what an application gets wrong is found and named.
func TestFuzzWrongEndpoints(t *testing.T) {
	open := webhookOf(reference.New(), asCalled)
	for key, handler := range map[string]http.HandlerFunc{
		"last-value-only":      withDefect(t, "last-value-only"),
		"empty-values-dropped": withDefect(t, "empty-values-dropped"),
		"hash-not-checked":     withDefect(t, "hash-not-checked"),
		"missing-signature-accepted": func(w http.ResponseWriter, r *http.Request) {
			if len(r.Header["X-Twilio-Signature"]) > 0 {
				open(w, r)
			}
		},
	} {
		t.Run(key, func(t *testing.T) {
			server := httptest.NewServer(handler)
			defer server.Close()
			report, err := fuzzed(t, endpointFlags{Endpoint: server.URL + "/sms", PerSecond: quick}, 1, 3000)
			if got := keysOf(report); err != nil || !names(report, key) || len(got) > 2 {
				t.Fatalf("found are %q, %v", got, err)
			}
		})
	}
}

// names reports whether a finding is put down to the mistake, alone or as one
// of those that cannot be told apart.
func names(report *fuzz.Report, key string) bool {
	return slices.ContainsFunc(report.Findings, func(f *fuzz.Finding) bool {
		return slices.ContainsFunc(slices.Concat(f.Causes, f.Equals), func(v defect.Variant) bool { return v.Slug == key })
	})
}

// TestFuzzEndpointTwice: the same seed asks the same and finds the same, to the
// byte of the candidates, though the ports differ; and no candidate, nor the
// summary, has the token or the address.
func TestFuzzEndpointTwice(t *testing.T) {
	var first string
	for i := range 2 {
		handler := withDefect(t, "empty-values-dropped")
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if len(r.Header["X-Twilio-Signature"]) == 0 {
				http.Error(w, "the token is "+endpointToken, http.StatusInternalServerError)
				return
			}
			handler(w, r)
		}))
		address := strings.TrimPrefix(server.URL, "http://")
		report, err := fuzzed(t, endpointFlags{Endpoint: server.URL + "/secret-path", PerSecond: quick}, 5, 500)
		server.Close()
		if err != nil || len(report.Findings) == 0 {
			t.Fatalf("%v, %q", err, keysOf(report))
		}
		var all strings.Builder
		for _, f := range report.Findings {
			text, err := f.Candidate("again").Format()
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
		report.Elapsed, report.Explaining = 0, 0
		report.WriteSummary(&all, "it", func(*fuzz.Finding) string { return "again" })
		if !strings.Contains(all.String(), "the token is [secret]") {
			t.Errorf("what it says is not shown:\n%s", all.String())
		}
		for _, secret := range []string{endpointToken, address, "secret-path"} {
			if strings.Contains(all.String(), secret) {
				t.Errorf("%q is shown:\n%s", secret, all.String())
			}
		}
		if i == 0 {
			first = all.String()
		} else if first != all.String() {
			t.Errorf("found were\n%s\nthen\n%s", first, all.String())
		}
	}
}

// TestFuzzEndpointLoad: an endpoint gets one request at a time, no more in a
// second than is said, and a finding costs it a bounded number of them.
func TestFuzzEndpointLoad(t *testing.T) {
	handler := withDefect(t, "empty-values-dropped")
	var now, most, all atomic.Int32
	var began, ended atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		all.Add(1)
		began.CompareAndSwap(0, time.Now().UnixNano())
		handler(w, r)
		ended.Store(time.Now().UnixNano())
		now.Add(-1)
	}))
	defer server.Close()
	report, err := fuzzed(t, endpointFlags{Endpoint: server.URL + "/sms"}, 1, 300)
	if err != nil || len(report.Findings) != 1 {
		t.Fatal(err, keysOf(report))
	}
	seconds := time.Duration(ended.Load() - began.Load()).Seconds()
	// Calibration is not slowed down: some 30 requests. The first wrong answer costs about 150
	// vectors, which tell causes apart, and probes.
	if rate := float64(all.Load()-40) / seconds; most.Load() > 1 || rate > 210 || all.Load() > 300+400 {
		t.Errorf("%d requests, %.0f a second, %d at a time", all.Load(), rate, most.Load())
	}
}

// TestFuzzEndpointGone: an endpoint that ends in the middle is said to be gone,
// and at which request, and nothing is found.
func TestFuzzEndpointGone(t *testing.T) {
	right := webhookOf(reference.New(), asCalled)
	var server *httptest.Server
	n := 0
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 200 {
			server.Listener.Close()
			go server.CloseClientConnections()
			panic(http.ErrAbortHandler)
		}
		right(w, r)
	}))
	defer server.Close()
	report, err := fuzzed(t, endpointFlags{Endpoint: server.URL + "/sms", PerSecond: quick}, 1, 1000)
	if err == nil || !strings.Contains(err.Error(), "cannot connect") || report.Last == nil || len(report.Findings) > 0 || report.Cases < 100 {
		t.Errorf("%v, %+v", err, report)
	}
	var text strings.Builder
	report.WriteSummary(&text, "it", nil)
	if !strings.Contains(text.String(), "the run ended at") || !strings.Contains(text.String(), "nothing found until then") {
		t.Error(text.String())
	}
}

// TestFuzzEndpointChanges: an endpoint that locks out whoever asks too often, or
// lets everybody in after a while, has no findings, and the run ends.
func TestFuzzEndpointChanges(t *testing.T) {
	right := webhookOf(reference.New(), asCalled)
	for status, says := range map[int]string{
		http.StatusForbidden: "does not accept any more what it accepted before", http.StatusOK: "accepts by now what it rejected before",
	} {
		n := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n++; n > 150 {
				w.WriteHeader(status)
				return
			}
			right(w, r)
		}))
		report, err := fuzzed(t, endpointFlags{Endpoint: server.URL + "/sms", PerSecond: quick}, 1, 1000)
		server.Close()
		if err == nil || !strings.Contains(err.Error(), says) || len(report.Findings) > 0 {
			t.Errorf("%d: %v, %q", status, err, keysOf(report))
		}
	}
}

func requestOf(r *fuzz.Report) (all []string) {
	for _, f := range r.Findings {
		all = append(all, fmt.Sprintf("%s %s %q expected %v answered %s", f.Case.Request.Method, f.Case.Request.URL,
			f.Case.Request.Body, f.Case.Expected, f.Answer.Verdict))
	}
	return all
}
