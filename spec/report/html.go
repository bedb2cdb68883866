package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"net/url"
	"slices"
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
	"shown": shown, "lines": shownLines, "diff": newDiff, "bug": bugName, "mark": outcomeMark,
	"sentence": firstSentence, "join": strings.Join, "percent": percent,
	"to": linkTo, "where": linkWhere, "tone": tone,
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
	return render("report.html", reportPage{page: base, Report: r})
}

// reportPage is what the template of a report is given.
type reportPage struct {
	page
	*Report
}

// askedQuestion is a question with the validator's answer.
type askedQuestion struct {
	Slug string
	Reply
}

// Asked are the questions: first those to which another answer is recommended.
func (p reportPage) Asked() []askedQuestion {
	var asked, others []askedQuestion
	for _, slug := range slices.Sorted(maps.Keys(p.Questions)) {
		question := askedQuestion{slug, p.Questions[slug]}
		if question.Departs() {
			asked = append(asked, question)
		} else {
			others = append(others, question)
		}
	}
	return append(asked, others...)
}

// Segments are the parts of the bar that shows all results, the worst first.
func (p reportPage) Segments() []segment {
	count := func(match func(*Result) bool) int {
		n := 0
		for i := range p.Results {
			if match(&p.Results[i]) {
				n++
			}
		}
		return n
	}
	outcome := func(o conformance.Outcome) func(*Result) bool {
		return func(r *Result) bool { return r.Outcome == string(o) }
	}
	fails := func(kind vectors.BugType) func(*Result) bool {
		return func(r *Result) bool { return r.Outcome == string(conformance.Fails) && r.BugType == kind }
	}
	failing := func(kind string) template.URL { return linkWhere("outcome", "fails", "bug", kind) }
	all := []segment{
		{Class: "accept", Label: "false accepts", Link: failing("FALSE_ACCEPT"), Count: count(fails(vectors.FalseAccept))},
		{Class: "crash", Label: "crashes", Link: failing("CRASH"), Count: count(fails(vectors.Crash))},
		{Class: "reject", Label: "false rejects", Link: failing("FALSE_REJECT"), Count: count(fails(vectors.FalseReject))},
		{Class: "malleable", Label: "malleable", Link: failing("MALLEABILITY"), Count: count(fails(vectors.Malleability))},
		{Class: "known", Label: "known failures", Link: linkWhere("outcome", "known"), Count: count(outcome(conformance.Known))},
		{Class: "holds", Label: "hold", Link: linkWhere("outcome", "holds"), Count: count(outcome(conformance.Holds))},
		{Class: "answered", Label: "questions", Link: linkWhere("outcome", "answered"), Count: count(outcome(conformance.Answered))},
		{Class: "unjudged", Label: "not judged", Link: linkWhere("outcome", "not judged"), Count: count(outcome(conformance.Unjudged))},
	}
	x := 0.0
	for i := range all {
		if all[i].Count == 1 {
			all[i].Label = strings.TrimSuffix(strings.Replace(all[i].Label, "crashes", "crash", 1), "s")
		}
	}
	for i := range all {
		all[i].X, all[i].Width = x, percent(all[i].Count, len(p.Results))
		x += all[i].Width
	}
	return all
}

// segment is a part of a bar, in percent of its width.
type segment struct {
	Class, Label string
	Link         template.URL // to its results
	Count        int
	X, Width     float64
}

func percent(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(n) / float64(of)
}

// familyRow is a family with its results by outcome.
type familyRow struct {
	Name, Title                   string
	Holds, Fails, Known, Asked, N int // Asked as questions; N not judged
	Judged                        int
}

