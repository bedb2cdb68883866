package adapters

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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
	manifestFile      = "adapter.json"
	installedFile     = ".installed" // the fingerprint of what is installed
	knownFailuresFile = "known-failures.txt"
)

// ErrNoSDKs says that a folder is not that of the project.
var ErrNoSDKs = errors.New("there is no folder adapters/sdk here; run it where the project is checked out")

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
		return SDK{}, ErrNoSDKs
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

// Installed reports whether it is installed just as its files say now.
func (s SDK) Installed() bool {
	want, err := s.fingerprint()
	have, _ := os.ReadFile(filepath.Join(s.Dir, installedFile))
	return err == nil && string(have) == want
}

// KnownFailures returns the path of the list of its known failures, and "" if
// it has none: then it has never been measured.
func (s SDK) KnownFailures() string {
	list := filepath.Join(s.Dir, knownFailuresFile)
	if _, err := os.Stat(list); err != nil {
		return ""
	}
	return list
}

// Unavailable is the error for an SDK that cannot be had here, by no fault of
// its folder: a program is missing, or the package registry is out of reach.
type Unavailable struct{ Reason string }

func (u *Unavailable) Error() string { return u.Reason }

// EnsureInstalled installs the SDK unless it is, just as its files say now. It
// calls installing before it begins. The error is an [*Unavailable] if the SDK
// cannot be had here; any other error holds the end of what the command said
// that failed.
func (s SDK) EnsureInstalled(ctx context.Context, installing func()) error {
	if missing := s.Missing(); len(missing) > 0 {
		return &Unavailable{fmt.Sprintf("%s needs %s, which cannot be found here", s.Name, strings.Join(missing, " and "))}
	}
	if s.Installed() {
		return nil
	}
	want, err := s.fingerprint()
	if err != nil {
		return err
	}
	stamp := filepath.Join(s.Dir, installedFile)
	if err := os.RemoveAll(stamp); err != nil { // what follows may be interrupted
		return err
	}
	installing()
	for _, command := range s.Install {
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Dir = s.Dir
		output, err := cmd.CombinedOutput()
		switch {
		case err == nil:
		case outOfReach(output):
			return &Unavailable{fmt.Sprintf("%s cannot be installed: its package registry is out of reach for %s", s.Name, command[0])}
		default:
			return fmt.Errorf("cannot install %s: %s: %w\n%s", s.Name, strings.Join(command, " "), err, ending(output))
		}
	}
	return os.WriteFile(stamp, []byte(want), 0o666)
}

// noNetwork are the words for it that package managers have, in lower case.
// What is not among them is a failure and not a reason to skip.
var noNetwork = []string{
	"eai_again", "enotfound", "econnrefused", "enetunreach", "etimedout", // npm
	"name resolution", "name or service not known", "no such host", "unknown host",
	"network is unreachable", "connection refused", "connection timed out", "i/o timeout",
	"nu1301", // NuGet
}

// outOfReach reports whether a package manager says that it has no connection.
func outOfReach(output []byte) bool {
	said := strings.ToLower(strings.Join(strings.Fields(string(output)), " ")) // some wrap their lines
	for _, words := range noNetwork {
		if strings.Contains(said, words) {
			return true
		}
	}
	return false
}

// ending is the end of what a command said, which is where the reason stands.
func ending(output []byte) []byte {
	output = bytes.TrimSpace(output)
	if over := len(output) - 1500; over > 0 {
		return append([]byte("…"), output[over:]...)
	}
	return output
}

// fingerprint is a digest of the files of the folder, not of what is installed
// into it (folders) or built there (files without an extension, dot files), nor
// of what is only read (README.md, the known failures).
func (s SDK) fingerprint() (string, error) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, entry := range entries {
		name := entry.Name()
		if !entry.Type().IsRegular() || strings.HasPrefix(name, ".") || name == knownFailuresFile {
			continue
		}
		if extension := filepath.Ext(name); extension == "" || extension == ".md" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(s.Dir, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(data), data)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
