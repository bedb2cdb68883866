// This file answers a challenge (auth-challenge): the first request goes out
// without Authorization; if the answer is 401 with a WWW-Authenticate, the same
// request is sent again with it. The credentials are those of the configured
// URL, percent-decoded.

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

// answer returns the Authorization that answers the challenges in the headers:
// Digest if that is offered and can be done, or else Basic.
func (c *credentials) answer(header http.Header, method, target string) (string, error) {
	basic := false
	for _, challenge := range header.Values("WWW-Authenticate") {
		if digest.IsDigest(challenge) {
			parsed, err := digest.ParseChallenge(challenge)
			if err != nil || !digest.CanDigest(parsed) {
				continue
			}
			answer, err := digest.Digest(parsed, digest.Options{Method: method, URI: target, Username: c.user, Password: c.password, Count: 1})
			if err != nil {
				continue
			}
			return answer.String(), nil
		}
		scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		basic = basic || strings.EqualFold(scheme, "Basic")
	}
	if basic {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.user+":"+c.password)), nil
	}
	return "", fmt.Errorf("it asks for a login that is neither Basic nor a Digest with MD5 or SHA-256")
}
