package generate

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"sigconform/fuzz/judge"
	"sigconform/reference"
)

// This file draws SharedKeys (beta): the keys of an application beside its auth
// token, the settings header that names one of them, and how keys, algorithms and
// header are confused.

var (
	keyIDs = []string{
		"webhooks_sharedkey_01k4h3v9q2e8b7m5n6p0r1s2t3", "webhooks_sharedkey_01k4h3v9q2e8b7m5n6p0r1s2t4",
		"webhooks_sharedkey_01jzx7w5v3t1r9p8n6m4k2h0g8", "webhooks_sharedkey_7zzzzzzzzzzzzzzzzzzzzzzzzz",
	}
	// secrets are texts, though some look like an encoding of bytes.
	secrets = []string{
		"sk_Tr4vlh0LZ9qYwXcV7u2Pm8Ng1Bd5Fa3E", "sk_Zz9yXw8vUt7sRq6pOn5mLk4jIh3gFe2D",
		"bmV3LXNoYXJlZC1rZXktc2VjcmV0LTMyLWJ5dGVzISE=", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"DEADBEEF", "a+b/c==", strings.Repeat("0123456789abcdef", 8),
	}
	// unknownIDs name no key; some are found nevertheless by what looks names up.
	unknownIDs = []string{
		"webhooks_sharedkey_00000000000000000000000000", "constructor", "", "__proto__", "toString", "../x", "0", "*",
		strings.Repeat("x", 10_000), "a\x00b", "undefined",
	}
	// otherAlgorithms are not Twilio's, each with the MAC that it names.
	otherAlgorithms = []struct{ name, mac string }{
		{"none", ""}, {"HMAC_MD5", "hmac-md5"}, {"HMAC_SHA512", "hmac-sha512"}, {"HMAC_SHA3", "hmac-sha256"},
		{"HMAC_SHA384", "hmac-sha384"}, {"HMAC_SHA224", "hmac-sha224"}, {"RSA_SHA256", "hmac-sha256"}, {"0", ""},
	}
	// printed are what programs print in place of a key that is not there.
	printed = []string{"", "undefined", "null", "None", "nil", "false", "<nil>"}
	// respellings are other ways to write a header, given the id and the algorithm.
	respellings = []func(id, algorithm string) string{
		func(id, algorithm string) string { return "algorithm=" + algorithm + ",key=" + id },
		func(id, algorithm string) string { return "key=" + id + ", algorithm=" + algorithm },
		func(id, algorithm string) string { return "key=" + id + ",algorithm=" + strings.ToLower(algorithm) },
		func(id, algorithm string) string { return "key=" + id + ",Algorithm=" + algorithm },
		func(id, algorithm string) string { return "key=" + id + ";algorithm=" + algorithm },
		func(id, algorithm string) string { return `key=` + id + `,algorithm="` + algorithm + `"` },
		func(id, algorithm string) string {
			return "key=" + id + ",algorithm=" + strings.ReplaceAll(algorithm, "_", "-")
		},
		func(id, _ string) string { return "key=" + id },
		func(_, algorithm string) string { return "algorithm=" + algorithm },
		func(id, algorithm string) string {
			return reference.Settings(id, reference.Algorithm(algorithm)) + ",algorithm=HMAC_SHA1"
		},
		func(id, algorithm string) string {
			return reference.Settings(id, reference.Algorithm(algorithm)) + ", " + reference.Settings(keyIDs[0], reference.HMACSHA1)
		},
		func(string, string) string { return "" },
	}
)

// keyMoves are what may happen to a request of an application with shared keys.
var keyMoves = []move{
	{name: "the settings header is different", weight: 5, change: editSettings},
	{name: "keys and algorithms are confused", weight: 5, resign: confuseKeys},
	{name: "the signature is shorter", weight: 1, resign: func(_ *Source, _ *draft, c *Case) bool {
		c.Signed.Encoding = "base64-of-20-bytes"
		c.sign()
		return c.Signed.MAC != ""
	}},
}

// KeyProbes returns requests that tell whether a validator supports SharedKeys: right
// are signed by a shared key; byToken, the same in their order, by the auth token though
// their settings header names a shared key, which is right for a validator that ignores
// the header; and wrong by neither.
func KeyProbes() (right, byToken, wrong []*Case) {
	simple := drawDraft(Replayed([]int{}), nil)
	simple.keys = []reference.SharedKey{{ID: keyIDs[0], Secret: secrets[0]}}
	form := formTypes[0]
	for _, algorithm := range []reference.Algorithm{reference.HMACSHA256, reference.HMACSHA1} {
		settings := reference.Settings(keyIDs[0], algorithm)
		for _, method := range []string{"POST", "GET"} {
			d := *simple
			d.method, d.settings, d.form = method, &settings, method == "POST"
			if d.form {
				d.contentType, d.params = &form, []reference.Param{{Name: "Body", Value: "1"}}
			} else {
				d.contentType, d.params = nil, nil
			}
			c := signed(&d)
			c.Expected = judge.MustAccept
			right = append(right, c)
			byToken, wrong = append(byToken, signedWith(c, c.Token)), append(wrong, signedWith(c, "another key"))
		}
	}
	return right, byToken, wrong
}

