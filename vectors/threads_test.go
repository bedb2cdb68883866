package vectors

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"sigconform/reference/defect"
)

// reported are the mistakes that the threads report. A question's thread reports what
// was signed, not a mistake: it has none.
var reported = map[string]string{
	"twilio/twilio-node#1183":               "apostrophe-escaped",
	"twilio/twilio-node#1059":               "apostrophe-escaped",
	"twilio/twilio-ruby#528":                "apostrophe-escaped",
	"twilio/twilio-node#145":                "question-mark-escaped",
	"twilio/twilio-node#306":                "question-mark-escaped",
	"bmlt-enabled/yap#1629":                 "full-url-helper=symfony",
	"openclaw/openclaw#6334":                "port-kept-for-voice",
	"twilio/twilio-python#392":              "port-kept-for-voice",
	"twilio/twilio-csharp#44":               "port-kept-for-voice",
	"twilio-labs/twilio-aspnet#18":          "port-dropped-on-http",
	"openclaw/openclaw#1213":                "sorted-by-locale=icu",
	"receptron/mulmoclaude#2603":            "repeated-names-dropped",
	"twilio/twilio-agent-connect-python#85": "hash-not-checked",
	"twilio/twilio-ruby#590":                "hash-not-checked",
	"twilio/twilio-node#722":                "",
	"twilio/twilio-python#613":              "",
	"twilio/twilio-ruby#616":                "",
	"twilio/twilio-node#621":                "",
	"twilio/twilio-node#1079":               "",
	"twilio/twilio-php#790":                 "",
	"twilio/twilio-php#861":                 "",
	"twilio/twilio-agent-connect-python#16": "",
}

// TestThreads: a vector that names a thread is failed by whoever makes the mistake
// that is reported there.
func TestThreads(t *testing.T) {
	threads := Threads(Builtin().Vectors())
	named, known := slices.Sorted(maps.Keys(threads)), slices.Sorted(maps.Keys(reported))
	if !slices.Equal(named, known) {
		t.Errorf("named are %q, but reported %q", named, known)
	}
	for thread, key := range reported {
		for _, v := range threads[thread] {
			if key == "" {
				if v.Result != Question {
					t.Errorf("%s names %s: which mistake is reported there?", v.ID, thread)
				}
				continue
			}
			variant, err := defect.Find(key)
			if err != nil {
				t.Fatal(err)
			}
			if caught := MatrixOf([]*Vector{v}, variant)[key]; len(caught) == 0 {
				t.Errorf("%s names %s, but does not catch %s", v.ID, thread, key)
			}
		}
	}
}

// TestOfThread: how a person names a thread.
func TestOfThread(t *testing.T) {
	all := Builtin().Vectors()
	want, err := OfThread(all, "twilio/twilio-node#1183")
	if err != nil || len(want) == 0 {
		t.Fatal(want, err)
	}
	for _, same := range []string{
		"twilio-node#1183", "Twilio/Twilio-Node#1183", "https://github.com/twilio/twilio-node/issues/1183",
		"github.com/twilio/twilio-node/pull/1183",
		"https://github.com/twilio/twilio-node/issues/1183#issuecomment-1", "https://www.github.com/twilio/twilio-node/pull/1183/files",
	} {
		if got, err := OfThread(all, same); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", same, got, err)
		}
	}
	for _, none := range []string{"twilio-node#118", "node#1183", "#1183", "1183", "", "https://example.com/twilio/twilio-node/issues/1183"} {
		if _, err := OfThread(all, none); err == nil || !strings.Contains(err.Error(), "named are bmlt-enabled/yap#1629, ") {
			t.Errorf("%q: %v", none, err)
		}
	}
}
