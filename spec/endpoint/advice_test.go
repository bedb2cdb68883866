package endpoint_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/reference"
)

// page is how a framework answers: a refusal, and what is not there.
type page struct {
	header   map[string]string // of every answer
	refusal  string
	notFound string
}

// pages are answers of each framework in the table of advice, by its name there.
var pages = map[string]page{
	"Express": {map[string]string{"X-Powered-By": "Express"}, "Forbidden", "<pre>Cannot POST /smsx</pre>"},
	"Nest": {map[string]string{"X-Powered-By": "Express"},
		`{"message":"Forbidden resource","error":"Forbidden","statusCode":403}`, ""},
	"Fastify": {map[string]string{"Keep-Alive": "timeout=72"}, "Forbidden",
		`{"message":"Route POST:/smsx not found","error":"Not Found","statusCode":404}`},
	"Koa":        {map[string]string{"Set-Cookie": "koa.sess=eyJ; path=/"}, "Forbidden", "Not Found"},
	"Hono":       {map[string]string{"Content-Type": "text/plain; charset=UTF-8"}, "Forbidden", "404 Not Found"},
	"Next":       {map[string]string{"X-Powered-By": "Next.js"}, "Forbidden", ""},
	"AWS Lambda": {map[string]string{"Apigw-Requestid": "dGhpcyBpcw=="}, `{"message":"Forbidden"}`, `{"message":"Not Found"}`},
	"Flask": {map[string]string{"Server": "gunicorn"},
		"<!doctype html>\n<html lang=en>\n<title>403 Forbidden</title>\n<h1>Forbidden</h1>", ""},
	"Django":  {map[string]string{"Server": "gunicorn", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}, "", ""},
	"FastAPI": {map[string]string{"Server": "uvicorn"}, `{"detail":"Forbidden"}`, `{"detail":"Not Found"}`},
	"Tornado": {map[string]string{"Server": "TornadoServer/6.4"},
		"<html><title>403: Forbidden</title><body>403: Forbidden</body></html>", ""},
	"aiohttp": {map[string]string{"Server": "Python/3.12 aiohttp/3.9"}, "403: Forbidden", "404: Not Found"},
	"Falcon":  {map[string]string{"Server": "gunicorn"}, `{"title": "Invalid signature"}`, `{"title": "404 Not Found"}`},
	"Bottle": {map[string]string{"Server": "gunicorn"}, "Forbidden", "<html><head><title>Error: 404 Not Found</title>\n" +
		"<style type=\"text/css\">html {}</style></head></html>"},
	"Spring": {map[string]string{"Set-Cookie": "JSESSIONID=1"},
		`{"timestamp":"2026-01-01T00:00:00Z","status":403,"error":"Forbidden","path":"/sms"}`, ""},
	"servlets":     {map[string]string{"Server": "Jetty(9.4.50)"}, "Forbidden", "<title>HTTP Status 404 – Not Found</title>"},
	"Go":           {map[string]string{"X-Content-Type-Options": "nosniff"}, "Forbidden\n", "404 page not found\n"},
	"ASP.NET Core": {map[string]string{"Server": "Kestrel"}, "", ""},
	"Laravel":      {map[string]string{"X-Powered-By": "PHP/8.3.1", "Set-Cookie": "laravel_session=eyJ; path=/"}, "Forbidden", ""},
	"Symfony":      {map[string]string{"X-Powered-By": "PHP/8.3.1", "X-Debug-Token": "ab12cd"}, "Forbidden", ""},
	"Slim": {map[string]string{"X-Powered-By": "PHP/8.3.1"}, "Forbidden",
		"<html><head><title>404 Not Found</title><style>body{}</style></head></html>"},
	"PHP":   {map[string]string{"X-Powered-By": "PHP/8.3.1"}, "Forbidden", ""},
	"Rails": {map[string]string{"X-Runtime": "0.004213", "X-Request-Id": "f47ac10b"}, "", ""},

	"Sinatra and Rack": {map[string]string{"Server": "WEBrick/1.8.1"}, "Forbidden", "<h2>Sinatra doesn’t know this ditty.</h2>"},

	"Node's http-proxy": {nil, "Forbidden", "Error occurred while trying to proxy: localhost:5999/smsx"},

	"nginx":  {map[string]string{"Server": "nginx/1.24.0"}, "Forbidden", ""},
	"Apache": {map[string]string{"Server": "Apache/2.4.62 (Debian)"}, "Forbidden", ""},
	"HAProxy": {nil, "Forbidden", "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this " +
		"request.\n</body></html>\n"},
	"Caddy":    {map[string]string{"Via": "1.1 Caddy"}, "Forbidden", ""},
	"lighttpd": {map[string]string{"Server": "lighttpd/1.4.69"}, "Forbidden", ""},
	"Varnish":  {map[string]string{"X-Varnish": "32770", "Via": "1.1 varnish (Varnish/7.1)"}, "Forbidden", ""},
	"squid":    {map[string]string{"Via": "1.1 proxy.local (squid/5.7)"}, "Forbidden", ""},
}

