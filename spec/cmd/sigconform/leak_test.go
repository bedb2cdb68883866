package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"sigconform/reference"
)

// The token has characters that each encoding writes in its own way.
const leakedToken = `0123456789"<&>/+ %abcdef\9876543`

// encodings are the ways in which a program writes a token down, by their names.
func encodings(token string) map[string]string {
	quoted, _ := json.Marshal(token)
	all := map[string]string{
		"raw": token, "%q": strings.Trim(fmt.Sprintf("%q", token), `"`), "JSON": strings.Trim(string(quoted), `"`),
		"JSON of JSON": strings.Trim(fmt.Sprintf("%q", strings.Trim(string(quoted), `"`)), `"`),
		"query":        url.QueryEscape(token), "path": url.PathEscape(token), "HTML": html.EscapeString(token),
		"hex": hex.EncodeToString([]byte(token)),
	}
	for n := range 3 {
		all[fmt.Sprintf("Base64, %d before", n)] = base64.StdEncoding.EncodeToString([]byte("xyz"[:n] + token))
	}
	return all
}

// leak is a text with the token in every encoding.
func leak() string {
	var all []string
	for _, text := range encodings(leakedToken) {
		all = append(all, text)
	}
	return strings.Join(all, " | ")
}

// TestSecretsStayInside: whatever a validator or an application does with the token
// that it has found, none of what a run shows or writes has it.
func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	detail, err := json.Marshal(leak())
	if err != nil {
		t.Fatal(err)
	}
	// A program answers with the token in every field, and on standard error.
	program := filepath.Join(t.TempDir(), "leak.sh")
	script := "said=$(cat \"$0.json\")\nlog=$(cat \"$0.stderr\")\nn=0\n" +
		"while IFS= read -r line; do\n  id=${line#*'\"id\":\"'}\n  id=${id%%'\"'*}\n  n=$((n+1))\n  printf '%s\\n' \"$log\" >&2\n" +
		"  case $((n%5)) in\n  0) answer='\"valid\":true';;\n  1) answer='\"valid\":false';;\n  2) answer='\"error\":'$said;;\n" +
		"  3) answer='\"unsupported\":'$said;;\n  4) answer='\"valid\":'$said;;\n  esac\n" +
		"  printf '%s\\n' \"{\\\"id\\\":\\\"$id\\\",$answer,\\\"stringToSign\\\":$said,\\\"used\\\":$said}\"\ndone\n"
	for name, text := range map[string]string{program: script, program + ".json": string(detail), program + ".stderr": leak() + "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, args := range map[string][]string{
		"a program":                {"run", "--id", "get/*", "--all"},
		"a program that dies":      {"run", "--id", "get/*", "--all"},
		"a program that is fuzzed": {"fuzz", "--cases", "50", "--out", "findings"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := []string{"sh", program}
			if name == "a program that dies" {
				target = []string{"sh", "-c", "cat '" + program + ".stderr' >&2; exit 1"}
			}
			searchLeaks(t, append(args, append([]string{"--"}, target...)...))
		})
	}
	for name, status := range map[string]int{"an application that throws": 500, "one that answers 403": 403,
		"one that redirects": 302, "one that takes all": 200} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				contentType, signature := r.Header.Get("Content-Type"), r.Header.Get("X-Twilio-Signature")
				request := reference.Request{Method: r.Method, URL: "http://" + r.Host + r.RequestURI, ContentType: &contentType, Body: body,
					Signature: &signature}
				w.Header().Set("X-Leak", strings.ReplaceAll(leak(), "\n", " "))
				w.Header().Set("Location", "/"+url.PathEscape(leakedToken)+"?"+leakedToken)
				w.Header().Set("Set-Cookie", leak())
				answer := http.StatusOK
				switch {
				case !reference.New().Validate(leakedToken, request):
					answer = http.StatusForbidden
					if requests.Add(1) > 60 {
						answer = status
					}
				case requests.Load()%7 == 3:
					answer = http.StatusInternalServerError
				}
				w.WriteHeader(answer)
				fmt.Fprintln(w, leak())
			}))
			defer server.Close()
			run := []string{"run", "--all", "--id", "endpoint*/*", "--id", "get/*", "--id", "form-order/*", "--endpoint"}
			searchLeaks(t, append(run, server.URL+"/sms"))
			searchLeaks(t, append(run, server.URL+"/nowhere/"+url.PathEscape("x y")))
		})
	}
}

// searchLeaks runs the command with a report, and looks for the token in whatever
// it showed and wrote.
func searchLeaks(t *testing.T, args []string) {
	t.Helper()
	dir := t.TempDir()
	if args[0] == "run" {
		args = append([]string{"run", "--report", "report"}, args[1:]...)
	}
	command := exec.Command(os.Args[0], args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "SIGCONFORM_TEST_COMMAND=1", "TWILIO_AUTH_TOKEN="+leakedToken)
	shown, err := command.CombinedOutput()
	if err == nil {
		t.Errorf("%v ends with 0", args)
	}
	texts := map[string]string{"the output": string(shown)}
	_ = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			data, _ := os.ReadFile(path)
			texts[path] = string(data)
		}
		return err
	})
	for place, text := range texts {
		for how, token := range encodings(leakedToken) {
			if strings.HasPrefix(how, "Base64") {
				token = token[4 : len(token)-4] // what stands beside it decides the rest
			}
			if i := strings.Index(text, token); i >= 0 {
				t.Errorf("%v: the token is in %s (%s): %q", args[:2], place, how, text[max(0, i-80):min(len(text), i+80)])
			}
		}
		if !strings.Contains(texts["the output"], "sigconform") && !strings.Contains(texts["the output"], "seed") {
			t.Fatalf("nothing was run: %s", shown)
		}
	}
}
