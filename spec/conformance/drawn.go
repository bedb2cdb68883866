// This file draws requests that are not vectors and whose right answers are known.
//
// Each is made from a vector that the validator accepts: it gets another token,
// another host and other values of the same length, and is signed as Twilio signs
// it (hmac-sha1-base64). It must be accepted, as its vector is. The same request
// with the signature of another token, or with a value that changed after it was
// signed, must be rejected. It is sent under the id of a vector, or under one
// that could be a vector's: an id must not reveal whether a request was drawn.

package conformance

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"

	"sigconform/adapters"
	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/vectors"
)

const (
	// drawnPairs is how many requests are drawn to be accepted, and also how many to be
	// rejected.
	drawnPairs = 12
	// largestBase is how many bytes the URL and body of a vector may have to draw
	// from it: what is drawn is realistic.
	largestBase = 4 << 10
)

// Drawn is a request that was drawn, and the answer to it. Its Vector is made up:
// it is in no file, and its id may be another vector's.
type Drawn struct {
	Result
	Case protocol.Case
	From string // the id of the vector that it was made from; "" if it was not made from one
}

// draw returns the requests that are drawn for a validator: made from the vectors
// that it accepts and must accept, or from the plainest form if it accepts none.
// Their ids differ from the sample's.
func draw(random *rand.Rand, validator adapters.Validator, judging Judging, sent []*Result, sample []int) []*Drawn {
	d := &drawer{random: random, taken: map[string]bool{}, falseAccepts: slices.ContainsFunc(sent, func(r *Result) bool {
		return r.failed() && r.Answer.Verdict == reference.Accept
	})}
	d.application, _ = validator.(Application)
	for _, i := range sample {
		d.taken[sent[i].Vector.ID] = true
	}
	var bases []base
	for _, r := range sent {
		d.ids = append(d.ids, r.Vector.ID)
		accepted := r.Vector.Result == vectors.Valid && r.Answer.Verdict == reference.Accept && r.Outcome == Passed
		if accepted && !r.Vector.NeedsSharedKeys() {
			if b, ok := d.base(r.Vector); ok {
				bases = append(bases, b)
			}
		}
	}
	if len(bases) == 0 {
		if d.application != nil {
			return nil // calibration already sent the plainest request
		}
		bases = []base{plainest()}
	}
	random.Shuffle(len(bases), func(i, k int) { bases[i], bases[k] = bases[k], bases[i] })
	var drawn []*Drawn
	for i := range drawnPairs {
		b := bases[i%len(bases)]
		if valid := d.valid(b); valid != nil {
			drawn = append(drawn, valid)
			if invalid := d.invalid(valid, i); invalid != nil {
				drawn = append(drawn, invalid)
			}
		}
	}
	return drawn
}

// drawer draws.
type drawer struct {
	random       *rand.Rand
	application  Application // nil unless the validator is one; it has its own URL and token
	ids          []string    // of the vectors that were sent
	taken        map[string]bool
	falseAccepts bool // it accepted what it must reject
}

// base is what a request is made from.
type base struct {
	vector *vectors.Vector
	token  string
	id     string // "" if no file has it
}

// plainest is a base for a validator that accepts none of the vectors: Twilio's
// webhook for an incoming message.
func plainest() base {
	form := "application/x-www-form-urlencoded"
	return base{token: "12345", vector: &vectors.Vector{
		Result: vectors.Valid, Family: &vectors.Family{Name: "drawn", Title: "Drawn requests"},
		Request: vectors.Request{
			Method: "POST", URL: "https://example.com/sms", ContentType: &form,
			Body: "MessageSid=SM0123456789abcdef0123456789abcdef&From=%2B14155551234&To=%2B14155556789&Body=Hello",
		},
	}}
}

// base reports whether requests can be drawn from the vector: it is small, and it
// is signed in the likeliest way for such a request.
func (d *drawer) base(v *vectors.Vector) (base, bool) {
	b := base{vector: v, token: string(v.AuthToken), id: v.ID}
	r, computed := v.Request.Reference(), true
	if d.application != nil {
		if b.token, r, computed = d.application.KeysOf(v); !computed {
			return b, false
		}
	}
	signature, ok := defect.Sign(reference.New(), b.token, r)
	return b, ok && r.Signature != nil && *r.Signature == signature && len(r.URL)+len(r.Body) <= largestBase
}

