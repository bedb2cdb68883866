package main

import (
	"runtime/debug"
	"testing"
)

// TestVersionOf: a program that was installed as a module has that module's version, one that was built in a checkout
// has the commit's, and says that there were changes.
func TestVersionOf(t *testing.T) {
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef"}
	for want, info := range map[string]debug.BuildInfo{
		"v1.2.3":                 {Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{commit}},
		"0123456789abcdef":       {Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{commit}},
		"0123456789abcdef-dirty": {Settings: []debug.BuildSetting{commit, {Key: "vcs.modified", Value: "true"}}},
		"devel":                  {Main: debug.Module{Version: "(devel)"}},
	} {
		if got := versionOf(&info); got != want {
			t.Errorf("the version is %q, not %q", got, want)
		}
	}
}
