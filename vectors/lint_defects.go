package vectors

import (
	"fmt"
	"slices"

	"sigconform/reference/defect"
)

// catalogueFile is how the catalogue of defects is called in messages.
const catalogueFile = "reference/defect"

// lintDefects: every known defect is caught by a vector about the rule that it
// breaks, and every vector catches a defect or says why it need not.
func (c *Corpus) lintDefects(book *Rulebook, report func(*Vector, string, string, string)) Faults {
	var faults Faults
	fault := func(hint, format string, args ...any) {
		faults = append(faults, Fault{File: catalogueFile, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	matrix := MatrixOf(c.Vectors())
	for _, variant := range defect.Variants() {
		_, isRule := book.Rules[variant.Breaks]
		_, isQuestion := book.Questions[variant.Breaks]
		about := func(v *Vector) bool {
			return slices.Contains(v.Rules, variant.Breaks) || v.Question == variant.Breaks
		}
		caught := matrix[variant.Key()]
		switch {
		case !isRule && !isQuestion:
			fault("", "the defect %s breaks %q, which is neither a rule nor a question", variant.Key(), variant.Breaks)
		case len(caught) == 0:
			fault("add a vector that does, or remove the defect",
				"no vector catches the defect %s: it %s", variant.Key(), variant.Says())
		case !slices.ContainsFunc(caught, about):
			fault("add one, or name the rule or question that the defect does break",
				"the defect %s breaks %s, and no vector about that catches it (%s does)", variant.Key(), variant.Breaks, caught[0].ID)
		}
	}
	kills := matrix.Kills(c.Vectors())
	for _, v := range c.Vectors() {
		switch {
		case kills[v.ID] == 0 && v.NoDefect == "":
			report(v, "", "catches no known defect but those that any vector catches",
				`add the defect that it was made for to `+catalogueFile+`, or say in "noDefect" why none has to be caught`)
		case kills[v.ID] > 0 && v.NoDefect != "":
			report(v, "/noDefect", "says why it catches no defect, but it does", `delete "noDefect"`)
		}
	}
	return faults
}
