// This file answers: what do people get wrong about names, and about names that
// are there several times? PHP, Rack and qs make structures of them; Twilio
// signs the text.

package defect

import (
	"slices"
	"strings"

	"sigconform/reference"
)

var names = []Defect{
	{
		Slug:     "names-with-underscores",
		Says:     "turns dots and spaces in names into underscores",
		Hint:     "PHP does when it fills $_POST. Parse the raw body (php://input).",
		BugTypes: both, Breaks: "decoded-once",
		Replace: mapParams(func(p reference.Param) reference.Param {
			return reference.Param{Name: strings.NewReplacer(".", "_", " ", "_").Replace(p.Name), Value: p.Value}
		}),
	},
	{
		Slug:     "brackets-cut-off",
		Says:     "cuts names at their first bracket",
		Hint:     "PHP, Rack and qs take a[b] for a structure called a. Parse the raw body, or switch it off (express.urlencoded({extended: false})).",
		BugTypes: both, Breaks: "decoded-once",
		Replace: mapParams(func(p reference.Param) reference.Param {
			return reference.Param{Name: before(p.Name, "["), Value: p.Value}
		}),
	},
	{
		Slug:     "structures-stringified",
		Says:     "appends the text of a structure for names with brackets, as {} prints it",
		Hint:     "qs, Rack and PHP make an object of a[b]=c, and appending it prints [object Object] or Array whatever is in it: the contents are not signed. Parse the raw body.",
		BugTypes: both, Breaks: "name-value-appended",
		Values: []string{"javascript", "php", "ruby"},
		Replace: editParamsWith(func(params []reference.Param, value string) []reference.Param {
			var out []reference.Param
			for _, p := range params {
				name, key, found := strings.Cut(p.Name, "[")
				switch {
				case !found:
				case value == "javascript":
					p = reference.Param{Name: name, Value: "[object Object]"}
				case value == "php":
					p = reference.Param{Name: name, Value: "Array"}
				default:
					p = reference.Param{Name: name, Value: `{"` + strings.TrimSuffix(key, "]") + `"=>"` + p.Value + `"}`}
				}
				out = append(out, p)
			}
			return out
		}),
	},
	{
		Slug:     "names-merged-ignoring-case",
		Says:     "takes names that differ in case only for one",
		Hint:     "A dictionary with StringComparer.OrdinalIgnoreCase (IFormCollection in ASP.NET). Names are case-sensitive: parse the raw body.",
		BugTypes: both, Breaks: "all-params",
		Replace: editParams(func(params []reference.Param) []reference.Param {
			seen := map[string]bool{}
			return slices.DeleteFunc(params, func(p reference.Param) bool {
				lower := strings.ToLower(p.Name)
				twice := seen[lower]
				seen[lower] = true
				return twice
			})
		}),
	},
	{
		Slug:     "names-lowercased",
		Says:     "puts names in lower case",
		Hint:     "A naming convention is applied to what comes in (snake_case, header-like names). Names are case-sensitive.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Replace: mapParams(func(p reference.Param) reference.Param {
			return reference.Param{Name: strings.ToLower(p.Name), Value: p.Value}
		}),
	},
	{
		Slug:     "repeated-values-kept",
		Says:     "signs equal values of a repeated name each time",
		Hint:     "Twilio signs each value once (seen in the field). Remove equal values.",
		BugTypes: both, Breaks: "duplicate-names",
		Replace: duplicates(func(values []string) []string { return slices.Sorted(slices.Values(values)) }),
	},
	{
		Slug:     "repeated-values-in-arrival-order",
		Says:     "signs the values of a repeated name in the order in which they arrived",
		Hint:     "A stable sort by name leaves them so. Twilio signs each value once, sorted (seen in the field).",
		BugTypes: both, Breaks: "duplicate-names",
		Replace: duplicates(func(values []string) []string { return values }),
	},
	{
		Slug:     "repeated-values-joined",
		Says:     "joins the values of a repeated name with a {}",
		Hint:     "A list is printed: StringValues in ASP.NET, toString of an array in JavaScript. Append name and value for each.",
		BugTypes: both, Breaks: "duplicate-names",
		Values: []string{"comma", "space", "semicolon"},
		Replace: func(v *reference.Validator, value string) {
			separator := map[string]string{"comma": ",", "space": " ", "semicolon": ";"}[value]
			duplicates(func(values []string) []string { return []string{strings.Join(values, separator)} })(v, "")
		},
	},
	{
		Slug:     "repeated-name-once",
		Says:     "joins the values of a repeated name without repeating the name",
		Hint:     "The name is appended outside the loop over its values. Append it before each.",
		BugTypes: both, Breaks: "duplicate-names",
		Replace: duplicates(func(values []string) []string { return []string{strings.Join(values, "")} }),
	},
}

// duplicates decides about the values of each name, given in the order in which
// they arrived. The names are sorted as they should be.
func duplicates(decide func(values []string) []string) replace {
	return func(v *reference.Validator, _ string) {
		right := v.OrderParams
		v.OrderParams = func(params []reference.Param) []reference.Param {
			values := map[string][]string{}
			for _, p := range params {
				values[p.Name] = append(values[p.Name], p.Value)
			}
			var ordered []reference.Param
			for _, p := range right(params) {
				if values[p.Name] == nil {
					continue // done
				}
				for _, value := range decide(values[p.Name]) {
					ordered = append(ordered, reference.Param{Name: p.Name, Value: value})
				}
				delete(values, p.Name)
			}
			return ordered
		}
	}
}
