// Package endpoint tests a running application, as Twilio calls it: it finds out
// whether the application verifies anything at all, moves the vectors to its URL
// and token, and adds what only a running application can show. Its files are, in
// the order in which they are best read:
//
//	endpoint.go     an endpoint, and what is known of it
//	demands.go      … what it demands of a request, whoever signed it
//	sharedkey.go    … its shared keys
//	handshake.go    … and what a WebSocket handshake has of its own
//	unreachable.go  can it be called at all?
//	calibrate.go    does it verify anything at all, and of what?
//	diagnosis.go    … why it cannot be tested, if it cannot
//	refusals.go     … how it refuses
//	remembered.go   … does a right request open the door to the next?
//	explore.go      which variations of a request does it take?
//	probe.go        which URL, token or body does it verify instead?
//	guesses.go      … and what is tried to find that out
//	mistakes.go     … or which known mistake it makes with every request
//	renamed.go      … or whether the signature arrives
//	known.go        … or some of the parameters alone?
//	unreached.go    … or what stands between Twilio and the validator?
//	advice.go       what frameworks and proxies get wrong, and the lines that fix it
//	recognize.go    which of them answered
//	rewritten.go    … and whether a proxy rewrites targets
//	rebase.go       the vectors, for the endpoint's own URL and token
//	drawn.go        requests that a generator draws, for the same (below.go: below which paths)
//	checks.go       what only a running endpoint can show, as vectors
//	checklist.go    … and what that is (checklist_body.go, checklist_path.go)
//	guard.go        is every way into the application guarded? (guard_paths.go, guard_trials.go: which)
//	evidence.go     is an answer the application's own, or anybody's?
//	guards.go       … as checks
//	holes.go        what is wrong where a check fails? (holes_*.go: the causes)
//	verdict.go      what an answer means, now that the endpoint is calibrated
//	plan.go         what is sent to it, and what a run of that means
//	standin.go      the checks, to be shown where there is no endpoint
package endpoint

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/vectors"
)

// Endpoint is a running application whose webhook is tested, once it has been
// calibrated, as its [Plan] says.
type Endpoint struct {
	webhook  *webhook.Validator
	options  webhook.Options    // it was opened with
	address  reference.URLParts // where to connect to
	inside   string             // where a proxy calls the application, if that is known
	url      reference.URLParts // what Twilio is configured with
	isPublic bool               // that is another URL than the one to connect to
	token    string
	product  reference.Product
	shape    shape // of the requests that it was calibrated with

	challenges bool // it asked for a login, and took the credentials
	refusal    int  // the status that refused a wrong signature; 0 if none did
	// acceptance and rejection are what its answers to a right and to a wrong
	// request look like.
	acceptance, rejection portrait
	cookies               string // that its answer to a right request sets
	// refusesOddly: the status of its refusals does not refuse, so that the body
	// must tell.
	refusesOddly bool
	// takesUnsigned: a request without a signature is accepted at its own path, where one
	// with a wrong signature is refused.
	takesUnsigned bool
	// refusesSilently: a wrong handshake is dropped, or never answered.
	refusesSilently bool
	// refusalsOf are what the refusals of each kind of request look like, as far as that
	// is known; asking guards it.
	refusalsOf map[string]portrait
	asking     sync.Mutex

	sharedKeys  []reference.SharedKey // beside its token
	keyRequired bool                  // what the auth token signs must be refused
	accountSID  string                // the account that it serves; "" for any
	demanded    []reference.Param     // fields that it demands of every form
	takes       []string              // what it takes: form, json, get; nil for all

	shown         map[*framework]int // how much its answers show of each
	cleaned       bool               // a path with dot segments is verified without them
	jsonUntaken   bool               // plain JSON is answered with an error that is no refusal
	notes         []string           // what calibration learnt, for a person to read
	unreachable   map[string]string  // method or path variation to why it does not lead to the validator
	refusalStatus *protocol.Answer   // of the check on the status of a refusal, where calibration settled it
	refusalBody   *protocol.Answer   // of the check on its body
	refusalTime   *protocol.Answer   // of the check on when a handshake is refused
	unavailable   atomic.Int32       // how many requests a proxy answered 503 itself
	refusesAfter  time.Duration      // how long an accepted handshake lived until it was refused
}

