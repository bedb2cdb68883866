package endpoint_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/spec/endpoint"
)

// upgrade lets a handshake through whose signature next accepts.
func upgrade(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		verdict := httptest.NewRecorder()
		next.ServeHTTP(verdict, r)
		if verdict.Code != http.StatusOK || r.Header.Get("Upgrade") != "websocket" {
			w.WriteHeader(verdict.Code)
			return
		}
		conn, _, _ := w.(http.Hijacker).Hijack()
		defer conn.Close()
		io.WriteString(conn, switching(r))
		io.Copy(io.Discard, conn)
	})
}

func asWebSocket(r *http.Request) string { return "ws" + strings.TrimPrefix(asCalled(r), "http") }

func TestHandshakes(t *testing.T) {
	t.Parallel() // it waits
	g := NewWithT(t)
	server := httptest.NewServer(upgrade(application(reference.New(), asWebSocket)))
	defer server.Close()
	run := runAgainst(t, at("ws"+strings.TrimPrefix(server.URL, "http")+"/stream"))
	g.Expect(run.Stopped).NotTo(HaveOccurred())
	g.Expect(failures(run)).To(BeEmpty())
	g.Expect(run.Count(conformance.Passed)).To(BeNumerically(">", 30))
}

// Over TLS the vectors about wss are asked, and one that never tries the slash
// is told so by a question.
func TestSecureHandshakes(t *testing.T) {
	t.Parallel() // it waits
	g := NewWithT(t)
	server, ca := secure(t, upgrade(application(reference.New(), asWebSocket)), &x509.Certificate{})
	run := runAgainst(t, endpoint.Options{Options: webhook.Options{URL: "wss" +
		strings.TrimPrefix(server.URL, "https") + "/stream", CA: ca}})
	g.Expect(run.Stopped).NotTo(HaveOccurred())
	g.Expect(failures(run)).To(BeEmpty())
	judged := map[string]conformance.Outcome{}
	for _, r := range run.Results {
		judged[r.Vector.ID] = r.Outcome
	}
	for _, id := range []string{"twilio-requests/conversation-relay-handshake", "url-wss/slash", "url-wss/signed-https", "url-wss/other-path",
		"endpoint-header/lower-case"} {
		g.Expect(judged[id]).To(Equal(conformance.Passed), id)
	}
	g.Expect(judged["url-wss/slash-added"]).To(Equal(conformance.Answered))
}

// secure starts a server whose certificate a CA of the test has signed.
func secure(t *testing.T, handler http.Handler, leaf *x509.Certificate) (*httptest.Server, *x509.CertPool) {
	t.Helper()
	ca := newAuthority(t)
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{ca.issue(t, leaf)}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, ca.pool
}

// authority is a CA of the test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pool        *x509.CertPool
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-24 * time.Hour * 365), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	return authority{certificate, key, pool}
}

