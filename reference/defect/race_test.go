package defect

import (
	"sync"
	"testing"

	"sigconform/reference"
)

// TestRaceOfDefects: defects share nothing that they change, so validators of one
// can answer at the same time. The tests called TestRace… run with the race detector.
func TestRaceOfDefects(t *testing.T) {
	form, signature := "application/x-www-form-urlencoded", "c2lnbmF0dXJl"
	json := "application/json"
	requests := []reference.Request{
		{Method: "POST", URL: "https://user:pass@Example.com:8443/a/../b?x=%7e#f", Product: reference.Voice,
			ContentType: &form, Body: []byte("b=%C3%A9+&a=2&a=1&A=&c[]=x"), Signature: &signature},
		{Method: "POST", URL: "https://xn--bcher-kva.example/?bodySHA256=00", Product: reference.Messaging,
			ContentType: &json, Body: []byte(`{"a":"b"}`), Signature: &signature},
		{Method: "GET", URL: "wss://[2001:db8::1]:443/media?a=1&a=2", Signature: &signature},
	}
	var asked sync.WaitGroup
	for range 2 {
		asked.Go(func() {
			for _, variant := range Variants() {
				validator := variant.New()
				for _, r := range requests {
					Ask(validator, "12345", r)
				}
			}
		})
	}
	asked.Wait()
}

// TestRaceOfAnswers: validators that are asked together are asked at the same time.
func TestRaceOfAnswers(t *testing.T) {
	form, signature := "application/x-www-form-urlencoded", "c2lnbmF0dXJl"
	var sets [][]Variant
	for _, variant := range Variants() {
		sets = append(sets, []Variant{variant}, []Variant{variant, {Defect: variant.Defect, Value: variant.Value, Only: "post"}})
	}
	Answers([]Case{{"12345", reference.Request{Method: "POST", URL: "https://Example.com:8443/a/../b?x=%7e#f",
		ContentType: &form, Body: []byte("b=%C3%A9+&a=2&a=1"), Signature: &signature}}}, sets...)
}
