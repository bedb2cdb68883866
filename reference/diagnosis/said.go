// This file answers: does a cause sign what the validator says that it signed?

package diagnosis

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// evidence is what speaks for an explanation beside the failures: answers to
// open questions that the reference would not give, and strings to sign.
func (t *table) evidence(verdicts []reference.Verdict, set made) int {
	n := 0
	for i := range t.observations {
		if o := &t.observations[i]; o.Open && o.Verdict != t.reference[i] && verdicts[i] == o.Verdict {
			n++
		}
	}
	agree, _ := t.strings(verdicts, set)
	return n + agree
}

// strings compares the strings that the validator says it signed with those that
// the set would have signed, for the failures that the set explains. A cause that
// would have signed something else is refuted.
func (t *table) strings(verdicts []reference.Verdict, set made) (agree, differ int) {
	if !t.says {
		return 0, 0
	}
	known := t.compared[keyOf(set)]
	known = append(known, make([]comparison, len(t.observations)-len(known))...)
	t.compared[keyOf(set)] = known
	v := sync.OnceValue(func() reference.Validator { return defect.In(reference.New(), slices.Concat(t.established, set)...) })
	for _, i := range t.failures {
		o := &t.observations[i]
		if o.StringToSign == nil || verdicts[i] != o.Verdict {
			continue
		}
		if known[i] == uncompared { // for instance, another observation stood for it
			_, _, signed := defect.Check(v(), o.AuthToken, o.Request)
			known[i] = compareSaid(signed, *o.StringToSign)
		}
		switch known[i] {
		case agrees:
			agree++
		case differs:
			differ++
		}
	}
	return agree, differ
}

// comparison is what came out when a string to sign was compared.
type comparison byte

const (
	uncompared comparison = iota
	agrees
	differs
	unsigned // it would have signed nothing, or says so of nothing
)

// compareSaid compares what would have been signed with what the validator says.
func compareSaid(signed []string, said string) comparison {
	switch {
	case len(signed) == 0:
		return unsigned
	case slices.ContainsFunc(signed, func(s string) bool { return isSaid(s, said) }):
		return agrees
	}
	return differs
}

// comparing returns a function that compares what sets of defects sign, as soon as that
// is known, and what has it remembered for [table.strings].
func (t *table) comparing(sets []made, some []int) (
	signed func(set, k int, verdict reference.Verdict, strings []string), remember func(),
) {
	if !t.says {
		return nil, func() {}
	}
	compared := make([][]comparison, len(sets)) // each by one goroutine
	remembers := make([]bool, len(sets))
	for i, set := range sets {
		remembers[i] = slices.ContainsFunc(slices.Concat(t.established, set), func(v defect.Variant) bool { return v.Remembers })
	}
	signed = func(set, k int, verdict reference.Verdict, strings []string) {
		o := &t.observations[some[k]]
		if !o.Failed || o.StringToSign == nil || rejection(verdict) != rejection(o.Verdict) || remembers[set] {
			return
		}
		if compared[set] == nil {
			compared[set] = make([]comparison, len(t.observations))
		}
		compared[set][some[k]] = compareSaid(strings, *o.StringToSign)
	}
	return signed, func() {
		for i, set := range sets {
			if compared[i] == nil {
				continue
			}
			for k, was := range t.compared[keyOf(set)] {
				if was != uncompared {
					compared[i][k] = was
				}
			}
			t.compared[keyOf(set)] = compared[i]
		}
	}
}

// longestSaid is the shortest string that may have been cut on its way here.
const longestSaid = 4 << 10

// isSaid reports whether a validator that signs s may say so: as text, and as
// much of it as is kept.
func isSaid(s, said string) bool {
	if s == said || printable(s) == printable(said) {
		return true
	}
	return len(said) >= longestSaid && strings.HasPrefix(s, strings.TrimSuffix(said, "…"))
}

// replaced matches what becomes of bytes that are not UTF-8: one character for each
// of them, or for several.
var replaced = regexp.MustCompile("\ufffd+")

// printable returns a text as it arrives in UTF-8, with one character in place of
// bytes that are not.
func printable(s string) string {
	if utf8.ValidString(s) && !strings.Contains(s, "\ufffd") {
		return s
	}
	return replaced.ReplaceAllString(strings.ToValidUTF8(s, "\ufffd"), "\ufffd")
}
