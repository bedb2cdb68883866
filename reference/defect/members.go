// This file answers: what do people sign of a JSON body? Nothing of it is signed
// but its hash, in the query. A framework's parsed body looks like a form's
// parameters, and is handed over as if it were them.

package defect

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"sigconform/reference"
)

var members = []Defect{
	{
		Slug: "json-members-signed",
		Says: "appends the members of a JSON body as if they were form parameters, printed as {} prints them",
		Hint: "The parsed body (req.body in Express, request.json in Flask, params or request.request_parameters in Rails) " +
			"is handed over whatever its type is, and no hash is looked for. Only a form is appended: for JSON, hand over no parameters " +
			"and compare bodySHA256 with the raw body (validateRequestWithBody; request.raw_post in Rails; the body as bytes in Python).",
		Hints: map[string]string{
			"javascript": "The parsed body (req.body after express.json) is handed over whatever its type is, and no hash is looked " +
				"for. Only a form is appended: for JSON, keep the raw body (express.json({verify: (req, res, buf) => " +
				"{ req.rawBody = buf }})) and compare its hash with bodySHA256 (validateRequestWithBody).",
			"python": "The parsed body (request.json in Flask, json.loads(request.body) in Django) is handed over whatever its type " +
				"is, and no hash is looked for. Only a form is appended: for JSON, hand over the body as bytes, and its hash is " +
				"compared with bodySHA256.",
			"ruby":      rubyMembers,
			"ruby-3.4":  rubyMembers,
			"rails":     railsMembers,
			"rails-sms": railsMembers,
		},
		BugTypes: both, Breaks: "body-not-params",
		Brings: append([]string{"hash-not-required", "hash-not-checked", "body-not-covered", "hash-of-empty-body-not-checked",
			"hash-of-absent-body-not-checked"}, ofJSONParsers...),
		Values: []string{"javascript", "python", "ruby", "ruby-3.4", "rails", "rails-sms"},
		StepFor: func(value string) Step {
			return readAs(func(r reference.Request) ([]reference.Param, bool) {
				if r.IsForm() || len(r.Body) == 0 || !strings.HasPrefix(value, "rails") && !namesJSON(r) {
					return nil, false
				}
				body := r.Body
				if value == "python" { // json.loads takes bytes with a byte order mark
					body = bytes.TrimPrefix(body, []byte("\ufeff"))
				}
				parsed, ok := parseJSON(body)
				if !ok && strings.HasPrefix(value, "rails") {
					return nil, false
				}
				if !ok {
					throw("unexpected token in JSON")
				}
				return memberParams(parsed, value, r), true
			})
		},
	},
	{
		Slug: "json-members-signed-with-hash",
		Says: "compares the hash of a JSON body and appends its members to the URL as well",
		Hint: "The parsed body is handed over as parameters beside the raw one. Only a form is appended: hand over no parameters " +
			"for JSON (none to validateRequestWithBody of the Node SDK, which needs the raw body alone).",
		BugTypes: rejects, Breaks: "body-not-params",
		Step: mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
			if parsed, ok := parseJSON(r.Body); ok && !r.IsForm() {
				params = append(params, memberParams(parsed, "javascript", r)...)
			}
			return params
		}),
	},
}

const (
	rubyMembers = "The parsed body (JSON.parse, params) is handed over whatever its type is, and no hash is looked for. Only a form " +
		"is appended: for JSON, hand over request.body.read, and its hash is compared with bodySHA256."
	railsMembers = "params and request.request_parameters hold the members of a JSON body, and a copy of them under the controller's " +
		"name, and no hash is looked for. Only a form is appended: hand over request.POST for a form, else request.raw_post."
)

// namesJSON reports whether JSON is in the content type, as a quick look finds it.
func namesJSON(r reference.Request) bool {
	return r.ContentType != nil && strings.Contains(strings.ToLower(*r.ContentType), "json")
}

// memberParams returns the members of a JSON value as parameters.
func memberParams(parsed any, how string, r reference.Request) []reference.Param {
	var of object
	switch value := parsed.(type) {
	case object:
		of = value
	case []any:
		for i, element := range value {
			if how == "javascript" {
				of = append(of, member{strconv.Itoa(i), element})
			}
		}
	}
	if strings.HasPrefix(how, "rails") {
		if _, isObject := parsed.(object); !isObject {
			of = object{{"_json", parsed}}
		}
		of = wrapped(of, how, r)
	}
	var params []reference.Param
	for _, m := range of {
		params = append(params, reference.Param{Name: m.name, Value: memberText(m.value, how)})
	}
	return params
}

// wrapped adds a copy of the members under the controller's name, as Rails does
// (wrap_parameters): the last segment of the path, in the singular.
func wrapped(of object, how string, r reference.Request) object {
	controller := strings.TrimSuffix(lastSegment(r.URL), "s")
	if how == "rails-sms" {
		controller = "sm"
	}
	return append(slices.Clone(of), member{controller, of})
}

// memberText is the text that a value becomes where it is appended to a string.
func memberText(value any, how string) string {
	if text, isText := value.(string); isText {
		return text
	}
	list, isList := value.([]any)
	_, isObject := value.(object)
	switch {
	case how == "python":
		return dialects["python-repr"].print(value)
	case how == "javascript" && isObject:
		return "[object Object]"
	case how == "javascript" && isList:
		var elements []string
		for _, element := range list {
			if element == nil {
				element = ""
			}
			elements = append(elements, memberText(element, how))
		}
		return strings.Join(elements, ",")
	case how == "javascript":
		return dialects["javascript"].print(value)
	case value == nil:
		return ""
	case isList: // Array#join
		var text strings.Builder
		for _, element := range list {
			text.WriteString(memberText(element, how))
		}
		return text.String()
	case how == "ruby-3.4":
		return dialects["ruby-3.4-inspect"].print(value)
	default:
		return dialects["ruby-inspect"].print(value)
	}
}
