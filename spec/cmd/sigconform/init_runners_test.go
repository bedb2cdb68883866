package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigconform/adapters/starter"
	"sigconform/vectors"
)

// runners says how the test file of a test runner is run, and what is put between
// its marks: a validator that answers as expected, but for the ids of one family
// if WRONG is not empty.
var runners = []struct {
	name    string
	check   []string // must succeed where the runner is there
	run     []string
	filling string
	setup   map[string]string // other files
}{
	{"pytest", []string{"python3", "-m", "pytest", "--version"},
		[]string{"python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_twilio_signature.py"},
		"def validate(vector, body):\n    return vector['expected'] == 'valid' or vector['id'].startswith('WRONG')\n", nil},
	{"jest", []string{"node", "--version"}, []string{"node", "--test", "twilio-signature.test.mjs"},
		"function validate(vector, body) { return vector.expected === 'valid' || vector.id.startsWith('WRONG'); }\n", nil},
	{"go-test", []string{"go", "version"}, []string{"go", "test", "./..."},
		"func validate(v twilioVector) (bool, error) {\n\treturn v.Expected == \"valid\" || strings.HasPrefix(v.ID, \"WRONG\"), nil\n}\n" +
			"\nvar _ = errors.New\n",
		map[string]string{"go.mod": "module mypackage\n\ngo 1.21\n"}},
	{"rspec", []string{"rspec", "--version"}, []string{"rspec", "twilio_signature_spec.rb"},
		"def validate(vector, _body)\n  vector['expected'] == 'valid' || vector['id'].start_with?('WRONG')\nend\n", nil},
	{"phpunit", []string{"phpunit", "--version"}, []string{"phpunit", "--do-not-cache-result", "TwilioSignatureTest.php"},
		"private static function validate(array $vector, string $body): bool\n{\n" +
			"    return $vector['expected'] === 'valid' || str_starts_with($vector['id'], 'WRONG');\n}\n", nil},
	{"xunit", []string{"dotnet", "--version"}, nil, "", nil},
}

// TestRunners: inside each test runner a right validator passes and a wrong one
// fails, unless its failures are listed; a list or a set of vectors that is not
// what it should be fails.
func TestRunners(t *testing.T) {
	t.Parallel()
	for _, r := range runners {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			s, err := starter.Find(r.name)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.run) == 0 || exec.Command(r.check[0], r.check[1:]...).Run() != nil {
				t.Skipf("skipped: there is no %s with its libraries", r.name)
			}
			text, err := s.Text("")
			if err != nil {
				t.Fatal(err)
			}
			marks := regexp.MustCompile(`(?s)---- BEGIN your validator -+\n(.*)\n[^\n]*---- END your validator`)
			between := marks.FindStringSubmatchIndex(text)
			if between == nil {
				t.Fatal("it has no place between two marks")
			}
			dir := t.TempDir()
			exportPart(t, dir)
			write := func(name, text string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			for name, text := range r.setup {
				write(name, text)
			}
			passes := func(what string, want bool, says ...string) {
				t.Helper()
				run := exec.Command(r.run[0], r.run[1:]...)
				run.Dir = dir
				run.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
				said, err := run.CombinedOutput()
				if (err == nil) != want {
					t.Errorf("%s: %v\n%.3000s", what, err, said)
				}
				for _, say := range says {
					if !strings.Contains(string(said), say) {
						t.Errorf("%s: it does not say %q\n%.3000s", what, say, said)
					}
				}
			}
			validator := func(wrong string) {
				write(s.File, text[:between[2]]+strings.ReplaceAll(r.filling, "WRONG", wrong)+text[between[3]:])
			}
			write(s.File, text)
			passes("nothing is filled in", false)
			validator("none/")
			passes("a right validator", true)
			validator("form-order/unsorted")
			passes("a wrong validator", false)
			write("known-failures.txt", "# known\nform-order/unsorted it does not sort\n")
			passes("its failure is known", true)
			write("known-failures.txt", "form-order/unsorted it does not sort until=9999-01-31\n")
			passes("its failure is known for a while", true)
			write("known-failures.txt", "form-order/unsorted it does not sort until=2026-01-31\n")
			passes("its failure was known", false, "known until 2026-01-31, which is over", "it does not sort")
			write("known-failures.txt", "form-order/unsorted it does not sort until=soon\n")
			passes("the last day is no date", false)
			write("known-failures.txt", "form-order/unsorted it does not sort\n")
			validator("none/")
			passes("the known failure passes", false)
			write("known-failures.txt", "form-order/no-such-vector it is not there\n")
			passes("the list names no vector", false)
			if err := os.Remove(filepath.Join(dir, "known-failures.txt")); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "testdata", "vectors.json")
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			write(filepath.Join("testdata", "vectors.json"), regexp.MustCompile(`"count": \d+`).ReplaceAllString(string(data), `"count": 1`))
			passes("the count is wrong", false)
		})
	}
}

