package vectors

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/agext/levenshtein"

	"sigconform/reference"
	"sigconform/vectors/files"
)

// Lint returns every fault in the vector files of a folder that a program can find;
// nil if it finds none. It checks the schema first, and the rest only if the files
// match the schema.
func Lint(files fs.FS, dir string) Faults {
	if faults := checkSchema(files, dir); len(faults) > 0 {
		return faults
	}
	c, err := load(files, dir)
	if errors.Is(err, ErrNone) {
		return Faults{{File: dir, Message: ErrNone.Error(), Hint: "'sigconform vectors new FAMILY' writes one"}}
	}
	if err != nil {
		return Faults{{File: dir, Message: err.Error()}}
	}
	return c.lint()
}

// LintFolder is Lint for a folder on disk.
func LintFolder(dir string) Faults { return Lint(files.Dir(dir, files.Vectors), dir) }

// Lint checks a corpus that was loaded; see the function of that name.
func (c *Corpus) Lint() Faults { return Lint(c.files, c.dir) }

// lint checks everything beyond the schema. Each check says what is wrong, where, and
// how to fix it.
func (c *Corpus) lint() Faults {
	var faults Faults
	book, err := readRules(c.files)
	if err != nil {
		return Faults{faultOf(path.Join(c.dir, rulesFile), err, "this is not JSON, or not what rules.go reads")}
	}
	ids := map[string]*Vector{}
	requests := map[string]*Vector{}
	for _, f := range c.Families {
		data, _ := fs.ReadFile(c.files, path.Base(f.File))
		lines := sync.OnceValue(func() map[string]int { // few files have a fault
			lines, _ := lines(data)
			return lines
		})
		for i, v := range f.Vectors {
			at := func(pointer, message, hint string) {
				pointer = fmt.Sprintf("/vectors/%d%s", i, pointer)
				faults = append(faults, Fault{f.File, cmp.Or(lines()[pointer], v.Line), pointer, v.ID + ": " + message, hint})
			}
			lintID(v, ids, at)
			if lintTodo(v, at) {
				continue // the rest is not meant yet
			}
			lintWords(v, book, at)
			lintRequest(v, requests, at)
			lintResult(v, at)
			if lintSigned(v, at) {
				lintExpectation(v, book, at)
			}
		}
		faults = append(faults, lintNotes(f, lines)...)
		if formatted, err := f.Format(); err == nil && string(formatted) != string(data) {
			faults = append(faults, Fault{File: f.File, Message: "is not written the way the tool writes it", Hint: "run 'sigconform vectors sign'"})
		}
	}
	var more Faults
	report := func(v *Vector, pointer, message, hint string) {
		pointer = fmt.Sprintf("/vectors/%d%s", slices.Index(v.Family.Vectors, v), pointer)
		more = append(more, Fault{v.Family.File, v.Line, pointer, v.ID + ": " + message, hint})
	}
	faults = append(faults, c.lintIDs(report)...)
	if c.files == embedded || ownsRules(c.files) {
		faults = append(faults, lintRules(c, book)...)
		faults = append(faults, c.lintDefects(book, report)...)
	}
	faults = append(faults, more...)
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, strings.Compare(a.Pointer, b.Pointer),
			strings.Compare(a.Message, b.Message))
	})
	return faults
}

// at reports a fault at a place in a vector, with a hint how to fix it.
type at func(pointer, message, hint string)

// lintID: ids are family/slug and differ.
func lintID(v *Vector, seen map[string]*Vector, at at) {
	if family, _, _ := strings.Cut(v.ID, "/"); family != v.Family.Name {
		at("/id", fmt.Sprintf("the id must start with %q", v.Family.Name+"/"),
			"an id is family/slug; if the vector belongs to another family, move it to that file")
	}
	if file := strings.TrimSuffix(path.Base(v.Family.File), ".json"); file != v.Family.Name {
		at("/id", fmt.Sprintf("the family %q is in a file called %s.json", v.Family.Name, file), "the family has the name of its file")
	}
	if first := seen[v.ID]; first != nil {
		at("/id", fmt.Sprintf("the id is taken (%s:%d)", first.Family.File, first.Line), "choose another slug: one id, one vector")
	}
	seen[v.ID] = v
}

