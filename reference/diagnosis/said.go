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
// the set would have signed, for the failures that the set answers as it does. Those
// where it would have signed something else it does not explain: see [table.unexplain].
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
			verdict, _, signed := defect.Check(v(), o.AuthToken, o.Request)
			known[i] = compareSaid(verdict, signed, o)
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

// unexplain takes back what a set is thought to explain, because it answers something like
// it so, and does not: it signs something else there than the validator says.
func (t *table) unexplain(verdicts []reference.Verdict, set made) {
	if _, differ := t.strings(verdicts, set); differ == 0 {
		return
	}
	for i, c := range t.compared[keyOf(set)] {
		if c == differs && verdicts[i] == t.observations[i].Verdict {
			verdicts[i] = otherwise
		}
	}
}

// otherwise stands for the verdict of a set that signs something else than the validator
// says: it is neither that of the validator nor the right one.
const otherwise reference.Verdict = "otherwise"

// comparison is what came out when a string to sign was compared.
type comparison byte

const (
	uncompared comparison = iota
	agrees
	differs
	unsigned // it would have signed nothing, or says so of nothing
)

// compareSaid compares what would have been signed with what the validator says. Who
// throws signs nothing, and the validator did.
func compareSaid(verdict reference.Verdict, signed []string, o *Observation) comparison {
	switch {
	case verdict == reference.Error && o.Verdict != reference.Error:
		return differs
	case len(signed) == 0:
		return unsigned
	case slices.ContainsFunc(signed, func(s string) bool { return isSaid(s, *o.StringToSign) }):
		return agrees
	}
	return differs
}

// saying compares what sets of defects sign with what the validator says, as soon as they
// answer. Where they differ a set does not explain the answer, whatever it answers: of
// several mistakes each changes some strings, and one that changes none of them is not made.
type saying struct {
	*table
	sets      []made
	some      []int // the observations whose requests they get
	remembers []bool
	compared  [][]comparison // each by one goroutine
}

func (t *table) saying(sets []made, some []int) *saying {
	s := &saying{t, sets, some, make([]bool, len(sets)), make([][]comparison, len(sets))}
	for i, set := range sets {
		s.remembers[i] = slices.ContainsFunc(slices.Concat(t.established, set), func(v defect.Variant) bool { return v.Remembers })
	}
	return s
}

// hear is told what a set answers and would have signed.
func (s *saying) hear(set, k int, verdict reference.Verdict, signed []string) {
	o := &s.observations[s.some[k]]
	if !o.Failed || o.StringToSign == nil || rejection(verdict) != rejection(o.Verdict) || s.remembers[set] {
		return
	}
	if s.compared[set] == nil {
		s.compared[set] = make([]comparison, len(s.observations))
	}
	s.compared[set][s.some[k]] = compareSaid(verdict, signed, o)
}

// isOtherwise reports whether a set signs something else than the validator says.
func (s *saying) isOtherwise(set, k int) bool {
	return s.compared[set] != nil && s.compared[set][s.some[k]] == differs
}

// remember keeps what was compared for [table.strings].
func (s *saying) remember() {
	for i, set := range s.sets {
		if s.compared[i] == nil {
			continue
		}
		key := keyOf(set)
		for k, was := range s.table.compared[key] {
			if was != uncompared {
				s.compared[i][k] = was
			}
		}
		s.table.compared[key] = s.compared[i]
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
