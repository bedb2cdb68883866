// This file answers: what could have produced this signature? A request was
// received, its signature does not hold, and Twilio is not wrong: then what was
// signed differs from what the application handed over. Sought is the smallest
// difference, in the places where proxies, frameworks and settings make one:
//
//	received.go  the search
//	places.go    the places, and the ways in which they can differ

package diagnosis

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"sigconform/reference"
	"sigconform/reference/defect"
)

// mostChanges is how many places may differ at once.
const mostChanges = 4

// mostReadings is how many equally small differences are worth naming.
const mostReadings = 5

// Received is a request as the application that received it sees it.
type Received struct {
	AuthToken string
	Request   reference.Request
	// Hosts are other hosts under which Twilio may know the application, with or
	// without a port: from forwarding headers, or as somebody remembers them.
	Hosts []string
	// Paths are other paths, with a query or without, under which Twilio may know
	// it: from headers of a proxy that rewrites, or as somebody remembers them.
	Paths []string
}

// Origin says what the signature of a received request was made of.
type Origin struct {
	// Holds: it is right as it is, by the rules.
	Holds bool
	// Body: the signature is right for the URL. What fails is the body, which it
	// does not cover, or whose hash is wrong.
	Body bool
	// Readings are the smallest changes to the request that make the signature
	// right; empty if none was found. All have as many changes.
	Readings []Reading
	// Tried is how many strings to sign were tried, and Places where they differed.
	Tried  int
	Places []string
	// Form is what is wrong with the form of the signature ("" if it is the Base64
	// of 20 bytes): no string to sign can produce it.
	Form string
}

// Reading is one way to read the request so that its signature is right.
type Reading struct {
	Changes      []Change
	StringToSign string // what was signed
}

// Change is one difference between what was handed over and what was signed.
type Change struct {
	Says string // completes "What was signed differs: …"
	Mend string // how that usually comes about, and what to change
}

// FindOrigin searches for what produced the signature of a received request. It
// tries first what differs in one place, then in two, and so on up to four; a
// few million strings at the most, a few seconds.
func FindOrigin(received Received) Origin {
	r := received.Request
	origin := Origin{Form: formOf(r.Signature)}
	if reference.New().Validate(received.AuthToken, r) {
		origin.Holds = true
		return origin
	}
	if r.Signature == nil || *r.Signature == "" {
		return origin
	}
	if origin.Form == "" {
		search := newSearch(received)
		if search.matches(search.start) {
			origin.Body = true
			return origin
		}
		for depth := 1; depth <= mostChanges && len(search.readings) == 0; depth++ {
			search.run(depth)
		}
		origin.Readings, origin.Tried, origin.Places = search.readings, int(search.tried.Load()), search.names()
	}
	if len(origin.Readings) == 0 {
		origin.Readings = asDefect(received)
	}
	return origin
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
	mac, err := base64.StdEncoding.DecodeString(*signature)
	switch {
	case err != nil:
		return "the signature is not standard Base64 with padding"
	case len(mac) != sha1.Size:
		return "the signature is the Base64 of another number of bytes than the 20 of an HMAC-SHA1"
	case reference.Encode(mac) != *signature:
		return "the signature is Base64 that no encoder writes: its last character is not the canonical one"
	}
	return ""
}

// asDefect looks for a defective validator that takes the signature for right:
// it was made by a program with the same mistake, not by Twilio.
func asDefect(received Received) []Reading {
	var readings []Reading
	for _, variant := range defect.Variants() {
		signature, ok := defect.Sign(variant.New(), received.AuthToken, received.Request)
		if !ok || signature != *received.Request.Signature || variant.Behaviour || len(readings) == mostReadings {
			continue
		}
		stringToSign, _ := defect.StringToSign(variant.New(), received.Request)
		readings = append(readings, Reading{
			Changes:      []Change{{"it was signed by a program that " + variant.Says() + " (" + variant.Key() + ")", variant.Hint()}},
			StringToSign: stringToSign,
		})
	}
	return readings
}

// signing is what goes into a signature.
type signing struct {
	token  string
	url    reference.URLParts
	params []reference.Param // in the order in which they are appended
}

func (s signing) stringToSign() string { return reference.Join(s.url.String(), s.params) }

// place is a part of what is signed, and the ways in which it can differ.
type place struct {
	name string
	ways []way
}

// way is one way to differ. It must not change what the signing shares with
// others, only replace it.
type way struct {
	Change
	apply func(s *signing)
}

// search tries all ways of several places at once.
type search struct {
	start     signing
	signature []byte
	places    []place
	tried     atomic.Int64

	mutex    sync.Mutex
	readings []Reading
}

func newSearch(received Received) *search {
	r := received.Request
	mac, _ := base64.StdEncoding.DecodeString(*r.Signature)
	s := &search{signature: mac, start: signing{
		token:  received.AuthToken,
		params: reference.OrderParams(reference.Params(r)),
	}}
	s.start.url, _ = reference.SplitURL(reference.SignedURLs(r.URL, r.Product)[0])
	for _, p := range placesOf(received, s.start) {
		p.ways = slices.DeleteFunc(p.ways, s.changesNothing)
		if len(p.ways) > 0 {
			s.places = append(s.places, p)
		}
	}
	return s
}

func (s *search) changesNothing(w way) bool {
	changed := s.start
	w.apply(&changed)
	return changed.token == s.start.token && changed.stringToSign() == s.start.stringToSign()
}

func (s *search) names() []string {
	var names []string
	for _, p := range s.places {
		names = append(names, p.name)
	}
	return names
}

// run tries what differs in exactly so many places, on all processors.
func (s *search) run(depth int) {
	var places sync.WaitGroup
	for first := range s.places {
		places.Go(func() {
			for _, w := range s.places[first].ways {
				s.try(s.start, nil, first, w, depth)
			}
		})
	}
	places.Wait()
	slices.SortFunc(s.readings, func(a, b Reading) int { return strings.Compare(a.StringToSign, b.StringToSign) })
	if len(s.readings) > mostReadings {
		s.readings = s.readings[:mostReadings]
	}
}

// try applies a way of a place and, if more may differ, those of later places.
func (s *search) try(from signing, changes []Change, index int, w way, depth int) {
	w.apply(&from)
	changes = append(changes[:len(changes):len(changes)], w.Change)
	if depth > 1 {
		for later := index + 1; later < len(s.places); later++ {
			for _, w := range s.places[later].ways {
				s.try(from, changes, later, w, depth-1)
			}
		}
		return
	}
	s.tried.Add(1)
	if !s.matches(from) {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	stringToSign := from.stringToSign()
	known := func(r Reading) bool { return r.StringToSign == stringToSign }
	if !slices.ContainsFunc(s.readings, known) {
		s.readings = append(s.readings, Reading{changes, stringToSign})
	}
}

func (s *search) matches(signed signing) bool {
	return hmac.Equal(reference.MAC(signed.token, signed.stringToSign()), s.signature)
}
