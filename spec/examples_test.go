package spec_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/webhook"
	"sigconform/spec/conformance"
	"sigconform/spec/endpoint"
	"sigconform/vectors"
)

// example is a real application: a folder under adapters/examples.
type example struct {
	adapters.SDK                   // how it is installed and run
	Framework    string            `json:"framework"` // what it is made with, if it is a row of the table of frameworks
	Scheme       string            `json:"scheme"`    // ws, or http
	Path         string            `json:"path"`
	Form         map[string]string `json:"form"`    // fields that it demands of every form
	Accepts      []string          `json:"accepts"` // the kinds of request that it takes; nil for all
	Arrangements []arrangement     `json:"arrangements"`
}

// arrangement is a way to run it, and what is known to come of that.
type arrangement struct {
	Name  string `json:"name"`
	Nginx string `json:"nginx"` // "" for none in front, or which headers it passes on: all, or none
	Trust bool   `json:"trust"` // the application trusts them
	// KnownFailures is the list of them, a file in its folder; Diagnosis is what
	// must be said instead if the vectors cannot be asked.
	KnownFailures string `json:"knownFailures"`
	Diagnosis     string `json:"diagnosis"`
}

// exampleToken is the token of all examples.
const exampleToken = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"

// TestExamples runs the applications under adapters/examples on loopback, alone
// and behind nginx, and tests them. What fails must be known, what is known must
// fail, and a proxy that was set up wrongly must be named. It installs packages,
// so it runs only where SIGCONFORM_EXAMPLES is set, which 'make examples' does; if
// that is "frameworks", it runs only the rows of their table, alone.
func TestExamples(t *testing.T) {
	if os.Getenv("SIGCONFORM_EXAMPLES") == "" {
		t.Skip("'make examples' runs this: it installs applications")
	}
	files, _ := filepath.Glob("../adapters/examples/*/example.json")
	var parts tally
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		app := example{}
		app.Dir = filepath.Dir(file)
		if err := json.Unmarshal(data, &app); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, a := range app.Arrangements {
			if os.Getenv("SIGCONFORM_EXAMPLES") == "frameworks" && !isRow(app, a) {
				continue
			}
			t.Run(app.Name+", "+a.Name, func(t *testing.T) {
				defer parts.count(t)
				runExample(t, app, a)
			})
		}
	}
	fmt.Println("examples:", parts)
	if parts.passed+parts.failed == 0 {
		t.Error("no example was tested")
	}
}

func runExample(t *testing.T, app example, a arrangement) {
	var unavailable *adapters.Unavailable
	if err := app.EnsureInstalled(t.Context(), func() { t.Logf("installing %s", app.Name) }); errors.As(err, &unavailable) {
		t.Skip("skipped: " + app.NotHere(unavailable.Reason, len(vectors.Builtin().Vectors())))
	} else if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	env := []string{"PORT=" + port, "TWILIO_AUTH_TOKEN=" + exampleToken}
	if a.Trust {
		env = append(env, "TRUST_PROXY=1")
	}
	start(t, app.Dir, env, app.Run...)
	answering(t, port)
	upstream := "127.0.0.1:" + port
	url := app.Scheme + "://" + upstream + app.Path
	if isRow(app, a) {
		testRow(t, app, a, url)
		return
	}
	options := endpoint.Options{Options: webhook.Options{URL: url, Timeout: time.Minute}, AuthToken: exampleToken, Upstream: url}
	if a.Nginx != "" {
		front, ca := startNginx(t, upstream, a.Nginx == "all")
		options.URL, options.CA = app.Scheme+"s://localhost:"+front+app.Path, ca
	}
	opened, err := endpoint.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.Close() })
	diagnosis, err := opened.Calibrate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diagnosis != nil || a.Diagnosis != "" {
		checkDiagnosis(t, diagnosis, a.Diagnosis)
		return
	}
	askExample(t, opened, filepath.Join(app.Dir, a.KnownFailures))
}

func checkDiagnosis(t *testing.T, d *endpoint.Diagnosis, want string) {
	switch {
	case d == nil:
		t.Errorf("it could be tested, and should have been diagnosed: %s", want)
	case want == "" || !strings.Contains(d.Sentence, want):
		t.Errorf("it is said that %s; expected %q", d.Sentence, want)
	default:
		t.Logf("as it is known, %s", d.Sentence)
		t.Logf("it verifies %s; Twilio signs %s", d.Verifies, d.Signs)
	}
}