// valid draws a request that must be accepted; it returns nil if the reference
// rejects the result.
func (d *drawer) valid(b base) *Drawn {
	c := protocol.Case{AuthToken: b.token, Request: b.vector.Request.Reference()}
	if d.application == nil {
		c.AuthToken = d.token()
		c.Request.URL = d.otherHost(c.Request.URL)
	}
	if len(reference.BodyHashes(c.Request.URL)) == 0 && c.Request.IsForm() {
		c.Request.Body = []byte(d.otherValues(string(c.Request.Body)))
	}
	sign(&c, c.AuthToken)
	return d.drawn(b, c, vectors.Valid, "made from a vector that passes, with another token, host and values, and signed as Twilio signs it")
}

// invalid makes a request that must be rejected from one that must be accepted.
func (d *drawer) invalid(valid *Drawn, i int) *Drawn {
	b := base{vector: valid.Vector, id: valid.From}
	c := valid.Case
	// A validator with a false accept is sent nothing that the same mistake may decide.
	if i%2 == 1 && !d.falseAccepts && c.Request.IsForm() {
		if changed := d.otherValues(string(c.Request.Body)); changed != string(c.Request.Body) {
			c.Request.Body = []byte(changed)
			if made := d.drawn(b, c, vectors.Invalid, "made from a vector that passes; its values changed after it was signed"); made != nil {
				return made
			}
			c = valid.Case
		}
	}
	if d.application == nil {
		if made := d.confused(b, c, i); made != nil {
			return made
		}
	}
	sign(&c, d.token())
	return d.drawn(b, c, vectors.Invalid, "made from a vector that passes; it is signed with the token of somebody else")
}

// confused makes every other request of those that somebody else signs one with a settings
// header that names no key: whoever reads it, or does not, must reject that (sk-empty-key,
// sk-header).
func (d *drawer) confused(b base, c protocol.Case, i int) *Drawn {
	if i%4 != 2 {
		return nil
	}
	if i%8 == 2 {
		settings := []string{"", "none"}[d.random.IntN(2)]
		sign(&c, d.token())
		c.Request.SignatureSettings = &settings
		return d.drawn(b, c, vectors.Invalid, "made from a vector that passes; its settings header names nothing, and it is signed with "+
			"the token of somebody else")
	}
	id := "webhooks_sharedkey_" + d.token()[:26]
	settings := reference.Settings(id, reference.HMACSHA256)
	c.Request.SignatureSettings, c.Request.SharedKeys = &settings, []reference.SharedKey{{ID: id, Secret: id}}
	sign(&c, c.AuthToken)
	c.Request.SharedKeys = nil
	return d.drawn(b, c, vectors.Invalid, "made from a vector that passes; its settings header names a key that nobody has, and it is "+
		"signed with that name")
}

// drawn wraps a request as a result; it returns nil if the reference disagrees with
// the expectation.
func (d *drawer) drawn(b base, c protocol.Case, result vectors.Result, comment string) *Drawn {
	if (adapters.Answer(reference.New(), c).Verdict == reference.Accept) != (result == vectors.Valid) {
		return nil
	}
	c.ID = d.id(b)
	v := *b.vector
	v.ID, v.Comment, v.Result, v.Flags = c.ID, comment, result, nil
	v.Request.URL, v.Request.Signature = vectors.Text(c.Request.URL), c.Request.Signature
	if c.Request.SignatureSettings != nil {
		settings := vectors.Text(*c.Request.SignatureSettings)
		v.Request.SignatureSettings = &settings
	}
	if c.Request.IsForm() {
		v.Request.Body, v.Request.BodyBase64 = vectors.Text(c.Request.Body), nil
	}
	if d.application == nil {
		v.AuthToken = vectors.Text(c.AuthToken)
	}
	return &Drawn{Case: c, From: b.id, Result: Result{Vector: &v, Outcome: Skipped, Why: "the run ended before it was sent"}}
}

// sign signs the case with a token as Twilio signs it.
func sign(c *protocol.Case, token string) {
	signature, _ := defect.Sign(reference.New(), token, c.Request)
	c.Request.Signature = &signature
}

