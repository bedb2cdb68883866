package generate

import (
	"testing"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// TestMistakesTogether: whichever two mistakes come together (the second works on
// what the first made), the validator answers whatever is drawn. A mistake that throws
// has answered too; any other panic would end a run.
func TestMistakesTogether(t *testing.T) {
	var cases []*Case
	source := Seeded(7, 0)
	for number := uint64(0); len(cases) < 2000; number++ {
		source.Restart(7, number)
		cases = Episode(nil, source, cases)
	}
	odd := []string{"https://[2001:db8::1]/p?x=1", "https://[::1]", "https://", "h", "wss://h?", "http://u@:80/%", "https://h/a/../?q=%00&=&b"}
	variants, next := defect.Variants(), 0
	for _, first := range variants {
		for _, second := range variants {
			validator := defect.In(reference.New(), first, second)
			for range 3 {
				next++
				r := cases[next%len(cases)].Request
				if next%2 == 0 {
					r.URL = odd[next/2%len(odd)]
				}
				mustAnswer(t, validator, r, first.Key()+" with "+second.Key())
			}
		}
	}
}

// mustAnswer asks the validator, and says which mistakes panic at which request.
func mustAnswer(t *testing.T, v reference.Validator, r reference.Request, mistakes string) {
	defer func() {
		if thrown := recover(); thrown != nil {
			t.Fatalf("%s: %v\n%s %s\n%q", mistakes, thrown, r.Method, r.URL, r.Body)
		}
	}()
	defect.Ask(v, "12345", r)
}
