package diagnosis_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"sigconform/reference"
	"sigconform/reference/diagnosis"
)

// TestSettings: what can go wrong between the settings header, the keys and the
// algorithms (sk-header, sk-wrong-key, sk-secret-text, sk-empty-key).
func TestSettings(t *testing.T) {
	const (
		text    = "bmV3LXNoYXJlZC1rZXktc2VjcmV0" // looks like Base64
		decoded = "new-shared-key-secret"
		sha256  = reference.HMACSHA256
		sha1    = reference.HMACSHA1
		k256    = "key=K,algorithm=HMAC_SHA256"
	)
	header := func(s string) *string { return &s }
	for _, c := range []struct {
		name     string
		settings *string
		key      reference.Key // that signed
		cut      int           // bytes that are left of the signature, 0 for all
		url      string        // that was signed, if another one
		want     string        // the settings' changes, then the first reading's
	}{
		{"right", header(k256), reference.Key{Secret: text, Algorithm: sha256}, 0, "", "right"},
		{"auth token", header(k256), reference.Key{Secret: "12345", Algorithm: sha256}, 0, "",
			"; it was made with the auth token, though the settings header names a shared key"},
		{"header ignored", header(k256), reference.Key{Secret: "12345", Algorithm: sha1}, 0, "",
			"the settings header says HMAC_SHA256, but the signature has 28 characters: it is an HMAC_SHA1; it was made with the auth " +
				"token, though the settings header names a shared key"},
		{"algorithm ignored", header(k256), reference.Key{Secret: text, Algorithm: sha1}, 0, "",
			"the settings header says HMAC_SHA256, but the signature has 28 characters: it is an HMAC_SHA1; "},
		{"algorithm ignored the other way", header("key=K,algorithm=HMAC_SHA1"), reference.Key{Secret: text, Algorithm: sha256}, 0, "",
			"the settings header says HMAC_SHA1, but the signature has 44 characters: it is an HMAC_SHA256; "},
		{"header lost", nil, reference.Key{Secret: text, Algorithm: sha256}, 0, "",
			"the signature has 44 characters: it is an HMAC-SHA256, as a SharedKey makes it, but there is no header " +
				"X-Twilio-Webhooks-Signature-Settings; " +
				"it was made with the shared key K, which the header X-Twilio-Webhooks-Signature-Settings should name"},
		{"header lost, SHA-1", nil, reference.Key{Secret: text, Algorithm: sha1}, 0, "",
			"; it was made with the shared key K, which the header X-Twilio-Webhooks-Signature-Settings should name"},
		{"auth token and SHA-256", nil, reference.Key{Secret: "12345", Algorithm: sha256}, 0, "",
			"the signature has 44 characters: it is an HMAC-SHA256, as a SharedKey makes it, but there is no header " +
				"X-Twilio-Webhooks-Signature-Settings; " +
				"it was made with the auth token and HMAC_SHA256"},
		{"decoded", header(k256), reference.Key{Secret: decoded, Algorithm: sha256}, 0, "", "; the secret is decoded from Base64"},
		{"line feed", header(k256), reference.Key{Secret: text + "\n", Algorithm: sha256}, 0, "", "; the secret has a line feed at its end"},
		{"empty", header("key=X,algorithm=HMAC_SHA256"), reference.Key{Secret: "", Algorithm: sha256}, 0, "",
			"the settings header names the key X, which is not among those that are given; it was made with the empty key"},
		{"id", header(k256), reference.Key{Secret: "K", Algorithm: sha256}, 0, "", "; it was made with the id of the key in place of its secret"},
		{"undefined", header("key=X,algorithm=HMAC_SHA1"), reference.Key{Secret: "undefined", Algorithm: sha1}, 0, "",
			"the settings header names the key X, which is not among those that are given; it was made with the text undefined as the key"},
		{"another key", header("key=X,algorithm=HMAC_SHA1"), reference.Key{Secret: text, Algorithm: sha1}, 0, "",
			"the settings header names the key X, which is not among those that are given; it was made with the shared key K, which is not " +
				"the one that the settings header names"},
		{"unusable", header("algorithm=HMAC_SHA256"), reference.Key{Secret: text, Algorithm: sha256}, 0, "",
			"the header X-Twilio-Webhooks-Signature-Settings cannot be used: algorithm=HMAC_SHA256; it was made with the shared key K, " +
				"which is not the one that the settings header names"},
		{"half", header(k256), reference.Key{Secret: text, Algorithm: sha256}, 20, "",
			"the settings header says HMAC_SHA256, but the signature has 28 characters: it is an HMAC_SHA1; it is cut to the first 20 of " +
				"the 32 bytes of an HMAC-SHA256"},
		{"the URL as well", header(k256), reference.Key{Secret: text, Algorithm: sha256}, 0, "http://example.com/sms",
			"; the scheme is http, not https"},
		{"key and URL", header(k256), reference.Key{Secret: "12345", Algorithm: sha256}, 0, "http://example.com/sms",
			"; it was made with the auth token, though the settings header names a shared key + the scheme is http, not https"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := received("https://example.com/sms", "Body=Hi", "https://example.com/sms", "Body=Hi", "12345")
			signed := r.Request
			if c.url != "" {
				signed.URL = c.url
			}
			mac := c.key.MAC(reference.StringToSign(signed))
			if c.cut > 0 {
				mac = mac[:c.cut]
			}
			signature := base64.StdEncoding.EncodeToString(mac)
			r.Request.Signature, r.Request.SignatureSettings = &signature, c.settings
			r.Request.SharedKeys = []reference.SharedKey{{ID: "K", Secret: text}}
			origin := find(r)
			got := "right"
			if !origin.Holds {
				got = strings.Join(settingsOf(origin), ", ") + "; " + strings.Join(says(origin)[:min(1, len(origin.Readings))], "")
				if len(origin.Readings) == 0 {
					got += " nothing"
				}
			}
			if got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func settingsOf(origin diagnosis.Origin) (says []string) {
	for _, change := range origin.Settings {
		says = append(says, change.Says)
	}
	return says
}
