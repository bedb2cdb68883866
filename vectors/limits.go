package vectors

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"sigconform/vectors/files"
)

// A folder of vectors may come from anybody, and a run of a text is short however
// long the text is. So a folder has limits, beside those of each file and text: far
// above what the built-in vectors need, and far below what a machine has.
const (
	mostFiles    = 500
	mostInFolder = 16 << 20 // bytes of all files
	mostValues   = 200_000  // JSON values of one file
	mostText     = 32 << 20 // bytes of all texts, with what is repeated written out
	mostFaults   = 1000     // that are listed
)

// checkSize returns an error if the folder is larger than it may be.
func checkSize(folder fs.FS, families []string) error {
	if len(families) > mostFiles {
		return fmt.Errorf("it has %d files of vectors; a folder may have %d", len(families), mostFiles)
	}
	var size int64
	for _, name := range families {
		if info, err := fs.Stat(folder, name); err == nil {
			size += info.Size()
		}
	}
	if size > mostInFolder {
		return fmt.Errorf("its files are too large: all together may have %d MiB", mostInFolder>>20)
	}
	return nil
}

// checkValues returns an error for JSON that takes far more memory than its size.
func checkValues(data []byte) error { return files.CheckJSON(data, mostValues) }

// repeated is how many bytes the runs of all texts within a JSON value stand for.
func repeated(value any) int {
	n := 0
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			n = min(n+repeated(item), mostText+1)
		}
	case map[string]any:
		text, _ := value["repeat"].(string)
		number, _ := value["times"].(json.Number)
		if times, err := number.Int64(); err == nil && times > 0 && text != "" {
			n = int(min(times, mostText/int64(len(text))+1)) * len(text)
		}
		for _, item := range value {
			n = min(n+repeated(item), mostText+1)
		}
	}
	return n
}
