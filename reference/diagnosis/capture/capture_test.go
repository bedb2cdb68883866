package capture_test

import (
	"strings"
	"testing"

	"sigconform/reference/diagnosis/capture"
)

const head = "POST /sms?a=%20b HTTP/1.1\r\nHost: localhost:3000\r\nContent-Type: " +
	"application/x-www-form-urlencoded\r\nX-Twilio-Signature: c2lnbmF0dXJl\r\n"

func TestReadHTTP(t *testing.T) {
	for name, c := range map[string]struct{ raw, url, body, hosts string }{
		"length":    {head + "Content-Length: 3\r\n\r\na=1\n", "https://localhost:3000/sms?a=%20b", "a=1", ""},
		"no length": {head + "\r\na=1\n", "https://localhost:3000/sms?a=%20b", "a=1", ""},
		"LF":        {strings.ReplaceAll(head, "\r", "") + "\na=1\r\n", "https://localhost:3000/sms?a=%20b", "a=1", ""},
		"forwarded": {head + "X-Forwarded-Proto: http, https\r\nX-Forwarded-Host: example.com\r\nForwarded: " +
			"for=1;host=\"h:8\"\r\n\r\na=1", "http://localhost:3000/sms?a=%20b", "a=1", "example.com,h:8"},
		"chunked": {head + "Transfer-Encoding: chunked\r\n\r\n2\r\na=\r\n1\r\n1\r\n0\r\n\r\n",
			"https://localhost:3000/sms?a=%20b", "a=1", ""},
		"absolute":        {strings.Replace(head, "/sms", "http://h/sms", 1) + "\r\na=1", "http://h/sms?a=%20b", "a=1", ""},
		"blank in target": {strings.Replace(head, "?a=", "?a= ", 1) + "\r\na=1", "https://localhost:3000/sms?a= %20b", "a=1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c2, err := capture.ReadHTTP([]byte(c.raw))
			if err != nil {
				t.Fatal(err)
			}
			r := c2.Request
			if r.Method != "POST" || r.URL != c.url || string(r.Body) != c.body || strings.Join(c2.Hosts, ",") != c.hosts {
				t.Errorf("%s %s %q %q", r.Method, r.URL, r.Body, c2.Hosts)
			}
			if r.Signature == nil || *r.Signature != "c2lnbmF0dXJl" || !r.IsForm() {
				t.Errorf("signature %v, content type %v", r.Signature, r.ContentType)
			}
		})
	}
	for raw, want := range map[string]string{
		"":                                    "no empty line ends the headers",
		"POST / HTTP/1.1\r\n":                 "no empty line ends the headers",
		"hello\n\n":                           `the first line is "hello"`,
		head + "Content-Length: 9\r\n\r\na=1": "Content-Length is 9, but the body has only 3 bytes",
		head + "Transfer-Encoding: chunked\r\n\r\nffffff\r\na=1": "cannot read the chunked body (unexpected EOF)",
		head + "Transfer-Encoding: chunked\r\n\r\n3\r\na=1":      "cannot read the chunked body (unexpected EOF)",
		head + "Transfer-Encoding: chunked\r\n\r\n3\r\na=1&b":    "cannot read the chunked body (",
		head + "Transfer-Encoding: chunked\r\n\r\nhello\r\n":     "cannot read the chunked body (invalid byte in chunk length)",
		head + "no colon\r\n\r\n":                                "cannot read the headers",
	} {
		if _, err := capture.ReadHTTP([]byte(raw)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", raw, err, want)
		}
	}
}

// TestPaths: what a proxy says the path was before it rewrote it.
func TestPaths(t *testing.T) {
	const raw = "POST /in?x=1 HTTP/1.1\nHost: h\nX-Forwarded-Prefix: /api/\nX-Original-URI: /twilio?x=1\nX-Rewrite-URL: https://evil/\n\n"
	c, err := capture.ReadHTTP([]byte(raw))
	if got := strings.Join(c.Paths, " "); err != nil || got != "/twilio?x=1 /api/in?x=1" {
		t.Errorf("%v, %q", err, got)
	}
}

func TestReadHAR(t *testing.T) {
	const file = `{"log":{"entries":[
	  {"request":{"method":"GET","url":"https://h/","headers":[]}},
	  {"request":{"method":"POST","url":"https://h/sms","headers":[{"name":"x-twilio-signature","value":"c2ln"}],
	    "postData":{"mimeType":"application/x-www-form-urlencoded","text":"a=1"}}}]}}`
	for number, wantErr := range map[int]bool{0: false, 1: false, 2: false, 3: true, -1: true} {
		c, err := capture.ReadHAR([]byte(file), number)
		if (err != nil) != wantErr {
			t.Errorf("entry %d: %v", number, err)
		}
		if number == 0 && (string(c.Request.Body) != "a=1" || !c.Request.IsForm() || *c.Request.Signature != "c2ln") {
			t.Errorf("%+v", c.Request)
		}
	}
	if _, err := capture.ReadHAR([]byte("{}"), 0); err == nil ||
		!strings.Contains(err.Error(), "0 of the 0 entries have a header X-Twilio-Signature") {
		t.Error(err)
	}
	if _, err := capture.ReadHAR([]byte("no"), 0); err == nil {
		t.Error("no error")
	}
	const list = `{"log":{"entries":[{"request":{"method":"POST","url":"https://h/","headers":[{"name":"X-Twilio-Signature","value":"c2ln"}],
	  "postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"a b","value":"+1"},{"name":"c","value":""}]}}}]}}`
	if c, err := capture.ReadHAR([]byte(list), 0); err != nil || string(c.Request.Body) != "a+b=%2B1&c=" || len(c.Notes) != 1 {
		t.Errorf("%v, %q, %q", err, c.Request.Body, c.Notes)
	}
}
