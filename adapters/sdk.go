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
	"slices"
	"strings"

	"sigconform/adapters/process"
)

// SDK is an official SDK, or another library, behind a shim: a folder with its
// manifest adapter.json, the shim, and the lock file of its package manager.
type SDK struct {
	Name     string     `json:"name"`     // "twilio-node"
	Language string     `json:"language"` // "JavaScript"
	Package  string     `json:"package"`  // its name in the registry
	Version  string     `json:"version"`
	Needs    []string   `json:"needs"`    // programs that must be there
	Install  [][]string `json:"install"`  // commands to install it, in its folder
	Run      []string   `json:"run"`      // the command to run the shim, in its folder
	Measured *Measured  `json:"measured"` // what was measured elsewhere; nil where it can run on common machines

	Group Group  `json:"-"` // the folder that its folder is in
	Dir   string `json:"-"` // its folder
	Fault error  `json:"-"` // what is wrong with its manifest; nil if nothing is
}

// Group is a folder below adapters, whose folders are adapters of one form.
type Group string

// The groups, in the order in which they are shown.
const (
	Official   Group = "sdk"        // Twilio's SDKs
	ThirdParty Group = "thirdparty" // libraries of others
)

// Measured is what came of an SDK on another machine. Where the SDK cannot run, it
// takes the place of a result, marked as what it is.
type Measured struct {
	Date    string `json:"date"`    // 2006-01-02
	Where   string `json:"where"`   // with which language and on what machine
	Vectors int    `json:"vectors"` // how many of today's vectors it was sent
	Result  string `json:"result"`  // "958 of 1131 passed, …"
}

// NotHere says that the SDK cannot run here, for the given reason, and what was
// measured elsewhere: the date, the place, and how many of all vectors are newer.
func (s SDK) NotHere(reason string, vectors int) string {
	if s.Measured == nil {
		return reason
	}
	said := fmt.Sprintf("%s; measured on %s with %s: %s", reason, s.Measured.Date, s.Measured.Where, s.Measured.Result)
	if newer := vectors - s.Measured.Vectors; newer > 0 {
		said += fmt.Sprintf("; %d of the %d vectors are not measured", newer, vectors)
	}
	return said
}

const (
	manifestFile      = "adapter.json"
	installedFile     = ".installed" // the fingerprint of what is installed
	knownFailuresFile = "known-failures.txt"
)

// ErrNoSDKs says that a folder is not that of the project.
var ErrNoSDKs = errors.New("there is no folder adapters/sdk here; run it where the project is checked out")

// SDKs returns all SDKs below root, those with a faulty manifest too, by group and name.
func SDKs(root string) ([]SDK, error) {
	var sdks []SDK
	for _, group := range []Group{Official, ThirdParty} {
		manifests, err := filepath.Glob(filepath.Join(root, "adapters", string(group), "*", manifestFile))
		if err != nil {
			return nil, err
		}
		for _, manifest := range manifests {
			data, err := os.ReadFile(manifest)
			if err != nil {
				return nil, err
			}
			sdk := SDK{Dir: filepath.Dir(manifest)}
			if err := json.Unmarshal(data, &sdk); err != nil {
				sdk.Fault = fmt.Errorf("%s: %w", manifest, err)
			} else if sdk.Name != filepath.Base(sdk.Dir) || len(sdk.Run) == 0 {
				sdk.Fault = fmt.Errorf("%s: the name must be that of the folder, and run must not be empty", manifest)
			}
			sdk.Name, sdk.Group = filepath.Base(sdk.Dir), group
			sdks = append(sdks, sdk)
		}
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
			return sdk, sdk.Fault
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
	if s.Fault != nil {
		return s.Fault
	}
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
		output, err := process.Output(ctx, s.Dir, command)
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

// noNetwork are the words for it that package managers have, in lower case and
// without blanks. What is not among them is a failure and not a reason to skip.
var noNetwork = []string{
	"eai_again", "enotfound", "econnrefused", "econnreset", "enetunreach", "etimedout", // npm
	"nameresolution", "nameorservicenotknown", "nosuchhost", "unknownhost", "couldnotresolve", "couldn'tresolve",
	"networkisunreachable", "connectionrefused", "connectionresetbypeer", "connectiontimedout", "i/otimeout",
	"badgateway", "serviceunavailable", "gatewaytimeout",
	"nu1301", // NuGet
}

// outOfReach reports whether a package manager says that it has no connection.
// Some wrap their lines, even within a word.
func outOfReach(output []byte) bool {
	said := strings.ToLower(strings.Join(strings.Fields(string(output)), ""))
	return slices.ContainsFunc(noNetwork, func(words string) bool { return strings.Contains(said, words) })
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
