package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"sigconform/vectors"
)

// This file says what is wrong with a command line: what happened, what was
// probably meant, and where to read on.

// commandsMeant are words that people type for a command of another name.
var commandsMeant = map[string]string{
	"test": "run", "check": "run", "validate": "run", "verify": "run", "conformance": "run", "start": "run",
	"new": "vectors new", "lint": "vectors lint", "sign": "vectors sign", "export": "vectors export", "diff": "vectors diff",
	"sdks": "adapters", "questions": "rules", "causes": "defects", "mistakes": "defects", "version": "--version",
}

// flagsMeant are words that people type for a flag of another name.
var flagsMeant = map[string]string{
	"token": "auth-token-file", "auth-token": "auth-token-file", "url": "endpoint", "output": "report", "out": "report",
	"only": "id", "vector": "id", "family": "id", "seconds": "time", "duration": "time",
}

var (
	noValue     = regexp.MustCompile(`^(--[\w-]+)(?:=\S+)?: (?:expected \w+ value but got|missing value)(?: "(--)")?`)
	wrongTime   = regexp.MustCompile(`^(--[\w-]+)(?:=\S+)?: expected duration but got "([^"]*)"`)
	wrongNumber = regexp.MustCompile(`^(--[\w-]+)(?:=\S+)?: expected a valid \d+ bit u?int but got "([^"]*)"`)
	wrongChoice = regexp.MustCompile(`^(--[\w-]+)(?:=\S+)? must be one of (.*) but got (".*")$`)
	unknownFlag = regexp.MustCompile(`^unknown flag (-\S*?)(?:, did you mean .*)?$`)
	unexpected  = regexp.MustCompile(`^unexpected argument (.*?)(?:, did you mean (.*)\?)?$`)
	noCommand   = regexp.MustCompile(`^expected (one of )?"\w+",? ?`)
	missing     = regexp.MustCompile(`^expected "<(.*)>"`)
	digits      = regexp.MustCompile(`^\d+$`)
)

// misuse puts an error of the parser into words.
func misuse(err error) string {
	var node *kong.Node
	if parsing := (*kong.ParseError)(nil); errors.As(err, &parsing) {
		node = parsing.Context.Selected()
	}
	command := "sigconform"
	if node != nil {
		command = node.FullPath()
	}
	return fmt.Sprintf("%s\n    '%s --help' says how it is used", wrongLine(err.Error(), node), command)
}

func wrongLine(said string, node *kong.Node) string {
	if m := noValue.FindStringSubmatch(said); m != nil {
		value := "VALUE"
		for _, flag := range flagsOf(node) {
			if "--"+flag.Name == m[1] {
				value = cmp.Or(flag.PlaceHolder, strings.ToUpper(flag.Name))
			}
		}
		if m[2] != "" {
			return fmt.Sprintf("%s needs a value, and -- follows it; write %s %s -- PROGRAM", m[1], m[1], value)
		}
		return fmt.Sprintf("%s needs a value; write %s %s", m[1], m[1], value)
	}
	if m := wrongTime.FindStringSubmatch(said); m != nil && digits.MatchString(m[2]) {
		return fmt.Sprintf("%s %s has no unit; write %s %ss", m[1], m[2], m[1], m[2])
	} else if m != nil {
		return fmt.Sprintf("%s %s is not a time; one looks like 5s or 2m", m[1], m[2])
	}
	if m := wrongNumber.FindStringSubmatch(said); m != nil {
		return fmt.Sprintf("%s %s is not a number", m[1], m[2])
	}
	if m := wrongChoice.FindStringSubmatch(said); m != nil {
		choices := strings.NewReplacer(`,""`, "", `"`, "", ",", ", ").Replace(m[2])
		return fmt.Sprintf("%s is %s, and must be one of %s", m[1], m[3], choices)
	}
	if m := unknownFlag.FindStringSubmatch(said); m != nil {
		return noSuchFlag(m[1], flagsOf(node))
	}
	if m := missing.FindStringSubmatch(said); m != nil && node != nil {
		for _, argument := range node.Positional {
			if argument.Name == m[1] {
				return fmt.Sprintf("%s is missing: %s", strings.ToUpper(m[1]), argument.Help)
			}
		}
	}
	if node != nil && len(node.Children) > 0 && noCommand.MatchString(said) {
		var names []string
		for _, child := range node.Children {
			names = append(names, child.Name)
		}
		return "name one of " + strings.Join(names, ", ")
	}
	if m := unexpected.FindStringSubmatch(said); m != nil {
		meant := m[2]
		if node == nil {
			meant = cmp.Or(commandsMeant[m[1]], meant)
		} else if len(node.Children) == 0 {
			return "there is one word too many: " + m[1]
		}
		if meant != "" {
			meant = "; did you mean " + strings.ReplaceAll(strings.TrimPrefix(meant, "one of "), `"`, "") + "?"
		}
		return fmt.Sprintf("there is no command %s%s", m[1], meant)
	}
	return said
}

