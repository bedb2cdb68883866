package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigconform/fuzz"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

type promoteCmd struct {
	File string `arg:"" help:"A file that 'sigconform fuzz --out' wrote, reviewed."`

	Dir    string `help:"The folder of vector files." default:"vectors"`
	Family string `help:"The family to put it into; by default the one that has most vectors about its rule." placeholder:"NAME"`
	As     string `help:"The part of its id behind the family." placeholder:"SLUG"`
	Flag   string `help:"The flag of the family that says what a validator gets wrong which fails it." placeholder:"NAME"`
}

// Help is shown by 'sigconform vectors promote --help'.
func (c *promoteCmd) Help() string {
	return `Reviewed means: comment and rules say what a reader has to know, and the result follows from the rules.

  sigconform vectors promote findings/userinfo-kept-1a2b3c.json --as user-and-port

The vector gets an id of its own and is signed, the family's file and ids.txt are written, and everything is linted.`
}

// Run moves the last vector of the file into its family.
func (c *promoteCmd) Run() error {
	candidate, err := fuzz.ReadCandidate(c.File)
	if err != nil {
		return usage(err)
	}
	if len(candidate.Vectors) > 1 {
		return usage(fmt.Errorf("%s: its request fails only after %d others, which a vector cannot say", c.File, len(candidate.Vectors)-1))
	}
	corpus, err := vectors.Load(c.Dir)
	if err != nil {
		return usage(err)
	}
	v := candidate.Vectors[0]
	family, err := c.family(corpus, v)
	if err != nil {
		return usage(err)
	}
	slug := c.As
	if slug == "" {
		slug = "fuzz-" + candidate.Name
	}
	v.ID, v.Family, v.Flags = family.Name+"/"+slug, family, nil
	if c.Flag != "" {
		v.Flags = []string{c.Flag}
	}
	for _, other := range corpus.Vectors() {
		if other.ID == v.ID {
			return usage(fmt.Errorf("the id %s is taken; choose another with --as", v.ID))
		}
	}
	if err := v.Sign(); err != nil {
		return usage(err)
	}
	family.Vectors = append(family.Vectors, v)
	text, err := family.Format()
	if err != nil {
		return usage(err)
	}
	if err := writeIfChanged(family.File, string(text)); err != nil {
		return err
	}
	if err := c.record(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s is in %s\n", v.ID, family.File)
	return c.lint(v.ID)
}

// family finds where the vector belongs: to the family with most vectors about
// its first rule.
func (c *promoteCmd) family(corpus *vectors.Corpus, v *vectors.Vector) (*vectors.Family, error) {
	if c.Family != "" {
		for _, f := range corpus.Families {
			if f.Name == c.Family {
				return f, nil
			}
		}
		return nil, fmt.Errorf("there is no family %q in %s", c.Family, c.Dir)
	}
	if len(v.Rules) == 0 {
		return nil, errors.New("it names no rule: say one in the file, or a family with --family")
	}
	best, most := (*vectors.Family)(nil), 0
	for _, f := range corpus.Families {
		n := 0
		for _, other := range f.Vectors {
			if slices.Contains(other.Rules, v.Rules[0]) {
				n++
			}
		}
		if n > most {
			best, most = f, n
		}
	}
	if best == nil {
		return nil, fmt.Errorf("no family is about the rule %q: name one with --family", v.Rules[0])
	}
	return best, nil
}

// record writes the new id into ids.txt, if the folder has one.
func (c *promoteCmd) record() error {
	file := filepath.Join(c.Dir, "ids.txt")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	corpus, err := vectors.Load(c.Dir)
	if err != nil {
		return usage(err)
	}
	ids, err := corpus.IDs(nil)
	if err != nil {
		return usage(err)
	}
	return writeIfChanged(file, ids)
}

// lint says what is still to be done by hand for the new vector.
func (c *promoteCmd) lint(id string) error {
	left := 0
	for _, fault := range vectors.LintFolder(c.Dir) {
		if strings.Contains(fault.Message, id) {
			left++
			fmt.Fprintln(stdout, fault)
		}
	}
	if left > 0 {
		fmt.Fprintf(stdout, "%d things are left to do\n", left)
		return exitError{status: conformance.StatusNotConformant}
	}
	return nil
}
