package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"sigconform/vectors"
)

type rulesCmd struct{}

// Run prints what the vectors are about, and how many there are for each.
func (rulesCmd) Run() error {
	printRules(os.Stdout, vectors.Rules(), vectors.Builtin().Vectors())
	return nil
}

func printRules(out io.Writer, book *vectors.Rulebook, all []*vectors.Vector) {
	count := map[string]int{}
	for _, v := range all {
		for _, rule := range v.Rules {
			count[rule+" "+string(v.Result)]++
		}
		count[v.Question]++
	}
	fmt.Fprintf(out, "RULES (%d): what a validator must satisfy\n%-26s %6s %8s\n", len(book.Rules), "", "valid", "invalid")
	for _, slug := range slices.Sorted(maps.Keys(book.Rules)) {
		rule := book.Rules[slug]
		if rule.EndpointsOnly {
			fmt.Fprintf(out, "%-26s  only a running endpoint can be asked\n", slug)
		} else {
			fmt.Fprintf(out, "%-26s %6d %8d\n", slug, count[slug+" valid"], count[slug+" invalid"])
		}
		fmt.Fprintf(out, "    %s\n    %s: %s\n", rule.Says, rule.Source.Kind, rule.Source.Ref)
	}
	fmt.Fprintf(out, "\nQUESTIONS (%d): what the norm leaves open\n", len(book.Questions))
	for _, slug := range slices.Sorted(maps.Keys(book.Questions)) {
		question := book.Questions[slug]
		fmt.Fprintf(out, "%-28s %4d\n    %s\n    answers: %s\n", slug, count[slug], question.Asks, strings.Join(slices.Sorted(maps.Keys(question.Answers)), ", "))
		if question.Recommended != "" {
			fmt.Fprintf(out, "    recommended: %s. %s\n", question.Recommended, question.Why)
		}
	}
}
