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
		Step: mapParams(func(p reference.Param) reference.Param {
			return reference.Param{Name: underscored.Replace(p.Name), Value: p.Value}
		}),
	},
	{
		Slug: "post-of-php",
		Says: "signs the parameters as PHP puts them into $_POST: {}",
		Hint: "PHP turns dots and spaces of names into underscores, makes arrays of brackets, keeps the last value of a name, and reads no " +
			"form beyond max_input_vars and post_max_size. Sign the names and values of file_get_contents('php://input').",
		BugTypes: both, Breaks: "decoded-once",
		Values: []string{"elements-of-arrays", "arrays-imploded", "arrays-as-Array", "without-arrays"},
		StepFor: func(value string) Step {
			return mapRequestParams(func(r reference.Request, params []reference.Param) []reference.Param {
				return phpPost(r, params).printed(value)
			})
		},
	},
	{
		Slug: "brackets-cut-off",
		Says: "cuts names at their first bracket",
		Hint: "PHP, Rack and qs take a[b] for a structure called a. Parse the raw body, or switch it off " +
			"(express.urlencoded({extended: false})).",
		BugTypes: both, Breaks: "decoded-once",
		Step: mapParams(func(p reference.Param) reference.Param {
			return reference.Param{Name: before(p.Name, "["), Value: p.Value}
		}),
	},
	{
		Slug: "brackets-around-names-lost",
		Says: "loses the brackets of a name that stands in brackets, and the parameter __proto__, as qs does without depth",
		Hint: "express.urlencoded({extended: false}) in Express 5 parses with qs. Keep the raw body (verify: (req, res, buf) => " +
			"{ req.rawBody = buf }) and sign the pairs of new URLSearchParams(req.rawBody.toString()).",
		BugTypes: both, Breaks: "name-value-appended",
		Step: editParams(func(params []reference.Param) []reference.Param {
			params = slices.DeleteFunc(params, func(p reference.Param) bool { return p.Name == "__proto__" })
			for i, p := range params {
				if inner, begins := strings.CutPrefix(p.Name, "["); begins && strings.HasSuffix(inner, "]") {
					params[i].Name = strings.TrimSuffix(inner, "]")
				}
			}
			return params
		}),
	},
	{
		Slug: "structures-stringified",
		Says: "appends the text of a structure for names with brackets, as {} has it printed",
		Hint: "qs, Rack and PHP make an object of a[b]=c, and appending it prints [object Object] or Array " +
			"whatever is in it: the contents are not signed. Parse the raw body.",
		BugTypes: both, Breaks: "name-value-appended",
		Brings: []string{"last-value-only"}, // what makes structures keeps one value of a plain name
		Values: []string{"javascript", "qs", "co-body", "php", "ruby", "ruby-3.4", "ruby-to_s", "ruby-3.4-to_s"},
		StepFor: func(value string) Step {
			return editParams(func(params []reference.Param) []reference.Param {
				switch value {
				case "qs":
					return qsParams(params)
				case "co-body":
					return coBodyParams(params)
				case "ruby", "ruby-to_s":
					return rackParams(params, "=>", value == "ruby")
				case "ruby-3.4", "ruby-3.4-to_s":
					return rackParams(params, " => ", value == "ruby-3.4")
				}
				for i, p := range params {
					if name, _, found := strings.Cut(p.Name, "["); found {
						text := map[string]string{"javascript": "[object Object]", "php": "Array"}[value]
						params[i] = reference.Param{Name: name, Value: text}
					}
				}
				return params
			})
		},
	},
	{
		Slug: "names-merged-ignoring-case",
		Says: "takes names that differ in case only for one",
		Hint: "A dictionary with StringComparer.OrdinalIgnoreCase (IFormCollection in ASP.NET). Names are " +
			"case-sensitive: parse the raw body.",
		BugTypes: both, Breaks: "all-params",
		Step: editParams(firstIgnoringCase),
	},
	{
		Slug: "last-name-ignoring-case",
		Says: "takes names that differ in case only for one, and signs the last of them",
		Hint: "A map by the name in lower case (strings.ToLower, a CaseInsensitiveMap) keeps what was put in last. Names are " +
			"case-sensitive: keep them as they are.",
		BugTypes: both, Breaks: "all-params",
		Step: editParams(func(params []reference.Param) []reference.Param {
			slices.Reverse(params)
			params = firstIgnoringCase(params)
			slices.Reverse(params)
			return params
		}),
	},
	{
		Slug: "values-joined-ignoring-case",
		Says: "joins the values of names that differ in case only with commas",
		Hint: "A dictionary without regard to case prints all values under the first of the names " +
			"(IFormCollection in ASP.NET Core). Names are case-sensitive: parse the raw body.",
		BugTypes: both, Breaks: "all-params",
		Step: joinValues(func(string) bool { return true }),
	},
	{
		Slug: "names-lowercased",
		Says: "puts names in lower case",
		Hint: "A naming convention is applied to what comes in (snake_case, header-like names). Names are " +
			"case-sensitive.",
		BugTypes: rejects, Breaks: "name-value-appended",
		Step: mapParams(func(p reference.Param) reference.Param {
			return reference.Param{Name: strings.ToLower(p.Name), Value: p.Value}
		}),
	},
	{
		Slug: "equal-values-dropped",
		Says: "leaves out a parameter whose value another one has already",
		Hint: "array_unique() in PHP and inverted maps compare values, whatever the names are. Only the same " +
			"value of the same name counts once.",
		BugTypes: both, Breaks: "all-params",
		Step: editParams(func(params []reference.Param) []reference.Param {
			seen := map[string]bool{}
			return slices.DeleteFunc(params, func(p reference.Param) bool {
				twice := seen[p.Value]
				seen[p.Value] = true
				return twice
			})
		}),
	},
	{
		Slug:     "repeated-values-kept",
		Says:     "signs equal values of a repeated name each time",
		Hint:     "Twilio signs each value once (seen in the field). Remove equal values.",
		BugTypes: both, Breaks: "duplicate-names",
		Step: duplicates(func(values []string) []string { return slices.Sorted(slices.Values(values)) }),
	},
	{
		Slug:     "repeated-values-in-arrival-order",
		Says:     "signs the values of a repeated name in the order in which they arrived",
		Hint:     "A stable sort by name leaves them so. Twilio signs each value once, sorted (seen in the field).",
		BugTypes: both, Breaks: "duplicate-names",
		Step: duplicates(func(values []string) []string { return values }),
	},
	{
		Slug: "repeated-values-joined",
		Says: "joins the values of a repeated name with a {}",
		Hint: "A list is printed: StringValues in ASP.NET, toString of an array in JavaScript. Append name and " +
			"value for each.",
		BugTypes: both, Breaks: "duplicate-names",
		Values: []string{"comma", "space", "semicolon"},
		StepFor: func(value string) Step {
			separator := map[string]string{"comma": ",", "space": " ", "semicolon": ";"}[value]
			return duplicates(func(values []string) []string { return []string{strings.Join(values, separator)} })
		},
	},
	{
		Slug:     "repeated-name-once",
		Says:     "joins the values of a repeated name without repeating the name",
		Hint:     "The name is appended outside the loop over its values. Append it before each.",
		BugTypes: both, Breaks: "duplicate-names",
		Step: duplicates(func(values []string) []string { return []string{strings.Join(values, "")} }),
	},
}

