// This file answers: which URL was signed? The rules are
//
//   - url-verbatim: the URL is signed from the scheme through the end of the query,
//     byte for byte. It is cut into pieces but never rebuilt from decoded ones.
//   - userinfo-dropped: user and password are dropped before signing.
//   - port-kept: HTTP keeps the port, and so does messaging over HTTPS.
//   - port-dropped-https-voice: voice over HTTPS drops it, even an explicit :443.
//
// The pieces are found with the delimiters of RFC 3986 §3. A pattern over the
// whole URL would also match a port or an @ in the path or the query.

package reference

import "strings"

// URLParts is a URL cut at its delimiters. The pieces are verbatim:
// [URLParts.String] joins them to exactly the URL that was cut.
type URLParts struct {
	Scheme   string // "https", in its original case; without "://"
	Userinfo string // "user:password@", with its "@"; "" if absent
	Host     string // "example.com" or "[2001:db8::1]"
	Port     string // ":8443", with its colon, ":" for an empty port; "" if absent
	Path     string // "/myapp"; "" if the authority ends the URL
	Query    string // "?foo=1", with its "?"; "" if absent
	Fragment string // "#rc=2", with its "#"; "" if absent
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

// DefaultPort returns the port, with its colon, that a URL of the scheme uses if it
// gives no port; "" for a scheme that Twilio does not call. Twilio never adds it.
func DefaultPort(scheme string) string {
	switch strings.ToLower(scheme) {
	case "http", "ws":
		return ":80"
	case "https", "wss":
		return ":443"
	default:
		return ""
	}
}

// SignedURLs returns the URLs that Twilio may have signed for a request to the
// configured url, the likeliest first. If the product is known there is one; a
// validator that does not know the product of an HTTPS URL with a port has to
// expect the port either kept (messaging) or dropped (voice).
//
// A text that is not an absolute URL is signed verbatim (url-verbatim). The
// fragment is not sent in a request, so it is left out (question fragment). For a
// wss URL without a query whose path does not end in a slash, the URL with a slash
// appended is expected too, as the docs advise (question wss-trailing-slash).
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

// cutPort cuts a port off the end of a host. Colons inside the brackets of an IPv6
// address belong to the host, and a port consists of digits only.
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
