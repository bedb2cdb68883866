package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sigconform/adapters/starter"
)

type initCmd struct {
	Kind string `arg:"" optional:"" help:"The language of your validator, or your test runner: one of the names below."`
	File string `arg:"" optional:"" help:"The file to write; it must not exist. Its usual name if there is none."`
}

// Help is shown by 'sigconform init --help'.
func (initCmd) Help() string {
	return `Languages: python, node, go, java, php, ruby, csharp, rust, elixir.
Test runners: pytest, jest, go-test, junit5, phpunit, rspec, xunit.

The file answers the protocol; only your own function is missing. It is put between two marks:

  sigconform init python my_validator.py
  $EDITOR my_validator.py                             # call your function in validate()
  sigconform run -- python3 my_validator.py

A test file reads the vectors inside your own test suite, without this program:

  sigconform vectors export --out testdata
  sigconform init pytest                              # then fill in validate(), and run pytest`
}

// Run writes the file.
func (c *initCmd) Run() error {
	s, err := starter.Find(c.Kind)
	if err != nil {
		return usage(err)
	}
	name := c.File
	if name == "" {
		name = s.File
	}
	text, err := s.Text(filepath.ToSlash(name))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return usage(err)
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return usage(fmt.Errorf("%s is there already, and nothing is overwritten: choose another name", name))
	} else if err != nil {
		return usage(err)
	}
	if _, err = file.WriteString(text); err == nil {
		err = file.Close()
	}
	if err != nil {
		return usage(err)
	}
	fmt.Fprintf(stdout, "wrote %s\n    %s\n", name, strings.Join(starter.Steps(text), "\n    "))
	return nil
}
