package reference_test

import (
	"testing"

	"sigconform/reference"
)

func TestParseSettings(t *testing.T) {
	for header, want := range map[string]struct {
		id        string
		algorithm reference.Algorithm
	}{
		"key=K,algorithm=HMAC_SHA256":     {"K", reference.HMACSHA256},
		"key=K,algorithm=HMAC_SHA1":       {"K", reference.HMACSHA1},
		"algorithm=HMAC_SHA256,key=K":     {"K", reference.HMACSHA256},
		" key = K , algorithm=HMAC_SHA1 ": {"K", reference.HMACSHA1},
	} {
		if id, algorithm, ok := reference.ParseSettings(header); !ok || id != want.id || algorithm != want.algorithm {
			t.Errorf("%q is read as %q, %q, %v", header, id, algorithm, ok)
		}
	}
	for _, header := range []string{
		"", ",", "garbage", "key=K", "key=K,algorithm=", "key=,algorithm=HMAC_SHA1", "algorithm=HMAC_SHA1",
		"key=K;algorithm=HMAC_SHA1", "key=K algorithm=HMAC_SHA1", `key=K,algorithm="HMAC_SHA1"`, "key=K,Algorithm=HMAC_SHA1",
		"key=K,algorithm=hmac_sha1", "key=K,algorithm=HMAC_MD5", "key=K,algorithm=none", "key=K,algorithm=HMAC-SHA1",
		"key=K,algorithm=HMAC_SHA1,algorithm=HMAC_SHA1", "key=K,key=L,algorithm=HMAC_SHA1", "key=K,algorithm=HMAC_SHA1,",
	} {
		if id, algorithm, ok := reference.ParseSettings(header); ok {
			t.Errorf("%q is read as %q, %q", header, id, algorithm)
		}
	}
}

// TestSharedKeySignatures compares signatures with those that twilio-python 9.13.0
// computes for the same URL, parameters and keys.
func TestSharedKeySignatures(t *testing.T) {
	const secret = "sk_Tr4vlh0LZ9qYwXcV7u2Pm8Ng1Bd5Fa3E"
	form := "application/x-www-form-urlencoded"
	for settings, want := range map[string]string{
		"key=K,algorithm=HMAC_SHA256": "Oaeid5ttqqpv6zNw2wmBnQLVCx7OfrE3b+JGaWTrymA=",
		"key=K,algorithm=HMAC_SHA1":   "YEFT2V3LtwPlY+b27Kq1OMOonTQ=",
		"key=L,algorithm=HMAC_SHA1":   "", // an unknown key
	} {
		r := reference.Request{
			Method: "POST", URL: "https://mycompany.com/myapp.php?foo=1&bar=2", ContentType: &form,
			Body:              []byte("CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"),
			SignatureSettings: &settings, SharedKeys: []reference.SharedKey{{ID: "K", Secret: secret}},
		}
		if got := reference.Sign("12345", r); got != want {
			t.Errorf("%s: signed %q, want %q", settings, got, want)
		}
	}
}
