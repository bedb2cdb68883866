package report_test

import (
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigconform/spec/report"
	"sigconform/vectors"
)

// TestReproduction: a program has 15 lines at most, and is one in its language,
// whatever quotation marks, dollars and braces the request has.
func TestReproduction(t *testing.T) {
	checks := map[string][]string{
		"Python": {"python3", "-m", "py_compile"}, "JavaScript": {"node", "--check"}, "PHP": {"php", "-l"}, "Ruby": {"ruby", "-c"},
	}
	languages := map[string]string{"Python": "py", "JavaScript": "js", "Go": "go", "Java": "java", "PHP": "php", "Ruby": "rb", "C#": "cs"}
	odd := *vectors.Builtin().Vectors()[0]
	form, signature := "application/x-www-form-urlencoded", "AAAA"
	odd.Request = vectors.Request{Method: "POST", ContentType: &form, Signature: &signature, URL: `https://example.com/it's?a="#{b}$c\n`,
		Body: `a%27%22=%23%7Bx%7D%24y%5C&b=%3C%2Fscript%3E%60`}
	for language, extension := range languages {
		n := 0
		for _, v := range append(vectors.Builtin().Vectors(), &odd) {
			code, ok := report.Reproduction(language, v)
			if !ok {
				continue
			}
			n++
			if lines := strings.Count(code, "\n"); lines > 15 {
				t.Fatalf("%s has %d lines in %s", v.ID, lines, language)
			}
			if _, err := parser.ParseFile(token.NewFileSet(), "", code, 0); err != nil && language == "Go" {
				t.Fatalf("%s: %v\n%s", v.ID, err, code)
			}
		}
		if n < 500 {
			t.Errorf("only %d vectors can be shown in %s", n, language)
		}
		code, ok := report.Reproduction(language, &odd)
		check := checks[language]
		if !ok {
			t.Errorf("there is none in %s for a plain form", language)
		}
		if check == nil {
			continue
		}
		if _, err := exec.LookPath(check[0]); err != nil {
			t.Logf("skipped: %s is not here", check[0])
			continue
		}
		file := filepath.Join(t.TempDir(), "reproduction."+extension)
		if err := os.WriteFile(file, []byte(code), 0o666); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(check[0], append(check[1:], file)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %s\n%s", language, out, code)
		}
	}
}
