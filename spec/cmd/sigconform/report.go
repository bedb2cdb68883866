package main

import (
	"fmt"
	"os"
	"path/filepath"

	"sigconform/spec/report"
	"sigconform/vectors/files"
)

type reportCmd struct {
	Schema      reportSchemaCmd      `cmd:"" help:"Print the JSON schema of report.json, or of matrix.json."`
	Render      reportRenderCmd      `cmd:"" help:"Write index.html and report.md from a report.json."`
	Annotations reportAnnotationsCmd `cmd:"" help:"Print the failures of a report.json as annotations of a GitHub workflow."`
}

type reportSchemaCmd struct {
	Of string `arg:"" optional:"" enum:"report,matrix" default:"report" help:"report or matrix."`
}

// Run prints the schema.
func (c *reportSchemaCmd) Run() error {
	schema := map[string][]byte{"report": report.SchemaJSON, "matrix": report.MatrixSchemaJSON}[c.Of]
	_, err := stdout.Write(schema)
	return err
}

type reportRenderCmd struct {
	Report string `arg:"" help:"A report.json, or the folder that contains one."`
	Out    string `help:"The folder to write into." placeholder:"DIR" default:"."`
}

// Run writes the pages that a run would have written.
func (c *reportRenderCmd) Run() error {
	r, err := report.Read(c.Report)
	if err != nil {
		return usage(err)
	}
	if err := writePages(c.Out, r); err != nil {
		return usage(err)
	}
	fmt.Fprintf(stdout, "report in %s\n", filepath.Join(c.Out, "index.html"))
	return nil
}

type reportAnnotationsCmd struct {
	Report string `arg:"" help:"A report.json, or the folder that contains one."`
}

// Run prints workflow commands.
func (c *reportAnnotationsCmd) Run() error {
	r, err := report.Read(c.Report)
	if err != nil {
		return usage(err)
	}
	_, err = os.Stdout.WriteString(r.Annotations()) // they are commands, each escaped
	return err
}

// writeReport writes all files of a report into a folder.
func writeReport(dir string, r *report.Report) error {
	data, err := r.JSON()
	if err != nil {
		return err
	}
	junit, err := r.JUnit()
	if err != nil {
		return err
	}
	if err := writeFiles(dir, map[string][]byte{"report.json": data, "junit.xml": junit}); err != nil {
		return err
	}
	return writePages(dir, r)
}

// writePages writes what persons read.
func writePages(dir string, r *report.Report) error {
	page, err := r.HTML()
	if err != nil {
		return err
	}
	return writeFiles(dir, map[string][]byte{"index.html": page, "report.md": []byte(r.Markdown())})
}

// writeFiles writes files by their names into a folder, which it makes.
func writeFiles(dir string, all map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for name, data := range all {
		if err := files.Write(filepath.Join(dir, name), data); err != nil {
			return err
		}
	}
	return nil
}
