package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/spec/conformance"
	"sigconform/spec/report"
	"sigconform/vectors"
)

// answers is a validator that answers as a function says; an error ends the run.
type answers func(c protocol.Case) (protocol.Answer, error)

func (f answers) Ask(_ context.Context, cases []protocol.Case, answered func(int, protocol.Answer)) error {
	for i, c := range cases {
		a, err := f(c)
		if err != nil {
			return err
		}
		answered(i, a)
	}
	return nil
}

func (answers) Close() []string { return nil }

// hostile is text that a validator may say to harm whoever reads its report.
const hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`|\u202e\x00\x1b[2J\n" +
	"::error::injected\n| a | b |\n```\n@everyone"

// mistaken is a validator with a defect that says what it signs.
func mistaken(t *testing.T, key string) answers {
	t.Helper()
	variant, err := defect.Find(key)
	if err != nil {
		t.Fatal(err)
	}
	validator := variant.New()
	return func(c protocol.Case) (protocol.Answer, error) { return adapters.Answer(validator, c), nil }
}

// corpus returns the built-in vectors, which take long to read. No test changes them.
var corpus = sync.OnceValue(func() []*vectors.Vector { return vectors.Builtin().Vectors() })

// validators are runs of every kind.
func validators(t *testing.T) map[string]answers {
	right := reference.New()
	n, many := 0, len(corpus())/40
	return map[string]answers{
		"right":    func(c protocol.Case) (protocol.Answer, error) { return adapters.Answer(right, c), nil },
		"unsorted": mistaken(t, "unsorted"),
		"two mistakes": func(c protocol.Case) (protocol.Answer, error) {
			if strings.HasPrefix(c.ID, "token/") {
				return protocol.Answer{Verdict: reference.Accept}, nil
			}
			return mistaken(t, "unsorted")(c)
		},
		"accepts everything": mistaken(t, "accepts-everything"),
		"hostile": func(c protocol.Case) (protocol.Answer, error) {
			said := hostile
			verdict := []reference.Verdict{reference.Accept, reference.Reject, reference.Error, reference.Died, reference.Unsupported}[len(c.ID)%5]
			return protocol.Answer{Verdict: verdict, Detail: hostile, Reason: hostile, Stderr: hostile, StringToSign: &said, Used: hostile}, nil
		},
		"no UTF-8": func(c protocol.Case) (protocol.Answer, error) {
			said := "\xff\xfe" + strings.Repeat("é", 9000)
			return protocol.Answer{Verdict: reference.Reject, StringToSign: &said, Detail: "\xff"}, nil
		},
		"is gone": func(c protocol.Case) (protocol.Answer, error) {
			return protocol.Answer{}, errors.New("it is gone: " + hostile)
		},
		"unsteady": func(c protocol.Case) (protocol.Answer, error) {
			n++
			a := adapters.Answer(right, c)
			if n > many {
				a.Verdict = reference.Accept
			}
			return a, nil
		},
	}
}

// asked holds the reports that a test has made already, as JSON.
var asked = map[string][]byte{}