// issue signs a certificate: for localhost, from an hour ago, unless it says
// otherwise. One whose issuer is called "self" signs itself.
func (a authority) issue(t *testing.T, leaf *x509.Certificate) tls.Certificate {
	t.Helper()
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	leaf.SerialNumber, leaf.Subject = big.NewInt(2), pkix.Name{CommonName: "server"}
	if leaf.NotBefore.IsZero() {
		leaf.NotBefore, leaf.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	if leaf.DNSNames == nil {
		leaf.DNSNames, leaf.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	issuer, issuerKey := a.certificate, a.key
	if leaf.Issuer.CommonName == "self" {
		issuer, issuerKey = leaf, key
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, issuer, &key.PublicKey, issuerKey)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestCertificates(t *testing.T) {
	ago := func(hours int) time.Time { return time.Now().Add(-time.Duration(hours) * time.Hour) }
	for name, test := range map[string]struct {
		leaf    x509.Certificate
		trusted bool
		says    string
	}{
		"right": {x509.Certificate{}, true, ""},
		"self-signed": {x509.Certificate{Issuer: pkix.Name{CommonName: "self"}}, true,
			"its certificate is self-signed"},
		"an unknown authority": {x509.Certificate{}, false, "its certificate is not signed by an authority that is " +
			"trusted"},
		"expired": {x509.Certificate{NotBefore: ago(48), NotAfter: ago(24)}, true,
			"its certificate expired on"},
		"not yet": {x509.Certificate{NotBefore: ago(-1), NotAfter: ago(-2)}, true,
			"its certificate is valid only from"},
		"another host": {x509.Certificate{DNSNames: []string{"example.com"}}, true,
			"its certificate is for another host than 127.0.0.1: [example.com]"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			server, ca := secure(t, application(reference.New(), asCalled), &test.leaf)
			if !test.trusted {
				ca = x509.NewCertPool()
			}
			options := endpoint.Options{Options: webhook.Options{URL: server.URL + "/sms", CA: ca}}
			_, d := open(t, options)
			if test.says == "" {
				g.Expect(d).To(BeNil())
				return
			}
			g.Expect(d).NotTo(BeNil())
			g.Expect(d.Sentence).To(ContainSubstring(test.says))
			g.Expect(d.Rules).To(ConsistOf("tls"))
			g.Expect(d.Status).To(Equal(1))

			options.Insecure = true
			endpoint, d := open(t, options)
			g.Expect(d).To(BeNil(), "--insecure goes on")
			g.Expect(endpoint.Close()).To(ContainElement(ContainSubstring(test.says)), "and says what it put up with")
		})
	}
}

// The certificate is that of the public name, wherever the connection goes to.
func TestCertificateOfThePublicHost(t *testing.T) {
	g := NewWithT(t)
	server, ca := secure(t, application(reference.New(),
		func(r *http.Request) string { return "https://example.com" + r.RequestURI }),
		&x509.Certificate{DNSNames: []string{"example.com"}})
	_, d := open(t, endpoint.Options{Options: webhook.Options{URL: server.URL + "/sms",
		PublicURL: "https://example.com/sms", CA: ca}})
	g.Expect(d).To(BeNil())
}

func TestPortsOfHTTPS(t *testing.T) {
	for name, test := range map[string]struct {
		url     func(*http.Request) string
		product reference.Product
		sees    reference.Product
	}{
		"told voice, and drops it":     {asCalled, reference.Voice, reference.Voice},
		"told messaging, and keeps it": {asCalled, reference.Messaging, reference.Messaging},
		"not told, and tries both":     {asCalled, "", ""},
		"not told, and drops it":       {asCalled, "", reference.Voice},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			v := reference.New()
			v.SignedURLs = func(url string, _ reference.Product) []string {
				return reference.SignedURLs(url,
					test.sees)
			}
			server, ca := secure(t, application(v, test.url), &x509.Certificate{})
			run := runAgainst(t, endpoint.Options{Options: webhook.Options{URL: server.URL + "/sms", CA: ca},
				Product: test.product},
				"url-*/*", "endpoint/*", "endpoint-*/*", "self-test/*")
			g.Expect(run.Stopped).NotTo(HaveOccurred())
			g.Expect(failures(run)).To(BeEmpty())
		})
	}
}

// digestField is a field of an Authorization with Digest.
var digestField = regexp.MustCompile(`(\w+)=("[^"]*"|[^", ]+)`)

