package generate

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/vectors"
)

// This file measures the generator: how many cases does it take until each known
// mistake gives its first wrong answer? Plain random strings are the baseline. The
// generator must find mistakes that nobody listed, so no part of it may be made for
// a mistake in this table.

// TestDetections prints the table of 'make bench-fuzz' if SIGCONFORM_SEEDS is set;
// otherwise it only checks one seed.
func TestDetections(t *testing.T) {
	seeds, limit := 1, 2000
	if n, err := strconv.Atoi(os.Getenv("SIGCONFORM_SEEDS")); err == nil {
		seeds, limit = n, 30_000
	}
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	table := detect(seeds, limit)
	found, base := 0, 0
	for _, d := range table {
		if median(d.Cases) <= limit {
			found++
		}
		if median(d.Baseline) <= limit {
			base++
		}
	}
	if os.Getenv("SIGCONFORM_SEEDS") != "" {
		writeDetections(os.Stdout, table, seeds, limit)
	}
	if found < len(table)*2/3 || found < base {
		t.Errorf("within %d cases %d of %d mistakes are found, by random strings %d", limit, found, len(table), base)
	}
}

// detection says how soon one mistake is found.
type detection struct {
	defect.Variant
	// Cases and Baseline are the numbers of cases up to the first wrong answer,
	// one for each seed, sorted; a seed that found nothing has the limit + 1.
	Cases, Baseline []int
}

// median returns the middle number.
func median(sorted []int) int { return sorted[len(sorted)/2] }

// detect sends every mistake of the catalogue the cases of the given number of
// seeds, at most limit cases per seed.
func detect(seeds, limit int) []detection {
	variants := defect.Variants()
	table := make([]detection, len(variants))
	for i, variant := range variants {
		table[i] = detection{variant, make([]int, seeds), make([]int, seeds)}
	}
	var group sync.WaitGroup
	work := make(chan func())
	for range 2 {
		group.Go(func() {
			for f := range work {
				f()
			}
		})
	}
	for seed := range seeds {
		work <- func() {
			for i, n := range firstDifferences(variants, limit, episodes(uint64(seed+1))) {
				table[i].Cases[seed] = n
			}
		}
		work <- func() {
			for i, n := range firstDifferences(variants, limit, randomStrings(uint64(seed+1))) {
				table[i].Baseline[seed] = n
			}
		}
	}
	close(work)
	group.Wait()
	for _, d := range table {
		slices.Sort(d.Cases)
		slices.Sort(d.Baseline)
	}
	return table
}

// firstDifferences sends all variants the same cases, each until its first wrong
// answer, and returns how many cases that took.
func firstDifferences(variants []defect.Variant, limit int, next func() *Case) []int {
	first := make([]int, len(variants))
	validators := make([]reference.Validator, len(variants))
	var known defect.Cached
	var left []int
	for i, variant := range variants {
		first[i], validators[i] = limit+1, variant.Apply(known.Validator())
		left = append(left, i)
	}
	for n := 1; n <= limit && len(left) > 0; n++ {
		c := next()
		known.Ask(c.Request)
		left = slices.DeleteFunc(left, func(i int) bool {
			verdict, _ := defect.Ask(validators[i], c.Token, c.Request)
			wrong := isWrong(c, verdict)
			if wrong {
				first[i] = n
			}
			return wrong
		})
	}
	return first
}

// isWrong reports whether a verdict is not what the rules demand.
func isWrong(c *Case, verdict reference.Verdict) bool {
	return c.Expected == judge.MustAccept && verdict != reference.Accept ||
		c.Expected == judge.MustReject && verdict == reference.Accept
}

// episodes returns the cases of a seed, one by one.
func episodes(seed uint64) func() *Case {
	source, number := Seeded(seed, 0), uint64(0)
	var cases []*Case
	return func() *Case {
		if len(cases) == 0 {
			source.Restart(seed, number)
			cases = Episode(nil, source, nil)
			number++
		}
		c := cases[0]
		cases = cases[1:]
		return c
	}
}

