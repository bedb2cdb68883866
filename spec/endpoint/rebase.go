// This file answers: what does a vector ask of an endpoint with a URL and a
// token of its own? What a vector says is a relation between the request and
// what was signed: the same URL, another scheme, a query with something added,
// a form signed in another order, another key. The relation is kept and both
// sides are moved to the endpoint. The rules are
//
//   - The scheme, host and path become the endpoint's; the vector's query is
//     appended to the endpoint's own.
//   - A part in which the signed URL differs from the request's keeps differing.
//   - What a vector says about a part that an endpoint's URL fixes (a port, a
//     user, the spelling of the host) is sent only to an endpoint whose URL has
//     that part, and with the endpoint's value of it.
//   - The signature is made again, with the endpoint's token. The token itself is
//     never in a vector: what a report shows cannot contain it.

package endpoint

import (
	"errors"
	"fmt"
	"strings"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// ownToken stands in a rebased vector for the endpoint's token.
const ownToken = "(the endpoint's token)"

// errors that say why a vector is not applicable.
var (
	errUndisclosed = errors.New("the token of this published sample is not disclosed, so it cannot be signed for " +
		"another URL")
	errToken   = errors.New("it is about a token of its own; the endpoint has its own")
	errHeader  = errors.New("HTTP does not carry such a header value, or strips the white space around it")
	errTarget  = errors.New("its URL is no legal request target")
	errHost    = errors.New("it is about how the host is spelled; the endpoint's is what it is")
	errScheme  = errors.New("it is about another scheme than the endpoint's")
	errPort    = errors.New("it is about a port; the endpoint's URL has none, or another one")
	errNoPort  = errors.New("it is about a URL without a port; the endpoint's has one")
	errProduct = errors.New("it is about a port and another product than the endpoint serves (--product says " +
		"which)")
	errUserinfo  = errors.New("it is about user and password in the URL; the endpoint's has none, or others")
	errPath      = errors.New("it is about the path; the endpoint's is the root")
	errHandshake = errors.New("a WebSocket handshake is a GET request without a body")
	errTwice     = errors.New("without its body it is a handshake that another vector sends already")
	errSame      = errors.New("for the endpoint's URL or token it tests nothing that is not tested already")
)

// rebase returns the vector for the endpoint, signed with its token. The error
// says why it cannot be sent.
func (e *Endpoint) rebase(v *vectors.Vector) (*vectors.Vector, error) {
	m := *v
	if v.Signed != nil {
		signed := *v.Signed
		m.Signed = &signed
	}
	r := &m.Request
	if kind := kindOf(r.Reference()); v.Result == vectors.Valid && !e.takesKind(kind) {
		return nil, fmt.Errorf("the endpoint takes no %s (--accepts)", kindNames[kind])
	}
	if err := e.meetDemands(&m); err != nil {
		return nil, err
	}
	shown, err := e.rebaseKey(&m)
	if err != nil {
		return nil, err
	}
	if e.isWebSocket() {
		if err := asHandshake(&m); err != nil {
			return nil, err
		}
	}
	if strings.HasPrefix(v.Question, "wss-") && e.url.Scheme != "wss" {
		return nil, errScheme
	}
	if why := e.unreachable[r.Method]; why != "" {
		return nil, errors.New(why)
	}
	signedURL := string(r.URL)
	if m.Signed != nil {
		signedURL = string(m.Signed.URL)
	}
	url, signedURL, err := e.rebaseURLs(string(r.URL), signedURL, v)
	if err != nil {
		return nil, err
	}
	if why := e.unreachable[addedQuery]; why != "" && v.Result == vectors.Valid && r.Method == "POST" &&
		reference.CoverageOf(r.Reference()) != reference.CoveredByHash {
		if moved, _ := reference.SplitURL(url); moved.Query != e.url.Query {
			return nil, errors.New(why)
		}
	}
	if e.isWebSocket() && m.Result == vectors.Valid && strings.Contains(url, "?") && e.url.Query == "" {
		m.Result, m.Question, m.Answer, m.Rules = vectors.Question, "wss-query", "as-handed", nil
	}
	r.URL, r.Product = vectors.Text(url), e.product
	if m.Signed != nil {
		m.Signed.URL = vectors.Text(signedURL)
		m.AuthToken = vectors.Text(e.token)
		if err := m.Sign(); err != nil {
			return nil, err
		}
		if m.Signed.Token != nil {
			m.Signed.Token = &shown
		}
	}
	m.AuthToken = ownToken
	if r.SignatureSettings != nil && !webhook.Sendable(string(*r.SignatureSettings)) {
		return nil, errHeader
	}
	if r.Signature != nil && !webhook.Sendable(*r.Signature) || r.ContentType != nil &&
		!webhook.Sendable(*r.ContentType) {
		return nil, errHeader
	}
	if m.Result != vectors.Question && reference.New().Validate(e.token, r.Reference()) != (v.Result == vectors.Valid) {
		return nil, errSame // moved here, the signature is right where it was wrong, or wrong where it was right
	}
	e.concealVector(&m)
	return &m, nil
}

// rebaseToken keeps the relation between the token and the key that signed, and
// returns how that key is shown: the endpoint's token is not, nor a part of it.
func (e *Endpoint) rebaseToken(v *vectors.Vector) (shown vectors.Text, err error) {
	const plain = "12345"
	own := string(v.AuthToken)
	switch {
	case v.Signed != nil && v.Signed.TokenUndisclosed:
		return "", errUndisclosed
	case own == "":
		return "", errToken
	case v.Signed == nil:
		return "", nil
	case v.Signed.Token == nil && own != plain && v.Family.Name == "token":
		return "", errToken
	case v.Signed.Token == nil:
		return "", nil
	}
	// The key is made of the endpoint's token as the vector's is of its own.
	key, derived := string(*v.Signed.Token), ""
	switch {
	case strings.TrimSpace(own) != own:
		return "", errToken
	case key == "":
		shown = ""
	case key == strings.ToLower(own):
		derived, shown = strings.ToLower(e.token), "(the endpoint's token in lower case)"
	case key == strings.ToUpper(own):
		derived, shown = strings.ToUpper(e.token), "(the endpoint's token in upper case)"
	case strings.HasPrefix(own, key):
		derived, shown = e.token[:len(e.token)/2], "(the first half of the endpoint's token)"
	case strings.HasPrefix(key, own):
		derived, shown = e.token+key[len(own):], vectors.Text("(the endpoint's token)"+key[len(own):])
	default:
		derived, shown = key, vectors.Text(key)
	}
	if derived == e.token || derived == "" && key != "" {
		return "", errSame
	}
	text := vectors.Text(derived)
	v.Signed.Token = &text
	return shown, nil
}

// rebaseURLs moves the request's URL and the signed one to the endpoint.
func (e *Endpoint) rebaseURLs(url, signed string, v *vectors.Vector) (string, string, error) {
	u, ok := reference.SplitURL(url)
	if !ok || strings.ContainsFunc(url, func(c rune) bool {
		return c <= ' ' || c >= 0x7f ||
			strings.ContainsRune("\"<>\\^`{|}", c)
	}) {
		return "", "", errTarget
	}
	if plain := strings.ToLower(u.Host); plain != u.Host || strings.HasPrefix(plain, "xn--") || plain == "localhost" ||
		strings.HasSuffix(plain, ".") || strings.ContainsAny(plain, "_%") || strings.Trim(plain, "0123456789.:[]") == "" {
		return "", "", errHost
	}
	to := e.url
	to.Fragment = u.Fragment
	s, ok := reference.SplitURL(signed)
	if !ok && !strings.HasSuffix(url, signed) {
		return "", "", errTarget
	}
	var err error
	elsewhere := ok && s.Host != u.Host
	signedTo := to
	signedTo.Userinfo = ""
	if ok {
		if to.Userinfo, signedTo.Userinfo, err = e.rebaseUserinfo(u.Userinfo, s.Userinfo); err != nil {
			return "", "", err
		}
		if signedTo.Scheme, err = e.rebaseScheme(u, s); err != nil {
			return "", "", err
		}
		if signedTo.Port, err = e.rebasePort(u, s, v); err != nil {
			return "", "", err
		}
		signedTo.Fragment = s.Fragment
	} else {
		s.Path, s.Query, signedTo.Fragment = u.Path, u.Query, ""
	}
	if elsewhere && s.Path != u.Path {
		// Another place altogether: it stays where it is.
		if to.Path, _, err = e.rebasePaths(u.Path, u.Path); err != nil {
			return "", "", err
		}
		to.Query = joinQuery(e.url.Query, u.Query)
		return to.String(), signed, nil
	}
	if to.Path, signedTo.Path, err = e.rebasePaths(u.Path, s.Path); err != nil {
		return "", "", err
	}
	if e.url.Query != "" && (u.Query == "?" || s.Query == "?") {
		return "", "", errSame
	}
	to.Query, signedTo.Query = joinQuery(e.url.Query, u.Query), joinQuery(e.url.Query, s.Query)
	if elsewhere {
		signedTo.Host = s.Host
		if prefix, isSub := strings.CutSuffix(s.Host, "."+u.Host); isSub {
			signedTo.Host = prefix + "." + e.url.Host
		}
	}
	if !ok {
		return to.String(), signedTo.Path + signedTo.Query, nil
	}
	return to.String(), signedTo.String(), nil
}

// rebaseScheme returns the signed scheme: the endpoint's, or another one.
func (e *Endpoint) rebaseScheme(u, s reference.URLParts) (string, error) {
	websocket := strings.HasPrefix(strings.ToLower(u.Scheme), "ws")
	switch {
	case strings.ToLower(u.Scheme) != u.Scheme, websocket != e.isWebSocket() && websocket:
		return "", errScheme
	case s.Scheme == u.Scheme:
		return e.url.Scheme, nil
	case websocket:
		return map[string]string{"wss": "https", "ws": "http"}[e.url.Scheme], nil
	default:
		return map[string]string{"https": "http", "http": "https", "wss": "ws", "ws": "wss"}[e.url.Scheme], nil
	}
}

// rebasePort returns the port in the signed URL. For a vector without ports
// that is what Twilio signs for the endpoint's (port-kept,
// port-dropped-https-voice).
func (e *Endpoint) rebasePort(u, s reference.URLParts, v *vectors.Vector) (string, error) {
	own, https := e.url.Port, strings.EqualFold(e.url.Scheme, "https")
	if u.Port == "" && s.Port == "" {
		kept, _ := reference.SplitURL(reference.SignedURLs(e.url.String(), e.product)[0])
		return kept.Port, nil
	}
	switch special := u.Port == ":80" || u.Port == ":443" || u.Port == ":"; {
	case u.Scheme != e.url.Scheme:
		return "", errScheme
	case u.Port == "" && own != "":
		return "", errNoPort
	case u.Port == "":
		return s.Port, nil
	case own == "", special && u.Port != own:
		return "", errPort
	case https && v.Request.Product != e.product:
		return "", errProduct
	case s.Port == u.Port:
		return own, nil
	case s.Port == own:
		return own + "1", nil
	default:
		return s.Port, nil
	}
}

// rebaseUserinfo returns the userinfo of the URL and of the signed one.
func (e *Endpoint) rebaseUserinfo(url, signed string) (string, string, error) {
	own := e.url.Userinfo
	plain := strings.Count(url, ":") == 1 && strings.HasSuffix(url, "secret@")
	switch {
	case url == "" && signed == "":
		return own, "", nil
	case own == "" || !plain || signed != "" && signed != url:
		return "", "", errUserinfo
	case signed == url:
		return own, own, nil
	default:
		return own, "", nil
	}
}

// rebasePaths returns the path of the request and the signed path. A simple
// path is the endpoint's; what a vector has below it, or instead, comes below
// the endpoint's.
func (e *Endpoint) rebasePaths(path, signed string) (string, string, error) {
	own := e.url.Path
	bare := strings.TrimSuffix(own, "/")
	var to, signedTo string
	switch {
	case path == "":
		return "", "", errPath // on the wire it is "/"
	case path == signed && isSimple(path):
		to, signedTo = own, own
	case path == signed:
		to, signedTo = bare+path, bare+path
	case strings.HasPrefix(signed, path) && strings.HasSuffix(signed, "/"), strings.HasPrefix(signed, path) &&
		strings.HasSuffix(path, "/"):
		slash := path[len(strings.TrimRight(path, "/")):]
		to, signedTo = bare+slash, bare+slash+signed[len(path):]
	case strings.HasPrefix(path, signed) && signed != "":
		to, signedTo = bare+path[len(signed):], bare
	case strings.HasPrefix(signed, path):
		to, signedTo = own, own+signed[len(path):]
	case strings.EqualFold(path, signed):
		to, signedTo = own, vectors.SwapCase(own)
	case isSimple(path):
		to, signedTo = own, bare+signed
	default:
		to, signedTo = bare+path, bare+signed
	}
	if to == "" || path != signed && to == signedTo {
		return "", "", errPath
	}
	if to != own {
		below := "path"
		if strings.TrimRight(to, "/") == bare {
			below = "slash"
		}
		if why := e.unreachable[below]; why != "" {
			return "", "", errors.New(why)
		}
	}
	return to, signedTo, nil
}

// isSimple reports whether a path is one plain segment, as a webhook has.
func isSimple(path string) bool {
	segment, ok := strings.CutPrefix(path, "/")
	return ok && strings.Trim(segment, ".") == segment && !strings.ContainsFunc(segment, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' ||
			c == '_')
	})
}

// joinQuery appends a query to another; both with their "?".
func joinQuery(own, more string) string {
	if own == "" || own == "?" && more != "" {
		return more
	}
	if more == "" {
		return own
	}
	return own + "&" + more[1:]
}
