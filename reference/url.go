// This file answers: which URL was signed? The rules are
//
//   - url-verbatim: the URL from the scheme through the end of the query, byte
//     for byte. It is cut into pieces but never rebuilt from decoded ones.
//   - userinfo-dropped: user and password are dropped before signing.
//   - port-kept: HTTP keeps the port, and so does messaging over HTTPS.
//   - port-dropped-https-voice: voice over HTTPS drops it, an explicit :443 too.
//
// The pieces are found with the delimiters of RFC 3986 §3. A pattern over the
// whole URL would also match a port or an @ in the path or the query.

package reference

import "strings"

// URLParts is a URL cut at its delimiters. The pieces are verbatim: put
// together again with [URLParts.String] they are the URL that was cut.
type URLParts struct {
	Scheme   string // "https", in the case it was given; without "://"
	Userinfo string // "user:password@", with its "@"; "" if there is none
	Host     string // "example.com" or "[2001:db8::1]"
	Port     string // ":8443", with its colon, ":" for an empty port; "" if there is none
	Path     string // "/myapp"; "" if the authority ends the URL
	Query    string // "?foo=1", with its "?"; "" if there is none
	Fragment string // "#rc=2", with its "#"; "" if there is none
}

// String joins the pieces again, verbatim.
func (p URLParts) String() string {
	return p.Scheme + "://" + p.Userinfo + p.Host + p.Port + p.Path + p.Query + p.Fragment
}

// SplitURL cuts an absolute URL at its delimiters and decodes nothing. It
// reports false for a text that does not start with a scheme and "://".
func SplitURL(url string) (URLParts, bool) {
	scheme, rest, found := strings.Cut(url, "://")
	if !found || !isScheme(scheme) {
		return URLParts{}, false
	}
	p := URLParts{Scheme: scheme}
	rest, p.Fragment = cutBefore(rest, "#")
	rest, p.Query = cutBefore(rest, "?")
	rest, p.Path = cutBefore(rest, "/")
	// A raw "@" or ":" belongs to the userinfo as long as another "@" follows.
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		p.Userinfo, rest = rest[:at+1], rest[at+1:]
	}
	p.Host, p.Port = cutPort(rest)
	return p, true
}

// SignedURLs returns the URLs that Twilio may have signed for a request to the
// configured url, the likeliest first. There is one for a request whose product
// is known; a validator that is not told the product of an HTTPS URL with a
// port has to expect it kept (messaging) or dropped (voice).
//
// A text that is no absolute URL is signed as it stands (url-verbatim). The
// fragment is no part of the request and is left out (question fragment). For
// wss without a path's final slash or a query, the URL with the slash appended
// is expected too, as the page advises (question wss-trailing-slash).
func SignedURLs(url string, product Product) []string {
	p, ok := SplitURL(url)
	if !ok {
		return []string{url}
	}
	p.Userinfo, p.Fragment = "", ""
	kept := p.String()
	switch {
	case strings.EqualFold(p.Scheme, "https") && p.Port != "" && product != Messaging:
		p.Port = ""
		if product == Voice {
			return []string{p.String()}
		}
		return []string{kept, p.String()}
	case strings.EqualFold(p.Scheme, "wss") && p.Query == "" && !strings.HasSuffix(p.Path, "/"):
		return []string{kept, kept + "/"}
	default:
		return []string{kept}
	}
}

// cutBefore cuts s before the first delimiter; the second part starts with it.
func cutBefore(s, delimiter string) (before, after string) {
	if i := strings.Index(s, delimiter); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// cutPort cuts a port off the end of a host. The colons inside the brackets of
// an IPv6 address are the host's own, and what is not all digits is no port.
func cutPort(hostport string) (host, port string) {
	colon := strings.LastIndexByte(hostport, ':')
	if colon < strings.LastIndexByte(hostport, ']') || colon < 0 {
		return hostport, ""
	}
	if strings.Trim(hostport[colon+1:], "0123456789") != "" {
		return hostport, ""
	}
	return hostport[:colon], hostport[colon:]
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20 // ASCII letters to lower case
		letter := 'a' <= c && c <= 'z'
		other := '0' <= s[i] && s[i] <= '9' || s[i] == '+' || s[i] == '-' || s[i] == '.'
		if !letter && (i == 0 || !other) {
			return false
		}
	}
	return s != ""
}
