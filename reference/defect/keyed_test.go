package defect_test

import (
	"bytes"
	"strings"
	"testing"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// TestKeyed: whatever the key and the text before were, the MAC is the reference's.
func TestKeyed(t *testing.T) {
	var keyed defect.Keyed
	for _, secret := range []string{"12345", "12345", "", strings.Repeat("k", 64), strings.Repeat("k", 65)} {
		for _, algorithm := range []reference.Algorithm{reference.HMACSHA1, reference.HMACSHA256} {
			key := reference.Key{Secret: secret, Algorithm: algorithm}
			for _, text := range []string{"", "https://example.com/", strings.Repeat("x", 1000), "é"} {
				if !bytes.Equal(keyed.MAC(key, text), key.MAC(text)) {
					t.Errorf("the MAC of %.9q with %.9q and %s is another one", text, secret, algorithm)
				}
			}
		}
	}
}
