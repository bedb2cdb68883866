package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"

	"sigconform/reference"
)

// TestFuzzPathsBelow checks that paths below the endpoint's are drawn where they lead to
// the validator: what rewrites them is found, and what leads elsewhere is not accused.
func TestFuzzPathsBelow(t *testing.T) {
	rewritten := func(rewrite func(path string) string) http.HandlerFunc {
		return webhookOf(reference.New(), func(r *http.Request) string {
			path, query, found := strings.Cut(r.RequestURI, "?")
			if path = rewrite(path); found {
				path += "?" + query
			}
			return "http://" + r.Host + path
		})
	}
	decoded := func(escaped string) string {
		plain, err := url.PathUnescape(escaped)
		if err != nil {
			return escaped
		}
		return plain
	}
	right := webhookOf(reference.New(), asCalled)
	elsewhere := func(status int, leads func(path string) bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if leads(strings.Split(r.RequestURI, "?")[0]) {
				w.WriteHeader(status)
				return
			}
			right(w, r)
		}
	}
	odd := func(path string) bool {
		return strings.ContainsAny(path, "%;") || strings.Contains(path, "//") || strings.Contains(path, "..")
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		found   bool
	}{
		"right":                     {right, false},
		"decoded":                   {rewritten(decoded), true},
		"decoded and cleaned":       {rewritten(func(p string) string { return path.Clean(decoded(p)) }), true},
		"slashes merged":            {rewritten(func(p string) string { return strings.ReplaceAll(p, "//", "/") }), true},
		"parameters cut":            {rewritten(func(p string) string { p, _, _ = strings.Cut(p, ";"); return p }), true},
		"no path below":             {elsewhere(404, func(p string) bool { return p != "/sms" }), false},
		"below is another page":     {elsewhere(403, func(p string) bool { return p != "/sms" }), false},
		"odd paths are refused":     {elsewhere(403, odd), false},
		"odd paths are not guarded": {elsewhere(200, odd), false},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.handler)
			defer server.Close()
			report, err := fuzzed(t, endpointFlags{Endpoint: server.URL + "/sms", PerSecond: quick}, 1, 1500)
			if err != nil {
				t.Fatal(err)
			}
			if (len(report.Findings) > 0) != c.found {
				t.Errorf("found are %q", keysOf(report))
			}
			for _, f := range report.Findings {
				if !strings.Contains(f.Case.Request.URL, "/myapp/") {
					t.Errorf("%s is found at %s", f.Key, f.Case.Request.URL)
				}
			}
		})
	}
}