// noSuchFlag says that a flag does not exist, and which one was probably meant.
func noSuchFlag(typed string, flags []*kong.Flag) string {
	long := map[string]bool{}
	for _, flag := range flags {
		long[flag.Name] = true
	}
	name, _, _ := strings.Cut(strings.TrimLeft(typed, "-"), "=")
	switch meant := flagsMeant[name]; {
	case strings.HasSuffix(name, "token") && long["auth-token-file"]:
		return fmt.Sprintf("there is no flag %s: a token on the command line can be read by others. "+
			"Set TWILIO_AUTH_TOKEN, or name a file with --auth-token-file", typed)
	case long[name]:
		return fmt.Sprintf("there is no flag %s; did you mean --%s, with two dashes?", typed, name)
	case long[meant]:
		return fmt.Sprintf("there is no flag %s; did you mean --%s?", typed, meant)
	}
	if near := vectors.Nearest(name, long); near != "" && len(name) > 1 {
		return fmt.Sprintf("there is no flag %s; did you mean --%s?", typed, near)
	}
	return "there is no flag " + typed
}

// flagsOf are the flags of a command; nil is the program itself.
func flagsOf(node *kong.Node) []*kong.Flag {
	if node == nil {
		return nil
	}
	return slices.Concat(node.AllFlags(false)...)
}

// commandNode is the command of that name.
func commandNode(name string) *kong.Node {
	for _, node := range newParser(new(int)).Model.Children {
		if node.Name == name {
			return node
		}
	}
	return nil
}

// withoutDashes says what is wrong with words that stand where the -- and the
// program belong: a flag that does not exist, or no --.
func withoutDashes(subcommand string, words []string) error {
	node := commandNode(subcommand)
	if strings.HasPrefix(words[0], "-") {
		typed := words[0]
		for _, word := range os.Args { // of -strict only -s is left here
			if strings.HasPrefix(word, typed) {
				typed = word
				break
			}
		}
		return fmt.Errorf("%s\n    'sigconform %s --help' lists them", noSuchFlag(typed, flagsOf(node)), subcommand)
	}
	ours, theirs := sortOut(words, flagsOf(node))
	line := []string{"sigconform", subcommand}
	if before := len(os.Args) - len(words); before > 2 {
		line = append(line, os.Args[2:before]...)
	}
	line = append(append(append(line, ours...), "--"), theirs...)
	for i, word := range line {
		line[i] = shellQuote(word)
	}
	return fmt.Errorf("write -- before the program: %s", strings.Join(line, " "))
}

// sortOut takes the flags of ours, with their values, out of the words of a
// program's command line.
func sortOut(words []string, flags []*kong.Flag) (ours, theirs []string) {
	for i := 0; i < len(words); i++ {
		name, _, joined := strings.Cut(words[i], "=")
		at := slices.IndexFunc(flags, func(flag *kong.Flag) bool { return "--"+flag.Name == name })
		if at < 0 {
			theirs = append(theirs, words[i])
			continue
		}
		ours = append(ours, words[i])
		if !joined && !flags[at].IsBool() && i+1 < len(words) {
			i++
			ours = append(ours, words[i])
		}
	}
	return ours, theirs
}

// noteFlags says so if flags of ours stand behind the program, to which they go.
func noteFlags(subcommand string, words []string) {
	if ours, _ := sortOut(words[1:], flagsOf(commandNode(subcommand))); len(ours) > 0 {
		fmt.Fprintf(stderr, "note: %s stands after --, so it goes to %s; a flag of sigconform stands before --\n", ours[0], words[0])
	}
}