// randomStrings returns cases as a plain fuzzer makes them: every text is a
// random one, the signature is right, and every second time one byte of the
// signature, the URL or the body is changed afterwards.
func randomStrings(seed uint64) func() *Case {
	random := rand.New(rand.NewPCG(seed, 0))
	text := func() string {
		var s strings.Builder
		for range random.IntN(13) {
			s.WriteRune(rune(' ' + random.IntN(95)))
		}
		return s.String()
	}
	plain := func() string { return strings.Trim(strings.ToLower(escapeOnce(text())), "%=") }
	return func() *Case {
		d := &draft{token: plain() + "k", method: "POST", form: random.IntN(3) > 0}
		d.url = reference.URLParts{
			Scheme: []string{"http", "https"}[random.IntN(2)], Host: "h" + strings.Map(plainRune, plain()), Path: "/" + plain(),
		}
		if random.IntN(2) == 0 {
			d.url.Query = "?" + plain() + "=" + plain()
		}
		contentType := "application/x-www-form-urlencoded"
		switch {
		case d.form:
			for range random.IntN(5) {
				d.params = append(d.params, reference.Param{Name: text(), Value: text()})
			}
		case random.IntN(2) == 0:
			d.method = "GET"
		default:
			contentType = "application/json"
			d.body = []byte(text())
			d.url.Query = "?" + reference.BodyHashParam + "=" + reference.BodyHash(d.body)
		}
		if d.method == "POST" {
			d.contentType = &contentType
		}
		c := signed(d)
		if random.IntN(2) == 0 {
			changed := *d
			switch random.IntN(3) {
			case 0:
				signature := []byte(*c.Request.Signature)
				signature[random.IntN(26)] ^= 1
				s := string(signature)
				c.unsign(&s)
			case 1:
				changed.url.Path += string(rune('a' + random.IntN(26)))
			case 2:
				changed.body = append(slices.Clone(d.body), 'x')
				changed.tail = "x"
			}
			signature := c.Request.Signature
			c.Case = judge.Case{Token: c.Token, Request: changed.request(), Signed: c.Signed}
			c.Request.Signature = signature
		}
		c.Expected = judge.Judge(&c.Case)
		return c
	}
}

func plainRune(c rune) rune {
	if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
		return c
	}
	return -1
}

// writeDetections writes the table, the mistakes that are found last first.
func writeDetections(out io.Writer, table []detection, seeds, limit int) {
	book := vectors.Rules()
	table = slices.Clone(table)
	slices.SortStableFunc(table, func(a, b detection) int { return median(b.Cases) - median(a.Cases) })
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "GENERATOR\tWORST\tRANDOM STRINGS\t  DEFECT\t")
	count := func(n int) string {
		if n > limit {
			return "-"
		}
		return strconv.Itoa(n)
	}
	found, base, rules := 0, 0, 0
	var questions, listed []string
	for _, d := range table {
		if median(d.Cases) > limit {
			if _, isRule := book.Rules[d.Breaks]; !isRule {
				questions = append(questions, d.Key())
				continue
			}
			if d.BugTypes[0] == defect.Crash || d.BugTypes[0] == defect.Malleability {
				listed = append(listed, d.Key())
				continue
			}
		}
		rules++
		if median(d.Cases) <= limit {
			found++
		}
		if median(d.Baseline) <= limit {
			base++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t  %s\t\n", count(median(d.Cases)), count(d.Cases[len(d.Cases)-1]), count(median(d.Baseline)), d.Key())
	}
	w.Flush()
	fmt.Fprintf(out, "\nMedian and worst number of cases up to the first wrong answer, over %d seeds of at most %d cases; -: not found.\n"+
		"Of %d mistakes that break a rule the generator finds %d, random strings find %d.\n", seeds, limit, rules, found, base)
	if listed != nil {
		fmt.Fprintf(out, "%d more throw where they should reject, or accept another spelling of a right signature, "+
			"which is listed but does not fail: %s\n", len(listed), strings.Join(listed, ", "))
	}
	if questions != nil {
		fmt.Fprintf(out, "%d more answer questions differently, which is never wrong: %s\n", len(questions), strings.Join(questions, ", "))
	}
}
