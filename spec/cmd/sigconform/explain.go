package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"

	"sigconform/reference"
	"sigconform/reference/diagnosis"
	"sigconform/reference/diagnosis/capture"
	"sigconform/spec/conformance"
	"sigconform/spec/report"
	"sigconform/vectors"
)

type explainCmd struct {
	ID string `arg:"" optional:"" help:"Explain the signature of this vector instead of a request of your own."`

	Request string `help:"A file with the raw HTTP request as it was received; - for standard input." placeholder:"FILE" xor:"from"`
	HAR     string `name:"har" help:"A HAR file; the entry with a signature is taken, or that of --entry." placeholder:"FILE" xor:"from"`
	Entry   int    `help:"The number of the entry in the HAR file, from 1." placeholder:"N"`

	URL         string   `help:"The URL that your validator is handed." placeholder:"URL"`
	Method      string   `help:"The method; POST unless said otherwise." placeholder:"METHOD"`
	Param       []string `help:"A form parameter, decoded (several are allowed)." placeholder:"NAME=VALUE" sep:"none"`
	Body        *string  `help:"The raw body, as it was received." placeholder:"TEXT" xor:"body"`
	BodyFile    string   `help:"A file with the raw body." placeholder:"FILE" xor:"body"`
	ContentType string   `help:"The content type; that of a form unless said otherwise." placeholder:"TYPE"`
	Signature   *string  `help:"The value of X-Twilio-Signature." placeholder:"TEXT"`
	Product     string   `help:"The product that sent it: voice or messaging." enum:"voice,messaging," default:"" placeholder:"PRODUCT"`
	Host        []string `help:"Another host under which Twilio may know the application, with or without a port (several are allowed)." placeholder:"HOST" sep:"none"`

	AuthTokenFile string `help:"A file with the auth token; without it the token is that of the environment variable TWILIO_AUTH_TOKEN." placeholder:"FILE"`
}

// Help is shown by 'sigconform explain --help'.
func (c *explainCmd) Help() string {
	return `It searches what the received signature was made of: the scheme, host, port, path, query, parameters or token
that differ from what your application handed to its validator. The token is read from TWILIO_AUTH_TOKEN and shown nowhere.

  sigconform explain --url http://example.com/sms --param From=+14158675309 --param Body=Hi --signature 'Np1n…='
  sigconform explain --request received.http --host hooks.example.com
  sigconform explain --har browser.har --entry 3
  sigconform explain url-port/ipv6-voice-dropped

Exit status: 0 the signature is right, 1 it is not, 2 usage.`
}

// Run explains a request; its error carries the exit status.
func (c *explainCmd) Run() error {
	received, notes, err := c.received()
	if err != nil {
		return usage(err)
	}
	for _, note := range notes {
		fmt.Println("note:", report.Clean(note, 200))
	}
	origin := diagnosis.FindOrigin(received)
	printOrigin(os.Stdout, received, origin)
	if !origin.Holds {
		return exitError{status: conformance.StatusNotConformant}
	}
	return nil
}

// received is the request to be explained, from wherever it was given.
func (c *explainCmd) received() (diagnosis.Received, []string, error) {
	if c.ID != "" {
		return vectorReceived(c.ID)
	}
	captured, err := c.captured()
	if err != nil {
		return diagnosis.Received{}, nil, err
	}
	if err := c.override(&captured); err != nil {
		return diagnosis.Received{}, nil, err
	}
	token, err := authToken(c.AuthTokenFile)
	if err != nil {
		return diagnosis.Received{}, nil, err
	}
	if _, absolute := reference.SplitURL(captured.Request.URL); !absolute {
		return diagnosis.Received{}, nil, errors.New("name the URL that your validator is handed, from its scheme on: --url https://example.com/sms")
	}
	if captured.Request.Signature == nil {
		captured.Notes = append(captured.Notes, "there is no signature; --signature gives the value of X-Twilio-Signature")
	}
	return diagnosis.Received{AuthToken: token, Request: captured.Request, Hosts: slices.Concat(captured.Hosts, c.Host)}, captured.Notes, nil
}

func vectorReceived(id string) (diagnosis.Received, []string, error) {
	selected, err := conformance.Selection{IDs: []string{id}}.Select(vectors.Builtin().Vectors())
	if err != nil {
		return diagnosis.Received{}, nil, err
	}
	v := selected[0]
	if len(selected) > 1 || !v.Askable() {
		return diagnosis.Received{}, nil, fmt.Errorf("%s is not one vector whose token is known", id)
	}
	notes := []string{fmt.Sprintf("%s is %s: %s", v.ID, v.Result, v.Comment)}
	return diagnosis.Received{AuthToken: string(v.AuthToken), Request: v.Request.Reference()}, notes, nil
}