// signedWith returns a case that is signed with another key, and must be rejected.
func signedWith(c *Case, key string) *Case {
	other := *c
	other.Signed.Key, other.Signed.MAC, other.Expected = key, "", judge.MustReject
	other.sign()
	return &other
}

// drawKeys draws the keys of the application and, mostly, the header that names one.
func (d *draft) drawKeys(s *Source) {
	for range s.weighted(1, 16, 8, 1) {
		key := reference.SharedKey{ID: keyIDs[len(d.keys)], Secret: drawSecret(s)}
		same := func(k reference.SharedKey) bool { return k.Secret == key.Secret }
		if key.Secret == d.token || slices.ContainsFunc(d.keys, same) {
			key.Secret += "2" // every key has a text of its own, so that it says which one signed
		}
		d.keys = append(d.keys, key)
	}
	if !s.oneIn(6) {
		d.name(s)
	}
}

// name draws the header that names a key and an algorithm.
func (d *draft) name(s *Source) {
	id := keyIDs[0]
	if len(d.keys) > 0 {
		id = pick(s, d.keys).ID
	}
	settings := reference.Settings(id, drawAlgorithm(s))
	d.settings = &settings
}

func drawAlgorithm(s *Source) reference.Algorithm {
	return []reference.Algorithm{reference.HMACSHA256, reference.HMACSHA1}[s.weighted(2, 1)]
}

func drawSecret(s *Source) string {
	switch s.weighted(12, 1, 2) {
	case 0:
		return pick(s, secrets)
	case 1:
		return drawToken(s)
	default:
		return "s" + drawBytes(s, base64Letters)
	}
}

// editSettings changes the header: it is dropped or added, names another key or
// algorithm, or one that there is not, or is written otherwise.
func editSettings(s *Source, d *draft) bool {
	if len(d.keys) == 0 {
		return false
	}
	before := d.settings
	id, algorithm := pick(s, d.keys).ID, string(drawAlgorithm(s))
	switch s.weighted(3, 3, 2, 2, 2, 1) {
	case 0:
		if d.settings = nil; before == nil {
			d.name(s)
		}
		return true
	case 1:
	case 2:
		id = pick(s, unknownIDs)
	case 3:
		algorithm = pick(s, otherAlgorithms).name
	case 4:
		settings := pick(s, respellings)(id, algorithm)
		d.settings = &settings
		return true
	default:
		settings := edit(s, reference.Settings(id, reference.Algorithm(algorithm)))
		d.settings = &settings
		return true
	}
	settings := reference.Settings(id, reference.Algorithm(algorithm))
	d.settings = &settings
	return before == nil || *before != settings
}

// confuseKeys signs with another key or algorithm than the header names, or as a
// header demands that names what there is not.
func confuseKeys(s *Source, d *draft, c *Case) bool {
	if d.settings == nil {
		return false
	}
	id, algorithm, ok := reference.ParseSettings(*d.settings)
	if !ok {
		return false
	}
	right := d.token
	if len(d.keys) > 0 {
		right = pick(s, d.keys).Secret
	}
	named := string(algorithm)
	c.Signed.MAC = macOf(algorithm)
	switch s.weighted(4, 4, 3) {
	case 0: // another key, or another algorithm
		if c.Signed.Key = d.otherKey(s, id, right); s.oneIn(2) {
			c.Signed.MAC = pick(s, []string{macOf(reference.HMACSHA256), macOf(reference.HMACSHA1)})
		}
	case 1: // a key that there is not
		id = pick(s, unknownIDs)
		c.Signed.Key = []string{"", pick(s, printed), id, d.token, right}[s.weighted(4, 3, 1, 1, 1)]
	case 2: // an algorithm that there is not
		other := pick(s, otherAlgorithms)
		named, c.Signed.MAC = other.name, other.mac
		c.Signed.Key = []string{right, d.token, ""}[s.weighted(4, 1, 1)]
	}
	settings := reference.Settings(id, reference.Algorithm(named))
	c.Request.SignatureSettings = &settings
	if s.oneIn(16) { // the header is signed, too
		c.Signed.Params = append(slices.Clip(c.Signed.Params), reference.Param{Value: settings})
	}
	c.sign()
	return true
}

// otherKey draws a key that somebody might sign with, or verify with, in place of
// the right one.
func (d *draft) otherKey(s *Source, id, right string) string {
	switch s.weighted(3, 3, 3, 2, 1, 1) {
	case 0:
		return d.token
	case 1:
		return right
	case 2:
		return id
	case 3:
		return pick(s, printed)
	case 4:
		return edit(s, right)
	}
	if decoded, err := hex.DecodeString(right); err == nil {
		return string(decoded)
	}
	decoded, _ := base64.StdEncoding.DecodeString(right)
	return string(decoded)
}

// macOf returns the name of an algorithm of Twilio's in a vector.
func macOf(algorithm reference.Algorithm) string {
	if algorithm == reference.HMACSHA256 {
		return "hmac-sha256"
	}
	return ""
}
