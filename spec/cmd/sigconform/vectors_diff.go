package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"sigconform/spec/conformance"
	"sigconform/vectors"
)

type diffCmd struct {
	Old  string `arg:"" help:"A version, as in 1.0 or 1.0.0, or a folder of vector files."`
	New  string `arg:"" optional:"" help:"The same; the built-in vectors if it is not given."`
	JSON bool   `name:"json" help:"Write JSON."`
}

// Help is shown by 'sigconform vectors diff --help'.
func (c *diffCmd) Help() string {
	return `What a run of the newer vectors can show that one of the older did not:

  sigconform vectors diff 1.0                     # since then
  sigconform vectors diff 1.0 1.1
  sigconform vectors diff ../v1.0.0/vectors vectors

Only folders have the texts of both, so that it can be said what was reworded. An id under which token, request or
expectation changed, or one that vanished, is an error of the newer vectors: exit status 1. 'vectors lint' finds it too.`
}

// Run prints the differences.
func (c *diffCmd) Run() error {
	older, oldName, err := vectorSet(c.Old)
	if err != nil {
		return usage(err)
	}
	newer, newName, err := vectorSet(c.New)
	if err != nil {
		return usage(err)
	}
	changes := vectors.Diff(older, newer)
	if !changes.Texts && len(changes.Vanished) > 0 { // no version loses an id without a word
		return usage(fmt.Errorf("%s is older than %s: give the older one first", newName, oldName))
	}
	if c.JSON {
		err = writeJSON(stdout, rowsOfChanges(changes))
	} else {
		fmt.Fprintf(stdout, "from %s to %s: %d added, %d retired, %s\n",
			oldName, newName, len(changes.Added), len(changes.Retired), rewordedCount(changes))
		for _, part := range parts(changes) {
			writeChanges(part.label, part.changes)
		}
	}
	if err == nil && len(changes.Changed)+len(changes.Vanished) > 0 {
		return exitError{status: conformance.StatusNotConformant}
	}
	return err
}

// vectorSet reads a version of the built-in vectors, or a folder.
func vectorSet(named string) (set vectors.Set, name string, err error) {
	builtin := vectors.Builtin()
	if named == "" {
		set, err = vectors.SetOf(builtin)
		return set, "the built-in vectors", err
	}
	if info, statErr := os.Stat(named); statErr == nil && info.IsDir() {
		folder, err := vectors.Load(named)
		if err != nil {
			return set, "", err
		}
		set, err = vectors.SetOf(folder)
		return set, named, err
	} else if strings.ContainsRune(named, os.PathSeparator) {
		return set, "", cmp.Or(statErr, errors.New(named+" is no folder"))
	}
	version, err := builtin.Version(named)
	if err != nil {
		return set, "", fmt.Errorf("%w; a folder of that name is not here either", err)
	}
	set, err = vectors.SetAsOf(builtin, version)
	return set, version, err
}

func rewordedCount(changes vectors.Changes) string {
	if !changes.Texts {
		return "what was reworded is in CHANGELOG.md"
	}
	return fmt.Sprintf("%d reworded", len(changes.Reworded))
}

type changesPart struct {
	label   string
	changes []vectors.Change
}

func parts(changes vectors.Changes) []changesPart {
	return []changesPart{
		{"changed under the same id, which is an error: an id never changes its meaning", changes.Changed},
		{"vanished, which is an error: nothing says that they were retired", changes.Vanished},
		{"added", changes.Added}, {"retired", changes.Retired}, {"reworded", changes.Reworded},
	}
}

func writeChanges(label string, changes []vectors.Change) {
	if len(changes) == 0 {
		return
	}
	fmt.Fprintf(stdout, "\n%s (%d)\n", label, len(changes))
	ids, results := 0, 0
	for _, change := range changes {
		ids = max(ids, len(change.ID))
		if change.Vector != nil {
			results = max(results, len(expects(change.Vector)))
		}
	}
	for _, change := range changes {
		text := "a check of endpoints"
		switch {
		case change.Why != "":
			text = change.Why
		case change.Parts != nil:
			text = strings.Join(change.Parts, ", ")
		case change.Vector != nil:
			text = fmt.Sprintf("%-*s  %s", results, expects(change.Vector), change.Vector.Comment)
		}
		fmt.Fprintf(stdout, "  %-*s  %s\n", ids, change.ID, text)
	}
}

// changeRow is a change as it is listed as JSON.
type changeRow struct {
	ID     string         `json:"id"`
	Since  string         `json:"since,omitempty"`
	Result vectors.Result `json:"result,omitempty"`
	Why    string         `json:"why,omitempty"`
	Parts  []string       `json:"parts,omitempty"`
}

func rowsOfChanges(changes vectors.Changes) any {
	rows := func(all []vectors.Change) []changeRow {
		out := []changeRow{}
		for _, change := range all {
			row := changeRow{ID: change.ID, Why: change.Why, Parts: change.Parts}
			if change.Vector != nil {
				row.Result, row.Since = change.Vector.Result, change.Vector.Since
			}
			out = append(out, row)
		}
		return out
	}
	return map[string][]changeRow{
		"added": rows(changes.Added), "retired": rows(changes.Retired), "reworded": rows(changes.Reworded),
		"changed": rows(changes.Changed), "vanished": rows(changes.Vanished),
	}
}
