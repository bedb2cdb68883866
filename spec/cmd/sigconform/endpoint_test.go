package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
)

// endpointToken is the token of the endpoints in these scripts.
const endpointToken = "5e55a3e0c0ffee00112233445566778e"

// TestEndpointScripts runs the scripts under testdata/endpoint against servers
// of the test. $RIGHT is one that validates as it must, $OPEN accepts
// everything, $INSIDE takes an address of its own for the one that was called,
// $LEAKY ends in errors that show the token, and loses parameters, $NASTY sends
// what would play tricks on a terminal, and $FUNCTION answers the protocol, and
// keeps the userinfo.
func TestEndpointScripts(t *testing.T) {
	t.Parallel()
	right := reference.New()
	lossy := reference.New()
	lossy.Params = func(r reference.Request) []reference.Param {
		params := reference.Params(r)
		return params[:min(len(params), 3)]
	}
	kept, err := composed([]string{"userinfo-kept"})
	if err != nil {
		t.Fatal(err)
	}
	validate := func(v reference.Validator, url func(*http.Request) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			request := reference.Request{Method: r.Method, URL: url(r), Body: body}
			for name, field := range map[string]**string{"Content-Type": &request.ContentType,
				"X-Twilio-Signature": &request.Signature} {
				if values := r.Header[name]; len(values) > 0 {
					*field = &values[0]
				}
			}
			if !v.Validate(endpointToken, request) {
				http.Error(w, "<p>Forbidden</p>", http.StatusForbidden)
			}
		}
	}
	called := func(r *http.Request) string { return "http://" + r.Host + r.RequestURI }
	failing := func(text string, next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if len(r.Header["X-Twilio-Signature"]) == 0 || strings.Contains(r.RequestURI, "%2F") {
				http.Error(w, text, http.StatusInternalServerError)
				return
			}
			next(w, r)
		}
	}
	servers := map[string]http.HandlerFunc{
		"RIGHT":  validate(right, called),
		"OPEN":   func(http.ResponseWriter, *http.Request) {},
		"INSIDE": validate(right, func(r *http.Request) string { return "http://127.0.0.1:3000" + r.RequestURI }),
		"LEAKY":  failing("config: {token: '"+endpointToken+"'}", validate(lossy, called)),
		"POSTONLY": func(w http.ResponseWriter, r *http.Request) {
			if r.Method != "POST" {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			validate(right, called)(w, r)
		},
		"FUNCTION": func(w http.ResponseWriter, r *http.Request) {
			protocol.Serve(r.Body, w, func(c protocol.Case) protocol.Answer { return adapters.Answer(kept, c) })
		},
		"NASTY": failing("\x1b[2J\x1b]0;owned\x07\u202e\x00\xff", validate(right, called)),
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/endpoint",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(env *testscript.Env) error {
			scripted(env)
			env.Setenv("TWILIO_AUTH_TOKEN", endpointToken)
			env.Setenv("SIGCONFORM_PER_SECOND", strconv.Itoa(quick))
			env.Setenv("SECRET", endpointToken[4:20])
			env.Setenv("ESC", "\x1b")
			for name, handler := range servers {
				server := httptest.NewServer(handler)
				env.Defer(server.Close)
				env.Setenv(name, server.URL)
				env.Setenv(name+"_HOST", strings.TrimPrefix(server.URL, "http://"))
			}
			return os.WriteFile(filepath.Join(env.WorkDir, "token.txt"), []byte(endpointToken+"\n"), 0o600)
		},
	})
}
