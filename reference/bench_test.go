package reference_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sigconform/reference"
)

// BenchmarkSign and BenchmarkValidate report how much longer they take than the bare
// MAC with its Base64, measured in turns, for forms with few and many
// parameters.
func BenchmarkSign(b *testing.B) {
	againstMAC(b, func(r reference.Request) { reference.Sign("12345", r) })
}

func BenchmarkValidate(b *testing.B) {
	v := reference.New()
	againstMAC(b, func(r reference.Request) { v.Validate("12345", r) })
}

func againstMAC(b *testing.B, do func(reference.Request)) {
	for _, params := range []int{5, 30, 300} {
		b.Run(fmt.Sprint(params, "params"), func(b *testing.B) {
			r := webhook(params)
			stringToSign := reference.StringToSign(r)
			b.ReportAllocs()
			var measured, floor time.Duration // in turns: what else the machine does slows both
			for b.Loop() {
				start := time.Now()
				do(r)
				middle := time.Now()
				reference.Encode(reference.MAC("12345", stringToSign))
				measured += middle.Sub(start)
				floor += time.Since(middle)
			}
			b.ReportMetric(float64(measured)/float64(floor), "times-the-MAC")
		})
	}
}

// webhook returns a signed form like those that Twilio sends: short names in no
// order, a value in three escaped.
func webhook(params int) reference.Request {
	names := []string{"ToCountry", "CallSid", "From", "Body", "AccountSid", "Digits", "FromCity"}
	values := []string{"US", "%2B14158675310", "CA1234567890ABCDE1234567890abcde12"}
	var pairs []string
	for i := range params {
		name := names[i%len(names)]
		if i >= len(names) {
			name += fmt.Sprint(i / len(names))
		}
		pairs = append(pairs, name+"="+values[i%len(values)])
	}
	r := form("https://example.com/myapp?foo=1&bar=2", strings.Join(pairs, "&"))
	signature := reference.Sign("12345", r)
	r.Signature = &signature
	return r
}
