package fuzz

import (
	"os"
	"strconv"
	"testing"
)

// TestDetections prints the table of 'make bench-fuzz' if asked to; otherwise
// it only checks a few seeds.
func TestDetections(t *testing.T) {
	seeds, limit := 1, 2000
	if n, err := strconv.Atoi(os.Getenv("SIGCONFORM_SEEDS")); err == nil {
		seeds, limit = n, 30_000
	}
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	table := Detect(seeds, limit)
	found, base := 0, 0
	for _, d := range table {
		if median(d.Cases) <= limit {
			found++
		}
		if median(d.Baseline) <= limit {
			base++
		}
	}
	if os.Getenv("SIGCONFORM_SEEDS") != "" {
		WriteDetections(os.Stdout, table, seeds, limit)
	}
	if found < len(table)*2/3 || found < base {
		t.Errorf("within %d cases %d of %d mistakes are found, by random strings %d", limit, found, len(table), base)
	}
}