// lintWords: rules, questions, answers and flags are known ones.
func lintWords(v *Vector, book *Rulebook, at at) {
	for i, rule := range v.Rules {
		if _, known := book.Rules[rule]; !known {
			at(fmt.Sprintf("/rules/%d", i), fmt.Sprintf("there is no rule %q", rule), nearest(rule, book.Rules))
		}
	}
	for i, flag := range v.Flags {
		note, known := v.Family.Notes[flag]
		pointer := fmt.Sprintf("/flags/%d", i)
		switch {
		case !known:
			at(pointer, fmt.Sprintf("the flag %q has no note", flag),
				nearest(flag, v.Family.Notes)+" (a new one is explained under \"notes\" of the family)")
		case note.BugType != v.BugType():
			at(pointer, fmt.Sprintf("the flag %q means %s, the first flag %s", flag, note.BugType, v.BugType()),
				"the flags of a vector are of one bug type")
		case v.Result == Valid && (note.BugType == FalseAccept || note.BugType == Malleability):
			at(pointer, fmt.Sprintf("a valid vector cannot show a %s", note.BugType), "is the result right?")
		case v.Result == Invalid && note.BugType == FalseReject:
			at(pointer, "an invalid vector cannot show a FALSE_REJECT", "is the result right?")
		}
	}
	question, known := book.Questions[v.Question]
	switch {
	case v.Result != Question:
	case !known:
		at("/question", fmt.Sprintf("there is no question %q", v.Question), nearest(v.Question, book.Questions))
	default:
		if _, known := question.Answers[v.Answer]; !known {
			at("/answer", fmt.Sprintf("the question %s has no answer %q", v.Question, v.Answer), nearest(v.Answer, question.Answers))
		}
	}
}

// lintNotes checks that a vector uses every note as a flag, and that no text is TODO.
func lintNotes(f *Family, lines func() map[string]int) Faults {
	var faults Faults
	if strings.HasPrefix(f.Title, todo) {
		faults = append(faults, Fault{f.File, lines()["/title"], "/title", "still says " + todo, "say what the vectors of this family are about"})
	}
	for flag := range f.Notes {
		used := slices.ContainsFunc(f.Vectors, func(v *Vector) bool { return slices.Contains(v.Flags, flag) })
		if !used {
			pointer := "/notes/" + flag
			faults = append(faults, Fault{f.File, lines()[pointer], pointer,
				fmt.Sprintf("no vector has the flag %q", flag), "give it to one, or delete the note"})
		}
	}
	return faults
}

// lintRequest checks that no two vectors send the same, and that needs is right.
func lintRequest(v *Vector, seen map[string]*Vector, at at) {
	if v.Request.BodyBase64 != nil && v.Request.Body != "" {
		at("/request", `has both "body" and "bodyBase64"`, "keep one")
	}
	sent := *v
	sent.Result, sent.Question, sent.Answer = "", "", ""
	key := sent.Fingerprint()
	if first := seen[key]; first != nil {
		at("/request", fmt.Sprintf("tests the same as %s (%s:%d)", first.ID, first.Family.File, first.Line),
			"delete one, or name both rules in the other")
	}
	seen[key] = v
	p, ok := reference.SplitURL(string(v.Request.URL))
	if ok && (p.Userinfo != "" || p.Fragment != "") && v.Needs != "configured-url" {
		at("/request/url", "an application cannot rebuild this URL (userinfo, fragment) from the request", `add "needs": "configured-url"`)
	}
	if v.Needs != "" && (!ok || p.Userinfo == "" && p.Fragment == "") {
		at("/needs", "the URL has neither userinfo nor fragment, so an application can rebuild it", `delete "needs"`)
	}
}

// lintSigned checks that the signature follows, step by step, from "signed". It
// reports whether it does.
func lintSigned(v *Vector, at at) (follows bool) {
	if v.Signed == nil {
		if v.Result != Invalid {
			at("", `has no "signed", so its signature follows from nothing`, `add "signed": {} and run 'sigconform vectors sign'`)
		}
		return v.Result == Invalid
	}
	chain := *v.Signed
	chain.SetString(reference.Join(string(chain.URL), chain.Pairs()))
	if chain.String != v.Signed.String || string(chain.StringBase64) != string(v.Signed.StringBase64) {
		at("/signed/string", "is not the signed url followed by names and values of the signed params", "run 'sigconform vectors sign'")
	}
	if v.Request.Signature == nil {
		at("/request", `has no "signature", though "signed" says what is signed`,
			"run 'sigconform vectors sign'; to test without a signature, delete \"signed\"")
		return false
	}
	if v.Signed.TokenUndisclosed {
		if mac, err := base64.StdEncoding.DecodeString(*v.Request.Signature); err != nil || len(mac) != 20 {
			at("/request/signature", "is not the Base64 of 20 bytes", "copy the published signature again, whole")
		}
		return true
	}
	if _, known := macs[v.Signed.MAC]; !known {
		at("/signed/mac", fmt.Sprintf("there is no mac %q", v.Signed.MAC), nearest(v.Signed.MAC, macs))
		return false
	}
	if _, known := encodings[v.Signed.Encoding]; !known {
		at("/signed/encoding", fmt.Sprintf("there is no encoding %q", v.Signed.Encoding), nearest(v.Signed.Encoding, encodings))
		return false
	}
	signature, _ := v.ComputeSignature()
	if signature != *v.Request.Signature {
		at("/request/signature", "does not follow from \"signed\"", fmt.Sprintf("run 'sigconform vectors sign'; computed was %s", signature))
		return false
	}
	if v.Signed.Encoding != "" {
		plain := *v
		signed := *v.Signed
		signed.Encoding, plain.Signed = "", &signed
		if same, _ := plain.ComputeSignature(); same == signature {
			at("/signed/encoding", "makes no difference to this signature", "change the request a little until it does")
		}
	}
	return true
}

