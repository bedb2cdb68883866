//go:build unix

package diagnosis

import (
	"syscall"
	"time"
)

// Computed returns how long this process has computed so far: other programs that
// run at the same time must not take its time away.
func Computed() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return time.Since(started)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

var started = time.Now()
