//go:build !linux

package process

// endEscaped does nothing: elsewhere a process that left its group cannot be
// found again.
func endEscaped(string) int { return 0 }
