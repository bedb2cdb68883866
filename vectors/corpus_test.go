package vectors

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigconform/reference"
)

// TestFormat checks that the files are formatted as the tool formats them, and that
// reading them again gives the same vectors.
func TestFormat(t *testing.T) {
	for _, f := range Builtin().Families {
		text, err := f.Format()
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(f.Name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != string(file) {
			t.Errorf("%s is not written as the tool writes it", f.File)
		}
		again := &Family{}
		if err := json.Unmarshal(text, again); err != nil {
			t.Fatal(err)
		}
		for i, v := range again.Vectors {
			v.Family, v.Line, v.Since = f, f.Vectors[i].Line, f.Vectors[i].Since // not in the file
			if !reflect.DeepEqual(v, f.Vectors[i]) {
				t.Errorf("%s is not the same when it is read again", v.ID)
			}
		}
	}
}

// TestReadme checks that the vector in README.md is one of these.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```json\n")
	example, _, _ := strings.Cut(rest, "```")
	shown := &Vector{}
	if err := json.Unmarshal([]byte(example), shown); err != nil {
		t.Fatal(err)
	}
	for _, v := range Builtin().Vectors() {
		if v.ID == shown.ID {
			shown.Family, shown.Line, shown.Since = v.Family, v.Line, v.Since
			if !reflect.DeepEqual(shown, v) {
				t.Errorf("%s is not as README.md shows it", v.ID)
			}
			return
		}
	}
	t.Errorf("there is no %s", shown.ID)
}

// TestSign checks that everything derived is derived again from what an author writes.
func TestSign(t *testing.T) {
	for _, v := range Builtin().Vectors() {
		if v.Signed == nil || v.Signed.TokenUndisclosed {
			continue
		}
		bare := *v
		signed := *v.Signed
		signed.String, signed.StringBase64 = "", nil
		if v.Result == Valid { // signed as the rules say: then all of it is derived
			signed.URL, signed.Params, signed.ParamsBase64 = "", nil, nil
		}
		bare.Signed, bare.Request.Signature = &signed, nil
		if v.Result == Valid && string(v.Signed.URL) != reference.SignedURLs(string(v.Request.URL), v.Request.Product)[0] {
			signed.URL = v.Signed.URL // one of several that may have been signed
		}
		if err := bare.Sign(); err != nil {
			t.Errorf("%s: %v", v.ID, err)
			continue
		}
		if *bare.Request.Signature != *v.Request.Signature || bare.StringToSign() != v.StringToSign() {
			t.Errorf("%s: signed again it has another signature or another string to sign", v.ID)
		}
	}
}

// TestSignLeavesAlone checks that texts that are not signatures, and signatures whose
// token is unknown, are not changed.
func TestSignLeavesAlone(t *testing.T) {
	none := &Vector{Request: Request{Method: "POST", URL: "https://example.com/", Signature: new("no signature")}}
	sample := &Vector{Request: Request{Method: "POST", URL: "https://example.com/", Signature: new("Np1nax6uFoY6qpfT5l9jWwJeit0=")},
		Signed: &Signed{TokenUndisclosed: true}}
	for _, v := range []*Vector{none, sample} {
		before := *v.Request.Signature
		if err := v.Sign(); err != nil || *v.Request.Signature != before {
			t.Errorf("%q became %q (%v)", before, *v.Request.Signature, err)
		}
	}
}

