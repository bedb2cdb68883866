package report

import (
	"fmt"

	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// badge is what shields.io calls an endpoint badge.
type badge struct {
	SchemaVersion int    `json:"schemaVersion"` // of the badge: 1
	Label         string `json:"label"`
	Message       string `json:"message"`
	Color         string `json:"color"`
	IsError       bool   `json:"isError,omitempty"`
}

// Badge returns the report as an endpoint badge. Known failures are failures.
func (r *Report) Badge() ([]byte, error) {
	b := badge{SchemaVersion: 1, Label: "sigconform", Color: "brightgreen"}
	failed := map[vectors.BugType]int{}
	holds, all := 0, 0
	for _, result := range r.Results {
		if result.Outcome == string(conformance.Passed) {
			holds++
		}
		if result.Failed() {
			failed[result.BugType]++
			all++
		}
	}
	switch {
	case r.Stopped != "" || holds+all == 0:
		b.Message, b.Color, b.IsError = "nothing proven", "lightgrey", true
	case failed[vectors.FalseAccept] > 0:
		b.Message, b.Color = fmt.Sprintf("%d of %d, %s", holds, holds+all, plural(failed[vectors.FalseAccept], "false accept")), "red"
	case all > 0:
		b.Message, b.Color = fmt.Sprintf("%d of %d", holds, holds+all), "orange"
	case r.Drawn != nil && len(r.Drawn.Failures) > 0:
		b.Message, b.Color = plural(len(r.Drawn.Failures), "drawn request")+" answered wrongly", "red"
	case r.Deaths != "":
		b.Message, b.Color = "it dies", "red"
	case len(r.Unsteady) > 0:
		b.Message, b.Color = "answers change", "red"
	case r.Selection != nil:
		b.Message, b.Color = fmt.Sprintf("%d of a part of %d passed", holds, r.Suite.Vectors), "yellowgreen"
	default:
		b.Message = fmt.Sprintf("conformant, %d passed", holds)
	}
	return encode(b)
}
