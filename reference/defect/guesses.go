// This file lists what becomes of a token and a port between Twilio's console and a
// validator, for those who look for what an application has computed.

package defect

import "strings"

// TokenForm is what may have become of a token on its way into an application.
type TokenForm struct {
	Says string // completes the sentence "The token …"
	Of   func(token string) string
}

// TokenForms are the usual ones, the likeliest first.
var TokenForms = []TokenForm{
	{"has a line feed at its end", func(t string) string { return t + "\n" }},
	{"has a line end (CR LF) at its end", func(t string) string { return t + "\r\n" }},
	{"has a carriage return at its end", func(t string) string { return t + "\r" }},
	{"has a space at its end", func(t string) string { return t + " " }},
	{"has a space at its beginning", func(t string) string { return " " + t }},
	{"has no white space around it", strings.TrimSpace},
	{"has a byte order mark at its beginning", func(t string) string { return "\ufeff" + t }},
	{"has double quotes around it", func(t string) string { return `"` + t + `"` }},
	{"has single quotes around it", func(t string) string { return "'" + t + "'" }},
	{"has no quotes around it", func(t string) string { return strings.Trim(t, `"'`) }},
	{"is in small letters", strings.ToLower},
	{"is in capitals", strings.ToUpper},
}

// AbsentTokens are what a program makes of a token that is not there: keys that
// anybody knows.
var AbsentTokens = []string{"", "undefined", "null", "None", "nil", "false"}

// PlaceholderTokens are names and examples that were taken for the token: keys that
// anybody knows.
var PlaceholderTokens = []string{
	"TWILIO_AUTH_TOKEN", "$TWILIO_AUTH_TOKEN", "${TWILIO_AUTH_TOKEN}", "process.env.TWILIO_AUTH_TOKEN",
	"AUTH_TOKEN", "your_auth_token", "YOUR_AUTH_TOKEN", "[AuthToken]", "12345",
}

// ApplicationPorts are the ports at which applications listen behind a proxy.
var ApplicationPorts = []string{":3000", ":5000", ":8000", ":8080", ":4567", ":9292", ":1337", ":8888"}
