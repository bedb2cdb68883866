//go:build unix

package process

import (
	"os/exec"
	"syscall"
)

// inOwnGroup makes the command the leader of a process group of its own, so
// that whatever it starts can be ended with it.
func inOwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// killGroup ends the command and every process of its group.
func killGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

// endedBySignal names the signal that ended the command, or returns "".
func endedBySignal(cmd *exec.Cmd) string {
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal().String()
	}
	return ""
}
