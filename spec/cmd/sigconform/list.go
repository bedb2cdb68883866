package main

import (
	"fmt"
	"io"

	"sigconform/spec/conformance"
	"sigconform/vectors"
)

type listCmd struct {
	ID []string `arg:"" optional:"" help:"Only the vectors with this id or glob." placeholder:"GLOB"`

	Family   string `help:"Only this family." placeholder:"NAME"`
	Rule     string `help:"Only what this rule demands." placeholder:"SLUG"`
	Question string `help:"Only what asks this question." placeholder:"SLUG"`
	Result   string `help:"Only valid, invalid or question." placeholder:"RESULT"`
	Source   string `help:"Only from norm, sdk-test, field or derived." placeholder:"KIND"`
	Issue    string `help:"Only what shows the mistake of a public thread: twilio-node#1183, or its address." placeholder:"THREAD"`
	Bug      string `help:"Only what shows this kind of bug: FALSE_ACCEPT, FALSE_REJECT, CRASH, MALLEABILITY." placeholder:"TYPE"`
	Filter   string `help:"Only what matches this expression over labels, as for 'sigconform run'." placeholder:"EXPR"`
	AsOf     string `help:"Only what this version had, as in 1.0." placeholder:"VERSION"`
	Vectors  string `help:"List this folder instead of the built-in vectors." placeholder:"DIR"`
	Defects  bool   `help:"Say of each vector which known mistakes it is for, and which vectors none is for."`
	JSON     bool   `help:"Write JSON."`
}

// Help is shown by 'sigconform list --help'.
func (c *listCmd) Help() string {
	return `  sigconform list --rule port-kept --result invalid
  sigconform list 'url-*' --source sdk-test
  sigconform list --issue twilio-node#1183
  sigconform list --result invalid --defects
  sigconform list --question duplicate-names --json | jq -r '.[].id'`
}

// Run lists the vectors that are meant.
func (c *listCmd) Run() error {
	corpus, err := corpusOf(c.Vectors)
	if err != nil {
		return usage(err)
	}
	all, err := asOf(corpus, c.AsOf)
	if err != nil {
		return usage(err)
	}
	if c.Issue != "" {
		if all, err = vectors.OfThread(all, c.Issue); err != nil {
			return usage(err)
		}
	}
	filter := c.Filter
	for _, label := range []struct{ name, value string }{
		{"family", c.Family}, {"rule", c.Rule}, {"question", c.Question},
		{"result", c.Result}, {"source", c.Source}, {"bug", c.Bug},
	} {
		if label.value == "" {
			continue
		}
		if filter != "" {
			filter = "(" + filter + ") && "
		}
		filter += label.name + ":" + label.value
	}
	selected, err := conformance.Selection{IDs: c.ID, Filter: filter}.Select(all)
	if err != nil {
		return usage(err)
	}
	if c.Defects {
		return listCaught(stdout, selected, c.JSON)
	}
	if c.JSON {
		rows := []vectorRow{}
		for _, v := range selected {
			rows = append(rows, rowOfVector(v))
		}
		return writeJSON(stdout, rows)
	}
	listVectors(stdout, selected, "")
	fmt.Fprintf(stdout, "\n%s\n", tally(selected))
	return nil
}

// vectorRow is a vector as it is listed as JSON.
type vectorRow struct {
	ID       string         `json:"id"`
	Comment  string         `json:"comment"`
	Result   vectors.Result `json:"result"`
	Question string         `json:"question,omitempty"`
	Answer   string         `json:"answer,omitempty"`
	Rules    []string       `json:"rules,omitempty"`
	Flags    []string       `json:"flags,omitempty"`
	BugType  string         `json:"bugType,omitempty"` // of a validator that fails it
	Source   vectors.Source `json:"source"`
	Needs    string         `json:"needs,omitempty"`
	Since    string         `json:"since,omitempty"` // the version that first had it, or next
	File     string         `json:"file"`
	Line     int            `json:"line"`
}

func rowOfVector(v *vectors.Vector) vectorRow {
	row := vectorRow{
		ID: v.ID, Comment: v.Comment, Result: v.Result, Question: v.Question, Answer: v.Answer,
		Rules: v.Rules, Flags: v.Flags, Source: v.Source, Needs: v.Needs, Since: v.Since, File: v.Family.File, Line: v.Line,
	}
	if v.Result != vectors.Question {
		row.BugType = string(v.BugType())
	}
	return row
}

// corpusOf loads a folder, or the built-in vectors if none is named.
func corpusOf(dir string) (*vectors.Corpus, error) {
	if dir == "" {
		return vectors.Builtin(), nil
	}
	return vectors.Load(dir)
}

// listVectors prints a line for each vector.
func listVectors(out io.Writer, all []*vectors.Vector, indent string) {
	ids, results := 0, 0
	for _, v := range all {
		ids, results = max(ids, len(v.ID)), max(results, len(expects(v)))
	}
	for _, v := range all {
		fmt.Fprintf(out, "%s%-*s  %-*s  %s\n", indent, ids, v.ID, results, expects(v), v.Comment)
	}
}

// expects says in a word what a vector expects: accept, reject, or the question
// and the answer that it stands for.
func expects(v *vectors.Vector) string {
	switch v.Result {
	case vectors.Valid:
		return "accept"
	case vectors.Invalid:
		return "reject"
	default:
		return v.Question + "=" + v.Answer
	}
}

// expectation is the result as the end of "must be".
func expectation(result vectors.Result) string {
	return map[vectors.Result]string{vectors.Valid: "accepted", vectors.Invalid: "rejected"}[result]
}

// tally counts vectors in a sentence.
func tally(all []*vectors.Vector) string {
	results, families := map[vectors.Result]int{}, map[string]bool{}
	for _, v := range all {
		results[v.Result]++
		families[v.Family.Name] = true
	}
	return fmt.Sprintf("%s in %s: %d must be accepted, %d rejected, %d ask a question",
		plural(len(all), "vector", "vectors"), plural(len(families), "family", "families"),
		results[vectors.Valid], results[vectors.Invalid], results[vectors.Question])
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
