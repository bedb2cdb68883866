// This file makes vectors of what only a running endpoint can be tested: each
// check has an id and an expected result, and says how it is sent where that is
// not as Twilio sends. The checks themselves are in checklist.go.

package endpoint

import (
	"path"
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
	// trials are the requests of a check that sends several, and none of them may get
	// through.
	trials []trial
	// settled is the answer, if the calibration has got it already.
	settled *protocol.Answer
	// not says why it cannot be sent to this endpoint.
	not  string
	file string
	line int
}

// openTo makes a question of a check: "question=answer".
func (c *check) openTo(question string) { c.rule, c.result, c.question = "", "", question }

// checksFolder is where a report says that the checks are.
const checksFolder = "spec/endpoint/"

// Questions are the questions that only an endpoint can answer.
var Questions = map[string]vectors.OpenQuestion{
	"host-from-request": {
		Asks: "Is the host that is verified the one that the client names in Host?",
		Answers: map[string]string{"accepted": "it is; a request that was signed for another host of the same " +
			"account is accepted"},
	},
	"two-signature-headers": {
		Asks:    "Of two signature headers, which one counts?",
		Answers: map[string]string{"first": "the first", "last": "the last"},
	},
	"compressed-form": {
		Asks:    "Is a compressed form accepted if only its URL is signed?",
		Answers: map[string]string{"url-signed": "it is; see to it that nothing decompresses it later"},
	},
	"path-spelling": {
		Asks:    "Is another spelling of the endpoint's path accepted, signed for its own?",
		Answers: spellings,
	},
	"forwarding-headers": {
		Asks: "Does a header in which proxies pass on the host, scheme, port or path change the URL that is verified?",
		Answers: map[string]string{
			"host": "one with the host does", "scheme": "one with the scheme does",
			"port": "one with the port does", "path": "one with the path does",
		},
		Recommended: "rejected",
		Why: "right only if a proxy in front of the application overwrites the header, and nobody gets " +
			"past it; otherwise a client chooses the URL",
	},
	"method-override": {
		Asks:    "Is a POST that a header calls a GET verified as a GET, by its URL alone?",
		Answers: map[string]string{"honoured": "it is; see to it that nothing acts on the body then"},
	},
	"chunked-body": {
		Asks: "Is a body in chunks accepted unsigned by a framework that hands such a body to nobody (Django, Falcon)?",
		Answers: map[string]string{
			"form": "a form is, signed by its URL alone; see to it that nothing else reads the body",
			"json": "JSON is, with the hash of an empty body",
		},
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
		Asks: "Is another spelling of the endpoint's path accepted, signed as it is called? Twilio calls the " +
			"configured one.",
		Answers: spellings,
	},
	"signature-before-login": {
		Asks:    "Is a wrong signature refused before the login is asked for?",
		Answers: map[string]string{"not-checked": "it is not; what follows the login is checked"},
	},
}

// spellings are the answers to the questions about the endpoint's own path.
var spellings = map[string]string{
	"double-slash": "with a slash doubled", "dot-segment": "with a /./", "escaped-dot-segment": "with a /%2e/",
	"escaped-letter": "with a letter escaped", "letter-case": "in another case",
}

// families are the titles of the families of checks.
var families = map[string]string{
	"endpoint":            "The endpoint itself",
	"endpoint-forwarding": "Headers that a client sends as if it were a proxy",
	"endpoint-header":     "Headers",
	"endpoint-body":       "How a body is sent",
	"endpoint-path":       "Spellings of the endpoint's own path",
	"endpoint-login":      "Basic and Digest authentication",
	"endpoint-guard":      "Ways past the guard",
}

// checks returns the checks for the endpoint, as vectors.
func (e *Endpoint) checks() []item { return e.vectorsOf(e.checklist()) }

// vectorsOf returns some checks as vectors.
func (e *Endpoint) vectorsOf(some []check) []item {
	var made []item
	byName := map[string]*vectors.Family{}
	for _, c := range some {
		name, _, _ := strings.Cut(c.id, "/")
		family := byName[name]
		if family == nil {
			family = &vectors.Family{Name: name, Title: families[name], File: c.file}
			byName[name] = family
		}
		v, err := e.vector(c, family)
		if err != nil {
			c.not = err.Error()
		}
		family.Vectors = append(family.Vectors, v)
		made = append(made, item{vector: v, not: c.not, deliver: c.deliver, trials: c.trials, settled: c.settled})
	}
	return made
}

// isCheck reports whether a vector is one that only an endpoint can show.
func isCheck(v *vectors.Vector) bool { return strings.HasPrefix(v.Family.File, checksFolder) }

// at notes the place of the check that it is called with.
func at(c check) check { return atCaller(c, 1) }

// atCaller notes the place of the n-th caller above it.
func atCaller(c check, n int) check {
	_, file, line, _ := runtime.Caller(n + 1)
	c.file, c.line = checksFolder+path.Base(file), line
	return c
}

// vector makes the vector of a check. The error says why it cannot be signed.
func (e *Endpoint) vector(c check, family *vectors.Family) (*vectors.Vector, error) {
	r := c.request
	v := &vectors.Vector{
		ID: c.id, Comment: c.comment, Result: c.result, AuthToken: vectors.Text(e.token),
		Source: derived("what a running endpoint does with it"), Family: family, Line: c.line,
		Request: vectors.Request{Method: r.Method, URL: vectors.Text(r.URL), Product: e.product,
			ContentType: r.ContentType, BodyBase64: r.Body},
		Signed: &vectors.Signed{},
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
	var shown vectors.Text
	if e.keyRequired {
		shown = e.underSharedKey(v, "")
	}
	err := v.Sign()
	if shown != "" {
		v.Signed.Token = &shown
	}
	v.AuthToken = ownToken
	e.concealVector(v)
	if c.signature != nil {
		v.Signed, v.Request.Signature = nil, c.signature
		if *c.signature == "" {
			v.Request.Signature = nil
		}
	}
	return v, err
}
