package judge

import (
	"fmt"
	"testing"

	"sigconform/reference"
)

// TestMayNameHash escapes one or two bytes of the name, in either case of the digits: no
// spelling of the hash's name is passed over.
func TestMayNameHash(t *testing.T) {
	for _, format := range []string{"%%%02x", "%%%02X"} {
		for i := range reference.BodyHashParam {
			for k := range reference.BodyHashParam {
				query := "?a=%2B&"
				for at, c := range []byte(reference.BodyHashParam) {
					if at == i || at == k {
						query += fmt.Sprintf(format, c)
					} else {
						query += string(c)
					}
				}
				query += "=x"
				if len(reference.BodyHashes("https://h/"+query)) != 1 || !mayNameHash(query) {
					t.Errorf("%s names the hash", query)
				}
			}
		}
	}
	if mayNameHash("?a=%2B&b=%20c&d") {
		t.Error("a query that does not name the hash is read as a form")
	}
}
