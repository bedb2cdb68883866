package endpoint_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/reference/defect"
)

// TestAdviceFitsTheMistake: where parameters of the query, or a single value of a
// name, are taken for those of the form, the advice is about the form, not about the
// URL or the bytes of the body; where the URL is spelled in another way it is about that.
func TestAdviceFitsTheMistake(t *testing.T) {
	g := NewWithT(t)
	for key, want := range map[string]struct{ id, advice string }{
		"query-merged":                {"get/post-query-merged", "never $_REQUEST"},
		"last-value-only":             {"form-duplicates/second-value-first", "never $_REQUEST"},
		"whole-url-decoded=urldecode": {"get/percent-signs", "take $_SERVER['REQUEST_URI']"},
	} {
		variant, err := defect.Find(key)
		g.Expect(err).NotTo(HaveOccurred())
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Powered-By", "PHP/8.3.1")
			application(variant.New(), asCalled).ServeHTTP(w, r)
		}))
		t.Cleanup(server.Close)
		seen := false
		for _, r := range explainedAgainst(t, at(server.URL+"/sms"), "get/*", "form-duplicates/*").Failures() {
			if r.Vector.ID == want.id {
				seen = true
				g.Expect(fmt.Sprint(r.Advice)).To(ContainSubstring(want.advice), key)
			}
		}
		g.Expect(seen).To(BeTrue(), key)
	}
}
