package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec/endpoint"
	"sigconform/spec/report"
	"sigconform/vectors"
	"sigconform/vectors/files"
)

// endpointFlags are the flags of run and fuzz for what is behind HTTP.
type endpointFlags struct {
	Endpoint  string `help:"Test a running application: the URL of its webhook, called as Twilio calls it." placeholder:"URL"`
	PublicURL string `name:"public-url" help:"The URL configured at Twilio, if a proxy or tunnel is in front." placeholder:"URL"`
	Upstream  string `help:"The address at which that proxy calls the application: the diagnosis tries it too." placeholder:"URL"`
	Product   string `help:"What calls it: voice or messaging." enum:"voice,messaging," default:"" placeholder:"PRODUCT"`

	AuthTokenFile string `help:"A file with the endpoint's auth token, instead of TWILIO_AUTH_TOKEN." placeholder:"FILE"`
	sharedKeyFlags
	SharedKeyRequired bool `help:"Sign with the first SharedKey; what the auth token signs must be refused."`

	Accepts    []string `help:"What the endpoint must take: form, json, get. Default: all that it takes." placeholder:"KINDS"`
	AccountSID string   `name:"account-sid" help:"The AccountSid to send, if it serves some accounts only." placeholder:"SID"`
	Form       []string `help:"A field to add to every form that lacks it (several are allowed)." placeholder:"NAME=VALUE" sep:"none"`
	Header     []string `help:"A header for every request, as in 'Name: value' (several are allowed)." placeholder:"HEADER" sep:"none"`
	ConnectTo  string   `help:"Connect to this address instead of the URL's host, as in 127.0.0.1:8443." placeholder:"HOST:PORT"`

	AcceptStatus string `help:"Status codes that mean accepted, as in 302 or 2xx,302." placeholder:"CODES"`
	RejectStatus string `help:"Status codes that mean rejected, as in 404." placeholder:"CODES"`
	RejectBody   string `help:"A text in the body of an answer that refuses, where its status does not tell." placeholder:"TEXT"`

	CA       string `name:"ca" help:"Trust the certificate authorities in this PEM file too." placeholder:"FILE"`
	Insecure bool   `help:"Accept a certificate that cannot be verified; Twilio does not."`

	ValidatorURL string `name:"validator-url" help:"Test a function or worker: it gets and answers the same JSON by POST." placeholder:"URL"`

	PerSecond int `env:"SIGCONFORM_PER_SECOND" help:"Send at most this many requests a second; fuzz sends 200 unless told." placeholder:"N"`
}

// calibrated returns the endpoint, calibrated, or a diagnosis of why it cannot be
// tested.
func (f *endpointFlags) calibrated(ctx context.Context, timeout time.Duration) (*endpoint.Endpoint, *endpoint.Diagnosis,
	error) {
	options, err := f.options()
	if err != nil {
		return nil, nil, usage(err)
	}
	options.Timeout = timeout
	e, err := endpoint.Open(options)
	if err != nil {
		return nil, nil, usage(err)
	}
	diagnosis, err := e.Calibrate(ctx)
	if interrupted := context.Cause(ctx); interrupted != nil {
		err = errors.New("it was interrupted")
	}
	if err != nil {
		e.Close()
		return nil, nil, notRun(errors.New(strings.Join(report.CleanLines(err.Error(), 10, 500), "\n")))
	}
	return e, diagnosis, nil
}

