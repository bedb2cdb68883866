package main

import (
	"fmt"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"sigconform/spec/report"
	"sigconform/vectors"
)

// versionFlag is --version: what a report or a bug report cites.
type versionFlag bool

// BeforeReset prints the version of the program, and the number and the digest of its vectors, and ends the command.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	all := vectors.Builtin().Vectors()
	fmt.Fprintf(app.Stdout, "sigconform %s, %d vectors, %s\n", version(), len(all), report.Digest(all))
	app.Exit(0)
	return nil
}

// release is the version that 'make build' or 'make release' has put in.
var release string

// version is that of this program: of the release, of the module it was built from, of the commit, or "devel".
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return versionOf(info)
}

// versionOf is the version that Go has recorded in a program.
func versionOf(info *debug.BuildInfo) string {
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	if revision == "" {
		return "devel"
	}
	if settings["vcs.modified"] == "true" {
		revision += "-dirty"
	}
	return revision
}