// answering is a server that refuses everything at /sms, as a framework refuses.
func (p page) answering() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range p.header {
			w.Header().Set(name, value)
		}
		if isPlain(r) {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, p.refusal)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, p.notFound)
	})
}

// TestAdviceFitsTheFramework: the hints are those of the framework that answered, and
// of no other.
func TestAdviceFitsTheFramework(t *testing.T) {
	for name, p := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			d := diagnosed(t, p.answering())
			said := strings.Join(d.Hints, "\n")
			g.Expect(said).To(ContainSubstring("in " + name + ": "))
			for other := range pages {
				if other != name {
					g.Expect(said).NotTo(ContainSubstring("in " + other + ": "))
				}
			}
		})
	}
}

// A framework behind a proxy: advice for both, and nothing where neither shows itself.
func TestAdviceForTheProxyToo(t *testing.T) {
	for name, tried := range map[string]struct {
		page
		names []string
	}{
		"PHP behind nginx": {page{map[string]string{"Server": "nginx", "X-Powered-By": "PHP/8.3.1"}, "no", ""}, []string{"PHP", "nginx"}},
		"gunicorn alone":   {page{map[string]string{"Server": "gunicorn"}, "no", ""}, []string{"Flask", "Django"}},
		"nobody":           {page{nil, "no", "there is nothing here"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			server := httptest.NewServer(tried.answering())
			defer server.Close()
			_, d := open(t, at(server.URL+"/sms"))
			said := strings.Join(d.Hints, "\n")
			for other := range pages {
				if mentioned := strings.Contains(said, "in "+other+": "); mentioned {
					g.Expect(tried.names).To(ContainElement(other))
				}
			}
			for _, name := range tried.names {
				g.Expect(said).To(ContainSubstring("in " + name + ": "))
			}
		})
	}
}

