// Package secrets takes secrets out of foreign text: what a validator answers, an
// application sends, or a program writes on standard error. It is used where such
// text comes in, so that nothing behind it (a report, a terminal, a finding) has to
// care. A secret is recognized as it is and as it is usually encoded: escaped for
// Go, JSON, a URL or HTML, in hex, and in Base64 wherever it starts.
package secrets

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
)

// Hidden replaces a secret.
const Hidden = "[secret]"

const (
	shortest     = 4 // bytes that a secret must have: less would be found everywhere
	shortestCode = 8 // … and characters that an encoded or cut one must have
)

// Hider takes secrets out of texts. The zero value and nil hide nothing.
type Hider struct {
	secrets []string
	pattern *regexp.Regexp
}

// New returns a Hider for the secrets. Those of less than four bytes are ignored.
func New(secrets ...string) *Hider {
	h := &Hider{}
	var forms []string
	for _, secret := range secrets {
		if len(secret) < shortest {
			continue
		}
		h.secrets = append(h.secrets, secret)
		forms = append(forms, escaped(secret))
		if 2*len(secret) >= shortestCode {
			forms = append(forms, inHex(secret))
		}
		for before := range 3 {
			if form := inBase64(secret, before); form != "" {
				forms = append(forms, form)
			}
		}
	}
	if len(forms) > 0 {
		h.pattern = regexp.MustCompile("(?i)" + strings.Join(forms, "|"))
	}
	return h
}

// Hide returns the text with every secret replaced. A piece of one that the end or
// the beginning of the text cuts off is hidden too.
func (h *Hider) Hide(text string) string {
	if h == nil || h.pattern == nil || text == "" {
		return text
	}
	text = h.pattern.ReplaceAllLiteralString(text, Hidden)
	for _, secret := range h.secrets {
		for n := len(secret) - 1; n >= shortestCode; n-- {
			if rest, cut := strings.CutSuffix(text, secret[:n]); cut {
				text = rest + Hidden
			}
			if rest, cut := strings.CutPrefix(text, secret[len(secret)-n:]); cut {
				text = Hidden + rest
			}
		}
	}
	return text
}

// escaped matches the secret with any of its characters escaped in any way.
func escaped(secret string) string {
	var pattern strings.Builder
	for i, char := range secret {
		raw := secret[i : i+len(string(char))]
		if char == '\uFFFD' {
			raw = secret[i : i+1]
		}
		ways := []string{`\\*` + regexp.QuoteMeta(raw), fmt.Sprintf(`\\+u\{?0*%x\}?`, char), fmt.Sprintf(`&#0*%d;?`, char),
			fmt.Sprintf(`&#x0*%x;?`, char)}
		percent, hex, octal := "", "", ""
		for _, b := range []byte(raw) {
			percent += fmt.Sprintf(`%%(?:25)*%02x`, b)
			hex += fmt.Sprintf(`\\+x%02x`, b)
			octal += fmt.Sprintf(`\\+%03o`, b)
		}
		ways = append(ways, percent, hex, octal)
		if named := map[rune]string{'<': "&lt;", '>': "&gt;", '&': "&amp;", '"': "&quot;", '\'': "&apos;",
			' ': `\+|%(?:25)*2b`}[char]; named != "" {
			ways = append(ways, named)
		}
		pattern.WriteString("(?:" + strings.Join(ways, "|") + ")")
	}
	return pattern.String()
}

// inHex matches the secret in hex, with something between its bytes or not.
func inHex(secret string) string {
	var pattern strings.Builder
	for i, b := range []byte(secret) {
		if i > 0 {
			pattern.WriteString(`[ :,-]?(?:0x)?`)
		}
		fmt.Fprintf(&pattern, "%02x", b)
	}
	return pattern.String()
}

// inBase64 matches what the secret alone decides of its Base64 where so many bytes
// stand before it, modulo three; "" if that is too little to be told.
func inBase64(secret string, before int) string {
	text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + secret))
	from, to := [3]int{0, 2, 3}[before], (before+len(secret))*8/6
	if to-from < shortestCode {
		return ""
	}
	return strings.NewReplacer("+", `(?:[+-]|%2b)`, "/", `(?:[/_]|%2f|\\/)`).Replace(text[from:to])
}
