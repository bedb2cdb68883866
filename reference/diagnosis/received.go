// This file answers: what produced this signature? A request was received, its
// signature is not right, and Twilio is not wrong: then what was signed differs
// from what the application handed over. The search looks for the smallest
// difference, in the places where proxies, frameworks and settings make one:
//
//	received.go      what is received, and what is found
//	explore.go       the search
//	places.go        scheme, host, port, path
//	places_query.go  the query
//	places_form.go   the parameters and their values
//	places_moved.go  parameters that were lost, or moved between query and form
//	places_key.go    the auth token, shared keys and the settings header

package diagnosis

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"sigconform/reference"
	"sigconform/reference/defect"
)

const (
	// mostChanges is how many places may differ at once.
	mostChanges = 4
	// mostReadings is how many equally simple explanations are worth naming.
	mostReadings = 3
)

// Received is a request as the application that received it sees it.
type Received struct {
	AuthToken string // "" if it is not known: then it is not tried
	Request   reference.Request
	// SchemeAssumed: the request does not say whether it came over HTTPS, and the
	// scheme of its URL is a guess.
	SchemeAssumed bool
	// Hosts are other hosts under which Twilio may know the application, with or
	// without a port: from forwarding headers, or as somebody remembers them.
	Hosts []string
	// Paths are other paths, with a query or without, under which Twilio may know
	// it: from headers of a proxy that rewrites, or as somebody remembers them.
	Paths []string
}

// Limits say when the search ends. The zero value is no search.
type Limits struct {
	Strings int           // how many strings to sign are tried
	Time    time.Duration // how long
	// Progress is called now and then with the number of strings tried, from one
	// goroutine at a time; nil for nobody.
	Progress func(tried int)
}

// UsualLimits are those that suit a person who waits.
func UsualLimits() Limits { return Limits{Strings: 3_000_000, Time: 4 * time.Second} }

// Origin says what the signature of a received request was made of.
type Origin struct {
	// Holds: it is right as it is, by the rules.
	Holds bool
	// OtherScheme: it is right, with this URL; the scheme that was assumed is not
	// that of the request. "" otherwise.
	OtherScheme string
	// Body: the signature is right for the URL. What fails is the body, which it
	// does not cover, or whose hash is wrong.
	Body bool
	// BodyAs is what was made of the body on the way, where that is known.
	BodyAs *Change
	// Settings are what is wrong with the settings header, or with its absence, as
	// far as the header and the length of the signature say it by themselves.
	Settings []Change
	// Readings are the smallest changes to the request that make the signature
	// right, the simplest first; empty if none was found.
	Readings []Reading
	// Tried is how many strings to sign were tried, and Places where they differed.
	Tried  int
	Places []string
	// Cut: a limit ended the search, or the context did.
	Cut bool
	// Form is what is wrong with the form of the signature ("" if it is the Base64
	// of 20 or 32 bytes): no string to sign can produce it.
	Form string
}

// Reading is one way to read the request so that its signature is right.
type Reading struct {
	Changes      []Change
	StringToSign string // what was signed
	ranks        []int  // of the changes, among all that were tried
	places       []int  // that differ
}

// Change is one difference between what was handed over and what was signed.
type Change struct {
	Says string // completes "The signature is right if …"
	Fix  string // how that usually comes about, and what to change
}

// FindOrigin searches for what produced the signature of a received request: first
// what differs in one usual way, then what differs in a rarer one or in two, and so
// on up to four places, within the limits and as long as ctx lasts.
func FindOrigin(ctx context.Context, received Received, limits Limits) Origin {
	ctx, cancel := context.WithTimeout(ctx, limits.Time)
	defer cancel()
	r := received.Request
	origin := Origin{Form: formOf(r.Signature)}
	if reference.New().Validate(received.AuthToken, r) {
		origin.Holds = true
		return origin
	}
	if other, ok := withOtherScheme(received); ok {
		origin.Holds, origin.OtherScheme = true, other
		return origin
	}
	if r.Signature == nil || *r.Signature == "" {
		return origin
	}
	origin.Settings = settingsChanges(r)
	if origin.Form != "" {
		return origin
	}
	e := newExploration(received)
	if e.matches(e.start) && len(origin.Settings) == 0 {
		origin.Body, origin.BodyAs = true, bodyAs(r)
		return origin
	}
	if reading, ok := e.withoutSearch(received); ok {
		origin.Readings = []Reading{reading}
		return origin
	}
	e.explore(ctx, limits)
	origin.Readings, origin.Tried, origin.Places = e.simplest(), int(e.tried.Load()), e.names()
	origin.Cut = len(origin.Readings) == 0 && e.ended.Load()
	if len(origin.Readings) == 0 && !origin.Cut {
		origin.Readings = asDefect(received)
	}
	return origin
}

