// This file answers: what do people get wrong about WebSocket handshakes?

package defect

import (
	"strings"

	"sigconform/reference"
)

var wss = []Defect{
	{
		Slug:     "wss-slash-not-tried",
		Says:     "does not try the URL of a WebSocket handshake with a final slash",
		Hint:     "Twilio's Security page advises to append a slash when a handshake does not verify, and no SDK does.",
		BugTypes: rejects, Breaks: "wss-trailing-slash",
		Step: mapURLs(func(signed []string, url string, _ reference.Product) []string {
			if strings.HasPrefix(url, "wss:") {
				return signed[:1]
			}
			return signed
		}),
	},
	{
		Slug: "wss-slash-always",
		Says: "always appends a slash to the URL of a WebSocket handshake",
		Hint: "The advice of Twilio's Security page is for a handshake that does not verify as it is. Try the " +
			"URL as it is first.",
		BugTypes: rejects, Breaks: "url-verbatim",
		Step: editURL(func(p *reference.URLParts) {
			if p.Scheme == "wss" && !strings.HasSuffix(p.Path, "/") {
				p.Path += "/"
			}
		}),
	},
	{
		Slug:     "wss-slash-doubled",
		Says:     "tries the URL of a WebSocket handshake with one more slash, though it ends in one",
		Hint:     "The slash is appended without looking. Append it only where there is none.",
		BugTypes: accepts, Breaks: "wss-slash-elsewhere",
		Step: alsoSigned(func(p *reference.URLParts) {
			if p.Scheme == "wss" && strings.HasSuffix(p.Path, "/") {
				p.Path += "/"
			}
		}),
	},
	{
		Slug:     "wss-slash-removal-tolerated",
		Says:     "accepts a signature without the final slash that the URL of a WebSocket handshake has",
		Hint:     "The advice of Twilio's Security page is reversed. It speaks of appending a slash only.",
		BugTypes: accepts, Breaks: "wss-slash-removed",
		Step: alsoSigned(func(p *reference.URLParts) {
			if p.Scheme == "wss" {
				p.Path = strings.TrimSuffix(p.Path, "/")
			}
		}),
	},
	{
		Slug:     "wss-port-dropped",
		Says:     "drops the port of a WebSocket URL",
		Hint:     "wss is treated as voice over HTTPS. Twilio's Security page says nothing about ports of handshakes.",
		BugTypes: both, Breaks: "wss-port",
		Step: editURL(func(p *reference.URLParts) {
			if p.Scheme == "wss" {
				p.Port = ""
			}
		}),
	},
	{
		Slug:     "wss-port-80-signed",
		Says:     "takes 80 for the default port of wss and signs it",
		Hint:     "Whatever is not https gets port 80. Leave the URL as it is.",
		BugTypes: both, Breaks: "url-verbatim",
		Step: editSigned(func(p *reference.URLParts) {
			if p.Scheme == "wss" && p.Port == "" {
				p.Port = ":80"
			}
		}),
	},
	{
		Slug: "wss-port-80-tolerated",
		Says: "accepts a signature for port 80 where a WebSocket URL has no port",
		Hint: "The URL is tried with the default port as well, and whatever is not https gets 80 (six SDKs). " +
			"The default port of wss is 443: port 80 is another server.",
		BugTypes: accepts, Breaks: "url-verbatim",
		Step: alsoSigned(func(p *reference.URLParts) {
			if p.Scheme == "wss" && p.Port == "" {
				p.Port = ":80"
			}
		}),
	},
	{
		Slug:     "wss-userinfo-kept",
		Says:     "signs user and password of a WebSocket URL",
		Hint:     "Twilio's Security page drops them for HTTP and HTTPS and does not speak of handshakes.",
		BugTypes: both, Breaks: "wss-userinfo",
		Step: userinfoKept(func(p reference.URLParts) bool { return p.Scheme == "wss" }),
	},
}
