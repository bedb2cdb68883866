package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sigconform/adapters/protocol"
	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/defect"
)

// This file compares the SDK with the reference, request by request and in one
// process, so that 'go test -fuzz' sees into both. The SDK has to answer what
// the docs demand (judge.Judge: nothing where a question is open),
// or what the reference answers with the known differences built in.
//
// The SDK tells no string to sign: what it signs shows in which signatures it
// accepts.

// known are the differences, as the catalogue of package defect names them, in
// the order in which they are built into the reference.
var known = []string{
	// Answers to questions, which meet with the mistakes.
	"product-not-told",
	"http-port-drop-tolerated",
	"empty-token-used",
	"body-on-get-ignored",
	"body-on-put-ignored",
	// The mistakes that known-failures.txt lists.
	"userinfo-kept",
	"ipv6-host-split",
	"wss-port-80-tolerated",
	"first-value-only",
	"unhashed-body-taken-for-form", // the last: it asks what stands before it again
}

// differing returns the reference with defects built in.
func differing(keys []string) reference.Validator {
	v := reference.New()
	for _, key := range keys {
		variant, err := defect.Find(key)
		if err != nil {
			panic(err)
		}
		v = variant.Apply(v)
	}
	return v
}

// FuzzTwilioGo: the SDK differs from what the docs demand only where that is
// known.
func FuzzTwilioGo(f *testing.F) {
	for _, in := range seeds() {
		f.Add(in.method, in.product, in.token, in.url, in.contentType, in.body, byte(in.part), in.edit.at, in.edit.length, in.edit.by)
	}
	model := differing(known)
	f.Fuzz(func(t *testing.T, method, product byte, token, url, contentType string, body []byte, which byte, at uint16, length byte,
		by string) {
		in := input{method, product, token, url, contentType, body, part(which) % parts, edit{at, length, by}}
		if difference := compare(in, model); difference != "" {
			t.Fatal(difference)
		}
	})
}

// TestEveryDifferenceIsMet: the target fails without any of the known
// differences, on what it is seeded with.
func TestEveryDifferenceIsMet(t *testing.T) {
	for i, key := range known {
		t.Run(key, func(t *testing.T) {
			model := differing(slices.Delete(slices.Clone(known), i, i+1))
			for _, in := range seeds() {
				if difference := compare(in, model); difference != "" {
					return
				}
			}
			t.Error("nothing differs without it")
		})
	}
}

// compare asks the SDK what in makes. It returns "" if the answer is what the
// norm demands, what the model answers, or open, and else says what is wrong.
func compare(in input, model reference.Validator) string {
	c, ok := in.made()
	if !ok || beyond(c.Request) {
		return ""
	}
	sdk, err := askSDK(c)
	if err != nil {
		return fmt.Sprintf("twilio-go throws: %v\n%s", err, tell(c, model))
	}
	expected := judge.Judge(&c)
	if expected == judge.NotJudged || sdk == (expected == judge.MustAccept) || sdk == model.Validate(c.Token, c.Request) {
		return ""
	}
	return fmt.Sprintf("%s, and twilio-go answers %s, which no known difference explains\n%s", expected, verdict(sdk), tell(c, model))
}

// beyond reports whether a difference would be one that no defect is about, for
// one of these reasons:
//
//   - Twilio calls URLs of http, https and wss. The SDK drops the port of every
//     scheme; that of wss is a question (wss-port).
//   - net/url, with which the SDK parses the query, leaves out pairs with a
//     semicolon or a malformed escape, and so does not see a hash there. The
//     hash that Twilio sends has neither.
func beyond(r reference.Request) bool {
	p, _ := reference.SplitURL(r.URL)
	if p.Scheme != "http" && p.Scheme != "https" && (p.Scheme != "wss" || p.Port != "") {
		return true
	}
	hashes := reference.BodyHashes(r.URL)
	u, err := url.Parse(r.URL)
	return err == nil && !slices.Equal(hashes, u.Query()[reference.BodyHashParam])
}

// askSDK asks the SDK as the shim does, with a request that went through the
// protocol. It is given no params, which are what the reference decodes: the
// body is decoded by net/url.
func askSDK(c judge.Case) (valid bool, err error) {
	line, err := protocol.EncodeCase(protocol.Case{AuthToken: c.Token, Request: c.Request})
	if err != nil {
		return false, err
	}
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return false, err
	}
	asked.Params = nil
	a := answerTo(asked)
	if a.Valid == nil {
		return false, fmt.Errorf("%s", a.Error)
	}
	return *a.Valid, nil
}

func verdict(valid bool) string {
	if valid {
		return "accept"
	}
	return "reject"
}

// tell shows the request, what its signature was made of, and who accepts the
// signature of each string that might be the one to sign.
func tell(c judge.Case, model reference.Validator) string {
	var s strings.Builder
	r := c.Request
	contentType := "no content type"
	if r.ContentType != nil {
		contentType = fmt.Sprintf("content type %q", *r.ContentType)
	}
	fmt.Fprintf(&s, "  %s %q, product %q, %s, a token of %d bytes\n  body       %q\n", r.Method, r.URL, r.Product, contentType,
		len(c.Token), r.Body)
	switch {
	case c.Signed.None:
		fmt.Fprintf(&s, "  signature  %q, which signs nothing\n", *r.Signature)
	case c.Signed.Key != c.Token:
		fmt.Fprintf(&s, "  signed     %q, with another key\n", c.Signed.String)
	default:
		fmt.Fprintf(&s, "  signed     %q\n", c.Signed.String)
	}
	candidates := slices.Concat([]string{c.Signed.String}, reference.New().StringsToSign(r), model.StringsToSign(r))
	for i, candidate := range candidates {
		if slices.Contains(candidates[:i], candidate) {
			continue
		}
		signature := reference.Encode(reference.MAC(c.Token, candidate))
		again := judge.Case{Token: c.Token, Request: r}
		again.Request.Signature = &signature
		sdk, _ := askSDK(again)
		fmt.Fprintf(&s, "  signed as  %q the reference answers %s, with the known differences %s, twilio-go %s\n", candidate,
			verdict(reference.New().Validate(c.Token, again.Request)), verdict(model.Validate(c.Token, again.Request)), verdict(sdk))
	}
	return s.String()
}
