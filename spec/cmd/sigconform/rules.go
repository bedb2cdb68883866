package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"sigconform/spec/report"
	"sigconform/vectors"
)

type rulesCmd struct {
	Slug string `arg:"" optional:"" help:"The rule or question to show, with its vectors."`
	JSON bool   `help:"Write JSON: the rulebook as it is in rules.json."`
}

// Help is shown by 'sigconform rules --help'.
func (c *rulesCmd) Help() string {
	return `  sigconform rules                     all of them, with the number of vectors of each
  sigconform rules port-kept           one rule, and the vectors that it demands
  sigconform rules duplicate-names     one question, its answers, and the vectors that tell them apart`
}

// Run prints what the vectors are about, and how many there are for each.
func (c *rulesCmd) Run() error {
	book, all := vectors.Rules(), vectors.Builtin().Vectors()
	rule, isRule := book.Rules[c.Slug]
	question, isQuestion := book.Questions[c.Slug]
	switch {
	case c.JSON && c.Slug == "":
		return writeJSON(stdout, book)
	case c.JSON:
		return usage(fmt.Errorf("--json writes all rules; leave %s out", c.Slug))
	case c.Slug == "":
		listRules(stdout, book, all)
	case isRule:
		showRule(stdout, c.Slug, rule, all)
	case isQuestion:
		showQuestion(stdout, c.Slug, question, all)
	default:
		known := map[string]bool{}
		for slug := range book.Rules {
			known[slug] = true
		}
		for slug := range book.Questions {
			known[slug] = true
		}
		hint := "'sigconform rules' lists them"
		if near := vectors.Nearest(c.Slug, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		return usage(fmt.Errorf("there is no rule and no question %s\n    %s", c.Slug, hint))
	}
	return nil
}

// listRules prints the table of all rules and questions.
func listRules(out io.Writer, book *vectors.Rulebook, all []*vectors.Vector) {
	count := map[string]int{}
	for _, v := range all {
		for _, rule := range v.Rules {
			count[rule+" "+string(v.Result)]++
		}
		if v.Question != "" {
			count[v.Question]++
		}
	}
	fmt.Fprintf(out, "%-28s %6s %8s   %s\n", fmt.Sprintf("RULES (%d)", len(book.Rules)), "accept", "reject",
		"what a validator must do, and where that comes from")
	for _, slug := range slices.Sorted(maps.Keys(book.Rules)) {
		rule := book.Rules[slug]
		valid, invalid := fmt.Sprint(count[slug+" valid"]), fmt.Sprint(count[slug+" invalid"])
		if rule.EndpointsOnly {
			valid, invalid = "–", "–"
		}
		fmt.Fprintf(out, "%-28s %6s %8s   %s\n", slug, valid, invalid, wrap(rule.Says+" ["+rule.Source.String()+"]", 47, 118))
	}
	fmt.Fprintf(out, "\n– only a running endpoint can be tested\n\n")
	fmt.Fprintf(out, "%-28s %15s   %s\n", fmt.Sprintf("QUESTIONS (%d)", len(book.Questions)), "vectors",
		"what the docs leave open, and the answers; * is recommended")
	for _, slug := range slices.Sorted(maps.Keys(book.Questions)) {
		question := book.Questions[slug]
		answers := slices.Sorted(maps.Keys(question.Answers))
		if question.Recommended == "rejected" {
			answers = append(answers, "rejected")
		}
		for i, answer := range answers {
			if answer == question.Recommended {
				answers[i] += "*"
			}
		}
		fmt.Fprintf(out, "%-28s %15d   %s\n", slug, count[slug], wrap(question.Asks+" "+strings.Join(answers, " · "), 47, 118))
	}
	results := tally(all)
	fmt.Fprintf(out, "\n%s. 'sigconform rules SLUG' shows one with its vectors.\n", results)
}

// showRule prints a rule and the vectors that it demands.
func showRule(out io.Writer, slug string, rule vectors.Rule, all []*vectors.Vector) {
	fmt.Fprintf(out, "%s (rule)\n  %s\n  Source: %s\n", slug, wrap(rule.Says, 2, 110), rule.Source)
	if rule.NeedsBody {
		fmt.Fprintln(out, "  A validator that is given decoded parameters cannot break it and is not judged by it.")
	}
	if rule.EndpointsOnly {
		fmt.Fprintln(out, "  Only a running endpoint can be tested.")
		return
	}
	for _, result := range []vectors.Result{vectors.Valid, vectors.Invalid} {
		about := slices.DeleteFunc(slices.Clone(all), func(v *vectors.Vector) bool {
			return v.Result != result || !slices.Contains(v.Rules, slug)
		})
		fmt.Fprintf(out, "\nMust be %s (%d)\n", expectation(result), len(about))
		listVectors(out, about, "  ")
	}
}

// showQuestion prints a question, and for each answer the vectors whose
// acceptance gives it.
func showQuestion(out io.Writer, slug string, question vectors.OpenQuestion, all []*vectors.Vector) {
	fmt.Fprintf(out, "%s (question)\n  %s\n", slug, wrap(question.Asks, 2, 110))
	if question.NeedsBody {
		fmt.Fprintln(out, "  A validator that is given decoded parameters is not tested.")
	}
	if question.Recommended != "" {
		fmt.Fprintf(out, "  Recommended: %s. %s\n", question.Recommended, wrap(question.Why, 2, 110))
	}
	fmt.Fprintf(out, "  sigconform run --require %s=ANSWER makes a rule of it; ANSWER may also be \"rejected\".\n", slug)
	for _, answer := range slices.Sorted(maps.Keys(question.Answers)) {
		fmt.Fprintf(out, "\n%s: %s. Who answers so accepts\n", answer, question.Answers[answer])
		listVectors(out, slices.DeleteFunc(slices.Clone(all), func(v *vectors.Vector) bool {
			return v.Question != slug || v.Answer != answer
		}), "  ")
	}
}

// wrap breaks a text into lines of that width, all but the first of them
// indented.
func wrap(text string, indent, width int) string {
	return strings.Join(report.Wrap(text, width-indent), "\n"+strings.Repeat(" ", indent))
}
