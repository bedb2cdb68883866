// This file answers: what does a whole URL look like after a URL class has parsed
// and printed it? Each change is a defect of its own in spelling.go and port.go;
// who prints a parsed URL makes them all at once.

package defect

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	neturl "net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigconform/reference"
)

var parser = []Defect{
	{
		Slug: "url-parsed-and-printed",
		Says: "signs the URL as {} prints it, and not as it was received",
		Hint: "A parsed URL has its host in lower case, its dot segments resolved, an IPv6 address shortened " +
			"and characters of its query escaped (the Node SDK before 6.2 signed that, or that with its query " +
			"rewritten). Cut the URL at its delimiters.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Brings: []string{"url-tabs-dropped"},
		Values: []string{"new-URL", "new-URL-or-querystring", "new-URL-without-default-port"},
		StepFor: func(value string) Step {
			return func(v *reference.Validator) {
				if value == "new-URL-or-querystring" {
					mapURLs(func(signed []string, _ string, _ reference.Product) []string { return withQueryRewritten(signed) })(v)
				}
				editURL(printed)(v)
				if value == "new-URL-without-default-port" {
					editURL(func(p *reference.URLParts) {
						p.Port = leadingZeros.ReplaceAllString(p.Port, ":$1")
						dropDefaultPort(p)
					})(v)
				}
			}
		},
	},
	{
		Slug: "url-tabs-dropped",
		Says: "drops tabs and line ends from the URL",
		Hint: "URL parsers do (the WHATWG standard, urllib.parse in Python): a signature for another URL is " +
			"accepted. Twilio sends no URL with such characters.",
		BugTypes: accepts, Breaks: "url-verbatim",
		Step: mapSigned(func(signed, _ string) string {
			return strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(signed)
		}),
	},
	{
		Slug: "url-as-printed-tried",
		Says: "accepts a signature of the URL as new URL and querystring print it, too",
		Hint: "The query is parsed and rewritten, for the sake of back ends that signed an escaped form (the " +
			"Node SDK since 6.2): parameters change places if their names are numbers or repeat. Compare with the " +
			"URL as it was received alone.",
		BugTypes: accepts, Breaks: "equivalent-spelling",
		Step: func(v *reference.Validator) {
			right := v.SignedURLs
			mapURLs(func(signed []string, url string, product reference.Product) []string {
				return with(signed, withQueryRewritten(right(edited(url, printed), product))...)
			})(v)
		},
	},
}

var leadingZeros = regexp.MustCompile(`^:0+(\d)`)

// withQueryRewritten appends to the URLs what they are with another query.
func withQueryRewritten(urls []string) []string {
	for _, url := range slices.Clone(urls) {
		urls = with(urls, edited(url, queryRewritten))
	}
	return urls
}

// printed changes the pieces as the WHATWG URL standard does, but for a default
// port: that rule has a defect of its own.
func printed(p *reference.URLParts) {
	p.Scheme, p.Host = strings.ToLower(p.Scheme), strings.ToLower(p.Host)
	if ip, err := netip.ParseAddr(strings.Trim(p.Host, "[]")); err == nil && strings.HasPrefix(p.Host, "[") {
		p.Host = "[" + hextets(ip) + "]"
	}
	if ip, ok := lenientIPv4(p.Host); ok {
		p.Host = ip.String()
	}
	if strings.HasSuffix(p.Userinfo, ":@") {
		p.Userinfo = strings.TrimSuffix(p.Userinfo, ":@") + "@"
	}
	p.Port = strings.TrimSuffix(p.Port, ":")
	if p.Path = reference.RemoveDotSegments(p.Path); p.Path == "" {
		p.Path = "/"
	}
	p.Query = strings.ReplaceAll(escapeIllegal(escapeIllegal(p.Query, "non-ascii"), "quotation-mark"), "'", "%27")
}

// lenientIPv4 reads an IPv4 address as inet_aton and the URL standard do: its
// numbers may be octal (017) or hexadecimal (0xf), and the last of fewer than
// four fills the bytes that are left.
func lenientIPv4(host string) (netip.Addr, bool) {
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := len(parts) - 1
	if last > 3 {
		return netip.Addr{}, false
	}
	var address uint64
	for i, part := range parts {
		bytes := 1
		if i == last {
			bytes = 4 - last
		}
		n, err := strconv.ParseUint(part, 0, 8*bytes)
		if err != nil {
			return netip.Addr{}, false
		}
		address = address<<(8*bytes) | n
	}
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(address)))), true
}

// hextets writes an IPv6 address without an IPv4 address at its end.
func hextets(ip netip.Addr) string {
	if !ip.Is4In6() {
		return ip.String()
	}
	b := ip.As16()
	return fmt.Sprintf("::ffff:%x:%x", binary.BigEndian.Uint16(b[12:]), binary.BigEndian.Uint16(b[14:]))
}

// queryRewritten decodes the query and encodes it again as the querystring
// module of Node does: through an object, which puts names that are numbers
// first and all values of a name together.
func queryRewritten(p *reference.URLParts) {
	if len(p.Query) < 2 {
		return
	}
	params := reference.ParseForm([]byte(p.Query[1:]))
	place := map[string]int{}
	for i, param := range params {
		if n, err := strconv.ParseUint(param.Name, 10, 32); err == nil && strconv.FormatUint(n, 10) == param.Name {
			place[param.Name] = int(n) - math.MaxUint32
		} else if _, repeated := place[param.Name]; !repeated {
			place[param.Name] = i
		}
	}
	slices.SortStableFunc(params, func(a, b reference.Param) int { return cmp.Compare(place[a.Name], place[b.Name]) })
	plain := strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*", "%7E", "~")
	var pairs []string
	for _, param := range params {
		pairs = append(pairs, plain.Replace(neturl.QueryEscape(param.Name))+"="+plain.Replace(neturl.QueryEscape(param.Value)))
	}
	p.Query = "?" + strings.Join(pairs, "&")
}
