package main

import (
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"sigconform/vectors"
)

type combinationsCmd struct {
	Dir   string `arg:"" optional:"" default:"vectors" help:"The folder of vector files."`
	Write bool   `help:"Write combinations.json. 'sigconform vectors sign' then records the ids."`
}

// Help is shown by 'sigconform vectors combinations --help'.
func (c *combinationsCmd) Help() string {
	return `The rules on ports and userinfo, for every product, scheme, method and kind of body. A cell says what Twilio signs of
the authority, or that the request must be rejected. Its vector has the id combinations/ROW-COLUMN.`
}

// Run prints the table, and writes the family if that is wanted.
func (c *combinationsCmd) Run() error {
	family, rows, err := vectors.Combinations()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "combinations/")
	for _, column := range vectors.CombinationColumns() {
		fmt.Fprint(table, "\t", column)
	}
	fmt.Fprintln(table)
	for _, row := range rows {
		fmt.Fprint(table, row.Name)
		for _, column := range vectors.CombinationColumns() {
			fmt.Fprint(table, "\t", row.Cells[column])
		}
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil || !c.Write {
		return err
	}
	text, err := family.Format()
	if err != nil {
		return err
	}
	return writeIfChanged(filepath.Join(c.Dir, family.Name+".json"), string(text))
}
