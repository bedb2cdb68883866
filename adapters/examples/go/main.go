// A webhook in Go's net/http with the validator of Twilio's SDK. TRUST_PROXY=1:
// there is a proxy in front, and its X-Forwarded-* headers hold.
package main

import (
	"io"
	"log"
	"mime"
	"net/http"
	"net/url"
	"os"

	"github.com/twilio/twilio-go/client"
)

func main() {
	validator := client.NewRequestValidator(os.Getenv("TWILIO_AUTH_TOKEN"))
	trusted := os.Getenv("TRUST_PROXY") != ""
	http.HandleFunc("/sms", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, "too long", http.StatusRequestEntityTooLarge)
			return
		}
		if !valid(&validator, address(r, trusted), r, body) {
			http.Error(w, "not signed by Twilio", http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		io.WriteString(w, "<Response><Message>Hello</Message></Response>")
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

// address is the URL that Twilio called.
func address(r *http.Request, trusted bool) string {
	scheme, host := "http", r.Host
	if trusted {
		if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
			scheme = proto
		}
		if forwarded := r.Header.Get("X-Forwarded-Host"); forwarded != "" {
			host = forwarded
		}
	}
	return scheme + "://" + host + r.RequestURI
}

func valid(validator *client.RequestValidator, address string, r *http.Request, body []byte) bool {
	signature := r.Header.Get("X-Twilio-Signature")
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType == "application/x-www-form-urlencoded" && r.Method == http.MethodPost {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return false
		}
		params := map[string]string{}
		for name, values := range form {
			params[name] = values[0]
		}
		return validator.Validate(address, params, signature)
	}
	if len(body) > 0 || r.URL.Query().Has("bodySHA256") {
		return validator.ValidateBody(address, body, signature)
	}
	return validator.Validate(address, nil, signature)
}
