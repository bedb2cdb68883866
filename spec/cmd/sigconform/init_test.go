package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/adapters/starter"
	"sigconform/reference"
	"sigconform/spec/report"
	"sigconform/vectors"
)

// startable says how the starter of a language becomes a program, in a folder of
// its own: the programs that it takes, the commands that build it, and how it is run.
type startable struct {
	name  string
	needs []string
	check []string // must succeed, or else why says what is missing
	why   string
	build [][]string
	run   []string
	// compiled says how it is built and run where it is started several times; nil: no other way.
	compiled *startable
}

var startables = []startable{
	{name: "python", needs: []string{"python3"}, run: []string{"python3", "validator.py"}},
	{name: "node", needs: []string{"node"}, run: []string{"node", "validator.mjs"}},
	{name: "go", needs: []string{"go"}, build: [][]string{{"go", "build", "-o", "my-validator", "validator.go"}},
		run: []string{"./my-validator"}},
	{name: "java", needs: []string{"java", "javac"}, run: []string{"java", "Validator.java"},
		compiled: &startable{build: [][]string{{"javac", "Validator.java"}}, run: []string{"java", "Validator"}}},
	{name: "php", needs: []string{"php"}, run: []string{"php", "validator.php"}},
	{name: "ruby", needs: []string{"ruby"}, run: []string{"ruby", "validator.rb"}},
	{name: "csharp", needs: []string{"dotnet"}, build: [][]string{
		{"dotnet", "new", "console", "-o", "my-validator"}, {"rm", "my-validator/Program.cs"},
		{"mv", "Validator.cs", "my-validator"}, {"dotnet", "build", "-o", "out", "my-validator"},
	}, run: []string{"dotnet", "out/my-validator.dll"}},
	{name: "rust", needs: []string{"cargo", "cc"}, build: [][]string{
		{"cargo", "init", "--quiet", "--vcs", "none", "--name", "starter", "."}, {"rm", "src/main.rs"}, {"mkdir", "src/bin"},
		{"mv", "validator.rs", "src/bin"}, {"cargo", "add", "--quiet", "base64", "serde_json"},
		{"cargo", "build", "--quiet", "--release", "--bin", "validator"},
	}, run: []string{"target/release/validator"}},
	{name: "elixir", needs: []string{"elixir"}, run: []string{"elixir", "validator.exs"},
		check: []string{"elixir", "-e", "true = Enum.any?([JSON, Jason, :jiffy], &Code.ensure_loaded?/1)"}, why: "a JSON library"},
}

// TestStarters makes of each starter a right validator and a wrong one. What is
// put between the marks looks the answer up in a table, by the id and a checksum
// of everything that it was handed: so the test fails if a starter loses a byte.
func TestStarters(t *testing.T) {
	t.Parallel()
	for _, s := range startables {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for _, program := range s.needs {
				if _, err := exec.LookPath(program); err != nil {
					t.Skipf("skipped: there is no %s", program)
				}
			}
			if len(s.check) > 0 && exec.Command(s.check[0], s.check[1:]...).Run() != nil {
				t.Skipf("skipped: %s is without %s", s.name, s.why)
			}
			dir, table := t.TempDir(), filepath.Join(t.TempDir(), "table")
			command("init", s.name).in(dir).exits(t, 0)
			command("init", s.name).in(dir).exits(t, 2, "is there already")
			s.make(t, dir)
			command(append([]string{"run", "--id", "form-order/*", "--timeout", "1m", "--"}, s.run...)...).in(dir).
				exits(t, 3, "put your validator")

			filled := t.TempDir()
			writeFilled(t, s.name, filled, table)
			if s.compiled != nil {
				s.build, s.run = s.compiled.build, s.compiled.run
			}
			s.make(t, filled)
			s.right(t, filled, table)
			s.wrong(t, filled, table)
		})
	}
}

