// This file answers: what does a vector about SharedKeys test at an endpoint with
// shared keys of its own? The relation between the header, the key that signed and
// the keys that are configured is kept; ids and secrets become the endpoint's.

package endpoint

import (
	"errors"
	"fmt"
	"strings"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/vectors"
)

var (
	errSharedKey = errors.New("it is about SharedKeys; --shared-key names the endpoint's")
	errNoKey     = errors.New("it is about an application without a shared key; the endpoint has one")
	errSecondKey = errors.New("it is about a second shared key; --shared-key names one alone")
	errOwnSecret = errors.New("it is about a secret of its own; the endpoint has its own")
	errRequired  = errors.New("it is about what the auth token signs; the endpoint must refuse that")
)

// ownSecret stands in a rebased vector for the secret of a key of the endpoint's.
func ownSecret(key reference.SharedKey) vectors.Text {
	return vectors.Text("(the secret of " + key.ID + ")")
}

// rebaseKey keeps the relation between the keys and the one that signed, and
// returns how the latter is shown.
func (e *Endpoint) rebaseKey(v *vectors.Vector) (shown vectors.Text, err error) {
	if !v.NeedsSharedKeys() {
		shown, err := e.rebaseToken(v)
		if err != nil || !e.keyRequired {
			return shown, err
		}
		return e.underSharedKey(v, shown), nil
	}
	keys := v.Request.SharedKeys
	switch {
	case e.keyRequired && v.Request.SignatureSettings == nil:
		return "", errRequired
	case len(e.sharedKeys) == 0:
		return "", errSharedKey
	case len(keys) == 0:
		return "", errNoKey
	case len(keys) > len(e.sharedKeys):
		return "", errSecondKey
	case v.Request.SignatureSettings != nil && strings.HasPrefix(v.ID, "shared-key") && strings.Contains(v.ID, "/secret-"):
		return "", errOwnSecret
	}
	v.Request.SharedKeys = e.vectorKeys()
	if v.Request.SignatureSettings != nil {
		var ids []string
		for i, key := range keys {
			ids = append(ids, string(key.ID), e.sharedKeys[i].ID)
		}
		settings := vectors.Text(strings.NewReplacer(ids...).Replace(string(*v.Request.SignatureSettings)))
		v.Request.SignatureSettings = &settings
	}
	if v.Signed == nil || v.Signed.Token == nil {
		return "", nil // nothing was signed, or by the auth token
	}
	signer := *v.Signed.Token
	shown = signer
	for i, key := range keys {
		switch own := e.sharedKeys[i]; *v.Signed.Token {
		case key.Secret:
			signer, shown = vectors.Text(own.Secret), ownSecret(own)
		case key.ID:
			signer, shown = vectors.Text(own.ID), vectors.Text(own.ID)
		}
	}
	v.Signed.Token = &signer
	return shown, nil
}

// vectorKeys are the endpoint's shared keys as a vector has them.
func (e *Endpoint) vectorKeys() []vectors.SharedKey {
	var keys []vectors.SharedKey
	for _, key := range e.sharedKeys {
		keys = append(keys, vectors.SharedKey{ID: vectors.Text(key.ID), Secret: vectors.Text(key.Secret)})
	}
	return keys
}

// concealKeys takes the secrets out of a vector that has been signed.
func (e *Endpoint) concealKeys(v *vectors.Vector) {
	if len(v.Request.SharedKeys) == 0 {
		return
	}
	v.Request.SharedKeys = nil
	for _, key := range e.sharedKeys {
		v.Request.SharedKeys = append(v.Request.SharedKeys, vectors.SharedKey{ID: vectors.Text(key.ID), Secret: ownSecret(key)})
	}
}

// withKeys returns a request of a vector, which does not hold the secrets of the shared
// keys, with them.
func (e *Endpoint) withKeys(r reference.Request) reference.Request {
	if r.SharedKeys != nil {
		r.SharedKeys = e.sharedKeys
	}
	return r
}

