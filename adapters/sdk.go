package adapters

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// SDK is an official SDK behind a shim: a folder under adapters/sdk with its
// manifest adapter.json, the shim, and the lock file of its package manager.
type SDK struct {
	Name     string     `json:"name"`     // "twilio-node"
	Language string     `json:"language"` // "JavaScript"
	Package  string     `json:"package"`  // its name in the registry
	Version  string     `json:"version"`
	Needs    []string   `json:"needs"`   // programs that must be there
	Install  [][]string `json:"install"` // commands to install it, in its folder
	Run      []string   `json:"run"`     // the command to run the shim, in its folder

	Dir string `json:"-"` // its folder
}

const (
	manifestFile  = "adapter.json"
	installedFile = ".installed"
	// KnownFailuresFile is the list of an SDK's known failures, in its folder.
	KnownFailuresFile = "known-failures.txt"
)

// SDKs returns all SDKs in the folder adapters/sdk below root, by name.
func SDKs(root string) ([]SDK, error) {
	manifests, err := filepath.Glob(filepath.Join(root, "adapters", "sdk", "*", manifestFile))
	if err != nil {
		return nil, err
	}
	var sdks []SDK
	for _, manifest := range manifests {
		data, err := os.ReadFile(manifest)
		if err != nil {
			return nil, err
		}
		sdk := SDK{Dir: filepath.Dir(manifest)}
		if err := json.Unmarshal(data, &sdk); err != nil {
			return nil, fmt.Errorf("%s: %w", manifest, err)
		}
		if sdk.Name != filepath.Base(sdk.Dir) || len(sdk.Run) == 0 {
			return nil, fmt.Errorf("%s: the name must be that of the folder, and run must not be empty", manifest)
		}
		sdks = append(sdks, sdk)
	}
	return sdks, nil
}

// FindSDK returns the SDK of that name.
func FindSDK(root, name string) (SDK, error) {
	sdks, err := SDKs(root)
	if err != nil {
		return SDK{}, err
	}
	var names []string
	for _, sdk := range sdks {
		if sdk.Name == name {
			return sdk, nil
		}
		names = append(names, sdk.Name)
	}
	if len(names) == 0 {
		return SDK{}, fmt.Errorf("there is no folder adapters/sdk here; run it where the project is checked out")
	}
	return SDK{}, fmt.Errorf("there is no SDK %q; there are %s", name, strings.Join(names, ", "))
}

// Missing returns the programs that it needs and that are not there.
func (s SDK) Missing() []string {
	var missing []string
	for _, program := range s.Needs {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	return missing
}

// EnsureInstalled installs the SDK unless it is, just as its files say now. It
// calls installing before it begins. The error of a failed command holds the
// end of its output: a registry that cannot be reached shows there.
func (s SDK) EnsureInstalled(ctx context.Context, installing func()) error {
	if missing := s.Missing(); len(missing) > 0 {
		return fmt.Errorf("%s needs %s, which is not installed", s.Name, strings.Join(missing, " and "))
	}
	want, err := s.fingerprint()
	if err != nil {
		return err
	}
	stamp := filepath.Join(s.Dir, installedFile)
	if have, _ := os.ReadFile(stamp); string(have) == want {
		return nil
	}
	installing()
	for _, command := range s.Install {
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Dir = s.Dir
		if output, err := cmd.CombinedOutput(); err != nil {
			output = bytes.TrimSpace(output)
			if over := len(output) - 1500; over > 0 {
				output = append([]byte("…"), output[over:]...)
			}
			return fmt.Errorf("cannot install %s: %s: %w\n%s", s.Name, strings.Join(command, " "), err, output)
		}
	}
	return os.WriteFile(stamp, []byte(want), 0o666)
}

// fingerprint is a digest of the files of the folder, not of what is installed
// into it (folders) or built there (files without an extension, dot files).
func (s SDK) fingerprint() (string, error) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, entry := range entries {
		if entry.Type() != fs.FileMode(0) || filepath.Ext(entry.Name()) == "" || strings.HasPrefix(entry.Name(), ".") || entry.Name() == KnownFailuresFile {
			continue
		}
		data, err := os.ReadFile(filepath.Join(s.Dir, entry.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", entry.Name(), len(data), data)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