// make builds the program in the folder that its source is in.
func (s startable) make(t *testing.T, dir string) {
	t.Helper()
	for _, words := range s.build {
		build := exec.Command(words[0], words[1:]...)
		build.Dir = dir
		build.Env = append(os.Environ(), "CARGO_NET_RETRY=1", "GOFLAGS=-mod=mod")
		if words[0] == "cargo" { // one build of the libraries serves all
			target, err := filepath.Abs("../../../.build/starter-rust")
			if err != nil {
				t.Fatal(err)
			}
			build.Env = append(build.Env, "CARGO_TARGET_DIR="+target)
			if words[1] == "build" {
				defer link(t, target, filepath.Join(dir, "target"))
			}
		}
		if said, err := build.CombinedOutput(); err != nil {
			if regexp.MustCompile(`(?i)could(n't| not) (resolve|connect)|network|timed? ?out|failed to (download|query|fetch)`).Match(said) {
				t.Skipf("skipped: a registry is out of reach: %s", said)
			}
			t.Fatalf("%v: %v\n%s", words, err, said)
		}
	}
}

// link copies what is built: the next build overwrites it.
func link(t *testing.T, from, to string) {
	t.Helper()
	program, err := os.ReadFile(filepath.Join(from, "release", "validator"))
	if err == nil {
		err = os.MkdirAll(filepath.Join(to, "release"), 0o777)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(to, "release", "validator"), program, 0o777)
	}
	if err != nil {
		t.Error(err)
	}
}

