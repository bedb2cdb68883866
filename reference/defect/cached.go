// This file answers: how do hundreds of defective validators answer one request
// without computing hundreds of times what they have in common?

package defect

import (
	"bytes"
	"slices"

	"sigconform/reference"
)

// Cached is the reference that remembers, for one request at a time, what its
// steps came to. Variants that are applied to [Cached.Validator] find their
// right steps there. It is not safe for concurrent use.
type Cached struct {
	request reference.Request
	covered func() bool
	params  func() []reference.Param
	ordered func() []reference.Param
	urls    func() []string
	joined  map[string]string
	macs    map[signed][]byte
	keyed   Keyed
	kept    int // bytes of the strings in joined and macs

	// What the first MAC was made of, and its text: mostly that of all others.
	first   signed
	mac     []byte
	encoded string
}

// mostKept is how many bytes of strings to sign are kept about: defects make hundreds
// of different ones, and a request may be large.
const mostKept = 8 << 20

// signed is what a MAC was made of.
type signed struct {
	key          reference.Key
	stringToSign string
}

// Ask sets the request that is answered next, and forgets the one before.
func (c *Cached) Ask(r reference.Request) {
	*c = Cached{
		keyed:   c.keyed,
		request: r,
		covered: once(func() bool { return reference.Covered(r) }),
		params:  once(func() []reference.Param { return slices.Clip(reference.Params(r)) }),
		ordered: once(func() []reference.Param { return slices.Clip(reference.OrderParams(c.params())) }),
		urls:    once(func() []string { return reference.SignedURLs(r.URL, r.Product) }),
		joined:  map[string]string{},
		macs:    map[signed][]byte{},
	}
}

// Validator returns the reference with steps that remember. The parameters that
// they return are shared: a step that changes them changes a copy.
func (c *Cached) Validator() reference.Validator {
	v := reference.New()
	v.Covered = func(r reference.Request) bool {
		if c.is(r) {
			return c.covered()
		}
		return reference.Covered(r)
	}
	v.Params = func(r reference.Request) []reference.Param {
		if c.is(r) {
			return c.params()
		}
		return reference.Params(r)
	}
	v.OrderParams = func(params []reference.Param) []reference.Param {
		if slices.Equal(params, c.params()) {
			return c.ordered()
		}
		return reference.OrderParams(params)
	}
	v.SignedURLs = func(url string, product reference.Product) []string {
		if url == c.request.URL && product == c.request.Product {
			return slices.Clone(c.urls())
		}
		return reference.SignedURLs(url, product)
	}
	v.Join = func(url string, params []reference.Param) string {
		if !slices.Equal(params, c.ordered()) {
			return reference.Join(url, params)
		}
		joined, known := c.joined[url]
		if !known {
			joined = reference.Join(url, params)
			if c.kept < mostKept {
				c.joined[url], c.kept = joined, c.kept+len(joined)
			}
		}
		return joined
	}
	v.MAC = func(key reference.Key, stringToSign string) []byte {
		made := signed{key, stringToSign}
		if c.mac == nil {
			c.first, c.mac = made, c.keyed.MAC(key, stringToSign)
			c.encoded = reference.Encode(c.mac)
		}
		if made == c.first {
			return c.mac
		}
		mac, known := c.macs[made]
		if !known {
			mac = c.keyed.MAC(key, stringToSign)
			if c.kept < mostKept {
				c.macs[made], c.kept = mac, c.kept+len(stringToSign)
			}
		}
		return mac
	}
	v.Encode = func(mac []byte) string {
		if bytes.Equal(mac, c.mac) {
			return c.encoded
		}
		return reference.Encode(mac)
	}
	return v
}

// is reports whether r is the request that was set, and not one that a step
// has changed. To compare what is the same in memory takes no time, whatever its size.
func (c *Cached) is(r reference.Request) bool {
	return r.Method == c.request.Method && r.URL == c.request.URL && r.ContentType == c.request.ContentType &&
		bytes.Equal(r.Body, c.request.Body)
}

// once remembers what f returns.
func once[T any](f func() T) func() T {
	var value *T
	return func() T {
		if value == nil {
			v := f()
			value = &v
		}
		return *value
	}
}