// lintResult checks that a result names the rule or question that it follows from.
func lintResult(v *Vector, at at) {
	switch {
	case v.Result != Question && (v.Question != "" || v.Answer != ""):
		at("/question", "only a vector whose result is \"question\" has one", "delete question and answer, or make it a question")
	case v.Result != Question && len(v.Rules) == 0:
		at("/rules", "names no rule", "say which rule demands the result; 'sigconform rules' lists them")
	}
}

// oneIsWrong is the hint where the reference and a vector disagree.
const oneIsWrong = "one of the two is wrong: find out which from Twilio's Security page, not from the code"

// lintExpectation checks that the expectation agrees with the reference, which was
// written from Twilio's Security page and not from the vectors.
func lintExpectation(v *Vector, book *Rulebook, at at) {
	if !v.Askable() {
		hash := reference.BodyHashes(string(v.Request.URL))
		if len(hash) > 0 && !reference.HashHolds(string(v.Request.URL), v.Request.Reference().Body) {
			at("/request/url", "bodySHA256 is not the body's hash", "one of the two was not copied as it was published")
		}
		return
	}
	right, request := reference.New(), v.Request.Reference()
	accepts := right.Validate(string(v.AuthToken), request)
	recommended := book.Questions[v.Question].Recommended
	switch {
	case v.Result == Valid && !accepts:
		at("/result", "is valid, but the reference rejects it", v.whyRejected(right.StringsToSign(request))+"; "+oneIsWrong)
	case v.Result == Invalid && accepts:
		at("/result", "is invalid, but the reference accepts it",
			"the signature follows from the request by the rules; say under \"signed\" what was signed instead, or is the result right?")
	case v.Result == Question && recommended != "" && accepts != (v.Answer == recommended):
		at("/answer", fmt.Sprintf("the recommended answer is %q, which the reference does not follow", recommended), oneIsWrong)
	}
}

// whyRejected says what the reference would have accepted instead.
func (v *Vector) whyRejected(stringsToSign []string) string {
	signed := v.StringToSign()
	switch {
	case v.AuthToken == "":
		return "it accepts nothing without a token"
	case len(stringsToSign) == 0:
		return "by the rules nothing covers this body, or its hash is wrong"
	case slices.Contains(stringsToSign, signed):
		return "the string to sign is the right one, made to a signature in another way"
	default:
		expected := stringsToSign[0]
		part := 0
		for part < min(len(signed), len(expected)) && signed[part] == expected[part] {
			part++
		}
		piece := func(s string) string { return fmt.Sprintf("%.60q", s[max(0, part-20):]) }
		return fmt.Sprintf("they differ from byte %d: it signs …%s, the vector …%s", part, piece(expected), piece(signed))
	}
}

// nearest names the known word that looks most like the unknown one, or all.
func nearest[T any](word string, known map[string]T) string {
	if near := Nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "known are " + cmp.Or(names(known), "none")
}

// Nearest returns the known word that the given one was probably meant to be,
// or "" if none is near. The beginning of a known word is near it, too.
func Nearest[T any](word string, known map[string]T) string {
	best, distance := "", 1+max(1, (len(word)+1)/3)
	for candidate := range known {
		d := levenshtein.Distance(word, candidate, nil)
		for n := max(2, len(word)-1); n <= len(word)+1 && n < len(candidate); n++ {
			d = min(d, 1+levenshtein.Distance(word, candidate[:n], nil))
		}
		if d < distance || d == distance && candidate < best {
			best, distance = candidate, d
		}
	}
	return best
}
