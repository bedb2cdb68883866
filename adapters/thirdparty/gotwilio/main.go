// Command shim puts gotwilio behind the validator protocol: CheckRequestSignature gets the request
// as net/http parses it, and what the URL has before its path.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/sfreiberg/gotwilio"
)

type request struct {
	ID, AuthToken, Method, URL, Body string
	ContentType, Signature           *string
	BodyBase64                       []byte
}

func main() {
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		var asked request
		if err := json.Unmarshal(line, &asked); err != nil {
			log.Fatal(err)
		}
		answer := answerTo(asked)
		answer["id"] = asked.ID
		if err := out.Encode(answer); err != nil {
			log.Fatal(err)
		}
	}
}

func answerTo(asked request) (answer map[string]any) {
	defer func() {
		if thrown := recover(); thrown != nil {
			answer = map[string]any{"error": fmt.Sprint(thrown)}
		}
	}()
	base, target := asked.URL, "/"
	if scheme := strings.Index(base, "://"); scheme >= 0 {
		if end := strings.IndexAny(base[scheme+3:], "/?#"); end >= 0 {
			base, target = base[:scheme+3+end], base[scheme+3+end:]
		}
	}
	target, _, _ = strings.Cut(target, "#") // no client sends it
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	parsed, err := url.ParseRequestURI(target)
	if err != nil {
		return map[string]any{"unsupported": "net/http answers 400 to this target: " + err.Error()}
	}
	body := []byte(asked.Body)
	if asked.BodyBase64 != nil {
		body = asked.BodyBase64
	}
	r := &http.Request{Method: asked.Method, URL: parsed, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body))}
	if asked.ContentType != nil {
		r.Header.Set("Content-Type", *asked.ContentType)
	}
	if asked.Signature != nil {
		r.Header.Set("X-Twilio-Signature", *asked.Signature)
	}
	// What is no match comes with an error in some cases; the README has both refused.
	valid, _ := gotwilio.NewTwilioClient("AC", asked.AuthToken).CheckRequestSignature(r, base)
	return map[string]any{"valid": valid}
}
