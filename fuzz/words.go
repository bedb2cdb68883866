package fuzz

// This file holds what requests are made of: words that occur in webhooks, and
// words at the edges of what a URL or a form may hold. They know nothing of
// any mistake. The simplest comes first.

// punycode is the label whose Unicode is known.
const punycode = "xn--bcher-kva"

var (
	tokens = []string{
		"12345", "0123456789abcdef0123456789abcdef", "deadbeef", "DEADBEEF", "1234567890", "token with spaces", "a",
		"01234567890123456789012345678901234567890123456789012345678901234567890123456789",
	}
	hosts = []string{
		"example.com", "h", "example.net", "www.example.com", "Example.COM", "localhost", "192.0.2.7", "[2001:db8::1]", "[::1]",
		punycode + ".example", "example.com.", "a-b_c.example", "user-1.tunnel.example.io", "example.com.evil.example",
		"127.0.0.1", "10.0.0.5", "app.localhost", "0a1b2c.ngrok.io",
	}
	ports    = []string{":8443", ":443", ":80", ":8080", ":1", ":65535", ":3000"}
	userinfo = []string{"user:secret@", "u:p@", "user@", "us%40er:se%3Acr%2Fet@", "example.net:8443@", "a.b-c:d_e@"}
	segments = []string{
		"myapp", "a", "voice", "", ".", "..", "a b", "a+b", "%7Euser", "a%2fb", "a%2Fb", "MyApp", "twilio.php", "index.html", "index.php", "api",
		"@example.net", "u:p@h:8443", "b%C3%BCcher", "~x", "a;v=1", "a=1&b=2", "O'Brien", "bodySHA256", "%61", "%2e%2E", "1",
	}
	queryNames = []string{
		"foo", "a", "b", "A", "bar", "q", "cb", "", "a%5B%5D", "a.b", "x_y", "Caller", "bodysha256", "xbodySHA256", "%61", "10", "9",
	}
	queryValues = []string{
		"1", "", "2", "x", "a+b", "a%20b", "%2B12349013030", "+12349013030", "a%26b%3Dc", "%3a", "%3A", "x=y", "/", "?", "https://u:p@x:8443/",
		"O'Brien", "O%27Brien", "%C3%BC", "%F0%9F%98%80", "a/b:c@d", "!$()*,", ":8443", "bodySHA256", "a;b", "~", "%7E", "http://example.com:80",
	}
	names = []string{
		"a", "b", "Body", "From", "To", "CallSid", "Digits", "A", "B", "a1", "a2", "a10", "1", "2", "10", "9", "Reason", "ReasonConferenceEnded",
		"Sid", "SidAccount", "x_y", "x.y", "x y", "x[]", "x[y]", "_", "_method", "__proto__", "constructor", "controller", "action", "toString", "hasOwnProperty", "valueOf", "prototype",
		"é", "e\u0301", "ß", "ÿ", "Ａ", "bodySHA256", "AccountSid", "ToState", "body", "BODY", "a-b", "a+b", "a%b", "a=b", "a&b", " a", "a ", "Z", "z", "ab",
		"length", "0", "-1", "01", "À", "中", "utf8", "id",
	}
	values = []string{
		"1", "", "2", "x", "+14158675309", "hello world", " x", "x ", "  ", "a+b", "100%", "a&b=c", "a=b", "é", "e\u0301", "😀", "\u00a0x", "x\ufeff", "\u200b",
		"\n", "a\r\nb", "\t", "007", "1.0", "1e3", "-0", "true", "null", "undefined", "NaN", "[1]", `{"a":1}`, "a,b", "%41", "%2541", "%", "<b>&amp;\"'</b>",
		`\n\\`, "a\x00b", "\x00", "\u2028", "O'Brien", "ﬁ", "İ", "https://u:p@x:8443/?a=1", "CA1234567890ABCDE", "\x1b[2J", "\x7f", "ÿ", "ＡＢ", "a;b", "x\v",
	}
	bodies = []string{
		`{"a":1}`, "", "{}", `{"CallSid":"CA1234567890ABCDE","Caller":"+14158675309"}`, `{ "a" : 1,` + "\n" + `  "b": [ 1, 2 ] }` + "\n", "[]", "null", "1", `""`,
		`{"b":1,"a":2,"a":3}`, `{"a":1.0,"b":1e3,"c":12345678901234567890}`, `{"a":"ñ😀","b":"\u00f1\/"}`, "hello", "a=1&b=2", "\ufeff{}", "{\"a\":", "\xff\xfe",
		"<a/>", " ", "\r\n", "--x\r\n\r\n1\r\n--x--", `{"bodySHA256":"x"}`, "\x00", "&", "&a=1",
	}
	formTypes = []string{
		"application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=UTF-8", "application/x-www-form-urlencoded;charset=utf-8",
		"Application/X-WWW-Form-URLEncoded",
	}
	oddFormTypes = []string{
		"application/x-www-form-urlencoded;", "application/x-www-form-urlencoded ; charset=\"utf-8\"", "application/x-www-form-urlencoded; charset=iso-8859-1",
		"application/x-www-form-urlencoded, text/plain", "application/x-www-form-urlencoded; boundary=x",
	}
	otherTypes = []string{
		"application/json", "application/json; charset=utf-8", "text/plain", "application-json", "text/xml", "APPLICATION/JSON", "application/octet-stream",
		"application/cloudevents+json", "multipart/form-data; boundary=x", "application/vnd.api+json",
	}
	methods = []string{"POST", "GET", "PUT", "DELETE", "PATCH", "HEAD"}

	// sizes are where buffers, limits and counters end.
	sizes = []int{16, 32, 33, 64, 65, 100, 101, 127, 128, 255, 256, 257, 511, 512, 1000, 1023, 1024, 1025, 2048, 4095, 4096, 4097, 8192, 8193, 16384, 16385, 65535, 65536, 65537}
	// counts are how many parameters a form of many has.
	counts = []int{10, 16, 17, 20, 32, 33, 50, 64, 65, 100, 101, 128, 200, 256, 500, 1000}

	// pathBytes and queryBytes may stand unescaped in a path and a query.
	pathBytes  = []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/")
	queryBytes = append([]byte("?"), pathBytes...)

	// runes are what arbitrary text is made of: one of each kind that software
	// treats on its own.
	runes = []rune("aAbzZ019 .-_~+%&=;:/?#@!$'()*,[]{}<>\"\\|^`\t\n\r\v\f\x00\x01\x7f\u0080\u00a0éÉßıİſK\u0301\u200b\u200d\u202e\u2028\u3000\ufb01\ufeff\ufffd中Ａ\U0001f600\U0001d400")
	// edits are the bytes that an edit writes into text.
	edits = []byte("aA0z9 %+&=?/#.:@;-_,'\"\\[]\x00\n\x7f")
)
