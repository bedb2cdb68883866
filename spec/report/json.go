package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
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
const schemaID = "urn:sigconform:report:1"

// largest is how many bytes a report.json may have.
const largest = 64 << 20

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
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, largest+1))
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
	if len(data) > largest {
		return nil, fmt.Errorf("a report may have at most %d MiB", largest>>20)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("this is no JSON: %w", err)
	}
	if fields, isObject := value.(map[string]any); isObject {
		if version, _ := fields["schema"].(json.Number); version != "" && version != "1" {
			return nil, fmt.Errorf("it has version %s of the format, and this sigconform reads version 1", Clean(string(version), 20))
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
	return r, json.Unmarshal(data, r)
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