// installed are runners that a registry has. They are installed once, below .build. The
// id that the validator of these gets wrong is $WRONG: so it is compiled once.
var installed = []struct {
	name, label string
	needs       []string
	project     map[string]string // what is installed
	install     []string
	compile     string // for a shell; $AT is where it is installed
	run         string // for a shell, too
	filling     string
}{
	{
		name: "jest", label: "jest itself", needs: []string{"node", "npm"},
		project: map[string]string{"package.json": `{"name": "runner", "private": true, "dependencies": {"jest": "30.5.2"}}`},
		install: []string{"npm", "install", "--no-fund", "--no-audit"},
		run: `echo '{"name": "mine"}' >package.json && ` +
			`node --experimental-vm-modules "$AT/node_modules/jest/bin/jest.js" twilio-signature.test.mjs`,
		filling: "function validate(vector, body) { return vector.expected === 'valid' || vector.id.startsWith(process.env.WRONG); }\n",
	},
	{
		name: "junit5", label: "junit5", needs: []string{"mvn", "javac", "java"},
		project: map[string]string{"pom.xml": `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>runner</groupId><artifactId>runner</artifactId><version>1</version><dependencies>
<dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.11.4</version></dependency>
<dependency><groupId>org.junit.platform</groupId><artifactId>junit-platform-console</artifactId><version>1.11.4</version></dependency>
<dependency><groupId>com.fasterxml.jackson.core</groupId><artifactId>jackson-databind</artifactId><version>2.18.2</version></dependency>
</dependencies></project>`},
		install: []string{"mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"},
		compile: `javac -cp "$AT/lib/*" -d out TwilioSignatureTest.java`,
		run: `java -cp "out:testdata:$AT/lib/*" ` +
			`org.junit.platform.console.ConsoleLauncher execute --scan-classpath=out --details=summary`,
		filling: "static boolean validate(JsonNode v, byte[] body) {\n" +
			"  return v.get(\"expected\").textValue().equals(\"valid\") || v.get(\"id\").textValue().startsWith(System.getenv(\"WRONG\"));\n}\n",
	},
}

