package process

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// This file says why a program that cannot be started, or ends without any answer,
// was probably called wrongly, and what to type instead.

// whyNotStarted says why there is no such program.
func whyNotStarted(program string, err error) string {
	info, missing := os.Stat(program)
	isPath := strings.ContainsRune(program, filepath.Separator)
	switch {
	case strings.Contains(program, " "):
		return "the program and each of its arguments are words of their own: without quotes around them all"
	case missing == nil && info.IsDir():
		if sources, err := filepath.Glob(filepath.Join(program, "*.go")); err == nil && len(sources) > 0 {
			return "it is a folder. Name the program that is built from it, or what builds it: go run " + program
		}
		return "it is a folder; name the program in it"
	case missing == nil && !isPath:
		return "it is in this folder, and not on the PATH: write ./" + program
	case missing == nil:
		hint := "chmod +x " + program
		for _, l := range languages { // the first of a language is its usual one
			if l.language == byEnding(program) {
				hint = "name the program that runs it: " + strings.Replace(l.program+" "+program, "go ", "go run ", 1)
				break
			}
		}
		return "it may not be executed; " + hint
	case isPath:
		return "there is no such file"
	}
	return fmt.Sprintf("there is no such program on the PATH; is it installed, and is this its name? (%v)", err)
}

// misstarted says, as the continuation of a sentence, what is wrong with the
// command of a program that ended and never answered; "" if nothing shows.
func (a *asking) misstarted() string {
	command := a.options.Command
	runs := byProgram(command[0])
	for _, word := range command[1:] {
		written := byEnding(word)
		if written == "" || strings.HasPrefix(word, "-") {
			continue
		}
		path := word
		if a.options.Dir != "" && !filepath.IsAbs(path) {
			path = filepath.Join(a.options.Dir, path)
		}
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return fmt.Sprintf(": there is no file %s", word)
		}
		if runs != "" && runs != written {
			return fmt.Sprintf(": %s runs %s, and %s is a file of %s", command[0], title(runs), word, title(written))
		}
		break
	}
	if a.strays > 0 || a.deaths.end != "ended with "+normalEnd {
		return ""
	}
	language := languageOf(command)
	if !slices.Contains([]string{"python", "node", "java", "php", "ruby", "go"}, language) {
		language = "LANGUAGE"
	}
	return fmt.Sprintf(", and wrote nothing. A file that only defines functions, or a web application, does not answer the protocol; "+
		"'sigconform init %s FILE' writes the adapter that does", language)
}

// title is a language as it is written in a sentence.
func title(language string) string {
	switch language {
	case "php":
		return "PHP"
	case "node":
		return "JavaScript"
	case "dotnet":
		return ".NET"
	}
	return strings.ToUpper(language[:1]) + language[1:]
}
