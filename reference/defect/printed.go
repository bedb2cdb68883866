// This file answers: what do people sign where a framework holds a list or a
// structure for a name, and prints it?

package defect

import (
	"strings"

	"sigconform/reference"
)

var printedLists = []Defect{
	{
		Slug: "values-printed-as-lists",
		Says: "signs the values of each name as {} prints a list of them",
		Hint: "The framework holds a list for each name: dict(request.POST) in Django, parse_qs in Python, url.Values in Go, " +
			"getParameterMap() in Java. Append name and value for each: request.POST.items(), r.PostForm.Get for single values, " +
			"the validator of the SDK with a multidict.",
		BugTypes: both, Breaks: "name-value-appended",
		Values: []string{"python", "python-bytes", "go", "java", "javascript-json", "ruby"},
		StepFor: func(value string) Step {
			return editParams(func(params []reference.Param) []reference.Param {
				var listed []reference.Param
				values := map[string][]string{}
				for _, p := range params {
					if values[p.Name] == nil {
						listed = append(listed, reference.Param{Name: p.Name})
					}
					values[p.Name] = append(values[p.Name], p.Value)
				}
				for i, p := range listed {
					listed[i].Value = printedList(values[p.Name], value)
				}
				return listed
			})
		},
	},
}

func printedList(values []string, how string) string {
	separator := ", "
	var elements []string
	for _, v := range values {
		switch how {
		case "python":
			v = pythonRepr(v)
		case "python-bytes":
			v = string(printedBytes([]byte(v)))
		case "javascript-json":
			v, separator = quoteJavaScript(v), ","
		case "ruby":
			v = rubyInspect(v)
		case "go":
			separator = " "
		}
		elements = append(elements, v)
	}
	return "[" + strings.Join(elements, separator) + "]"
}
