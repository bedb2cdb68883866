package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// Matrix sets several reports side by side: it is matrix.json, as
// matrix.schema.json describes it, and everything that the page and the text
// show. Like reports, it holds untrusted text.
type Matrix struct {
	Schema     int            `json:"schema"` // the version of this format: 3
	Date       time.Time      `json:"date"`
	Version    string         `json:"sigconform"` // which made it
	Validators []Column       `json:"validators"`
	Skipped    []Skipped      `json:"skipped,omitempty"` // what could not be tested
	Rules      []RuleRow      `json:"rules"`
	Mistakes   []MistakeRow   `json:"mistakes"`
	Questions  []QuestionRow  `json:"questions"`
	Nobody     []NobodyRow    `json:"nobody"` // vectors that no validator got right
	Notes      []string       `json:"notes,omitempty"`
	rules      map[string]int // slug to its place in Rules
}

// Column is a validator.
type Column struct {
	Key string `json:"key"` // a short name, which is a folder too
	Validator
	Date    time.Time      `json:"date"`
	Suite   Suite          `json:"vectors"`
	Status  int            `json:"status"`
	Stopped string         `json:"stopped,omitempty"`
	Counts  map[string]int `json:"counts"`            // results by outcome
	Bugs    map[string]int `json:"failuresByBug"`     // failures, known ones too, by bug type
	Causes  []Cause        `json:"causes,omitempty"`  // what explains its failures
	Unknown int            `json:"unexplained"`       // failures that no cause explains
	Strict  bool           `json:"strict,omitempty"`  // errors and other spellings count as failures
	Partial bool           `json:"partial,omitempty"` // only a part of the vectors was sent
}

// Skipped is a validator that could not be tested, and why.
type Skipped struct {
	Validator
	Reason string `json:"reason"`
}

// RuleRow is a rule, with a cell for each validator by its key.
type RuleRow struct {
	Rule  string          `json:"rule"`
	Says  string          `json:"says"`
	Cells map[string]Cell `json:"cells"`
}

// Cell is what came of a rule at a validator. A known failure is a failure.
type Cell struct {
	Holds    int       `json:"passed"`
	Unjudged int       `json:"skipped,omitempty"`
	Failures []Failure `json:"failures,omitempty"` // the worst first
}

// Failure is a vector that a validator gets wrong.
type Failure struct {
	ID      string          `json:"id"`
	BugType vectors.BugType `json:"bugType"`
	Cause   string          `json:"cause,omitempty"` // the defect that explains it
	Known   bool            `json:"known,omitempty"`
}

// MistakeRow is a defect, with the number of failures that it explains by
// validator.
type MistakeRow struct {
	Defect   string         `json:"defect"`
	Says     string         `json:"says"`
	Explains map[string]int `json:"explains"`
}

// QuestionRow is a question, with the answers by validator.
type QuestionRow struct {
	Question    string              `json:"question"`
	Asks        string              `json:"asks"`
	Recommended string              `json:"recommended,omitempty"`
	Replies     map[string]Answered `json:"replies"`
}

// Answered is a validator's answer to a question.
type Answered struct {
	Accepted []string `json:"accepted"`
	Other    []string `json:"other,omitempty"`
	Words    string   `json:"words"` // the same in words
}

// NobodyRow is a vector that no validator gets right.
type NobodyRow struct {
	ID      string   `json:"id"`
	Comment string   `json:"comment"`
	Rules   []string `json:"rules,omitempty"`
	Asked   int      `json:"asked"` // how many validators were judged by it
}

// NewMatrix sets reports side by side, in their order.
func NewMatrix(reports []*Report, skipped []Skipped, version string, date time.Time) *Matrix {
	m := &Matrix{
		Schema: schemaVersion, Version: version, Date: date.UTC().Truncate(time.Second), Skipped: skipped,
		Validators: []Column{}, Rules: []RuleRow{}, Mistakes: []MistakeRow{}, Questions: []QuestionRow{}, Nobody: []NobodyRow{},
		rules: map[string]int{},
	}
	mistakes, questions := map[string]*MistakeRow{}, map[string]*QuestionRow{}
	for i, key := range keys(reports) {
		r := reports[i]
		m.add(key, r)
		for _, cause := range r.Causes {
			row := mistakes[cause.Defect]
			if row == nil {
				row = &MistakeRow{cause.Defect, cause.Says, map[string]int{}}
				mistakes[cause.Defect] = row
			}
			row.Explains[key] = len(cause.Explains)
		}
		for slug, reply := range r.Questions {
			row := questions[slug]
			if row == nil {
				row = &QuestionRow{slug, reply.Asks, reply.Recommended, map[string]Answered{}}
				questions[slug] = row
			}
			row.Replies[key] = Answered{reply.Accepted, reply.Other, reply.Words}
		}
	}
	for _, slug := range slices.Sorted(maps.Keys(questions)) {
		m.Questions = append(m.Questions, *questions[slug])
	}
	for _, defect := range slices.Sorted(maps.Keys(mistakes)) {
		m.Mistakes = append(m.Mistakes, *mistakes[defect])
	}
	slices.SortStableFunc(m.Mistakes, func(a, b MistakeRow) int { return len(b.Explains) - len(a.Explains) })
	slices.SortStableFunc(m.Rules, func(a, b RuleRow) int { return cmp.Compare(a.Rule, b.Rule) })
	m.Nobody = nobody(reports)
	m.Notes = notes(reports)
	return m
}