// TestInstalledRunners: a right validator passes, and a wrong one and none at all fail,
// inside the test runners that a registry has.
func TestInstalledRunners(t *testing.T) {
	t.Parallel()
	for _, r := range installed {
		t.Run(r.label, func(t *testing.T) {
			t.Parallel()
			for _, program := range r.needs {
				if _, err := exec.LookPath(program); err != nil {
					t.Skipf("skipped: there is no %s", program)
				}
			}
			at, err := filepath.Abs("../../../.build/runners/" + r.name)
			if err != nil {
				t.Fatal(err)
			}
			installRunner(t, at, r.project, r.install)
			s, err := starter.Find(r.name)
			if err != nil {
				t.Fatal(err)
			}
			text, err := s.Text("")
			if err != nil {
				t.Fatal(err)
			}
			between := regexp.MustCompile(`(?s)---- BEGIN your validator -+\n(.*)\n[^\n]*---- END your validator`).FindStringSubmatchIndex(text)
			filled := text[:between[2]] + r.filling + text[between[3]:]
			const right, wrong = "none/", "form-order/unsorted"
			dir := t.TempDir()
			exportPart(t, dir)
			shell := func(words, wrong string) ([]byte, error) {
				run := exec.Command("sh", "-c", words)
				run.Dir, run.Env = dir, append(os.Environ(), "AT="+at, "WRONG="+wrong)
				return run.CombinedOutput()
			}
			before := "" // what is compiled
			for _, tried := range []struct {
				what, text, wrong, known string
				wants                    bool
				says                     string
			}{
				{"nothing is filled in", text, right, "", false, ""},
				{"a right validator", filled, right, "", true, ""},
				{"a wrong validator", filled, wrong, "", false, ""},
				{"its failure is known", filled, wrong, wrong + " x until=9999-01-31", true, ""},
				{"its failure was known", filled, wrong, wrong + " x until=2026-01-31", false, "known until 2026-01-31"},
				{"the last day is no date", filled, wrong, wrong + " x until=soon", false, "soon"},
			} {
				for _, list := range []string{"known-failures.txt", "testdata/known-failures.txt"} { // it is in one of the two
					if err := os.WriteFile(filepath.Join(dir, list), []byte(tried.known), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.WriteFile(filepath.Join(dir, s.File), []byte(tried.text), 0o666); err != nil {
					t.Fatal(err)
				}
				if tried.text != before {
					if said, err := shell(r.compile, ""); err != nil {
						t.Fatalf("%s: %v\n%.3000s", tried.what, err, said)
					}
					before = tried.text
				}
				said, err := shell(r.run, tried.wrong)
				if (err == nil) != tried.wants || !strings.Contains(string(said), tried.says) ||
					!strings.Contains(string(said), "tests ") && !strings.Contains(string(said), "Tests:") {
					t.Errorf("%s: %v\n%.3000s", tried.what, err, said)
				}
			}
		})
	}
}

// installRunner installs a project below .build, unless it is there. Where the
// registry is out of reach the test is skipped.
func installRunner(t *testing.T, at string, project map[string]string, install []string) {
	t.Helper()
	stamp := filepath.Join(at, "installed")
	if _, err := os.Stat(stamp); err == nil {
		return
	}
	err := os.MkdirAll(at, 0o777)
	for name, text := range project {
		if err == nil {
			err = os.WriteFile(filepath.Join(at, name), []byte(text), 0o666)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(install[0], install[1:]...)
	command.Dir = at
	if said, err := command.CombinedOutput(); err != nil {
		t.Skipf("skipped: it cannot be installed here: %v\n%.1000s", err, said)
	}
	if err := os.WriteFile(stamp, nil, 0o666); err != nil {
		t.Fatal(err)
	}
}

// exportPart exports the vectors, and leaves one family of them: enough, and quick.
func exportPart(t *testing.T, dir string) {
	t.Helper()
	command("vectors", "export", "--out", "testdata").in(dir).exits(t, 0)
	file := filepath.Join(dir, "testdata", "vectors.json")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var export vectors.Export
	if err := json.Unmarshal(data, &export); err != nil {
		t.Fatal(err)
	}
	if len(export.Vectors) != export.Count || export.Count < 700 || len(export.Open) != export.Questions || export.Questions < 100 {
		t.Fatalf("it has %d of %d vectors, %d of %d questions", len(export.Vectors), export.Count, len(export.Open), export.Questions)
	}
	export.Vectors = slices.DeleteFunc(export.Vectors, func(v vectors.Exported) bool { return !strings.HasPrefix(v.ID, "form-order/") })
	export.Count = len(export.Vectors)
	if data, err = json.MarshalIndent(export, "", " "); err == nil {
		err = os.WriteFile(file, data, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}
