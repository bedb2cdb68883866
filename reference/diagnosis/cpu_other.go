//go:build !unix

package diagnosis

import "time"

// Computed returns how long this process has run so far.
func Computed() time.Duration { return time.Since(started) }

var started = time.Now()
