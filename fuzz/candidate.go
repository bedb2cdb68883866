package fuzz

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/vectors"
	"sigconform/vectors/files"
)

// This file writes a finding as a file of vectors: a candidate, to be reviewed
// and put into its family. The last vector of the file is the finding; those
// before it are what has to be sent first.

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
		v := c.Vector()
		v.ID, v.Source, v.Rules = fmt.Sprintf("%s/before-%d", name, i+1), source, []string{"hmac-sha1-base64"}
		v.Comment = "Sent before: " + c.Move
		if c == f.Case {
			v.ID, v.Rules, v.Flags = name+"/found", []string{f.Rule()}, []string{CandidateFlag}
			v.Comment = sentence(f.Move)
		}
		v.Result = vectors.Invalid
		if reference.New().Validate(c.Token, c.Request) {
			v.Result = vectors.Valid
		}
		for _, slug := range judge.Questions(&c.Case) {
			question, known := vectors.Rules().Questions[slug]
			if c.Expected == judge.NotJudged && known { // any answer will do
				v.Result, v.Question, v.Answer, v.Rules = vectors.Question, slug, slices.Min(slices.Collect(maps.Keys(question.Answers))), nil
				break
			}
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
	return strings.ReplaceAll(f.Key, "+", "-and-") + "-" + f.Case.Vector().Fingerprint()[:6]
}

// WriteCandidate writes the candidate into a folder and returns the file's path.
func (f *Finding) WriteCandidate(dir string, replay func(file string) string) (string, error) {
	file := filepath.Join(dir, f.FileName()+".json")
	text, err := f.Candidate(replay(file)).Format()
	if err != nil {
		return "", err
	}
	return file, files.Write(file, text)
}

// sentence makes the first letter a capital.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
