package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestReadme runs the programs of the README, each around a validator that was
// written from the README and Twilio's page alone: what the README says is
// enough, and its ten lines work as they stand.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ interpreter, program, app, block string }{
		{"python3", "my_validator.py", "my_app.py", "```python\n# my_validator.py\n"},
		{"node", "my-validator.mjs", "my-app.mjs", "```js\n// my-validator.mjs\n"},
	} {
		t.Run(c.interpreter, func(t *testing.T) {
			if _, err := exec.LookPath(c.interpreter); err != nil {
				t.Skipf("skipped: %s is not installed", c.interpreter)
			}
			block := regexp.MustCompile("(?s)" + regexp.QuoteMeta(c.block) + "(.*?)```").FindSubmatch(readme)
			if block == nil {
				t.Fatalf("the README has no block that begins with %q", c.block)
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
