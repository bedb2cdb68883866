package endpoint_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/reference"
	"sigconform/spec/conformance"
)

// rewriting is a run against an application that verifies a path as change leaves it, and
// whose answers name a server.
func rewriting(t *testing.T, named string, change func(path string) string) *conformance.Run {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if named != "" {
			w.Header().Set("Server", named)
		}
		application(reference.New(), func(r *http.Request) string {
			path, query, found := strings.Cut(r.RequestURI, "?")
			r.RequestURI = change(path)
			if found {
				r.RequestURI += "?" + query
			}
			return asCalled(r)
		}).ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return explainedAgainst(t, at(server.URL+"/sms"), "url-verbatim/*")
}

// Node's proxies merge slashes and leave no sign of themselves.
func TestSilentProxyRewritesTargets(t *testing.T) {
	g := NewWithT(t)
	merged := regexp.MustCompile("//+")
	run := rewriting(t, "", func(path string) string { return merged.ReplaceAllString(path, "/") })
	g.Expect(run.Failures()).NotTo(BeEmpty())
	g.Expect(run.Diagnosis.Causes).To(HaveLen(1))
	g.Expect(run.Diagnosis.Causes[0].Defect.Key()).To(Equal("target-rewritten-by-proxy"))
	g.Expect(run.Diagnosis.Causes[0].Defect.Says()).To(And(ContainSubstring("http-proxy"), ContainSubstring("the application may")))
	for _, r := range run.Failures() {
		g.Expect(string(r.Kind)).To(Equal("FALSE_REJECT"), r.Vector.ID)
		g.Expect(fmt.Sprint(r.Advice)).To(ContainSubstring("merge //"))
	}
}

// nginx leaves paths alone without one behind proxy_pass: then it would have cleaned
// nothing, and what is decoded is the application's own mistake.
func TestInnocentProxyIsNotBlamed(t *testing.T) {
	decode := func(path string) string { return strings.NewReplacer("%7E", "~", "%7e", "~", "%41", "A").Replace(path) }
	clean, dots := regexp.MustCompile(`/\.(/|$)|//+`), regexp.MustCompile(`/\.(/|$)`)
	for name, named := range map[string]struct {
		change func(string) string
		blamed bool
	}{
		"decodes":            {decode, false},
		"decodes and cleans": {func(path string) string { return clean.ReplaceAllString(decode(path), "/") }, true},
		"decodes and cleans, but for doubled slashes": {
			func(path string) string { return dots.ReplaceAllString(decode(path), "/") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			run := rewriting(t, "nginx", named.change)
			g.Expect(run.Failures()).NotTo(BeEmpty())
			says := ""
			for _, c := range run.Diagnosis.Causes {
				says += c.Defect.Says() + "\n"
			}
			if named.blamed {
				g.Expect(says).To(ContainSubstring("nginx in front"))
			} else {
				g.Expect(says).NotTo(ContainSubstring("in front"))
			}
		})
	}
}

// What a proxy does to requests that are drawn shows at the paths that were tried before:
// one that leaves them alone is not blamed.
func TestProxyOfDrawnRequests(t *testing.T) {
	decode := func(path string) string { return strings.ReplaceAll(path, "%61", "a") }
	for name, of := range map[string]struct {
		change func(string) string
		blamed bool
	}{
		"decodes":            {decode, false},
		"decodes and cleans": {func(path string) string { return reference.RemoveDotSegments(decode(path)) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Server", "nginx")
				path, query, _ := strings.Cut(r.RequestURI, "?")
				application(reference.New(), func(r *http.Request) string {
					r.RequestURI = strings.TrimSuffix(of.change(path)+"?"+query, "?")
					return asCalled(r)
				}).ServeHTTP(w, r)
			}))
			defer server.Close()
			e, diagnosis := open(t, at(server.URL+"/sms"))
			g.Expect(diagnosis).To(BeNil())
			_, err := e.GuardedPaths(t.Context())
			g.Expect(err).NotTo(HaveOccurred())
			cause, advice, is := e.RewrittenBy("http://example.com/myapp/%61")
			g.Expect(is).To(Equal(of.blamed))
			if is {
				g.Expect(cause.Says()).To(ContainSubstring("nginx in front"))
				g.Expect(advice).To(HavePrefix("in nginx: proxy_pass"))
			}
			_, _, is = e.RewrittenBy("http://example.com/myapp/a?b=1")
			g.Expect(is).To(BeFalse())
		})
	}
}
