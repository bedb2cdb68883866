package diagnosis

import (
	"net/url"
	"slices"
	"strings"

	"sigconform/reference"
)

// placesOf returns where what was signed can differ from what was handed over.
// The order is that of how often people report it.
func placesOf(received Received, start signing) []place {
	return []place{
		{"scheme", schemeWays(start)},
		{"host", hostWays(received, start)},
		{"port", portWays(received, start)},
		{"path", pathWays(received, start)},
		{"query", queryWays(received, start)},
		{"userinfo", userinfoWays(received)},
		{"fragment", fragmentWays(received)},
		{"parameters", paramWays(received, start)},
		{"token", tokenWays(start)},
	}
}

// urlWay is a way to change the pieces of the URL.
func urlWay(says, mend string, edit func(u *reference.URLParts)) way {
	return way{Change{says, mend}, func(s *signing) { edit(&s.url) }}
}

func schemeWays(start signing) []way {
	const mend = "TLS ends before the application, or the webhook is configured with another scheme. Hand the URL to the validator as it is configured at Twilio, or let the framework trust X-Forwarded-Proto of the proxy in front."
	var ways []way
	for _, scheme := range []string{"https", "http", "wss", "ws"} {
		ways = append(ways, urlWay("the scheme is "+scheme+", not "+start.url.Scheme, mend, func(u *reference.URLParts) { u.Scheme = scheme }))
	}
	return ways
}

func hostWays(received Received, start signing) []way {
	const mend = "The proxy or tunnel in front passes its own Host on. Hand the URL to the validator as it is configured at Twilio, or let the framework trust X-Forwarded-Host of the proxy, and of nobody else."
	var ways []way
	to := func(host, port string) {
		ways = append(ways, urlWay("the host is "+host+port+", not "+start.url.Host, mend, func(u *reference.URLParts) { u.Host, u.Port = host, port }))
	}
	for _, host := range received.Hosts {
		if parts, ok := reference.SplitURL("x://" + host); ok {
			to(parts.Host, parts.Port)
		}
	}
	only := func(says, host, mend string) {
		ways = append(ways, urlWay(says, mend, func(u *reference.URLParts) { u.Host = host }))
	}
	const verbatim = "Hand the URL over as it is configured, byte for byte; do not rebuild it from its parts."
	only("the host is in small letters", strings.ToLower(start.url.Host), verbatim)
	only("the host has no final dot", strings.TrimSuffix(start.url.Host, "."), verbatim)
	only("the host begins with www.", "www."+start.url.Host, "The server redirects or rewrites one name to the other: configure at Twilio the name that answers.")
	only("the host has no www.", strings.TrimPrefix(start.url.Host, "www."), "The server redirects or rewrites one name to the other: configure at Twilio the name that answers.")
	return ways
}

func portWays(received Received, start signing) []way {
	given, _ := reference.SplitURL(received.Request.URL)
	var ways []way
	with := func(port, mend string) {
		says := "the port is " + strings.TrimPrefix(port, ":")
		if port == "" {
			says = "there is no port"
		}
		ways = append(ways, urlWay(says, mend, func(u *reference.URLParts) { u.Port = port }))
	}
	with("", "Voice over HTTPS signs without the port, and a proxy's internal port was never in the configured URL. Hand over the configured URL; a validator should try an HTTPS URL with and without its port.")
	if given.Port != "" {
		with(given.Port, "Only voice over HTTPS signs without the port: messaging, and everything over HTTP, keep it.")
	}
	for _, port := range []string{":443", ":80", ":8443", ":8080", ":3000", ":5000", ":8000", ":4567"} {
		with(port, "The configured URL has a port that the application does not see. Hand over the configured URL, or let the framework trust X-Forwarded-Port.")
	}
	return ways
}

// usualPrefixes are what proxies and mounted applications take off the path.
var usualPrefixes = []string{"/api", "/api/v1", "/twilio", "/webhooks", "/prod", "/dev"}

func pathWays(received Received, start signing) []way {
	const (
		slash    = "A server or framework added or removed the final slash (an index page, a redirect, a router). Hand over the URL as it is configured; for WebSocket handshakes Twilio advises to append the slash."
		verbatim = "A framework or proxy rewrote the path. Hand over the URL as it arrived, byte for byte (the raw request target)."
	)
	p := start.url.Path
	var ways []way
	to := func(says, mend, path string) {
		ways = append(ways, urlWay(says, mend, func(u *reference.URLParts) { u.Path = path }))
	}
	const rewritten = "A proxy, a gateway's stage or a mounted application takes a part of the path away, or rewrites it. Hand over the URL as it is configured at Twilio."
	for _, target := range received.Paths {
		path, query, found := strings.Cut(target, "?")
		ways = append(ways, urlWay("the path is "+path+", not "+p, rewritten, func(u *reference.URLParts) {
			if u.Path = path; found {
				u.Query = "?" + query
			}
		}))
	}
	for _, prefix := range usualPrefixes {
		to("the path begins with "+prefix, rewritten, prefix+p)
	}
	to("the path ends in a slash", slash, p+"/")
	to("the path has no final slash", slash, strings.TrimSuffix(p, "/"))
	for _, index := range []string{"index.php", "index.html"} {
		to("the path has no "+index, slash, strings.TrimSuffix(p, index))
		to("the path has no /"+index, slash, strings.TrimSuffix(p, "/"+index))
		to("the path ends in "+index, slash, strings.TrimSuffix(p, "/")+"/"+index)
	}
	if decoded, err := url.PathUnescape(p); err == nil {
		to("the path is decoded", verbatim, decoded)
	}
	to("the path is escaped", verbatim, (&url.URL{Path: p}).EscapedPath())
	to("the path has its escapes in capitals", verbatim, hexCase(p, strings.ToUpper))
	to("the path has its escapes in small letters", verbatim, hexCase(p, strings.ToLower))
	to("the path has no double slashes", verbatim, strings.ReplaceAll(p, "//", "/"))
	to("the path is in small letters", verbatim, strings.ToLower(p))
	if first := strings.IndexByte(strings.TrimPrefix(p, "/"), '/'); first >= 0 {
		to("the path lacks its first part", "A framework mounted below a prefix, or a rewriting proxy, changed the path. Hand over the configured URL.", p[first+1:])
	}
	return ways
}

