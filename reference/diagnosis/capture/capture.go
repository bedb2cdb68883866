// Package capture answers: which request was received? It reads a request as
// people have it at hand, a raw HTTP request or an entry of a HAR file, and
// makes of it what an application would hand to its validator.
package capture

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sigconform/reference"
)

// Captured is a request, and what in it hints at how Twilio may have called it.
type Captured struct {
	Request reference.Request
	// Hosts are the hosts that forwarding headers name, with or without a port.
	Hosts []string
	// Paths are the paths, with their queries, that headers of rewriting proxies name.
	Paths []string
	// SchemeAssumed: nothing says whether the request came over HTTPS, and its URL
	// begins with https because most do.
	SchemeAssumed bool
	// Notes say what was assumed, for a person to read.
	Notes []string
}

// The headers that carry the signature and say which key made it (sk-header).
const (
	signatureHeader = "X-Twilio-Signature"
	settingsHeader  = "X-Twilio-Webhooks-Signature-Settings"
)

// ReadHTTP reads a raw HTTP/1 request: the request line, the headers, an empty
// line and the body; lines may end in LF. The URL is made of the request target
// and the Host header, with the scheme that X-Forwarded-Proto says or else https.
func ReadHTTP(data []byte) (Captured, error) {
	head, body, found := cutHead(data)
	if !found {
		return Captured{}, errors.New("no empty line ends the headers: a request is its first line, its headers, an empty line and its body")
	}
	reader := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(head, "\r\n\r\n"...))))
	line, err := reader.ReadLine()
	if err != nil {
		return Captured{}, errors.New("the request is empty")
	}
	method, rest, _ := strings.Cut(line, " ")
	target, version, found := cutLast(rest, " ")
	if !found || !strings.HasPrefix(version, "HTTP/1") || method == "" {
		return Captured{}, fmt.Errorf("the first line is %q; it should be like POST /sms?x=1 HTTP/1.1", line)
	}
	headers, err := reader.ReadMIMEHeader()
	if err != nil {
		return Captured{}, fmt.Errorf("cannot read the headers: %w", err)
	}
	c := Captured{Request: reference.Request{Method: method}}
	c.headers(headers)
	c.url(target, headers)
	c.paths(target, headers)
	if c.Request.Body, err = c.body(body, headers); err != nil {
		return Captured{}, err
	}
	return c, nil
}

// cutHead cuts a request at the empty line.
func cutHead(data []byte) (head, body []byte, found bool) {
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(data, []byte(end)); i >= 0 && (!found || i < len(head)) {
			head, body, found = slices.Clone(data[:i]), data[i+len(end):], true
		}
	}
	return head, body, found
}

func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, "", false
}

// headers takes content type, signature and hosts from the headers.
func (c *Captured) headers(headers textproto.MIMEHeader) {
	first := func(name string) *string {
		values := headers.Values(name)
		if len(values) == 0 {
			return nil
		}
		if len(values) > 1 {
			c.Notes = append(c.Notes, fmt.Sprintf("there are %d headers %s; the first is taken", len(values), name))
		}
		return &values[0]
	}
	c.Request.ContentType = first("Content-Type")
	c.Request.Signature = first(signatureHeader)
	c.Request.SignatureSettings = first(settingsHeader)
	for _, name := range []string{"X-Forwarded-Host", "X-Original-Host", "X-Forwarded-Server"} {
		for _, host := range strings.Split(headers.Get(name), ",") {
			c.host(host)
		}
	}
	for _, element := range strings.FieldsFunc(headers.Get("Forwarded"), func(r rune) bool { return r == ';' || r == ',' }) {
		if name, value, _ := strings.Cut(strings.TrimSpace(element), "="); strings.EqualFold(name, "host") {
			c.host(strings.Trim(value, `"`))
		}
	}
}

func (c *Captured) host(host string) {
	if host = strings.TrimSpace(host); host != "" && !slices.Contains(c.Hosts, host) {
		c.Hosts = append(c.Hosts, host)
	}
}

// url makes the URL of the request target.
func (c *Captured) url(target string, headers textproto.MIMEHeader) {
	if _, absolute := reference.SplitURL(target); absolute {
		c.Request.URL = target
		return
	}
	scheme := forwardedScheme(headers)
	if scheme == "" {
		scheme, c.SchemeAssumed = "https", true
	}
	c.Request.URL = scheme + "://" + headers.Get("Host") + target
	if headers.Get("Host") == "" {
		c.Notes = append(c.Notes, "there is no Host header: name the URL with --url")
	}
}

// forwardedScheme is the scheme that the proxy in front says, "" if none does.
func forwardedScheme(headers textproto.MIMEHeader) string {
	for _, name := range []string{"X-Forwarded-Proto", "X-Forwarded-Scheme", "Cloudfront-Forwarded-Proto"} {
		scheme, _, _ := strings.Cut(headers.Get(name), ",")
		if scheme = strings.TrimSpace(scheme); scheme == "http" || scheme == "https" {
			return scheme
		}
	}
	return ""
}

