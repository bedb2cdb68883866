// Package starter answers: how does a program of mine start to answer the
// protocol? It holds an adapter for each language, complete but for the place
// between two marks where somebody's own validator goes, and a test file for
// each test runner, which reads exported vectors without this program.
package starter

import (
	"embed"
	"fmt"
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

// Find returns the starter of that name; the error lists the names there are.
func Find(name string) (Starter, error) {
	var names []string
	for _, s := range All() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Starter{}, fmt.Errorf("there is no starter %q; there are %s", name, strings.Join(names, ", "))
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