// Words are the numbers of the row beside those that hold.
func (f familyRow) Words() string {
	var words []string
	for _, part := range []struct {
		n    int
		what string
	}{{f.Fails, "fail"}, {f.Known, "known"}, {f.Asked, "asked as questions"}, {f.N, "not judged"}} {
		if part.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return strings.Join(words, " · ")
}

// FamilyRows are the families in their order.
func (p reportPage) FamilyRows() []*familyRow {
	var rows []*familyRow
	for _, r := range p.Results {
		name := r.Family()
		if len(rows) == 0 || rows[len(rows)-1].Name != name {
			rows = append(rows, &familyRow{Name: name, Title: p.Families[name].Title})
		}
		row := rows[len(rows)-1]
		switch conformance.Outcome(r.Outcome) {
		case conformance.Holds:
			row.Holds++
		case conformance.Fails:
			row.Fails++
		case conformance.Known:
			row.Known++
		case conformance.Answered:
			row.Asked++
		default:
			row.N++
		}
		row.Judged = row.Holds + row.Fails + row.Known
	}
	return rows
}

// Family is the family of the result's vector.
func (r Result) Family() string {
	family, _, _ := strings.Cut(r.ID, "/")
	return family
}

// Failed reports whether the answer was not the expected one, known or not.
func (r Result) Failed() bool {
	return r.Outcome == string(conformance.Fails) || r.Outcome == string(conformance.Known)
}

// Signs is what the validator signs: as it says, or as the cause has it.
func (r Result) Signs() *Bytes {
	if r.ValidatorSigns != nil {
		return r.ValidatorSigns
	}
	return r.LikelySigns
}

// Often is what often goes wrong where a vector fails as this one does.
func (r *Report) Often(result Result) []string {
	var effects []string
	for _, flag := range result.Flags {
		if note := r.Families[result.Family()].Notes[flag]; note.BugType == result.BugType {
			effects = append(effects, flag+": "+note.Effect)
		}
	}
	return effects
}

// Departs reports whether another answer to the question is recommended.
func (r Reply) Departs() bool {
	return r.Recommended != "" && r.Words != r.Recommended && len(r.Other) == 0
}

// result returns the result with the id; nil if there is none.
func (r *Report) result(id string) *Result {
	i := slices.IndexFunc(r.Results, func(result Result) bool { return result.ID == id })
	if i < 0 {
		return nil
	}
	return &r.Results[i]
}

// Example is the failure by which a cause is shown: the first that is not known.
func (r *Report) Example(c Cause) *Result {
	var example *Result
	for _, id := range c.Explains {
		if found := r.result(id); found != nil {
			if found.Outcome == string(conformance.Fails) {
				return found
			}
			if example == nil {
				example = found
			}
		}
	}
	return example
}

// Worst is the bug type of the worst failure that the cause explains.
func (r *Report) Worst(c Cause) vectors.BugType {
	if example := r.Example(c); example != nil {
		return example.BugType
	}
	return ""
}

// Others are the other failures of a cause, by their ids.
func (r *Report) Others(c Cause) []string {
	example := r.Example(c)
	return slices.DeleteFunc(slices.Clone(c.Explains), func(id string) bool { return example != nil && id == example.ID })
}

// IsKnown reports whether all failures of the cause are known ones.
func (r *Report) IsKnown(c Cause) bool {
	example := r.Example(c)
	return example != nil && example.Outcome == string(conformance.Known)
}

// CauseLink links to the cause of that defect on the page of the report.
func (r *Report) CauseLink(defect string) template.URL {
	i := slices.IndexFunc(r.Causes, func(c Cause) bool { return c.Defect == defect })
	if i < 0 {
		return "#causes"
	}
	return template.URL(fmt.Sprintf("#cause-%d", i))
}

// Unexplained are the failures without a cause, known ones last.
func (r *Report) Unexplained() []Result {
	var found []Result
	for _, result := range r.Results {
		if result.Failed() && result.Cause == "" {
			found = append(found, result)
		}
	}
	slices.SortStableFunc(found, func(a, b Result) int { return rank(a) - rank(b) })
	return found
}

// alike are failures without a cause that point to the same mistake, as far as
// the vectors say: they share the family, the bug type and the flag.
type alike struct {
	First Result
	Alike []string // the ids of the others
}

// Unlike are the failures without a cause, grouped.
func (r *Report) Unlike() []*alike {
	var groups []*alike
	for _, result := range r.Unexplained() {
		i := slices.IndexFunc(groups, func(g *alike) bool {
			return g.First.Family() == result.Family() && g.First.BugType == result.BugType && g.First.Outcome == result.Outcome &&
				len(g.First.Flags) > 0 && len(result.Flags) > 0 && g.First.Flags[0] == result.Flags[0]
		})
		if i < 0 {
			groups = append(groups, &alike{First: result})
		} else {
			groups[i].Alike = append(groups[i].Alike, result.ID)
		}
	}
	return groups
}

// rank orders failures: unknown before known, the worst bug first.
func rank(r Result) int {
	rank := slices.Index(worstFirst, r.BugType)
	if r.Outcome == string(conformance.Known) {
		rank += 10
	}
	return rank
}

// With returns a result with the report that it is part of.
func (r *Report) With(result Result) resultView { return resultView{r, result} }

type resultView struct {
	Report *Report
	Result
}

// BugReport is the failure as a bug report in Markdown.
func (v resultView) BugReport() string { return v.Report.BugReport(&v.Result) }

// Tone is the class that colours the result.
func (r Result) Tone() string {
	switch conformance.Outcome(r.Outcome) {
	case conformance.Fails:
		return tone(r.BugType)
	case conformance.Unjudged:
		return "unjudged"
	default:
		return r.Outcome
	}
}

// tone is the class that colours a bug type.
func tone(kind vectors.BugType) string {
	return map[vectors.BugType]string{vectors.FalseAccept: "accept", vectors.FalseReject: "reject", vectors.Crash: "crash", vectors.Malleability: "malleable"}[kind]
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

// SearchText is what a search looks through beside the id and the comment.
func (r Result) SearchText() string {
	words := append([]string{r.Verdict, r.Outcome, string(r.BugType), r.Cause, r.Question, r.Answer, r.Source.Kind, r.Source.Ref, r.Request.URL.Data}, r.Rules...)
	return strings.Join(append(words, r.Flags...), " ")
}
