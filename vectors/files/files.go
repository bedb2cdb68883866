// Package files reads what others wrote, and writes what others read. It is the
// only place of the suite that opens a file which a person named. The rules are:
//
//   - What is read may come from anybody: only a regular file is read (no device,
//     FIFO or folder, and no waiting for one), and no more of it than its kind may
//     have. The error says the limit.
//   - What is written appears whole or not at all: it is written beside its place
//     and then renamed.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Kind is a kind of file, with how many bytes one may have.
type Kind struct {
	What  string // with its article: "a report"
	Limit int64
}

// The kinds of files that are read.
var (
	Report        = Kind{"a report", 16 << 20}
	Vectors       = Kind{"a file of vectors", 4 << 20}
	Finding       = Kind{"a finding", 4 << 20}
	KnownFailures = Kind{"a list of known failures", 1 << 20}
	HAR           = Kind{"a HAR file", 64 << 20}
	Request       = Kind{"a request", 4 << 20}
	Body          = Kind{"a body", 4 << 20}
	Token         = Kind{"a token", 4 << 10}
	Certificates  = Kind{"a file of certificates", 4 << 20}
)

// Read returns the bytes of a file. The error says what the file is, if it is no
// regular one, or how many bytes its kind may have.
func Read(name string, kind Kind) ([]byte, error) {
	// Without O_NONBLOCK a FIFO would be waited for.
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is %s; %s must be a regular file", name, modeName(info.Mode()), kind.What)
	case info.Size() > kind.Limit:
		return nil, kind.tooLarge(name)
	}
	return ReadFrom(file, name, kind)
}

// ReadFrom is Read for what is open already, as standard input is; name is what it
// is called in an error.
func ReadFrom(in io.Reader, name string, kind Kind) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, kind.Limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > kind.Limit {
		return nil, kind.tooLarge(name)
	}
	return data, nil
}

func (k Kind) tooLarge(name string) error {
	size := fmt.Sprintf("%d KiB", k.Limit>>10)
	if k.Limit >= 1<<20 {
		size = fmt.Sprintf("%d MiB", k.Limit>>20)
	}
	return fmt.Errorf("%s is too large: %s may have at most %s", name, k.What, size)
}

func modeName(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	default:
		return "a device"
	}
}

// Dir returns the folder as a file system whose files are read as [Read] does.
func Dir(dir string, kind Kind) fs.FS { return folder{os.DirFS(dir), dir, kind} }

type folder struct {
	fs.FS
	dir  string
	kind Kind
}

// Stat is what fs.Stat calls, which opens the file otherwise: a FIFO is waited for.
func (f folder) Stat(name string) (fs.FileInfo, error) { return fs.Stat(os.DirFS(f.dir), name) }

// ReadFile is what fs.ReadFile calls.
func (f folder) ReadFile(name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return Read(filepath.Join(f.dir, filepath.FromSlash(name)), f.kind)
}

// Write writes a file, whole or not at all; a file that was there is replaced and
// keeps its permissions. What is no regular file, as /dev/stdout, is written to.
func Write(name string, data []byte) error {
	place, err := filepath.EvalSymlinks(name) // the link stays, what it leads to is replaced
	if errors.Is(err, fs.ErrNotExist) {
		place = name
	} else if err != nil {
		return err
	}
	permissions := fs.FileMode(0o666)
	info, err := os.Stat(place)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("cannot write %s: it is a folder", name)
	case err == nil && !info.Mode().IsRegular():
		return writeTo(place, os.O_WRONLY, 0, data)
	case err == nil:
		permissions = info.Mode().Perm()
	}
	temporary := filepath.Join(filepath.Dir(place), fmt.Sprintf(".%s.%d.tmp", filepath.Base(place), os.Getpid()))
	defer os.Remove(temporary)
	if err := writeTo(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, permissions, data); err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	return os.Rename(temporary, place)
}

// writeTo writes to an open file and hears of every error.
func writeTo(name string, flag int, permissions fs.FileMode, data []byte) error {
	file, err := os.OpenFile(name, flag, permissions)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}
