// Package native holds the fuzz targets of 'go test -fuzz': everything of ours
// that reads what others wrote. Each states what is true of any bytes. Their
// corpora are seeded from the vectors. The package imports neither Ginkgo nor
// net/http: both make instrumented builds slow. (What reads captured requests
// needs net/http; its target is in its own package.)
package native

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/vectors"
)

// requests calls add with the request of every vector that is not very long.
func requests(add func(token string, r reference.Request)) {
	for _, v := range vectors.Builtin().Vectors() {
		if r := v.Request.Reference(); len(r.Body)+len(r.URL) < 4096 {
			add(string(v.AuthToken), r)
		}
	}
}

// FuzzSplitURL: the pieces are verbatim, and what is signed is the URL without
// userinfo, fragment and, for voice, the port.
func FuzzSplitURL(f *testing.F) {
	requests(func(_ string, r reference.Request) { f.Add(r.URL) })
	f.Fuzz(func(t *testing.T, url string) {
		p, ok := reference.SplitURL(url)
		if !ok {
			if got := reference.SignedURLs(url, reference.Voice); !slices.Equal(got, []string{url}) {
				t.Fatalf("%q is no URL and is signed as %q", url, got)
			}
			return
		}
		if p.String() != url {
			t.Fatalf("%q is cut into %+v", url, p)
		}
		for _, product := range []reference.Product{reference.ProductUnknown, reference.Voice, reference.Messaging} {
			for _, signed := range reference.SignedURLs(url, product) {
				if strings.Contains(signed, "#") || len(signed) > len(url)+1 {
					t.Fatalf("%q is signed as %q", url, signed)
				}
				if !strings.HasPrefix(signed, p.Scheme+"://"+p.Host) {
					t.Fatalf("%q is signed as %q", url, signed)
				}
			}
		}
	})
}

// FuzzParseForm: there is a parameter for each pair that is not empty, nothing
// gets longer by decoding, and a form made of them again is parsed the same.
func FuzzParseForm(f *testing.F) {
	requests(func(_ string, r reference.Request) { f.Add(r.Body) })
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		params := reference.ParseForm(body)
		if !bytes.Equal(before, body) {
			t.Fatal("the body was changed")
		}
		pairs, length := 0, 0
		for pair := range bytes.SplitSeq(body, []byte("&")) {
			if len(pair) > 0 {
				pairs++
			}
		}
		var again []byte
		for _, p := range params {
			length += len(p.Name) + len(p.Value)
			again = escaped(append(again, '&'), p.Name)
			again = escaped(append(again, '='), p.Value)
		}
		if pairs != len(params) || length > len(body) {
			t.Fatalf("%q is parsed as %q", body, params)
		}
		if got := reference.ParseForm(again); !slices.Equal(got, params) {
			t.Fatalf("%q is parsed as %q, then as %q", body, params, got)
		}
		ordered := reference.OrderParams(params)
		if !slices.IsSortedFunc(ordered, func(a, b reference.Param) int { return strings.Compare(a.Name, b.Name) }) {
			t.Fatalf("%q are not sorted", ordered)
		}
	})
}

func escaped(to []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		to = append(to, '%', digits[s[i]>>4], digits[s[i]&15])
	}
	return to
}

// FuzzValidate: what is signed is accepted unless nothing covers its body, and
// any other signature is rejected.
func FuzzValidate(f *testing.F) {
	requests(func(token string, r reference.Request) {
		contentType := ""
		if r.ContentType != nil {
			contentType = *r.ContentType
		}
		f.Add(token, r.Method, r.URL, contentType, r.Body)
	})
	f.Fuzz(func(t *testing.T, token, method, url, contentType string, body []byte) {
		r := reference.Request{Method: method, URL: url, ContentType: &contentType, Body: body}
		signature := reference.Sign(token, r)
		r.Signature = &signature
		v := reference.New()
		if got, want := v.Validate(token, r), token != "" && reference.Covered(r); got != want {
			t.Fatalf("its own signature: %v, covered: %v", got, want)
		}
		other := "A" + signature
		r.Signature = &other
		if v.Validate(token, r) {
			t.Fatal("another signature is accepted")
		}
		r.Signature = nil
		if v.Validate(token, r) {
			t.Fatal("no signature is accepted")
		}
	})
}

