package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"sigconform/reference"
	"sigconform/reference/diagnosis"
	"sigconform/reference/diagnosis/capture"
	"sigconform/spec/conformance"
	"sigconform/spec/report"
	"sigconform/vectors"
	"sigconform/vectors/files"
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
	Product     string   `help:"What sent it: voice or messaging." enum:"voice,messaging," default:"" placeholder:"PRODUCT"`

	Settings *string `name:"signature-settings" help:"The value of X-Twilio-Webhooks-Signature-Settings (beta)." placeholder:"TEXT"`

	Host []string `help:"Another host, or host:port, that Twilio may call (several are allowed)." placeholder:"HOST" sep:"none"`
	Path []string `help:"Another path, or path?query, that Twilio may call (several are allowed)." placeholder:"/PATH" sep:"none"`

	AuthTokenFile string `help:"A file with the auth token, instead of TWILIO_AUTH_TOKEN." placeholder:"FILE"`

	sharedKeyFlags

	Time time.Duration `help:"How long to search, at most." default:"4s" placeholder:"DURATION"`
}

// Help is shown by 'sigconform explain --help'.
func (c *explainCmd) Help() string {
	return `It searches what the received signature was made of: the scheme, host, port, path, query, parameters or key
that differ from what your application handed to its validator. The token is read from TWILIO_AUTH_TOKEN, the secret
of a SharedKey from TWILIO_SHARED_KEY_SECRET, that of a second one from TWILIO_SHARED_KEY_SECRET_2, and so on; they
are shown nowhere.

  sigconform explain --url http://example.com/sms --param From=+14158675309 --param Body=Hi --signature 'Np1n…='
  sigconform explain --request received.http --host hooks.example.com
  sigconform explain --request received.http --shared-key webhooks_sharedkey_01k4h3 --shared-key webhooks_sharedkey_01k5j4
  sigconform explain --har browser.har --entry 3
  sigconform explain url-port/ipv6-voice-dropped

Exit status: 0 the signature is right, 1 it is not, 2 usage, 3 interrupted.`
}

// Run explains a request; its error carries the exit status.
func (c *explainCmd) Run(ctx context.Context) error {
	var received diagnosis.Received
	var notes []string
	var err error
	read := make(chan struct{})
	go func() { // standard input may never end
		received, notes, err = c.received()
		close(read)
	}()
	select {
	case <-read:
	case <-ctx.Done():
		return errInterrupted
	}
	if err != nil {
		return usage(err)
	}
	for _, note := range notes {
		fmt.Fprintln(stdout, "note:", report.Clean(note, 200))
	}
	limits := diagnosis.UsualLimits()
	limits.Strings *= int(max(1, c.Time/limits.Time))
	limits.Time, limits.Progress = c.Time, explainProgress()
	origin := diagnosis.FindOrigin(ctx, received, limits)
	if limits.Progress != nil {
		limits.Progress(-1)
	}
	printOrigin(stdout, received, origin)
	switch {
	case origin.Cut && ctx.Err() != nil:
		return errInterrupted
	case !origin.Holds:
		return exitError{status: conformance.StatusNotConformant}
	}
	return nil
}

var errInterrupted = exitError{status: conformance.StatusNotRun, err: errors.New("interrupted")}

// explainProgress returns what shows the progress on standard error, nil if that is
// no terminal. A negative number clears the line.
func explainProgress() func(tried int) {
	if !isTerminal(os.Stderr) {
		return nil
	}
	return func(tried int) {
		if fmt.Fprint(os.Stderr, "\r\x1b[K"); tried >= 0 {
			fmt.Fprintf(os.Stderr, "%d strings to sign tried", tried)
		}
	}
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
	complete(&captured)
	if captured.SchemeAssumed {
		captured.Notes = append(captured.Notes, "the request does not say its scheme; https is assumed, and http is tried as well "+
			"(--url says which)")
	}
	if _, absolute := reference.SplitURL(captured.Request.URL); !absolute {
		return diagnosis.Received{}, nil, errors.New("name the URL that your validator is handed, from its scheme on: --url " +
			"https://example.com/sms")
	}
	if captured.Request.Signature == nil {
		captured.Notes = append(captured.Notes, "there is no signature; --signature gives the value of X-Twilio-Signature")
	}
	token, err := c.keys(&captured)
	return diagnosis.Received{
		AuthToken: token, Request: captured.Request, SchemeAssumed: captured.SchemeAssumed,
		Hosts: slices.Concat(captured.Hosts, c.Host), Paths: slices.Concat(captured.Paths, c.Path),
	}, captured.Notes, err
}

// complete adds the scheme to a URL that begins with its host.
func complete(captured *capture.Captured) {
	r := &captured.Request
	if _, absolute := reference.SplitURL(r.URL); absolute || r.URL == "" || r.URL[0] == '/' && !strings.HasPrefix(r.URL, "//") {
		return
	}
	captured.SchemeAssumed = true
	r.URL = "https://" + strings.TrimPrefix(strings.TrimPrefix(r.URL, ":"), "//")
}

// keys reads the auth token and the SharedKeys. With a SharedKey the token is not
// needed: then whether it signed is not tried.
func (c *explainCmd) keys(captured *capture.Captured) (token string, err error) {
	if captured.Request.SharedKeys, err = c.sharedKeys(); err != nil {
		return "", err
	}
	token, err = authToken(c.AuthTokenFile)
	if err == nil || c.AuthTokenFile != "" || len(captured.Request.SharedKeys) == 0 {
		return token, err
	}
	captured.Notes = append(captured.Notes, "TWILIO_AUTH_TOKEN is not set: whether the auth token signed is not tried")
	return "", nil
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

// mostHARValues is how many values a HAR file may have: that of a browser has
// thousands.
const mostHARValues = 2_000_000

// captured reads the file that was named; an empty form if there is none.
func (c *explainCmd) captured() (capture.Captured, error) {
	switch {
	case c.Request != "":
		data, err := readFile(c.Request, files.Request)
		if err != nil {
			return capture.Captured{}, err
		}
		return capture.ReadHTTP(data)
	case c.HAR != "":
		data, err := readFile(c.HAR, files.HAR)
		if err == nil {
			err = files.CheckJSON(data, mostHARValues)
		}
		if err != nil {
			return capture.Captured{}, fmt.Errorf("%s: %w", c.HAR, err)
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
		r.URL, captured.SchemeAssumed = c.URL, false
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
	if c.Settings != nil {
		r.SignatureSettings = c.Settings
	}
	if c.Body != nil {
		r.Body = []byte(*c.Body)
	}
	if c.BodyFile != "" {
		body, err := readFile(c.BodyFile, files.Body)
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

// readFile reads a file that was named, or standard input for "-".
func readFile(name string, kind files.Kind) ([]byte, error) {
	if name == "-" {
		return files.ReadFrom(os.Stdin, "standard input", kind)
	}
	return files.Read(name, kind)
}
