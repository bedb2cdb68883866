package webhook_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
)

func post(url string) webhook.Delivery {
	return webhook.Delivery{Case: protocol.Case{ID: "x", Request: reference.Request{
		Method: "POST", URL: url, ContentType: text(form), Body: []byte("a=1"), Signature: text("c2ln"),
	}}}
}

func send(t *testing.T, options webhook.Options, d webhook.Delivery) webhook.Reply {
	t.Helper()
	g := NewWithT(t)
	client, err := webhook.NewClient(options)
	g.Expect(err).NotTo(HaveOccurred())
	defer client.Close()
	reply, err := client.Send(context.Background(), d)
	g.Expect(err).NotTo(HaveOccurred())
	return reply
}

func TestStatusCodes(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var status int
		fmt.Sscan(r.URL.Query().Get("s"), &status)
		w.Header().Set("Location", "/elsewhere")
		if r.URL.Query().Has("challenge") {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	for query, want := range map[string]reference.Verdict{
		"200": "accept", "201": "accept", "204": "accept",
		"400": "reject", "401": "reject", "403": "reject",
		"500": "error", "502": "error", "503": "error",
		"301": "unsupported", "302": "unsupported", "307": "unsupported", "404": "unsupported", "405": "unsupported",
		"413": "unsupported", "415": "unsupported", "422": "unsupported", "426": "unsupported", "429": "unsupported", "431": "unsupported",
		"401&challenge": "unsupported", "403&challenge": "reject", "200&challenge": "accept",
	} {
		reply := send(t, webhook.Options{URL: server.URL}, post(server.URL+"/?s="+query))
		NewWithT(t).Expect(reply.Verdict).To(Equal(want), query)
	}
	g := NewWithT(t)
	accept, err := webhook.ParseStatuses("302, 404")
	g.Expect(err).NotTo(HaveOccurred())
	reject, err := webhook.ParseStatuses("2xx")
	g.Expect(err).NotTo(HaveOccurred())
	options := webhook.Options{URL: server.URL, Accept: accept, Reject: reject}
	g.Expect(send(t, options, post(server.URL+"/?s=302")).Verdict).To(Equal(reference.Accept))
	g.Expect(send(t, options, post(server.URL+"/?s=404")).Verdict).To(Equal(reference.Accept))
	g.Expect(send(t, options, post(server.URL+"/?s=204")).Verdict).To(Equal(reference.Reject))
	for _, wrong := range []string{"x", "40", "9xx", "600", "-1", "1xx"} {
		_, err := webhook.ParseStatuses(wrong)
		g.Expect(err).To(MatchError(ContainSubstring("not a status code")), wrong)
	}
}

// TestGateways: what a proxy could not pass on is sent again. If it is answered then, that
// is the application's answer; if not, the 502 is.
func TestGateways(t *testing.T) {
	var mutex sync.Mutex
	sent := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		if sent[r.URL.RawQuery]++; strings.HasPrefix(r.URL.RawQuery, "always") || sent[r.URL.RawQuery] == 1 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer server.Close()
	g := NewWithT(t)
	for query, want := range map[string]reference.Verdict{"once": reference.Accept, "always": reference.Error} {
		validator, err := webhook.Open(webhook.Options{URL: server.URL})
		g.Expect(err).NotTo(HaveOccurred())
		for i := range 3 {
			reply, err := validator.Send(t.Context(), post(fmt.Sprintf("%s/?%s%d", server.URL, query, i)))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(reply.Verdict).To(Equal(want), query)
		}
		said := strings.Join(validator.Close(), "")
		g.Expect(strings.Contains(said, "a proxy in front answered 502, 503 or 504 to 3 requests")).To(Equal(query == "once"), said)
	}
}

// raw is a server that does with each connection what it likes.
func raw(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(10 * time.Second))
				serve(conn)
			}()
		}
	}()
	return "http://" + listener.Addr().String() + "/"
}

