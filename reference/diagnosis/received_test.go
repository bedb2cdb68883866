package diagnosis_test

import (
	"strings"
	"testing"

	"sigconform/reference"
	"sigconform/reference/diagnosis"
)

const formType = "application/x-www-form-urlencoded"

// received is a form as the application sees it, with a signature that was made
// of something else.
func received(url, body, signedURL, signedBody, signedToken string) diagnosis.Received {
	contentType := formType
	signature := reference.Sign(signedToken, reference.Request{Method: "POST", URL: signedURL, ContentType: &contentType, Body: []byte(signedBody)})
	return diagnosis.Received{AuthToken: "12345", Request: reference.Request{
		Method: "POST", URL: url, ContentType: &contentType, Body: []byte(body), Signature: &signature,
	}}
}

// TestFindOrigin: what people report most, alone and together.
func TestFindOrigin(t *testing.T) {
	const body = "CallSid=CA123&From=%2B14158675309&Body=Hello+there"
	for _, c := range []struct {
		name string
		r    diagnosis.Received
		want string // the changes of the first reading, joined
	}{
		{"TLS proxy", received("http://example.com/sms", body, "https://example.com/sms", body, "12345"), "the scheme is https, not http"},
		{"the other way", received("https://example.com/sms", body, "http://example.com/sms", body, "12345"), "the scheme is http, not https"},
		{"trailing slash", received("https://example.com/sms", body, "https://example.com/sms/", body, "12345"), "the path ends in a slash"},
		{"slash removed", received("https://example.com/sms/", body, "https://example.com/sms", body, "12345"), "the path has no final slash"},
		{"internal port", received("http://example.com:3000/sms", body, "http://example.com/sms", body, "12345"), "there is no port"},
		{"scheme and port", received("http://example.com:3000/sms", body, "https://example.com/sms", body, "12345"), "the scheme is https, not http + there is no port"},
		{"empty dropped", received("https://example.com/sms", body, "https://example.com/sms", body+"&ToCity=", "12345"), "the parameter ToCity is there, without a value"},
		{"a group of empty ones dropped", received("https://example.com/sms", body, "https://example.com/sms", body+"&ToCity=&ToState=&ToZip=&ToCountry=", "12345"),
			"the parameters ToCity, ToState, ToZip, ToCountry are there, without values"},
		{"trimmed", received("https://example.com/sms", body, "https://example.com/sms", "CallSid=CA123&From=%2B14158675309&Body=Hello+there+", "12345"),
			"the value of Body has a space at its end"},
		{"plus decoded twice", received("https://example.com/sms", "From=+14158675309", "https://example.com/sms", "From=%2B14158675309", "12345"),
			"values have + where there is a space"},
		{"parameter added", received("https://example.com/sms", body+"&controller=hooks", "https://example.com/sms", body, "12345"), "the parameter controller is missing"},
		{"query lost", received("https://example.com/sms?debug=1", body, "https://example.com/sms", body, "12345"), "there is no query"},
		{"query re-escaped", received("https://example.com/sms?a=x%20y", body, "https://example.com/sms?a=x+y", body, "12345"), "spaces are + and not %20"},
		{"prefix stripped", received("https://example.com/sms?a=1", body, "https://example.com/api/sms?a=1", body, "12345"), "the path begins with /api"},
		{"token with a line feed", received("https://example.com/sms", body, "https://example.com/sms", body, "12345\n"), "the token has a line feed at its end"},
		{"three at once", received("http://example.com:3000/sms/", body, "https://example.com/sms", body, "12345"),
			"the scheme is https, not http + there is no port + the path has no final slash"},
	} {
		t.Run(c.name, func(t *testing.T) {
			origin := diagnosis.FindOrigin(c.r)
			if len(origin.Readings) == 0 {
				t.Fatalf("nothing found in %d", origin.Tried)
			}
			var all []string
			for _, reading := range origin.Readings {
				var says []string
				for _, change := range reading.Changes {
					says = append(says, change.Says)
				}
				all = append(all, strings.Join(says, " + "))
				if got := reference.Encode(reference.MAC("12345", reading.StringToSign)); got != *c.r.Request.Signature && !strings.Contains(c.name, "token") {
					t.Errorf("%q does not sign to the signature", reading.StringToSign)
				}
			}
			if all[0] != c.want {
				t.Errorf("found %q, want %q first", all, c.want)
			}
		})
	}
}

func TestFindOriginOfNothing(t *testing.T) {
	wrongToken := received("https://example.com/sms", "a=1", "https://example.com/sms", "a=1", "another token")
	if origin := diagnosis.FindOrigin(wrongToken); len(origin.Readings) > 0 || origin.Holds || origin.Tried < 10000 {
		t.Errorf("%+v", origin)
	}
	right := received("https://example.com/sms", "a=1", "https://example.com/sms", "a=1", "12345")
	if origin := diagnosis.FindOrigin(right); !origin.Holds {
		t.Errorf("%+v", origin)
	}
	right.Request.Signature = nil
	if origin := diagnosis.FindOrigin(right); origin.Holds || !strings.Contains(origin.Form, "missing") {
		t.Errorf("%+v", origin)
	}
	hosted := received("http://10.0.0.5:3000/sms", "a=1", "https://hooks.example.com/sms", "a=1", "12345")
	hosted.Hosts = []string{"hooks.example.com"}
	if origin := diagnosis.FindOrigin(hosted); len(origin.Readings) == 0 || len(origin.Readings[0].Changes) != 2 {
		t.Errorf("%+v", origin)
	}
	rewritten := received("https://example.com/index.php?route=sms", "a=1", "https://example.com/twilio/in?x=1", "a=1", "12345")
	rewritten.Paths = []string{"/twilio/in?x=1"}
	if origin := diagnosis.FindOrigin(rewritten); len(origin.Readings) == 0 || len(origin.Readings[0].Changes) != 1 {
		t.Errorf("%+v", origin)
	}
}
