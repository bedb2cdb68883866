package main

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/vectors"
)

// input is what the fuzzer changes: a request, signed as Twilio signs it but
// for one edit at one part of what the signature is made of. So the signature
// stays near to being right, whatever becomes of the rest.
type input struct {
	method, product         byte   // of those below
	token, url, contentType string // no content type if it is ""
	body                    []byte
	part                    part
	edit                    edit
}

var (
	methods  = []string{"POST", "GET", "PUT"}
	products = []reference.Product{reference.ProductUnknown, reference.Voice, reference.Messaging}
)

// part is a part of what a signature is made of.
type part byte

const (
	nothing part = iota
	signedURL
	signedForm // also where the body is no form
	signedKey
	signatureText
	parts
)

// edit puts other bytes in the place of those from at on.
type edit struct {
	at     uint16
	length uint8
	by     string
}

func (e edit) of(s string) string {
	at := int(e.at) % (len(s) + 1)
	return s[:at] + e.by + s[min(at+int(e.length), len(s)):]
}

// editTo returns the edit that makes another text of s; false if it is too long.
func editTo(another, s string) (edit, bool) {
	start, end := 0, 0
	for start < min(len(s), len(another)) && s[start] == another[start] {
		start++
	}
	for end < min(len(s), len(another))-start && s[len(s)-1-end] == another[len(another)-1-end] {
		end++
	}
	e := edit{uint16(start), uint8(len(s) - start - end), another[start : len(another)-end]}
	return e, e.of(s) == another
}

// bodyHash stands in a URL for the hash of the body, so that it is right
// whatever becomes of the body.
const bodyHash = "{hash}"

// made returns the request with its signature; false if it is not one that the
// protocol can tell.
func (in input) made() (judge.Case, bool) {
	r := reference.Request{Method: methods[int(in.method)%len(methods)], Product: products[int(in.product)%len(products)], Body: in.body}
	r.URL = strings.ReplaceAll(in.url, bodyHash, reference.BodyHash(in.body))
	if in.contentType != "" {
		r.ContentType = &in.contentType
	}
	signed := judge.Signed{Key: in.token, URL: reference.SignedURLs(r.URL, r.Product)[0], Params: reference.OrderParams(reference.Params(r))}
	switch in.part {
	case signedURL:
		signed.URL = in.edit.of(signed.URL)
	case signedForm:
		signed.Params = reference.OrderParams(reference.ParseForm([]byte(in.edit.of(string(in.body)))))
	case signedKey:
		signed.Key = in.edit.of(in.token)
	}
	signed.String = reference.Join(signed.URL, signed.Params)
	signature := reference.Encode(reference.MAC(signed.Key, signed.String))
	if in.part == signatureText {
		another := in.edit.of(signature)
		signed.None, signature = another != signature, another
	}
	r.Signature = &signature
	text := true
	for _, s := range []string{in.token, r.URL, in.contentType, signature} {
		text = text && utf8.ValidString(s)
	}
	return judge.Case{Token: in.token, Request: r, Signed: signed}, text
}

// seeds returns the vectors that one edit can express, and where known
// differences meet as they do in no vector.
func seeds() []input {
	const form, json = "application/x-www-form-urlencoded", "application/json"
	const post, get, put = 0, 1, 2
	const unknown, voice, messaging = 0, 1, 2
	cut := edit{uint16(len("https://[2001")), byte(len(":db8::1]")), ""}
	cutWithPort := edit{uint16(len("https://[2001")), byte(len(":db8::1]:8443")), ""}
	const a = "https://[2001:db8::1]:8443/p"
	seeds := []input{
		{post, messaging, "12345", a, form, []byte("a=1"), signedURL, cutWithPort},
		{post, unknown, "12345", "http" + a[len("https"):], form, []byte("a=1"), signedURL, edit{cutWithPort.at - 1, cutWithPort.length, ""}},
		{get, voice, "12345", a, form, []byte("a=1"), signedURL, cut},
		{put, voice, "12345", a, form, []byte("a=1"), signedURL, cut},
		{post, unknown, "", "https://example.com/p", json, []byte("a=1"), signedForm, edit{}},
		{post, unknown, "12345", "https://example.com/p?bodySHA256=", json, []byte("a=1"), signedForm, edit{}},
		{put, unknown, "12345", "https://example.com/p", json, []byte("a=1"), signedForm, edit{}},
	}
	for _, v := range vectors.Builtin().Vectors() {
		if in, ok := seed(v); ok {
			seeds = append(seeds, in)
		}
	}
	return seeds
}

func seed(v *vectors.Vector) (input, bool) {
	r := v.Request.Reference()
	if len(r.Body)+len(r.URL) > 4096 || v.Signed == nil {
		return input{}, false
	}
	method, product := slices.Index(methods, r.Method), slices.Index(products, r.Product)
	in := input{token: string(v.AuthToken), method: byte(method), product: byte(product), body: r.Body}
	in.url = strings.ReplaceAll(r.URL, reference.BodyHash(r.Body), bodyHash)
	if r.ContentType != nil {
		in.contentType = *r.ContentType
	}
	right, _ := in.made()
	ok := true
	switch {
	case string(v.Signed.URL) != right.Signed.URL:
		in.part = signedURL
		in.edit, ok = editTo(string(v.Signed.URL), right.Signed.URL)
	case !slices.Equal(v.Signed.Pairs(), right.Signed.Params):
		in.part = signedForm
		in.edit, ok = editTo(form(v.Signed.Pairs()), string(r.Body))
	case v.Key() != in.token:
		in.part = signedKey
		in.edit, ok = editTo(v.Key(), in.token)
	case r.Signature != nil:
		in.part = signatureText
		in.edit, ok = editTo(*r.Signature, *right.Request.Signature)
	}
	made, valid := in.made()
	return in, ok && valid && method >= 0 && r.Signature != nil && *made.Request.Signature == *r.Signature
}

// form returns the parameters as a body.
func form(params []reference.Param) string {
	var pairs []string
	for _, p := range params {
		pairs = append(pairs, url.QueryEscape(p.Name)+"="+url.QueryEscape(p.Value))
	}
	return strings.Join(pairs, "&")
}