// underSharedKey signs a vector with the endpoint's shared key that is about the auth
// token, where the endpoint demands that. shown is how its key was shown.
func (e *Endpoint) underSharedKey(v *vectors.Vector, shown vectors.Text) vectors.Text {
	settings := vectors.Text(e.settings())
	v.Request.SignatureSettings = &settings
	v.Request.SharedKeys = e.vectorKeys()
	if v.Signed == nil {
		return shown
	}
	if v.Signed.Token == nil {
		secret := vectors.Text(e.sharedKeys[0].Secret)
		v.Signed.Token, shown = &secret, ownSecret(e.sharedKeys[0])
	}
	if v.Signed.MAC == "" {
		v.Signed.MAC = "hmac-sha256"
	}
	return shown
}

// settings is the settings header that names the endpoint's first shared key.
func (e *Endpoint) settings() string {
	return reference.Settings(e.sharedKeys[0].ID, reference.HMACSHA256)
}

// sign returns the request with the signature that Twilio makes with the token, or,
// where the endpoint demands that, with its shared key. Another token than the
// endpoint's stands for a wrong key.
func (e *Endpoint) sign(r reference.Request, token string) reference.Request {
	if !e.keyRequired {
		signature := reference.Sign(token, r)
		r.Signature = &signature
		return r
	}
	settings, signer := e.settings(), e.sharedKeys[0]
	if token != e.token {
		signer.Secret = token
	}
	r.SignatureSettings, r.SharedKeys = &settings, []reference.SharedKey{signer}
	signature := reference.Sign("", r)
	r.Signature, r.SharedKeys = &signature, e.sharedKeys
	return r
}

// sharedKeyTrials are what must not get through where a shared key is configured.
func (e *Endpoint) sharedKeyTrials() []trial {
	r := e.shape.request(e.url, e.product)
	var all []trial
	add := func(name string, signed reference.Request, header ...webhook.Field) {
		all = append(all, trial{name: name, request: webhook.Delivery{Case: caseOf(signed), Header: header}, byStatus: true})
	}
	byToken := r
	signature := reference.Sign(e.token, r)
	byToken.Signature = &signature
	if e.keyRequired {
		add("signed with the auth token, without the settings header", byToken)
	}
	add("signed with the auth token, under the settings header", byToken,
		webhook.Field{Name: "X-Twilio-Webhooks-Signature-Settings", Value: e.settings()})
	named := func(id, key string) reference.Request {
		settings, named := reference.Settings(id, reference.HMACSHA256), r
		named.SignatureSettings, named.SharedKeys = &settings, []reference.SharedKey{{ID: id, Secret: key}}
		signature := reference.Encode(reference.Key{Secret: key, Algorithm: reference.HMACSHA256}.MAC(reference.StringToSign(r)))
		named.Signature = &signature
		return named
	}
	for i, key := range e.sharedKeys {
		for k, other := range e.sharedKeys {
			if i != k {
				add(fmt.Sprintf("the settings header names %s, signed with the secret of %s", key.ID, other.ID), named(key.ID, other.Secret))
			}
		}
	}
	for _, id := range []string{"webhooks_sharedkey_00000000000000000000000000", "constructor", "__proto__", "", "../x"} {
		for _, key := range defect.AbsentTokens {
			add(fmt.Sprintf("the key id %q, signed with the key %q", id, key), named(id, key))
		}
	}
	const unknown = "webhooks_sharedkey_00000000000000000000000000"
	add(fmt.Sprintf("the key id %q, signed with the id", unknown), named(unknown, unknown))
	for _, settings := range []string{"", "none", "key=" + e.sharedKeys[0].ID} {
		for _, d := range e.unguarded(r, withHeader(webhook.Field{Name: "X-Twilio-Webhooks-Signature-Settings", Value: settings})) {
			all = append(all, trial{name: fmt.Sprintf("the settings header %q", settings), request: d, byStatus: true})
		}
	}
	return all
}