// id returns an id for a drawn request: half of the time that of a vector, and
// otherwise one of the same family that is composed of other ids. An application
// does not see ids, and some vectors are sent to it in a special way.
func (d *drawer) id(b base) string {
	free := func(id string) bool {
		if d.taken[id] {
			return false
		}
		d.taken[id] = true
		return true
	}
	if n := len(d.ids); n > 0 && d.application == nil && d.random.IntN(2) == 0 {
		for range 8 {
			if id := d.ids[d.random.IntN(n)]; free(id) {
				return id
			}
		}
	}
	family := b.vector.Family.Name
	if found, _, ok := strings.Cut(b.id, "/"); ok {
		family = found
	}
	for n := 2; ; n++ {
		slug := "plain"
		if len(d.ids) > 0 {
			slug = d.slug() + "-" + d.slug()
		}
		id := fmt.Sprintf("%s/%s", family, slug)
		if n > 8 {
			id += fmt.Sprintf("-%d", n)
		}
		if !slices.Contains(d.ids, id) && free(id) {
			return id
		}
	}
}

// slug returns one word of a vector's slug.
func (d *drawer) slug() string {
	_, slug, _ := strings.Cut(d.ids[d.random.IntN(len(d.ids))], "/")
	words := strings.Split(slug, "-")
	return words[d.random.IntN(len(words))]
}

// token returns a token that looks like those of Twilio.
func (d *drawer) token() string {
	return fmt.Sprintf("%016x%016x", d.random.Uint64(), d.random.Uint64())
}

// otherHost replaces the first label of the host where it is a plain word.
func (d *drawer) otherHost(text string) string {
	parts, ok := reference.SplitURL(text)
	label, rest, found := strings.Cut(parts.Host, ".")
	if !ok || !found || !isWord(label) {
		return text
	}
	parts.Host = d.other(label) + "." + rest
	return parts.String()
}

// otherValues replaces the values of a form that are plain words and whose names
// occur once: the order of equal names is a question (duplicate-names).
func (d *drawer) otherValues(body string) string {
	pairs := strings.Split(body, "&")
	names := map[string]int{}
	for _, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		decoded, _ := url.QueryUnescape(name)
		names[strings.ToLower(decoded)]++
	}
	for i, pair := range pairs {
		name, value, found := strings.Cut(pair, "=")
		decoded, _ := url.QueryUnescape(name)
		if d.application != nil && decoded == "AccountSid" {
			continue // an application may serve some accounts only
		}
		if found && isWord(value) && names[strings.ToLower(decoded)] == 1 {
			pairs[i] = name + "=" + d.other(value)
		}
	}
	return strings.Join(pairs, "&")
}

// isWord reports whether the text consists of ASCII letters and digits only.
func isWord(s string) bool {
	return s != "" && strings.IndexFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9')
	}) < 0
}

// other returns another word of the same length: digits replace digits, and
// consonants replace letters, so that it cannot be another notation of a number or a
// word with a meaning (a leading zero, true, null, 1e5).
func (d *drawer) other(word string) string {
	const digits, small, large = "123456789", "bcdfghjkmnpqrstvwz", "BCDFGHJKMNPQRSTVWZ"
	out := []byte(word)
	for i, c := range out {
		from := small
		switch {
		case c >= '0' && c <= '9':
			from = digits
		case c >= 'A' && c <= 'Z':
			from = large
		}
		out[i] = from[d.random.IntN(len(from))]
	}
	return string(out)
}

// judgeDrawn judges the answer to a drawn request. No known failure excuses it.
func (j Judging) judgeDrawn(v *vectors.Vector, a protocol.Answer) Result {
	j.Known = nil
	return j.Judge(v, a)
}

// DrawnFailures returns the drawn requests that were answered wrongly, false
// accepts first. It leaves out those that a cause found with the vectors explains:
// they are reported as that cause.
func (run *Run) DrawnFailures() []*Drawn {
	var failures []*Drawn
	for _, d := range run.Drawn {
		if d.Outcome == Failed && !run.explained(d) {
			failures = append(failures, d)
		}
	}
	slices.SortStableFunc(failures, func(a, b *Drawn) int { return severity(a.Kind) - severity(b.Kind) })
	return failures
}

// explained reports whether a validator with one of the causes found would answer
// the drawn request the same way.
func (run *Run) explained(d *Drawn) bool {
	return run.Diagnosis != nil && slices.ContainsFunc(run.Diagnosis.Causes, func(c *Cause) bool {
		verdict, _ := defect.Ask(c.Defect.New(), d.Case.AuthToken, d.Case.Request)
		return string(verdict) == string(d.Answer.Verdict)
	})
}
