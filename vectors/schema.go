package vectors

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// checkSchema returns every fault of syntax and every value that schema.json
// does not allow, in all vector files of a folder.
func checkSchema(files fs.FS, dir string) Faults {
	schema := compileSchema()
	var faults Faults
	for _, name := range familyFiles(files) {
		file := path.Join(dir, name)
		data, err := fs.ReadFile(files, name)
		if err != nil {
			faults = append(faults, Fault{File: file, Message: err.Error()})
			continue
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			faults = append(faults, Fault{File: file, Message: syntaxLine(data, err).Error(), Hint: "this is no JSON"})
			continue
		}
		lines, err := lines(data)
		if err != nil {
			faults = append(faults, Fault{File: file, Message: err.Error()})
			continue
		}
		for _, problem := range problems(schema.Validate(value)) {
			problem.File, problem.Line = file, lines[problem.Pointer]
			faults = append(faults, problem)
		}
	}
	return faults
}

func compileSchema() *jsonschema.Schema {
	data, err := embedded.ReadFile(schemaFile)
	if err != nil {
		panic(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		panic(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaFile, document); err != nil {
		panic(err)
	}
	return compiler.MustCompile(schemaFile)
}

// problems flattens a validation error into its leaves: the innermost values
// that are wrong, once each.
func problems(err error) Faults {
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	english := message.NewPrinter(language.English)
	var faults Faults
	var collect func(*jsonschema.ValidationError)
	collect = func(e *jsonschema.ValidationError) {
		_, alternatives := e.ErrorKind.(*kind.OneOf)
		if len(e.Causes) > 0 && !alternatives {
			for _, cause := range e.Causes {
				collect(cause)
			}
			return
		}
		pointer := ""
		for _, name := range e.InstanceLocation {
			pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		}
		fault := Fault{Pointer: pointer, Message: e.ErrorKind.LocalizedString(english), Hint: "see vectors/schema.json for what may stand here"}
		if !slices.Contains(faults, fault) {
			faults = append(faults, fault)
		}
	}
	collect(invalid)
	return faults
}

// Fault is something wrong in a vector file.
type Fault struct {
	File    string
	Line    int    // 0 if it concerns the file as a whole
	Pointer string // JSON pointer of the value; "" if it concerns the file
	Message string
	Hint    string // how to mend it; may be ""
}

func (f Fault) String() string {
	s := f.File
	if f.Line > 0 {
		s += fmt.Sprintf(":%d", f.Line)
	}
	if f.Pointer != "" {
		s += ": " + f.Pointer
	}
	s += ": " + f.Message
	if f.Hint != "" {
		s += "\n    " + f.Hint
	}
	return s
}

// Faults is a list of them, and an error.
type Faults []Fault

func (f Faults) Error() string {
	var lines []string
	for _, fault := range f {
		lines = append(lines, fault.String())
	}
	return strings.Join(lines, "\n")
}
