package defect

import (
	"slices"
	"testing"

	"sigconform/reference"
)

// Every conditional variant is found by its key, whatever the order of the names.
func TestFindConditions(t *testing.T) {
	kept, err := Find("userinfo-kept")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[Condition]bool{}
	for _, c := range Conditions() {
		if seen[c] {
			t.Errorf("the condition %s is there twice", c)
		}
		seen[c] = true
		variant := kept
		variant.Only = c
		if found, err := Find(variant.Key()); err != nil || found != variant {
			t.Errorf("Find(%q) = %q, %v", variant.Key(), found.Key(), err)
		}
	}
	if found, err := Find("at-most-n-params=7@http,messaging"); err != nil || found.Key() != "at-most-n-params=7@messaging,http" {
		t.Errorf("found %q, %v", found.Key(), err)
	}
	for _, key := range []string{"unsorted@", "unsorted@sometimes", "unsorted@http,https", "unsorted@get,get", "no-such-defect@get"} {
		if found, err := Find(key); err == nil {
			t.Errorf("Find(%q) = %v", key, found.Key())
		}
	}
}

func TestConditionsReadAsSentences(t *testing.T) {
	for key, want := range map[string]string{
		"userinfo-kept@messaging,http": "signs the user and the password that the URL has, for messaging over HTTP only",
		"userinfo-kept@get":            "signs the user and the password that the URL has, on GET only",
		"userinfo-kept@voice,no-port":  "signs the user and the password that the URL has, for voice only, and only if the URL has no port",
		"query-dropped@body,port":      "drops the query, only if there is a body and the URL has a port",
	} {
		variant, err := Find(key)
		if err != nil || variant.Says() != want {
			t.Errorf("%s says %q, %v; want %q", key, variant.Says(), err, want)
		}
	}
}

// Under its condition a variant answers as the defect does, and otherwise as the
// reference; so do several that are combined.
func TestConditionalVariants(t *testing.T) {
	find := func(key string) Variant {
		variant, err := Find(key)
		if err != nil {
			t.Fatal(err)
		}
		return variant
	}
	form := formType
	at := func(method, url string, product reference.Product) reference.Request {
		return reference.Request{Method: method, URL: url, Product: product, ContentType: &form, Body: []byte("b=2&a=1")}
	}
	signed := func(r reference.Request, keys ...string) string {
		var variants []Variant
		for _, key := range keys {
			variants = append(variants, find(key))
		}
		s, _ := StringToSign(In(reference.New(), variants...), r)
		return s
	}
	messaging := at("POST", "http://u:p@h.example:8080/p", reference.Messaging)
	voice := at("POST", "http://u:p@h.example:8080/p", reference.Voice)
	for _, c := range []struct {
		r    reference.Request
		keys []string
		want []string // the same defects without conditions
	}{
		{messaging, []string{"userinfo-kept@messaging,http"}, []string{"userinfo-kept"}},
		{voice, []string{"userinfo-kept@messaging,http"}, nil},
		{messaging, []string{"userinfo-kept@messaging", "unsorted"}, []string{"userinfo-kept", "unsorted"}},
		{voice, []string{"userinfo-kept@messaging", "unsorted"}, []string{"unsorted"}},
		{messaging, []string{"unsorted", "userinfo-kept@messaging", "port-dropped-on-http@post"},
			[]string{"unsorted", "userinfo-kept", "port-dropped-on-http"}},
		{voice, []string{"userinfo-kept@messaging", "port-dropped-on-http@post", "unsorted@get"}, []string{"port-dropped-on-http"}},
	} {
		if got, want := signed(c.r, c.keys...), signed(c.r, c.want...); got != want {
			t.Errorf("%v signs %q, want %q", c.keys, got, want)
		}
		// The signature that it would make is the one that it accepts.
		v := reference.New()
		for _, key := range c.keys {
			v = find(key).Apply(v)
		}
		signature, _ := Sign(v, "12345", c.r)
		c.r.Signature = &signature
		if verdict, _ := Ask(v, "12345", c.r); verdict != reference.Accept {
			t.Errorf("%v answers %s to what it signed", c.keys, verdict)
		}
	}
	if steps := replaced(find("userinfo-kept@get").New()); !slices.Equal(steps, []string{"Instead"}) {
		t.Errorf("a condition replaces %v", steps)
	}
}