// challenge is a server that wants a login, by Basic or by Digest.
func challenge(scheme string, before, after http.Handler) http.Handler {
	digest := map[string]func() hash.Hash{"MD5": md5.New, "SHA-256": sha256.New}[scheme]
	h := func(s string) string {
		sum := digest()
		sum.Write([]byte(s))
		return hex.EncodeToString(sum.Sum(nil))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			// What is in front of the login answers for itself unless it accepts.
			verdict := httptest.NewRecorder()
			before.ServeHTTP(verdict, r)
			if verdict.Code != http.StatusOK {
				w.WriteHeader(verdict.Code)
				return
			}
			if digest != nil {
				w.Header().Add("WWW-Authenticate",
					fmt.Sprintf(`Digest realm="twilio", nonce="abc", qop="auth", algorithm=%s, opaque="xyz"`, scheme))
			} else {
				w.Header().Add("WWW-Authenticate", `Basic realm="twilio"`)
			}
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		user, password, ok := r.BasicAuth()
		ok = ok && user == "us er" && password == "secret"
		if digest != nil {
			got := map[string]string{}
			for _, field := range digestField.FindAllStringSubmatch(r.Header.Get("Authorization"), -1) {
				got[field[1]] = strings.Trim(field[2], `"`)
			}
			want := h(strings.Join([]string{h("us er:twilio:secret"), "abc", got["nc"], got["cnonce"], "auth",
				h(r.Method + ":" + r.RequestURI)}, ":"))
			ok = got["response"] == want && got["uri"] == r.RequestURI
		}
		if !ok { // it asks again, as many servers do: still a refusal
			w.Header().Add("WWW-Authenticate", `Basic realm="twilio"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		after.ServeHTTP(w, r)
	})
}

// challengeAgain asks for a new login when an answer is not the first to its nonce.
func challengeAgain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if authorization := r.Header.Get("Authorization"); authorization != "" &&
			!strings.Contains(authorization, "nc=00000001") {
			w.Header().Set("WWW-Authenticate", `Digest realm="twilio", nonce="abc", qop="auth", stale=true`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// notLater refuses credentials that it has not asked for just before.
func notLater(next http.Handler) http.Handler {
	var mutex sync.Mutex
	asked := map[string]bool{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		id := r.Header.Get("I-Twilio-Idempotency-Token")
		if r.Header.Get("Authorization") != "" && !asked[id] {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		asked[id] = true
		next.ServeHTTP(w, r)
	})
}

func TestLogins(t *testing.T) {
	open := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	checked := application(reference.New(), asCalled)
	for name, test := range map[string]struct {
		handler http.Handler
		fails   []string
		note    string
	}{
		"Basic, checked after it": {challenge("Basic", open, checked), nil,
			"only on the request with the credentials"},
		"Digest MD5, checked after it": {challenge("MD5", open, checked), nil,
			"only on the request with the credentials"},
		"Digest SHA-256, on both": {challenge("SHA-256", checked, checked), nil, "on both requests"},
		"Basic, checked before only": {challenge("Basic", checked, open),
			[]string{"endpoint-login/second-wrong",
				"endpoint-login/later-wrong"}, "only on the request without credentials"},
		"Digest, each nonce once": {challengeAgain(challenge("MD5", open, checked)), nil,
			"only on the request with the credentials"},
		"never keeps the login": {notLater(challenge("Basic", open, checked)), []string{"endpoint-login/later"},
			"only on the request with the credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			server := httptest.NewServer(test.handler)
			defer server.Close()
			url := strings.Replace(server.URL, "://", "://us%20er:secret@", 1) + "/sms?a=1"
			run := runAgainst(t, at(url), "endpoint/*", "endpoint-*/*", "url-userinfo/*", "self-test/*")
			g.Expect(run.Stopped).NotTo(HaveOccurred())
			if test.fails == nil {
				g.Expect(failures(run)).To(BeEmpty())
			} else {
				g.Expect(failures(run)).To(ContainElements(test.fails))
			}
			g.Expect(run.Warnings).To(ContainElement(ContainSubstring(test.note)))
		})
	}
}

func TestLoginWithoutAndWithWrongCredentials(t *testing.T) {
	g := NewWithT(t)
	open1 := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	server := httptest.NewServer(challenge("MD5", open1, application(reference.New(), asCalled)))
	defer server.Close()
	_, d := open(t, at(server.URL+"/sms"))
	g.Expect(d).NotTo(BeNil())
	g.Expect(d.Status).To(Equal(2))
	g.Expect(d.Hints).To(ContainElement(ContainSubstring("user:password@")))
	_, d = open(t, at(strings.Replace(server.URL, "://", "://user:wrong@", 1)+"/sms"))
	g.Expect(d).NotTo(BeNil())
	g.Expect(d.Sentence).To(ContainSubstring("refuses the user and password"))

	_, err := endpoint.Open(endpoint.Options{Options: webhook.Options{URL: server.URL}})
	g.Expect(err).To(HaveOccurred(), "without a token")
	endpoint, err := endpoint.Open(endpoint.Options{Options: webhook.Options{URL: "http://127.0.0.1:1/"},
		AuthToken: token})
	g.Expect(err).NotTo(HaveOccurred())
	_, err = endpoint.Calibrate(context.Background())
	g.Expect(err).To(MatchError(webhook.ErrUnreachable))
}