// paths takes from the headers what the target was before a proxy rewrote it: as
// a whole, or the prefix that it took away.
func (c *Captured) paths(target string, headers textproto.MIMEHeader) {
	for _, name := range []string{"X-Original-Uri", "X-Original-Url", "X-Forwarded-Uri", "X-Rewrite-Url", "X-Envoy-Original-Path"} {
		if original := headers.Get(name); strings.HasPrefix(original, "/") && original != target {
			c.Paths = append(c.Paths, original)
		}
	}
	for _, name := range []string{"X-Forwarded-Prefix", "X-Forwarded-Path", "X-Script-Name"} {
		if prefix := strings.TrimSuffix(headers.Get(name), "/"); strings.HasPrefix(prefix, "/") {
			c.Paths = append(c.Paths, prefix+target)
		}
	}
}

// body takes the body as Content-Length or chunks delimit it. Without either,
// one line end at the end of the file is taken for the editor's.
func (c *Captured) body(raw []byte, headers textproto.MIMEHeader) ([]byte, error) {
	if strings.EqualFold(headers.Get("Transfer-Encoding"), "chunked") {
		body, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(raw)))
		if err != nil {
			return nil, fmt.Errorf("cannot read the chunked body (%w): was it cut, or its line ends changed?", err)
		}
		return body, nil
	}
	if length, err := strconv.Atoi(strings.TrimSpace(headers.Get("Content-Length"))); err == nil && length >= 0 {
		if length > len(raw) {
			return nil, fmt.Errorf("Content-Length is %d, but the body has only %d bytes: was it cut, or its line ends changed?", length, len(raw))
		}
		if strings.TrimSpace(string(raw[length:])) != "" {
			c.Notes = append(c.Notes, fmt.Sprintf("the body is longer than its Content-Length; its first %d bytes are taken", length))
		}
		return raw[:length], nil
	}
	trimmed := bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	if len(trimmed) != len(raw) {
		c.Notes = append(c.Notes, "there is no Content-Length; the line end at the end of the file is not taken as a part of the body")
	}
	return trimmed, nil
}

// har is what is read of a HAR file, version 1.2.
type har struct {
	Log struct {
		Entries []struct {
			Request struct {
				Method   string
				URL      string
				Headers  []struct{ Name, Value string }
				PostData *struct {
					MimeType string
					Text     string
					Encoding string // "base64", as some tools write it
					Params   []struct{ Name, Value string }
				}
			}
		}
	}
}

// ReadHAR reads the entry with that number, from 1, of a HAR file; 0 for the
// only one that has the signature header.
func ReadHAR(data []byte, number int) (Captured, error) {
	var file har
	if err := json.Unmarshal(data, &file); err != nil {
		return Captured{}, fmt.Errorf("this is no HAR file: %w", err)
	}
	entries := file.Log.Entries
	if number == 0 {
		var signed []string
		for i, e := range entries {
			for _, h := range e.Request.Headers {
				if strings.EqualFold(h.Name, signatureHeader) {
					signed = append(signed, strconv.Itoa(i+1))
					number = i + 1
				}
			}
		}
		if len(signed) != 1 {
			return Captured{}, fmt.Errorf("%d of the %d entries have a header %s; say which with --entry: %s", len(signed), len(entries),
				signatureHeader, strings.Join(signed, ", "))
		}
	}
	if number < 1 || number > len(entries) {
		return Captured{}, fmt.Errorf("there is no entry %d, there are %d", number, len(entries))
	}
	r := entries[number-1].Request
	c := Captured{Request: reference.Request{Method: r.Method, URL: r.URL}}
	headers := textproto.MIMEHeader{}
	for _, h := range r.Headers {
		headers.Add(h.Name, h.Value)
	}
	c.headers(headers)
	if r.PostData == nil {
		return c, nil
	}
	c.Request.Body = []byte(r.PostData.Text)
	if r.PostData.Encoding == "base64" {
		body, err := base64.StdEncoding.DecodeString(r.PostData.Text)
		if err != nil {
			return Captured{}, fmt.Errorf("the body of entry %d is not Base64: %w", number, err)
		}
		c.Request.Body = body
	}
	if r.PostData.Text == "" && len(r.PostData.Params) > 0 {
		var pairs []string
		for _, p := range r.PostData.Params {
			pairs = append(pairs, url.QueryEscape(p.Name)+"="+url.QueryEscape(p.Value))
		}
		c.Request.Body = []byte(strings.Join(pairs, "&"))
		c.Notes = append(c.Notes, "the file has no text of the body; it is put together from the list of parameters")
	}
	if c.Request.ContentType == nil && r.PostData.MimeType != "" {
		c.Request.ContentType = &r.PostData.MimeType
	}
	return c, nil
}
