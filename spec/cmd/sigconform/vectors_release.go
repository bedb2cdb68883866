package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"sigconform/spec/conformance"
	"sigconform/vectors"
)

type releaseCmd struct {
	Version string `arg:"" help:"The version, as in 1.2.0."`
	Dir     string `arg:"" optional:"" default:"vectors" help:"The folder of vector files."`
	Check   bool   `help:"Change nothing, and fail if something keeps the folder from being this version."`
}

// Help is shown by 'sigconform vectors release --help'.
func (c *releaseCmd) Help() string {
	return `In ids.txt the ids that say "next" get the number, in CHANGELOG.md the section Unreleased does. Commit both, and tag
that commit. 'make release' checks it:

  sigconform vectors release 1.2.0
  sigconform vectors release --check v1.2.0`
}

// Run stamps the folder or checks it.
func (c *releaseCmd) Run() error {
	corpus, err := vectors.Load(c.Dir)
	if err != nil {
		return usage(err)
	}
	if c.Check {
		reasons := corpus.Unreleased(c.Version)
		for _, reason := range reasons {
			fmt.Fprintln(stdout, reason)
		}
		if len(reasons) > 0 {
			fmt.Fprintf(stdout, "%s is not %s: 'sigconform vectors release VERSION' gives what is new its number\n", c.Dir, c.Version)
			return exitError{status: conformance.StatusNotConformant}
		}
		fmt.Fprintf(stdout, "%s can be released as %s\n", c.Dir, c.Version)
		return nil
	}
	if faults := vectors.LintFolder(c.Dir); len(faults) > 0 {
		return usage(errors.New("the vectors have faults; 'sigconform vectors lint' names them"))
	}
	ids, changelog, err := corpus.Release(strings.TrimPrefix(c.Version, "v"))
	if err != nil {
		return usage(err)
	}
	if err := writeIfChanged(filepath.Join(c.Dir, "ids.txt"), ids); err != nil {
		return err
	}
	return writeIfChanged(filepath.Join(c.Dir, "CHANGELOG.md"), changelog)
}
