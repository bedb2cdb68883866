package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAdaptersReadme runs the programs of adapters/README.md, each around a validator that was
// written from it and Twilio's page alone: what it says is
// enough, and its ten lines work as they stand.
func TestAdaptersReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../../adapters/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ interpreter, program, app, block string }{
		{"python3", "my_validator.py", "my_app.py", "```python\n# my_validator.py\n"},
		{"node", "my-validator.mjs", "my-app.mjs", "```js\n// my-validator.mjs\n"},
	} {
		t.Run(c.interpreter, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(c.interpreter); err != nil {
				t.Skipf("skipped: %s is not installed", c.interpreter)
			}
			block := regexp.MustCompile("(?s)" + regexp.QuoteMeta(c.block) + "(.*?)```").FindSubmatch(readme)
			if block == nil {
				t.Fatalf("it has no block that begins with %q", c.block)
			}
			dir := t.TempDir()
			app, err := os.ReadFile(filepath.Join("testdata", "readme", c.app))
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string][]byte{c.app: app, c.program: block[1]} {
				if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			command := exec.Command(os.Args[0], "run", "--strict", "--timeout", "1m", "--", c.interpreter, filepath.Join(dir, c.program))
			command.Env = append(os.Environ(), "SIGCONFORM_TEST_COMMAND=1", "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=")
			if output, err := command.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}

// TestReadmeCommands runs every command of the README, in a folder that has what the
// README has made by then. None may be wrong usage (status 2), which is what a flag
// or a subcommand that does not exist comes to. A make target is looked up.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	n := 0
	for _, line := range strings.Split(string(readme), "\n") {
		line, _, _ = strings.Cut(strings.TrimPrefix(line, "$ "), "  #")
		words := strings.Fields(strings.ReplaceAll(line, "'", ""))
		switch {
		case len(words) < 2:
			continue
		case words[0] == "make":
			if said, err := exec.Command("make", append([]string{"-n", "-C", "../../.."}, words[1:]...)...).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", line, err, said)
			}
			continue
		case words[0] != "sigconform" || strings.HasPrefix(words[1], "is"):
			continue
		}
		n++
		args := words[1:]
		switch args[0] {
		case "run", "fuzz":
			if strings.Contains(line, "--sdk") {
				continue // it would be installed: 'make sdks' does that
			}
			if args[0] == "run" && !strings.Contains(line, "--id") {
				args = append([]string{"run", "--id", "get/*"}, args[1:]...)
			}
			for i := range args {
				if args[i] == "60s" {
					args[i] = "1s"
				}
			}
		}
		command := exec.Command(os.Args[0], args...)
		command.Dir = dir
		command.Env = append(os.Environ(), "SIGCONFORM_TEST_COMMAND=1", "TWILIO_AUTH_TOKEN=12345")
		said, _ := command.CombinedOutput()
		if command.ProcessState.ExitCode() == 2 {
			t.Errorf("%s: status 2\n%.2000s", line, said)
		}
		if args[0] == "init" && args[1] == "python" { // a validator that accepts and rejects, and whose mistake is soon named
			file := filepath.Join(dir, args[2])
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			filled := regexp.MustCompile(`raise NotImplementedError\(.*\)`).
				ReplaceAll(text, []byte(`return (request.signature or "").endswith("=")`))
			if err := os.WriteFile(file, filled, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n < 15 {
		t.Errorf("the README has only %d commands", n)
	}
}
