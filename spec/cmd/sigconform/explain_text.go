package main

import (
	"fmt"
	"io"
	"strings"

	"sigconform/reference"
	"sigconform/reference/diagnosis"
	"sigconform/spec/report"
)

// printOrigin says in words what was found.
func printOrigin(out io.Writer, received diagnosis.Received, origin diagnosis.Origin) {
	line := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	handed := reference.StringToSign(received.Request)
	if origin.OtherScheme != "" {
		line("The signature is right for %s: the scheme that was assumed is not that of the request.\n"+
			"Does your application hand over this URL, with this scheme?", report.Clean(origin.OtherScheme, 2000))
		return
	}
	if origin.Holds {
		line("The signature is right. What was signed:\n    %s", report.Clean(handed, 2000))
		return
	}
	if origin.Body {
		line("The signature is right for the URL; the body is what fails.")
	}
	printCoverage(line, received.Request, origin.BodyAs)
	if origin.Form != "" {
		line("No request has this signature: %s.", origin.Form)
	}
	printChanges(line, "By themselves, the settings header and the length of the signature say:", origin.Settings)
	for i, reading := range origin.Readings {
		printReading(line, i, reading, handed)
	}
	if len(origin.Readings) == 0 && (origin.Tried > 0 || origin.Cut) {
		printNothing(line, received, origin)
	}
}

func printCoverage(line func(format string, args ...any), r reference.Request, bodyAs *diagnosis.Change) {
	switch coverage := reference.CoverageOf(r); {
	case coverage == reference.NotCovered:
		line("The body is not covered by any signature: it is neither a POST form nor hashed by bodySHA256 in the query. A\n" +
			"validator has to reject it. Is the content type handed over, and the query?")
	case coverage == reference.CoveredByHash && !reference.Covered(r):
		line("The body is not the one that was hashed: its SHA-256 is\n    %s, but the URL says\n    %s.",
			reference.BodyHash(r.Body), report.Clean(reference.BodyHashes(r.URL)[0], 100))
		if bodyAs != nil {
			printChanges(line, "The hash is right if", []diagnosis.Change{*bodyAs})
			return
		}
		line("Hash the raw bytes as they were received: not a body that was parsed and written again, nor a stream that was already read.")
	}
}

func printChanges(line func(format string, args ...any), title string, changes []diagnosis.Change) {
	if len(changes) > 0 {
		line("%s", title)
	}
	for _, change := range changes {
		line("  - %s", report.Clean(change.Says, 300))
		for _, text := range report.Wrap(change.Fix, 100) {
			line("      %s", text)
		}
	}
}

func printReading(line func(format string, args ...any), index int, reading diagnosis.Reading, handed string) {
	title := "or if"
	if index == 0 {
		title = "The signature was not made of what your validator was handed. It is right if"
		if reading.StringToSign == handed {
			title = "The string to sign is right, and the signature is not. It is right if"
		}
	}
	if len(reading.Changes) == 0 {
		line("Nothing else differs: the string to sign and the secret are right.")
		return
	}
	printChanges(line, title, reading.Changes)
	if reading.StringToSign == handed {
		return
	}
	signed, yours, column := report.Excerpt(reading.StringToSign, handed)
	line("    it was made of  %s\n    you handed over %s\n    %s^", signed, yours, strings.Repeat(" ", len("it was made of  ")+column))
}

func printNothing(line func(format string, args ...any), received diagnosis.Received, origin diagnosis.Origin) {
	how := "Nothing explains this signature: %d strings to sign were tried, with up to four differences at once in\n    %s."
	if origin.Cut {
		how = "The search ended before its end and found nothing: %d strings to sign were tried, with differences in\n    %s.\n--time " +
			"gives it longer."
	}
	line(how, origin.Tried, strings.Join(origin.Places, ", "))
	key := "another token: that of another account or subaccount, a secondary one, one that was rotated, an API key's secret"
	if received.Request.SignatureSettings != nil {
		key = "another secret: that of another SharedKey, or of one that was replaced"
	} else if len(origin.Settings) > 0 {
		key = "a SharedKey that was not given here: name it with --shared-key"
	}
	line("What is left:\n  - %s\n"+
		"  - another host or path: name those that Twilio may know with --host and --path\n"+
		"  - a body or a parameter that was changed on the way: compare with the request log of the Twilio console\n"+
		"  - a sender that is not Twilio", key)
}
