package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// endEscaped ends every process that carries the mark in its environment and
// reports how many there were. A validator can start a process that leaves its
// group (setsid, a daemon); its environment goes with it.
func endEscaped(mark string) int {
	environments, _ := filepath.Glob("/proc/[0-9]*/environ")
	ended := 0
	for _, path := range environments {
		environment, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(environment, []byte(mark)) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err == nil && pid != os.Getpid() && syscall.Kill(pid, syscall.SIGKILL) == nil {
			ended++
		}
	}
	return ended
}
