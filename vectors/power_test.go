package vectors

import (
	"slices"
	"testing"
)

// A vector that must be rejected, and says what its signature was made of, is about
// a way of signing. Some defect signs in this way: it accepts the vector, and only
// with this signature. If none does, the vector catches those alone that accept
// anything, or says in noDefect why it need not catch another.
func TestEveryWayOfSigningIsADefect(t *testing.T) {
	var about []*Vector
	for _, v := range Builtin().Vectors() {
		if v.Result == Invalid && v.Signed != nil && v.Askable() {
			about = append(about, v)
		}
	}
	caught := CaughtBy(about)
	for _, v := range about {
		signer := ""
		if by := caught[v.ID].By; len(by) > 0 {
			signer = by[0].Key()
		}
		forged := v.Signed.URL == "http://invalid.com" || v.Signed.Token != nil && *v.Signed.Token == "another" ||
			slices.Contains(forgeries, v.ID)
		switch {
		case signer != "" && slices.Contains(forgeries, v.ID):
			t.Errorf("%s is signed as %s does, and is in the list of plain forgeries", v.ID, signer)
		case signer != "":
			t.Logf("%s is signed as %s does", v.ID, signer)
		case v.NoDefect == "" && !forged:
			t.Errorf("%s: no defect signs in this way: %s", v.ID, v.StringToSign())
		}
	}
}

// forgeries are signed as the rules say, but for another request or with another
// key: they are about what is signed, and no way of signing accepts them.
var forgeries = []string{
	"body-json/hash-of-another-request", "body-json/other-path",
	"body-json/members-appended", // the members of another body
	"form-values/param-added", "form-values/param-removed", "form-values/next-request-appended",
	"get/appended-unsigned", "get/value-changed", "get/param-removed", "get/repeated-name-reordered",
	"signature/other-token",
	"token/wrong", "token/none-configured", "token/none-configured-json", "token/cached-later", "token/of-the-samples",
	"twilio-requests/sms-body-changed", "twilio-requests/sms-from-changed", "twilio-requests/whatsapp-metadata-changed",
	"twilio-requests/voice-empty-value-filled", "twilio-requests/gather-digits-changed",
	"twilio-requests/voice-get-status-changed", "twilio-requests/events-hash-replaced", "twilio-requests/media-stream-other",
	"url-port/ipv6-other-address", "url-userinfo/other-host-same-userinfo",
	"url-wss/other-path", "url-wss/other-host",
}
