package vectors

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// macs are the ways to make a MAC by name; "" is the right one. The others are
// what validators have been seen to accept, or must not.
var macs = func() map[string]func(token, s string) []byte {
	macs := maps.Clone(defect.MACs)
	macs[""] = reference.MAC
	macs["zeros"] = func(_, _ string) []byte { return make([]byte, sha1.Size) }
	return macs
}()

// encodings are the ways to spell a MAC by name; "" is the right one.
var encodings = map[string]func(mac []byte) string{
	"":                    reference.Encode,
	"base64url":           base64.URLEncoding.EncodeToString,
	"base64-unpadded":     base64.RawStdEncoding.EncodeToString,
	"base64-noncanonical": nonCanonical,
	"base64-of-hex":       func(mac []byte) string { return reference.Encode([]byte(hex.EncodeToString(mac))) },
	"base64-twice":        func(mac []byte) string { return reference.Encode([]byte(reference.Encode(mac))) },
	"base64-of-10-bytes":  func(mac []byte) string { return reference.Encode(mac[:10]) },
	"base64-of-20-bytes":  func(mac []byte) string { return reference.Encode(mac[:min(20, len(mac))]) },
	"base64-of-21-bytes":  func(mac []byte) string { return reference.Encode(append(mac[:len(mac):len(mac)], 0)) },
	"hex":                 hex.EncodeToString,
	"hex-upper":           func(mac []byte) string { return strings.ToUpper(hex.EncodeToString(mac)) },
	"case-swapped":        edited(SwapCase),
	"lower-case":          edited(strings.ToLower),
	"upper-case":          edited(strings.ToUpper),
	"first-bit-flipped":   func(mac []byte) string { return reference.Encode(append([]byte{mac[0] ^ 0x80}, mac[1:]...)) },
	"last-bit-flipped": func(mac []byte) string {
		last := len(mac) - 1
		return reference.Encode(append(mac[:last:last], mac[last]^1))
	},
	"reversed":         func(mac []byte) string { return reference.Encode(reversed(mac)) },
	"half":             edited(func(s string) string { return s[:len(s)/2] }),
	"first-char":       edited(func(s string) string { return s[:1] }),
	"one-char-more":    edited(func(s string) string { return s + "A" }),
	"padding-more":     edited(func(s string) string { return s + "=" }),
	"junk-more":        edited(func(s string) string { return s + "!!" }),
	"nul-more":         edited(func(s string) string { return s + "\x00" }),
	"space-before":     edited(func(s string) string { return " " + s }),
	"space-after":      edited(func(s string) string { return s + " " }),
	"quoted":           edited(func(s string) string { return `"` + s + `"` }),
	"percent-encoded":  edited(strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace),
	"scheme-before":    edited(func(s string) string { return "sha1=" + s }),
	"comma-joined":     edited(func(s string) string { return s + "," + s }),
	"comma-wrong-last": edited(func(s string) string { return s + ", AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }),
	"comma-wrong-first": edited(func(s string) string {
		return "AAAAAAAAAAAAAAAAAAAAAAAAAAA=, " + s
	}),
}

// Sign fills what is absent and recomputes what is derived: the signed URL and
// parameters if they are not given, the string to sign, and the signature in
// the request. It does not change a vector without Signed, whose signature is ""
// or an arbitrary text, nor the signature of a sample whose token is undisclosed.
// The error names what cannot be derived.
func (v *Vector) Sign() error {
	if v.Signed == nil {
		return nil
	}
	r := v.Request.Reference()
	if v.Signed.URL == "" {
		v.Signed.URL = Text(reference.SignedURLs(r.URL, r.Product)[0])
	}
	if v.Signed.Params == nil && v.Signed.ParamsBase64 == nil && reference.CoverageOf(r) == reference.CoveredByParams {
		v.Signed.SetParams(reference.OrderParams(reference.ParseForm(r.Body)))
	}
	v.Signed.SetString(reference.Join(string(v.Signed.URL), v.Signed.Pairs()))
	if v.Signed.TokenUndisclosed {
		return nil
	}
	signature, err := v.ComputeSignature()
	if err != nil {
		return err
	}
	v.Request.Signature = &signature
	return nil
}

// ComputeSignature returns the signature that follows from Signed.
func (v *Vector) ComputeSignature() (string, error) {
	mac, known := macs[v.Signed.MAC]
	if !known {
		return "", fmt.Errorf("unknown mac %q; known are %s", v.Signed.MAC, names(macs))
	}
	encode, known := encodings[v.Signed.Encoding]
	if !known {
		return "", fmt.Errorf("unknown encoding %q; known are %s", v.Signed.Encoding, names(encodings))
	}
	return encode(mac(v.Key(), v.StringToSign())), nil
}

// Pairs returns the signed parameters, decoded, in the order they were appended.
func (s *Signed) Pairs() []reference.Param {
	var params []reference.Param
	for _, p := range s.Params {
		params = append(params, reference.Param{Name: string(p[0]), Value: string(p[1])})
	}
	for _, p := range s.ParamsBase64 {
		params = append(params, reference.Param{Name: string(p[0]), Value: string(p[1])})
	}
	return params
}

// SetBody sets the body: as text, or in Base64 if it is not UTF-8.
func (r *Request) SetBody(body []byte) {
	r.Body, r.BodyBase64 = Text(body), nil
	if !utf8.Valid(body) {
		r.Body, r.BodyBase64 = "", body
	}
}

// SetParams sets the signed parameters: as text, or in Base64 if one of them is not
// UTF-8.
func (s *Signed) SetParams(params []reference.Param) {
	var texts [][2]Text
	var raw [][2][]byte
	text := true
	for _, p := range params {
		text = text && utf8.ValidString(p.Name) && utf8.ValidString(p.Value)
		texts = append(texts, [2]Text{Text(p.Name), Text(p.Value)})
		raw = append(raw, [2][]byte{[]byte(p.Name), []byte(p.Value)})
	}
	s.Params, s.ParamsBase64 = texts, nil
	if !text {
		s.Params, s.ParamsBase64 = nil, raw
	}
}

// SetString sets the string to sign: as text, or in Base64 if it is not UTF-8.
func (s *Signed) SetString(stringToSign string) {
	s.String, s.StringBase64 = Text(stringToSign), nil
	if !utf8.ValidString(stringToSign) {
		s.String, s.StringBase64 = "", []byte(stringToSign)
	}
}

func edited(edit func(string) string) func([]byte) string {
	return func(mac []byte) string { return edit(reference.Encode(mac)) }
}

// nonCanonical spells the same bytes with another last character: its two
// lowest bits carry nothing, and some decoders do not look at them.
func nonCanonical(mac []byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	s := reference.Encode(mac)
	last := len(s) - 2
	return s[:last] + string(alphabet[strings.IndexByte(alphabet, s[last])+1]) + "="
}

// SwapCase puts the letters of a text in the other case.
func SwapCase(s string) string {
	return strings.Map(func(c rune) rune {
		if lower := unicode.ToLower(c); lower != c {
			return lower
		}
		return unicode.ToUpper(c)
	}, s)
}

func reversed(mac []byte) []byte {
	r := make([]byte, len(mac))
	for i, b := range mac {
		r[len(mac)-1-i] = b
	}
	return r
}
