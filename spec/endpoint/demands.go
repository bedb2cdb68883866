// This file answers: what does the application demand of a request, whoever signed
// it? An account that it serves, fields that it wants in every form, the kinds of
// request that it takes. What it demands goes into what is sent, and into what is
// signed where the signature covers it.

package endpoint

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// The kinds of request that an endpoint may take, as --accepts names them.
const (
	kindForm = "form"
	kindJSON = "json"
	kindGet  = "get"
)

// Kinds are the kinds of request that an endpoint may take.
var Kinds = []string{kindForm, kindJSON, kindGet}

// errDemands says that a vector is about what the application's demands change.
var errDemands = errors.New("it is about a form without parameters, or with very many; the application demands " +
	"fields (--form)")

// kind is the kind of a shape's requests. What the body says, which may be millions of
// bytes, does not matter to it.
func (s shape) kind() string {
	s.body = s.body[:min(1, len(s.body))]
	return kindOf(s.request(reference.URLParts{}, reference.ProductUnknown))
}

// kindOf is the kind of a request; "" for one of another method, or without a
// body that would tell.
func kindOf(r reference.Request) string {
	switch {
	case r.Method == http.MethodGet:
		return kindGet
	case r.Method != http.MethodPost:
		return ""
	case r.IsForm():
		return kindForm
	case len(r.Body) > 0:
		return kindJSON
	}
	return ""
}

// takesKind reports whether the endpoint is said to take a kind of request.
func (e *Endpoint) takesKind(kind string) bool {
	return e.takes == nil || kind == "" || slices.Contains(e.takes, kind)
}

// fitted returns a shape that meets the application's demands.
func (e *Endpoint) fitted(s shape) shape {
	if s.method == http.MethodGet {
		s.query = e.withAccount(s.query)
		return s
	}
	s.body = e.withAccount(s.body)
	if s.kind() == kindForm {
		s.body += e.missing(s.body)
	}
	return s
}

// accountMember is the account as JSON names it.
var accountMember = regexp.MustCompile(`("AccountSid"\s*:\s*")[^"]*`)

// withAccount puts the account that the application serves in place of others: in a
// form, in the query of a URL, in JSON.
func (e *Endpoint) withAccount(text string) string {
	if e.accountSID == "" {
		return text
	}
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return accountMember.ReplaceAllString(text, "${1}"+e.accountSID)
	}
	before, query := "", text
	if i := strings.IndexByte(text, '?'); i >= 0 {
		before, query = text[:i+1], text[i+1:]
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, _, found := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); found && err == nil && decoded == "AccountSid" {
			pairs[i] = name + "=" + e.accountSID
		}
	}
	return before + strings.Join(pairs, "&")
}

// missing returns the demanded fields that a form lacks, as they are appended to it.
func (e *Endpoint) missing(form string) string {
	if len(e.demanded) == 0 {
		return "" // a form may be millions of bytes long: it is not parsed for nothing
	}
	var more strings.Builder
	have := reference.ParseForm([]byte(form))
	for _, field := range e.demanded {
		if !slices.ContainsFunc(have, func(p reference.Param) bool { return p.Name == field.Name }) {
			fmt.Fprintf(&more, "&%s=%s", url.QueryEscape(field.Name), url.QueryEscape(field.Value))
		}
	}
	if form == "" {
		return strings.TrimPrefix(more.String(), "&")
	}
	return more.String()
}

// manyParams is how many parameters a form may have that fields are added to: with
// more it is about their number.
const manyParams = 500

