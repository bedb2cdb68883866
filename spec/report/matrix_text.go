package report

import (
	"fmt"
	"strings"
)

// Text returns the matrix for a terminal: the validators by number, rules and
// questions by validator, and what nobody gets right.
func (m *Matrix) Text() string {
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	number := map[string]string{}
	for i, v := range m.Validators {
		number[v.Key] = fmt.Sprintf("[%d]", i+1)
	}
	for _, group := range m.Groups() {
		if group.Title != "" {
			line("%s", Clean(group.Title, 60))
		}
		out.WriteString(columns(totals(group, number)))
	}
	for _, s := range m.Skipped {
		line(" –   %s %s skipped: %s", Clean(s.Name, 40), Clean(s.Version, 20), Clean(s.Reason, 300))
	}

	for _, group := range m.Groups() {
		heading := []string{strings.TrimSpace("rules " + Clean(group.Title, 60))}
		for _, v := range group.Columns {
			heading = append(heading, number[v.Key])
		}
		rows := [][]string{heading}
		for _, rule := range m.Rules {
			row := []string{Clean(rule.Rule, 60)}
			for _, v := range group.Columns {
				row = append(row, cellText(rule.Cells[v.Key]))
			}
			rows = append(rows, row)
		}
		line("")
		out.WriteString(columns(rows))
	}

	if len(m.Mistakes) > 0 {
		line("\nmistakes, and how many failures each explains")
		for _, mistake := range m.Mistakes {
			var who []string
			for i, v := range m.Validators {
				if n := mistake.Explains[v.Key]; n > 0 {
					who = append(who, fmt.Sprintf("[%d] %d", i+1, n))
				}
			}
			line("  it %s (%s)\n      %s", Clean(mistake.Says, 120), Clean(mistake.Defect, 60), strings.Join(who, "  "))
		}
	}
	if len(m.Questions) > 0 {
		line("\nquestions that they answer differently")
		alike := 0
		for _, question := range m.Questions {
			var answers []string
			given := answersOf(m, question)
			if len(given) == 1 {
				alike++
				continue
			}
			for _, answer := range given {
				answers = append(answers, strings.Join(answer.who, "")+" "+Clean(answer.words, 120))
			}
			line("  %s", Clean(question.Question, 60))
			for _, answer := range answers {
				line("      %s", answer)
			}
		}
		if alike > 0 {
			line("  … and %s that all answer alike: matrix.json and the page have them", plural(alike, "more question"))
		}
	}
	if len(m.Nobody) > 0 {
		line("\nwhat nobody gets right")
		for _, row := range m.Nobody {
			line("  %s   %s", Clean(row.ID, 200), Clean(row.Comment, 100))
		}
	}
	for _, note := range m.Notes {
		line("note: %s", Clean(note, 300))
	}
	return out.String()
}

// totals are the lines of a group's validators: how many vectors passed, and what
// failed by kind.
func totals(group Group, number map[string]string) [][]string {
	rows := [][]string{}
	for _, v := range group.Columns {
		said := fmt.Sprintf("%d of %d passed", v.Counts["passed"], v.Judged())
		for _, kind := range worstFirst {
			if n := v.Bugs[string(kind)]; n > 0 {
				said += ", " + plural(n, bugName(kind))
			}
		}
		if v.Stopped != "" {
			said = "nothing proven: " + Clean(v.Stopped, 80)
		}
		version := Clean(v.Version, 60)
		rows = append(rows, []string{number[v.Key], Clean(v.Name, 40), version, v.Date.Format("2006-01-02"), said})
	}
	return rows
}

// answerBy is an answer to a question, and whose it is.
type answerBy struct {
	words string
	who   []string
}

// answersOf groups the validators by their answer to a question.
func answersOf(m *Matrix, question QuestionRow) []*answerBy {
	var answers []*answerBy
	for i, v := range m.Validators {
		reply, asked := question.Replies[v.Key]
		if !asked {
			continue
		}
		var same *answerBy
		for _, answer := range answers {
			if answer.words == reply.Words {
				same = answer
			}
		}
		if same == nil {
			same = &answerBy{words: reply.Words}
			answers = append(answers, same)
		}
		same.who = append(same.who, fmt.Sprintf("[%d]", i+1))
	}
	return answers
}

func cellText(c Cell) string {
	switch {
	case c.Judged() == 0:
		return "–"
	case len(c.Failures) == 0:
		return fmt.Sprintf("✓ %d", c.Holds)
	default:
		return fmt.Sprintf("✗ %d/%d", len(c.Failures), c.Judged())
	}
}
