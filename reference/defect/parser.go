// This file answers: what does a whole URL look like after a URL class has parsed
// and printed it? Each change is a defect of its own in spelling.go and port.go;
// who prints a parsed URL makes them all at once.

package defect

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	neturl "net/url"
	"slices"
	"strings"

	"sigconform/reference"
)

var parser = []Defect{
	{
		Slug:     "url-parsed-and-printed",
		Says:     "signs the URL as {} prints it, and not as it was received",
		Hint:     "A parsed URL has its host in lower case, its dot segments resolved, an IPv6 address shortened and characters of its query escaped (the Node SDK before 6.2 signed that, or that with its query written anew). Cut the URL at its delimiters.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Values: []string{"new-URL", "new-URL-or-querystring"},
		Replace: func(v *reference.Validator, value string) {
			right := v.SignedURLs
			v.SignedURLs = func(url string, product reference.Product) []string {
				signed := right(edited(url, printed), product)
				for _, one := range slices.Clone(signed) {
					if another := edited(one, queryWrittenAnew); value != "new-URL" && another != one {
						signed = append(signed, another)
					}
				}
				return signed
			}
		},
	},
}

// printed changes the pieces as the WHATWG URL standard does, but for a default
// port: that rule has a defect of its own.
func printed(p *reference.URLParts) {
	p.Scheme, p.Host = strings.ToLower(p.Scheme), strings.ToLower(p.Host)
	if ip, err := netip.ParseAddr(strings.Trim(p.Host, "[]")); err == nil && strings.HasPrefix(p.Host, "[") {
		p.Host = "[" + hextets(ip) + "]"
	}
	if strings.HasSuffix(p.Userinfo, ":@") {
		p.Userinfo = strings.TrimSuffix(p.Userinfo, ":@") + "@"
	}
	p.Port = strings.TrimSuffix(p.Port, ":")
	if p.Path = removeDotSegments(p.Path); p.Path == "" {
		p.Path = "/"
	}
	p.Query = strings.ReplaceAll(escapeIllegal(escapeIllegal(p.Query, "non-ascii"), "quotation-mark"), "'", "%27")
}

// hextets writes an IPv6 address without an IPv4 address at its end.
func hextets(ip netip.Addr) string {
	if !ip.Is4In6() {
		return ip.String()
	}
	b := ip.As16()
	return fmt.Sprintf("::ffff:%x:%x", binary.BigEndian.Uint16(b[12:]), binary.BigEndian.Uint16(b[14:]))
}

// queryWrittenAnew decodes the query and encodes it again as the querystring
// module of Node does.
func queryWrittenAnew(p *reference.URLParts) {
	if len(p.Query) < 2 {
		return
	}
	plain := strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*", "%7E", "~")
	var pairs []string
	for _, param := range reference.ParseForm([]byte(p.Query[1:])) {
		pairs = append(pairs, plain.Replace(neturl.QueryEscape(param.Name))+"="+plain.Replace(neturl.QueryEscape(param.Value)))
	}
	p.Query = "?" + strings.Join(pairs, "&")
}