// options are the flags as the engine takes them.
func (f *endpointFlags) options() (endpoint.Options, error) {
	o := endpoint.Options{Product: reference.Product(f.Product)}
	o.URL, o.PublicURL, o.Insecure = f.Endpoint, f.PublicURL, f.Insecure
	o.Upstream, o.PerSecond = f.Upstream, f.PerSecond
	var err error
	o.ConnectTo, o.RejectBody, o.AccountSID = f.ConnectTo, f.RejectBody, f.AccountSID
	if o.SharedKeys, err = f.sharedKeys(); err != nil {
		return o, err
	}
	if f.SharedKeyRequired && len(o.SharedKeys) == 0 {
		return o, errors.New("--shared-key-required needs --shared-key, which names the SharedKey that the endpoint is configured with")
	}
	o.SharedKeyRequired = f.SharedKeyRequired
	for _, kind := range f.Accepts {
		if !slices.Contains(endpoint.Kinds, kind) {
			return o, fmt.Errorf("--accepts %s: an endpoint takes %s", kind, strings.Join(endpoint.Kinds, ", "))
		}
		o.Accepts = append(o.Accepts, kind)
	}
	for _, field := range f.Form {
		name, value, found := strings.Cut(field, "=")
		if !found || name == "" {
			return o, fmt.Errorf("--form %s: it is NAME=VALUE, as in From=+15005550006", field)
		}
		o.Form = append(o.Form, reference.Param{Name: name, Value: value})
	}
	if o.AuthToken, err = authToken(f.AuthTokenFile); err != nil {
		return o, fmt.Errorf("an endpoint is tested with the token that it checks signatures with: %w", err)
	}
	if o.Accept, err = webhook.ParseStatuses(f.AcceptStatus); err != nil {
		return o, fmt.Errorf("--accept-status: %w", err)
	}
	if o.Reject, err = webhook.ParseStatuses(f.RejectStatus); err != nil {
		return o, fmt.Errorf("--reject-status: %w", err)
	}
	for _, header := range f.Header {
		name, value, found := strings.Cut(header, ":")
		if !found {
			return o, errors.New("--header must look like 'Name: value'")
		}
		if strings.EqualFold(name, "X-Twilio-Signature") || strings.EqualFold(name, "Host") {
			return o, fmt.Errorf("--header cannot set %s; --public-url sets the host", name)
		}
		o.Header = append(o.Header, webhook.Field{Name: name, Value: strings.TrimSpace(value)})
		o.Secrets = append(o.Secrets, strings.TrimSpace(value))
	}
	if f.CA != "" {
		text, err := files.Read(f.CA, files.Certificates)
		if err == nil {
			o.CA, err = webhook.ParseCA(text)
		}
		if err != nil {
			return o, fmt.Errorf("--ca %s: %w", f.CA, err)
		}
	}
	return o, nil
}

// words are the flags as they are repeated on a command line, without what may
// be secret.
func (f *endpointFlags) words() []string {
	var words []string
	for _, flag := range []struct{ name, value string }{
		{"--validator-url", withoutPassword(f.ValidatorURL)}, {"--endpoint",
			withoutPassword(f.Endpoint)}, {"--public-url", withoutPassword(f.PublicURL)}, {"--upstream", f.Upstream},
		{"--product", f.Product}, {"--auth-token-file", f.AuthTokenFile},
		{"--accepts", strings.Join(f.Accepts, ",")}, {"--account-sid", f.AccountSID}, {"--connect-to", f.ConnectTo},
		{"--reject-body", f.RejectBody},
		{"--accept-status", f.AcceptStatus}, {"--reject-status", f.RejectStatus}, {"--ca", f.CA},
	} {
		if flag.value != "" {
			words = append(words, flag.name, flag.value)
		}
	}
	words = append(words, f.sharedKeyFlags.words()...)
	if f.SharedKeyRequired {
		words = append(words, "--shared-key-required")
	}
	for _, field := range f.Form {
		words = append(words, "--form", field)
	}
	for _, header := range f.Header {
		name, _, _ := strings.Cut(header, ":")
		words = append(words, "--header", name+": …")
	}
	if f.Insecure {
		words = append(words, "--insecure")
	}
	if f.PerSecond != 0 && os.Getenv("SIGCONFORM_PER_SECOND") == "" {
		words = append(words, "--per-second", strconv.Itoa(f.PerSecond))
	}
	return words
}

// withoutPassword is a URL as it may be shown.
func withoutPassword(url string) string {
	parts, ok := reference.SplitURL(url)
	if user, _, found := strings.Cut(parts.Userinfo, ":"); ok && found {
		parts.Userinfo = user + ":…@"
		return parts.String()
	}
	return url
}

// endpointBook has the questions of the vectors, and those that only an endpoint
// can answer.
func endpointBook() *vectors.Rulebook {
	book := vectors.Rules()
	maps.Copy(book.Questions, endpoint.Questions)
	return book
}

// writeDiagnosis writes why the endpoint cannot be tested, and what else was noticed.
func writeDiagnosis(out io.Writer, name string, d *endpoint.Diagnosis) {
	fmt.Fprintf(out, "sigconform: %s\n\n✗ %s\n", report.Clean(name, 200), report.Clean(d.Sentence, 800))
	field := func(label, text string) { fmt.Fprintf(out, "    %-26s %s\n", label, report.Clean(text, 400)) }
	if d.Verifies != "" {
		field("your application verifies", d.Verifies)
	}
	if d.Signs != "" {
		field("Twilio signs", d.Signs)
	}
	if d.Refusal != "" {
		field("its refusal begins", d.Refusal)
	}
	for _, hint := range d.Hints {
		fmt.Fprintf(out, "    - %s\n", report.Clean(hint, 600))
	}
	for _, note := range d.Notes {
		fmt.Fprintf(out, "note: %s\n", report.Clean(note, 300))
	}
}
