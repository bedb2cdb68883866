package diagnosis_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"sigconform/reference"
	"sigconform/reference/diagnosis"
)

const formType = "application/x-www-form-urlencoded"

// find searches as long as it takes: no timing fails a test.
func find(received diagnosis.Received) diagnosis.Origin {
	return diagnosis.FindOrigin(context.Background(), received, diagnosis.Limits{Strings: 300_000, Time: time.Hour})
}

// says joins the changes of each reading.
func says(origin diagnosis.Origin) (all []string) {
	for _, reading := range origin.Readings {
		var says []string
		for _, change := range reading.Changes {
			says = append(says, change.Says)
		}
		all = append(all, strings.Join(says, " + "))
	}
	return all
}

// received is a form as the application sees it, with a signature that was made
// of something else.
func received(url, body, signedURL, signedBody, signedToken string) diagnosis.Received {
	contentType := formType
	signature := reference.Sign(signedToken, reference.Request{Method: "POST", URL: signedURL, ContentType: &contentType,
		Body: []byte(signedBody)})
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
		{"scheme and port", received("http://example.com:3000/sms", body, "https://example.com/sms", body, "12345"),
			"the scheme is https, not http + there is no port"},
		{"empty dropped", received("https://example.com/sms", body, "https://example.com/sms", body+"&ToCity=", "12345"),
			"the parameter ToCity is there, without a value"},
		{"a group of empty ones dropped", received("https://example.com/sms", body, "https://example.com/sms",
			body+"&ToCity=&ToState=&ToZip=&ToCountry=", "12345"),
			"the parameters ToCity, ToState, ToZip, ToCountry are there, without values"},
		{"trimmed", received("https://example.com/sms", body, "https://example.com/sms",
			"CallSid=CA123&From=%2B14158675309&Body=Hello+there+", "12345"),
			"the value of Body has a space at its end"},
		{"plus decoded twice", received("https://example.com/sms", "From=+14158675309", "https://example.com/sms",
			"From=%2B14158675309", "12345"),
			"values have + where there is a space"},
		{"parameter added", received("https://example.com/sms", body+"&controller=hooks", "https://example.com/sms", body, "12345"),
			"the parameter controller is missing"},
		{"query lost", received("https://example.com/sms?debug=1", body, "https://example.com/sms", body, "12345"), "there is no query"},
		{"query re-escaped", received("https://example.com/sms?a=x%20y", body, "https://example.com/sms?a=x+y", body, "12345"),
			"spaces are + and not %20"},
		{"prefix stripped", received("https://example.com/sms?a=1", body, "https://example.com/api/sms?a=1", body, "12345"),
			"the path begins with /api"},
		{"token with a line feed", received("https://example.com/sms", body, "https://example.com/sms", body, "12345\n"),
			"the token has a line feed at its end"},
		{"queries in another order", received("https://example.com/sms?e=5&c=3&a=1&f=6&b=2&d=4", body,
			"https://example.com/sms?c=3&e=5&b=2&a=1&d=4&f=6", body, "12345"),
			"the query is in another order: c=3&e=5&b=2&a=1&d=4&f=6"},
		{"one of many moved", received("https://example.com/sms?g=7&a=1&b=2&c=3&d=4&e=5&f=6", body,
			"https://example.com/sms?a=1&b=2&c=3&g=7&d=4&e=5&f=6", body, "12345"),
			"the query is in another order: a=1&b=2&c=3&g=7&d=4&e=5&f=6"},
		{"+ for %20 in one value of the query", received("https://example.com/sms?a=x+y&b=x+y", body,
			"https://example.com/sms?a=x+y&b=x%20y", body, "12345"),
			"in the value of b in the query spaces are %20 and not +"},
		{"%20 for + in one value of the query", received("https://example.com/sms?a=x%20y&b=x%20y", body,
			"https://example.com/sms?a=x+y&b=x%20y", body, "12345"),
			"in the value of a in the query spaces are + and not %20"},
		{"+ lost in the query", received("https://example.com/sms?From=14158675309&To=%2B1", body,
			"https://example.com/sms?From=+14158675309&To=%2B1", body, "12345"),
			"in the value of From in the query there is a + at its start"},
		{"+ left in one value", received("https://example.com/sms", "A=1%2B1&Body=Hello%2Bthere", "https://example.com/sms",
			"A=1%2B1&Body=Hello+there", "12345"),
			"the value of Body has a space where there is a +"},
		{"+ lost in one value", received("https://example.com/sms", "From=+14158675309&Body=Hello+there", "https://example.com/sms",
			"From=%2B14158675309&Body=Hello+there", "12345"),
			"the value of From has + where there is a space"},
		{"+ lost and trimmed", received("https://example.com/sms", "From=14158675309&Body=Hello+there", "https://example.com/sms",
			"From=%2B14158675309&Body=Hello+there", "12345"),
			"the value of From has a + at its start"},
		{"%20 left in one value", received("https://example.com/sms", "A=%2520&Body=Hello%2520there", "https://example.com/sms",
			"A=%2520&Body=Hello%20there", "12345"),
			"the value of Body is decoded once more"},
		{"trimmed at both ends", received("https://example.com/sms", "A=1&Body=Hi", "https://example.com/sms", "A=1&Body=+Hi%0A", "12345"),
			"the value of Body has a space at its start and a line feed at its end"},
		{"blanks of both ends", received("http://example.com/sms", body, "https://example.com/sms", body+"&ToState=&ToCity=&FromZip=", "12345"),
			"the parameters ToCity, ToState, FromZip are there, without values + the scheme is https, not http"},
		{"blanks of a call", received("https://example.com/sms", body, "https://example.com/sms",
			body+"&ToCity=&CalledCity=&FromZip=&CallerZip=", "12345"),
			"the parameters ToCity, CalledCity, FromZip, CallerZip are there, without values"},
		{"blanks and another", received("https://example.com/sms", "A=1", "https://example.com/sms",
			"A=1&ToState=&ToCity=&FromCity=&Body=", "12345"),
			"the parameters ToCity, ToState, FromCity, Body are there, without values"},
		{"query taken for a form", received("https://example.com/sms", "a=1&From=%2B1&To=2", "https://example.com/sms?a=1",
			"From=%2B1&To=2", "12345"),
			"the parameter a is in the query, not in the form"},
		{"all of the query taken for a form", received("https://example.com/sms", "b=1&a=%2B1", "https://example.com/sms?b=1&a=%2B1",
			"", "12345"),
			"the parameters b, a are in the query, not in the form"},
		{"form taken for a query", received("https://example.com/sms?a=1&From=%2B1&To=2", "", "https://example.com/sms?a=1",
			"From=%2B1&To=2", "12345"),
			"the parameters From, To are in the form, not in the query"},
		{"query merged into the form", received("https://example.com/sms?a=1&b=2", "From=%2B1&a=1&b=2",
			"https://example.com/sms?a=1&b=2", "From=%2B1", "12345"),
			"the parameters of the query are not among those of the form"},
		{"Base64 body", received("https://example.com/sms", "RnJvbT0lMkIxJkJvZHk9SGk=", "https://example.com/sms", "From=%2B1&Body=Hi", "12345"),
			"the body is Base64, and the parameters in it are signed"},
		{"a function's prefix", received("http://example.com/sms", body, "https://example.com/functions/v1/sms", body, "12345"),
			"the scheme is https, not http + the path begins with /functions/v1"},
		{"a stage", received("https://example.com/sms", body, "https://example.com/prod/sms", body, "12345"), "the path begins with /prod"},
		{"a stage that is not called", received("https://example.com/prod/sms", body, "https://example.com/sms", body, "12345"),
			"the path does not begin with /prod"},
		{"a function's path", received("https://example.com/.netlify/functions/sms", body, "https://example.com/api/sms", body, "12345"),
			"the path begins with /api, not with /.netlify/functions"},
		{"double slash", received("https://example.com//sms", body, "https://example.com/sms", body, "12345"), "the path has no double slashes"},
		{"double slash merged", received("https://example.com/sms", body, "https://example.com//sms", body, "12345"),
			"the path begins with two slashes"},
		{"no scheme known", received("undefined://example.com/sms", body, "https://example.com/sms", body, "12345"),
			"the scheme is https, not undefined"},
		{"three at once", received("http://example.com:3000/sms/", body, "https://example.com/sms", body, "12345"),
			"the scheme is https, not http + there is no port + the path has no final slash"},
	} {
		t.Run(c.name, func(t *testing.T) {
			origin := find(c.r)
			if len(origin.Readings) == 0 {
				t.Fatalf("nothing found in %d", origin.Tried)
			}
			for _, reading := range origin.Readings {
				if got := reference.Encode(reference.MAC("12345", reading.StringToSign)); got != *c.r.Request.Signature &&
					!strings.Contains(c.name, "token") {
					t.Errorf("%q does not sign to the signature", reading.StringToSign)
				}
			}
			all := says(origin)
			if c.name == "plus decoded twice" && len(all) != 1 {
				t.Errorf("%q are the same in other words", all)
			}
			if all[0] != c.want {
				t.Errorf("found %q, want %q first", all, c.want)
			}
		})
	}
}

