// Package spec answers: does a validator pass? It presents a finished run as a
// Ginkgo tree: one container for each family, one spec for each vector. The code
// location of a spec is the vector's place in its JSON file; its labels are the
// vector's. Everything else is in plain packages: conformance tests and judges,
// endpoint tests running applications, report writes.
package spec

import (
	"fmt"
	"io"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"sigconform/spec/conformance"
)

// Declare adds a spec for each result to Ginkgo's tree, grouped by family. The
// validator has already been tested: a spec states the outcome of one vector and
// calls nothing. Call Declare once, before RunSpecs.
func Declare(results []*conformance.Result) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	for start := 0; start < len(results); {
		family := results[start].Vector.Family
		end := start
		for end < len(results) && results[end].Vector.Family == family {
			end++
		}
		members := results[start:end]
		ginkgo.Describe(family.Title, at(family.File, 1), func() {
			for _, r := range members {
				ginkgo.It(r.Vector.ID, at(family.File, r.Vector.Line), ginkgo.Label(r.Vector.Labels()...), func() { check(r) })
			}
		})
		start = end
	}
}

// check translates a result into Ginkgo's terms: passed, failed, skipped.
func check(r *conformance.Result) {
	ginkgo.AddReportEntry("verdict", string(r.Answer.Verdict))
	switch r.Outcome {
	case conformance.Skipped:
		ginkgo.Skip(r.Why)
	case conformance.NotApplicable:
		ginkgo.Skip("not applicable: " + r.Why)
	case conformance.Known:
		ginkgo.Skip("known failure: " + r.Why)
	}
	gomega.Expect(r.Outcome).NotTo(gomega.Equal(conformance.Failed), "%s: %s (%s)", r.Vector.ID, r.Why, r.Vector.Comment)
}

// at returns a place in a vector file as a Ginkgo code location.
func at(file string, line int) types.CodeLocation {
	return types.NewCustomCodeLocation(fmt.Sprintf("%s:%d", file, line))
}

// Report declares the results, runs the specs outside `go test` and returns
// Ginkgo's report. Ginkgo itself writes nothing: the command writes its own report.
// Call it once.
func Report(name string, results []*conformance.Result) ginkgo.Report {
	Declare(results)
	formatter.ColorableStdOut = io.Discard
	var report ginkgo.Report
	ginkgo.ReportAfterSuite("keep the report", func(r ginkgo.Report) { report = r })
	suite, reporter := ginkgo.GinkgoConfiguration()
	suite.RandomizeAllSpecs = false
	ginkgo.RunSpecs(outcome{}, name, suite, reporter)
	return report
}

// outcome takes the place of testing.T. It ignores failures: the report has them.
type outcome struct{}

func (outcome) Fail() {}