// TestFingerprint checks that the fingerprint changes with what a published vector
// promises, and with nothing else.
func TestFingerprint(t *testing.T) {
	vector := func() *Vector {
		return &Vector{ID: "a/b", Comment: "c", AuthToken: "12345", Result: Valid,
			Request: Request{Method: "POST", URL: "https://example.com/", ContentType: new("text/plain"), Body: "b", Signature: new("s")}}
	}
	before := vector().Fingerprint()
	for name, change := range map[string]func(*Vector){
		"token":                 func(v *Vector) { v.AuthToken = "54321" },
		"method":                func(v *Vector) { v.Request.Method = "PUT" },
		"url":                   func(v *Vector) { v.Request.URL += "x" },
		"product":               func(v *Vector) { v.Request.Product = reference.Voice },
		"content type":          func(v *Vector) { v.Request.ContentType = new("text/html") },
		"no content type":       func(v *Vector) { v.Request.ContentType = nil },
		"empty content type":    func(v *Vector) { v.Request.ContentType = new("") },
		"body":                  func(v *Vector) { v.Request.Body = "c" },
		"signature":             func(v *Vector) { v.Request.Signature = new("t") },
		"no signature":          func(v *Vector) { v.Request.Signature = nil },
		"result":                func(v *Vector) { v.Result = Invalid },
		"question":              func(v *Vector) { v.Question = "q" },
		"answer":                func(v *Vector) { v.Answer = "a" },
		"the border of a field": func(v *Vector) { v.AuthToken, v.Request.Method = "1234", "5POST" },
	} {
		v := vector()
		if change(v); v.Fingerprint() == before {
			t.Errorf("another %s does not show", name)
		}
	}
	for name, change := range map[string]func(*Vector){
		"comment": func(v *Vector) { v.Comment = "d" },
		"rules":   func(v *Vector) { v.Rules = []string{"r"} },
		"flags":   func(v *Vector) { v.Flags = []string{"F"} },
		"base64":  func(v *Vector) { v.Request.Body, v.Request.BodyBase64 = "", []byte("b") },
	} {
		v := vector()
		if change(v); v.Fingerprint() != before {
			t.Errorf("another %s changes it", name)
		}
	}
}

// TestIDs checks that published ids stay, new ones are added, unfinished ones are
// not, and unpublished ones may change.
func TestIDs(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "fam.json", sound)
	writeFile(t, dir, idsFile, "fam/one  1.0.0  0000000000000000\nfam/zero  1.0.0  retired: it was wrong\n")
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Skeleton("fam/three", Valid, nil); err != nil {
		t.Fatal(err)
	}
	const added = "fam/two  next  8291310005dc144f\nfam/zero  1.0.0  retired next: it was wrong\n"
	ids, err := c.IDs(nil)
	if want := idsHeader + "fam/one  1.0.0  0000000000000000\n" + added; err != nil || ids != want {
		t.Errorf("got\n%s (%v), want\n%s", ids, err, want)
	}
	ids, err = c.IDs(nil, "fam/one", "fam/zero")
	if want := idsHeader + "fam/one  1.0.0  a3bac3d99854f019\n" + added; err != nil || ids != want {
		t.Errorf("recorded again: got\n%s (%v), want\n%s", ids, err, want)
	}
}

// TestSkeleton checks what a new vector looks like, and which ids it cannot have.
func TestSkeleton(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "fam.json", sound)
	writeFile(t, dir, idsFile, soundIDs+"fam/zero  retired: it was wrong\n")
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"fam":      `"fam" is no id; an id is family/slug, in small letters, digits and hyphens, as in url-port/voice-dropped`,
		"fam/Four": `"fam/Four" is no id; an id is family/slug, in small letters, digits and hyphens, as in url-port/voice-dropped`,
		"../x/y":   `"../x/y" is no id; an id is family/slug, in small letters, digits and hyphens, as in url-port/voice-dropped`,
		"fam/one":  "fam/one is taken; choose another slug",
		"fam/zero": "fam/zero was retired and is never used again: it was wrong",
	} {
		if _, err := c.Skeleton(id, Valid, nil); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", id, err, want)
		}
	}
	for _, result := range []Result{Valid, Invalid, Question} {
		v, err := c.Skeleton("new/"+string(result), result, nil)
		if err != nil || !v.Unfinished() || v.Family.Name != "new" || v.Result != result {
			t.Errorf("a skeleton of %s: %+v, %v", result, v, err)
		}
	}
	// A copy keeps what differs from the rules, but nothing that is derived.
	two := c.Families[0].Vectors[1]
	v, err := c.Skeleton("copies/two", Valid, two)
	if err != nil {
		t.Fatal(err)
	}
	if v.Request.Signature != nil || v.Signed.String != "" || v.Signed.URL != "" ||
		!slices.Equal(v.Signed.Params, two.Signed.Params) || v.Result != Invalid {
		t.Errorf("the copy is %+v, signed %+v", v, v.Signed)
	}
	if v.Family.Notes["Loose"].Effect != two.Family.Notes["Loose"].Effect {
		t.Error("the note of the flag does not come along")
	}
	v.Comment = "said"
	if err := v.Sign(); err != nil || *v.Request.Signature != *two.Request.Signature {
		t.Errorf("signed, the copy has the signature %s (%v)", *v.Request.Signature, err)
	}
}

