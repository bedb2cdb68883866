package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"sigconform/spec/report"
	"sigconform/vectors"
)

type exportCmd struct {
	Format string `help:"json: one document. ndjson: a head, then a vector on each line." enum:"json,ndjson" default:"json"`
	Out    string `help:"The folder to write vectors.json or vectors.ndjson into, instead of standard output." placeholder:"DIR"`
	AsOf   string `help:"Write only what this version had, as in 1.0." placeholder:"VERSION"`
	Dir    string `arg:"" optional:"" help:"A folder of vector files, instead of the built-in ones."`
}

// Help is shown by 'sigconform vectors export --help'.
func (exportCmd) Help() string {
	return `Every text is written out, every body is in Base64; what the docs leave open stands apart, in "questions",
and so do the requests with a settings header, in "sharedKeyVectors": they are for validators that support SharedKeys.
The head has the count and the digest of the vectors, so that a test can tell that it has read them all:

  sigconform vectors export --out testdata
  sigconform vectors export --as-of 1.0 --out testdata
  sigconform init pytest                      # a test that reads it, without this program`
}

// Run writes the vectors.
func (c *exportCmd) Run() error {
	corpus := vectors.Builtin()
	if c.Dir != "" {
		var err error
		if corpus, err = vectors.Load(c.Dir); err != nil {
			return usage(err)
		}
	}
	all, err := asOf(corpus, c.AsOf)
	if err != nil {
		return usage(err)
	}
	export := vectors.NewExport(all, version(), report.Digest(all))
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	lines.SetEscapeHTML(false)
	if c.Format == "json" {
		lines.SetIndent("", " ")
		err = lines.Encode(export)
	} else {
		head := export
		head.Vectors, head.Open, head.SharedKey = nil, nil, nil
		err = lines.Encode(head)
		for _, v := range slices.Concat(export.Vectors, export.Open, export.SharedKey) {
			if err == nil {
				err = lines.Encode(v)
			}
		}
	}
	switch {
	case err != nil:
		return err
	case c.Out == "":
		_, err = os.Stdout.Write(out.Bytes())
		return err
	}
	name := "vectors." + c.Format
	if err := writeFiles(c.Out, map[string][]byte{name: out.Bytes()}); err != nil {
		return usage(err)
	}

	fmt.Fprintln(stdout, "wrote", filepath.Join(c.Out, name))
	return nil
}
