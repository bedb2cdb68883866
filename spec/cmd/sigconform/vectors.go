package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sigconform/spec/conformance"
	"sigconform/spec/endpoint"
	"sigconform/vectors"
	"sigconform/vectors/files"
)

type vectorsCmd struct {
	New          newCmd          `cmd:"" help:"Write the skeleton of a vector into the file of its family."`
	Sign         signCmd         `cmd:"" help:"Fill in signatures, strings to sign and ids.txt, and format the files."`
	Lint         lintCmd         `cmd:"" help:"Say everything that is wrong with vector files, where, and how to fix it."`
	Diff         diffCmd         `cmd:"" help:"Say what was added, retired and reworded between two versions, or two folders."`
	Release      releaseCmd      `cmd:"" help:"Give what belongs to the next version its number, or check that nothing is left without one."`
	Export       exportCmd       `cmd:"" help:"Write all vectors as one flat JSON document, for test suites of other languages."`
	Promote      promoteCmd      `cmd:"" help:"Put what fuzzing found, reviewed, into its family."`
	Combinations combinationsCmd `cmd:"" help:"Show the rules on ports and userinfo in every combination, and write their vectors."`
}

type signCmd struct {
	Dir         string   `arg:"" optional:"" default:"vectors" help:"The folder of vector files."`
	Unpublished []string `help:"Record this vector again in ids.txt: one that nobody else has seen yet." placeholder:"ID"`
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
				fmt.Fprintf(stdout, "%s:%d: %s: not signed, it still says TODO\n", family.File, v.Line, v.ID)
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
	ids, err := corpus.IDs(checkIDs(), append(unpublished(c.Dir, corpus), c.Unpublished...)...)
	if err != nil || ids == "" {
		return err
	}
	return writeIfChanged(filepath.Join(c.Dir, "ids.txt"), ids)
}

// checkIDs are the ids of what only a running endpoint can show.
func checkIDs() []string {
	var ids []string
	for _, check := range endpoint.Checks() {
		ids = append(ids, check.Vector.ID)
	}
	return ids
}

// unpublished are the ids of the folder that nobody else can have seen: those that
// no version has and that are not in its ids.txt as it was committed or, where there is no git, not among
// the built-in vectors. Their vectors may still change.
func unpublished(dir string, corpus *vectors.Corpus) []string {
	seen := map[string]bool{}
	show := exec.Command("git", "show", "HEAD:./ids.txt")
	show.Dir = dir
	if committed, err := show.Output(); err == nil {
		for _, line := range strings.Split(string(committed), "\n") {
			id, _, _ := strings.Cut(line, " ")
			seen[id] = true
		}
	} else {
		for _, v := range vectors.Builtin().Vectors() {
			seen[v.ID] = true
		}
	}
	var ids []string
	for _, v := range corpus.Vectors() {
		if !seen[v.ID] && (v.Since == "" || v.Since == vectors.Next) {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

func writeIfChanged(file, text string) error {
	if old, err := files.Read(file, files.Vectors); err == nil && string(old) == text {
		return nil
	}
	if err := files.Write(file, []byte(text)); err != nil {
		return usage(err)
	}
	fmt.Fprintln(stdout, "wrote", file)
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
	faults := vectors.LintFolder(c.Dir)
	for _, fault := range faults {
		fmt.Fprintln(stdout, fault)
	}
	if len(faults) > 0 {
		fmt.Fprintln(stdout, plural(len(faults), "fault", "faults"))
		return exitError{status: conformance.StatusNotConformant}
	}
	fmt.Fprintf(stdout, "%s: nothing wrong\n", c.Dir)
	return nil
}
