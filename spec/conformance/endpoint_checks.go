// This file makes vectors of what only a running endpoint can be asked: each
// check has an id and an expected result, and says how it is sent where that is
// not as Twilio sends. The checks themselves are in endpoint_checklist.go.

package conformance

import (
	"runtime"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// check is a vector in the making.
type check struct {
	id, comment string
	rule        string         // that demands the result
	result      vectors.Result // "" is Valid
	question    string         // instead of a rule and a result: "question=answer"
	request     reference.Request
	// signed is the URL that is signed instead of the request's, and urlOnly
	// leaves out the parameters of a form.
	signed  string
	urlOnly bool
	params  []byte // a form whose parameters are signed instead of the body's
	// signature is what the vector says was received, if that is not what was
	// signed: "" for none.
	signature *string
	// deliver changes how it is sent.
	deliver func(*webhook.Delivery)
	// not says why it cannot be asked of this endpoint.
	not  string
	line int
}

// openTo makes a question of a check: "question=answer".
func (c *check) openTo(question string) { c.rule, c.result, c.question = "", "", question }

// checksFile is where a report says that the checks are.
const checksFile = "spec/conformance/endpoint_checklist.go"

// EndpointQuestions are the questions that only an endpoint can be asked.
var EndpointQuestions = map[string]vectors.OpenQuestion{
	"host-from-request": {
		Asks:    "Is the host that is verified the one that the client names in Host?",
		Answers: map[string]string{"accepted": "it is; a request that was signed for another host of the same account is accepted"},
	},
	"two-signature-headers": {
		Asks:    "Of two signature headers, which one counts?",
		Answers: map[string]string{"first": "the first", "last": "the last"},
	},
	"compressed-form": {
		Asks:    "Is a compressed form accepted of which only the URL is signed?",
		Answers: map[string]string{"url-signed": "it is; see to it that nothing decompresses it later"},
	},
	"path-spelling": {
		Asks: "Is another spelling of the endpoint's path accepted, signed for its own?",
		Answers: map[string]string{
			"double-slash": "with a slash doubled", "dot-segment": "with a /./", "escaped-dot-segment": "with a /%2e/", "escaped-letter": "with a letter escaped", "letter-case": "in another case",
		},
	},
	"forwarding-headers": {
		Asks: "Does a header in which proxies pass on the host, scheme, port or path change the URL that is verified?",
		Answers: map[string]string{
			"host": "one with the host does", "scheme": "one with the scheme does", "port": "one with the port does", "path": "one with the path does",
		},
		Recommended: "rejected",
		Why:         "right only if a proxy stands before the application that sets the header anew, and nobody gets past it; otherwise a client chooses the URL",
	},
	"method-override": {
		Asks:    "Is a POST that a header calls a GET verified as a GET, by its URL alone?",
		Answers: map[string]string{"honoured": "it is; see to it that nothing acts on the body then"},
	},
	"chunked-body": {
		Asks:    "Is a body in chunks, which the application does not read where it is signed, accepted unsigned?",
		Answers: map[string]string{"form": "a form is, signed by its URL alone; see to it that nothing reads the body later", "json": "JSON is, with the hash of an empty body"},
	},
	"large-form": {
		Asks:    "Is a form accepted that is larger than common limits? Twilio has not been seen to send one.",
		Answers: map[string]string{"100-kib": "of 100 KiB", "1-mib": "of 1 MiB", "2-5-mib": "of 2.5 MiB"},
	},
	"header-case": {
		Asks:    "Is the signature header taken in capitals? HTTP says so; Twilio does not send it.",
		Answers: map[string]string{"capitals": "it is"},
	},
	"path-as-called": {
		Asks: "Is another spelling of the endpoint's path accepted, signed as it is called? Twilio calls the configured one.",
		Answers: map[string]string{
			"double-slash": "with a slash doubled", "dot-segment": "with a /./", "escaped-dot-segment": "with a /%2e/", "escaped-letter": "with a letter escaped", "letter-case": "in another case",
		},
	},
	"signature-before-login": {
		Asks:    "Is a wrong signature refused before the login is asked for?",
		Answers: map[string]string{"not-checked": "it is not; what follows the login is checked"},
	},
}

// families are the titles of the families of checks.
var families = map[string]string{
	"endpoint":            "The endpoint itself",
	"endpoint-forwarding": "Headers that a client sends as if it were a proxy",
	"endpoint-header":     "Headers",
	"endpoint-body":       "How a body is sent",
	"endpoint-path":       "Spellings of the endpoint's own path",
	"endpoint-login":      "Basic and Digest authentication",
}

// checks returns the checks as vectors for the endpoint.
func (e *Endpoint) checks() []*vectors.Vector {
	var made []*vectors.Vector
	byName := map[string]*vectors.Family{}
	for _, c := range e.checklist() {
		name, _, _ := strings.Cut(c.id, "/")
		family := byName[name]
		if family == nil {
			family = &vectors.Family{Name: name, Title: families[name], File: checksFile}
			byName[name] = family
		}
		v := e.vector(c, family)
		family.Vectors = append(family.Vectors, v)
		if c.not != "" {
			e.notApplicable[v.ID] = c.not
		}
		if change := c.deliver; change != nil {
			e.deliveries[v.ID] = func(asked protocol.Case) webhook.Delivery {
				d := webhook.Delivery{Case: asked}
				change(&d)
				return d
			}
		}
		made = append(made, v)
	}
	return made
}

// at notes the line of the check that it is called with.
func at(c check) check {
	_, _, c.line, _ = runtime.Caller(1)
	return c
}

// vector makes the vector of a check.
func (e *Endpoint) vector(c check, family *vectors.Family) *vectors.Vector {
	r := c.request
	v := &vectors.Vector{
		ID: c.id, Comment: c.comment, Result: c.result, AuthToken: vectors.Text(e.token),
		Source: derived("what a running endpoint does with it"), Family: family, Line: c.line,
		Request: vectors.Request{Method: r.Method, URL: vectors.Text(r.URL), Product: e.product, ContentType: r.ContentType, BodyBase64: r.Body},
		Signed:  &vectors.Signed{},
	}
	if v.Result == "" {
		v.Result = vectors.Valid
	}
	if c.rule != "" {
		v.Rules = []string{c.rule}
	}
	if question, answer, is := strings.Cut(c.question, "="); is {
		v.Result, v.Question, v.Answer = vectors.Question, question, answer
	}
	if c.signed != "" {
		v.Signed.URL = vectors.Text(c.signed)
	}
	if c.urlOnly {
		v.Signed.Params = [][2]vectors.Text{}
	}
	if c.params != nil {
		for _, p := range reference.OrderParams(reference.ParseForm(c.params)) {
			v.Signed.Params = append(v.Signed.Params, [2]vectors.Text{vectors.Text(p.Name), vectors.Text(p.Value)})
		}
	}
	if err := v.Sign(); err != nil {
		e.notApplicable[v.ID] = err.Error()
	}
	v.AuthToken = ownToken
	e.concealVector(v)
	if c.signature != nil {
		v.Signed, v.Request.Signature = nil, c.signature
		if *c.signature == "" {
			v.Request.Signature = nil
		}
	}
	return v
}