func TestFindOriginOfNothing(t *testing.T) {
	wrongToken := received("https://example.com/sms", "a=1", "https://example.com/sms", "a=1", "another token")
	if origin := find(wrongToken); len(origin.Readings) > 0 || origin.Holds || origin.Tried < 10000 {
		t.Errorf("%+v", origin)
	}
	right := received("https://example.com/sms", "a=1", "https://example.com/sms", "a=1", "12345")
	if origin := find(right); !origin.Holds {
		t.Errorf("%+v", origin)
	}
	right.Request.Signature = nil
	if origin := find(right); origin.Holds || !strings.Contains(origin.Form, "missing") {
		t.Errorf("%+v", origin)
	}
	hosted := received("http://10.0.0.5:3000/sms", "a=1", "https://hooks.example.com/sms", "a=1", "12345")
	hosted.Hosts = []string{"hooks.example.com"}
	if origin := find(hosted); len(origin.Readings) == 0 || len(origin.Readings[0].Changes) != 2 {
		t.Errorf("%+v", origin)
	}
	rewritten := received("https://example.com/index.php?route=sms", "a=1", "https://example.com/twilio/in?x=1", "a=1", "12345")
	rewritten.Paths = []string{"/twilio/in?x=1"}
	if origin := find(rewritten); len(origin.Readings) == 0 || len(origin.Readings[0].Changes) != 1 {
		t.Errorf("%+v", origin)
	}
}

