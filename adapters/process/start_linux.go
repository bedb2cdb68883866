package process

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"unsafe"
)

// On Linux a process that we started ends with us, however we end, and what its
// descendants leave behind becomes our child, where it is found.

// starter runs functions on a thread that lives as long as we do: what a process
// was bound to is the thread that started it.
var starter = sync.OnceValue(func() chan<- func() {
	const setChildSubreaper = 36 // PR_SET_CHILD_SUBREAPER
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0)
	functions := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range functions {
			f()
		}
	}()
	return functions
})

// startBound starts the command so that it ends when we do.
func startBound(cmd *exec.Cmd) error {
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	started := make(chan error)
	starter() <- func() { started <- cmd.Start() }
	return <-started
}

// unreadIn is how many bytes wait in a pipe.
func unreadIn(pipe *os.File) (n int) {
	connection, err := pipe.SyscallConn()
	if err != nil {
		return 0
	}
	var waiting int32
	_ = connection.Control(func(fd uintptr) {
		_, _, _ = syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCINQ, uintptr(unsafe.Pointer(&waiting)))
	})
	return int(waiting)
}

// endOrphans ends the processes that carry the mark in their environment, and
// our children that we did not start: they were left behind by a program that
// has ended, and have cleared their environment. While other programs run these
// may be theirs and are left alone; without a mark everything is ended. It
// returns how many processes there were.
func endOrphans(mark string) (ended int) {
	for range 100 { // a process that is ended may leave others behind
		found := 0
		for _, pid := range processes() {
			if !isOrphan(pid, mark) {
				continue
			}
			if !isZombie(pid) && syscall.Kill(pid, syscall.SIGKILL) == nil {
				found++
			}
			var status syscall.WaitStatus
			_, _ = syscall.Wait4(pid, &status, 0, nil) // an error if it is no child of ours
		}
		if found == 0 {
			break
		}
		ended += found
	}
	return ended
}

func processes() (pids []int) {
	paths, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range paths {
		if pid, err := strconv.Atoi(filepath.Base(path)); err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}

// isOrphan reports whether the process is one to be ended by endOrphans.
func isOrphan(pid int, mark string) bool {
	running.Lock()
	defer running.Unlock()
	for cmd := range running.commands {
		if cmd.Process.Pid == pid {
			return false
		}
	}
	if mark != "" {
		environment, _ := os.ReadFile(folderOf(pid) + "/environ")
		if bytes.Contains(environment, []byte(markName)) {
			return bytes.Contains(environment, []byte(mark))
		}
	}
	fields := statusFields(pid)
	if len(fields) < 3 || fields[1] != strconv.Itoa(os.Getpid()) || fields[2] == strconv.Itoa(syscall.Getpgrp()) {
		return false
	}
	return mark == "" || fields[0] == "Z" || len(running.commands) == 0
}

func folderOf(pid int) string { return "/proc/" + strconv.Itoa(pid) }

func isZombie(pid int) bool {
	fields := statusFields(pid)
	return len(fields) > 0 && fields[0] == "Z"
}

// statusFields are the fields of a process's stat file after its name, which may
// contain anything: its state, parent, process group and so on.
func statusFields(pid int) []string {
	text, _ := os.ReadFile(folderOf(pid) + "/stat")
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}
