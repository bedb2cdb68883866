package report

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
)

// HTML returns the matrix as one page. The report of each validator is linked as
// KEY/index.html beside it.
func (m *Matrix) HTML() ([]byte, error) {
	base, err := newPage()
	if err != nil {
		return nil, err
	}
	return render("matrix.html", matrixPage{base, m})
}

// matrixPage is what the template of the matrix is given.
type matrixPage struct {
	page
	*Matrix
}

// matrixCell is a cell with the rule and the validator that it is of.
type matrixCell struct {
	Cell
	Rule   string
	Column Column
}

// Cells are the cells of a rule in the order of the validators given.
func (m matrixPage) Cells(row RuleRow, columns []Column) []matrixCell {
	var cells []matrixCell
	for _, v := range columns {
		cells = append(cells, matrixCell{row.Cells[v.Key], row.Rule, v})
	}
	return cells
}

// Failing are the rules that some validator breaks.
func (m matrixPage) Failing() []RuleRow {
	return slices.DeleteFunc(slices.Clone(m.Rules), func(row RuleRow) bool {
		for _, cell := range row.Cells {
			if len(cell.Failures) > 0 {
				return false
			}
		}
		return true
	})
}

// Class colours the cell.
func (c matrixCell) Class() string {
	switch {
	case c.Judged() == 0:
		return "skipped"
	case len(c.Failures) > 0:
		return tone(c.Worst())
	default:
		return "passed"
	}
}

// Words say what the cell shows.
func (c matrixCell) Words() string {
	words := fmt.Sprintf("%s, %s: %d of %d passed", c.Column.Key, c.Rule, c.Holds, c.Judged())
	if c.Unjudged > 0 {
		words += fmt.Sprintf(", %d skipped", c.Unjudged)
	}
	return words
}

// ID is the anchor of the cell's failures, and Link leads there.
func (c matrixCell) ID() string         { return c.Rule + "/" + c.Column.Key }
func (c matrixCell) Link() template.URL { return linkTo(c.ID()) }

// causeGroup are failures of one cause.
type causeGroup struct {
	Cause    string // "" if it is not known
	Says     string
	Failures []Failure
}

// First are the failures of the group that the page of a matrix lists, and More how
// many there are beside them.
func (g *causeGroup) First() []Failure { return g.Failures[:min(len(g.Failures), mostListed)] }
func (g *causeGroup) More() int        { return max(0, len(g.Failures)-mostListed) }

// mostListed is how many failures of one cause and one rule a matrix lists of each
// validator: the rest is in its own report.
const mostListed = 8

// ByCause groups the failures of the cell.
func (c matrixCell) ByCause() []*causeGroup {
	var groups []*causeGroup
	for _, failure := range c.Failures {
		i := slices.IndexFunc(groups, func(g *causeGroup) bool { return g.Cause == failure.Cause })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &causeGroup{Cause: failure.Cause, Says: c.Column.says(failure.Cause)})
		}
		groups[i].Failures = append(groups[i].Failures, failure)
	}
	return groups
}

func (c Column) says(defect string) string {
	for _, cause := range c.Causes {
		if cause.Defect == defect {
			return cause.Says
		}
	}
	return ""
}

// Judged is how many vectors the validator was judged by.
func (c Column) Judged() int { return c.Counts["passed"] + c.Counts["failed"] + c.Counts["known"] }

// Page links to the validator's own report, and To to a vector in it.
func (c Column) Page() template.URL { return template.URL(url.PathEscape(c.Key) + "/index.html") }
func (c Column) To(id string) template.URL {
	return c.Page() + linkTo(id)
}

// Where links to those of its vectors that a filter leaves.
func (c Column) Where(pairs ...string) template.URL { return c.Page() + linkWhere(pairs...) }

// Short is the name without what all names have in common, to head a column.
func (m matrixPage) Short(c Column) string {
	if len(m.Validators) > 2 {
		common := true
		for _, v := range m.Validators {
			if v.Group != c.Group {
				continue
			}
			common = common && strings.HasPrefix(v.Name, "twilio-")
		}
		if common {
			return strings.TrimPrefix(c.Name, "twilio-")
		}
	}
	return c.Name
}