// joinValues joins those values of each name that are kept with commas, under the first of
// the names that differ in case only.
func joinValues(isKept func(value string) bool) Step {
	return editParams(func(params []reference.Param) []reference.Param {
		at := map[string]int{}
		var joined []reference.Param
		var values [][]string
		for _, p := range params {
			i, seen := at[strings.ToLower(p.Name)]
			if !seen {
				i = len(joined)
				at[strings.ToLower(p.Name)] = i
				joined, values = append(joined, reference.Param{Name: p.Name}), append(values, nil)
			}
			if isKept(p.Value) {
				values[i] = append(values[i], p.Value)
			}
		}
		for i := range joined {
			joined[i].Value = strings.Join(values[i], ",")
		}
		return joined
	})
}

// duplicates decides about the values of each name, given in the order in which
// they arrived. The names are sorted as they should be.
func duplicates(decide func(values []string) []string) Step {
	return orderParams(func(received, ordered []reference.Param) []reference.Param {
		values := map[string][]string{}
		for _, p := range received {
			values[p.Name] = append(values[p.Name], p.Value)
		}
		var decided []reference.Param
		for _, p := range ordered {
			if values[p.Name] == nil {
				continue // done
			}
			for _, value := range decide(values[p.Name]) {
				decided = append(decided, reference.Param{Name: p.Name, Value: value})
			}
			delete(values, p.Name)
		}
		return decided
	})
}

// rackParams makes structures of names with brackets and prints them, as Rack and
// to_s do together: a[b]=1&a[c]=2 becomes a, {"b"=>"1", "c"=>"2"}. Array#join puts the
// elements of lists together.
func rackParams(params []reference.Param, arrow string, joins bool) []reference.Param {
	var out []reference.Param
	for _, root := range grouped(params) {
		if root.members[0].Name == "" {
			for _, p := range root.members {
				out = append(out, reference.Param{Name: root.name, Value: p.Value})
			}
			continue
		}
		text := inspected(root.members, arrow)
		if joins && root.members[0].Name == "[]" {
			var elements strings.Builder
			for _, p := range root.members {
				elements.WriteString(p.Value)
			}
			text = elements.String()
		}
		out = append(out, reference.Param{Name: root.name, Value: text})
	}
	return out
}

// inspected prints values whose names are the rest behind their common part.
func inspected(members []reference.Param, arrow string) string {
	switch members[0].Name {
	case "":
		return rubyInspect(members[len(members)-1].Value)
	case "[]":
		var elements []string
		for _, p := range members {
			elements = append(elements, rubyInspect(p.Value))
		}
		return "[" + strings.Join(elements, ", ") + "]"
	}
	var pairs []string
	for _, key := range grouped(members) {
		pairs = append(pairs, rubyInspect(key.name)+arrow+inspected(key.members, arrow))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

// firstIgnoringCase keeps the first of the parameters whose names differ in case only.
func firstIgnoringCase(params []reference.Param) []reference.Param {
	seen := map[string]bool{}
	return slices.DeleteFunc(params, func(p reference.Param) bool {
		lower := strings.ToLower(p.Name)
		twice := seen[lower]
		seen[lower] = true
		return twice
	})
}

// group is the parameters whose names begin with the same key; their own names
// are what follows it.
type group struct {
	name    string
	members []reference.Param
}

func grouped(params []reference.Param) []group {
	var groups []group
	at := map[string]int{}
	for _, p := range params {
		key := strings.TrimLeft(p.Name, "[]")
		end := strings.IndexAny(key, "[]")
		rest := ""
		if end >= 0 {
			key, rest = key[:end], strings.TrimPrefix(key[end:], "]")
		}
		i, seen := at[key]
		if !seen {
			i, groups = len(groups), append(groups, group{name: key})
			at[key] = i
		}
		groups[i].members = append(groups[i].members, reference.Param{Name: rest, Value: p.Value})
	}
	return groups
}