func queryWays(received Received, start signing) []way {
	const (
		verbatim = "A framework or proxy parsed and rebuilt the query. Hand over the raw query string, as it arrived."
		lost     = "The URL handed to the validator must have its query: use the full URL, not only host and path."
	)
	q := start.url.Query
	var ways []way
	to := func(says, mend, query string) {
		ways = append(ways, urlWay(says, mend, func(u *reference.URLParts) { u.Query = query }))
	}
	to("there is no query", "A framework, a rewrite rule or a test tool added a query that Twilio does not have. Hand over the URL as it is configured.", "")
	to("there is an empty query: a ? at the end", lost, q+"?")
	to("spaces are + and not %20", verbatim, strings.ReplaceAll(q, "%20", "+"))
	to("spaces are %20 and not +", verbatim, strings.ReplaceAll(q, "+", "%20"))
	to("plus signs are %2B and not +", verbatim, strings.ReplaceAll(q, "+", "%2B"))
	to("plus signs are + and not %2B", verbatim, strings.NewReplacer("%2B", "+", "%2b", "+").Replace(q))
	to("apostrophes are %27", verbatim, strings.ReplaceAll(q, "'", "%27"))
	to("apostrophes are not escaped", verbatim, strings.ReplaceAll(q, "%27", "'"))
	to("the query has its escapes in capitals", verbatim, hexCase(q, strings.ToUpper))
	to("the query has its escapes in small letters", verbatim, hexCase(q, strings.ToLower))
	if decoded, err := url.QueryUnescape(q); err == nil {
		to("the query is decoded", verbatim, decoded)
	}
	if decoded, err := url.PathUnescape(q); err == nil {
		to("the query is decoded, but for +", verbatim, decoded)
	}
	if body := received.Request.Body; len(body) > 0 && len(reference.BodyHashes(start.url.String())) == 0 {
		const mend = "bodySHA256 is a part of the configured URL that was signed: hand over the query with it."
		separator := "?"
		if q != "" {
			separator = "&"
		}
		to("the query has the bodySHA256 of this body", mend, q+separator+reference.BodyHashParam+"="+reference.BodyHash(body))
	}
	if q == "" {
		return ways
	}
	pairs := strings.Split(q[1:], "&")
	sorted := slices.Sorted(slices.Values(pairs))
	to("the query is sorted", verbatim, "?"+strings.Join(sorted, "&"))
	slices.Reverse(sorted)
	to("the query is in another order", verbatim, "?"+strings.Join(sorted, "&"))
	if values, err := url.ParseQuery(q[1:]); err == nil {
		to("the query is encoded anew", verbatim, "?"+values.Encode())
	}
	for i, pair := range pairs {
		without := strings.Join(slices.Delete(slices.Clone(pairs), i, i+1), "&")
		if without != "" {
			without = "?" + without
		}
		name, _, _ := strings.Cut(pair, "=")
		to("the query has no "+name, "Something between Twilio and the application added this parameter. Hand over the URL without it.", without)
	}
	return ways
}

func userinfoWays(received Received) []way {
	given, _ := reference.SplitURL(received.Request.URL)
	return []way{urlWay("user and password are in it", "Twilio documents that it drops them before signing: whoever made this signature did not.", func(u *reference.URLParts) { u.Userinfo = given.Userinfo })}
}

func fragmentWays(received Received) []way {
	given, _ := reference.SplitURL(received.Request.URL)
	return []way{urlWay("the fragment is in it", "Hand over the URL as it was signed; HTTP does not transmit the part after the #.", func(u *reference.URLParts) { u.Fragment = given.Fragment })}
}

func tokenWays(start signing) []way {
	const mend = "The token as it is configured is not the token: look for white space around it, and for quotes, in the environment or the file that it is read from."
	var ways []way
	to := func(says, token string) {
		ways = append(ways, way{Change{says, mend}, func(s *signing) { s.token = token }})
	}
	to("the token has no white space around it", strings.TrimSpace(start.token))
	to("the token has a line feed at its end", start.token+"\n")
	to("the token has a space at its end", start.token+" ")
	to("the token has no quotes around it", strings.Trim(start.token, `"'`))
	to("the token is in small letters", strings.ToLower(start.token))
	to("the token is empty", "")
	return ways
}

// hexCase changes the case of the digits in percent-encodings.
func hexCase(s string, change func(string) string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			out.WriteString("%" + change(s[i+1:i+3]))
			i += 2
			continue
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
