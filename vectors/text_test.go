package vectors

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestTextForms: how a text is written, and read again.
func TestTextForms(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		json string
	}{
		"empty":           {"", `""`},
		"plain":           {"a=1&b=<2>", `"a=1&b=<2>"`},
		"too short a run": {strings.Repeat("x", 255), `"` + strings.Repeat("x", 255) + `"`},
		"a run":           {strings.Repeat("x", 256), `[{"repeat":"x","times":256}]`},
		"a run between":   {"a=" + strings.Repeat("€", 300) + "!", `["a=",{"repeat":"€","times":300},"!"]`},
		"two runs": {strings.Repeat("x", 300) + strings.Repeat("y", 300),
			`[{"repeat":"x","times":300},{"repeat":"y","times":300}]`},
		"a run of several letters": {"v=" + strings.Repeat("%E2%82%AC", 300), `["v=",{"repeat":"%E2%82%AC","times":300}]`},
		"a long run":               {strings.Repeat("ab", 2500) + "c", `[{"repeat":"ab","times":2500},"c"]`},
		"a run that starts late":   {"ab" + strings.Repeat("xyz", 300), `["ab",{"repeat":"xyz","times":300}]`},
		"longer than a run may be": {strings.Repeat("abcdefghijklm", 300), `"` + strings.Repeat("abcdefghijklm", 300) + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := json.Marshal(Text(test.text))
			if err != nil {
				t.Fatal(err)
			}
			var written, want any // to compare regardless of escapes
			if json.Unmarshal(data, &written) != nil || json.Unmarshal([]byte(test.json), &want) != nil {
				t.Fatalf("no JSON: %.200s", data)
			}
			if a, b := toJSON(written), toJSON(want); a != b {
				t.Errorf("is written as %.200s, not as %.200s", a, b)
			}
		})
	}
}

func toJSON(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

// TestTextRoundTrip: whatever is written is read again as it was.
func TestTextRoundTrip(t *testing.T) {
	piece := rapid.Custom(func(t *rapid.T) string {
		return strings.Repeat(rapid.StringN(1, 4, -1).Draw(t, "repeat"), rapid.SampledFrom([]int{1, 2, 255, 256, 300}).Draw(t, "times"))
	})
	rapid.Check(t, func(t *rapid.T) {
		text := Text(strings.Join(rapid.SliceOfN(piece, 0, 5).Draw(t, "pieces"), ""))
		data, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var back Text
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if back != text {
			t.Fatalf("%q became %q", text, back)
		}
		joined := ""
		for _, run := range text.Runs() {
			joined += strings.Repeat(run.Repeat, run.Times)
		}
		if joined != string(text) {
			t.Fatalf("the runs of %q make %q", text, joined)
		}
	})
}

// TestNothingRepeated: nothing, however many times, is nothing at once.
func TestNothingRepeated(t *testing.T) {
	var text Text
	err := json.Unmarshal([]byte(`["a", {"repeat": "", "times": 9223372036854775807}]`), &text)
	if err != nil || text != "a" {
		t.Errorf("got %q, %v", text, err)
	}
}

// TestTextFaults: what is no text, and what would be too long a one.
func TestTextFaults(t *testing.T) {
	for data, want := range map[string]string{
		`7`: "json: cannot unmarshal number into Go value of type string",
		`["a", 7]`: `a part of a text is a string or {"repeat", "times"}: ` +
			"json: cannot unmarshal number into Go value of type vectors.Run",
		`[{"repeat": "ab", "times": 4194304}]`: "a text may have at most 4 MiB",
		`[{"repeat": "a", "times": -1}]`:       "a text may have at most 4 MiB",
	} {
		var text Text
		if err := json.Unmarshal([]byte(data), &text); err == nil || err.Error() != want {
			t.Errorf("%s: got the error %v, want %s", data, err, want)
		}
	}
}
