// This file answers a challenge (auth-challenge): the first request goes out
// without Authorization; if the answer is 401 with a WWW-Authenticate, the same
// request is sent again with it, and a later request of the same call carries it
// at once. The credentials are those of the configured URL, percent-decoded.

package webhook

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/icholy/digest"

	"sigconform/reference"
)

// credentials are a user and a password, decoded.
type credentials struct{ user, password string }

// credentialsOf returns the credentials of the first URL that has some.
func credentialsOf(urls ...reference.URLParts) (*credentials, error) {
	for _, u := range urls {
		if u.Userinfo == "" {
			continue
		}
		user, password, _ := strings.Cut(strings.TrimSuffix(u.Userinfo, "@"), ":")
		user, err1 := url.PathUnescape(user)
		password, err2 := url.PathUnescape(password)
		if err1 != nil || err2 != nil {
			return nil, errors.New("the user or password in the URL is not percent-encoded as it must be")
		}
		return &credentials{user, password}, nil
	}
	return nil, nil
}

// basic is how Basic writes the credentials.
func (c *credentials) basic() string {
	return base64.StdEncoding.EncodeToString([]byte(c.user + ":" + c.password))
}

// login is a challenge that can be answered, any number of times.
type login struct {
	credentials *credentials
	digest      *digest.Challenge // nil for Basic
	count       int               // of answers to this challenge
}

// answer returns the login for the challenges in the headers: Digest if that is
// offered and can be done, or else Basic. The error says that there is neither.
func (c *credentials) answer(header http.Header) (*login, error) {
	basic := false
	for _, challenge := range header.Values("WWW-Authenticate") {
		if digest.IsDigest(challenge) {
			if parsed, err := digest.ParseChallenge(challenge); err == nil && digest.CanDigest(parsed) {
				return &login{credentials: c, digest: parsed}, nil
			}
			continue
		}
		scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		basic = basic || strings.EqualFold(scheme, "Basic")
	}
	if basic {
		return &login{credentials: c}, nil
	}
	return nil, errors.New("it asks for a login that is neither Basic nor a Digest with MD5 or SHA-256")
}

// authorization returns the header for the next request; "" for no login.
func (l *login) authorization(method, target string) (string, error) {
	if l == nil {
		return "", nil
	}
	if l.digest == nil {
		return "Basic " + l.credentials.basic(), nil
	}
	l.count++
	answer, err := digest.Digest(l.digest, digest.Options{Method: method, URI: target, Username: l.credentials.user,
		Password: l.credentials.password, Count: l.count})
	if err != nil {
		return "", fmt.Errorf("its Digest challenge cannot be answered: %w", err)
	}
	return answer.String(), nil
}
