package vectors

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// TestLimits: a small file cannot take much memory, whatever it says.
func TestLimits(t *testing.T) {
	run := `{"repeat":"x","times":4194304}`
	vector := func(i int, url string) string {
		return fmt.Sprintf(`{"id":"fam/v%d","comment":"c","rules":["port-kept"],"source":{"kind":"derived","ref":"x"},"authToken":"1",`+
			`"request":{"method":"POST","url":%s},"result":"valid"}`, i, url)
	}
	family := func(vectors ...string) string {
		return `{"family":"fam","title":"t","vectors":[` + strings.Join(vectors, ",") + `]}`
	}
	var many []string
	for i := range 20 {
		many = append(many, vector(i, "["+run+"]"))
	}
	for name, c := range map[string]struct{ text, says string }{
		"one text of many runs": {family(vector(1, "["+strings.TrimSuffix(strings.Repeat(run+",", 200), ",")+"]")),
			"all together may have 32 MiB"},
		"two runs in one text":   {family(vector(1, "["+run+","+run+"]")), "a text may have at most 4 MiB"},
		"many texts of one run":  {family(many...), "all together may have 32 MiB"},
		"a run of billions":      {family(vector(1, `[{"repeat":"xxxxxxxx","times":9223372036854775807}]`)), "32 MiB"},
		"nested":                 {strings.Repeat(strings.Repeat("[", 9000)+strings.Repeat("]", 9000)+",", 50), "nested more than"},
		"a million small values": {family("[" + strings.Repeat("[],", 1_000_000) + "[]]"), "more than 200000 values"},
		"all of it is wrong":     {family("[" + strings.Repeat("1,", 100_000) + "1]"), ""},
	} {
		faults := Lint(fstest.MapFS{"fam.json": {Data: []byte(c.text)}}, "dir")
		if len(faults) == 0 || len(faults) > mostFaults+1 || !strings.Contains(faults.Error(), c.says) {
			t.Errorf("%s: %d faults, want %q: %.300s", name, len(faults), c.says, faults.Error())
		}
	}
}
