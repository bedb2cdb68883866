package conformance

import (
	"context"
	"fmt"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
)

// diagnose says why a correct request was not accepted.
func (e *Endpoint) diagnose(ctx context.Context, reply webhook.Reply) (*Diagnosis, error) {
	d := &Diagnosis{Status: StatusNotConformant, Sentence: fmt.Sprintf("a correct request was not accepted: %s %d %s", reply.Verdict, reply.Status, reply.Detail)}
	if reply.Verdict == protocol.Reject {
		return d, nil
	}
	return d, nil
}
