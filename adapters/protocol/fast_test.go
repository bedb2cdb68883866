package protocol

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"sigconform/reference"
)

var (
	anyText = rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("a\"\\/<>&\u2028\u2029\ufffd\x00\x1f\x7f\u0080é😀\n"))))
	anyForm = "application/x-www-form-urlencoded"
)

func optional(t *rapid.T, name string) *string {
	return rapid.Ptr(anyText, true).Draw(t, name)
}

func drawKeys(t *rapid.T) (keys []reference.SharedKey) {
	for range rapid.IntRange(0, 2).Draw(t, "keys") {
		keys = append(keys, reference.SharedKey{ID: anyText.Draw(t, "key"), Secret: anyText.Draw(t, "secret")})
	}
	return keys
}

func drawCase(t *rapid.T) Case {
	contentType := optional(t, "contentType")
	if rapid.Bool().Draw(t, "form") {
		contentType = &anyForm
	}
	body := rapid.OneOf(rapid.SliceOf(rapid.Byte()), rapid.Map(anyText, func(s string) []byte { return []byte(s) }))
	return Case{ID: anyText.Draw(t, "id"), AuthToken: anyText.Draw(t, "token"), Request: reference.Request{
		Method: rapid.SampledFrom([]string{"POST", "GET", ""}).Draw(t, "method"), URL: anyText.Draw(t, "url"),
		Product:     rapid.SampledFrom([]reference.Product{"", reference.Voice, reference.Messaging}).Draw(t, "product"),
		ContentType: contentType, Body: body.Draw(t, "body"), Signature: optional(t, "signature"),
		SignatureSettings: optional(t, "settings"), SharedKeys: drawKeys(t),
	}}
}

func encodeSlowly(t *rapid.T, v any) []byte {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return line.Bytes()
}

// TestWritesWhatJSONWrites: the lines are those of encoding/json, and are read
// as it reads them.
func TestWritesWhatJSONWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t)
		line, err := EncodeCase(c)
		if err != nil {
			t.Fatal(err)
		}
		q := questionOf(c)
		if slow := encodeSlowly(t, q); !bytes.Equal(line, slow) {
			t.Fatalf("written  %q\nis not   %q", line, slow)
		}
		var slow question
		if fast, ok := readQuestion(line); ok {
			if err := json.Unmarshal(line, &slow); err != nil {
				t.Fatal(err)
			}
			slow.Params = nil
			if !reflect.DeepEqual(fast, slow) {
				t.Fatalf("read  %+v\nis not %+v", fast, slow)
			}
		}
		answer := Answer{
			Verdict: rapid.SampledFrom([]reference.Verdict{reference.Accept, reference.Reject, reference.Error,
				reference.Unsupported}).Draw(t, "verdict"), Detail: anyText.Draw(t, "detail"),
			StringToSign: optional(t, "stringToSign"), Used: rapid.SampledFrom([]string{"", "body", "params"}).Draw(t, "used"),
			Reason: anyText.Draw(t, "reason"),
		}
		if line, err = EncodeAnswer(c.ID, answer); err != nil {
			t.Fatal(err)
		}
		checkReply(t, line)
		var r reply
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		if slow := encodeSlowly(t, r); !bytes.Equal(line, slow) {
			t.Fatalf("written  %q\nis not   %q", line, slow)
		}
	})
}

// TestReadsWhatJSONReads: a line that is read the fast way is one that
// encoding/json reads the same, whatever is in it.
func TestReadsWhatJSONReads(t *testing.T) {
	rapid.Check(t, readsWhatJSONReads)
}

// FuzzReadsWhatJSONReads looks for such a line with the coverage as its guide.
func FuzzReadsWhatJSONReads(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(readsWhatJSONReads))
}

// jsonPieces are what the lines are made of.
var jsonPieces = rapid.SampledFrom([]string{
	`{`, `}`, `"id"`, `"ID"`, `:`, `,`, `"a"`, `"\u0041"`, `"\ud800"`, `"\x"`, "\"\xff\"", "\"\n\"", `"valid"`, `true`, `false`,
	`truex`, `null`, `1`, ` `, `"error"`,
	`[{"id":"a","secret":"b"}]`, `"params"`, `[`, `]`, `[["a","b"]]`, `[["a"]]`, `"url"`, `"body"`, `"bodyBase64"`,
	`"product"`, `"signature"`, `"used"`,
	`"reason"`, `"unsupported"`, "\t", "\r\n", `{"id":"a","valid":true`, `"signatureSettings"`, `"sharedKeys"`, `{"id":`, `,"secret":`,
})

func readsWhatJSONReads(t *rapid.T) {
	line := []byte{}
	for _, piece := range rapid.SliceOfN(jsonPieces, 1, 12).Draw(t, "pieces") {
		line = append(line, piece...)
	}
	checkReply(t, line)
	var slow question
	if fast, ok := readQuestion(line); ok {
		if err := json.Unmarshal(line, &slow); err != nil {
			t.Fatalf("%q is read, and is no JSON: %v", line, err)
		}
		slow.Params = nil
		if !reflect.DeepEqual(fast, slow) {
			t.Fatalf("%q is read as %+v, not as %+v", line, fast, slow)
		}
	}
}

func checkReply(t *rapid.T, line []byte) {
	var slow reply
	fast, ok := readReply(line)
	if !ok {
		return
	}
	if err := json.Unmarshal(line, &slow); err != nil {
		t.Fatalf("%q is read, and is no JSON: %v", line, err)
	}
	if !reflect.DeepEqual(fast, slow) {
		t.Fatalf("%q is read as %+v, not as %+v", line, fast, slow)
	}
}
