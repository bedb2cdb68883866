package diagnosis

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"sigconform/reference"
)

const (
	allParams    = "Hand all parameters of the body to the validator, decoded once and nothing else done to them."
	trimmedFix   = "A framework or middleware trims values (TrimStrings of Laravel, some Node.js middleware). Turn that off for this route."
	plusFix      = "The body was decoded twice, or a + was decoded that was %2B. Decode exactly once."
	undecodedFix = "The body was encoded twice, or is handed over without being decoded. Decode exactly once."
	twiceFix     = "The body was decoded twice. Decode exactly once."
	lineEndFix   = "Line ends in values were changed on the way."
)

const (
	// mostSearched is up to how many parameters single values are looked at before
	// rarer differences of the URL are.
	mostSearched = 64
	// mostValues and mostBody are up to how many parameters, and bytes of a body,
	// they are looked at at all.
	mostValues = 1000
	mostBody   = 1 << 20
)

// formWays are the ways in which the signed parameters can differ from those of the
// body as it was received, one by one or all in the same way.
func formWays(received Received, start signing) []way {
	raw := reference.ParseForm(received.Request.Body)
	w := waysFrom(start)
	w.params(usual, "no parameters are signed",
		"The request was signed for its URL alone, as Twilio signs GET and JSON. Do not hand the query, or the fields of a JSON body, "+
			"to the validator as parameters.", nil)
	if decoded, ok := base64Body(received.Request.Body); ok {
		w.params(usual, "the body is Base64, and the parameters in it are signed", base64Fix, reference.OrderParams(reference.ParseForm(decoded)))
	}
	if len(start.params) == 0 {
		w.params(usual, "the parameters of the body are signed",
			"The request is a form, though its method or content type does not say so to the application. Is the content type read, and is "+
				"the method that of the request?", reference.OrderParams(raw))
		return w.list
	}
	w.params(usual, "the parameters are not sorted", "Whoever made this signature does not sort. Twilio does.", raw)
	edits(w)
	duplicateWays(w, raw)
	cost := rare
	if len(start.params) > mostSearched {
		cost = odd
	}
	if len(start.params) > mostValues || len(received.Request.Body) > mostBody {
		return w.list
	}
	for _, p := range start.params {
		replaced := func(says, fix string, by []reference.Param) {
			w.add(cost, says, fix, func(s *signing) {
				if i := slices.Index(s.params, p); i >= 0 {
					s.params = withParams(slices.Delete(slices.Clone(s.params), i, i+1), by)
				}
			})
		}
		replaced("the parameter "+p.Name+" is missing",
			"Something between Twilio and the validator added this parameter (a router, a middleware), or changed its name. "+allParams, nil)
		for _, v := range valuesLike(p.Value) {
			if v.value != p.Value {
				replaced("the value of "+p.Name+" "+v.says, v.fix, []reference.Param{{Name: p.Name, Value: v.value}})
			}
		}
	}
	return w.list
}

// withParams inserts parameters into others that are in their order, as
// [reference.OrderParams] does, which takes longer.
func withParams(ordered, added []reference.Param) []reference.Param {
	for _, p := range added {
		i, found := slices.BinarySearchFunc(ordered, p, func(a, b reference.Param) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
		})
		if !found {
			ordered = slices.Insert(ordered, i, p)
		}
	}
	return ordered
}

// edits are the ways in which all values can differ alike.
func edits(w *ways) {
	edited := func(says, fix string, edit func([]reference.Param) []reference.Param) {
		all := func(params []reference.Param) []reference.Param {
			return reference.OrderParams(edit(slices.Clone(params)))
		}
		if !slices.Equal(all(w.start.params), w.start.params) {
			w.add(usual, says, fix, func(s *signing) { s.params = all(s.params) })
		}
	}
	values := func(says, fix string, edit func(string) string) {
		edited(says, fix, func(params []reference.Param) []reference.Param {
			for i := range params {
				params[i].Value = edit(params[i].Value)
			}
			return params
		})
	}
	edited("parameters without a value are missing",
		"Something added empty parameters to the body, or the signature was made without them.",
		func(params []reference.Param) []reference.Param {
			return slices.DeleteFunc(params, func(p reference.Param) bool { return p.Value == "" })
		})
	values("values have no white space around them",
		"Something added white space to the values, or the signature was made without it. "+allParams, strings.TrimSpace)
	values("values have + where there is a space", plusFix, replacer(" ", "+"))
	values("values have a space where there is a +", undecodedFix, replacer("+", " "))
	values("values are decoded once more", undecodedFix, decodedAgain)
	values("values are encoded", twiceFix, url.QueryEscape)
	values("line ends are CR LF", lineEndFix, replacer("\n", "\r\n"))
	values("line ends are LF", lineEndFix, replacer("\r\n", "\n"))
}

func replacer(from, to string) func(string) string {
	return func(s string) string { return strings.ReplaceAll(s, from, to) }
}

func decodedAgain(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

// spelled is another value, and how it differs: it completes "the value of Body …".
type spelled struct{ says, fix, value string }

// valuesLike returns what a value may have been before it was received.
func valuesLike(value string) []spelled {
	all := []spelled{
		{"has + where there is a space", plusFix, strings.ReplaceAll(value, " ", "+")},
		{"has a space where there is a +", undecodedFix, strings.ReplaceAll(value, "+", " ")},
		{"is decoded once more", undecodedFix, decodedAgain(value)},
		{"is encoded", twiceFix, url.QueryEscape(value)},
		{"has no white space around it", "Something added white space to this value. " + allParams, strings.TrimSpace(value)},
		{"has CR LF at its line ends", lineEndFix, strings.ReplaceAll(value, "\n", "\r\n")},
		{"has LF at its line ends", lineEndFix, strings.ReplaceAll(value, "\r\n", "\n")},
	}
	if isNumber(value) {
		all = append(all, spelled{"has a + at its start", plusFix + " A + that is decoded is a space, which is trimmed then.", "+" + value})
	}
	around := []struct{ says, text string }{{"", ""}, {"a space", " "}, {"two spaces", "  "}, {"a line feed", "\n"},
		{"CR LF", "\r\n"}, {"a tab", "\t"}}
	for _, before := range around[:4] {
		for _, after := range around {
			says := ""
			switch {
			case before.says != "" && after.says != "":
				says = "has " + before.says + " at its start and " + after.says + " at its end"
			case before.says != "":
				says = "has " + before.says + " at its start"
			case after.says != "":
				says = "has " + after.says + " at its end"
			}
			all = append(all, spelled{says, trimmedFix, before.text + value + after.text})
		}
	}
	return all
}

// duplicateWays are the ways to treat repeated names.
func duplicateWays(w *ways, raw []reference.Param) {
	const fix = "Names repeat in this body. Twilio has been seen to sign every value once, sorted; hand over all of them."
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
		w.params(usual, says, fix, params)
	}
	pick("of a repeated name the first value counts", func(v []string) []string { return v[:1] })
	pick("of a repeated name the last value counts", func(v []string) []string { return v[len(v)-1:] })
	pick("equal values of a repeated name count each time", func(v []string) []string { return slices.Sorted(slices.Values(v)) })
	pick("values of a repeated name keep their order", func(v []string) []string { return v })
	pick("values of a repeated name are joined by commas", func(v []string) []string { return []string{strings.Join(v, ",")} })
}
