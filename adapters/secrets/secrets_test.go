package secrets_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"sigconform/adapters/secrets"
)

// Encoded are the ways in which a text of n secrets may be written down.
func encoded(secret string) map[string]string {
	quoted, _ := json.Marshal(secret)
	all := map[string]string{
		"raw": secret, "%q": fmt.Sprintf("%q", secret), "%+q": fmt.Sprintf("%+q", secret), "JSON": string(quoted),
		"query": url.QueryEscape(secret), "path": url.PathEscape(secret), "HTML": html.EscapeString(secret),
		"hex": hex.EncodeToString([]byte(secret)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"% x": fmt.Sprintf("% x", secret), "upper": strings.ToUpper(secret),
		"%25": url.QueryEscape(url.QueryEscape(secret)), "%q of %q": fmt.Sprintf("%q", fmt.Sprintf("%q", secret)),
	}
	escapes := ""
	for _, b := range []byte(secret) {
		escapes += fmt.Sprintf("%%%02x", b)
	}
	all["all %"] = escapes
	for n := range 3 {
		for name, e := range map[string]*base64.Encoding{"std": base64.StdEncoding, "url": base64.URLEncoding, "raw": base64.RawStdEncoding} {
			all[fmt.Sprintf("Base64 %s, %d before", name, n)] = e.EncodeToString([]byte("abc"[:n] + secret + ":x"))
		}
	}
	return all
}

func TestHide(t *testing.T) {
	for _, secret := range []string{"0123456789abcdef0123456789abcdef", `pass "word"<&>/\ é+`, "s3cr3t-k3y"} {
		h := secrets.New("", "x", secret)
		for way, text := range encoded(secret) {
			if got := h.Hide("before " + text + " after"); strings.Contains(got, text) || !strings.Contains(got, secrets.Hidden) {
				t.Errorf("%q, %s: %s", secret, way, got)
			}
		}
		if got := h.Hide(secret[3:] + " … " + secret[:len(secret)-2]); len(secret) > 11 && strings.Contains(got, secret[4:9]) {
			t.Errorf("%q, cut: %s", secret, got)
		}
	}
	for _, text := range []string{"", "nothing to hide: 0123456789abcde", "https://example.com/sms?Body=Hi"} {
		if got := secrets.New("0123456789abcdef0123456789abcdef").Hide(text); got != text && !strings.HasPrefix(text, "nothing") {
			t.Errorf("%q became %q", text, got)
		}
	}
	var none *secrets.Hider
	if none.Hide("text") != "text" || (&secrets.Hider{}).Hide("text") != "text" {
		t.Error("nothing to hide, and something is hidden")
	}
}
