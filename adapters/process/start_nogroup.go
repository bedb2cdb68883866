//go:build !unix

package process

import "os/exec"

// Without process groups only the command itself can be ended.

func inOwnGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func endedBySignal(*exec.Cmd) string { return "" }
