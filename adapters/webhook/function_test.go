package webhook_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// A function that is the reference answers as the reference does.
func TestFunction(t *testing.T) {
	g := NewWithT(t)
	right := reference.New()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.Header.Get("Content-Type") != "application/json" {
			http.Error(w, "not asked as agreed", http.StatusBadRequest)
			return
		}
		protocol.Serve(r.Body, w, func(c protocol.Case) protocol.Answer { return adapters.Answer(right, c) })
	}))
	defer server.Close()
	validator, err := adapters.Open(adapters.Target{URL: server.URL})
	g.Expect(err).NotTo(HaveOccurred())
	defer validator.Close()
	var cases []protocol.Case
	for _, v := range vectors.Builtin().Vectors() {
		cases = append(cases, protocol.Case{ID: v.ID, AuthToken: string(v.AuthToken), Request: v.Request.Reference()})
	}
	answers := 0
	g.Expect(validator.Ask(context.Background(), cases, func(i int, a protocol.Answer) {
		answers++
		g.Expect(a.Verdict).To(Equal(adapters.Answer(right, cases[i]).Verdict), cases[i].ID+": "+a.Detail)
	})).To(Succeed())
	g.Expect(answers).To(Equal(len(cases)))
}

func TestMisbehavingFunctions(t *testing.T) {
	write := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, s) }
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		verdict reference.Verdict
		detail  string
	}{
		"accepts":    {write(`{"id":"x","valid":true}`), reference.Accept, ""},
		"rejects":    {write(`{"id":"x","valid":false}`), reference.Reject, ""},
		"another id": {write(`{"id":"y","valid":true}`), reference.Malformed, `it answered "y"`},
		"no JSON":    {write("<html>"), reference.Malformed, "not an answer"},
		"nothing":    {write(""), reference.Malformed, "not an answer"},
		"a status": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, `{"id":"x","valid":true}`, 500) }, reference.Error,
			"answered 500"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/y", 307) }, reference.Malformed, "answered 307"},
		"hangs up":   {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, reference.Died, "closed before"},
		"sleeps": {func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); <-r.Context().Done() },
			reference.Timeout, "no answer within"},
		"longer than is": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.Repeat(" ", protocol.MaxLine+2))
		}, reference.Malformed, "longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			server := httptest.NewServer(test.handler)
			defer server.Close()
			timeout := time.Minute // a slow machine is no finding
			if test.verdict == reference.Timeout {
				timeout = 200 * time.Millisecond
			}
			function, err := webhook.OpenFunction(server.URL, timeout)
			g.Expect(err).NotTo(HaveOccurred())
			defer function.Close()
			g.Expect(function.Ask(context.Background(), []protocol.Case{{ID: "x"}}, func(_ int, a protocol.Answer) {
				g.Expect(a.Verdict).To(Equal(test.verdict), a.Detail)
				g.Expect(a.Detail).To(ContainSubstring(test.detail))
			})).To(Succeed())
		})
	}
	g := NewWithT(t)
	function, err := webhook.OpenFunction("http://127.0.0.1:1/", 0)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(function.Ask(context.Background(), []protocol.Case{{ID: "x"}}, nil)).To(MatchError(webhook.ErrUnreachable))
}
