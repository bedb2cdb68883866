package report_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/spec/conformance"
	"sigconform/spec/report"
	"sigconform/vectors"
)

// inProcess is a defective validator.
type inProcess struct{ reference.Validator }

func (v inProcess) Ask(_ context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	for i, c := range cases {
		a := adapters.Answer(v.Validator, c)
		a.StringToSign = nil
		answered(i, a)
	}
	return nil
}

func (inProcess) Close() []string { return nil }

// terminal is what a person reads who asks a defective validator some vectors.
func terminal(t *testing.T, key string, ids ...string) string {
	t.Helper()
	variant, err := defect.Find(key)
	if err != nil {
		t.Fatal(err)
	}
	selected, err := conformance.Selection{IDs: ids}.Select(vectors.Builtin().Vectors())
	if err != nil {
		t.Fatal(err)
	}
	run := conformance.Ask(t.Context(), inProcess{variant.New()}, selected, conformance.Judging{Book: vectors.Rules()}, nil)
	run.Elapsed = 250 * time.Millisecond
	var out strings.Builder
	repeat := func(id string) string { return "sigconform run --id " + id + " -- ./validator" }
	r := report.Terminal{Out: &out, Target: "./validator", Book: vectors.Rules(), Repeat: repeat}
	r.Write(run)
	return out.String()
}

// TestTerminal: the text, to the letter, but for the line of the vector.
func TestTerminal(t *testing.T) {
	got := terminal(t, "port-dropped-for-messaging", "url-port/https-messaging-kept", "url-port/https-messaging-443-kept",
		"url-port/http-voice-kept", "url-port/https-voice-dropped", "url-port/http-other-port", "form-duplicates/first")
	got = regexp.MustCompile(`\.json:\d+`).ReplaceAllString(got, ".json:1")
	const want = `sigconform: 6 vectors against ./validator

                    passed      ✗ failed  ? open question
  form-duplicates     0 / 0               ? 1
  url-port            3 / 5     ✗ 2

✗ Genuine webhooks are refused: Twilio is locked out.  (2 failures)

✗ It drops the port of an HTTPS URL of messaging  (port-dropped-for-messaging)   FALSE_REJECT: Twilio is locked out
    cause         explains 2 of 2 failures; confirmed: it accepts 2 of 2 requests signed this way
    fix           The rule for voice is applied to everything over HTTPS, or the host is taken without its port
                  (request.host in Rails, req.hostname in Express). Keep the port for messaging.
    for example   url-port/https-messaging-443-kept must accept, was rejected: Messaging over HTTPS keeps an explicit
                  :443
    rule          port-kept: The port stays in an HTTP URL, and in an HTTPS URL of messaging; an explicit :443 too.
    source        Twilio's Security page: A few notes (vectors/url-port.json:1)
    Twilio signs  https://example.com:443/myappDigits1234
    yours signs   https://example.com/myappDigits1234
                                     ^
    repeat        sigconform run --id url-port/https-messaging-443-kept -- ./validator
    also fails    url-port/https-messaging-kept

1 question answered, none judged (--all shows the answers, 'sigconform rules' what they mean)

3 of 5 passed, 2 failed (0 let an attacker in, 2 lock Twilio out) · 1 open question · 0.2 s · seed 0
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"plain ünïcode":       "plain ünïcode",
		"\x1b[2J\a":           `\x1b[2J\x07`,
		"a\r\nb\tc":           `a\r\nb\tc`,
		"\xff":                `\xff`,
		"\u202egnp\u200b":     `\u202egnp\u200b`,
		"\U000e0041":          `\U000e0041`,
		"0123456789012345678": "01234567890123… (5 bytes more)",
	} {
		if got := report.Clean(text, 14); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for _, c := range []struct {
		a, b   string
		column int
		at     string // what a shows at the column
	}{
		{"https://h/a1b2", "https://h/b2a1", 10, "a1b2"},
		{"https://h/é1", "https://h/è1", 10, "é1"},
		{"same", "same", 4, ""},
		{"https://h/" + strings.Repeat("x", 300) + "1", "https://h/" + strings.Repeat("x", 300) + "2", 61, "1"},
		{"a\nb", "a\nc", 3, "b"},
	} {
		a, _, column := report.Excerpt(c.a, c.b)
		if column != c.column || string([]rune(a)[column:]) != c.at {
			t.Errorf("Excerpt(%.20q…, %.20q…) parts %q at %d, want %q at %d", c.a, c.b, a, column, c.at, c.column)
		}
	}
}

// formless takes no forms.
type formless struct{ inProcess }

func (v formless) Ask(ctx context.Context, cases []protocol.Case, answered func(i int, a protocol.Answer)) error {
	return v.inProcess.Ask(ctx, cases, func(i int, a protocol.Answer) {
		if len(cases[i].Request.Body) > 0 {
			a = protocol.Answer{Verdict: reference.Unsupported}
		}
		answered(i, a)
	})
}

// TestMostlyUntested: a run in which the validator took less than half says so in its last line.
func TestMostlyUntested(t *testing.T) {
	for family, untested := range map[string]bool{"form-values/*": true, "url-wss/*": false} {
		selected, err := conformance.Selection{IDs: []string{"url-wss/*", family}}.Select(vectors.Builtin().Vectors())
		if err != nil {
			t.Fatal(err)
		}
		run := conformance.Ask(t.Context(), formless{inProcess{reference.New()}}, selected, conformance.Judging{Book: vectors.Rules()}, nil)
		var out strings.Builder
		(&report.Terminal{Out: &out, Target: "mine", Book: vectors.Rules(), Repeat: func(id string) string { return id }}).Write(run)
		if strings.Contains(out.String(), "most is untested: it answered unsupported to ") != untested {
			t.Errorf("%s: %s", family, out.String())
		}
	}
}