// meetDemands changes a vector into one that meets the application's demands,
// before it is signed. The error says why it cannot be.
func (e *Endpoint) meetDemands(v *vectors.Vector) error {
	if e.accountSID != "" {
		v.Request.URL = vectors.Text(e.withAccount(string(v.Request.URL)))
		if v.Signed != nil {
			v.Signed.URL = vectors.Text(e.withAccount(string(v.Signed.URL)))
		}
	}
	r := v.Request.Reference()
	if len(r.Body) == 0 && len(e.demanded) == 0 {
		return nil
	}
	body := e.withAccount(string(r.Body))
	var pairs []reference.Param
	explicit := v.Signed != nil && (v.Signed.Params != nil || v.Signed.ParamsBase64 != nil)
	if explicit {
		pairs = v.Signed.Pairs()
		for i := range pairs {
			if pairs[i].Name == "AccountSid" && e.accountSID != "" {
				pairs[i].Value = e.accountSID
			}
		}
	}
	if r.IsForm() && r.Method != http.MethodGet && len(e.demanded) > 0 {
		have := reference.ParseForm(r.Body)
		drawn := v.Family.Name == "" // it is about nothing but itself
		if len(have) == 0 && !drawn || len(have) > manyParams {
			return errDemands
		}
		added := reference.ParseForm([]byte(strings.TrimPrefix(e.missing(body), "&")))
		body += e.missing(body)
		if len(pairs) > 0 || len(have) == 0 {
			pairs = inserted(pairs, added)
		}
	}
	if body == string(r.Body) {
		return nil
	}
	if !r.IsForm() && v.Signed != nil {
		// The hash of the body that was, wherever it is, becomes that of the body that is.
		rehash := strings.NewReplacer(reference.BodyHash(r.Body), reference.BodyHash([]byte(body))).Replace
		v.Request.URL = vectors.Text(rehash(string(v.Request.URL)))
		v.Signed.URL = vectors.Text(rehash(string(v.Signed.URL)))
	}
	v.Request.SetBody([]byte(body))
	if explicit {
		v.Signed.SetParams(pairs)
	}
	return nil
}

// inserted puts more parameters among those that are signed: each before the first
// whose name comes after its own, so that what is in order stays in order.
func inserted(pairs, more []reference.Param) []reference.Param {
	for _, p := range more {
		i := slices.IndexFunc(pairs, func(q reference.Param) bool { return q.Name > p.Name })
		if i < 0 {
			i = len(pairs)
		}
		pairs = slices.Insert(pairs, i, p)
	}
	return pairs
}

// untested returns an error if a kind of request that the endpoint takes could not
// be tested: what was not tested is not green.
func (e *Endpoint) untested(run *conformance.Run) error {
	c := e.Coverage()
	for _, r := range run.Results {
		if r.Vector.Result != vectors.Valid || isCheck(r.Vector) {
			continue
		}
		c.add(r.Vector.Request.Reference(), r.Answered(), r.Outcome != conformance.NotApplicable, r.Why)
	}
	return c.missing()
}

// Coverage counts the requests that an endpoint must accept, by their kinds.
type Coverage struct {
	endpoint     *Endpoint
	sent, tested map[string]int
	why          map[string]string // why one of a kind was not tested: what was said to it, if it was sent
}

// Coverage returns a count of nothing yet.
func (e *Endpoint) Coverage() *Coverage {
	return &Coverage{e, map[string]int{}, map[string]int{}, map[string]string{}}
}

// Add counts a request that was drawn, with its answer.
func (c *Coverage) Add(r reference.Request, a protocol.Answer) {
	c.add(r, a.Verdict != reference.Unsupported, true, a.Detail)
}

func (c *Coverage) add(r reference.Request, tested, sent bool, why string) {
	kind := kindOf(r)
	if kind == kindJSON && reference.CoverageOf(r) != reference.CoveredByHash {
		return
	}
	if c.sent[kind]++; tested {
		c.tested[kind]++
	} else if sent || c.why[kind] == "" {
		c.why[kind] = why
	}
}

// Untested returns an error if a kind of request that the endpoint takes could not be
// tested: what of it was sent got no verdict, or no vector of it can be sent there.
func (c *Coverage) Untested() error {
	for _, v := range vectors.Builtin().Vectors() {
		if v.Result != vectors.Valid || !v.Askable() || v.NeedsSharedKeys() || c.tested[kindOf(v.Request.Reference())] > 0 {
			continue
		}
		if _, err := c.endpoint.rebase(v); err != nil {
			c.add(v.Request.Reference(), false, false, err.Error())
		} else if c.sent[kindOf(v.Request.Reference())] == 0 {
			c.add(v.Request.Reference(), true, false, "") // it can be sent, and by chance none was drawn
		}
	}
	return c.missing()
}

// missing returns an error for a kind that was to be tested and was not.
func (c *Coverage) missing() error {
	if c.endpoint.isWebSocket() {
		return nil
	}
	for _, kind := range Kinds {
		if c.sent[kind] > 0 && c.tested[kind] == 0 && c.endpoint.takesKind(kind) {
			others := slices.DeleteFunc(slices.Clone(Kinds),
				func(k string) bool { return k == kind || !c.endpoint.takesKind(k) })
			return fmt.Errorf("no %s could be tested (%s); if the endpoint takes none, --accepts %s says so",
				kindNames[kind], c.why[kind], strings.Join(others, ","))
		}
	}
	return nil
}

var kindNames = map[string]string{kindForm: "form", kindJSON: "JSON", kindGet: "GET request"}
