// Package vectors answers: what must validators do? The JSON files beside it are the
// answer, one file for each family of test vectors; schema.json is their
// grammar, rules.json the rules and questions that they are about, ids.txt the
// list of all ids ever published, with the version that first had each. README.md says how to read, add and cite a
// vector.
//
// The package loads the files, derives what nobody should write by hand
// ([Vector.Sign]) and checks that everything in them follows ([Lint]). Its files, in
// reading order:
//
//	vectors.go       a vector, its family, and all of them
//	text.go          texts, with their long runs said once
//	load.go          how the files are read
//	limits.go        … within which limits, since a folder may be anybody's
//	rules.go         the rules and questions that vectors are about
//	threads.go       public threads in which somebody met what they are about
//	sign.go          what is derived: signed strings and signatures
//	format.go        how a file is written
//	skeleton.go      a new vector, for its author to finish
//	schema.go        faults of a file against its schema
//	locate.go        … and on which line they are
//	lint.go          all that a program can find wrong
//	lint_defects.go  … is every defect caught?
//	matrix.go        which vectors catch which defects
//	proofs.go        … as far as it must be known
//	caught.go        … of one vector
//	combinations.go  which rule applies where: the vectors of all combinations
//	ids.go           the ids that were ever published
//	versions.go      the versions of the vectors
//	changes.go       … and what changed between two
//	export.go        the vectors as one document, for other test suites
package vectors

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// Family is one file of vectors about one subject.
type Family struct {
	Name    string          `json:"family"`
	Title   string          `json:"title"`
	Notes   map[string]Note `json:"notes,omitempty"`
	Vectors []*Vector       `json:"vectors"`

	// File is the path of the file it was loaded from.
	File string `json:"-"`
}

// Note explains a flag: what goes wrong in a validator that fails its vectors.
type Note struct {
	BugType BugType  `json:"bugType"`
	Effect  string   `json:"effect"`
	Links   []string `json:"links,omitempty"`
}

// BugType is the kind of mistake that a failing vector points to: what comes of
// a defect.
type BugType = defect.BugType

// The bug types. A false accept lets an attacker in; a false reject keeps
// Twilio out; other text for the same MAC that is accepted forges nothing.
const (
	FalseAccept  = defect.FalseAccept
	FalseReject  = defect.FalseReject
	Crash        = defect.Crash
	Malleability = defect.Malleability
)

// Result is what a vector expects of a validator.
type Result string

// The results. A Question is one that the docs leave open: the answer is
// reported and never fails.
const (
	Valid    Result = "valid"
	Invalid  Result = "invalid"
	Question Result = "question"
)

// Vector is one request with its expected result, why, and where that comes from.
type Vector struct {
	ID      string   `json:"id"` // family/slug
	Comment string   `json:"comment"`
	Rules   []string `json:"rules,omitempty"`
	Flags   []string `json:"flags,omitempty"`
	Source  Source   `json:"source"`
	// Needs is "configured-url" where the URL holds what an application cannot
	// rebuild from the request it receives (userinfo, fragment).
	Needs string `json:"needs,omitempty"`
	// NoDefect says why no known defect has to be caught by this vector.
	NoDefect  string  `json:"noDefect,omitempty"`
	AuthToken Text    `json:"authToken"`
	Request   Request `json:"request"`
	// Signed says what the signature covers; nil if the signature is not one.
	Signed *Signed `json:"signed,omitempty"`
	Result Result  `json:"result"`
	// Question and Answer: accepting this vector answers Question with Answer.
	Question string `json:"question,omitempty"`
	Answer   string `json:"answer,omitempty"`

	Family *Family `json:"-"`
	Line   int     `json:"-"` // where it starts in its file
	// Since is the version that first had it, or [Next]; "" if its folder does not
	// record it.
	Since string `json:"-"`
}

// Source is where an expectation comes from.
type Source struct {
	Kind string `json:"kind"` // norm, sdk-test, field or derived
	Ref  string `json:"ref"`  // the section, test, thread, or what it is derived from
	// Threads are the public threads in which somebody met the mistake that the vector
	// catches, or what a question is about: OWNER/REPOSITORY#NUMBER on GitHub.
	Threads []string `json:"threads,omitempty"`
}

// String says where that is, in words.
func (s Source) String() string {
	kinds := map[string]string{
		"norm": "Twilio's Security page: ", "sdk-test": "a test of an official SDK: ", "field": "seen in the field: ", "derived": "derived: ",
	}
	return kinds[s.Kind] + s.Ref
}

// Request is the request as JSON; see [reference.Request] for what is absent
// and what is empty. A body that is not UTF-8 is in BodyBase64.
type Request struct {
	Method      string            `json:"method"`
	URL         Text              `json:"url"`
	Product     reference.Product `json:"product,omitempty"`
	ContentType *string           `json:"contentType,omitempty"`
	Body        Text              `json:"body,omitempty"`
	BodyBase64  []byte            `json:"bodyBase64,omitempty"`
	Signature   *string           `json:"signature,omitempty"`
	// SignatureSettings is the header that names a shared key; nil if there is none.
	SignatureSettings *Text `json:"signatureSettings,omitempty"`
	// SharedKeys are the keys of the application beside its auth token.
	SharedKeys []SharedKey `json:"sharedKeys,omitempty"`
}

