package vectors

import (
	"os"
	"slices"
	"strings"
	"testing"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// The file is what the generator writes, and nobody has edited it.
func TestCombinationsAreWhatIsGenerated(t *testing.T) {
	f, rows, err := Combinations()
	if err != nil {
		t.Fatal(err)
	}
	want, err := f.Format()
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile("combinations.json"); string(got) != string(want) {
		t.Error("combinations.json is not what the generator writes: 'sigconform vectors combinations --write'")
	}
	for _, row := range rows {
		for _, column := range CombinationColumns() {
			if row.Cells[column] == "" && !strings.Contains(row.Name, "ipv6") {
				t.Errorf("%s has no cell %s", row.Name, column)
			}
		}
	}
}

// Whoever makes a mistake about ports or userinfo under a condition (for one
// product, over one scheme, with one method, kind of body, port or userinfo, or
// with two or three of these) fails a vector, if it is a mistake at all: if the
// answer to some right or wrong request of a finer grid changes.
func TestConditionalMistakesAreCaught(t *testing.T) {
	type test struct {
		c        defect.Case
		expected Result
		facts    defect.Facts
		id       string
	}
	tested := func(of []*Vector) (all []test) {
		for _, v := range of {
			if v.Result != Question && v.Askable() {
				r := v.Request.Reference()
				all = append(all, test{defect.Case{AuthToken: string(v.AuthToken), Request: r}, v.Result, defect.FactsOf(r), v.ID})
			}
		}
		return all
	}
	vectors := tested(Builtin().Vectors())
	probes := tested(probesOfCombinations())
	conditions := defect.Conditions()
	count := 0
	for _, variant := range defect.Variants() {
		if !slices.Contains([]string{"port-kept", "port-dropped-https-voice", "userinfo-dropped"}, variant.Breaks) || variant.Remembers {
			continue
		}
		validator := variant.New()
		wrong := func(all []test) (facts []defect.Facts, ids []string) {
			for _, test := range all {
				verdict, _ := defect.Ask(validator, test.c.AuthToken, test.c.Request)
				if (verdict == reference.Accept) != (test.expected == Valid) {
					facts, ids = append(facts, test.facts), append(ids, test.id)
				}
			}
			return facts, ids
		}
		caught, _ := wrong(vectors)
		mistaken, ids := wrong(probes)
		for _, condition := range conditions {
			within := func(facts defect.Facts) bool { return condition.Facts().Within(facts) }
			at := slices.IndexFunc(mistaken, within)
			if at < 0 {
				continue
			}
			if count++; !slices.ContainsFunc(caught, within) {
				t.Errorf("%s under %q fails no vector, but is wrong about %s", variant.Key(), condition, ids[at])
			}
		}
	}
	t.Logf("%d mistakes under a condition", count)
	if count < 1000 {
		t.Errorf("only %d mistakes under a condition", count)
	}
}

// probesOfCombinations are right requests on a grid that is finer than the
// family: with each kind of host.
func probesOfCombinations() []*Vector {
	var all []*Vector
	for _, c := range combinations() {
		if c.open() || c.wrong != "" {
			continue
		}
		for _, host := range []string{combinedName, combinedIPv6, "192.0.2.7", "Voice.Example.com."} {
			probe := c
			probe.host = host
			v := probe.vector()
			if err := v.Sign(); err != nil {
				panic(err)
			}
			all = append(all, v)
		}
	}
	return all
}
