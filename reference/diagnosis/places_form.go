package diagnosis

import (
	"net/url"
	"slices"
	"strings"

	"sigconform/reference"
)

// usuallyEmpty are parameters that Twilio often sends without a value, in the
// groups in which they come; a framework that drops empty values loses them.
var usuallyEmpty = [][]string{
	{"FromCity", "FromState", "FromZip", "FromCountry"},
	{"ToCity", "ToState", "ToZip", "ToCountry"},
	{"CallerCity", "CallerState", "CallerZip", "CallerCountry"},
	{"CalledCity", "CalledState", "CalledZip", "CalledCountry"},
	{"Body"}, {"Digits"}, {"FinishedOnKey"}, {"CallerName"}, {"ForwardedFrom"}, {"SpeechResult"},
	{"RecordingUrl"}, {"ErrorCode"}, {"AddOns"}, {"MediaUrl0"}, {"ProfileName"}, {"ButtonText"}, {"ButtonPayload"},
}

// paramWays are the ways in which the signed parameters can differ from those
// of the body as it was received.
func paramWays(received Received, start signing) []way {
	const (
		all      = "Hand all parameters of the body to the validator, decoded once and nothing else done to them."
		dropping = "A framework or middleware drops empty values. Hand over every parameter of the body; empty ones are signed too."
		trimming = "A framework or middleware trims values (TrimStrings of Laravel, some Node.js middleware). Turn that off for this route."
	)
	raw := reference.ParseForm(received.Request.Body)
	var ways []way
	to := func(says, mend string, params []reference.Param) {
		ways = append(ways, way{Change{says, mend}, func(s *signing) { s.params = params }})
	}
	ordered := func(says, mend string, params []reference.Param) { to(says, mend, reference.OrderParams(params)) }
	edited := func(says, mend string, edit func(string) string) {
		params := slices.Clone(start.params)
		for i, p := range params {
			params[i].Value = edit(p.Value)
		}
		ordered(says, mend, params)
	}

	to("no parameters are signed", "The request was signed for its URL alone, as Twilio signs GET and JSON. Do not hand the query, or the fields of a JSON body, to the validator as parameters.", nil)
	if len(start.params) == 0 {
		ordered("the parameters of the body are signed", "The request is a form, though its method or content type does not say so to the application. Is the content type read, and is the method that of the request?", raw)
		if query, err := url.ParseQuery(strings.TrimPrefix(start.url.Query, "?")); err == nil && len(query) > 0 {
			ordered("the parameters of the query are appended to the URL as well", "Whoever made this signature treats the query of a GET as form parameters. Twilio does not.", reference.ParseForm([]byte(strings.TrimPrefix(start.url.Query, "?"))))
		}
		return append(ways, emptyWays(start, dropping)...)
	}
	to("the parameters are not sorted", "Whoever made this signature does not sort. Twilio does.", raw)
	nonEmpty := slices.DeleteFunc(slices.Clone(start.params), func(p reference.Param) bool { return p.Value == "" })
	ordered("parameters without a value are missing", "Something added empty parameters to the body, or the signature was made without them.", nonEmpty)
	edited("values have no white space around them", trimming, strings.TrimSpace)
	edited("values have + where there is a space", "The body was decoded twice, or a + was decoded that was %2B. Decode exactly once.", func(s string) string { return strings.ReplaceAll(s, " ", "+") })
	edited("values are decoded once more", "The body was encoded twice, or is handed over without being decoded. Decode exactly once.", func(s string) string {
		if decoded, err := url.QueryUnescape(s); err == nil {
			return decoded
		}
		return s
	})
	edited("values are encoded", "The body was decoded twice. Decode exactly once.", url.QueryEscape)
	edited("line ends are CR LF", "Line ends in values were changed on the way.", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })
	edited("line ends are LF", "Line ends in values were changed on the way.", func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") })
	if query := strings.TrimPrefix(start.url.Query, "?"); query != "" {
		ordered("the parameters of the query are among them", "Whoever made this signature mixed the query into the parameters. Twilio signs the query with the URL alone.", append(slices.Clone(raw), reference.ParseForm([]byte(query))...))
	}
	duplicateWays(raw, to)
	for i, p := range start.params {
		without := slices.Delete(slices.Clone(start.params), i, i+1)
		to("the parameter "+p.Name+" is missing", "Something between Twilio and the validator added this parameter (a router, a middleware), or changed its name. "+all, without)
		for _, space := range []struct{ name, before, after string }{
			{"a space at its end", "", " "}, {"a space at its start", " ", ""}, {"a line feed at its end", "", "\n"}, {"CR LF at its end", "", "\r\n"},
		} {
			spaced := slices.Clone(start.params)
			spaced[i].Value = space.before + p.Value + space.after
			to("the value of "+p.Name+" has "+space.name, trimming, spaced)
		}
	}
	return append(ways, emptyWays(start, dropping)...)
}

// duplicateWays are the ways to treat repeated names.
func duplicateWays(raw []reference.Param, to func(says, mend string, params []reference.Param)) {
	const mend = "Names repeat in this body. Twilio has been seen to sign every value once, sorted; hand over all of them."
	values := map[string][]string{}
	for _, p := range raw {
		values[p.Name] = append(values[p.Name], p.Value)
	}
	if len(values) == len(raw) {
		return
	}
	pick := func(says string, choose func(values []string) []string) {
		var params []reference.Param
		for name, all := range values {
			for _, value := range choose(all) {
				params = append(params, reference.Param{Name: name, Value: value})
			}
		}
		slices.SortStableFunc(params, func(a, b reference.Param) int { return strings.Compare(a.Name, b.Name) })
		to(says, mend, params)
	}
	pick("of a repeated name the first value counts", func(v []string) []string { return v[:1] })
	pick("of a repeated name the last value counts", func(v []string) []string { return v[len(v)-1:] })
	pick("equal values of a repeated name count each time", func(v []string) []string { return slices.Sorted(slices.Values(v)) })
	pick("values of a repeated name keep their order", func(v []string) []string { return v })
	pick("values of a repeated name are joined by commas", func(v []string) []string { return []string{strings.Join(v, ",")} })
}

// emptyWays adds parameters without a value that the body does not have: one,
// or the group that it comes in, or two groups.
func emptyWays(start signing, mend string) []way {
	have := map[string]bool{}
	for _, p := range start.params {
		have[p.Name] = true
	}
	missing := func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return have[name] })
	}
	var sets [][]string
	for i, group := range usuallyEmpty {
		for _, name := range group {
			sets = append(sets, missing([]string{name}))
		}
		for j, a := range group {
			for _, b := range group[j+1:] {
				sets = append(sets, missing([]string{a, b}))
			}
		}
		sets = append(sets, missing(group))
		for _, other := range usuallyEmpty[i+1:] {
			sets = append(sets, missing(slices.Concat(group, other)))
		}
	}
	var ways []way
	seen := map[string]bool{}
	for _, names := range sets {
		key := strings.Join(names, ", ")
		if seen[key] {
			continue
		}
		seen[key] = true
		params := slices.Clone(start.params)
		for _, name := range names {
			params = append(params, reference.Param{Name: name})
		}
		params = reference.OrderParams(params)
		says := "the parameter " + key + " is there, without a value"
		if len(names) > 1 {
			says = "the parameters " + key + " are there, without values"
		}
		ways = append(ways, way{Change{says, mend}, func(s *signing) { s.params = params }})
	}
	return ways
}