// captured reads the file that was named; an empty form if there is none.
func (c *explainCmd) captured() (capture.Captured, error) {
	switch {
	case c.Request != "":
		data, err := readFile(c.Request)
		if err != nil {
			return capture.Captured{}, err
		}
		return capture.ReadHTTP(data)
	case c.HAR != "":
		data, err := readFile(c.HAR)
		if err != nil {
			return capture.Captured{}, err
		}
		return capture.ReadHAR(data, c.Entry)
	}
	form := "application/x-www-form-urlencoded"
	return capture.Captured{Request: reference.Request{Method: "POST", ContentType: &form}}, nil
}

// override puts what the flags say in the place of what was captured.
func (c *explainCmd) override(captured *capture.Captured) error {
	r := &captured.Request
	r.Product = reference.Product(c.Product)
	if c.URL != "" {
		r.URL = c.URL
	}
	if c.Method != "" {
		r.Method = strings.ToUpper(c.Method)
	}
	if c.ContentType != "" {
		r.ContentType = &c.ContentType
	}
	if c.Signature != nil {
		r.Signature = c.Signature
	}
	if c.Body != nil {
		r.Body = []byte(*c.Body)
	}
	if c.BodyFile != "" {
		body, err := readFile(c.BodyFile)
		if err != nil {
			return err
		}
		r.Body = body
	}
	if len(c.Param) == 0 {
		return nil
	}
	var pairs []string
	for _, param := range c.Param {
		name, value, found := strings.Cut(param, "=")
		if !found {
			return fmt.Errorf("--param %s has no =; it is NAME=VALUE, decoded", param)
		}
		pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	r.Body = []byte(strings.Join(pairs, "&"))
	return nil
}

func readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}

// authToken reads the token from the file, or else from the environment. It is
// a secret: it is never a flag, and nothing prints it.
func authToken(file string) (string, error) {
	if file != "" {
		data, err := os.ReadFile(file)
		return strings.TrimRight(string(data), "\r\n"), err
	}
	if token := os.Getenv("TWILIO_AUTH_TOKEN"); token != "" {
		return token, nil
	}
	return "", errors.New("the auth token is needed: set TWILIO_AUTH_TOKEN, or name a file with --auth-token-file")
}

// printOrigin says in words what was found.
func printOrigin(out io.Writer, received diagnosis.Received, origin diagnosis.Origin) {
	line := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	handed := reference.StringToSign(received.Request)
	if origin.Holds {
		line("The signature is right. What was signed:\n    %s", report.Clean(handed, 2000))
		return
	}
	if origin.Body {
		line("The signature is right for the URL; the body is what fails.")
	}
	if coverage := reference.CoverageOf(received.Request); coverage == reference.NotCovered {
		line("The body is not covered by any signature: it is neither a POST form nor hashed by bodySHA256 in the query. A\nvalidator has to reject it. Is the content type handed over, and the query?")
	} else if hashes := reference.BodyHashes(received.Request.URL); coverage == reference.CoveredByHash && !reference.Covered(received.Request) {
		line("The body is not the one that was hashed: its SHA-256 is\n    %s, but the URL says\n    %s.\nHash the raw bytes as they were received: not parsed and written anew, not an empty stream that was read before.",
			reference.BodyHash(received.Request.Body), report.Clean(hashes[0], 100))
	}
	if origin.Form != "" {
		line("No request has this signature: %s.", origin.Form)
	}
	for i, reading := range origin.Readings {
		if i == 0 {
			line("The signature was not made of what your validator was handed. It is right if")
		} else {
			line("or if")
		}
		for _, change := range reading.Changes {
			line("  - %s", report.Clean(change.Says, 300))
			for _, text := range report.Wrap(change.Mend, 100) {
				line("      %s", text)
			}
		}
		signed, yours, column := report.Excerpt(reading.StringToSign, handed)
		line("    it was made of  %s\n    you handed over %s\n    %s^", signed, yours, strings.Repeat(" ", len("it was made of  ")+column))
	}
	if len(origin.Readings) == 0 && origin.Tried > 0 {
		line("Nothing explains this signature: %d strings to sign were tried, with up to four differences at once in\n    %s.", origin.Tried, strings.Join(origin.Places, ", "))
		line("What is left:\n" +
			"  - another token: that of another account or subaccount, a secondary one, one that was rotated, an API key's secret\n" +
			"  - another host: name those that Twilio may know with --host\n" +
			"  - a body or a parameter that was changed on the way: compare with the request log of the Twilio console\n" +
			"  - a sender that is not Twilio")
	}
}
