package main

import (
	"fmt"

	"sigconform/vectors"
)

// This file judges by a version of the vectors: --as-of.

// frozen settles which version --as-of means and gives the checks of endpoints the
// version that first had them. It returns notes about what was retired since.
func (c *runCmd) frozen(corpus *vectors.Corpus, all []*vectors.Vector) (notes []string, err error) {
	if c.AsOf == "" {
		return nil, nil
	}
	if c.AsOf, err = corpus.Version(c.AsOf); err != nil {
		return nil, fmt.Errorf("--as-of: %w", err)
	}
	for _, v := range all {
		if v.Since == "" {
			v.Since = corpus.Since(v.ID)
		}
	}
	retired, err := corpus.RetiredSince(c.AsOf)
	if len(retired) > 0 {
		notes = append(notes, fmt.Sprintf("%s of version %s were retired since and are not sent, %s among them; "+
			"'sigconform vectors diff %s' says why", plural(len(retired), "vector", "vectors"), c.AsOf, retired[0], c.AsOf))
	}
	return notes, err
}

// asOf are the vectors that a version had and that are still there; all if none is
// named.
func asOf(corpus *vectors.Corpus, meant string) ([]*vectors.Vector, error) {
	if meant == "" {
		return corpus.Vectors(), nil
	}
	version, err := corpus.Version(meant)
	if err != nil {
		return nil, fmt.Errorf("--as-of: %w", err)
	}
	return vectors.AsOf(corpus.Vectors(), version), nil
}

// since says which version first had the vector; it is "" if none had it yet.
func since(v *vectors.Vector) string {
	if v.Since == "" || v.Since == vectors.Next {
		return ""
	}
	return "; since " + v.Since
}
