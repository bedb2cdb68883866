package vectors

import (
	"unicode/utf8"

	"sigconform/reference"
)

// Export is a set of vectors as one flat document, for test suites that read
// nothing but JSON: every text is written out, every body is in Base64.
type Export struct {
	Format    int        `json:"format"`     // the version of this format: 1
	Version   string     `json:"sigconform"` // of the program that wrote it
	Digest    string     `json:"digest"`     // of the vectors
	Count     int        `json:"count"`      // how many vectors there are: a reader that has read fewer has lost some
	Questions int        `json:"questionCount"`
	Vectors   []Exported `json:"vectors"`   // what must be accepted or rejected
	Open      []Exported `json:"questions"` // what the docs leave open: no answer is wrong
	// SharedKey are those whose request has a settings header: what must be accepted
	// or rejected by a validator that supports SharedKeys. The others skip them.
	SharedKey      []Exported `json:"sharedKeyVectors"`
	SharedKeyCount int        `json:"sharedKeyCount"`
}

// Exported is a vector in an [Export]. Absent is not empty: without signature or
// contentType there was no such header; without product one is not told.
type Exported struct {
	ID          string            `json:"id"`
	Comment     string            `json:"comment"`
	Rules       []string          `json:"rules,omitempty"`
	Since       string            `json:"since,omitempty"` // the version that first had it, or next
	Expected    Result            `json:"expected"`        // valid, invalid or question
	Question    string            `json:"question,omitempty"`
	Answer      string            `json:"answer,omitempty"` // what accepting it answers
	AuthToken   string            `json:"authToken"`
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	Product     reference.Product `json:"product,omitempty"`
	ContentType *string           `json:"contentType,omitempty"`
	BodyBase64  []byte            `json:"bodyBase64"`       // "" for zero bytes
	Params      *[][2]string      `json:"params,omitempty"` // the decoded form; absent where there is none in UTF-8
	Signature   *string           `json:"signature,omitempty"`

	SignatureSettings *string       `json:"signatureSettings,omitempty"` // the settings header
	SharedKeys        []ExportedKey `json:"sharedKeys,omitempty"`        // what the application is configured with
}

// ExportedKey is a shared key in an [Export].
type ExportedKey struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// NewExport returns the vectors that can be sent: those whose token is known.
func NewExport(all []*Vector, version, digest string) Export {
	e := Export{Format: 1, Version: version, Digest: digest, Vectors: []Exported{}, Open: []Exported{}, SharedKey: []Exported{}}
	for _, v := range all {
		switch {
		case !v.Askable():
		case v.Result == Question:
			e.Open = append(e.Open, exported(v))
		case v.Request.SignatureSettings != nil:
			e.SharedKey = append(e.SharedKey, exported(v))
		default:
			e.Vectors = append(e.Vectors, exported(v))
		}
	}
	e.Count, e.Questions, e.SharedKeyCount = len(e.Vectors), len(e.Open), len(e.SharedKey)
	return e
}

func exported(v *Vector) Exported {
	r := v.Request.Reference()
	body := r.Body
	if body == nil {
		body = []byte{}
	}
	var keys []ExportedKey
	for _, key := range r.SharedKeys {
		keys = append(keys, ExportedKey(key))
	}
	return Exported{
		ID: v.ID, Comment: v.Comment, Rules: v.Rules, Since: v.Since, Expected: v.Result, Question: v.Question, Answer: v.Answer,
		AuthToken: string(v.AuthToken), Method: r.Method, URL: r.URL, Product: r.Product,
		ContentType: r.ContentType, BodyBase64: body, Params: exportedParams(r), Signature: r.Signature,
		SignatureSettings: r.SignatureSettings, SharedKeys: keys,
	}
}

// exportedParams are those of a POST form, if every name and value is UTF-8.
func exportedParams(r reference.Request) *[][2]string {
	if r.Method != "POST" || !r.IsForm() {
		return nil
	}
	params := [][2]string{}
	for _, p := range reference.ParseForm(r.Body) {
		if !utf8.ValidString(p.Name) || !utf8.ValidString(p.Value) {
			return nil
		}
		params = append(params, [2]string{p.Name, p.Value})
	}
	return &params
}
