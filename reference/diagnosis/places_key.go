package diagnosis

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// settingsHeader says which key signed (sk-header).
const settingsHeader = "X-Twilio-Webhooks-Signature-Settings"

// anybody is what a key is worth that is no secret.
const anybody = "Anybody can make this signature: a validator that accepts it is open. " +
	"Stop at the start if no key is configured, and refuse ids of keys that are not known."

// algorithmOf returns the algorithm that makes so many bytes.
func algorithmOf(size int) reference.Algorithm {
	if size == sha256.Size {
		return reference.HMACSHA256
	}
	return reference.HMACSHA1
}

// sizeOf returns the number of bytes of a signature, 0 if it is no Base64.
func sizeOf(r reference.Request) int {
	mac, err := base64.StdEncoding.DecodeString(*r.Signature)
	if err != nil {
		return 0
	}
	return len(mac)
}

// rightKey returns the key that the request says it was signed with, under the
// algorithm that makes signatures of that size; false if it names none that is
// known.
func rightKey(received Received, size int) (key reference.Key, known bool) {
	r := received.Request
	key, known = reference.ChooseKey(received.AuthToken, r)
	if r.SignatureSettings == nil && size != sha1.Size {
		known = false // it has another key, and which is not said
	}
	key.Algorithm = algorithmOf(size)
	return key, known && key.Secret != ""
}

// settingsChanges says what is wrong with the settings header, or its absence. The
// length of the signature says by itself which algorithm made it.
func settingsChanges(r reference.Request) []Change {
	const ignored = "Whoever signed did not do what the header says, or the header was added or changed on the way: it is not signed " +
		"itself. Take the algorithm from the header, and refuse the request if that does not fit."
	size := sizeOf(r)
	if r.SignatureSettings == nil {
		if size != sha256.Size {
			return nil
		}
		return []Change{{
			fmt.Sprintf("the signature has 44 characters: it is an HMAC-SHA256, as a SharedKey makes it, but there is no header %s", settingsHeader),
			"The header was lost: gateways, serverless adapters and queues pass on the headers that they are told to. Let them pass " +
				"it on, and verify with the key and the algorithm that it names.",
		}}
	}
	id, algorithm, ok := reference.ParseSettings(*r.SignatureSettings)
	if !ok {
		return []Change{{
			fmt.Sprintf("the header %s cannot be used: %s", settingsHeader, *r.SignatureSettings),
			"It has to be key=ID,algorithm=HMAC_SHA256 or key=ID,algorithm=HMAC_SHA1. A validator rejects anything else and falls back to " +
				"no other key.",
		}}
	}
	var changes []Change
	if _, known := reference.ChooseKey("", r); !known {
		changes = append(changes, Change{
			"the settings header names the key " + id + ", which is not among those that are given",
			"Give it with --shared-key, and its secret in TWILIO_SHARED_KEY_SECRET. An application refuses a key that it does not know.",
		})
	}
	if size > 0 && algorithmOf(size) != algorithm {
		changes = append(changes, Change{
			fmt.Sprintf("the settings header says %s, but the signature has %d characters: it is an %s", algorithm, len(*r.Signature),
				algorithmOf(size)),
			ignored,
		})
	}
	return changes
}

// withoutSearch finds what differs in the signature alone, the string to sign being
// right: another algorithm than the header says, or half of the bytes.
func (e *exploration) withoutSearch(received Received) (Reading, bool) {
	if e.matches(e.start) {
		return Reading{StringToSign: e.start.stringToSign()}, true
	}
	whole := e.start.key
	whole.Algorithm = reference.HMACSHA256
	if e.start.known && bytes.HasPrefix(whole.MAC(e.start.stringToSign()), e.signature) {
		return Reading{StringToSign: e.start.stringToSign(), Changes: []Change{{
			"it is cut to the first 20 of the 32 bytes of an HMAC-SHA256",
			"A column, a buffer or a comparison has the length of HMAC-SHA1. HMAC-SHA256 has 44 characters; compare all of them.",
		}}}, true
	}
	return Reading{}, false
}

// keyWays are the ways in which the key can differ. None of them names a secret.
func keyWays(received Received, start signing) []way {
	w := waysFrom(start)
	seen := map[string]bool{}
	if start.known {
		seen[start.key.Secret] = true
	}
	algorithm := algorithmOf(sizeOf(received.Request))
	to := func(cost int, says, fix, secret string) {
		if !seen[secret] {
			seen[secret] = true
			w.add(cost, says, fix, func(s *signing) { s.key, s.known = reference.Key{Secret: secret, Algorithm: algorithm}, true })
		}
	}
	sharedKeyWays(received, algorithm, to)
	to(rare, "it was made with the empty key", anybody, "")
	for _, text := range slices.Concat(defect.AbsentTokens, defect.PlaceholderTokens) {
		to(rare, "it was made with the text "+text+" as the key", anybody, text)
	}
	if !start.known {
		return w.list
	}
	what, fix := "token", "The token as it is configured is not the token: look for white space around it, and for quotes, in the "+
		"environment or the file that it is read from."
	secret := start.key.Secret
	if received.Request.SignatureSettings != nil {
		what, fix = "secret", "The secret as it is configured is not the secret: look for white space around it, and for quotes, where "+
			"it is read."
	}
	for _, form := range defect.TokenForms {
		to(rare, "the "+what+" "+form.Says, fix, form.Of(secret))
	}
	const text = "The key is text, used as it stands, though it looks like an encoding. Whoever made this signature decodes it; " +
		"Twilio does not."
	if decoded, err := base64.StdEncoding.DecodeString(secret); err == nil {
		to(rare, "the "+what+" is decoded from Base64", text, string(decoded))
	}
	if decoded, err := hex.DecodeString(secret); err == nil {
		to(rare, "the "+what+" is decoded from hex", text, string(decoded))
	}
	return w.list
}

// sharedKeyWays are the other keys that the application knows (sk-wrong-key).
func sharedKeyWays(received Received, algorithm reference.Algorithm, to func(cost int, says, fix, secret string)) {
	r := received.Request
	const (
		lost = "The header was lost on the way (gateways, serverless adapters and queues pass on the headers that they are told to), or " +
			"whoever signed did not " +
			"send it. Without it only the auth token counts."
		named = "The key that the header names has to make the signature. Whoever signed used another one, or the header was added or " +
			"changed on the way: it " +
			"is not signed itself. A validator rejects this, and falls back to no other key."
		retired = "Two keys can be in use at a time, while one is rotated. Look the secret up by the id in the header; are the secrets " +
			"stored under the right ids?"
	)
	if r.SignatureSettings == nil {
		for _, shared := range r.SharedKeys {
			if shared.Secret != "" {
				to(usual, "it was made with the shared key "+shared.ID+", which the header "+settingsHeader+" should name", lost, shared.Secret)
			}
		}
		if received.AuthToken != "" {
			to(usual, fmt.Sprintf("it was made with the auth token and %s", algorithm),
				"The auth token signs with HMAC_SHA1 where no settings header says otherwise.", received.AuthToken)
		}
		return
	}
	if received.AuthToken != "" {
		to(usual, "it was made with the auth token, though the settings header names a shared key", named, received.AuthToken)
	}
	for _, shared := range r.SharedKeys {
		if shared.Secret != "" {
			to(usual, "it was made with the shared key "+shared.ID+", which is not the one that the settings header names", retired, shared.Secret)
		}
	}
	if id, _, ok := reference.ParseSettings(*r.SignatureSettings); ok {
		to(rare, "it was made with the id of the key in place of its secret", anybody, id)
	}
}