// add adds a column and its cells.
func (m *Matrix) add(key string, r *Report) {
	column := Column{
		Key: key, Validator: r.Validator, Date: r.Date, Suite: r.Suite, Status: r.Status, Stopped: r.Stopped,
		Counts: r.counts(), Bugs: map[string]int{}, Causes: r.Causes, Partial: r.Selection != nil, Strict: r.Strict,
	}
	for _, result := range r.Results {
		if result.Failed() {
			column.Bugs[string(result.BugType)]++
			if result.Cause == "" {
				column.Unknown++
			}
		}
		if result.Outcome == string(conformance.NotApplicable) {
			continue
		}
		for _, slug := range result.Rules {
			m.row(slug, r.Rules[slug].Says).count(key, result)
		}
	}
	m.Validators = append(m.Validators, column)
}

func (m *Matrix) row(slug, says string) *RuleRow {
	at, known := m.rules[slug]
	if !known {
		at = len(m.Rules)
		m.rules[slug] = at
		m.Rules = append(m.Rules, RuleRow{slug, says, map[string]Cell{}})
	}
	return &m.Rules[at]
}

func (row *RuleRow) count(key string, result Result) {
	cell := row.Cells[key]
	switch conformance.Outcome(result.Outcome) {
	case conformance.Passed:
		cell.Holds++
	case conformance.Skipped:
		cell.Unjudged++
	case conformance.Failed, conformance.Known:
		known := result.Outcome == string(conformance.Known)
		cell.Failures = append(cell.Failures, Failure{result.ID, result.BugType, result.Cause, known})
		slices.SortStableFunc(cell.Failures, func(a, b Failure) int {
			return slices.Index(worstFirst, a.BugType) - slices.Index(worstFirst, b.BugType)
		})
	}
	row.Cells[key] = cell
}

// Group is a table of the matrix: validators of one kind.
type Group struct {
	Title   string // "" if the matrix has one table
	Columns []Column
}

// Groups are the tables, in the order in which their first validators come.
func (m *Matrix) Groups() []Group {
	var groups []Group
	for _, column := range m.Validators {
		i := slices.IndexFunc(groups, func(g Group) bool { return g.Title == column.Group })
		if i < 0 {
			i = len(groups)
			groups = append(groups, Group{Title: column.Group})
		}
		groups[i].Columns = append(groups[i].Columns, column)
	}
	if len(groups) == 1 {
		groups[0].Title = ""
	} else if i := slices.IndexFunc(groups, func(g Group) bool { return g.Title == "" }); i >= 0 {
		groups[i].Title = "Others"
	}
	return groups
}

// Judged is how many vectors were judged.
func (c Cell) Judged() int { return c.Holds + len(c.Failures) }

// Worst is the worst bug type of its failures; "" if there are none.
func (c Cell) Worst() vectors.BugType {
	if len(c.Failures) == 0 {
		return ""
	}
	return c.Failures[0].BugType
}

// keys names the columns: letters, digits and dashes of the validator's name,
// and where two are alike their version or a number.
func keys(reports []*Report) []string {
	var keys []string
	for _, r := range reports {
		key := slug(r.Validator.Name)
		if key == "index.html" || key == "matrix.json" { // beside which its folder is written
			key = "validator-" + key
		}
		if slices.Contains(keys, key) && r.Validator.Version != "" {
			key = slug(r.Validator.Name + "-" + r.Validator.Version)
		}
		for n, base := 2, key; slices.Contains(keys, key); n++ {
			key = fmt.Sprintf("%s-%d", base, n)
		}
		keys = append(keys, key)
	}
	return keys
}

func slug(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.'
	})
	slug := strings.Trim(strings.Join(words, "-"), ".-")
	slug = strings.Trim(slug[:min(len(slug), 40)], ".-")
	return cmp.Or(slug, "validator")
}

// nobody returns the vectors that at least two validators were judged by, and
// that all of these get wrong.
func nobody(reports []*Report) []NobodyRow {
	rows := []NobodyRow{}
	at := map[string]int{}
	right := map[string]bool{}
	for _, r := range reports {
		for _, result := range r.Results {
			if result.Outcome == string(conformance.Passed) {
				right[result.ID] = true
			}
			if !result.Failed() {
				continue
			}
			i, known := at[result.ID]
			if !known {
				i = len(rows)
				at[result.ID] = i
				rows = append(rows, NobodyRow{ID: result.ID, Comment: result.Comment, Rules: result.Rules})
			}
			rows[i].Asked++
		}
	}
	return slices.DeleteFunc(rows, func(row NobodyRow) bool { return right[row.ID] || row.Asked < 2 })
}

// notes says what a reader should know before he compares.
func notes(reports []*Report) []string {
	var notes []string
	digests, versions := map[string]bool{}, map[string]bool{}
	for _, r := range reports {
		digests[r.Suite.Digest] = true
		versions[r.Suite.Version] = true
	}
	if len(digests) > 1 {
		notes = append(notes, fmt.Sprintf(
			"The reports were made with %d different sets of vectors: numbers of vectors differ for that reason too.", len(digests)))
	}
	if len(versions) > 1 {
		notes = append(notes, "The reports were made with different versions of sigconform: "+
			strings.Join(slices.Sorted(maps.Keys(versions)), ", ")+".")
	}
	for i, key := range keys(reports) {
		if reports[i].Selection != nil {
			notes = append(notes, key+" was sent only a part of the vectors.")
		}
		if reports[i].Strict {
			notes = append(notes, key+" was tested with --strict: errors "+
				"where a rejection was due, and other spellings of a signature, count as failures of it alone.")
		}
	}
	return notes
}

// JSON returns matrix.json.
func (m *Matrix) JSON() ([]byte, error) { return encode(m) }