// TestWhatStandsBeforeTheValidator: servers, proxies and frameworks say why they do not
// hand a request on, and the diagnosis says it too.
func TestWhatStandsBeforeTheValidator(t *testing.T) {
	says := func(status int, body string, header ...string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], strings.ReplaceAll(header[i+1], "HOST", r.Host))
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		})
	}
	for name, tried := range map[string]struct {
		handler http.Handler
		status  int
		says    string
		hint    string
	}{
		"plain HTTP at nginx": {says(400, "<html><head><title>400 The plain HTTP request was sent to HTTPS "+
			"port</title></head></html>", "Server", "nginx"), 2, "plain HTTP was sent to a port that speaks TLS", "--endpoint https://"},
		"plain HTTP at Apache": {says(400, "<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.</p>", "Server",
			"Apache"), 2, "plain HTTP was sent", "--endpoint https://"},
		"plain HTTP at Caddy": {says(400, "Client sent an HTTP request to an HTTPS server.\n"), 2, "plain HTTP was sent",
			"--endpoint https://"},
		"Sinatra": {says(403, "Host not permitted"), 1, `does not permit the host 127.0.0.1:`, "set :host_authorization"},
		"Django": {says(400, "\n<!doctype html>\n<html lang=\"en\">\n<body>\n  <h1>Bad Request (400)</h1><p></p>"), 1,
			`answered 400 ("Bad Request (400)")`, "ALLOWED_HOSTS"},
		"Vite": {says(403, `Blocked request. This host ("x") is not allowed.`), 1, "does not permit the host",
			"server.allowedHosts"},
		"nothing behind nginx": {says(502, "<html>\n<head><title>502 Bad Gateway</title></head>\n<center>nginx</center></html>",
			"Server", "nginx"), 3, "nothing answers behind it", "is the application started"},
		"nothing behind HAProxy": {says(503, "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this "+
			"request.\n</body></html>"), 3, "a proxy (HAProxy) answers 503", "is the application started"},
		"redirected to https": {says(308, "", "Location", "https://HOST/sms"), 2, "redirected (308) to the same URL by https",
			"X-Forwarded-Proto: https"},
		"refused by nginx": {says(403, "<html>\n<head><title>403 Forbidden</title></head>\n<center>nginx</center></html>",
			"Server", "nginx"), 1, "nginx itself answers every POST with 403", "limit_except"},
		"a CSRF filter": {says(403, "<h1>Forbidden</h1><p>CSRF verification failed. Request aborted.</p>"), 1,
			"by a CSRF filter", "@csrf_exempt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			d := diagnosed(t, tried.handler)
			g.Expect(d.Sentence).To(ContainSubstring(tried.says))
			g.Expect(d.Status).To(Equal(tried.status))
			g.Expect(strings.Join(d.Hints, "\n")).To(ContainSubstring(tried.hint))
		})
	}
}

// A handshake that is answered like a page was not upgraded.
func TestUpgradeIsNotPassedOn(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "nginx")
		io.WriteString(w, "hello")
	}))
	defer server.Close()
	_, d := open(t, at("ws"+strings.TrimPrefix(server.URL, "http")+"/stream"))
	g.Expect(d.Sentence).To(ContainSubstring(`answered 200 ("hello"): Upgrade does not reach the application`))
	g.Expect(strings.Join(d.Hints, "\n")).To(ContainSubstring("in nginx: proxy_http_version 1.1"))
}

// A right request that hangs, where a wrong one is refused at once.
func TestHangsBehindTheValidator(t *testing.T) {
	g := NewWithT(t)
	v := application(reference.New(), asCalled)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		if v.ServeHTTP(recorder, r); recorder.Code == http.StatusOK {
			<-r.Context().Done()
			return
		}
		w.WriteHeader(recorder.Code)
	}))
	defer server.Close()
	options := at(server.URL + "/sms")
	options.Timeout = 200e6
	_, d := open(t, options)
	g.Expect(d.Sentence).To(ContainSubstring("where a wrong one is refused with 403 at once"))
}

// A proxy that names itself, and puts escapes in capitals: one cause, and nobody gets in.
func TestProxyRewritesTargets(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "lighttpd/1.4.69")
		application(reference.New(), func(r *http.Request) string {
			url := []byte(asCalled(r))
			for i := range url {
				if url[i] == '%' && i+2 < len(url) {
					copy(url[i:], strings.ToUpper(string(url[i:i+3])))
				}
			}
			return string(url)
		}).ServeHTTP(w, r)
	}))
	defer server.Close()
	run := explainedAgainst(t, at(server.URL+"/sms"), "url-verbatim/*")
	g.Expect(run.Diagnosis.Causes).To(HaveLen(1))
	g.Expect(run.Diagnosis.Causes[0].Defect.Key()).To(Equal("target-rewritten-by-proxy"))
	g.Expect(run.Diagnosis.Causes[0].Defect.Says()).To(ContainSubstring("lighttpd"))
	g.Expect(run.Diagnosis.Unexplained).To(BeEmpty())
	for _, r := range run.Failures() {
		g.Expect(string(r.Kind)).To(Equal("FALSE_REJECT"), r.Vector.ID)
		g.Expect(fmt.Sprint(r.Advice)).To(ContainSubstring("url-normalize"))
	}
}
