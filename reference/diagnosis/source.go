// This file answers: what are probes made of?

package diagnosis

import (
	"net/url"
	"strings"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// source is a request that probes are made of.
type source struct {
	Case
	expected string // the right signature
	covered  bool   // there is one: Twilio signs such a request
	material bool   // it was not sent before
}

// sourcesOf returns what was sent, and then the other requests.
func sourcesOf(seen []Observation, material []Case) []source {
	var sources []source
	right := reference.New()
	add := func(c Case, isMaterial bool) {
		if c.AuthToken != "" {
			expected, covered := defect.Sign(right, c.AuthToken, c.Request)
			sources = append(sources, source{c, expected, covered, isMaterial})
		}
	}
	for _, o := range seen {
		if !o.Open {
			add(Case{AuthToken: o.AuthToken, Request: o.Request}, false)
		}
	}
	for _, c := range material {
		add(c, true)
	}
	return sources
}

// mostHashed is how many requests are made of others by writing another hash into them.
const mostHashed = mostProbes

// hashedBy returns the sources whose body a validator with a defect hashes otherwise,
// each with the hash of what it does hash, which is wrong.
func hashedBy(of defect.Variant, sources []source) (wrong []source) {
	for _, s := range sources {
		if len(wrong) == mostHashed {
			break
		}
		hash := reference.BodyHash(s.Request.Body)
		if !s.covered || reference.CoverageOf(s.Request) != reference.CoveredByHash || !strings.Contains(s.Request.URL, hash) {
			continue
		}
		if body, hashes := of.Hashed(s.Request); hashes && string(body) != string(s.Request.Body) {
			wrong = append(wrong, s.withHash(hash, reference.BodyHash(body)))
		} else if other, is := of.OtherHash(s.Request.Body); is {
			wrong = append(wrong, s.withHash(hash, url.QueryEscape(other)))
		}
	}
	return wrong
}

// withHash returns a source with a wrong hash in place of the right one.
func (s source) withHash(right, wrong string) source {
	s.Request.URL = strings.Replace(s.Request.URL, right, wrong, 1)
	s.expected, s.covered = "", false
	return s
}