// TestLoad checks what cannot be loaded, and the error messages.
func TestLoad(t *testing.T) {
	empty, broken := t.TempDir(), t.TempDir()
	writeFile(t, broken, "fam.json", strings.Replace(sound, `"fam/one"`, `"one"`, 1))
	file := writeFile(t, broken, "note.txt", "")
	for dir, want := range map[string]string{
		empty:           empty + ": there are no vector files (*.json)",
		file:            file + " is not a folder; the vectors of one file are selected with --id",
		empty + "/gone": "stat " + empty + "/gone: no such file or directory",
		broken: broken + "/fam.json:12: /vectors/0/id: 'one' does not match pattern " +
			"'^[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*$'\n    ids are family/slug, and slugs small letters, digits and hyphens; " +
			"flags begin with a capital; methods are capitals",
	} {
		if _, err := Load(dir); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestLines checks that each vector knows its line.
func TestLines(t *testing.T) {
	for _, f := range Builtin().Families {
		file, err := os.ReadFile(f.Name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(file), "\n")
		for _, v := range f.Vectors {
			if want := `"id": "` + v.ID + `"`; !strings.Contains(lines[v.Line], want) {
				t.Errorf("%s: line %d is %s", v.ID, v.Line+1, lines[v.Line])
			}
		}
		if last := f.Vectors[len(f.Vectors)-1]; last.StartLine(file) != last.Line {
			t.Errorf("%s starts on line %d, not %d", last.ID, last.Line, last.StartLine(file))
		}
	}
}

// TestSecondComputation checks that verify.py agrees with every vector, and notices a
// flipped expectation, a wrong signature, another order and a wrong hash.
func TestSecondComputation(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	verify := func(arguments ...string) (string, error) {
		out, err := exec.Command(python, append([]string{"verify.py"}, arguments...)...).CombinedOutput()
		return string(out), err
	}
	if out, err := verify(); err != nil {
		t.Errorf("verify.py: %v\n%s", err, out)
	}
	json := strings.NewReplacer(
		`"application/x-www-form-urlencoded"`, `"application/json"`,
		`https://example.com/myapp"`, `https://example.com/myapp?bodySHA256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"`,
	)
	for name, test := range map[string]struct{ text, want string }{
		"nothing": {sound, "2 vectors computed a second time, 0 faults"},
		"valid made invalid": {strings.Replace(sound, `"result": "valid"`, `"result": "invalid"`, 1),
			"fam/one: must be rejected, but the signature follows from the request"},
		"invalid made valid": {strings.Replace(sound, `"result": "invalid"`, `"result": "valid"`, 1),
			"fam/two: must be accepted, but from the request follows pZWM0q+HYr4F1q2Umq5WOzOri3s="},
		"a wrong signature": {strings.Replace(sound, "pZWM0q", "pZWM0Q", 1),
			"fam/one: the signature is 'pZWM0Q+HYr4F1q2Umq5WOzOri3s=', computed was 'pZWM0q+HYr4F1q2Umq5WOzOri3s='"},
		"a wrong string": {strings.Replace(sound, `myappa1b2"`, `myappa2b1"`, 1), "fam/one: signed.string is"},
		"a wrong hash":   {json.Replace(sound), "fam/one: must be accepted, but from the request follows that nothing is acceptable"},
		"an unknown encoding": {strings.Replace(sound, `"string": "https://example.com/myappa1b2"`,
			`"string": "https://example.com/myappa1b2", "encoding": "rot13"`, 1), "knows no mac None or no encoding 'rot13'"},
		"no vectors": {`{"family": "fam", "vectors": []}`, "0 vectors computed"},
	} {
		out, err := verify(writeFile(t, t.TempDir(), "fam.json", test.text))
		if (err == nil) != (name == "nothing") || !strings.Contains(out, test.want) {
			t.Errorf("%s: verify.py says (%v)\n%s\nbut should say %s", name, err, out, test.want)
		}
	}
}

// TestEncodings checks that verify.py knows every mac and encoding, and that a vector
// uses each.
func TestEncodings(t *testing.T) {
	used := map[string]bool{"mac ": true, "encoding ": true}
	for _, v := range Builtin().Vectors() {
		if v.Signed != nil {
			used["mac "+v.Signed.MAC], used["encoding "+v.Signed.Encoding] = true, true
		}
	}
	for name := range macs {
		if !used["mac "+name] {
			t.Errorf("no vector has the mac %s", name)
		}
	}
	for name := range encodings {
		if !used["encoding "+name] {
			t.Errorf("no vector has the encoding %s", name)
		}
	}
}

func writeFile(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}
