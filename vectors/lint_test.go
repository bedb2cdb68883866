package vectors

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// sound is a family in which nothing is wrong, and soundIDs its ids. Each test
// breaks one thing.
const (
	sound = `{
  "family": "fam",
  "title": "A family",
  "notes": {
    "Loose": {
      "bugType": "FALSE_ACCEPT",
      "effect": "Anything is accepted."
    }
  },
  "vectors": [
    {
      "id": "fam/one",
      "comment": "Signed as the rules say",
      "rules": ["hmac-sha1-base64"],
      "source": {"kind": "norm", "ref": "A few notes"},
      "authToken": "12345",
      "request": {
        "method": "POST",
        "url": "https://example.com/myapp",
        "contentType": "application/x-www-form-urlencoded",
        "body": "b=2&a=1",
        "signature": "pZWM0q+HYr4F1q2Umq5WOzOri3s="
      },
      "signed": {
        "url": "https://example.com/myapp",
        "params": [["a", "1"], ["b", "2"]],
        "string": "https://example.com/myappa1b2"
      },
      "result": "valid"
    },
    {
      "id": "fam/two",
      "comment": "Signed in another order",
      "rules": ["sorted-by-name"],
      "flags": ["Loose"],
      "source": {"kind": "norm", "ref": "A few notes"},
      "authToken": "12345",
      "request": {
        "method": "POST",
        "url": "https://example.com/myapp",
        "contentType": "application/x-www-form-urlencoded",
        "body": "b=2&a=1",
        "signature": "KdJnVQuHevExsW1uXOpo0+9M40c="
      },
      "signed": {
        "url": "https://example.com/myapp",
        "params": [["b", "2"], ["a", "1"]],
        "string": "https://example.com/myappb2a1"
      },
      "result": "invalid"
    }
  ]
}
`
	soundIDs = idsHeader + `fam/one  a3bac3d99854f019
fam/two  8291310005dc144f
`
)

var update = flag.Bool("update", false, "write what is seen to testdata, to be read and committed")

// saidFile holds what lint says of each broken folder: the name of the test
// behind "## ", and the text.
const saidFile = "testdata/lint.txt"

