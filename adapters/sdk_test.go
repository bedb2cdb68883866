package adapters_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigconform/adapters"
)

// sdkFolder makes adapters/sdk/toy, whose installation is a shell script that
// writes a line for each time it ran, and returns it.
func sdkFolder(t *testing.T, script string) adapters.SDK {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "adapters", "sdk", "toy")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "adapter.json", `{"name": "toy", "needs": ["sh"], "install": [["sh", "install.sh"]], "run": ["cat"]}`)
	write(t, dir, "install.sh", "echo >> ran\n"+script)
	write(t, dir, "toy.lock", "1.0.0")
	sdk, err := adapters.FindSDK(root, "toy")
	if err != nil {
		t.Fatal(err)
	}
	return sdk
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestInstallOnce: an SDK is installed when what it is installed from changed,
// and only then.
func TestInstallOnce(t *testing.T) {
	sdk := sdkFolder(t, "mkdir -p node_modules; echo 1 > node_modules/x.js; echo 1 > shim")
	for i, step := range []struct {
		file, text string
		ran        int
	}{
		{"", "", 1},
		{"", "", 1},
		{"README.md", "words", 1},
		{"known-failures.txt", "a/b why", 1},
		{"toy.lock", "1.0.1", 2},
		{"shim.js", "new", 3},
		{"", "", 3},
	} {
		if step.file != "" {
			write(t, sdk.Dir, step.file, step.text)
		}
		if installed := sdk.Installed(); installed != (i > 0 && runs(t, sdk) == step.ran) {
			t.Errorf("step %d: installed is %v before it is ensured", i, installed)
		}
		if err := sdk.EnsureInstalled(t.Context(), func() {}); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		if ran := runs(t, sdk); ran != step.ran || !sdk.Installed() {
			t.Errorf("step %d: it was installed %d times, not %d", i, ran, step.ran)
		}
	}
}

func runs(t *testing.T, sdk adapters.SDK) int {
	t.Helper()
	ran, err := os.ReadFile(filepath.Join(sdk.Dir, "ran"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Count(string(ran), "\n")
}

// TestUnavailable: only a missing program and a missing connection are reasons
// to skip an SDK. All else that goes wrong is a failure.
func TestUnavailable(t *testing.T) {
	for name, c := range map[string]struct {
		script      string
		unavailable bool
		said        string
	}{
		"npm without a network":       {"echo npm error code EAI_AGAIN; exit 1", true, "its package registry is out of reach for sh"},
		"composer wraps its lines":    {"printf 'getaddrinfo failed: Name  \\n   or service not known'; exit 1", true, "out of reach"},
		"composer wraps within words": {"printf 'curl error 6 while downloading: Co  \\n   uld not resolve host'; exit 1", true, "out of reach"},
		"Maven without a network":     {"echo Unknown host example.com: Temporary failure in name resolution >&2; exit 1", true, "out of reach"},
		"a wrong hash":                {"echo npm error code EINTEGRITY; exit 1", false, "EINTEGRITY"},
		"a version that is not there": {"echo No matching distribution found; exit 3", false, "sh install.sh: exit status 3"},
		"a shim that does not build":  {"echo main.go:7: undefined: x; exit 1", false, "undefined: x"},
	} {
		t.Run(name, func(t *testing.T) {
			sdk := sdkFolder(t, c.script)
			err := sdk.EnsureInstalled(t.Context(), func() {})
			var unavailable *adapters.Unavailable
			if err == nil || errors.As(err, &unavailable) != c.unavailable || !strings.Contains(err.Error(), c.said) {
				t.Errorf("got %v", err)
			}
			if sdk.Installed() {
				t.Error("it counts as installed")
			}
		})
	}
	sdk := sdkFolder(t, "")
	sdk.Needs = []string{"sh", "no-such-interpreter"}
	err := sdk.EnsureInstalled(t.Context(), func() { t.Error("it began to install") })
	if err == nil || err.Error() != "toy needs no-such-interpreter, which cannot be found here" {
		t.Errorf("a missing program: %v", err)
	}
}

// TestInterruptedInstallation: what an installation left half done is not taken
// for what was there before it, even if the files are as they were then.
func TestInterruptedInstallation(t *testing.T) {
	sdk := sdkFolder(t, "test $(cat toy.lock) = 1.0.0")
	if err := sdk.EnsureInstalled(t.Context(), func() {}); err != nil {
		t.Fatal(err)
	}
	write(t, sdk.Dir, "toy.lock", "2.0.0")
	if err := sdk.EnsureInstalled(t.Context(), func() {}); err == nil {
		t.Fatal("the installation did not fail")
	}
	write(t, sdk.Dir, "toy.lock", "1.0.0")
	if sdk.Installed() {
		t.Error("it counts as installed")
	}
}

// TestSDKFolders: every folder of the project can be read, pins one version
// wherever it names it, and says what it needs.
func TestSDKFolders(t *testing.T) {
	sdks, err := adapters.SDKs("..")
	if err != nil {
		t.Fatal(err)
	}
	if len(sdks) == 0 {
		t.Fatal(adapters.ErrNoSDKs)
	}
	for _, sdk := range sdks {
		if sdk.Language == "" || sdk.Package == "" || sdk.Version == "" || len(sdk.Needs) == 0 || len(sdk.Install) == 0 {
			t.Errorf("%s: its manifest is not complete", sdk.Name)
		}
		readme, err := os.ReadFile(filepath.Join(sdk.Dir, "README.md"))
		if err != nil {
			t.Error(err)
		}
		if title := "# " + strings.TrimSuffix(sdk.Name, "-"+sdk.Version) + " " + sdk.Version + "\n"; !strings.HasPrefix(string(readme), title) {
			t.Errorf("%s: its README does not begin with %q", sdk.Name, title)
		}
	}
	for sdk, pin := range map[string]struct{ file, text string }{
		"twilio-csharp": {"shim.csproj", `Include="Twilio" Version="[%s]"`}, "twilio-go": {"go.mod", "github.com/twilio/twilio-go %s\n"},
		"twilio-java": {"pom.xml", "<version>%s</version>"}, "twilio-node": {"package.json", `"twilio": "%s"`},
		"twilio-php": {"composer.json", `"twilio/sdk": "%s"`}, "twilio-python": {"requirements.txt", "twilio==%s "},
	} {
		i := slices.IndexFunc(sdks, func(s adapters.SDK) bool { return s.Name == sdk })
		manifest, err := os.ReadFile(filepath.Join(sdks[i].Dir, pin.file))
		if want := fmt.Sprintf(pin.text, sdks[i].Version); err != nil || !strings.Contains(string(manifest), want) {
			t.Errorf("%s: its %s does not pin the version of adapter.json: %s is not there (%v)", sdk, pin.file, want, err)
		}
	}
	if _, err := adapters.FindSDK("..", "twilio-cobol"); err == nil ||
		!strings.Contains(err.Error(), `there is no SDK "twilio-cobol"; there are `) {
		t.Errorf("got %v", err)
	}
	if _, err := adapters.FindSDK(t.TempDir(), "twilio-node"); !errors.Is(err, adapters.ErrNoSDKs) {
		t.Errorf("got %v", err)
	}
}