func askExample(t *testing.T, endpoint *endpoint.Endpoint, list string) {
	known, err := conformance.ReadKnownFailures(list)
	if err != nil {
		t.Fatal(err)
	}
	plan := endpoint.Plan(vectors.Builtin().Vectors())
	all := plan.Vectors
	if err := known.Check(all); err != nil {
		t.Fatal(err)
	}
	run := conformance.Ask(t.Context(), plan, all, conformance.Judging{Known: known, Book: vectors.Rules()}, nil)
	plan.Explain(run)
	nothingUnknown(t, run)
	t.Logf("%d passed, %d are known failures, %d skipped", run.Count(conformance.Passed), run.Count(conformance.Known),
		run.Count(conformance.Skipped))
}

// startNginx puts nginx in front of an application: it ends TLS with a
// certificate of its own, and passes the headers on or does not.
func startNginx(t *testing.T, upstream string, headers bool) (port string, ca *x509.CertPool) {
	program := nginxProgram(t)
	dir := t.TempDir()
	certificate, key := certificateForLocalhost(t)
	pass := ""
	if headers {
		pass = "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Proto " +
			"$scheme; proxy_set_header X-Forwarded-For $remote_addr;"
	}
	user := "" // whoever has started it, who owns the folder; only root can say so
	if os.Getuid() == 0 {
		user = "user root;"
	}
	port = freePort(t)
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}))
	write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	write("nginx.conf", []byte(strings.NewReplacer("DIR", dir, "PORT", port, "UPSTREAM", upstream, "PASS", pass, "USER",
		user).Replace(nginxConf)))
	start(t, dir, nil, program, "-p", dir, "-e", "error.log", "-c", "nginx.conf", "-g", "daemon off;")
	answering(t, port)
	ca = x509.NewCertPool()
	ca.AddCert(certificate)
	return port, ca
}

// certificateForLocalhost returns a certificate that signs itself, and its key as PKCS #8.
func certificateForLocalhost(t *testing.T) (*x509.Certificate, []byte) {
	private, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "nginx"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, errDER := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	certificate, errParse := x509.ParseCertificate(der)
	key, errKey := x509.MarshalPKCS8PrivateKey(private)
	if err := errors.Join(errDER, errParse, errKey); err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

const nginxConf = `
worker_processes 1;
USER
pid DIR/nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path DIR/body; proxy_temp_path DIR/proxy;
  fastcgi_temp_path DIR/fastcgi; uwsgi_temp_path DIR/uwsgi; scgi_temp_path DIR/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
  server {
    listen 127.0.0.1:PORT ssl;
    ssl_certificate DIR/cert.pem;
    ssl_certificate_key DIR/key.pem;
    location / {
      proxy_pass http://UPSTREAM;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
      PASS
    }
  }
}
`

// nginxProgram returns nginx, of the machine or unpacked from Debian's package.
func nginxProgram(t *testing.T) string {
	if program, err := exec.LookPath("nginx"); err == nil {
		return program
	}
	dir, err := filepath.Abs("../.build/nginx")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "usr/sbin/nginx")
	if _, err := os.Stat(program); err == nil {
		return program
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	unpack := exec.CommandContext(t.Context(), "sh", "-c", "apt-get download nginx && dpkg -x nginx_*.deb . && usr/sbin/nginx -v")
	unpack.Dir = dir
	if output, err := unpack.CombinedOutput(); err != nil {
		t.Skipf("skipped: there is no nginx, and Debian's package cannot be had: %v", lastLine(output))
	}
	return program
}

// start starts a program that ends with the test, and shows what it wrote if
// that failed.
func start(t *testing.T, dir string, env []string, command ...string) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	output, err := os.CreateTemp(t.TempDir(), "output")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		ended := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
		cmd.Wait()
		ended.Stop()
		if data, _ := os.ReadFile(output.Name()); t.Failed() && len(data) > 0 {
			t.Logf("%s wrote, at its end: %s", command[0], data[max(0, len(data)-1000):])
		}
		output.Close()
	})
}

// answering waits until something listens on the port.
func answering(t *testing.T, port string) {
	for range 300 {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("nothing listens on its port after 30 seconds")
}

func freePort(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

func lastLine(output []byte) string {
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	return lines[len(lines)-1]
}
