package judge

import (
	"slices"
	"strings"
	"unicode/utf8"

	"sigconform/reference"
)

// This file answers: may the signature have been made with the key and the
// algorithm that the request calls for? The rules are sk-header, sk-wrong-key and
// sk-unsupported-algorithm: without a settings header they are the auth token and
// HMAC-SHA1, with one the shared key and the algorithm that it names.

// key returns the key that the request calls for, and false if it names none.
func (c *Case) key() (reference.Key, bool) { return reference.ChooseKey(c.Token, c.Request) }

// rightKey reports whether the signature was made with that key and algorithm.
func (c *Case) rightKey() bool {
	key, ok := c.key()
	return ok && c.Signed.Key == key.Secret && c.signedBy(key.Algorithm)
}

// mayBeItsKey reports whether some answer to some question makes the key and the
// algorithm of the signature the right ones.
func (c *Case) mayBeItsKey() bool {
	settings := c.Request.SignatureSettings
	if settings == nil {
		return c.madeWith(c.Token) && c.signedByEither() // question sha256-without-settings
	}
	configured := slices.ContainsFunc(c.Request.SharedKeys, func(k reference.SharedKey) bool { return c.madeWith(k.Secret) })
	id, algorithm, ok := reference.ParseSettings(*settings)
	switch {
	case !ok:
		// The questions about the header's spelling: it may count as no header, or as
		// one that names any key and either algorithm.
		return !namesUnsupported(*settings) && (configured || c.madeWith(c.Token)) && c.signedByEither()
	case len(c.Request.SharedKeys) == 0:
		// Nothing says what a header means to an application that knows no shared key.
		return c.madeWith(c.Token) && c.signedByEither()
	case !slices.ContainsFunc(c.Request.SharedKeys, func(k reference.SharedKey) bool { return k.ID == id }):
		return configured && c.signedBy(algorithm) // question sk-unknown-key-id
	}
	key, _ := c.key()
	return c.madeWith(key.Secret) && c.signedBy(algorithm)
}

// sha256MAC is what a vector calls the MAC of HMAC_SHA256.
const sha256MAC = "hmac-sha256"

func (c *Case) madeWith(secret string) bool { return sameKeyTo(c.Signed.Key) == sameKeyTo(secret) }

func (c *Case) signedBy(algorithm reference.Algorithm) bool {
	if algorithm == reference.HMACSHA256 {
		return c.Signed.MAC == sha256MAC
	}
	return c.Signed.MAC == ""
}

func (c *Case) signedByEither() bool {
	return c.signedBy(reference.HMACSHA1) || c.signedBy(reference.HMACSHA256)
}

// namesUnsupported reports whether a settings header, spelled as Twilio spells it,
// names another algorithm than the two, in no spelling of theirs (question sk-alias).
func namesUnsupported(settings string) bool {
	key, algorithm, found := strings.Cut(settings, ",algorithm=")
	if !found || algorithm == "" || !strings.HasPrefix(key, "key=") || strings.Contains(algorithm, ",") {
		return false
	}
	name := strings.NewReplacer("-", "", "_", "", `"`, "", " ", "").Replace(strings.ToUpper(algorithm))
	name = strings.TrimPrefix(name, "HMAC")
	return name != "SHA1" && name != "SHA256"
}

// JudgeWithoutSupport returns what the rules demand of a validator that does not
// support SharedKeys: nothing that a shared key signed must be accepted, and what must
// be rejected must be so without the settings header, too, since it ignores that.
func JudgeWithoutSupport(c *Case) Expectation {
	demanded := Judge(c)
	if c.Request.SignatureSettings == nil {
		return demanded
	}
	ignored := *c
	ignored.Request.SignatureSettings = nil
	if demanded == MustReject && Judge(&ignored) == MustReject {
		return MustReject
	}
	return NotJudged
}

// touchKey tells which questions a settings header that names a known key touches,
// and the texts of the keys.
func touchKey(touch func(string, bool), c *Case) {
	touchSecret(touch, c.Token)
	settings := c.Request.SignatureSettings
	if settings == nil {
		return
	}
	key, _ := c.key()
	id, algorithm, _ := reference.ParseSettings(*settings)
	touch("sk-header-order", strings.HasPrefix(strings.TrimLeft(*settings, " "), "algorithm"))
	touch("sk-header-space", strings.Contains(*settings, " "))
	touch("sk-empty-secret", key.Secret == "")
	touch(Unusual, len(*settings) > len(reference.Settings(id, algorithm))) // further fields
	touch(Unusual, !plainID(id))
	touchSecret(touch, key.Secret)
}

// touchSecret does so for one key. A validator may refuse its configuration, though
// another key signs.
func touchSecret(touch func(string, bool), secret string) {
	touch("token-whitespace", sameKeyTo(secret) != secret)
	touch("empty-token", secret == "")
	touch("non-ascii-token", !reference.IsASCII(secret))
	touch(Unusual, strings.ContainsFunc(secret, func(c rune) bool { return c < ' ' || c == utf8.RuneError }))
	touch("token-form", strings.ContainsFunc(secret, func(c rune) bool { return c <= ' ' || c > '~' }))
}

// plainID reports whether a key id consists of the characters that Twilio's ids have.
func plainID(id string) bool {
	return !strings.ContainsFunc(id, func(c rune) bool {
		return !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_')
	})
}
