package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sigconform/vectors"
	"sigconform/vectors/files"
)

type newCmd struct {
	Name   string         `arg:"" help:"The family, or family/slug. A family that does not exist yet gets a file of its own."`
	Dir    string         `arg:"" optional:"" default:"vectors" help:"The folder of vector files."`
	Result vectors.Result `help:"What the vector expects: valid, invalid or question." enum:"valid,invalid,question" default:"valid"`
	Like   string         `help:"Copy this vector, and change what differs." placeholder:"ID"`
}

// Help is shown by 'sigconform vectors new --help'.
func (c *newCmd) Help() string {
	return `Writes a skeleton into the family's file. It says TODO wherever something has to be said; 'sign' fills in the rest.

  sigconform vectors new url-port/voice-port-zero
  sigconform vectors new url-port/voice-port-one --like url-port/https-voice-dropped
  sigconform vectors new form-values/comma-unsigned --result invalid
  sigconform vectors new my-proxy ./my-vectors      a folder of your own; sigconform run --vectors ./my-vectors asks it`
}

// Run writes the skeleton and says what to do next.
func (c *newCmd) Run() error {
	corpus, err := vectors.Load(c.Dir)
	if errors.Is(err, vectors.ErrNone) || errors.Is(err, os.ErrNotExist) {
		corpus, err = vectors.Empty(c.Dir), nil
	}
	if err != nil {
		return usage(err)
	}
	id := c.Name
	if !strings.Contains(id, "/") {
		id += "/todo"
	}
	var like *vectors.Vector
	if c.Like != "" {
		// What is copied may be a vector of the folder, or a built-in one.
		if like, err = findVector(append(corpus.Vectors(), vectors.Builtin().Vectors()...), c.Like); err != nil {
			return usage(err)
		}
	}
	v, err := corpus.Skeleton(id, c.Result, like)
	if err != nil {
		return usage(err)
	}
	text, err := v.Family.Format()
	if err != nil {
		return usage(err)
	}
	if err := os.MkdirAll(c.Dir, 0o777); err != nil {
		return usage(err)
	}
	file := filepath.Join(c.Dir, v.Family.Name+".json")
	if err := files.Write(file, text); err != nil {
		return usage(err)
	}
	c.explain(stdout, file, v.StartLine(text), v)
	return nil
}

// explain says what its author has to do with a skeleton.
func (c *newCmd) explain(out io.Writer, file string, line int, v *vectors.Vector) {
	dir := ""
	if c.Dir != "vectors" {
		dir = " " + shellQuote(c.Dir)
	}
	fmt.Fprintf(out, "%s:%d: %s waits for you.\n\n", file, line, v.ID)
	fmt.Fprintf(out, "  1. Say everything that reads TODO, and change the request to the one that you want to send.\n")
	switch {
	case v.Result == vectors.Valid:
		fmt.Fprintf(out, "     \"signed\": {} means: signed as the rules say.\n")
	case v.Result == vectors.Invalid:
		fmt.Fprintf(out, "     \"signed\" says how the signature was made instead: another url, params, token, mac or encoding.\n")
	default:
		fmt.Fprintf(out, "     \"signed\" says how the signature was made that a validator with this answer accepts.\n")
	}
	fmt.Fprintf(out, "  2. sigconform vectors sign%s    fills in the signature and whatever else is derived\n", dir)
	fmt.Fprintf(out, "  3. sigconform vectors lint%s    says what is still wrong, and how to fix it\n", dir)
	if c.Dir == "vectors" {
		fmt.Fprintf(out, "\n'make vectors' does 2 and 3. vectors/README.md says more.\n")
	}
}

// findVector returns the vector with the id; the error names the nearest one.
func findVector(all []*vectors.Vector, id string) (*vectors.Vector, error) {
	known := map[string]*vectors.Vector{}
	for _, v := range all {
		known[v.ID] = v
	}
	if v := known[id]; v != nil {
		return v, nil
	}
	hint := "'sigconform list' lists them"
	if near := vectors.Nearest(id, known); near != "" {
		hint = "did you mean " + near + "?"
	}
	return nil, fmt.Errorf("there is no vector %s\n    %s", id, hint)
}
