//go:build unix

package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestReadRefuses: only regular files are read, and none that is too large.
func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	fifo, large := filepath.Join(dir, "fifo"), filepath.Join(dir, "large")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(large, make([]byte, 5<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("/dev/zero", link); err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{
		fifo:        "is a FIFO; a token must be a regular file",
		dir:         "is a folder; a token must be a regular file",
		"/dev/zero": "is a device; a token must be a regular file",
		link:        "is a device; a token must be a regular file",
		large:       "is too large: a token may have at most 4 KiB",
	} {
		done := make(chan error, 1)
		go func() {
			_, err := Read(name, Token)
			done <- err
		}()
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v, want %q", name, err, says)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%s: it is waited for", name)
		}
	}
	if err := os.WriteFile(large, make([]byte, 4<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := Read(large, Token); err != nil || len(data) != 4<<10 {
		t.Errorf("a file as large as may be: %d bytes, %v", len(data), err)
	}
	if _, err := fs.ReadFile(Dir(dir, Token), "fifo"); err == nil {
		t.Error("a FIFO in a folder is read")
	}
	if info, err := fs.Stat(Dir(dir, Token), "fifo"); err != nil || info.Mode().IsRegular() {
		t.Errorf("a FIFO in a folder: %v, %v", info, err)
	}
}

// TestWrite: a file appears whole or not at all, and a place that takes nothing is
// an error.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "report.json")
	for _, text := range []string{"first", "second"} {
		if err := Write(file, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	if err := Write("/dev/full", []byte("x")); err == nil {
		t.Error("a full device is no error")
	}
	if info, err := os.Stat("/dev/full"); err != nil || info.Mode().IsRegular() {
		t.Errorf("the device was replaced: %v, %v", info, err)
	}
	if err := Write(filepath.Join(dir, "absent", "x"), []byte("x")); err == nil {
		t.Error("a folder that is not there is no error")
	}
	if err := Write(dir, nil); err == nil {
		t.Error("a folder is written to")
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, []byte("third")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v, %v", info, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCheckJSON(t *testing.T) {
	for text, sound := range map[string]bool{
		`{"a":["[[[[,,,,", "\"[,"]}`:                                true,
		strings.Repeat("[", 64) + strings.Repeat("]", 64):           true,
		strings.Repeat("[", 65) + strings.Repeat("]", 65):           false,
		"[" + strings.Repeat("1,", 99) + "1]":                       false,
		"[" + strings.Repeat("1,", 90) + "1]":                       true,
		strings.Repeat(`{"a":`, 70) + "1" + strings.Repeat("}", 70): false,
	} {
		if err := CheckJSON([]byte(text), 100); (err == nil) != sound {
			t.Errorf("%.40s: %v", text, err)
		}
	}
}
