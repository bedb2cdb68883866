package main

import (
	"context"
	"fmt"
	"slices"

	"sigconform/fuzz"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/spec/conformance"
	"sigconform/spec/endpoint"
	"sigconform/spec/report"
	"sigconform/vectors"
)

// This file tries the ways past the guard of an endpoint that is fuzzed. No request is
// drawn for them: what leads past a guard is a matter of paths, methods and headers.

// guardRun is what came of it; the zero value is that of a target without a guard.
type guardRun struct {
	plan *endpoint.Plan
	run  *conformance.Run
}

// askGuard sends the checks of the endpoint's guard, if there is an endpoint.
func askGuard(ctx context.Context, e *endpoint.Endpoint) (guardRun, error) {
	if e == nil {
		return guardRun{}, nil
	}
	plan := e.Plan(nil)
	run, err := plan.AskGuard(ctx)
	return guardRun{plan, run}, err
}

// holes are the ways past the guard that the findings of the report do not explain.
func (g guardRun) holes(r *fuzz.Report) []*conformance.Cause {
	if g.plan == nil {
		return nil
	}
	var found []defect.Variant
	for _, finding := range r.Findings {
		found = append(found, finding.Causes...)
	}
	return g.plan.Holes(g.run, found)
}

// withoutShown takes the findings out of a report that show nothing but a hole.
func withoutShown(r *fuzz.Report, holes []*conformance.Cause) {
	r.Findings = slices.DeleteFunc(r.Findings, func(f *fuzz.Finding) bool {
		return f.BugType() == vectors.FalseAccept && slices.ContainsFunc(holes, func(hole *conformance.Cause) bool {
			return endpoint.Absorbs(hole, f.Case.Request)
		})
	})
}

// blameProxy makes one finding of those about URLs that the proxy in front of an endpoint
// may have rewritten.
func blameProxy(r *fuzz.Report, e *endpoint.Endpoint) {
	if e == nil {
		return
	}
	var first *fuzz.Finding
	r.Findings = slices.DeleteFunc(r.Findings, func(f *fuzz.Finding) bool {
		cause, advice, is := e.RewrittenBy(f.Case.Request.URL)
		aboutURL := !slices.ContainsFunc(f.Causes, func(v defect.Variant) bool { return v.Breaks != "url-verbatim" })
		switch {
		case !is || !aboutURL || f.BugType() != vectors.FalseReject:
			return false
		case first != nil:
			first.Count += f.Count
			return true
		}
		first = f
		named := *cause.Defect
		named.Hint = advice + ". " + named.Hint
		f.Causes, f.Equals, f.Nearest, f.State = []defect.Variant{{Defect: &named}}, nil, nil, diagnosis.Likely
		f.Key, f.Probed, f.Accepted = named.Slug, 0, 0
		return false
	})
}

// unknownHoles are the holes that no list of known failures names.
func (f *fuzzKnownFlags) unknownHoles() []*conformance.Cause {
	return slices.DeleteFunc(f.holes, func(hole *conformance.Cause) bool {
		for _, name := range []string{hole.Defect.Key(), hole.Explains[0].Vector.ID} {
			if reason := f.known.Reason(name); reason != "" {
				fmt.Fprintf(stdout, "≈ known: %s: %s\n", name, reason)
				f.met = append(f.met, name)
				return true
			}
		}
		return false
	})
}

// writeHoles writes what leads past the guard, and what to do about it.
func (c *fuzzCmd) writeHoles(holes []*conformance.Cause) {
	for _, hole := range holes {
		example := hole.Explains[0]
		fmt.Fprintf(stdout, "✗ %s  %s: %s\n", example.Kind, hole.Defect.Key(), report.Clean(example.Why, 300))
		fmt.Fprintf(stdout, "    cause         %s: it %s\n", hole.State, hole.Defect.Says())
		for _, line := range append([]string{hole.Defect.Hint()}, example.Advice...) {
			fmt.Fprintf(stdout, "                  %s\n", line)
		}
		fmt.Fprintf(stdout, "    sent          %s\n", example.Vector.Comment)
		fmt.Fprintf(stdout, "    repeat        %s\n\n", c.again("run", "--id", example.Vector.ID))
	}
}
