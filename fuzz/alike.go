package fuzz

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/reference/diagnosis"
)

// This file answers: are two findings one? Those with a cause are named after it;
// those without are compared by what their simplest requests look like.

// key names the cause of a finding.
func (f *Finding) key() string {
	var keys []string
	for _, cause := range f.Causes {
		keys = append(keys, cause.Slug)
	}
	if keys != nil {
		return strings.Join(keys, "+")
	}
	sum := sha256.Sum256([]byte(f.shape()))
	return "unexplained-" + strings.ToLower(strings.ReplaceAll(string(f.BugType()), "_", "-")) + "-" + hex.EncodeToString(sum[:3])
}

// sameEnd reports whether the validator failed to answer as it did in the finding.
func (f *Finding) sameEnd(a protocol.Answer) bool {
	end := endOf(a)
	return end != "" && a.Verdict == f.Answer.Verdict && diagnosis.SameMessage(end, endOf(f.Answer))
}

// isLike reports whether two findings without a cause are likely to have the same
// one: when both are as simple as they get, all that one request has beside the
// simplest one, the other has too.
func (f *Finding) isLike(g *Finding) bool {
	if f.Causes != nil || g.Causes != nil || f.Before != nil || g.Before != nil || f.Answer.Verdict != g.Answer.Verdict ||
		f.Case.Expected != g.Case.Expected {
		return false
	}
	if endOf(f.Answer) != "" {
		return f.sameEnd(g.Answer)
	}
	a, b := features(f.Case.Request), features(g.Case.Request)
	return a&b == a || a&b == b
}

// isNear reports whether one mistake is nearest to both findings, which have no cause,
// and wrong in the same way.
func (f *Finding) isNear(g *Finding) bool {
	return f.Nearest != nil && g.Nearest != nil && f.Nearest.Key() == g.Nearest.Key() && f.Before == nil && g.Before == nil &&
		f.Answer.Verdict == g.Answer.Verdict && f.Case.Expected == g.Case.Expected
}

// isPartOf reports whether all that the request of f has, which is as simple as it
// gets, that of g has too, and fails in the same way.
func (f *Finding) isPartOf(g *Finding) bool {
	a, b := features(f.Case.Request), features(g.Case.Request)
	return f.isLike(g) && a&b == a
}

// features are what a request has beside what every request has, a bit for each.
func features(r reference.Request) (bits uint) {
	p, _ := reference.SplitURL(r.URL)
	for i, has := range []bool{
		r.Method != "GET" && r.Method != "POST", len(r.Body) > 0 && r.IsForm(), len(r.Body) > 0 && !r.IsForm(),
		!strings.EqualFold(p.Scheme, "https"), p.Userinfo != "", p.Port != "", strings.HasPrefix(p.Host, "["),
		len(reference.BodyHashes(r.URL)) > 0, p.Query != "" && len(reference.BodyHashes(r.URL)) == 0, p.Fragment != "",
		strings.ContainsFunc(p.Path+p.Query, func(c rune) bool { return c == '%' || c == '+' }),
		strings.ContainsFunc(r.URL, func(c rune) bool { return c > 0x7e }),
		strings.ContainsFunc(string(r.Body), func(c rune) bool { return c > 0x7e }),
		r.IsForm() && strings.ContainsAny(string(r.Body), "%+"), r.IsForm() && strings.Contains(string(r.Body), "&"),
		r.SignatureSettings != nil, len(r.SharedKeys) > 0,
	} {
		if has {
			bits |= 1 << i
		}
	}
	return bits
}

var (
	letters = regexp.MustCompile(`[A-Za-z]+`)
	digits  = regexp.MustCompile(`[0-9]+`)
)

// shape is what a finding looks like, without its words: what two findings of
// one unknown cause are likely to share when both are as simple as they get.
func (f *Finding) shape() string {
	if end := endOf(f.Answer); end != "" {
		return end
	}
	r := f.Case.Request
	contentType := "none"
	if r.ContentType != nil {
		contentType = *r.ContentType
	}
	words := func(s string) string { return digits.ReplaceAllString(letters.ReplaceAllString(s, "a"), "0") }
	parts := []string{string(f.BugType()), string(f.Answer.Verdict), r.Method, contentType, words(r.URL), words(string(r.Body))}
	if r.SignatureSettings != nil {
		parts = append(parts, words(*r.SignatureSettings))
	}
	if len(f.Before) > 0 {
		parts = append(parts, "sequence")
	}
	return strings.Join(parts, "\n")
}
