package vectors

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"sigconform/vectors/files"
)

//go:embed *.json ids.txt CHANGELOG.md
var embedded embed.FS

// The files of a folder of vectors that are not families.
const (
	schemaFile = "schema.json"
	rulesFile  = "rules.json"
	idsFile    = "ids.txt"

	changelogFile = "CHANGELOG.md"
)

// ErrNone says that a folder has no vectors yet.
var ErrNone = errors.New("there are no vector files (*.json)")

// Corpus is a folder of vector files.
type Corpus struct {
	Families []*Family // in the order of their file names
	files    fs.FS
	dir      string // how the folder is called in messages
}

// Builtin returns the vectors that are part of this program.
func Builtin() *Corpus {
	c, err := load(embedded, "vectors")
	if err != nil {
		panic(err) // the tests of this package load them
	}
	return c
}

// Load reads the vector files of a folder. The error names every fault that
// keeps one from being read: syntax, and what schema.json does not allow.
func Load(dir string) (*Corpus, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder; the vectors of one file are selected with --id", dir)
	}
	files := files.Dir(dir, files.Vectors)
	if faults := checkSchema(files, dir); len(faults) > 0 {
		return nil, faults
	}
	return load(files, dir)
}

// Empty returns the corpus of a folder that holds no vectors yet, or need not
// exist.
func Empty(dir string) *Corpus { return &Corpus{files: files.Dir(dir, files.Vectors), dir: dir} }

func load(files fs.FS, dir string) (*Corpus, error) {
	c := &Corpus{files: files, dir: dir}
	for _, name := range familyFiles(files) {
		f, err := loadFamily(files, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Join(dir, name), err)
		}
		f.File = path.Join(dir, name)
		c.Families = append(c.Families, f)
	}
	if len(c.Families) == 0 {
		return nil, fmt.Errorf("%s: %w", dir, ErrNone)
	}
	ids, _ := readIDs(files) // lint says what is wrong with it
	for _, v := range c.Vectors() {
		v.Since = ids[v.ID].since
	}
	return c, nil
}

func loadFamily(files fs.FS, name string) (*Family, error) {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	f := &Family{}
	if err := json.Unmarshal(data, f); err != nil {
		return nil, syntaxLine(data, err)
	}
	starts, err := startLines(data, files == fs.FS(embedded), len(f.Vectors))
	if err != nil {
		return nil, err
	}
	for i, v := range f.Vectors {
		if v == nil {
			return nil, errors.New("a vector is null")
		}
		v.Family, v.Line = f, starts[i]
	}
	return f, nil
}

// startLines returns the lines that the vectors of a file start on. What is built in was
// checked before, and is formatted; in other files a key that an object has twice is an error.
func startLines(data []byte, checked bool, vectors int) ([]int, error) {
	if checked {
		return vectorLines(data), nil
	}
	all, err := lines(data)
	starts := make([]int, vectors)
	for i := range starts {
		starts[i] = all[fmt.Sprintf("/vectors/%d", i)]
	}
	return starts, err
}

// familyFiles lists the files that hold vectors, sorted.
func familyFiles(files fs.FS) []string {
	all, _ := fs.Glob(files, "*.json")
	var families []string
	for _, name := range all {
		if name != schemaFile && name != rulesFile && !strings.HasPrefix(name, ".") {
			families = append(families, name)
		}
	}
	return families
}

// Vectors returns all vectors in the order of the files.
func (c *Corpus) Vectors() []*Vector {
	var all []*Vector
	for _, f := range c.Families {
		all = append(all, f.Vectors...)
	}
	return all
}
