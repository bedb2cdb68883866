package endpoint_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"sigconform/adapters/webhook"
	"sigconform/spec/endpoint"
)

// TestSilent: what takes connections and is no web server, or gives no answer, is
// told at once, with what to type instead.
func TestSilent(t *testing.T) {
	for name, c := range map[string]struct {
		scheme string
		serve  func(net.Conn)
		said   []string
	}{
		"hangs": {"http", func(c net.Conn) { io.Copy(io.Discard, c) },
			[]string{"answers neither a right request nor a wrong one", "--timeout"}},
		"hangs at TLS": {"https", func(c net.Conn) { io.Copy(io.Discard, c) }, []string{"handshake of TLS", "--endpoint http://127.0.0.1:"}},
		"closes":       {"http", func(c net.Conn) {}, []string{"closes them without an answer", "--endpoint https://127.0.0.1:"}},
		"closes TLS":   {"https", func(c net.Conn) { c.Read(make([]byte, 1)) }, []string{"handshake of TLS", "--endpoint http://"}},
		"no HTTP": {"http", func(c net.Conn) { io.WriteString(c, "SSH-2.0-x\r\n"); io.Copy(io.Discard, c) },
			[]string{"no web server", `"SSH-2.0-x`, "port of the application"}},
		"no TLS": {"https", func(c net.Conn) { io.WriteString(c, "SSH-2.0-x\r\n"); io.Copy(io.Discard, c) }, []string{"does not speak TLS"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			g.Expect(err).NotTo(HaveOccurred())
			defer listener.Close()
			go func() {
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					go func() { defer conn.Close(); c.serve(conn) }()
				}
			}()
			timeout := 30 * time.Second
			if name == "hangs" || name == "hangs at TLS" { // no answer comes, however long it is waited for
				timeout = 200 * time.Millisecond
			}
			options := webhook.Options{URL: c.scheme + "://" + listener.Addr().String() + "/sms", Timeout: timeout}
			e, err := endpoint.Open(endpoint.Options{Options: options, AuthToken: token})
			g.Expect(err).NotTo(HaveOccurred())
			defer e.Close()
			d, err := e.Calibrate(context.Background())
			g.Expect(d).To(BeNil())
			g.Expect(err).To(HaveOccurred())
			for _, text := range c.said {
				g.Expect(err.Error()).To(ContainSubstring(text))
			}
		})
	}
}
