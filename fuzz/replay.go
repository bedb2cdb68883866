package fuzz

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/reference"
	"sigconform/vectors"
	"sigconform/vectors/files"
)

// This file reads a candidate and sends what it says: is the mistake still there?

// ReadCandidate reads a file that WriteCandidate wrote. The error names what
// schema.json does not allow.
func ReadCandidate(file string) (*vectors.Family, error) {
	text, err := files.Read(file, files.Finding)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sigconform-candidate-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o600); err != nil {
		return nil, err
	}
	corpus, err := vectors.Load(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return corpus.Families[0], nil
}

// Replay sends the vectors of a candidate in order and returns the last one, the
// answer to it, and whether that is what the vector demands. The options say to whom.
func Replay(ctx context.Context, o Options, family *vectors.Family) (*vectors.Vector, protocol.Answer, bool, error) {
	a := newAsker(&o, false)
	defer a.close()
	var asked []protocol.Case
	last := family.Vectors[len(family.Vectors)-1]
	for _, v := range family.Vectors {
		if o.At != nil {
			moved, err := o.At.Move(v)
			if err != nil {
				return last, protocol.Answer{}, false, fmt.Errorf("%s cannot be sent there: %w", v.ID, err)
			}
			v = moved
		}
		asked = append(asked, protocol.Case{ID: v.ID, AuthToken: string(v.AuthToken), Request: v.Request.Reference()})
	}
	answers, err := a.askAll(ctx, asked)
	if err != nil {
		return last, protocol.Answer{}, false, err
	}
	answer := answers[len(answers)-1]
	if answer.Verdict == reference.Died || answer.Verdict == reference.Timeout {
		// Does it answer anything at all?
		a.close()
		if simple, err := a.ask(ctx, []*generate.Case{generate.Harmless(o.At)}); err != nil {
			return last, answer, false, err
		} else if simple[0].Verdict == answer.Verdict {
			return last, answer, false, fmt.Errorf("it answers nothing: %s", simple[0].Detail)
		}
	}
	if answer.Verdict == reference.Unsupported {
		return last, answer, false, fmt.Errorf("it was not judged: %s", answer.Detail)
	}
	switch last.Result {
	case vectors.Valid:
		return last, answer, answer.Verdict == reference.Accept, nil
	case vectors.Question: // any answer will do
		return last, answer, !answer.Verdict.IsFault(), nil
	default:
		return last, answer, answer.Verdict == reference.Reject || answer.Verdict == reference.Error, nil
	}
}
