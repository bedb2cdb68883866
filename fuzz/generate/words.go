package generate

import "sigconform/fuzz/judge"

// This file has the words that requests are made of: words that occur in webhooks,
// and words at the edges of what a URL or a form may contain. None is made for a
// certain mistake. The simplest comes first.

var (
	tokens = []string{
		"12345", "0123456789abcdef0123456789abcdef", "deadbeef", "DEADBEEF", "1234567890", "token with spaces", "a",
		"01234567890123456789012345678901234567890123456789012345678901234567890123456789",
	}
	hosts = []string{
		"example.com", "h", "example.net", "www.example.com", "Example.COM", "localhost", "192.0.2.7",
		"[2001:db8::1]", "[::1]",
		judge.Punycode + ".example", "example.com.", "a-b_c.example", "user-1.tunnel.example.io", "example.com.evil.example",
		"127.0.0.1", "10.0.0.5", "app.localhost", "0a1b2c.ngrok.io",
	}
	// labels are the labels that hosts are composed of.
	labels   = []string{"www", "api", "example", "h", "com", "test", "local", "a1", "x-y", "WWW", "dev", "example-1", "io"}
	ports    = []string{":8443", ":443", ":80", ":8080", ":1", ":65535", ":3000"}
	userinfo = []string{"user:secret@", "u:p@", "user@", "us%40er:se%3Acr%2Fet@", "example.net:8443@", "a.b-c:d_e@"}
	segments = []string{
		"myapp", "a", "voice", "", ".", "..", "a b", "a+b", "%7Euser", "a%2fb", "a%2Fb", "MyApp", "twilio.php",
		"index.html", "index.php", "api",
		"@example.net", "u:p@h:8443", "b%C3%BCcher", "~x", "a;v=1", "a=1&b=2", "O'Brien", "bodySHA256", "%61", "%2e%2E", "1",
	}
	// open are common beginnings of paths that need no credentials; extensions are
	// their endings.
	open = []string{"health", "status", "static", "public", "metrics", "favicon", "admin", "test", "debug",
		".well-known", "webhook", "login"}
	extensions = []string{".html", ".json", ".css", ".js", ".png", ".ico", ".txt", ".xml", ".php", ".aspx", ".do", "."}
	queryNames = []string{
		"foo", "a", "b", "A", "bar", "q", "cb", "", "a%5B%5D", "a.b", "x_y", "Caller", "bodysha256", "xbodySHA256",
		"%61", "10", "9", "debug", "test", "token", "format", "id",
	}
	queryValues = []string{
		"1", "", "2", "x", "a+b", "a%20b", "%2B12349013030", "+12349013030", "a%26b%3Dc", "%3a", "%3A", "x=y", "/",
		"?", "https://u:p@x:8443/",
		"O'Brien", "O%27Brien", "%C3%BC", "%F0%9F%98%80", "a/b:c@d", "!$()*,", ":8443", "bodySHA256", "a;b", "~",
		"%7E", "http://example.com:80",
	}
	names = []string{
		"a", "b", "Body", "From", "To", "CallSid", "Digits", "A", "B", "a1", "a2", "a10", "1", "2", "10", "9",
		"Reason", "ReasonConferenceEnded",
		"Sid", "SidAccount", "x_y", "x.y", "x y", "x[]", "x[y]", "_", "_method", "__proto__", "constructor",
		"controller", "action", "toString", "hasOwnProperty", "valueOf", "prototype",
		"é", "e\u0301", "ß", "ÿ", "Ａ", "bodySHA256", "AccountSid", "ToState", "body", "BODY", "a-b", "a+b", "a%b",
		"a=b", "a&b", " a", "a ", "Z", "z", "ab",
		"length", "0", "-1", "01", "À", "中", "utf8", "id",
		"debug", "test", "token", "AuthToken", "key", "auth", "signature", "env", "mode", "format", "callback",
		"type", "admin",
	}
	// sent are the names of what Twilio sends with each call or message.
	sent = []string{
		"CallSid", "AccountSid", "From", "To", "Body", "MessageSid", "SmsSid", "Digits", "CallStatus", "ApiVersion",
		"Direction", "NumMedia", "MediaUrl0", "MediaUrl1", "MediaUrl10",
		"MediaContentType0", "FromCity", "FromState", "ToCountry", "ToZip", "Called", "Caller", "MessagingServiceSid",
		"ProfileName", "WaId", "ChannelMetadata",
		"RecordingUrl", "SpeechResult", "Confidence", "Timestamp", "SequenceNumber",
	}
	values = []string{
		"1", "", "2", "x", "+14158675309", "hello world", "0", "false", "True", " x", "x ", "  ", "a+b", "100%",
		"a&b=c", "a=b", "é", "e\u0301", "😀", "\u00a0x", "x\ufeff", "\u200b",
		"\n", "a\r\nb", "\t", "007", "1.0", "1e3", "-0", "true", "null", "undefined", "NaN", "[1]", `{"a":1}`, "a,b",
		"%41", "%2541", "%", "<b>&amp;\"'</b>",
		`\n\\`, "a\x00b", "\x00", "\u2028", "O'Brien", "ﬁ", "İ", "https://u:p@x:8443/?a=1", "CA1234567890ABCDE",
		"\x1b[2J", "\x7f", "ÿ", "ＡＢ", "a;b", "x\v", "👍🏽", "❤️", "🇩🇪", "👨‍👩‍👧",
	}
	bodies = []string{
		`{"a":1}`, "", "{}", `{"CallSid":"CA1234567890ABCDE","Caller":"+14158675309"}`,
		`{ "a" : 1,` + "\n" + `  "b": [ 1, 2 ] }` + "\n", "[]", "null", "1", `""`,
		`{"b":1,"a":2,"a":3}`, `{"a":1.0,"b":1e3,"c":12345678901234567890}`, `{"a":"ñ😀","b":"\u00f1\/"}`, "hello",
		"a=1&b=2", "\ufeff{}", "{\"a\":", "\xff\xfe",
		"<a/>", " ", "\r\n", "--x\r\n\r\n1\r\n--x--", `{"bodySHA256":"x"}`, "\x00", "&", "&a=1",
	}
	formTypes = []string{
		"application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=UTF-8",
		"application/x-www-form-urlencoded; charset=utf-8",
	}
	// oddFormTypes leave a request open (question content-type-spelling).
	oddFormTypes = []string{
		"application/x-www-form-urlencoded;charset=utf-8", "Application/X-WWW-Form-URLEncoded",
		"application/x-www-form-urlencoded;", "application/x-www-form-urlencoded ; charset=\"utf-8\"",
		"application/x-www-form-urlencoded; charset=iso-8859-1",
		"application/x-www-form-urlencoded, text/plain", "application/x-www-form-urlencoded; boundary=x",
	}
	otherTypes = []string{
		"application/json", "application/json; charset=utf-8", "text/plain", "application-json", "text/xml",
		"APPLICATION/JSON", "application/octet-stream",
		"application/cloudevents+json", "multipart/form-data; boundary=x", "application/vnd.api+json",
	}
	methods = []string{"POST", "GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}

	// pathBytes and queryBytes may stand unescaped in a path and a query.
	printable  = []byte("!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~")
	pathBytes  = []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/")
	queryBytes = append([]byte("?"), pathBytes...)

	// suffixes are the endings of names that have parts.
	suffixes = []string{"1", "[]", "[0]", "[x]", "[10]", ".x", "_x", "-x", "2", "10", "0", " ", "A", "a", "é",
		"[x y]", "[", "]", "x", "/x", ":x", "Id"}
	// syntax has texts that mean something in some language.
	syntax = []string{
		"/", "../", "//", "..", "./", "\\", "<script>", "<!--", "</", "&amp;", "&lt;", "&#65;", "&copy", "--", "/*",
		"*/", ";", "'", "\"", "`", "$x", "${x}", "$(x)",
		"{{x}}", "{%", "#", "#{x}", "@", "%s", "%d", "%u0041", "\\u0041", "\\x41", "\\n", "://", "||", "&&", "|", "*",
		"?", "!", "=", "==", "+", "~", "^", ",", ":", "\x00", "\r\n",
		"[", "]", "{", "}", "(", ")", "<", ">", "<?", "<![CDATA[", "\t", "=?UTF-8?Q?", "%00", "%0D%0A", "%2E%2E%2F",
	}

	// runes are the characters of arbitrary text: one of each kind that software
	// treats specially.
	runes = []rune("aAbzZ019 .-_~+%&=;:/?#@!$'()*,[]{}<>\"\\|^`\t\n\r\v\f\x00\x01\x7f\u0080\u00a0éÉßıİſK\u0301\u0085\u00ad" +
		"\u200b\u200d\ufe0f\u202e\u2028\u3000\ufb01\ufeff\ufffd中Ａ가€’“…٣０Ⅷ\ue000\ufdd0\U0001f600\U0001f3fd\U0001f1e9\U0001d400")
	// blocks are blocks of Unicode, from and to.
	blocks = [][2]rune{
		{' ', '~'}, {0x80, 0xff}, {0x100, 0x24f}, {0x300, 0x36f}, {0x370, 0x52f}, {0x590, 0x6ff}, {0x900, 0xe7f},
		{0x1100, 0x11ff}, {0x2000, 0x206f}, {0x2010, 0x2027}, {0x20a0, 0x2bff},
		{0x3000, 0x30ff}, {0x4e00, 0x9fff}, {0xac00, 0xd7a3}, {0xe000, 0xf8ff},
		{0xf900, 0xfaff}, {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f}, {0xff00, 0xffef}, {0xfff0, 0xffff},
		{0x1d400, 0x1d7ff}, {0x1f300, 0x1faff}, {0x20000, 0x2a6df}, {0xe0000, 0xe01ef}, {0x10fff0, 0x10ffff},
	}
	decimals = []byte("1023456789")
	// edits are the bytes that an edit writes into text.
	edits = []byte("aA0z9 %+&=?/#.:@;-_,'\"\\[]\x00\n\x7f")
)
