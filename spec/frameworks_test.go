package spec_test

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// This file makes the rows of the table of frameworks: the middlewares as people
// deploy them, tested by the command as a person would.

// isRow reports whether an arrangement of an application is a row of the table of
// frameworks: the application alone.
func isRow(app example, a arrangement) bool { return app.Framework != "" && a.Nginx == "" }

// testRow tests the application with 'sigconform run', and fuzzes it. What fails must
// be known. What fuzzing finds is for a person to read, and fails nothing: how far it
// gets depends on the machine.
func testRow(t *testing.T, app example, a arrangement, url string) {
	list := filepath.Join(app.Dir, a.KnownFailures)
	if _, err := os.Stat(list); err != nil {
		t.Skipf("skipped: %s was never measured, so it has no list of known failures", app.Name)
	}
	reports := filepath.Join("..", ".build", "frameworks", app.Name)
	var flags []string
	for _, name := range slices.Sorted(maps.Keys(app.Form)) {
		flags = append(flags, "--form", name+"="+app.Form[name])
	}
	if len(app.Accepts) > 0 {
		flags = append(flags, "--accepts", strings.Join(app.Accepts, ","))
	}
	flags = append(flags, "--endpoint", url, "--timeout", "1m", "--seed", "1")
	version := app.Framework + ", " + app.Package + " " + app.Version
	output, status := sigconform(t, append([]string{"run", "--name", app.Name, "--validator-version", version,
		"--known-failures", list, "--report", reports}, flags...)...)
	if status != 0 {
		t.Errorf("sigconform run ended with %d:\n%s", status, output[max(0, len(output)-4000):])
	}
	t.Log(lastLine(output))
	output, status = sigconform(t, append([]string{"fuzz", "--cases", "3000", "--time", "15s",
		"--out", filepath.Join(reports, "findings")}, flags...)...)
	if status > 1 {
		t.Errorf("sigconform fuzz ended with %d:\n%s", status, output[max(0, len(output)-4000):])
	}
	t.Log(lastLine(output))
}

// sigconform runs the command that 'make build' has built against an endpoint of the
// test's own, and returns what it wrote and its exit status.
func sigconform(t *testing.T, args ...string) (output []byte, status int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join("..", ".build", "sigconform"), args...)
	command.Env = append(os.Environ(), "TWILIO_AUTH_TOKEN="+exampleToken, "SIGCONFORM_PER_SECOND=2000")
	output, err := command.CombinedOutput()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return output, command.ProcessState.ExitCode()
}