// SharedKey is a key that is configured beside the auth token.
type SharedKey struct {
	ID     Text `json:"id"`
	Secret Text `json:"secret"`
}

// Signed says step by step what the signature in the request was made of.
type Signed struct {
	// Token is the key, where it is not the vector's authToken.
	Token *Text `json:"token,omitempty"`
	// TokenUndisclosed: this is a published sample whose token is not known. It
	// can be checked for its form only, and cannot be sent.
	TokenUndisclosed bool `json:"tokenUndisclosed,omitempty"`
	// URL is the URL that was signed.
	URL Text `json:"url,omitempty"`
	// Params are the decoded parameters, in the order they were appended; in
	// Base64 if one of them is not UTF-8.
	Params       [][2]Text   `json:"params,omitzero"`
	ParamsBase64 [][2][]byte `json:"paramsBase64,omitzero"`
	// String is the string to sign; in Base64 if it is not UTF-8.
	String       Text   `json:"string,omitempty"`
	StringBase64 []byte `json:"stringBase64,omitempty"`
	// MAC and Encoding name how the signature was made of it, where that is not
	// HMAC-SHA1 in Base64.
	MAC      string `json:"mac,omitempty"`
	Encoding string `json:"encoding,omitempty"`
}

// Reference returns the request as the reference and the adapters take it.
func (r Request) Reference() reference.Request {
	body := r.BodyBase64
	if body == nil {
		body = []byte(r.Body)
	}
	request := reference.Request{
		Method: r.Method, URL: string(r.URL), Product: r.Product,
		ContentType: r.ContentType, Body: body, Signature: r.Signature,
	}
	if r.SignatureSettings != nil {
		settings := string(*r.SignatureSettings)
		request.SignatureSettings = &settings
	}
	for _, key := range r.SharedKeys {
		request.SharedKeys = append(request.SharedKeys, reference.SharedKey{ID: string(key.ID), Secret: string(key.Secret)})
	}
	return request
}

// NeedsSharedKeys reports whether the vector is about Twilio's SharedKeys.
func (v *Vector) NeedsSharedKeys() bool {
	return v.Request.SignatureSettings != nil || v.Request.SharedKeys != nil
}

// Askable reports whether the vector can be sent: whether its token is known.
func (v *Vector) Askable() bool {
	return v.Signed == nil || !v.Signed.TokenUndisclosed
}

// BugType is what a validator that fails this vector suffers from: what its
// flags say, or else what follows from the result.
func (v *Vector) BugType() BugType {
	for _, flag := range v.Flags {
		return v.Family.Notes[flag].BugType
	}
	if v.Result == Invalid {
		return FalseAccept
	}
	return FalseReject
}

// Labels are the words by which vectors are selected: "rule:port-kept",
// "family:url-port", "result:valid", …
func (v *Vector) Labels() []string {
	labels := []string{
		"family:" + v.Family.Name,
		"result:" + string(v.Result),
		"source:" + v.Source.Kind,
		"bug:" + string(v.BugType()),
	}
	for _, rule := range v.Rules {
		labels = append(labels, "rule:"+rule)
	}
	if v.Question != "" {
		labels = append(labels, "question:"+v.Question)
	}
	if v.NeedsSharedKeys() {
		labels = append(labels, "feature:shared-key")
	}
	if v.Request.Product != "" {
		labels = append(labels, "product:"+string(v.Request.Product))
	}
	return labels
}

// StringToSign returns the bytes that were signed; "" if nothing was.
func (v *Vector) StringToSign() string {
	switch {
	case v.Signed == nil:
		return ""
	case v.Signed.StringBase64 != nil:
		return string(v.Signed.StringBase64)
	default:
		return string(v.Signed.String)
	}
}

// Key returns the key that the signature was made with: the auth token, unless
// Signed names another; "" if nothing was signed.
func (v *Vector) Key() string {
	switch {
	case v.Signed == nil:
		return ""
	case v.Signed.Token != nil:
		return string(*v.Signed.Token)
	default:
		return string(v.AuthToken)
	}
}

// Fingerprint is a digest of what may never change under a published id: the
// token, the request, and what is expected of it.
func (v *Vector) Fingerprint() string {
	request := v.Request.Reference()
	header := func(value *string) string {
		if value == nil {
			return "absent"
		}
		return "=" + *value
	}
	sum := sha256.New()
	fields := []string{
		string(v.AuthToken), request.Method, request.URL, string(request.Product),
		header(request.ContentType), base64.StdEncoding.EncodeToString(request.Body),
		header(request.Signature), string(v.Result), v.Question, v.Answer,
	}
	if request.SignatureSettings != nil || request.SharedKeys != nil {
		fields = append(fields, header(request.SignatureSettings), fmt.Sprintf("%q", request.SharedKeys))
	}
	for _, field := range fields {
		sum.Write([]byte(strings.ReplaceAll(field, "\x00", "\x00\x00") + "\x00\x01"))
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}
