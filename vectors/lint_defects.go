package vectors

import "fmt"

// catalogueFile is how the catalogue of defects is called in messages.
const catalogueFile = "reference/defect"

// lintDefects: every known defect is caught by a vector about the rule that it
// breaks, and every vector catches a defect or says why it need not.
func (c *Corpus) lintDefects(book *Rulebook, report func(*Vector, string, string, string)) Faults {
	var faults Faults
	fault := func(hint, format string, args ...any) {
		faults = append(faults, Fault{File: catalogueFile, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	proofs := prove(c.Vectors())
	for i, variant := range proofs.variants {
		_, isRule := book.Rules[variant.Breaks]
		_, isQuestion := book.Questions[variant.Breaks]
		switch {
		case !isRule && !isQuestion:
			fault("", "the defect %s breaks %q, which is neither a rule nor a question", variant.Key(), variant.Breaks)
		case proofs.isCaught[i].Load():
		default:
			if others := MatrixOf(c.Vectors(), variant)[variant.Key()]; len(others) > 0 {
				fault("add one, or name the rule or question that the defect does break",
					"the defect %s breaks %s, and no vector about that catches it (%s does)", variant.Key(), variant.Breaks, others[0].ID)
			} else {
				fault("add a vector that does, or remove the defect",
					"no vector catches the defect %s: it %s", variant.Key(), variant.Says())
			}
		}
	}
	for k, v := range c.Vectors() {
		switch {
		case !proofs.catches[k] && v.NoDefect == "":
			report(v, "", "catches no known defect but those that any vector catches",
				`add the defect that it was made for to `+catalogueFile+`, or say in "noDefect" why none has to be caught`)
		case proofs.catches[k] && v.NoDefect != "":
			report(v, "/noDefect", "says why it catches no defect, but it does", `delete "noDefect"`)
		}
	}
	return faults
}
