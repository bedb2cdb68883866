package main

// This file writes shell commands that repeat with other tools what a vector
// says: openssl for the signature, curl for the request. The rules are:
//
//   - They are pasted into a POSIX shell as they stand, and give the same bytes
//     whatever bytes those are: what is not plain ASCII is written in octal.
//   - What repeats for long is repeated by a command, so that it can be pasted.
//   - What no HTTP request can carry is said to be so, not sent in part.

import (
	"encoding/hex"
	"fmt"
	"strings"

	"sigconform/reference"
	"sigconform/vectors"
)

// bytesCommand returns a command that writes the bytes to standard output.
func bytesCommand(s string) string {
	var commands []string
	for _, run := range vectors.Text(s).Runs() {
		if run.Times > 1 && isPlain(run.Repeat) && !strings.HasPrefix(run.Repeat, "-") {
			commands = append(commands, fmt.Sprintf("yes %s | head -n %d | tr -d '\\n'", shellQuote(run.Repeat), run.Times))
		} else {
			commands = append(commands, "printf '"+printfFormat(strings.Repeat(run.Repeat, run.Times))+"'")
		}
	}
	switch len(commands) {
	case 0:
		return "printf ''"
	case 1:
		return commands[0]
	default:
		return "{ " + strings.Join(commands, "; ") + "; }"
	}
}

// printfFormat is a format, between single quotes, for which printf writes the
// bytes.
func printfFormat(s string) string {
	var out strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '%':
			out.WriteString("%%")
		case c == '\\':
			out.WriteString(`\\`)
		case c == '\'' || c == '-' && i == 0 || c < ' ' || c > '~':
			fmt.Fprintf(&out, `\%03o`, c)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// isPlain reports whether a text is printable ASCII alone.
func isPlain(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c < ' ' || c > '~' }) < 0
}

// signatureCommand returns a command that writes, in Base64, the MAC which the
// vector's signature was made of.
func signatureCommand(v *vectors.Vector) string {
	key, message := v.Key(), v.StringToSign()
	digest := "-sha1"
	switch mac := v.Signed.MAC; mac {
	case "":
	case "zeros":
		return "head -c 20 /dev/zero | base64"
	case "sha1", "sha1-token-first", "sha1-token-last":
		parts := map[string]string{"sha1": message, "sha1-token-first": key + message, "sha1-token-last": message + key}
		return bytesCommand(parts[mac]) + " | openssl dgst -sha1 -binary | base64"
	case "hmac-sha1-swapped":
		key, message = message, key
	default:
		digest = "-" + strings.TrimPrefix(mac, "hmac-")
	}
	keyed := "-hmac " + shellQuote(key)
	if !isPlain(key) || strings.HasPrefix(key, "-") {
		keyed = "-mac HMAC -macopt hexkey:" + hex.EncodeToString([]byte(key))
	}
	encode := " | base64"
	if digest != "-sha1" && digest != "-md5" {
		encode += " | tr -d '\\n'" // which breaks what is longer than a line
	}
	return bytesCommand(message) + " | openssl dgst " + digest + " " + keyed + " -binary" + encode
}

// requestCommand returns a command that sends the vector's request to
// $ENDPOINT (scheme, host and port of a server) as it stands; or the reason why
// no HTTP request can carry it.
func requestCommand(v *vectors.Vector) (command, impossible string) {
	r := v.Request.Reference()
	parts, ok := reference.SplitURL(r.URL)
	target := parts.Path + parts.Query
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	signature := ""
	if r.Signature != nil {
		signature = *r.Signature
	}
	switch {
	case !ok:
		return "", "its URL is no absolute one"
	case strings.ContainsFunc(target, func(c rune) bool { return c <= ' ' || c == 0x7f }):
		return "", "its URL contains white space, which ends the target of an HTTP request"
	case strings.ContainsFunc(signature, func(c rune) bool { return c < ' ' || c == 0x7f }):
		return "", "its signature contains a control character, which no HTTP header may"
	}
	words := []string{"curl --http1.1 -i -g"}
	header := func(name, value string) {
		if value == "" {
			words = append(words, "-H "+shellQuote(name+";")) // curl's way to send an empty one
		} else {
			words = append(words, "-H "+shellQuote(name+": "+value))
		}
	}
	if r.Method == "HEAD" {
		words = append(words, "--head")
	} else {
		words = append(words, "-X "+r.Method)
	}
	words = append(words, "--request-target "+shellQuote(target))
	header("Host", parts.Host+parts.Port)
	header("X-Forwarded-Proto", forwardedScheme(parts.Scheme))
	header("User-Agent", "TwilioProxy/1.1")
	if r.Signature != nil {
		header("X-Twilio-Signature", signature)
	}
	if strings.EqualFold(parts.Scheme, "wss") {
		for _, h := range [][2]string{{"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"},
			{"Sec-WebSocket-Key", "c2lnY29uZm9ybSB2ZWN0b3I="}} {
			header(h[0], h[1])
		}
	}
	switch {
	case r.ContentType != nil:
		header("Content-Type", *r.ContentType)
	case len(r.Body) > 0:
		words = append(words, "-H 'Content-Type:'") // curl's way to send none
	}
	switch {
	case len(r.Body) > 0:
		words = append(words, "-H 'Expect:' --data-binary @-")
	case r.Method == "POST" || r.Method == "PUT" || r.Method == "PATCH":
		header("Content-Length", "0")
	}
	words = append(words, `"$ENDPOINT"`)
	command = strings.Join(words, " \\\n  ")
	if len(r.Body) > 0 {
		command = bytesCommand(string(r.Body)) + " |\n" + command
	}
	return command, ""
}

// forwardedScheme is what a proxy in front of the application says of a request
// by this scheme; a handshake comes over HTTP.
func forwardedScheme(scheme string) string {
	switch strings.ToLower(scheme) {
	case "wss":
		return "https"
	case "ws":
		return "http"
	default:
		return strings.ToLower(scheme)
	}
}
