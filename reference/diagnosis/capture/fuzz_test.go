package capture_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http/httputil"
	"reflect"
	"strings"
	"testing"

	"sigconform/reference"
	"sigconform/reference/diagnosis/capture"
)

// FuzzCapturedRequest: whatever a captured HTTP request holds, it is read or
// refused, and what is read survives being sent: with its length, and in chunks.
func FuzzCapturedRequest(f *testing.F) {
	for _, seed := range []string{
		"POST /myapp?a=1 HTTP/1.1\r\nHost: example.com\r\nX-Twilio-Signature: x\r\n" +
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\n\r\nDigits=1",
		"GET /myapp HTTP/1.1\nHost: [::1]:8443\nX-Forwarded-Proto: https\n\n",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
		"PUT /a b?x HTTP/1.1\r\nHost: h:80\r\nContent-Type: application/json\r\nX-Twilio-Signature:\r\n\r\n{\"a\":\"\r\n\r\n\"}\r\n",
		"POST http://user:pass@h/x#y HTTP/1.1\nContent-Length: 3\n\n\n\n\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = capture.ReadHAR(data, 1)
		captured, err := capture.ReadHTTP(data)
		if err != nil {
			return
		}
		r := captured.Request
		if r.Method == "" {
			t.Fatalf("%q has no method", data)
		}
		if _, absolute := reference.SplitURL(r.URL); !absolute {
			return // it had no Host
		}
		for _, chunked := range []bool{false, true} {
			sent := sent(t, r, chunked)
			again, err := capture.ReadHTTP(sent)
			if err != nil {
				t.Fatalf("%q cannot be read: %v", sent, err)
			}
			if got := again.Request; !bytes.Equal(got.Body, r.Body) {
				t.Fatalf("%q has the body %q, not %q", sent, got.Body, r.Body)
			} else if got.Body, r.Body = nil, nil; !reflect.DeepEqual(got, r) {
				t.Fatalf("%q is read as %+v, not %+v", sent, got, r)
			}
			r = captured.Request
		}
	})
}

// sent is the request as a client sends it to a proxy, which names the whole URL.
func sent(t *testing.T, r reference.Request, chunked bool) []byte {
	t.Helper()
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\n", r.Method, r.URL)
	for name, value := range map[string]*string{
		"Content-Type": r.ContentType, "X-Twilio-Signature": r.Signature, "X-Twilio-Webhooks-Signature-Settings": r.SignatureSettings,
	} {
		if value != nil {
			fmt.Fprintf(&out, "%s: %s\r\n", name, *value)
		}
	}
	if !chunked {
		fmt.Fprintf(&out, "Content-Length: %d\r\n\r\n%s", len(r.Body), r.Body)
		return out.Bytes()
	}
	out.WriteString("Transfer-Encoding: chunked\r\n\r\n")
	chunks := httputil.NewChunkedWriter(&out)
	half := len(r.Body) / 2
	for _, part := range [][]byte{r.Body[:half], r.Body[half:]} {
		if _, err := io.Copy(chunks, strings.NewReader(string(part))); err != nil {
			t.Fatal(err)
		}
	}
	if err := chunks.Close(); err != nil {
		t.Fatal(err)
	}
	out.WriteString("\r\n")
	return out.Bytes()
}
