// Command shim puts twilio-go behind the validator protocol. A form goes to
// Validate, as a map of the first value of each name; anything else that has a
// body or a content type goes to ValidateBody.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"mime"
	"net/url"
	"os"

	"github.com/twilio/twilio-go/client"
)

type request struct {
	ID          string
	AuthToken   string
	Method      string
	URL         string
	ContentType *string
	Body        string
	BodyBase64  []byte
	Params      *[][2]string
	Signature   string // "" if there was no such header, as http.Header.Get says it
}

type answer struct {
	ID    string `json:"id"`
	Valid *bool  `json:"valid,omitempty"`
	Error string `json:"error,omitempty"`
	Used  string `json:"used,omitempty"`
}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
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
		if err := out.Encode(answerTo(asked)); err != nil {
			log.Fatal(err)
		}
	}
}

func answerTo(asked request) (a answer) {
	a = answer{ID: asked.ID, Used: "body"}
	defer func() {
		if thrown := recover(); thrown != nil {
			a.Error = fmt.Sprint(thrown)
		}
	}()
	body := []byte(asked.Body)
	if asked.BodyBase64 != nil {
		body = asked.BodyBase64
	}
	validator := client.NewRequestValidator(asked.AuthToken)
	var valid bool
	switch {
	case asked.Params != nil, isForm(asked.ContentType):
		params := map[string]string{}
		for name, values := range asked.postForm(body) {
			params[name] = values[0]
		}
		if asked.Params != nil {
			a.Used = "params"
		}
		valid = validator.Validate(asked.URL, params, asked.Signature)
	default:
		valid = validator.ValidateBody(asked.URL, body, asked.Signature)
	}
	a.Valid = &valid
	return a
}

// postForm is what http.Request.PostForm would be.
func (asked request) postForm(body []byte) url.Values {
	form := url.Values{}
	switch {
	case asked.Params != nil:
		for _, param := range *asked.Params {
			form.Add(param[0], param[1])
		}
	case asked.Method == "POST":
		form, _ = url.ParseQuery(string(body))
	}
	return form
}

func isForm(contentType *string) bool {
	if contentType == nil {
		return false
	}
	mediaType, _, _ := mime.ParseMediaType(*contentType)
	return mediaType == "application/x-www-form-urlencoded"
}
