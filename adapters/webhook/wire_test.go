package webhook_test

import (
	"context"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
)

// recorder is a server that keeps the bytes it receives and answers 204. It
// knows nothing of HTTP but where a body of known length ends.
func recorder(t *testing.T, last string) (address string, received func() string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	got := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(5 * time.Second))
		var all []byte
		buffer := make([]byte, 4096)
		for !strings.HasSuffix(string(all), last) {
			n, err := conn.Read(buffer)
			all = append(all, buffer[:n]...)
			if err != nil {
				break
			}
		}
		got <- string(all)
		io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
	}()
	return listener.Addr().String(), func() string { return <-got }
}

func text(s string) *string { return &s }

const form = "application/x-www-form-urlencoded"

// What is sent is compared byte by byte: a client library would add, sort or
// rewrite something here.
func TestWhatIsSent(t *testing.T) {
	for name, test := range map[string]struct {
		options  webhook.Options // ADDRESS stands for the server's
		delivery webhook.Delivery
		last     string // how the bytes end
		want     string
	}{
		"a form": {
			options: webhook.Options{URL: "http://ADDRESS/sms"},
			delivery: webhook.Delivery{Case: protocol.Case{Request: reference.Request{
				Method: "POST", URL: "http://ADDRESS/sms", ContentType: text(form), Body: []byte("Body=a+b&From=%2B1"), Signature: text("c2ln"),
			}}},
			last: "%2B1",
			want: "POST /sms HTTP/1.1\nHost: ADDRESS\nUser-Agent: TwilioProxy/1.1\nAccept: */*\nX-Home-Region: " +
				"us1\nI-Twilio-Idempotency-Token: UUID\n" +
				"Content-Type: application/x-www-form-urlencoded\nContent-Length: 18\nX-Twilio-Signature: c2ln\n\nBody=a+b&From=%2B1",
		},
		"a target that nobody may touch": {
			options: webhook.Options{URL: "http://user:secret@ADDRESS/sms"},
			delivery: webhook.Delivery{Case: protocol.Case{Request: reference.Request{
				Method: "GET", URL: "http://user:secret@ADDRESS//a/./b/../%2e%2E/%7e;p?b=O'B&a=[x]&&c=%2b+%20?/@:#frag", Signature: text(""),
			}}},
			last: "\r\n\r\n",
			want: "GET //a/./b/../%2e%2E/%7e;p?b=O'B&a=[x]&&c=%2b+%20?/@: HTTP/1.1\nHost: ADDRESS\nUser-Agent: TwilioProxy/1.1\nAccept: */*\n" +
				"X-Home-Region: us1\nI-Twilio-Idempotency-Token: UUID\nX-Twilio-Signature: \n\n",
		},
		"no signature, no type, no body": {
			options:  webhook.Options{URL: "http://ADDRESS"},
			delivery: webhook.Delivery{Case: protocol.Case{Request: reference.Request{Method: "POST", URL: "http://ADDRESS?"}}},
			last:     "\r\n\r\n",
			want: "POST /? HTTP/1.1\nHost: ADDRESS\nUser-Agent: TwilioProxy/1.1\nAccept: */*\nX-Home-Region: " +
				"us1\nI-Twilio-Idempotency-Token: UUID\n" +
				"Content-Length: 0\n\n",
		},
		"behind a proxy": {
			options: webhook.Options{URL: "http://ADDRESS/sms", PublicURL: "https://example.com:8443/hooks/sms",
				Header: []webhook.Field{{"x-extra", "1"}, {"user-agent", "me"}}},
			delivery: webhook.Delivery{Case: protocol.Case{Request: reference.Request{
				Method: "GET", URL: "https://example.com:8443/hooks/sms/a?b=1", Signature: text("c2ln"),
			}}},
			last: "\r\n\r\n",
			want: "GET /sms/a?b=1 HTTP/1.1\nHost: example.com:8443\nuser-agent: me\nAccept: */*\nX-Home-Region: " +
				"us1\nI-Twilio-Idempotency-Token: UUID\n" +
				"X-Forwarded-Proto: https\nX-Forwarded-Host: example.com:8443\nx-extra: 1\nX-Twilio-Signature: c2ln\n\n",
		},
		"a handshake": {
			options: webhook.Options{URL: "ws://ADDRESS/stream"},
			delivery: webhook.Delivery{Case: protocol.Case{Request: reference.Request{Method: "GET", URL: "ws://ADDRESS/stream/",
				Signature: text("c2ln")}}},
			last: "\r\n\r\n",
			want: "GET /stream/ HTTP/1.1\nHost: ADDRESS\nUser-Agent: TwilioProxy/1.1\nUpgrade: websocket\nConnection: Upgrade\n" +
				"Sec-WebSocket-Key: KEY\nSec-WebSocket-Version: 13\nx-twilio-signature: c2ln\n\n",
		},
		"in chunks, with two signatures in lower case": {
			options: webhook.Options{URL: "http://ADDRESS/sms"},
			delivery: webhook.Delivery{
				Case:       protocol.Case{Request: reference.Request{Method: "POST", URL: "http://ADDRESS/sms", Body: []byte("Body=Hello")}},
				Signatures: []string{"one", "two"}, SignatureName: "x-twilio-signature", Chunked: true, Target: "http://other/sms",
			},
			last: "0\r\n\r\n",
			want: "POST http://other/sms HTTP/1.1\nHost: ADDRESS\nUser-Agent: TwilioProxy/1.1\nAccept: */*\nX-Home-Region: " +
				"us1\nI-Twilio-Idempotency-Token: UUID\n" +
				"Transfer-Encoding: chunked\nx-twilio-signature: one\nx-twilio-signature: two\n\n7\nBody=He\n3\nllo\n0\n\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			address, received := recorder(t, test.last)
			here := strings.NewReplacer("ADDRESS", address).Replace
			test.options.URL = here(test.options.URL)
			test.delivery.Request.URL = here(test.delivery.Request.URL)
			client, err := webhook.NewClient(test.options)
			g.Expect(err).NotTo(HaveOccurred())
			defer client.Close()
			reply, err := client.Send(context.Background(), test.delivery)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(reply.Status).To(Equal(204), reply.Detail)
			got := strings.ReplaceAll(received(), "\r\n", "\n")
			got = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`).ReplaceAllString(got, "UUID")
			got = regexp.MustCompile(`Sec-WebSocket-Key: [A-Za-z0-9+/]{22}==`).ReplaceAllString(got, "Sec-WebSocket-Key: KEY")
			g.Expect(got).To(Equal(here(test.want)))
		})
	}
}

// A vector is untrusted: nothing in it may become a header or a second request.
func TestWhatHTTPCannotCarryIsNotSent(t *testing.T) {
	for name, change := range map[string]func(*reference.Request){
		"a line end in the signature":    func(r *reference.Request) { r.Signature = text("a\r\nX-Evil: 1") },
		"a line feed in the signature":   func(r *reference.Request) { r.Signature = text("a\n") },
		"NUL in the content type":        func(r *reference.Request) { r.ContentType = text("a\x00") },
		"a space in the URL":             func(r *reference.Request) { r.URL = "http://127.0.0.1:1/a b" },
		"a line end in the host":         func(r *reference.Request) { r.URL = "http://a\r\nX-Evil: 1/a" },
		"a method that is several words": func(r *reference.Request) { r.Method = "GET /x HTTP/1.1\r\nX:" },
		"no URL":                         func(r *reference.Request) { r.URL = "/sms" },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, err := webhook.NewClient(webhook.Options{URL: "http://127.0.0.1:1/"})
			g.Expect(err).NotTo(HaveOccurred())
			request := reference.Request{Method: "POST", URL: "http://127.0.0.1:1/"}
			change(&request)
			reply, err := client.Send(context.Background(), webhook.Delivery{Case: protocol.Case{Request: request}})
			g.Expect(err).NotTo(HaveOccurred(), "nothing listens there: it was about to be sent")
			g.Expect(reply.Verdict).To(Equal(reference.Unsupported))
			g.Expect(reply.Detail).To(ContainSubstring("HTTP cannot carry it"))
		})
	}
}
