// Package starter answers: how does a program of mine start to answer the
// protocol? It holds an adapter for each language, complete but for the place
// between two marks where somebody's own validator goes, and a test file for
// each test runner, which reads exported vectors without this program.
package starter

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

//go:embed python node go java php ruby csharp rust elixir pytest jest gotest junit5 phpunit rspec xunit
var files embed.FS

// Starter is a file to start from.
type Starter struct {
	Name string // the language or test runner: "python", "pytest"
	File string // the name that the file has unless somebody chooses another
	path string // in files
}

// adapters are the starters of adapters, in the order in which they are listed.
var adapters = []Starter{
	{"python", "validator.py", "python/validator.py"},
	{"node", "validator.mjs", "node/validator.mjs"},
	{"go", "validator.go", "go/validator.go"},
	{"java", "Validator.java", "java/Validator.java"},
	{"php", "validator.php", "php/validator.php"},
	{"ruby", "validator.rb", "ruby/validator.rb"},
	{"csharp", "Validator.cs", "csharp/Validator.cs"},
	{"rust", "validator.rs", "rust/validator.rs"},
	{"elixir", "validator.exs", "elixir/validator.exs"},
}

// testFiles are the starters of test files.
var testFiles = []Starter{
	{"pytest", "test_twilio_signature.py", "pytest/test_twilio_signature.py"},
	{"jest", "twilio-signature.test.mjs", "jest/twilio-signature.test.mjs"},
	{"go-test", "twilio_signature_test.go", "gotest/twilio_signature_test.go.txt"},
	{"junit5", "TwilioSignatureTest.java", "junit5/TwilioSignatureTest.java"},
	{"phpunit", "TwilioSignatureTest.php", "phpunit/TwilioSignatureTest.php"},
	{"rspec", "twilio_signature_spec.rb", "rspec/twilio_signature_spec.rb"},
	{"xunit", "TwilioSignatureTests.cs", "xunit/TwilioSignatureTests.cs"},
}

// All returns the starters of adapters, then those of test files.
func All() []Starter { return append(slices.Clone(adapters), testFiles...) }

// alsoCalled are other names, in lower case, of languages, frameworks and test runners.
var alsoCalled = map[string]string{
	"py": "python", "python3": "python", "django": "python", "flask": "python", "fastapi": "python",
	"js": "node", "javascript": "node", "nodejs": "node", "ts": "node", "typescript": "node", "express": "node",
	"golang": "go", "laravel": "php", "symfony": "php", "rb": "ruby", "rails": "ruby", "sinatra": "ruby", "rack": "ruby",
	"c#": "csharp", "cs": "csharp", "dotnet": "csharp", ".net": "csharp", "aspnet": "csharp", "spring": "java",
	"rs": "rust", "ex": "elixir", "phoenix": "elixir",
	"node:test": "jest", "gotest": "go-test", "go test": "go-test", "junit": "junit5", "xunit.net": "xunit",
}

// Find returns the starter of that name; the error lists the names there are.
func Find(name string) (Starter, error) {
	word := strings.ToLower(name)
	if meant := alsoCalled[word]; meant != "" {
		word = meant
	}
	for _, s := range All() {
		if s.Name == word {
			return s, nil
		}
	}
	what := fmt.Sprintf("there is no starter %q", name)
	if name == "" {
		what = "name a language or a test runner"
	}
	return Starter{}, fmt.Errorf("%s\n    languages: %s\n    test runners: %s\n    "+
		"another language: adapters/README.md has the protocol, one line of JSON for each request", what, names(adapters), names(testFiles))
}

func names(starters []Starter) string {
	var names []string
	for _, s := range starters {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// step is the line of a file that says a step, behind the sign of a comment.
var step = regexp.MustCompile(`^[/# ]*(?:\d\. (.*)|   (\S.*))$`)

// Steps are what is to be done with a file that Text returned, as its first lines say.
func Steps(text string) []string {
	var steps []string
	for line := range strings.Lines(text) {
		m := step.FindStringSubmatch(strings.TrimRight(line, "\n"))
		switch {
		case m == nil && steps != nil:
			return steps
		case m == nil:
		case m[1] != "":
			steps = append(steps, fmt.Sprintf("%d. %s", len(steps)+1, m[1]))
		case steps != nil:
			steps[len(steps)-1] += "\n       " + m[2]
		}
	}
	return steps
}

// Text returns the file, which is to have that path: what it says of how it is
// run names it. "" stands for [Starter.File].
func (s Starter) Text(name string) (string, error) {
	text, err := files.ReadFile(s.path)
	if err != nil {
		return "", err
	}
	if name == "" {
		name = s.File
	}
	return strings.ReplaceAll(string(text), s.File, name), nil
}
