// A starter adapter: it puts your validator behind the line protocol of sigconform.
//
//  1. Put your validator into validate, between the two marks.
//  2. Run the vectors:  go build -o my-validator validator.go && sigconform run -- ./my-validator
//
// Keep it in your module, in a folder of its own, so that it can import your package.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

// errUnsupported says that your function cannot be given such a request: wrap it, and the vector is skipped.
var errUnsupported = errors.New("unsupported")

type request struct {
	ID          string       `json:"id"`
	AuthToken   string       `json:"authToken"`
	Method      string       `json:"method"`
	URL         string       `json:"url"`         // as it is configured at Twilio, with the query
	Product     string       `json:"product"`     // "voice", "messaging", or "": you are not told
	ContentType *string      `json:"contentType"` // nil: there was no such header
	Text        *string      `json:"body"`
	Body        []byte       `json:"bodyBase64"`
	Params      *[][2]string `json:"params"`    // the decoded form; nil where the request has no form
	Signature   *string      `json:"signature"` // nil: there was no such header

	// Where a SharedKey signs (beta): the header X-Twilio-Webhooks-Signature-Settings,
	// nil if there was none, and the keys that the application is configured with.
	Settings   *string                       `json:"signatureSettings"`
	SharedKeys []struct{ ID, Secret string } `json:"sharedKeys"`
}

// ---- BEGIN your validator ------------------------------------------------------------------------

// validate reports whether the signature is right. An error, and a panic, count as an error (a 500).
func validate(r request) (bool, error) {
	// Your own function, called as your application calls it:
	//
	//	if r.Params == nil && len(r.Body) > 0 {
	//		return false, fmt.Errorf("%w: the application takes forms only", errUnsupported)
	//	}
	//	return mypackage.IsGenuine(r.AuthToken, r.URL, r.form(), r.header()), nil
	//
	// Middleware, or a function that takes an *http.Request:
	//
	//	req, err := r.http()
	//	if err != nil {
	//		return false, err
	//	}
	//	return mypackage.IsGenuine(r.AuthToken, req), nil
	//
	// The official SDK (go get github.com/twilio/twilio-go; import its package client):
	//
	//	validator := client.NewRequestValidator(r.AuthToken)
	//	if r.Params != nil || len(r.Body) == 0 {
	//		return validator.Validate(r.URL, r.form(), r.header()), nil
	//	}
	//	return validator.ValidateBody(r.URL, r.Body, r.header()), nil
	//
	// SharedKeys take two lines more. The SDK (1.31) knows HMAC_SHA1 alone; HMAC_SHA256 is crypto/hmac with sha256.New.
	//
	//	secret, known := secretNamedIn(r.Settings, r.SharedKeys) // refuse an id that is not known: "" is a key, too
	//	validator := client.NewRequestValidator(secret)
	return false, errors.New("put your validator into validate")
}

// used is what validate reads of a form; write "body" if it decodes the body itself.
const used = "params"

// ---- END your validator --------------------------------------------------------------------------

// form is the first value of each name, as http.Request.PostFormValue gives it.
func (r request) form() map[string]string {
	form := map[string]string{}
	if r.Params == nil {
		return form
	}
	for _, param := range *r.Params {
		if _, given := form[param[0]]; !given {
			form[param[0]] = param[1]
		}
	}
	return form
}

// header is the signature as http.Header.Get gives it: "" if there was none.
func (r request) header() string {
	if r.Signature == nil {
		return ""
	}
	return *r.Signature
}

// http is the request as a server hands it to a handler. What a server refuses is unsupported.
func (r request) http() (*http.Request, error) {
	_, rest, _ := strings.Cut(r.URL, "://")
	rest, _, _ = strings.Cut(rest, "#") // no client sends it
	host, target := rest, "/"
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		host, target = rest[:end], "/"+strings.TrimPrefix(rest[end:], "/")
	}
	head := fmt.Sprintf("%s %s HTTP/1.1\nHost: %s\nContent-Length: %d", r.Method, target, host, len(r.Body))
	lines := 3
	for name, value := range map[string]*string{
		"Content-Type": r.ContentType, "X-Twilio-Signature": r.Signature, "X-Twilio-Webhooks-Signature-Settings": r.Settings,
	} {
		if value != nil {
			head += "\n" + name + ": " + *value
			lines++
		}
	}
	if strings.Contains(host, "@") || strings.Count(head, "\n") != lines-1 || strings.Contains(head, "\r") {
		return nil, fmt.Errorf("%w: no client sends such a target or header", errUnsupported)
	}
	head = strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n"
	req, err := http.ReadRequest(bufio.NewReader(io.MultiReader(strings.NewReader(head), bytes.NewReader(r.Body))))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errUnsupported, err)
	}
	return req, nil
}

type answer struct {
	ID          string `json:"id"`
	Valid       *bool  `json:"valid,omitempty"`
	Error       string `json:"error,omitempty"`
	Unsupported string `json:"unsupported,omitempty"`
	Used        string `json:"used,omitempty"`
}

func answerTo(r request) (a answer) {
	a.ID = r.ID
	if r.Text != nil {
		r.Body = []byte(*r.Text)
	}
	defer func() {
		if thrown := recover(); thrown != nil {
			a = answer{ID: r.ID, Error: fmt.Sprint("panic: ", thrown)}
		}
	}()
	valid, err := validate(r)
	switch {
	case errors.Is(err, errUnsupported):
		a.Unsupported = strings.TrimPrefix(err.Error(), "unsupported: ")
	case err != nil:
		a.Error = err.Error()
	default:
		a.Valid = &valid
		if r.Params != nil {
			a.Used = used
		}
	}
	return a
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<16) // ReadBytes reads lines of any length; a bufio.Scanner stops at 64 KiB
	out := json.NewEncoder(os.Stdout)          // writes a line at once
	os.Stdout = os.Stderr                      // what your code prints is no answer
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			log.Fatal(err)
		}
		if err := out.Encode(answerTo(r)); err != nil {
			log.Fatal(err)
		}
	}
}