// Options say whom to ask, and how its requests are signed.
type Options struct {
	webhook.Options
	AuthToken string
	Product   reference.Product // what sends to the endpoint, if that is known
	Upstream  string            // where a proxy in front calls the application; "" if that is not known
	// SharedKeys are keys of the endpoint beside its auth token. Their ids differ.
	SharedKeys []reference.SharedKey
	// SharedKeyRequired: the endpoint must refuse what the auth token signs. The first
	// shared key signs in its place.
	SharedKeyRequired bool
	// AccountSID takes the place of the AccountSid in every request, for an
	// application that serves some accounts only; "" leaves it.
	AccountSID string
	// Form are fields that the application demands of every form.
	Form []reference.Param
	// Accepts are the kinds of request that the endpoint takes: form, json, get. Nil
	// for all of them.
	Accepts []string
}

// Open returns the endpoint. It is not called before it is calibrated.
// The token appears in nothing that the endpoint is quoted with.
func Open(options Options) (*Endpoint, error) {
	if options.AuthToken == "" {
		return nil, errors.New("there is no token to sign with")
	}
	options.Secrets = append(options.Secrets, options.AuthToken)
	for _, key := range options.SharedKeys {
		options.Secrets = append(options.Secrets, key.Secret)
	}
	opened, err := webhook.Open(options.Options)
	if err != nil {
		return nil, err
	}
	address, err := webhook.ParseURL(options.URL)
	if err != nil {
		return nil, err
	}
	url := address
	if options.PublicURL != "" {
		if url, err = webhook.ParseURL(options.PublicURL); err != nil {
			return nil, err
		}
	}
	if options.Upstream != "" {
		if _, err := webhook.ParseURL(options.Upstream); err != nil {
			return nil, err
		}
	}
	e := &Endpoint{
		webhook: opened, options: options.Options, address: address, url: url,
		isPublic: options.PublicURL != "", inside: options.Upstream, token: options.AuthToken, product: options.Product,
		unreachable: map[string]string{}, refusalsOf: map[string]portrait{}, shown: map[*framework]int{},
		sharedKeys: options.SharedKeys, keyRequired: options.SharedKeyRequired,
		accountSID: options.AccountSID, demanded: options.Form, takes: options.Accepts,
	}
	opened.Interpret = e.interpret
	return e, nil
}

// Close drops the connections and returns what was noticed.
func (e *Endpoint) Close() []string { return append(e.webhook.Close(), e.notes...) }

// conceal takes the password out of a text that has the endpoint's URL in it.
func (e *Endpoint) conceal(text string) string {
	for _, userinfo := range []string{e.url.Userinfo, e.address.Userinfo} {
		if user, _, found := strings.Cut(userinfo, ":"); found {
			text = strings.ReplaceAll(text, userinfo, user+":***@")
		}
	}
	return text
}

// concealVector takes the password out of a vector that has been signed: it
// takes no part in what is sent, and a report shows the rest.
func (e *Endpoint) concealVector(v *vectors.Vector) {
	e.concealKeys(v)
	hide := func(text *vectors.Text) { *text = vectors.Text(e.conceal(string(*text))) }
	hide(&v.Request.URL)
	if v.Signed != nil {
		hide(&v.Signed.URL)
		hide(&v.Signed.String)
		v.Signed.StringBase64 = []byte(e.conceal(string(v.Signed.StringBase64)))
		if len(v.Signed.StringBase64) == 0 {
			v.Signed.StringBase64 = nil
		}
	}
}

// configured is the URL that Twilio is configured with.
func (e *Endpoint) configured() string { return e.url.String() }

// isWebSocket reports whether the endpoint takes handshakes, not requests.
func (e *Endpoint) isWebSocket() bool { return e.url.Scheme == "ws" || e.url.Scheme == "wss" }
