package diagnosis

import (
	"net/url"
	"strings"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// placesOf returns where what was signed can differ from what was handed over. The
// parameters come first: to change them takes the longest, and is done once for
// all that differs besides.
func placesOf(received Received, start signing) []place {
	return []place{
		{"parameters", movedWays(received, start)},
		{"parameters", formWays(received, start)},
		{"key", keyWays(received, start)},
		{"scheme", schemeWays(received, start)},
		{"host", hostWays(received, start)},
		{"port", portWays(received, start)},
		{"path", pathWays(received, start)},
		{"query", queryWays(received, start)},
		{"userinfo", userinfoWays(received, start)},
		{"fragment", fragmentWays(received, start)},
	}
}

func schemeWays(received Received, start signing) []way {
	fix := "TLS ends before the application, or the webhook is configured with another scheme. Hand the URL to the validator as it " +
		"is configured at Twilio, or let the framework trust X-Forwarded-Proto of the proxy in front."
	given := start.url.Scheme
	says := func(scheme string) string { return "the scheme is " + scheme + ", not " + given }
	w := waysFrom(start)
	switch strings.ToLower(given) {
	case "http", "https", "ws", "wss":
	default:
		fix = "The application does not know its scheme: it prints a variable that is not set, or a header that no proxy sends. Hand " +
			"the URL to the validator as it is configured at Twilio."
	}
	if received.SchemeAssumed {
		says = func(scheme string) string {
			return "the scheme is " + scheme + " (the request does not say its scheme, and " + given + " was assumed)"
		}
	}
	for _, scheme := range []string{"https", "http"} {
		w.url(usual, says(scheme), fix, func(u *reference.URLParts) { u.Scheme = scheme })
	}
	for _, scheme := range []string{"wss", "ws"} {
		w.url(rare, says(scheme), fix, func(u *reference.URLParts) { u.Scheme = scheme })
	}
	return w.list
}

func hostWays(received Received, start signing) []way {
	const (
		fix = "The proxy or tunnel in front passes its own Host on. Hand the URL to the validator as it is configured at Twilio, " +
			"or let the framework trust X-Forwarded-Host of the proxy, and of nobody else."
		verbatim = "Hand the URL over as it is configured, byte for byte; do not rebuild it from its parts."
		redirect = "The server redirects or rewrites one name to the other: configure at Twilio the name that answers."
	)
	given := start.url.Host
	w := waysFrom(start)
	for _, host := range received.Hosts {
		if parts, ok := reference.SplitURL("x://" + host); ok {
			w.url(usual, "the host is "+parts.Host+parts.Port+", not "+given, fix,
				func(u *reference.URLParts) { u.Host, u.Port = parts.Host, parts.Port })
		}
	}
	only := func(says, host, fix string) {
		w.url(rare, says, fix, func(u *reference.URLParts) { u.Host = host })
	}
	only("the host is in small letters", strings.ToLower(given), verbatim)
	only("the host has no final dot", strings.TrimSuffix(given, "."), verbatim)
	only("the host begins with www.", "www."+given, redirect)
	only("the host has no www.", strings.TrimPrefix(given, "www."), redirect)
	return w.list
}

func portWays(received Received, start signing) []way {
	given, _ := reference.SplitURL(received.Request.URL)
	w := waysFrom(start)
	with := func(cost int, port, fix string) {
		says := "the port is " + strings.TrimPrefix(port, ":")
		if port == "" {
			says = "there is no port"
		}
		w.url(cost, says, fix, func(u *reference.URLParts) { u.Port = port })
	}
	with(usual, "", "Voice over HTTPS signs without the port, and a proxy's internal port was never in the configured URL. Hand over "+
		"the configured URL; a validator should try an HTTPS URL with and without its port.")
	if given.Port != "" {
		with(usual, given.Port, "Only voice over HTTPS signs without the port: messaging, and everything over HTTP, keep it.")
	}
	for _, port := range append([]string{":443", ":80", ":8443"}, defect.ApplicationPorts...) {
		with(rare, port, "The configured URL has a port that the application does not see. Hand over the configured URL, or let the "+
			"framework trust X-Forwarded-Port.")
	}
	return w.list
}

// prefixes are what gateways, hosts of functions and proxies put before the path, or
// take off it, and what applications are mounted at.
var prefixes = []string{
	"/functions/v1", "/prod", "/.netlify/functions", "/api", "/dev", "/stage", "/staging", "/default", "/api/v1", "/v1", "/twilio",
	"/webhooks", "/webhook",
}

func pathWays(received Received, start signing) []way {
	const (
		slash = "A server or framework added or removed the final slash (an index page, a redirect, a router). Hand over the URL as " +
			"it is configured; for WebSocket handshakes Twilio advises to append the slash."
		verbatim = "A framework or proxy rewrote the path. Hand over the URL as it arrived, byte for byte (the raw request target)."
		doubled  = "A base URL that ends in a slash was joined to a path that begins with one, or a server merged two slashes. Hand " +
			"over the URL as it is configured at Twilio."
		rewritten = "A proxy, a gateway's stage, a host of functions or a mounted application takes a part of the path away, adds one, " +
			"or rewrites it. Hand over the URL as it is configured at Twilio."
	)
	p := start.url.Path
	w := waysFrom(start)
	to := func(cost int, says, fix, path string) {
		w.url(cost, says, fix, func(u *reference.URLParts) { u.Path = path })
	}
	for _, target := range received.Paths {
		path, query, found := strings.Cut(target, "?")
		w.url(usual, "the path is "+path+", not "+p, rewritten, func(u *reference.URLParts) {
			if u.Path = path; found {
				u.Query = "?" + query
			}
		})
	}
	to(usual, "the path ends in a slash", slash, p+"/")
	to(usual, "the path has no final slash", slash, strings.TrimSuffix(p, "/"))
	for _, prefix := range prefixes {
		if rest, found := strings.CutPrefix(p, prefix); found && (rest == "" || rest[0] == '/') {
			to(usual, "the path does not begin with "+prefix, rewritten, rest)
			for _, other := range prefixes {
				to(odd, "the path begins with "+other+", not with "+prefix, rewritten, other+rest)
			}
		}
	}
	for _, prefix := range prefixes {
		to(rare, "the path begins with "+prefix, rewritten, prefix+p)
	}
	to(usual, "the path has no double slashes", doubled, strings.ReplaceAll(p, "//", "/"))
	to(rare, "the path begins with two slashes", doubled, "/"+p)
	for _, index := range []string{"index.php", "index.html"} {
		to(rare, "the path has no "+index, slash, strings.TrimSuffix(p, index))
		to(rare, "the path has no /"+index, slash, strings.TrimSuffix(p, "/"+index))
		to(rare, "the path ends in "+index, slash, strings.TrimSuffix(p, "/")+"/"+index)
	}
	if decoded, err := url.PathUnescape(p); err == nil {
		to(rare, "the path is decoded", verbatim, decoded)
	}
	to(rare, "the path is escaped", verbatim, (&url.URL{Path: p}).EscapedPath())
	to(rare, "the path has its escapes in capitals", verbatim, hexCase(p, strings.ToUpper))
	to(rare, "the path has its escapes in small letters", verbatim, hexCase(p, strings.ToLower))
	to(rare, "the path is in small letters", verbatim, strings.ToLower(p))
	if first := strings.IndexByte(strings.TrimPrefix(p, "/"), '/'); first >= 0 {
		to(rare, "the path lacks its first part", rewritten, p[first+1:])
	}
	return w.list
}

func userinfoWays(received Received, start signing) []way {
	given, _ := reference.SplitURL(received.Request.URL)
	w := waysFrom(start)
	w.url(rare, "user and password are in it",
		"Twilio documents that it drops them before signing: whoever made this signature did not.",
		func(u *reference.URLParts) { u.Userinfo = given.Userinfo })
	return w.list
}

func fragmentWays(received Received, start signing) []way {
	given, _ := reference.SplitURL(received.Request.URL)
	w := waysFrom(start)
	w.url(rare, "the fragment is in it", "Hand over the URL as it was signed; HTTP does not transmit the part after the #.",
		func(u *reference.URLParts) { u.Fragment = given.Fragment })
	return w.list
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
