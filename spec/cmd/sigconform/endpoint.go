package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"sigconform/adapters"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/spec"
	"sigconform/spec/conformance"
	"sigconform/spec/report"
	"sigconform/vectors"
)

// endpointFlags are the flags of run and fuzz for what is behind HTTP.
type endpointFlags struct {
	Endpoint      string   `help:"Ask a running application: the URL of its webhook, called as Twilio calls it. The token comes from TWILIO_AUTH_TOKEN or --auth-token-file." placeholder:"URL"`
	PublicURL     string   `name:"public-url" help:"The URL configured at Twilio, where a proxy or tunnel stands before the endpoint: it is signed, and sent as Host and X-Forwarded-Proto and -Host." placeholder:"URL"`
	Upstream      string   `help:"The address at which a proxy in front calls the application, if the diagnosis is to try it too." placeholder:"URL"`
	Product       string   `help:"What calls the endpoint: voice or messaging. It decides about ports in https URLs." enum:"voice,messaging," default:"" placeholder:"PRODUCT"`
	AuthTokenFile string   `help:"A file with the endpoint's auth token, instead of TWILIO_AUTH_TOKEN." placeholder:"FILE"`
	AcceptStatus  string   `help:"Status codes that mean accepted, as in 302 or 2xx,302." placeholder:"CODES"`
	RejectStatus  string   `help:"Status codes that mean rejected, as in 404." placeholder:"CODES"`
	Header        []string `help:"A header for every request, as in 'Name: value' (several are allowed)." placeholder:"HEADER" sep:"none"`
	CA            string   `name:"ca" help:"Trust the certificate authorities in this PEM file too." placeholder:"FILE"`
	Insecure      bool     `help:"Go on if the endpoint's certificate does not hold; Twilio does not."`

	ValidatorURL string `name:"validator-url" help:"Ask a function or worker: each JSON request is the body of a POST, and its JSON answer that of the response." placeholder:"URL"`

	endpoint  *conformance.Endpoint
	perSecond int // how many requests a second at most; 0 for the usual
}

// open opens and calibrates the endpoint, if there is one. A diagnosis is printed and becomes
// the exit status.
func (f *endpointFlags) open(ctx context.Context, c *runCmd) error {
	if err := f.exclusive(c); err != nil {
		return usage(err)
	}
	if f.Endpoint == "" {
		return nil
	}
	options, err := f.options()
	if err != nil {
		return usage(err)
	}
	options.Timeout = c.Timeout
	if f.endpoint, err = conformance.OpenEndpoint(options); err != nil {
		return usage(err)
	}
	diagnosis, err := f.endpoint.Calibrate(ctx)
	if interrupted := context.Cause(ctx); interrupted != nil {
		err = errors.New("it was interrupted")
	}
	if err != nil {
		f.endpoint.Close()
		return notRun(errors.New(report.Clean(err.Error(), 500)))
	}
	if diagnosis != nil {
		writeDiagnosis(os.Stdout, c.name(), diagnosis)
		for _, note := range f.endpoint.Close() {
			fmt.Printf("note: %s\n", report.Clean(note, 300))
		}
		if diagnosis.Status == conformance.StatusNotConformant {
			if err := c.reportDiagnosis(diagnosis); err != nil {
				return usage(err)
			}
		}
		return exitError{status: diagnosis.Status}
	}
	return nil
}

// close closes the endpoint, if there is one, and returns what was noticed.
func (f *endpointFlags) close() []string {
	if f.endpoint == nil {
		return nil
	}
	return f.endpoint.Close()
}

// exclusive is an error for what makes no sense with an endpoint.
func (f *endpointFlags) exclusive(c *runCmd) error {
	switch {
	case f.ValidatorURL != "" && (f.Endpoint != "" || c.SDK != "" || c.Oneshot || len(c.Command) > 0):
		return errors.New("--validator-url, --endpoint, --sdk, and a program of your own exclude each other")
	case f.Endpoint == "" && f.ValidatorURL == "":
		if words := f.words(); len(words) > 0 {
			return fmt.Errorf("%s is about an endpoint; name one: --endpoint http://127.0.0.1:3000/sms", words[0])
		}
	case f.Endpoint != "" && (c.SDK != "" || c.Oneshot || len(c.Command) > 0):
		return errors.New("--endpoint, --sdk, and a program of your own exclude each other")
	case c.Timeout <= 0:
		return errors.New("--timeout must be positive, as in 5s")
	}
	return nil
}

