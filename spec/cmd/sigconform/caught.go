package main

import (
	"fmt"
	"io"
	"strings"

	"sigconform/reference/defect"
	"sigconform/vectors"
)

// This file says which known mistakes a vector is for.

// mostShownDefects is how many mistakes of a vector are shown.
const mostShownDefects = 12

// showCaught prints the mistakes that a vector catches which must be rejected. Of one
// that must be accepted it would be most that there are.
func showCaught(s *sheet, v *vectors.Vector) {
	if v.Result != vectors.Invalid {
		return
	}
	caught, sent := vectors.CaughtBy([]*vectors.Vector{v})[v.ID]
	if !sent {
		return
	}
	s.heading(fmt.Sprintf("Catches (%d of the mistakes that 'sigconform defects' lists)", len(caught.By)+len(caught.Any)))
	for i, variant := range caught.By {
		if i == mostShownDefects {
			s.lines(fmt.Sprintf("… and %d more", len(caught.By)-i))
			break
		}
		s.lines(fmt.Sprintf("%s: it %s", variant.Key(), variant.Says()))
	}
	if len(caught.By) == 0 {
		s.lines(forWhat(v, caught))
	}
	if n := len(caught.Any); n > 0 {
		s.lines(fmt.Sprintf("%s that many vectors catch: %s", plural(n, "mistake", "mistakes"), caughtKeys(caught.Any, 3)))
	}
}

// forWhat says why no mistake in signing is caught by the vector.
func forWhat(v *vectors.Vector, caught vectors.Caught) string {
	switch {
	case v.NoDefect != "":
		return v.NoDefect
	case v.IsForgery(caught):
		return "It is signed rightly, but for another request or with another key: " +
			"whoever accepts it does not compare at all, or not with this request."
	default:
		return "No mistake is for it alone."
	}
}

func caughtKeys(variants []defect.Variant, most int) string {
	var keys []string
	for _, variant := range variants[:min(len(variants), most)] {
		keys = append(keys, variant.Key())
	}
	if over := len(variants) - len(keys); over > 0 {
		keys = append(keys, fmt.Sprintf("… and %d more", over))
	}
	return strings.Join(keys, ", ")
}

// caughtRow is what a vector catches, as JSON.
type caughtRow struct {
	ID     string         `json:"id"`
	Result vectors.Result `json:"result"`
	For    []string       `json:"for"`           // keys of mistakes
	Any    []string       `json:"any"`           // of those that many vectors catch
	Why    string         `json:"why,omitempty"` // no mistake is for it
}

// listCaught prints, for each vector, the mistakes that it is for, and counts those
// that no mistake is for.
func listCaught(out io.Writer, selected []*vectors.Vector, asJSON bool) error {
	caught := vectors.CaughtBy(selected)
	rows, without, width := []caughtRow{}, map[string][]string{}, 0
	for _, v := range selected {
		width = max(width, len(v.ID))
	}
	var reasons []string
	for _, v := range selected {
		c, sent := caught[v.ID]
		if !sent {
			continue
		}
		row := caughtRow{ID: v.ID, Result: v.Result, For: []string{}, Any: []string{}}
		for _, variant := range c.By {
			row.For = append(row.For, variant.Key())
		}
		for _, variant := range c.Any {
			row.Any = append(row.Any, variant.Key())
		}
		text := caughtKeys(c.By, 3)
		if len(c.By) == 0 {
			row.Why = forWhat(v, c)
			text = "–"
			if without[row.Why] == nil {
				reasons = append(reasons, row.Why)
			}
			without[row.Why] = append(without[row.Why], v.ID)
		}
		rows = append(rows, row)
		if !asJSON {
			fmt.Fprintf(out, "%-*s  %s\n", width, v.ID, text)
		}
	}
	if asJSON {
		return writeJSON(out, rows)
	}
	fmt.Fprintf(out, "\n%s\n", tally(selected))
	for _, reason := range reasons {
		fmt.Fprintf(out, "%d catch only what any vector catches: %s\n", len(without[reason]), reason)
	}
	return nil
}