// reportOf asks a validator everything and returns the report, as others read it.
func reportOf(t *testing.T, name string, validator answers) (*report.Report, []byte) {
	t.Helper()
	data, made := asked[name]
	if !made {
		data = ask(t, name, validator)
		asked[name] = data
	}
	read, err := report.Decode(data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return read, data
}

func ask(t *testing.T, name string, validator answers) []byte {
	t.Helper()
	book, all := vectors.Rules(), corpus()
	judging := conformance.Judging{Book: book, Require: map[string]string{"empty-token": "rejected"}}
	selected := all
	if name != "unsorted" { // a part is enough, and what answers at random is slow to diagnose
		selected = nil
		for i := 0; i < len(all); i += 40 {
			selected = append(selected, all[i])
		}
		for _, v := range all {
			if v.ID == "form-values/value-16000" {
				selected = append(selected, v)
			}
		}
	}
	run := conformance.Ask(context.Background(), validator, selected, judging, nil)
	run.Warnings, run.Stale = []string{"a note: " + hostile}, []string{"a stale entry"}
	written := report.New(run, report.About{
		Version: "v1.2.3", Date: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Corpus: all, Judging: judging,
		Validator: report.Validator{Name: name + hostile, Version: "1.0", Language: "Go"},
		Selection: &report.Selection{IDs: []string{"*"}, Filter: "a||b"},
		Repeat:    func(id string) string { return "sigconform run --id " + id + " -- " + hostile },
	})
	written.AsOf = "1.0.0"
	written.Comparison = &report.Comparison{
		Baseline: hostile, OtherVectors: true, StillFailing: []string{hostile}, Skipped: []string{hostile}, Answers: []string{hostile},
		NewlyFailing: []report.Changed{{Cause: hostile, Says: hostile, IDs: []string{hostile}}},
		Fixed:        []report.Changed{{IDs: []string{hostile}}},
	}
	data, err := written.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestSchema: every report follows report.schema.json, and has nothing that the
// schema does not describe. What is read is what was written.
func TestSchema(t *testing.T) {
	schema := strictSchema(t, "urn:sigconform:report:3")
	for name, validator := range validators(t) {
		read, data := reportOf(t, name, validator)
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		again, err := read.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(data, again) {
			t.Errorf("%s: written again, the report is another", name)
		}
	}
}

// TestMatrixSchema: a matrix follows matrix.schema.json, and has nothing that the
// schema does not describe.
func TestMatrixSchema(t *testing.T) {
	schema := strictSchema(t, "urn:sigconform:matrix:3")
	var reports []*report.Report
	for name, validator := range validators(t) {
		read, _ := reportOf(t, name, validator)
		reports = append(reports, read, read)
	}
	skipped := []report.Skipped{{Validator: report.Validator{Name: "far", Version: "1", Language: "Lisp"}, Reason: "it needs no-such-lisp"}}
	m := report.NewMatrix(reports, skipped, "v1.2.3", time.Now())
	data, err := m.JSON()
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Error(err)
	}
	if len(m.Mistakes) == 0 || len(m.Questions) == 0 || len(m.Nobody) == 0 || len(m.Notes) == 0 {
		t.Error("the matrix has not got everything that the schema describes")
	}
}

// strictSchema is a published schema by its $id, in which no object may have a
// property that it does not describe.
func strictSchema(t *testing.T, id string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	for id, schema := range map[string][]byte{
		"urn:sigconform:report:3": report.SchemaJSON, "urn:sigconform:matrix:3": report.MatrixSchemaJSON,
	} {
		if err := compiler.AddResource(id, closed(t, schema)); err != nil {
			t.Fatal(err)
		}
	}
	return compiler.MustCompile(id)
}

// closed is a schema in which no object may have other properties.
func closed(t *testing.T, schema []byte) any {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	objects := 0
	var close func(any)
	close = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				close(item)
			}
		case map[string]any:
			for _, item := range v {
				close(item)
			}
			if _, described := v["properties"].(map[string]any); described && v["type"] == "object" {
				v["additionalProperties"] = false
				objects++
			}
		}
	}
	close(document)
	if objects < 10 {
		t.Fatalf("only %d objects of the schema were closed", objects)
	}
	return document
}

// TestDecodeRefuses: what is no report is refused in a sentence that helps.
func TestDecodeRefuses(t *testing.T) {
	_, data := reportOf(t, "right", validators(t)["right"])
	change := func(old, new string) string {
		changed := strings.Replace(string(data), old, new, 1)
		if changed == string(data) {
			t.Fatalf("the report has no %s", old)
		}
		return changed
	}
	for text, want := range map[string]string{
		"":                                   "this is no JSON",
		"[]":                                 "this is no report.json",
		"{}":                                 "missing propert",
		change(`"schema": 3`, `"schema": 2`): "", // it differs in nothing that this report has
		change(`"schema": 3`, `"schema": 4`): "has version 4 of the format",
		change(`"outcome": "passed"`, `"outcome": "javascript:alert(1)"`):          "/results/",
		change(`"id": "body-`, `"id": "body `):                                     "does not match pattern",
		change(`"digest": "sha256:`, `"digest": "md5:`):                            "does not match pattern",
		change(`"verdict": "accept"`, `"verdict": "accept", "base64": 1, "of":-1`): "",
	} {
		_, err := report.Decode([]byte(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
}

// TestBytes: every form of bytes is read as it was written.
func TestBytes(t *testing.T) {
	for _, b := range []report.Bytes{
		{Data: "", Of: 0}, {Data: "a=1&ü", Of: 6}, {Data: "\xff\x00", Of: 2}, {Data: "bc", From: 1, Of: 9}, {Data: "\xff", From: 3, Of: 4},
	} {
		data, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		var back report.Bytes
		if err := json.Unmarshal(data, &back); err != nil || back != b {
			t.Errorf("%#v became %s and then %#v, %v", b, data, back, err)
		}
	}
}

// TestLongStringsKeepWhereTheyPart: of strings too long to keep, the report has
// the bytes in which they part.
func TestLongStringsKeepWhereTheyPart(t *testing.T) {
	found := false
	read, _ := reportOf(t, "end", func(c protocol.Case) (protocol.Answer, error) {
		said := reference.StringToSign(c.Request) + "!"
		return protocol.Answer{Verdict: reference.Reject, StringToSign: &said}, nil
	})
	for _, r := range read.Results {
		if r.ID != "form-values/value-16000" {
			continue
		}
		found = true
		if mine := r.ValidatorSigns; mine == nil || mine.From == 0 || !strings.HasSuffix(mine.Data, "!") || len(mine.Data) > 9000 {
			t.Errorf("%s keeps no piece of the end", r.ID)
		}
	}
	if !found {
		t.Error("no long string was compared")
	}
}

// TestRead reads a file or the folder that holds it.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	_, data := reportOf(t, "right", validators(t)["right"])
	if err := os.WriteFile(filepath.Join(dir, "report.json"), data, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(dir, "report.json")} {
		if _, err := report.Read(path); err != nil {
			t.Error(err)
		}
	}
	if _, err := report.Read(filepath.Join(dir, "no")); err == nil {
		t.Error("a report was read that is not there")
	}
}
