package main

import (
	"fmt"
	"os"
	"path/filepath"

	"sigconform/spec/conformance"
	"sigconform/vectors"
)

type vectorsCmd struct {
	New     newCmd     `cmd:"" help:"Write the skeleton of a vector into the file of its family."`
	Sign    signCmd    `cmd:"" help:"Fill in what nobody writes by hand (signatures, strings to sign, ids.txt) and format the files."`
	Lint    lintCmd    `cmd:"" help:"Say everything that is wrong with vector files, where, and how it is mended."`
	Promote promoteCmd `cmd:"" help:"Put what fuzzing found, reviewed, into its family."`
}

type signCmd struct {
	Dir         string   `arg:"" optional:"" default:"vectors" help:"The folder of vector files."`
	Unpublished []string `help:"Record this vector anew in ids.txt: one that nobody else has seen yet." placeholder:"ID"`
}

// Run signs every vector of the folder and writes back what changed.
func (c *signCmd) Run() error {
	corpus, err := vectors.Load(c.Dir)
	if err != nil {
		return usage(err)
	}
	for _, family := range corpus.Families {
		for _, v := range family.Vectors {
			if v.Unfinished() {
				fmt.Printf("%s:%d: %s: not signed, it still says TODO\n", family.File, v.Line, v.ID)
				continue
			}
			if err := v.Sign(); err != nil {
				return usage(fmt.Errorf("%s:%d: %s: %w", family.File, v.Line, v.ID, err))
			}
		}
		text, err := family.Format()
		if err != nil {
			return usage(err)
		}
		if err := writeIfChanged(family.File, string(text)); err != nil {
			return usage(err)
		}
	}
	for _, id := range c.Unpublished {
		if _, err := findVector(corpus.Vectors(), id); err != nil {
			return usage(err)
		}
	}
	ids, err := corpus.IDs(c.Unpublished...)
	if err != nil || ids == "" {
		return err
	}
	return writeIfChanged(filepath.Join(c.Dir, "ids.txt"), ids)
}

func writeIfChanged(file, text string) error {
	if old, err := os.ReadFile(file); err == nil && string(old) == text {
		return nil
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		return usage(err)
	}
	fmt.Println("wrote", file)
	return nil
}

type lintCmd struct {
	Dir string `arg:"" optional:"" default:"vectors" help:"The folder of vector files."`
}

// Run prints the faults; a folder that has some is an error.
func (c *lintCmd) Run() error {
	if info, err := os.Stat(c.Dir); err != nil || !info.IsDir() {
		return usage(fmt.Errorf("%s is no folder of vector files", c.Dir))
	}
	faults := vectors.Lint(os.DirFS(c.Dir), c.Dir)
	for _, fault := range faults {
		fmt.Println(fault)
	}
	if len(faults) > 0 {
		fmt.Println(plural(len(faults), "fault", "faults"))
		return exitError{status: conformance.StatusNotConformant}
	}
	fmt.Printf("%s: nothing wrong\n", c.Dir)
	return nil
}