// TestLint breaks one thing at a time and compares what a person reads.
func TestLint(t *testing.T) {
	said := map[string]string{}
	golden, err := os.ReadFile(saidFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	for section := range strings.SplitSeq("\n"+string(golden), "\n## ") {
		name, text, _ := strings.Cut(section, "\n")
		said[name] = strings.TrimSuffix(text, "\n")
	}
	delete(said, "")
	if !*update && !slices.Equal(slices.Sorted(maps.Keys(said)), slices.Sorted(maps.Keys(lintTests))) {
		t.Errorf("%s and the tests have other names", saidFile)
	}
	var seen strings.Builder
	for _, name := range slices.Sorted(maps.Keys(lintTests)) {
		got := lintBroken(t, name)
		fmt.Fprintf(&seen, "## %s\n%s\n", name, got)
		if got != said[name] && !*update {
			t.Errorf("%s: lint says\n%s\nbut should say\n%s", name, got, said[name])
		}
	}
	if *update {
		if err := os.WriteFile(saidFile, []byte(seen.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// lintBroken breaks the sound folder and returns what lint says.
func lintBroken(t *testing.T, name string) string {
	test := lintTests[name]
	files := map[string]string{"fam.json": sound, idsFile: soundIDs}
	maps.Copy(files, test.files)
	for i := 0; i < len(test.edit); i += 2 {
		before := files["fam.json"]
		files["fam.json"] = strings.Replace(before, test.edit[i], test.edit[i+1], 1)
		if files["fam.json"] == before {
			t.Fatalf("%s: the sound family does not hold %q", name, test.edit[i])
		}
	}
	folder := fstest.MapFS{}
	for name, text := range files {
		if text != "" {
			folder[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return Lint(folder, "dir").Error()
}

// lintTests: what is broken, in which files (an empty text means that there is
// none) or by which edits of the sound family.
var lintTests = map[string]struct {
	files map[string]string
	edit  []string
}{
	"nothing":    {},
	"no ids.txt": {files: map[string]string{idsFile: ""}},

	// Syntax and schema.
	"a comma too many":   {edit: []string{`"result": "valid"`, `"result": "valid",`}},
	"a key twice":        {edit: []string{`"result": "valid"`, `"result": "valid", "result": "invalid"`}},
	"an unknown key":     {edit: []string{`"comment": "Signed as`, `"coment": "", "comment": "Signed as`}},
	"a missing key":      {edit: []string{"      \"comment\": \"Signed as the rules say\",\n", ""}},
	"a wrong type":       {edit: []string{`"authToken": "12345"`, `"authToken": 12345`}},
	"an unknown result":  {edit: []string{`"result": "valid"`, `"result": "acceptable"`}},
	"a bad id":           {edit: []string{`"fam/one"`, `"fam/One"`}},
	"a bad run":          {edit: []string{`"b=2&a=1"`, `["b=", {"repeat": "2"}]`}},
	"body twice":         {edit: []string{`"body": "b=2&a=1"`, `"body": "", "bodyBase64": ""`}},
	"a question unnamed": {edit: []string{`"result": "valid"`, `"result": "question"`}},
	"no vector":          {files: map[string]string{"fam.json": `{"family": "fam", "title": "A", "vectors": []}`}},
	"no file":            {files: map[string]string{"fam.json": ""}},

	// Words.
	"an unknown rule":          {edit: []string{`"sorted-by-name"`, `"sorted-by-nam"`}},
	"no rule":                  {edit: []string{"      \"rules\": [\"sorted-by-name\"],\n", ""}},
	"an unknown flag":          {edit: []string{`"flags": ["Loose"]`, `"flags": ["Lose"]`}},
	"a dangling note":          {edit: []string{"      \"flags\": [\"Loose\"],\n", ""}},
	"a flag of the wrong kind": {edit: []string{`FALSE_ACCEPT`, `FALSE_REJECT`}},
	"a flag on what is valid": {edit: []string{`"rules": ["hmac-sha1-base64"],`,
		"\"rules\": [\"hmac-sha1-base64\"],\n      \"flags\": [\"Loose\"],"}},
	"an unknown question": {edit: []string{"      \"rules\": [\"hmac-sha1-base64\"],\n", "", `"result": "valid"`,
		"\"result\": \"question\",\n      \"question\": \"empty-nam\",\n      \"answer\": \"kept\""}},
	"an unknown answer": {edit: []string{"      \"rules\": [\"hmac-sha1-base64\"],\n", "", `"result": "valid"`,
		"\"result\": \"question\",\n      \"question\": \"empty-name\",\n      \"answer\": \"keep\""}},
	"a question that is none": {edit: []string{`"result": "valid"`,
		"\"result\": \"valid\",\n      \"question\": \"empty-name\",\n      \"answer\": \"kept\""}},
	"an unknown mac": {edit: []string{`"string": "https://example.com/myappa1b2"`,
		"\"string\": \"https://example.com/myappa1b2\",\n        \"mac\": \"hmac-sha265\""}},
	"an unknown encoding": {edit: []string{`"string": "https://example.com/myappa1b2"`,
		"\"string\": \"https://example.com/myappa1b2\",\n        \"encoding\": \"hexx\""}},
	"a skeleton":         {edit: []string{`"Signed in another order"`, `"TODO: what this asks"`}},
	"a title to be said": {edit: []string{`"A family"`, `"TODO: what these vectors are about"`}},

	// Ids.
	"an id twice":             {edit: []string{`"fam/two"`, `"fam/one"`}},
	"an id of another family": {edit: []string{`"fam/two"`, `"family/two"`}},
	"a file of another name":  {files: map[string]string{"fam.json": "", "other.json": sound}},
	"a new id":                {files: map[string]string{idsFile: strings.Replace(soundIDs, "fam/two  8291310005dc144f\n", "", 1)}},
	"a vanished id":           {files: map[string]string{idsFile: soundIDs + "fam/zero  0123456789abcdef\n"}},
	"a retired id": {files: map[string]string{idsFile: strings.Replace(soundIDs, "8291310005dc144f",
		"retired: it was wrong", 1)}},
	"a retired id, gone":      {files: map[string]string{idsFile: soundIDs + "fam/zero  retired: it was wrong\n"}},
	"an id that stands twice": {files: map[string]string{idsFile: soundIDs + "fam/one  0123456789abcdef\n"}},
	"an id of no version": {files: map[string]string{idsFile: strings.Replace(soundIDs, "fam/two  ", "fam/two  1.2.0  ", 1),
		changelogFile: "# Changes\n\n## 1.0.0\n"}},
	"ids of versions": {files: map[string]string{idsFile: strings.Replace(soundIDs, "fam/two  ", "fam/two  1.2.0  ",
		1) + "fam/zero  1.0.0  retired 1.2.0: it was wrong\n", changelogFile: "# Changes\n\n## 1.2.0\n\n## 1.0.0\n"}},
	"a retirement of no version":  {files: map[string]string{idsFile: soundIDs + "fam/zero  1.0.0  retired 1.3: it was wrong\n"}},
	"a retirement unexplained":    {files: map[string]string{idsFile: soundIDs + "fam/zero  retired:\n"}},
	"a flipped expectation":       {edit: []string{`"result": "invalid"`, `"result": "valid"`, `"FALSE_ACCEPT"`, `"FALSE_REJECT"`}},
	"another flipped expectation": {edit: []string{`"result": "valid"`, `"result": "invalid"`}},
	"a changed request":           {edit: []string{`"b=2&a=1"`, `"a=1&b=2"`}},

	// What follows from what.
	"a wrong signature":   {edit: []string{`pZWM0q`, `pZWM0Q`}},
	"a wrong string":      {edit: []string{`myappa1b2"`, `myappb2a1"`}},
	"a signature missing": {edit: []string{",\n        \"signature\": \"pZWM0q+HYr4F1q2Umq5WOzOri3s=\"", ""}},
	"a chain missing": {edit: []string{"      \"signed\": {\n        \"url\": \"https://example.com/myapp\",\n        " +
		"\"params\": [[\"a\", \"1\"], [\"b\", \"2\"]],\n        \"string\": \"https://example.com/myappa1b2\"\n      },\n", ""}},
	"a request asked twice": {edit: []string{`"params": [["b", "2"], ["a", "1"]]`, `"params": [["a", "1"], ["b", "2"]]`,
		`myappb2a1`, `myappa1b2`, `KdJnVQuHevExsW1uXOpo0+9M40c=`, `pZWM0q+HYr4F1q2Umq5WOzOri3s=`}},
	"userinfo without a need": {edit: []string{`"url": "https://example.com/myapp",` + "\n        \"contentType\"",
		`"url": "https://user@example.com/myapp",` + "\n        \"contentType\""}},
	"a need without userinfo": {edit: []string{`"authToken": "12345"`, "\"needs\": \"configured-url\",\n      \"authToken\": \"12345\""}},
	"an undisclosed token": {edit: []string{`"url": "https://example.com/myapp",` + "\n        \"params\"",
		"\"tokenUndisclosed\": true,\n        \"url\": \"https://example.com/myapp\",\n        \"params\"",
		"pZWM0q+HYr4F1q2Umq5WOzOri3s=", "pZWM0q"}},
	"a file formatted by hand": {edit: []string{`  "title": "A family",`, `  "title":   "A family",`}},

	// The rulebook.
	"rules that are no JSON": {files: map[string]string{rulesFile: "{\n  \"rules\": {},\n}"}},
}

// TestLintRules breaks the rulebook of a folder that has one. Such a folder has
// to cover the catalogue of defects as well; what that says is tested elsewhere.
func TestLintRules(t *testing.T) {
	rules := `{
  "rules": {
    "hmac-sha1-base64": {"says": "…", "source": {"kind": "norm", "ref": "…"}},
    "sorted-by-name": {"says": "…", "source": {"kind": "norm", "ref": "…"}},
    "tls": {"says": "…", "source": {"kind": "norm", "ref": "…"}, "endpointsOnly": true}
  },
  "questions": {
    "empty-name": {"asks": "…", "answers": {"kept": "…"}, "recommended": "keep"}
  }
}
`
	folder := fstest.MapFS{"fam.json": {Data: []byte(sound)}, idsFile: {Data: []byte(soundIDs)}, rulesFile: {Data: []byte(rules)}}
	faults := slices.DeleteFunc(Lint(folder, "dir"), func(f Fault) bool { return f.File != "dir/"+rulesFile })
	want := `dir/rules.json:3: /rules/hmac-sha1-base64: the rule hmac-sha1-base64 has no invalid vector
    'sigconform vectors new' adds one; or remove the rule
dir/rules.json:4: /rules/sorted-by-name: the rule sorted-by-name has no valid vector
    'sigconform vectors new' adds one; or remove the rule
dir/rules.json:8: /questions/empty-name/answers/kept: the question empty-name has no vector for its answer kept
    'sigconform vectors new --result question' adds one; or take the answer out
dir/rules.json:8: /questions/empty-name/recommended: the question empty-name has no answer "keep"
    recommend one of its answers, or "rejected" for none`
	if faults.Error() != want {
		t.Errorf("lint says\n%s\nbut should say\n%s", faults, want)
	}
}

// TestBuiltin: nothing is wrong with the vectors of this folder.
func TestBuiltin(t *testing.T) {
	for _, fault := range Lint(os.DirFS("."), "vectors") {
		t.Error(fault)
	}
}