// TestMisread: no program is blamed for a signature that Twilio made rightly of what
// the receiver misread.
func TestMisread(t *testing.T) {
	const body = "From=%2B14158675309&Body=Hello+there"
	blamed := 0
	for name, r := range map[string]diagnosis.Received{
		"members of JSON": received("https://example.com/sms", body, "https://example.com/sms?a=%5Bx%5D", body, "12345"),
		"last wins":       received("https://example.com/sms?a=1&a=2", "b=1", "https://example.com/sms?a=2", "b=1", "12345"),
		"NUL":             received("https://example.com/sms", "a=1%002", "https://example.com/sms", "a=1", "12345"),
		"unsorted":        received("https://example.com/sms", "b=1&a=2", "https://example.com/sms", "b=1a2", "12345"),
	} {
		for _, text := range says(find(r)) {
			if strings.Contains(text, "what a program makes of this request") {
				blamed++
			}
			if strings.Contains(text, "it was signed by a program") {
				t.Errorf("%s: %s", name, text)
			}
		}
	}
	if blamed == 0 {
		t.Error("none of them is what a known mistake signs: this proves nothing")
	}
}

// TestSearchLimits: the search ends when it is told to, and says so.
func TestSearchLimits(t *testing.T) {
	form := url.Values{}
	for i := range 300 {
		form.Set(fmt.Sprintf("Name%d", i), strings.Repeat("x", 20))
	}
	wrong := received("https://example.com/sms", form.Encode(), "https://example.com/sms", form.Encode(), "another token")
	const most = 1000
	if origin := diagnosis.FindOrigin(t.Context(), wrong, diagnosis.Limits{Strings: most, Time: time.Hour}); !origin.Cut ||
		origin.Tried > 2*most {
		t.Errorf("cut %v, %d tried", origin.Cut, origin.Tried)
	}
	if origin := diagnosis.FindOrigin(t.Context(), wrong, diagnosis.Limits{Strings: 1 << 40, Time: time.Millisecond}); !origin.Cut {
		t.Error("the time is no limit")
	}
	ctx, cancel := context.WithCancel(t.Context())
	origin := diagnosis.FindOrigin(ctx, wrong, diagnosis.Limits{Strings: 1 << 40, Time: time.Hour, Progress: func(int) { cancel() }})
	if !origin.Cut || origin.Tried == 0 {
		t.Errorf("cut %v, %d tried", origin.Cut, origin.Tried)
	}
	three := received("http://example.com:3000/sms", form.Encode(), "https://example.com/sms/", form.Encode(), "12345")
	origin = diagnosis.FindOrigin(t.Context(), three, diagnosis.Limits{Strings: 10_000, Time: time.Hour})
	if got := says(origin); len(got) == 0 || got[0] != "the scheme is https, not http + there is no port + the path ends in a slash" {
		t.Errorf("%q after %d strings", got, origin.Tried)
	}
	one := received("http://example.com/sms", form.Encode(), "https://example.com/sms", form.Encode()+"&ToCity=", "12345")
	if got := says(find(one)); len(got) == 0 || got[0] != "the parameter ToCity is there, without a value + the scheme is https, not http" {
		t.Errorf("%q", got)
	}
}