// reportDiagnosis writes the reports for programs: one vector, which fails.
func (c *runCmd) reportDiagnosis(d *conformance.EndpointDiagnosis) error {
	if c.Report == "" {
		return nil
	}
	run := d.Run()
	spec.Declare([]*vectors.Vector{run.Results[0].Vector}, func(context.Context) *conformance.Run { return run })
	suite := spec.Run("sigconform: " + c.name())
	return writeReport(c.Report, report.New(run, c.about(vectors.Builtin(), conformance.Judging{Book: c.book()})), suite)
}

// options are the flags as the engine takes them.
func (f *endpointFlags) options() (conformance.EndpointOptions, error) {
	o := conformance.EndpointOptions{Product: reference.Product(f.Product)}
	o.URL, o.PublicURL, o.Insecure = f.Endpoint, f.PublicURL, f.Insecure
	o.Upstream, o.PerSecond = f.Upstream, f.perSecond
	var err error
	if o.AuthToken, err = authToken(f.AuthTokenFile); err != nil {
		return o, fmt.Errorf("an endpoint is asked with its own token: %w", err)
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
		if o.CA, err = webhook.ReadCA(f.CA); err != nil {
			return o, fmt.Errorf("--ca: %w", err)
		}
	}
	return o, nil
}

// words are the flags as they are repeated on a command line, without what may
// be secret.
func (f *endpointFlags) words() []string {
	var words []string
	for _, flag := range []struct{ name, value string }{
		{"--validator-url", withoutPassword(f.ValidatorURL)}, {"--endpoint", withoutPassword(f.Endpoint)}, {"--public-url", withoutPassword(f.PublicURL)}, {"--upstream", f.Upstream}, {"--product", f.Product}, {"--auth-token-file", f.AuthTokenFile},
		{"--accept-status", f.AcceptStatus}, {"--reject-status", f.RejectStatus}, {"--ca", f.CA},
	} {
		if flag.value != "" {
			words = append(words, flag.name, flag.value)
		}
	}
	for _, header := range f.Header {
		name, _, _ := strings.Cut(header, ":")
		words = append(words, "--header", name+": …")
	}
	if f.Insecure {
		words = append(words, "--insecure")
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

// applicable is an error if nothing of the selection can be asked.
func (f *endpointFlags) applicable(selected []*vectors.Vector) error {
	if f.endpoint == nil {
		return nil
	}
	return f.endpoint.Applicable(selected)
}

// vectors are those of the corpus as the endpoint is asked them.
func (f *endpointFlags) vectors(all []*vectors.Vector) []*vectors.Vector {
	if f.endpoint == nil {
		return all
	}
	return f.endpoint.Vectors(all)
}

// book is what the vectors are about, and what only an endpoint is asked.
func (f *endpointFlags) book() *vectors.Rulebook {
	book := vectors.Rules()
	if f.endpoint != nil {
		maps.Copy(book.Questions, conformance.EndpointQuestions)
	}
	return book
}

// validator is the endpoint, if there is one, or else the target.
func (f *endpointFlags) validator(target adapters.Target) (adapters.Validator, error) {
	if f.endpoint != nil {
		return f.endpoint, nil
	}
	target.URL = f.ValidatorURL
	return adapters.Open(target)
}

// explain puts the run into the words of an endpoint.
func (f *endpointFlags) explain(run *conformance.Run) {
	if f.endpoint != nil {
		f.endpoint.Explain(run)
	}
}

// writeDiagnosis writes why the endpoint cannot be asked what the vectors ask.
func writeDiagnosis(out io.Writer, name string, d *conformance.EndpointDiagnosis) {
	fmt.Fprintf(out, "sigconform: %s\n\n✗ %s\n", report.Clean(name, 200), report.Clean(d.Sentence, 800))
	field := func(label, text string) { fmt.Fprintf(out, "    %-26s %s\n", label, report.Clean(text, 400)) }
	if d.Verifies != "" {
		field("your application verifies", d.Verifies)
	}
	if d.Signs != "" {
		field("Twilio signs", d.Signs)
	}
	for _, hint := range d.Hints {
		fmt.Fprintf(out, "    - %s\n", report.Clean(hint, 600))
	}
}