// withOtherScheme returns the URL with which the signature is right, if the scheme
// was assumed and is the other one.
func withOtherScheme(received Received) (url string, ok bool) {
	if !received.SchemeAssumed {
		return "", false
	}
	r := received.Request
	parts, _ := reference.SplitURL(r.URL)
	for _, scheme := range []string{"http", "https"} {
		parts.Scheme = scheme
		r.URL = parts.String()
		if reference.New().Validate(received.AuthToken, r) {
			return r.URL, true
		}
	}
	return "", false
}

// formOf says what keeps a text from being a signature of any string.
func formOf(signature *string) string {
	switch {
	case signature == nil:
		return "there is no signature: the header X-Twilio-Signature is missing, lost on the way, or the request is not Twilio's"
	case *signature == "":
		return "the signature is empty: the header X-Twilio-Signature was lost on the way, or the request is not Twilio's"
	case strings.TrimSpace(*signature) != *signature:
		return "the signature has white space around it"
	}
	if digits, err := hex.DecodeString(*signature); err == nil && (len(digits) == sha1.Size || len(digits) == sha256.Size) {
		return "the signature is hex; Twilio's is Base64"
	}
	mac, err := base64.StdEncoding.DecodeString(*signature)
	switch {
	case err != nil:
		return "the signature is not standard Base64 with padding"
	case len(mac) != sha1.Size && len(mac) != sha256.Size:
		return "the signature is the Base64 of another number of bytes than the 20 of an HMAC-SHA1 or the 32 of an HMAC-SHA256"
	case reference.Encode(mac) != *signature:
		return "the signature is Base64 that no encoder writes: its last character is not the canonical one"
	}
	return ""
}

// bodyAs looks for what was made of a body whose hash is in the query.
func bodyAs(r reference.Request) *Change {
	hashes := reference.BodyHashes(r.URL)
	if len(hashes) == 0 {
		return nil
	}
	is := func(body []byte) bool { return reference.BodyHash(body) == hashes[0] }
	if decoded, ok := base64Body(r.Body); ok && is(decoded) {
		return &Change{"the body that was hashed is Base64 here", base64Fix}
	}
	for _, end := range []string{"\n", "\r\n"} {
		if is(append(slices.Clone(r.Body), end...)) {
			return &Change{"the body that was hashed ends in a line end", "Something trims the body. Hash the raw bytes as they were received."}
		}
	}
	if trimmed := strings.TrimRight(string(r.Body), "\r\n"); is([]byte(trimmed)) {
		return &Change{"the body that was hashed has no line end at its end",
			"Something appended a line end: an editor, a log, a tool. Hash the raw bytes as they were received."}
	}
	return nil
}

// base64Fix is what to do about a body that a gateway hands over as Base64.
const base64Fix = "A gateway hands the body over as Base64 (AWS API Gateway and function URLs say isBase64Encoded). " +
	"Decode it before it is parsed or hashed."

// base64Body decodes a body that is Base64 as a whole.
func base64Body(body []byte) ([]byte, bool) {
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(body)))
	return decoded, err == nil && len(decoded) > 0
}

// asDefect looks for a known mistake that makes the signature of the request as it
// was handed over. Whoever signed may have made it, or something that changed the
// request on the way in the opposite direction: the signature does not say.
func asDefect(received Received) []Reading {
	var readings []Reading
	for _, variant := range defect.Variants() {
		signature, ok := defect.Sign(variant.New(), received.AuthToken, received.Request)
		if !ok || signature != *received.Request.Signature || variant.Behaviour || len(readings) == mostReadings {
			continue
		}
		stringToSign, _ := defect.StringToSign(variant.New(), received.Request)
		readings = append(readings, Reading{
			Changes: []Change{{
				"what was signed is what a program makes of this request that " + variant.Says() + " (" + variant.Key() + ")",
				"If Twilio sent the request, something changed it on the way in the opposite direction: compare it with the request " +
					"log of the console. If a test or a simulator signed it, look there for the mistake.",
			}},
			StringToSign: stringToSign,
		})
	}
	return readings
}
