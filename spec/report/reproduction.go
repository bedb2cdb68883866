package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"sigconform/reference"
	"sigconform/vectors"
)

// This file writes a request as a program of a few lines in the language of an
// official SDK: it calls the SDK and prints accepted or rejected. Only what is short,
// plain and has no repeated name is written so: nobody then asks whether the program
// or the SDK is wrong.

// mostReproduced is how many bytes the URL and body of a request may have.
const mostReproduced = 400

// Reproduction returns a program that hands the vector's request to an official SDK
// in that language ("Python"); ok is false if there is none for the language or the
// request.
func Reproduction(language string, v *vectors.Vector) (code string, ok bool) {
	r := v.Request.Reference()
	write := reproductions[language]
	if write == nil || r.Signature == nil || !v.Askable() || v.NeedsSharedKeys() || len(r.URL)+len(r.Body) > mostReproduced {
		return "", false
	}
	call := sdkCall{token: string(v.AuthToken), url: r.URL, signature: *r.Signature, method: r.Method}
	if r.ContentType != nil {
		call.contentType = *r.ContentType
	}
	switch {
	case r.Method == "POST" && r.IsForm():
		names := map[string]bool{}
		for _, p := range reference.ParseForm(r.Body) {
			if names[p.Name] {
				return "", false
			}
			names[p.Name] = true
			call.params = append(call.params, p)
		}
	case len(r.Body) > 0:
		call.body, call.hasBody = string(r.Body), true
	}
	for _, text := range append([]string{call.token, call.url, call.signature, call.contentType, call.body}, flat(call.params)...) {
		if strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' }) {
			return "", false
		}
	}
	return write(call), true
}

// sdkCall is what an SDK is handed: a form is params, any other body is a text.
type sdkCall struct {
	token, url, signature, method, contentType string
	params                                     []reference.Param
	body                                       string
	hasBody                                    bool
}

func flat(params []reference.Param) (texts []string) {
	for _, p := range params {
		texts = append(texts, p.Name, p.Value)
	}
	return texts
}

// pairs writes the params, each by the format of a name and a value.
func (c sdkCall) pairs(format, separator string, quote func(string) string) string {
	var all []string
	for _, p := range c.params {
		all = append(all, fmt.Sprintf(format, quote(p.Name), quote(p.Value)))
	}
	return strings.Join(all, separator)
}

// data is the body as a text, or else the params.
func (c sdkCall) data(quote func(string) string, params string) string {
	if c.hasBody {
		return quote(c.body)
	}
	return params
}

// double quotes printable ASCII for most languages.
func double(s string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.Encode(s)
	return strings.TrimSuffix(out.String(), "\n")
}

// rubyText is double where #{ begins no expression.
func rubyText(s string) string { return strings.ReplaceAll(double(s), "#", `\#`) }

// phpText quotes for PHP, where a $ in double quotation marks is a variable.
func phpText(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

var reproductions = map[string]func(sdkCall) string{
	"Python": func(c sdkCall) string {
		return fmt.Sprintf(`from twilio.request_validator import RequestValidator
url = %s
data = %s
accepted = RequestValidator(%s).validate(url, data, %s)
print("accepted" if accepted else "rejected")
`, double(c.url), c.data(double, "{"+c.pairs("%s: %s", ", ", double)+"}"), double(c.token), double(c.signature))
	},
	"JavaScript": func(c sdkCall) string {
		return fmt.Sprintf(`const twilio = require("twilio");
const headers = { "x-twilio-signature": %s, "content-type": %s };
const request = { method: %s, headers, header: (name) => headers[name.toLowerCase()] };
request.body = {%s};
request.rawBody = Buffer.from(%s);
const response = { type: () => response, status: () => response, send: () => console.log("rejected") };
twilio.webhook({ url: %s }, %s)(request, response, () => console.log("accepted"));
`, double(c.signature), double(c.contentType), double(c.method), c.pairs("%s: %s", ", ", double), double(c.body),
			double(c.url), double(c.token))
	},
	"Go": func(c sdkCall) string {
		call := fmt.Sprintf("Validate(url, map[string]string{%s}, signature)", c.pairs("%s: %s", ", ", double))
		if c.hasBody {
			call = fmt.Sprintf("ValidateBody(url, []byte(%s), signature)", double(c.body))
		}
		return fmt.Sprintf(`package main

import "github.com/twilio/twilio-go/client"

func main() {
	validator := client.NewRequestValidator(%s)
	url, signature := %s, %s
	accepted := validator.%s
	println(map[bool]string{true: "accepted", false: "rejected"}[accepted])
}
`, double(c.token), double(c.url), double(c.signature), call)
	},
	"Java": func(c sdkCall) string {
		params := "java.util.Map.<String, String>of()"
		if len(c.params) > 0 {
			params = "java.util.Map.ofEntries(" + c.pairs("java.util.Map.entry(%s, %s)", ", ", double) + ")"
		}
		return fmt.Sprintf(`import com.twilio.security.RequestValidator;

class Reproduction {
    public static void main(String[] args) throws Exception {
        String url = %s;
        var data = %s;
        boolean accepted = new RequestValidator(%s).validate(url, data, %s);
        System.out.println(accepted ? "accepted" : "rejected");
    }
}
`, double(c.url), c.data(double, params), double(c.token), double(c.signature))
	},
	"PHP": func(c sdkCall) string {
		return fmt.Sprintf(`<?php
require 'vendor/autoload.php';
$url = %s;
$data = %s;
$accepted = (new Twilio\Security\RequestValidator(%s))->validate(%s, $url, $data);
echo $accepted ? "accepted\n" : "rejected\n";
`, phpText(c.url), c.data(phpText, "["+c.pairs("%s => %s", ", ", phpText)+"]"), phpText(c.token), phpText(c.signature))
	},
	"Ruby": func(c sdkCall) string {
		return fmt.Sprintf(`require 'twilio-ruby'
url = %s
data = %s
accepted = Twilio::Security::RequestValidator.new(%s).validate(url, data, %s)
puts accepted ? 'accepted' : 'rejected'
`, rubyText(c.url), c.data(rubyText, "{"+c.pairs("%s => %s", ", ", rubyText)+"}"), rubyText(c.token), rubyText(c.signature))
	},
	"C#": func(c sdkCall) string {
		return fmt.Sprintf(`using System;
using System.Collections.Generic;
var url = %s;
var data = %s;
var accepted = new Twilio.Security.RequestValidator(%s).Validate(url, data, %s);
Console.WriteLine(accepted ? "accepted" : "rejected");
`, double(c.url), c.data(double, "new Dictionary<string, string> {"+c.pairs("[%s] = %s", ", ", double)+"}"),
			double(c.token), double(c.signature))
	},
}
