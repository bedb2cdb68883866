package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMisstarted: what is said of a program that was called wrongly.
func TestMisstarted(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "validator.php"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]string{
		"php missing.php":               ": there is no file missing.php",
		"python3 -u validator.php":      ": python3 runs Python, and validator.php is a file of PHP",
		"php validator.php":             ", and wrote nothing. A file that only defines functions",
		"./validator":                   "'sigconform init LANGUAGE FILE'",
		"/usr/bin/php8.2 validator.php": "'sigconform init php FILE'",
	} {
		a := &asking{Process: &Process{options: Options{Command: strings.Fields(command), Dir: dir}}}
		a.deaths.end = "ended with " + normalEnd
		if got := a.misstarted(); !strings.Contains(got, want) || strings.HasPrefix(want, ":") && got != want {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
}
