package main

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/alecthomas/kong"

	"sigconform/reference/defect"
	"sigconform/spec/endpoint"
	"sigconform/vectors"
)

// example is a line of a help text that somebody would paste: a command that is
// indented, up to the explanation or the pipe behind it.
var example = regexp.MustCompile(`(?m)^ +sigconform( .*?)?(?:  .*| \| .*)?$`)

// TestHelpExamples: every command in a help text is one that the command line
// takes, and the vectors, rules and defects that it names exist.
func TestHelpExamples(t *testing.T) {
	parser, err := kong.New(&commandLine{}, kong.BindTo(t.Context(), (*context.Context)(nil)))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"sigconform": description}
	for _, leaf := range parser.Model.Leaves(false) {
		if help, ok := leaf.Target.Addr().Interface().(kong.HelpProvider); ok {
			texts[leaf.Path()] = help.Help()
		}
	}
	examples := 0
	for path, text := range texts {
		for _, found := range example.FindAllStringSubmatch(text, -1) {
			examples++
			for _, fault := range faultsOf(t, words(t, found[1])) {
				t.Errorf("%s --help: sigconform%s: %s", path, found[1], fault)
			}
		}
	}
	if examples < 30 || len(texts) < 10 {
		t.Errorf("found %d examples in %d help texts", examples, len(texts))
	}
}

// TestHelpFaults: the faults that TestHelpExamples is there for are seen.
func TestHelpFaults(t *testing.T) {
	for _, command := range []string{
		"run --no-such-flag", "validator --defect trims-values", "run -- sigconform validator --defect trims-values",
		"show no-such/vector", "rules no-such-rule", "defects no-such-defect", "explain no-such/vector", "no-such-command",
		"vectors new my-proxy/x --like no-such/vector",
	} {
		if len(faultsOf(t, strings.Fields(command))) == 0 {
			t.Errorf("sigconform %s: no fault", command)
		}
	}
}

// faultsOf says what is wrong with a command line. It runs nothing.
func faultsOf(t *testing.T, args []string) (faults []string) {
	t.Helper()
	var line commandLine
	parser, err := kong.New(&line, kong.BindTo(t.Context(), (*context.Context)(nil)))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return []string{err.Error()}
	}
	missing := func(kind, name string, there bool) {
		if name != "" && !there {
			faults = append(faults, "there is no "+kind+" "+name)
		}
	}
	vector := func(id string) { missing("vector", id, vectorIDs()[id]) }
	switch command, _, _ := strings.Cut(parsed.Command(), " <"); command {
	case "validator":
		if _, err := composed(line.Validator.Defect); err != nil {
			faults = append(faults, err.Error())
		}
	case "run", "fuzz":
		program, err := program(command, append(line.Run.Command, line.Fuzz.Command...))
		if err != nil {
			return []string{err.Error()}
		}
		if len(program) > 0 && program[0] == "sigconform" {
			return faultsOf(t, program[1:])
		}
	case "show":
		vector(line.Show.ID)
	case "explain":
		vector(line.Explain.ID)
	case "vectors new":
		vector(line.Vectors.New.Like)
	case "rules":
		_, rule := vectors.Rules().Rules[line.Rules.Slug]
		_, question := vectors.Rules().Questions[line.Rules.Slug]
		missing("rule or question", line.Rules.Slug, rule || question)
	case "defects":
		_, err := defect.Find(line.Defects.Slug)
		missing("defect", line.Defects.Slug, err == nil)
	}
	return faults
}

// vectorIDs are the ids of the vectors; to read them takes a while.
var vectorIDs = sync.OnceValue(func() map[string]bool {
	ids := map[string]bool{}
	for _, v := range vectors.Builtin().Vectors() {
		ids[v.ID] = true
	}
	for _, check := range endpoint.Checks() {
		ids[check.Vector.ID] = true
	}
	return ids
})

// words splits a command as a shell does, where only single quotes quote.
func words(t *testing.T, command string) (words []string) {
	t.Helper()
	for i, part := range strings.Split(command, "'") {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}
