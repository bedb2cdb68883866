package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sigconform/vectors/files"
)

// SchemaJSON is report.schema.json: what a report.json may hold.
//
//go:embed report.schema.json
var SchemaJSON []byte

// MatrixSchemaJSON is matrix.schema.json: what a matrix.json may hold.
//
//go:embed matrix.schema.json
var MatrixSchemaJSON []byte

// schemaID is the $id of the schema of reports.
const schemaID = "urn:sigconform:report:3"

// schemaVersion is the version of the formats of report.json and matrix.json.
const schemaVersion = 3

// readableVersions are the versions of report.json that can be read. Version 2 has no
// outcome not-applicable, and no scope.
var readableVersions = []string{"2", "3"}

// mostValues is how many values the JSON of a report may have: one has about a
// hundred for each vector.
const mostValues = 500_000

// JSON returns the report for programs, as report.schema.json describes it.
func (r *Report) JSON() ([]byte, error) { return encode(r) }

// encode is JSON for programs and people: indented, with "<" and "&" as they are.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(v)
	return out.Bytes(), err
}

// Read reads the report.json at path, or in the folder at path. Others may have
// written it: what does not follow the schema is an error.
func Read(path string) (*Report, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path += string(os.PathSeparator) + "report.json"
	}
	data, err := files.Read(path, files.Report)
	if err != nil {
		return nil, err
	}
	r, err := Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Decode reads a report that [Report.JSON] wrote. Fields that it does not know
// are ignored.
func Decode(data []byte) (*Report, error) {
	if err := files.CheckJSON(data, mostValues); err != nil {
		return nil, fmt.Errorf("this is no report.json: %w", err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("this is no JSON: %w", err)
	}
	if fields, isObject := value.(map[string]any); isObject {
		if version, _ := fields["schema"].(json.Number); version != "" && !slices.Contains(readableVersions, string(version)) {
			return nil, fmt.Errorf("it has version %s of the format, and this sigconform reads the versions %s",
				Clean(string(version), 20), strings.Join(readableVersions, " and "))
		}
	}
	schema, err := compile(SchemaJSON)
	if err != nil {
		return nil, err
	}
	if err := schema.Validate(value); err != nil {
		var invalid *jsonschema.ValidationError
		if errors.As(err, &invalid) {
			err = errors.New(strings.Join(CleanLines(invalid.Error(), 6, 200), "\n    "))
		}
		return nil, fmt.Errorf("this is no report.json ('sigconform report schema' prints the schema): %w", err)
	}
	r := &Report{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, err
	}
	return r, r.check()
}

func compile(schema []byte) (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaID, document); err != nil {
		return nil, err
	}
	return compiler.Compile(schemaID)
}