// skipRequest reads what there is of a request.
func skipRequest(conn net.Conn) { conn.Read(make([]byte, 1<<16)) }

// Nothing that an endpoint sends may hang, fill or break the run.
func TestMisbehavingEndpoints(t *testing.T) {
	forever := func(conn net.Conn, s string) {
		for {
			if _, err := io.WriteString(conn, s); err != nil {
				return
			}
		}
	}
	for name, test := range map[string]struct {
		serve   func(net.Conn)
		verdict reference.Verdict
		detail  string
	}{
		"never answers":    {func(c net.Conn) { io.Copy(io.Discard, c) }, reference.Timeout, "no answer within"},
		"hangs up":         {func(c net.Conn) { skipRequest(c) }, reference.Died, "closed before there was an answer"},
		"hangs up at once": {func(c net.Conn) {}, reference.Died, "closed before there was an answer"},
		"hangs up in between": {func(c net.Conn) { skipRequest(c); io.WriteString(c, "HTTP/1.1 200 OK\r\nA: ") }, reference.Died,
			"closed before"},
		"speaks no HTTP": {func(c net.Conn) { skipRequest(c); io.WriteString(c, "\x00\xff\x1b[2J\r\n\r\n") }, reference.Error, "not HTTP"},
		"an old web page": {func(c net.Conn) { skipRequest(c); io.WriteString(c, "<html>\x1b[2J SESAME") }, reference.Error,
			`it begins with "<html>\x1b[2J [secret]"`},
		"endless status line": {func(c net.Conn) { skipRequest(c); forever(c, "x") }, reference.Error, "it begins with"},
		"endless headers": {func(c net.Conn) { skipRequest(c); io.WriteString(c, "HTTP/1.1 200 OK\r\n"); forever(c, "A: b\r\n") },
			reference.Error, "longer than"},
		"interim for ever": {func(c net.Conn) { skipRequest(c); forever(c, "HTTP/1.1 102 Processing\r\n\r\n") }, reference.Error, "interim"},
		"one interim": {func(c net.Conn) {
			skipRequest(c)
			io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
		}, reference.Reject, ""},
		"endless body": {func(c net.Conn) { skipRequest(c); io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"); forever(c, "body") },
			reference.Accept, ""},
		"body never comes": {func(c net.Conn) {
			skipRequest(c)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
			io.Copy(io.Discard, c)
		}, reference.Accept, ""},
		"drips": {func(c net.Conn) {
			skipRequest(c)
			for _, b := range []byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") {
				time.Sleep(60 * time.Millisecond)
				c.Write([]byte{b})
			}
		}, reference.Timeout, "no answer within"},
		"wrong chunks": {func(c net.Conn) {
			skipRequest(c)
			io.WriteString(c, "HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
		}, reference.Error, "answered 500"},
		"escapes": {func(c net.Conn) {
			skipRequest(c)
			io.WriteString(c, "HTTP/1.1 500 Oh\r\n\r\n\x1b]0;title\x07\x1b[2J")
		}, reference.Error, "\x1b]0;title"},
		"shows the token": {func(c net.Conn) { skipRequest(c); io.WriteString(c, "HTTP/1.1 500 Oh\r\n\r\nkey=SESAME!") },
			reference.Error, "key=[secret]!"},
		"unasked for switch": {func(c net.Conn) { skipRequest(c); io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\n\r\n") },
			reference.Error, "upgraded"},
		"refuses unread": {func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			time.Sleep(50 * time.Millisecond)
		}, reference.Unsupported, "413"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			url := raw(t, test.serve)
			d := post(url)
			if name == "refuses unread" {
				d.Request.Body = make([]byte, 8<<20)
			}
			timeout := time.Minute // a slow machine is no finding
			if test.verdict == reference.Timeout || name == "body never comes" {
				timeout = time.Second
			}
			reply := send(t, webhook.Options{URL: url, Timeout: timeout, Secrets: []string{"SESAME"}}, d)
			g.Expect(reply.Verdict).To(Equal(test.verdict), reply.Detail)
			g.Expect(reply.Detail).To(ContainSubstring(test.detail))
			g.Expect(len(reply.Detail)).To(BeNumerically("<", 500))
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	g := NewWithT(t)
	var elsewhere atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			elsewhere.Add(1)
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	reply := send(t, webhook.Options{URL: server.URL}, post(server.URL+"/"))
	g.Expect(reply.Verdict).To(Equal(reference.Unsupported))
	g.Expect(reply.Detail).To(ContainSubstring("redirect"))
	g.Expect(elsewhere.Load()).To(BeZero())
}

func cases(url string, n int) []protocol.Case {
	all := make([]protocol.Case, n)
	for i := range all {
		all[i] = post(fmt.Sprintf("%s?n=%d", url, i)).Case
	}
	return all
}

// A connection is used again, and one that the server closed meanwhile is no
// finding: a few are open at a time, never more.
func TestConnections(t *testing.T) {
	g := NewWithT(t)
	var opened, serving, most atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), serving.Add(1)))
		defer serving.Add(-1)
		if strings.HasSuffix(r.URL.RawQuery, "7") {
			w.Header().Set("Connection", "close")
		}
		if r.URL.RawQuery == "n=13" {
			w.Write(make([]byte, 1<<20)) // longer than what is read
		}
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	validator, err := webhook.Open(webhook.Options{URL: server.URL})
	g.Expect(err).NotTo(HaveOccurred())
	defer validator.Close()
	answers := map[int]protocol.Answer{}
	g.Expect(validator.Ask(context.Background(), cases(server.URL+"/", 100), func(i int, a protocol.Answer) { answers[i] = a })).To(Succeed())
	g.Expect(answers).To(HaveLen(100))
	for i, a := range answers {
		g.Expect(a.Verdict).To(Equal(reference.Accept), fmt.Sprint(i, a.Detail))
	}
	g.Expect(most.Load()).To(BeNumerically("<=", 4))
	g.Expect(opened.Load()).To(And(BeNumerically(">", 4), BeNumerically("<", 20)))

	server.CloseClientConnections() // what is idle now is closed
	g.Expect(validator.Ask(context.Background(), cases(server.URL+"/", 5), func(i int, a protocol.Answer) {
		g.Expect(a.Verdict).To(Equal(reference.Accept), a.Detail)
	})).To(Succeed())
}

