// Package spec answers: does it hold? It is the vectors as a Ginkgo tree: one
// container for each family, one spec for each vector, whose place is in its
// JSON file and whose labels are the vector's. Everything else is in plain
// packages: conformance asks and judges, report writes.
package spec

import (
	"context"
	"fmt"
	"io"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// Declare adds the specs for the selected vectors to Ginkgo's tree. The
// validator is asked everything at once by ask, before the first spec runs;
// each spec then looks at its own result. Call it once, before RunSpecs.
func Declare(selected []*vectors.Vector, ask func(context.Context) *conformance.Run) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	results := map[string]*conformance.Result{}
	ginkgo.BeforeSuite(func(ctx ginkgo.SpecContext) {
		for _, r := range ask(ctx).Results {
			results[r.Vector.ID] = r
		}
	})
	for start := 0; start < len(selected); {
		family := selected[start].Family
		end := start
		for end < len(selected) && selected[end].Family == family {
			end++
		}
		members := selected[start:end]
		ginkgo.Describe(family.Title, at(family.File, 1), func() {
			for _, v := range members {
				ginkgo.It(v.ID, at(family.File, v.Line), ginkgo.Label(v.Labels()...), func() {
					check(results[v.ID])
				})
			}
		})
		start = end
	}
}

// check turns a result into what Ginkgo knows: passed, failed, skipped.
func check(r *conformance.Result) {
	ginkgo.AddReportEntry("verdict", string(r.Answer.Verdict))
	switch r.Outcome {
	case conformance.Unjudged:
		ginkgo.Skip(r.Why)
	case conformance.Known:
		ginkgo.Skip("known failure: " + r.Why)
	}
	gomega.Expect(r.Outcome).NotTo(gomega.Equal(conformance.Fails), "%s: %s (%s)", r.Vector.ID, r.Why, r.Vector.Comment)
}

// at is a place in a vector file as Ginkgo's code location.
func at(file string, line int) types.CodeLocation {
	return types.NewCustomCodeLocation(fmt.Sprintf("%s:%d", file, line))
}

// Run runs the declared specs outside `go test` and returns Ginkgo's report.
// Ginkgo itself writes nothing: the command has a report of its own.
func Run(name string) ginkgo.Report {
	formatter.ColorableStdOut = io.Discard
	var report ginkgo.Report
	ginkgo.ReportAfterSuite("keep the report", func(r ginkgo.Report) { report = r })
	suite, reporter := ginkgo.GinkgoConfiguration()
	suite.RandomizeAllSpecs = false
	ginkgo.RunSpecs(outcome{}, name, suite, reporter)
	return report
}

// outcome stands where `go test` would put its T. The failure it is told of is
// in the report.
type outcome struct{}

func (outcome) Fail() {}
