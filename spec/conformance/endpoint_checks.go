package conformance

import "sigconform/vectors"

func (e *Endpoint) checks() []*vectors.Vector { return nil }
