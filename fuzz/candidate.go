package fuzz

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/reference"
	"sigconform/vectors"
)

// This file writes a finding as a file of vectors: a candidate, to be reviewed
// and put into its family. The last vector of the file is the finding; those
// before it are what has to be asked first.

// CandidateFlag is the flag of a candidate. Its note says what was found and
// how to repeat it.
const CandidateFlag = "FoundByFuzzing"

// Candidate returns the finding as a family of its own. Replay is the command
// that repeats it.
func (f *Finding) Candidate(replay string) *vectors.Family {
	name := f.FileName()
	family := &vectors.Family{
		Name:  name,
		Title: "Candidate: a validator that " + strings.Join(strings.Fields(f.Says()), " "),
		Notes: map[string]vectors.Note{CandidateFlag: {
			BugType: f.BugType(),
			Effect:  fmt.Sprintf("A validator %s (verdict: %s). Repeat it with the command below.", f.Says(), f.Answer.Verdict),
			Links:   []string{replay},
		}},
	}
	source := vectors.Source{Kind: "derived", Ref: fmt.Sprintf("found by fuzzing, seed %d, episode %d", f.Seed, f.Episode)}
	for i, c := range append(f.Before[:len(f.Before):len(f.Before)], f.Case) {
		v := c.vector()
		v.ID, v.Source, v.Rules = fmt.Sprintf("%s/before-%d", name, i+1), source, []string{"hmac-sha1-base64"}
		v.Comment = "Asked before: " + c.Move
		if c == f.Case {
			v.ID, v.Rules, v.Flags = name+"/found", []string{f.Rule()}, []string{CandidateFlag}
			v.Comment = sentence(f.Move)
		}
		v.Result = vectors.Invalid
		if reference.New().Validate(c.Token, c.Request) {
			v.Result = vectors.Valid
		}
		if p, ok := reference.SplitURL(c.Request.URL); ok && p.Userinfo+p.Fragment != "" {
			v.Needs = "configured-url"
		}
		v.Family = family
		family.Vectors = append(family.Vectors, v)
	}
	return family
}

// FileName is the name of the candidate's file, without .json, and of its family.
func (f *Finding) FileName() string {
	return strings.ReplaceAll(f.Key, "+", "-and-") + "-" + f.Case.vector().Fingerprint()[:6]
}

// WriteCandidate writes the candidate into a folder and returns the file's path.
func (f *Finding) WriteCandidate(dir string, replay func(file string) string) (string, error) {
	file := filepath.Join(dir, f.FileName()+".json")
	text, err := f.Candidate(replay(file)).Format()
	if err != nil {
		return "", err
	}
	return file, os.WriteFile(file, text, 0o666)
}

// ReadCandidate reads a file that WriteCandidate wrote. The error names what
// schema.json does not allow.
func ReadCandidate(file string) (*vectors.Family, error) {
	text, err := os.ReadFile(file)
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

// Replay asks what a candidate holds, in order, and returns its last vector,
// the answer to it, and whether that is what the vector demands. The options say
// whom to ask.
func Replay(ctx context.Context, o Options, family *vectors.Family) (*vectors.Vector, protocol.Answer, bool, error) {
	a := o.asker(false)
	defer a.close()
	var asked []protocol.Case
	last := family.Vectors[len(family.Vectors)-1]
	for _, v := range family.Vectors {
		if o.At != nil {
			moved, err := o.At.Move(v)
			if err != nil {
				return last, protocol.Answer{}, false, fmt.Errorf("%s cannot be asked there: %w", v.ID, err)
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
	if answer.Verdict == protocol.Died || answer.Verdict == protocol.Timeout {
		// Does it answer anything at all?
		a.close()
		if simple, err := a.ask(ctx, []*Case{o.At.harmless()}); err != nil {
			return last, answer, false, err
		} else if simple[0].Verdict == answer.Verdict {
			return last, answer, false, fmt.Errorf("it answers nothing: %s", simple[0].Detail)
		}
	}
	if answer.Verdict == protocol.Unsupported {
		return last, answer, false, fmt.Errorf("it was not judged: %s", answer.Detail)
	}
	switch last.Result {
	case vectors.Valid:
		return last, answer, answer.Verdict == protocol.Accept, nil
	default:
		return last, answer, answer.Verdict == protocol.Reject || answer.Verdict == protocol.Error, nil
	}
}

// sentence makes the first letter a capital.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
