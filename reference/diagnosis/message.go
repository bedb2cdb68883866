// This file answers: are two error messages those of one mistake? A message
// quotes what it complains about, and that is left out of the comparison.

package diagnosis

import (
	"regexp"
	"strings"
)

// printed matches an exception as Python and JavaScript print it: what is in its
// quotation marks is the message and no quotation.
var printed = regexp.MustCompile(`^([\pL_.]+)\((?:"(.*)"|'(.*)'),?\)$`)

// quoting matches what a message may quote of a request: text in quotation marks
// or brackets, URLs, escapes, words with digits (numbers, addresses, hashes,
// ids), and what is not ASCII.
var quoting = []*regexp.Regexp{
	regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|“[^”]*”|‘[^’]*’|`[^`']*[`']|«[^»]*»"),
	regexp.MustCompile(`\B'(?:[^'\\]|\\.)*'`),
	regexp.MustCompile(`\[[^\]]*\]|\{[^}]*\}|<[^>]*>`),
	regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://\S*`),
	regexp.MustCompile(`%[0-9A-Fa-f]{2}\S*`),
	regexp.MustCompile(`[\pL_./\\@+-]*[0-9][\pL0-9_./\\@:+-]*`),
	regexp.MustCompile(`[^\x00-\x7f…]+`),
}

// Message returns the first line of an error message without what it quotes:
// names, values, numbers, addresses, ids.
func Message(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if m := printed.FindStringSubmatch(line); m != nil {
		line = m[1] + " " + m[2] + m[3]
	}
	for _, q := range quoting {
		line = q.ReplaceAllString(line, "…")
	}
	return strings.Join(strings.Fields(line), " ")
}

// SameMessage reports whether two error messages are those of one mistake: they
// are equal without what they quote, or differ in one word of at least five (the
// name of a type, say).
func SameMessage(a, b string) bool {
	a, b = Message(a), Message(b)
	if a == b {
		return true
	}
	wordsA, wordsB := strings.Fields(a), strings.Fields(b)
	if len(wordsA) != len(wordsB) || len(wordsA) < 5 {
		return false
	}
	differ := 0
	for i := range wordsA {
		if wordsA[i] != wordsB[i] {
			differ++
		}
	}
	return differ <= 1
}