// FuzzQuestionLine: a line of the protocol that can be read can be written, and
// is then read the same.
func FuzzQuestionLine(f *testing.F) {
	requests(func(token string, r reference.Request) {
		if line, err := protocol.EncodeCase(protocol.Case{ID: "a", AuthToken: token, Request: r}); err == nil {
			f.Add(line)
		}
	})
	f.Fuzz(func(t *testing.T, line []byte) {
		c, err := protocol.DecodeCase(line)
		if err != nil {
			return
		}
		written, err := protocol.EncodeCase(c)
		if err != nil {
			return // too long
		}
		again, err := protocol.DecodeCase(written)
		if err != nil {
			t.Fatalf("%q cannot be read: %v", written, err)
		}
		if twice, _ := protocol.EncodeCase(again); !bytes.Equal(twice, written) {
			t.Fatalf("%q is read and written as %q", written, twice)
		}
	})
}

// FuzzAnswerLine: whatever a validator writes is an answer with a verdict, or
// an error.
func FuzzAnswerLine(f *testing.F) {
	for _, line := range []string{
		`{"id":"a","valid":true}`, `{"id":"a","valid":false,"stringToSign":"x","used":"params"}`, `{"id":"a","error":"x"}`,
		`{"id":"a","unsupported":"x"}`,
		`{"id":1}`, `{"valid":true}`, `[]`, `null`, "", "log line", `{"id":"a","valid":"yes"}`, `{"id":"a","valid":true,"error":"x"}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		_, answer, err := protocol.DecodeAnswer(line)
		if err == nil && answer.Verdict == "" {
			t.Fatalf("%q is an answer without a verdict", line)
		}
	})
}

// FuzzVectorFile: linting survives any file. What has no faults is written as it
// was read, still without faults, and has one as soon as a vector expects the
// opposite.
func FuzzVectorFile(f *testing.F) {
	for _, family := range vectors.Builtin().Families {
		small := *family
		small.Name, small.Vectors = "family", family.Vectors[:1]
		if text, err := small.Format(); err == nil {
			f.Add(text)
		}
	}
	lint := func(text []byte) vectors.Faults {
		return vectors.Lint(fstest.MapFS{"family.json": {Data: text}}, "vectors")
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		faults := lint(text)
		for _, fault := range faults {
			if fault.String() == "" {
				t.Fatal("a fault says nothing")
			}
		}
		if len(faults) > 0 {
			return
		}
		read := familyOf(t, text)
		written := formatted(t, read)
		again := familyOf(t, written)
		if before, after := marshaled(t, read), marshaled(t, again); !bytes.Equal(before, after) {
			t.Fatalf("read was\n%s\nand written is\n%s", before, after)
		}
		if faults := lint(written); len(faults) > 0 {
			t.Fatalf("%s\nwhat was written has faults: %s", written, faults)
		}
		opposite := map[vectors.Result]vectors.Result{vectors.Valid: vectors.Invalid, vectors.Invalid: vectors.Valid}
		for _, v := range read.Vectors {
			if result := opposite[v.Result]; result != "" && v.Askable() {
				v.Result = result
				if turned := formatted(t, read); len(lint(turned)) == 0 {
					t.Fatalf("%s\n%s expects the opposite, and that is no fault", turned, v.ID)
				}
				break
			}
		}
	})
}

func familyOf(t *testing.T, text []byte) *vectors.Family {
	t.Helper()
	family := &vectors.Family{}
	if err := json.Unmarshal(text, family); err != nil {
		t.Fatalf("%s\nhas no faults, but cannot be read: %v", text, err)
	}
	return family
}

func formatted(t *testing.T, family *vectors.Family) []byte {
	t.Helper()
	text, err := family.Format()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func marshaled(t *testing.T, family *vectors.Family) []byte {
	t.Helper()
	text, err := json.Marshal(family)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
