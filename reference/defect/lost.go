// This file answers: which parameters get lost or mixed up on the way from the
// body to the validator? Frameworks filter, merge and rename them.

package defect

import (
	"slices"
	"strconv"
	"strings"

	"sigconform/reference"
)

var lost = []Defect{
	{
		Slug: "request-merged",
		Says: "signs the parameters of query and form together, the last of each name, whatever the method and the content type are",
		Hint: "$_REQUEST in PHP, params in Sinatra, request.values in Flask, getParameterMap() in servlets hold both, and no hash is " +
			"looked for. The query is in the URL already: use $_POST (request.POST, request.form, r.PostForm) for forms, nothing on GET, " +
			"and the raw body with its hash otherwise.",
		BugTypes: both, Breaks: "name-value-appended",
		Step: readAs(func(r reference.Request) ([]reference.Param, bool) {
			params := queryParams(r.URL)
			if isForm(r) {
				params = append(params, reference.ParseForm(r.Body)...)
			}
			return onePerName(params, true), true
		}),
	},
	{
		Slug: "request-merged-first",
		Says: "signs the parameters of query and form together as {} read them, the first of each name, whatever the method and the " +
			"content type are",
		Hint: "getParameterMap() and getParameter() in servlets, and @RequestParam in Spring, hold both, the query's first, and no hash is " +
			"looked for. The query is in the URL already: sign the names and values of the bytes of a form in a POST, nothing on GET, and " +
			"compare the hash of any other body.",
		BugTypes: both, Breaks: "name-value-appended",
		Brings: ofServlets,
		Values: []string{"servlets", "spring"},
		StepFor: func(value string) Step {
			return readAs(func(r reference.Request) ([]reference.Param, bool) {
				params := queryParams(r.URL)
				switch {
				case isForm(r):
					params = append(params, reference.ParseForm(r.Body)...)
				case value == "spring": // it has a parser for multipart
					params = append(params, multipartFields(r, false)...)
				}
				return onePerName(params, false), true
			})
		},
	},
	{
		Slug: "params-of-rack",
		Says: "signs params of Rack, which has the query and the form in structures, whatever the method and the content type are, printed by {}",
		Hint: "params in Sinatra and request.params in Rack hold both, and no hash is looked for. The query is in the URL already: sign " +
			"URI.decode_www_form of the body in a POST with a form, nothing on GET, and compare the hash of any other body.",
		BugTypes: both, Breaks: "name-value-appended",
		Values: []string{"ruby", "ruby-3.4"},
		StepFor: func(value string) Step {
			return readAs(func(r reference.Request) ([]reference.Param, bool) {
				params := queryParams(r.URL)
				switch {
				case r.IsForm() || (r.ContentType == nil || *r.ContentType == "") && r.Method == "POST":
					params = append(params, reference.ParseForm(r.Body)...)
				default:
					params = append(params, multipartFields(r, true)...)
				}
				arrow := map[string]string{"ruby": "=>", "ruby-3.4": " => "}[value]
				return onePerName(rackParams(params, arrow, true), true), true
			})
		},
	},
	{
		Slug: "variables-of-php",
		Says: "signs what {} holds in PHP, whatever the method and the content type are",
		Hint: "PHP renames parameters and drops some, and no hash is looked for; $_REQUEST, and array_merge($_GET, $_POST), have the query in " +
			"them, too, which is in the URL already. Sign the names and values of file_get_contents('php://input') in a POST with a form, " +
			"nothing on GET, and compare the hash of any other body.",
		Hints:    map[string]string{"$request->all()": laravelInput, "$request->toArray()": laravelInput},
		BugTypes: both, Breaks: "name-value-appended",
		Values: []string{"$_POST", "$_REQUEST", "array_merge", "$request->all()", "$request->toArray()"},
		StepFor: func(value string) Step {
			return func(v *reference.Validator) {
				// Twilio's tutorial for Laravel has the hash compared where it is among them.
				isHashed := func(variables *phpArray) bool {
					_, hashed := variables.items[reference.BodyHashParam]
					return hashed && value == "$request->toArray()"
				}
				v.Covered = func(r reference.Request) bool {
					return !isHashed(phpVariables(r, value)) || reference.HashHolds(r.URL, r.Body)
				}
				v.Params = func(r reference.Request) []reference.Param {
					if variables := phpVariables(r, value); !isHashed(variables) {
						return variables.printed("elements-of-arrays")
					}
					return nil
				}
			}
		},
	},
	{
		Slug: "every-body-parsed-as-form",
		Says: "parses every body as a form and signs that, whatever the method and the content type are",
		Hint: "The content type is not looked at, nor a hash. A body other than a form is covered by bodySHA256 alone: " +
			"compare it with the raw body, and append the parameters of POST forms only.",
		BugTypes: both, Breaks: "body-not-params",
		Step: parseEveryBody,
	},
	{
		Slug: "every-body-parsed-without-blanks",
		Says: "parses every body as a form, whatever the content type is, and leaves out parameters whose value is empty",
		Hint: "parse_qs(body) does both. JSON becomes one name without a value, if it has no = in it: it is left out as a whole, " +
			"and nothing covers the body. Compare bodySHA256 with the raw body of what is no form, and parse forms with keep_blank_values=True.",
		BugTypes: both, Breaks: "body-covered",
		Step: func(v *reference.Validator) {
			parseEveryBody(v)
			dropParams(hasNoValue)(v)
		},
	},
	{
		Slug: "names-in-query-not-signed",
		Says: "does not sign form parameters whose name is in the query too",
		Hint: "The query's parameters are taken away from getParameterMap() by their names, so that the form's go too and can be forged. " +
			"Parse the raw body of the form instead.",
		BugTypes: both, Breaks: "body-covered",
		Step: mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
			inQuery := map[string]bool{}
			for _, p := range queryParams(r.URL) {
				inQuery[p.Name] = true
			}
			return slices.DeleteFunc(params, func(p reference.Param) bool { return inQuery[p.Name] })
		}),
	},
	{
		Slug: "lower-case-names-dropped",
		Says: "leaves out parameters whose name has no capital",
		Hint: "params.select { |k, _| k =~ /[A-Z]/ } in a Ruby tutorial drops the framework's own (controller, action) this way, and " +
			"with them what was put into the URL or a flow. Use request.POST in Rack and Rails, params of the form alone.",
		BugTypes: both, Breaks: "all-params",
		Step: dropParams(func(p reference.Param) bool { return p.Name == strings.ToLower(p.Name) }),
	},
	{
		Slug: "repeated-names-dropped",
		Says: "leaves out every parameter whose name occurs more than once",
		Hint: "The framework makes a list of a repeated name, and only values of type string are signed " +
			"(typeof value === 'string' with express.urlencoded). Body=evil&Body=evil then passes unsigned: sign each value of a list.",
		BugTypes: both, Breaks: "body-covered",
		Step: editParams(func(params []reference.Param) []reference.Param {
			number := map[string]int{}
			for _, p := range params {
				number[p.Name]++
			}
			return slices.DeleteFunc(params, func(p reference.Param) bool { return number[p.Name] > 1 })
		}),
	},
	{
		Slug: "first-value-repeated",
		Says: "signs the first value of a repeated name as often as the name occurs",
		Hint: "The loop runs over all names, and get(name) returns the first value: URLSearchParams.keys() and get() in JavaScript. " +
			"The others can be forged: loop over the pairs (for (const [name, value] of params)).",
		BugTypes: both, Breaks: "duplicate-names",
		Step: orderParams(func(received, _ []reference.Param) []reference.Param {
			first := map[string]string{}
			for _, p := range slices.Backward(received) {
				first[p.Name] = p.Value
			}
			var ordered []reference.Param
			for _, p := range received {
				ordered = append(ordered, reference.Param{Name: p.Name, Value: first[p.Name]})
			}
			slices.SortStableFunc(ordered, func(a, b reference.Param) int { return strings.Compare(a.Name, b.Name) })
			return ordered
		}),
	},
	{
		Slug: "structures-dropped",
		Says: "leaves out parameters with a bracket in their name",
		Hint: "Strong parameters in Rails (permit without the list) drop lists and hashes, and Body[]=evil then passes unsigned. " +
			"Use URI.decode_www_form(request.raw_post).",
		BugTypes: both, Breaks: "body-covered",
		Step: dropParams(func(p reference.Param) bool { return strings.Contains(p.Name, "[") }),
	},
	{
		Slug: "values-counting-as-none-dropped",
		Says: "leaves out parameters whose value counts as none: {}",
		Hint: "array_filter in PHP drops \"0\" too, compact_blank in Rails white space, a filter for truth in JavaScript or Python " +
			"empty values. Everything that was received is signed: take the filter out.",
		BugTypes: both, Breaks: "all-params",
		Values: []string{"empty-or-0", "blank", "empty-unless-repeated"},
		StepFor: func(value string) Step {
			if value == "empty-unless-repeated" { // a list counts as something
				return editParams(func(params []reference.Param) []reference.Param {
					times := map[string]int{}
					for _, p := range params {
						times[p.Name]++
					}
					return slices.DeleteFunc(params, func(p reference.Param) bool { return p.Value == "" && times[p.Name] == 1 })
				})
			}
			return dropParams(func(p reference.Param) bool {
				if value == "blank" {
					return strings.TrimSpace(p.Value) == ""
				}
				return p.Value == "" || p.Value == "0"
			})
		},
	},
	{
		Slug:     "leading-question-mark-lost",
		Says:     "loses a question mark that the form begins with",
		Hint:     "new URLSearchParams(body) takes a leading ? for that of a URL. Put an & before it: new URLSearchParams('&' + body).",
		BugTypes: both, Breaks: "name-value-appended",
		Step: editForm(func(body string) string { return strings.TrimPrefix(body, "?") }),
	},
	{
		Slug: "malformed-pairs-dropped",
		Says: "leaves out pairs that have a % which two hex digits do not follow",
		Hint: "net/url in Go and parsers that catch the error of decodeURIComponent skip such a pair. " +
			"What was received but not signed must be rejected.",
		BugTypes: both, Breaks: "malformed-percent",
		Step: editForm(func(body string) string {
			return strings.Join(slices.DeleteFunc(strings.Split(body, "&"), malformedEscape), "&")
		}),
	},
	{
		Slug: "bare-name-lost-at-end",
		Says: "loses a name without an equals sign at the end of the form",
		Hint: "python-multipart before 0.0.6 (Starlette, FastAPI) does not finish it. Update it, or parse the raw body with " +
			"parse_qsl(body, keep_blank_values=True).",
		BugTypes: both, Breaks: "all-params",
		Step: editForm(func(body string) string {
			if last := strings.LastIndexByte(body, '&') + 1; !strings.Contains(body[last:], "=") {
				return body[:last]
			}
			return body
		}),
	},
	{
		Slug: "nonempty-values-joined",
		Says: "joins the values of a name, which it compares without case, with commas and without the empty ones",
		Hint: "IFormCollection and StringValues in ASP.NET Core do so when they are made one text. " +
			"Append name and value for each, from the raw body (FormReader, or Request.EnableBuffering and QueryHelpers.ParseQuery).",
		BugTypes: both, Breaks: "all-params",
		Step: joinValues(func(value string) bool { return value != "" }),
	},
	{
		Slug:     "numeric-names-renumbered",
		Says:     "renumbers parameters whose name is a number, from 0",
		Hint:     "array_merge in PHP renumbers integer keys. Use $_POST as it is, or the + operator.",
		BugTypes: both, Breaks: "sorted-by-name",
		Step: editParams(func(params []reference.Param) []reference.Param {
			next := 0
			for i, p := range params {
				if isCount(p.Name) || p.Name == "0" {
					params[i].Name = strconv.Itoa(next)
					next++
				}
			}
			return params
		}),
	},
}

// ofServlets is what the parser of a servlet container does beside.
var ofServlets = []string{"malformed-pairs-dropped", "form-not-signed-in-other-case", "first-value-only"}

const laravelInput = "all(), input() and toArray() in Laravel hold the query and the form together, or the members of JSON, and PHP " +
	"renames parameters and drops some. Sign the names and values of $request->getContent() in a POST with a form, nothing on GET, and " +
	"compare the hash of any other body."
