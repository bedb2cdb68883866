package spec_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigconform/adapters"
	"sigconform/spec/conformance"
	"sigconform/spec/report"
	"sigconform/vectors"
)

// interpreters say how a program of a few lines is run against an installed SDK: in
// the SDK's folder, with its packages.
var interpreters = map[string]struct {
	file    string
	command func(dir, file string) *exec.Cmd
}{
	"Python": {"reproduction.py", func(dir, file string) *exec.Cmd { return exec.Command(filepath.Join(dir, ".venv/bin/python"), file) }},
	"JavaScript": {"reproduction.js", func(dir, file string) *exec.Cmd {
		cmd := exec.Command("node", file)
		cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(dir, "node_modules"))
		return cmd
	}},
	"Go":   {"reproduction.go", func(_, file string) *exec.Cmd { return exec.Command("go", "run", file) }},
	"Java": {"Reproduction.java", func(_, file string) *exec.Cmd { return exec.Command("java", "-cp", "target/lib/*", file) }},
	"PHP":  {"reproduction.php", func(_, file string) *exec.Cmd { return exec.Command("php", file) }},
	"Ruby": {"reproduction.rb", func(dir, file string) *exec.Cmd {
		return exec.Command("sh", "-c", `exec ruby $(printf -- '-I%s ' .gems/gems/*/lib) "$0"`, file)
	}},
}

// TestReproductions runs the programs that the texts for issue trackers have: each
// prints what the text says. It installs the SDKs, as TestSDKs does.
func TestReproductions(t *testing.T) {
	if os.Getenv("SIGCONFORM_SDKS") == "" {
		t.Skip("'make sdks' runs this: it installs the SDKs")
	}
	sdks, err := adapters.SDKs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, sdk := range sdks {
		t.Run(sdk.Name, func(t *testing.T) { reproduce(t, sdk) })
	}
}

func reproduce(t *testing.T, sdk adapters.SDK) {
	how, can := interpreters[sdk.Language]
	if !can {
		t.Skipf("skipped: there is no way to run a single file of %s", sdk.Language)
	}
	var unavailable *adapters.Unavailable
	if err := sdk.EnsureInstalled(t.Context(), func() {}); errors.As(err, &unavailable) {
		t.Skip("skipped: " + sdk.NotHere(unavailable.Reason, 0))
	} else if err != nil {
		t.Fatal(err)
	}
	validator, err := adapters.Open(adapters.Target{Command: sdk.Run, Dir: sdk.Dir, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer validator.Close()
	all := vectors.Builtin().Vectors()
	judging := conformance.Judging{Book: vectors.Rules(), Seed: 1}
	judging.Explaining = judging.Explaining.Longer() // the machine may be busy
	run := conformance.Ask(context.Background(), validator, all, judging, nil)
	r := report.New(run, report.About{Corpus: all, Judging: judging, Repeat: func(string) string { return "" },
		Validator: report.Validator{Name: sdk.Name, Version: sdk.Version, Language: sdk.Language}})
	dir, err := filepath.Abs(sdk.Dir)
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, cause := range r.Causes {
		program := r.Reproduced(cause)
		if program == nil {
			t.Logf("%s: no short program shows it", cause.Defect)
			continue
		}
		file := filepath.Join(t.TempDir(), how.file)
		if err := os.WriteFile(file, []byte(program.Code), 0o666); err != nil {
			t.Fatal(err)
		}
		cmd := how.command(dir, file)
		cmd.Dir = dir
		printed, err := cmd.CombinedOutput()
		want := program.Failure.Verdict + "ed"
		if got := strings.TrimSpace(string(printed)); err != nil || got != want {
			t.Errorf("%s: it prints %q (%v), not %q:\n%s", cause.Defect, got, err, want, program.Code)
		}
		shown++
	}
	if shown == 0 && len(r.Causes) > 0 {
		t.Error("no mistake is shown by a program")
	}
	t.Logf("%d of %d mistakes are shown by a program", shown, len(r.Causes))
}
