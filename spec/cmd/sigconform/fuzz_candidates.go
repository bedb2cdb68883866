package main

import (
	"os"
	"slices"

	"sigconform/fuzz"
)

// This file keeps the files of findings: one for each, under the name of its cause.

// candidates are the files that were written.
type candidates struct {
	dir    string // "" for none
	repeat func(file string) string
	files  map[*fuzz.Finding]string
}

// write writes the file of a finding, in place of one under the name of another cause.
func (c *candidates) write(f *fuzz.Finding) error {
	if c.dir == "" {
		return nil
	}
	file, err := f.WriteCandidate(c.dir, c.repeat)
	if err != nil {
		return err
	}
	before := c.files[f]
	c.files[f] = file
	return c.remove(before)
}

// tidy removes the files of findings that turned out to be others.
func (c *candidates) tidy(found []*fuzz.Finding) error {
	for f, file := range c.files {
		if slices.Contains(found, f) {
			continue
		}
		delete(c.files, f)
		if err := c.remove(file); err != nil {
			return err
		}
	}
	return nil
}

// remove removes a file that was written, unless a finding has it by now.
func (c *candidates) remove(file string) error {
	for _, of := range c.files {
		if of == file {
			return nil
		}
	}
	if file == "" {
		return nil
	}
	return os.Remove(file)
}

// command repeats a finding.
func (c *candidates) command(f *fuzz.Finding) string {
	if file := c.files[f]; file != "" {
		return c.repeat(file)
	}
	return "--out DIR writes a file for it"
}