// right runs all vectors with a table that is right, but for one error where a
// rejection is due and one "unsupported", and sends one line of 15 MiB. All vectors
// pass; the requests that are drawn beside them are in no table, and so they fail.
func (s startable) right(t *testing.T, dir, table string) {
	text := strings.Repeat("é\x1f\x1f\x1f", 3<<17) // a control character takes six bytes of a line
	big := protocol.Case{ID: "big", AuthToken: "12345", Request: reference.Request{Method: "POST", URL: "https://example.com/",
		ContentType: new(string), Body: []byte("Body=" + text)}}
	*big.Request.ContentType = "application/x-www-form-urlencoded"
	writeTable(t, table, nil, big)
	command(append([]string{"run", "--timeout", "1m", "--report", "right", "--"}, s.run...)...).in(dir).
		exits(t, 1, " 12 of 24 drawn failed ")
	r, err := report.Read(filepath.Join(dir, "right"))
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]int{}
	for _, result := range r.Results {
		verdicts[result.Verdict]++
		if result.Failed() {
			t.Errorf("%s fails: %s %s", result.ID, result.Why, result.Detail)
		}
	}
	if verdicts["error"] != 1 || verdicts["unsupported"] != 1 || verdicts["reject"] < 300 || verdicts["accept"] < 300 {
		t.Errorf("verdicts of the right one: %v", verdicts)
	}
	v, err := adapters.Open(adapters.Target{Command: s.run, Dir: dir, Timeout: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	err = v.Ask(context.Background(), []protocol.Case{big, {ID: "none"}}, func(i int, a protocol.Answer) {
		if want := []reference.Verdict{reference.Accept, reference.Reject}[i]; a.Verdict != want {
			t.Errorf("after a line of 15 MiB, request %d: %s (%.100s), not %s", i, a.Verdict, a.Detail, want)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// wrong runs some with a table that accepts forms that were sorted otherwise.
func (s startable) wrong(t *testing.T, dir, table string) {
	writeTable(t, table, func(v *vectors.Vector) bool { return v.Family.Name == "form-order" })
	command(append([]string{"run", "--id", "form-order/*", "--id", "get/*", "--timeout", "1m", "--report", "wrong", "--"}, s.run...)...).
		in(dir).exits(t, 1)
	r, err := report.Read(filepath.Join(dir, "wrong"))
	if err != nil {
		t.Fatal(err)
	}
	failures := 0
	for _, result := range r.Results {
		if result.Failed() {
			failures++
			if result.Family() != "form-order" || result.Expected != vectors.Invalid {
				t.Errorf("%s fails: %s %s", result.ID, result.Why, result.Detail)
			}
		}
	}
	if failures == 0 {
		t.Error("nothing fails")
	}
}

// typed is a call of the command.
type typed struct {
	args []string
	dir  string
}

func command(args ...string) typed { return typed{args: args} }

func (c typed) in(dir string) typed { c.dir = dir; return c }

// exits checks the status, and that the output has these words.
func (c typed) exits(t *testing.T, status int, words ...string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, c.args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "SIGCONFORM_TEST_COMMAND=1", "NO_COLOR=1", "PYTHONDONTWRITEBYTECODE=1")
	output, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Fatalf("sigconform %s ended with %d, not %d:\n%.4000s", strings.Join(c.args, " "), got, status, output)
	}
	for _, word := range words {
		if !bytes.Contains(output, []byte(word)) {
			t.Errorf("sigconform %s does not say %q:\n%.4000s", strings.Join(c.args, " "), word, output)
		}
	}
}

// writeFilled writes the starter of a language with what stands in testdata/starter
// between its marks.
func writeFilled(t *testing.T, name, dir, table string) {
	t.Helper()
	s, err := starter.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.Text("")
	if err != nil {
		t.Fatal(err)
	}
	filling, err := os.ReadFile(filepath.Join("testdata", "starter", s.File+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	marks := regexp.MustCompile(`(?s)---- BEGIN your validator -+\n(.*)\n[^\n]*---- END your validator`)
	between := marks.FindStringSubmatchIndex(text)
	if between == nil {
		t.Fatalf("%s has no place between two marks", s.File)
	}
	text = text[:between[2]] + strings.ReplaceAll(string(filling), "TABLE", table) + text[between[3]:]
	if found := regexp.MustCompile(`(?m)^IMPORT (.*)\n`).FindStringSubmatch(text); found != nil {
		text = strings.Replace(strings.Replace(text, found[0], "", 1), "import (\n", "import (\n"+found[1]+"\n", 1)
	}
	if err := os.WriteFile(filepath.Join(dir, s.File), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// writeTable writes what the filled starters look up. The vectors that accepted
// chooses are accepted, whatever they should be.
func writeTable(t *testing.T, file string, accepted func(*vectors.Vector) bool, more ...protocol.Case) {
	t.Helper()
	var table strings.Builder
	threw, unsupported := false, false
	for _, v := range vectors.Builtin().Vectors() {
		verdict := map[vectors.Result]string{vectors.Valid: "accept", vectors.Invalid: "reject", vectors.Question: "reject"}[v.Result]
		switch {
		case accepted != nil && accepted(v):
			verdict = "accept"
		case v.Result == vectors.Invalid && !threw:
			threw, verdict = true, "throw"
		case v.Result == vectors.Valid && !unsupported:
			unsupported, verdict = true, "unsupported"
		}
		c := protocol.Case{ID: v.ID, AuthToken: string(v.AuthToken), Request: v.Request.Reference()}
		fmt.Fprintf(&table, "%s\t%d\t%s\n", v.ID, checksumOnce(t, c), verdict)
	}
	for _, c := range more {
		fmt.Fprintf(&table, "%s\t%d\taccept\n", c.ID, checksumOnce(t, c))
	}
	if err := os.WriteFile(file, []byte(table.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}

// checksums are those of all requests, by their ids: every starter is handed the same.
var checksums sync.Map

func checksumOnce(t *testing.T, c protocol.Case) int {
	t.Helper()
	sum, is := checksums.Load(c.ID)
	if !is {
		sum = checksum(t, c)
		checksums.Store(c.ID, sum)
	}
	return sum.(int)
}

// checksum goes over everything that a request has; what is absent counts as
// other than what is empty. It must be the same in every language.
func checksum(t *testing.T, c protocol.Case) int {
	t.Helper()
	line, err := protocol.EncodeCase(c)
	if err != nil {
		t.Fatal(err)
	}
	var fields struct {
		Body   string
		Base64 string       `json:"bodyBase64"`
		Params *[][2]string `json:"params"`
	}
	if err := json.Unmarshal(line, &fields); err != nil {
		t.Fatal(err)
	}
	body := []byte(fields.Body)
	if fields.Base64 != "" {
		if body, err = base64.StdEncoding.DecodeString(fields.Base64); err != nil {
			t.Fatal(err)
		}
	}
	optional := func(s *string) string {
		if s == nil {
			return "\x01"
		}
		return *s
	}
	product := string(c.Request.Product)
	if product == "" {
		product = "\x01"
	}
	all := []string{
		c.AuthToken, c.Request.Method, c.Request.URL, product,
		optional(c.Request.ContentType), string(body), optional(c.Request.Signature),
	}
	if fields.Params == nil {
		all = append(all, "\x01")
	} else {
		for _, p := range *fields.Params {
			all = append(all, p[0], p[1])
		}
	}
	sum := 0
	for _, field := range all {
		for _, b := range []byte(field) {
			sum = (sum*31 + int(b)) % 1000000007
		}
		sum = sum * 31 % 1000000007
	}
	return sum
}
