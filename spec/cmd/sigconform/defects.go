package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"sigconform/reference/defect"
	"sigconform/vectors"
)

type defectsCmd struct {
	Slug string `arg:"" optional:"" help:"The defect to show, as in unsorted or at-most-n-params=100."`
	JSON bool   `help:"Write JSON."`
}

// Help is shown by 'sigconform defects --help'.
func (c *defectsCmd) Help() string {
	return `Without a slug the matrix is listed: each known mistake, what comes of it, and how many vectors catch it.

  sigconform defects
  sigconform defects unsorted
  sigconform defects userinfo-kept@messaging,http      # a defect under a condition
  sigconform run -- sigconform validator --defect unsorted`
}

// Run prints the matrix, or everything about one defect.
func (c *defectsCmd) Run() error {
	if c.Slug != "" {
		return c.show(stdout)
	}
	matrix := vectors.MatrixOf(vectors.Builtin().Vectors())
	all := []defectRow{}
	for _, d := range defect.Catalogue() {
		all = append(all, rowOf(d, d.Variants(), matrix))
	}
	if c.JSON {
		return writeJSON(stdout, all)
	}
	listDefects(stdout, all)
	return nil
}

// defectRow is a defect as it is listed, and as JSON.
type defectRow struct {
	Slug     string              `json:"slug"`
	Says     string              `json:"says"`
	Hint     string              `json:"hint"`
	BugTypes []defect.BugType    `json:"bugTypes"`
	Breaks   string              `json:"breaks"`
	Values   []string            `json:"values,omitempty"`
	CaughtBy map[string][]string `json:"caughtBy"` // by key: "unsorted", "at-most-n-params=100"
}

func rowOf(d *defect.Defect, variants []defect.Variant, matrix vectors.Matrix) defectRow {
	row := defectRow{d.Slug, withValue(d), d.Hint, d.BugTypes, d.Breaks, d.Values, map[string][]string{}}
	for _, variant := range variants {
		ids := []string{}
		for _, v := range matrix[variant.Key()] {
			ids = append(ids, v.ID)
		}
		row.CaughtBy[variant.Key()] = ids
	}
	return row
}

// withValue says what a defect does, whichever value it has.
func withValue(d *defect.Defect) string {
	return strings.ReplaceAll(d.Says, "{}", placeholder(d.Values))
}

// placeholder stands for any of the values of a defect, which are numbers or words.
func placeholder(values []string) string {
	if len(values) > 0 && strings.Trim(values[0], "0123456789") != "" {
		return "VALUE"
	}
	return "N"
}

func listDefects(out io.Writer, rows []defectRow) {
	variants := 0
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "DEFECT\tBUG TYPE\tCAUGHT BY\tTHE VALIDATOR …")
	for _, row := range rows {
		fewest := -1
		for _, ids := range row.CaughtBy {
			variants++
			if fewest < 0 || len(ids) < fewest {
				fewest = len(ids)
			}
		}
		slug := row.Slug
		if row.Values != nil {
			slug += "=" + placeholder(row.Values)
		}
		fmt.Fprintf(table, "%s\t%s\t%9d\t%s\n", slug, row.BugTypes[0], fewest, row.Says)
	}
	table.Flush()
	fmt.Fprintf(out, "\n%d defects, %d with their values; of a defect with values the vectors are counted that catch the value "+
		"which the fewest do.\n"+
		"'sigconform defects SLUG' shows everything about one.\n", len(rows), variants)
}

// show prints everything about one defect, or about one of its values.
func (c *defectsCmd) show(out io.Writer) error {
	variants, err := findDefect(c.Slug)
	if err != nil {
		return usage(err)
	}
	d := variants[0].Defect
	matrix := vectors.MatrixOf(vectors.Builtin().Vectors(), variants...)
	row := rowOf(d, variants, matrix)
	if len(variants) == 1 {
		row.Says, row.Hint = variants[0].Says(), variants[0].Hint()
	}
	if c.JSON {
		return writeJSON(out, row)
	}
	fmt.Fprintf(out, "%s\n  The validator %s.\n  %s\n\n", d.Slug, row.Says, row.Hint)
	types := []string{}
	for _, t := range d.BugTypes {
		types = append(types, string(t))
	}
	fmt.Fprintf(out, "  bug type  %s\n  breaks    %s\n", strings.Join(types, ", "), d.Breaks)
	if d.Values != nil {
		fmt.Fprintf(out, "  values    %s\n", strings.Join(d.Values, ", "))
	}
	fmt.Fprintf(out, "  try it    sigconform run -- sigconform validator --defect %s\n", shellQuote(variants[0].Key()))
	for _, variant := range variants {
		caught := matrix[variant.Key()]
		fmt.Fprintf(out, "\n%s is caught by %d vectors:\n", variant.Key(), len(caught))
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, v := range caught {
			fmt.Fprintf(table, "  %s\t%s\t%s\n", v.ID, v.Result, v.Comment)
		}
		table.Flush()
	}
	return nil
}

// findDefect returns the variants that a slug or a key names: all values of a
// defect, or one.
func findDefect(name string) ([]defect.Variant, error) {
	slug := name
	if end := strings.IndexAny(name, "=@"); end >= 0 {
		slug = name[:end]
	}
	d := defect.Get(slug)
	if d == nil {
		known := map[string]bool{}
		for _, d := range defect.Catalogue() {
			known[d.Slug] = true
		}
		hint := "'sigconform defects' lists them"
		if near := vectors.Nearest(slug, known); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return nil, fmt.Errorf("there is no defect %q\n    %s", slug, hint)
	}
	if slug == name {
		return d.Variants(), nil
	}
	variant, err := defect.Find(name)
	return []defect.Variant{variant}, err
}

func writeJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