// An application that falls over stops the run, which says so; what was asked
// before is there.
func TestEndpointThatGoesAway(t *testing.T) {
	g := NewWithT(t)
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "n=10" {
			server.Listener.Close()
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
		}
		w.Header().Set("Connection", "close")
	}))
	defer server.Close()
	validator, err := webhook.Open(webhook.Options{URL: server.URL, Parallel: 1})
	g.Expect(err).NotTo(HaveOccurred())
	defer validator.Close()
	var verdicts []reference.Verdict
	err = validator.Ask(context.Background(), cases(server.URL+"/", 50),
		func(i int, a protocol.Answer) { verdicts = append(verdicts, a.Verdict) })
	g.Expect(err).To(MatchError(webhook.ErrUnreachable))
	g.Expect(verdicts).To(HaveLen(11))
	g.Expect(verdicts[10]).To(Equal(reference.Died))
}

func TestAskEndsWithItsContext(t *testing.T) {
	g := NewWithT(t)
	url := raw(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	validator, err := webhook.Open(webhook.Options{URL: url, Timeout: time.Minute})
	g.Expect(err).NotTo(HaveOccurred())
	defer validator.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	err = validator.Ask(ctx, cases(url, 20), func(int, protocol.Answer) { t.Error("an interrupted request was answered") })
	g.Expect(err).To(MatchError(context.DeadlineExceeded))
}

// ask asks n cases of an endpoint and returns the answers, what was noticed and
// the error.
func ask(t *testing.T, options webhook.Options, n int) (map[int]protocol.Answer, []string, error) {
	t.Helper()
	validator, err := webhook.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	answers := map[int]protocol.Answer{}
	err = validator.Ask(context.Background(), cases(options.URL, n), func(i int, a protocol.Answer) { answers[i] = a })
	return answers, validator.Close(), err
}

// What is left of one answer is never taken for the next. (What comes later than
// it is waited for cannot be told from an answer; no test depends on that time.)
func TestMoreThanAnAnswer(t *testing.T) {
	g := NewWithT(t)
	url := raw(t, func(c net.Conn) {
		for {
			if n, _ := c.Read(make([]byte, 1<<16)); n == 0 {
				return
			}
			io.WriteString(c, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}
	})
	answers, noticed, err := ask(t, webhook.Options{URL: url, Parallel: 1}, 30)
	g.Expect(err).NotTo(HaveOccurred())
	for i, a := range answers {
		g.Expect(a.Verdict).To(Equal(reference.Reject), fmt.Sprint(i))
	}
	g.Expect(noticed).To(ContainElement(ContainSubstring("more than an answer")))
}

// An endpoint that serves one connection at a time gets one at a time.
func TestOneConnectionAtATime(t *testing.T) {
	g := NewWithT(t)
	var one sync.Mutex
	url := raw(t, func(c net.Conn) {
		one.Lock()
		defer one.Unlock()
		for {
			if n, _ := c.Read(make([]byte, 1<<16)); n == 0 {
				return
			}
			io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
		}
	})
	answers, noticed, err := ask(t, webhook.Options{URL: url, Timeout: 2 * time.Second}, 60)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(answers).To(HaveLen(60))
	for i, a := range answers {
		g.Expect(a.Verdict).To(Equal(reference.Accept), fmt.Sprint(i, a.Detail))
	}
	g.Expect(noticed).To(ContainElement(ContainSubstring("one connection at a time")))
}

// An endpoint that falls silent is given up, and so is one that limits requests.
func TestSilenceAndLimits(t *testing.T) {
	g := NewWithT(t)
	answers, _, err := ask(t, webhook.Options{URL: raw(t, func(c net.Conn) { io.Copy(io.Discard, c) }), Timeout: 50 * time.Millisecond}, 500)
	g.Expect(err).To(MatchError(ContainSubstring("does not answer any more")))
	g.Expect(len(answers)).To(BeNumerically("<", 20))

	var taken atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if taken.Add(1) > 20 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	defer server.Close()
	answers, _, err = ask(t, webhook.Options{URL: server.URL + "/"}, 500)
	g.Expect(err).To(MatchError(ContainSubstring("429 Too Many Requests")))
	g.Expect(answers).To(HaveLen(20))
	g.Expect(taken.Load()).To(BeNumerically("<", 40))
}

// One page that lists the request's headers shows the credentials to nobody.
func TestCredentialsAreNotShown(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Error(w, fmt.Sprint(r.Header), http.StatusInternalServerError)
	}))
	defer server.Close()
	reply := send(t, webhook.Options{URL: strings.Replace(server.URL, "://", "://us:hunter2@", 1)}, post(server.URL+"/"))
	g.Expect(reply.Verdict).To(Equal(reference.Error))
	g.Expect(reply.Detail).To(And(ContainSubstring("Basic [secret]"), Not(ContainSubstring("dXM6aHVudGVyMg"))))
}

func TestURLsThatCannotBeCalled(t *testing.T) {
	for url, hint := range map[string]string{
		"":                     "looks like",
		"localhost:3000/sms":   "did you mean http://localhost:3000/sms",
		"ftp://example.com/":   "must be http",
		"http:///sms":          "no host",
		"http://127.0.0.1/a b": "escaped",
		"http://u:%zz@h/":      "percent-encoded",
	} {
		_, err := webhook.Open(webhook.Options{URL: url})
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(hint)), url)
	}
	_, err := webhook.Open(webhook.Options{URL: "http://h/", PublicURL: "wss://h/"})
	NewWithT(t).Expect(err).To(HaveOccurred())
}
