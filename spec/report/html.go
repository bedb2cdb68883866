package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// This file makes index.html. The rules are: one file that loads nothing; it
// reads without scripts, which only filter, search and copy; what a validator
// said is text, whatever it holds, with invisible characters written out; a
// content security policy lets nothing run but the script below.

//go:embed page
var pageFiles embed.FS

var pageTemplates = template.Must(template.New("").Funcs(template.FuncMap{
	"shown": shown, "name": shownName, "lines": shownLines, "diff": newDiff, "bug": bugName, "mark": outcomeMark,
	"sentence": firstSentence, "join": strings.Join, "percent": percent,
	"drawn": DrawnWrongly, "whyDrawn": func() string { return WhyDrawn },
	"to": linkTo, "where": linkWhere, "tone": tone, "first": firstIDs, "more": moreIDs, "applying": applying, "differently": differently,
}).ParseFS(pageFiles, "page/*.html"))

// page is what the templates of every page are given.
type page struct {
	Style, Script template.HTML // whole elements
	Policy        string        // which lets only these two be
}

func newPage() (page, error) {
	style, err := pageFiles.ReadFile("page/style.css")
	if err != nil {
		return page{}, err
	}
	script, err := pageFiles.ReadFile("page/script.js")
	if err != nil {
		return page{}, err
	}
	hash := func(text []byte) string {
		sum := sha256.Sum256(text)
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return page{
		Style:  template.HTML("<style>" + string(style) + "</style>"),
		Script: template.HTML("<script>" + string(script) + "</script>"),
		Policy: fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", hash(style), hash(script)),
	}, nil
}

func render(name string, data any) ([]byte, error) {
	var out bytes.Buffer
	err := pageTemplates.ExecuteTemplate(&out, name, data)
	return out.Bytes(), err
}

// HTML returns the report as a page.
func (r *Report) HTML() ([]byte, error) {
	base, err := newPage()
	if err != nil {
		return nil, err
	}
	return render("report.html", reportPage{base, r, detailed(r)})
}

// Tone is the class that colours the result.
func (r Result) Tone() string {
	switch conformance.Outcome(r.Outcome) {
	case conformance.Failed:
		return tone(r.BugType)
	default:
		return r.Outcome
	}
}

// tone is the class that colours a bug type.
func tone(kind vectors.BugType) string {
	return map[vectors.BugType]string{
		vectors.FalseAccept: "accept", vectors.FalseReject: "reject",
		vectors.Crash: "crash", vectors.Malleability: "malleable",
	}[kind]
}

// linkTo links to a vector of the same page.
func linkTo(id string) template.URL {
	return template.URL("#" + strings.ReplaceAll(url.PathEscape(id), "%2F", "/"))
}

// linkWhere links to the vectors of the same page that a filter leaves:
// alternately the name of a field and its value.
func linkWhere(pairs ...string) template.URL {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return template.URL("#?" + query.Encode())
}
