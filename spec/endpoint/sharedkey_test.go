package endpoint_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/spec/conformance"
)

// twoKeys are what the applications of these tests are configured with.
var twoKeys = []reference.SharedKey{
	{ID: "webhooks_sharedkey_a", Secret: "secret-of-a"}, {ID: "webhooks_sharedkey_b", Secret: "secret-of-b"},
}

// keyed is an application with shared keys that validates with v.
func keyed(v reference.Validator, keys []reference.SharedKey) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		request := reference.Request{Method: r.Method, URL: asCalled(r), Body: body, SharedKeys: keys}
		for name, field := range map[string]**string{
			"Content-Type": &request.ContentType, "X-Twilio-Signature": &request.Signature,
			"X-Twilio-Webhooks-Signature-Settings": &request.SignatureSettings,
		} {
			if values := r.Header[name]; len(values) > 0 {
				*field = &values[0]
			}
		}
		if verdict, _ := defect.Ask(v, token, request); verdict != reference.Accept {
			w.WriteHeader(http.StatusForbidden)
		}
	})
}

// anyKey accepts the signature of any key, whichever the header names.
func anyKey() reference.Validator {
	v := reference.New()
	v.Enforce = func(token string, r reference.Request, valid bool) bool {
		if r.SignatureSettings == nil {
			return valid
		}
		_, algorithm, ok := reference.ParseSettings(*r.SignatureSettings)
		for _, key := range r.SharedKeys {
			settings := reference.Settings(key.ID, algorithm)
			r.SignatureSettings = &settings
			valid = valid || ok && reference.New().Validate(token, r)
		}
		return valid
	}
	return v
}

func TestSharedKeysOfAnEndpoint(t *testing.T) {
	g := NewWithT(t)
	run := func(v reference.Validator, keys []reference.SharedKey, named int, required bool) *conformance.Run {
		server := httptest.NewServer(keyed(v, keys))
		defer server.Close()
		options := at(server.URL + "/sms")
		options.SharedKeys, options.SharedKeyRequired = twoKeys[:named], required
		return runAgainst(t, options, "shared-key*/*", "endpoint-guard/shared-key")
	}
	defective := func(slug string) reference.Validator {
		variant, err := defect.Find(slug)
		g.Expect(err).NotTo(HaveOccurred())
		return variant.New()
	}

	one, two := run(reference.New(), twoKeys[:1], 1, false), run(reference.New(), twoKeys, 2, false)
	g.Expect(failures(one)).To(BeEmpty())
	g.Expect(failures(two)).To(BeEmpty())
	g.Expect(two.Count(conformance.Passed)).To(BeNumerically(">", one.Count(conformance.Passed)), "with two keys more can be tested")
	for _, r := range two.Results {
		for _, key := range twoKeys {
			g.Expect(r.Vector.Request.SharedKeys).NotTo(ContainElement(HaveField("Secret", BeEquivalentTo(key.Secret))))
			g.Expect(strings.Contains(string(r.Vector.Key()), key.Secret)).To(BeFalse(), r.Vector.ID)
		}
	}
	g.Expect(failures(run(anyKey(), twoKeys, 2, false))).To(ContainElements("shared-key-confusion/other-key", "endpoint-guard/shared-key"))
	g.Expect(failures(run(anyKey(), twoKeys, 1, false))).To(BeEmpty(), "nothing is known of the second key")

	g.Expect(failures(run(defective("unknown-key-is-empty"), nil, 1, false))).
		To(ContainElement("shared-key-confusion/known-id-empty-key"), "its secret is not set")
	g.Expect(failures(run(defective("auth-token-beside-shared-key"), twoKeys, 2, false))).To(ContainElement("endpoint-guard/shared-key"))
	onlyShared := reference.New()
	onlyShared.Enforce = func(_ string, r reference.Request, valid bool) bool { return valid && r.SignatureSettings != nil }
	g.Expect(failures(run(onlyShared, twoKeys, 2, true))).To(BeEmpty())

	// What is not about SharedKeys is signed with one, too, where one is required.
	server := httptest.NewServer(keyed(onlyShared, twoKeys))
	defer server.Close()
	options := at(server.URL + "/sms")
	options.SharedKeys, options.SharedKeyRequired = twoKeys[:1], true
	all := runAgainst(t, options, "endpoint*/*", "form-values/*", "get/*")
	g.Expect(failures(all)).To(BeEmpty())
	for _, r := range all.Results {
		g.Expect(fmt.Sprintf("%+v %+v", r.Vector.Request, r.Vector.Signed)).NotTo(ContainSubstring(twoKeys[0].Secret), r.Vector.ID)
		if r.Vector.Signed != nil && r.Vector.Signed.Token != nil {
			g.Expect(string(*r.Vector.Signed.Token)).NotTo(ContainSubstring(twoKeys[0].Secret), r.Vector.ID)
		}
	}
}
