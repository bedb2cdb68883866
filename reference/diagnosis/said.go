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
		if known[i] == uncompared {
			known[i] = compareSaid(v(), o)
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

// compareSaid compares what v would have signed with what the validator says.
func compareSaid(v reference.Validator, o *Observation) comparison {
	_, _, signed := defect.Check(v, o.AuthToken, o.Request)
	switch {
	case len(signed) == 0:
		return unsigned
	case slices.ContainsFunc(signed, func(s string) bool { return isSaid(s, *o.StringToSign) }):
		return agrees
	}
	return differs
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