// TestSchemeAssumed: where the request does not say its scheme, either will do.
func TestSchemeAssumed(t *testing.T) {
	r := received("https://example.com/sms", "a=1", "http://example.com/sms", "a=1", "12345")
	r.SchemeAssumed = true
	if origin := find(r); !origin.Holds || origin.OtherScheme != "http://example.com/sms" {
		t.Errorf("%+v", origin)
	}
	r = received("https://example.com/sms", "a=1", "http://example.com/sms/", "a=1", "12345")
	r.SchemeAssumed = true
	want := "the scheme is http (the request does not say its scheme, and https was assumed) + the path ends in a slash"
	if got := says(find(r)); len(got) == 0 || got[0] != want {
		t.Errorf("%q", got)
	}
}

// TestBodyAs: what was made of a body whose hash is signed.
func TestBodyAs(t *testing.T) {
	contentType := "application/json"
	for body, want := range map[string]string{
		"eyJhIjoxfQ==": "Base64", "{\"a\":1}\n": "no line end", "{\"a\":2}": "",
	} {
		r := reference.Request{Method: "POST", URL: "https://example.com/sms?bodySHA256=" + reference.BodyHash([]byte(`{"a":1}`)),
			ContentType: &contentType, Body: []byte(body)}
		signature := reference.Sign("12345", r)
		r.Signature = &signature
		origin := find(diagnosis.Received{AuthToken: "12345", Request: r})
		if !origin.Body || (origin.BodyAs != nil) != (want != "") || want != "" && !strings.Contains(origin.BodyAs.Says, want) {
			t.Errorf("%q: %+v", body, origin)
		}
	}
}
