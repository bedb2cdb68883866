package vectors

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
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
	families := familyFiles(files)
	if err := checkSize(files, families); err != nil {
		return Faults{{File: dir, Message: err.Error()}}
	}
	var faults Faults
	text := 0 // bytes of all runs
	for _, name := range families {
		file := path.Join(dir, name)
		data, err := fs.ReadFile(files, name)
		if err != nil {
			faults = append(faults, Fault{File: file, Message: err.Error()})
			continue
		}
		if err := checkValues(data); err != nil {
			faults = append(faults, Fault{File: file, Message: err.Error()})
			continue
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			faults = append(faults, faultOf(file, syntaxLine(data, err), "this is not JSON"))
			continue
		}
		lines, err := lines(data)
		if err != nil {
			faults = append(faults, faultOf(file, err, "only the last one would be read: delete one"))
			continue
		}
		if text += repeated(value); text > mostText {
			return append(faults, Fault{File: file,
				Message: fmt.Sprintf("the texts of this folder are too long: with what is repeated written out, all together may have %d "+
					"MiB", mostText>>20)})
		}
		for _, problem := range problems(schema.Validate(value)) {
			problem.File, problem.Line = file, lines[problem.Pointer]
			if len(faults) == mostFaults {
				return append(faults, Fault{File: dir, Message: fmt.Sprintf("there is more that is wrong; only %d faults are listed", mostFaults)})
			}
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
		fault := Fault{Pointer: pointer}
		fault.Message, fault.Hint = explain(e.ErrorKind)
		if !slices.Contains(faults, fault) {
			faults = append(faults, fault)
		}
	}
	collect(invalid)
	return faults
}

// explain says what a kind of error means here, and how to fix it.
func explain(k jsonschema.ErrorKind) (problem, hint string) {
	problem = k.LocalizedString(message.NewPrinter(language.English))
	hint = "vectors/schema.json says what may stand here, vectors/README.md what it means"
	switch k := k.(type) {
	case *kind.OneOf: // only texts have alternatives
		return "is not a text", `a text is a string, or a list of strings and runs: ["Body=", {"repeat": "x", "times": 65536}]`
	case *kind.Not: // only a body is said in one of two ways
		return `has both "body" and "bodyBase64"`, "keep one: bodyBase64 where the body is not UTF-8"
	case *kind.Pattern:
		hint = "ids are family/slug, and slugs small letters, digits and hyphens; flags begin with a capital; methods are capitals"
	case *kind.AdditionalProperties:
		for _, property := range k.Properties {
			if near := Nearest(property, properties()); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
		}
	}
	return problem, hint
}

// properties are the names of all properties in a vector file.
func properties() map[string]bool {
	known := map[string]bool{}
	for _, of := range []reflect.Type{
		reflect.TypeFor[Family](), reflect.TypeFor[Note](), reflect.TypeFor[Vector](), reflect.TypeFor[Source](),
		reflect.TypeFor[Request](), reflect.TypeFor[Signed](), reflect.TypeFor[Run](),
	} {
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			known[name] = true
		}
	}
	return known
}

// Fault is something wrong in a vector file.
type Fault struct {
	File    string
	Line    int    // 0 if it concerns the file as a whole
	Pointer string // JSON pointer of the value; "" if it concerns the file
	Message string
	Hint    string // how to fix it; may be ""
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
