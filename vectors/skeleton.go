package vectors

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// todo marks what the author of a vector still has to say.
const todo = "TODO"

var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Skeleton adds a vector to the corpus that waits for its author: a copy of
// like under the new id, or, if like is nil, one that says TODO wherever
// something has to be said. The id is family/slug; a family that does not exist
// yet gets a file of its own.
func (c *Corpus) Skeleton(id string, result Result, like *Vector) (*Vector, error) {
	name, rest, _ := strings.Cut(id, "/")
	if !slug.MatchString(name) || !slug.MatchString(rest) {
		return nil, fmt.Errorf("%q is no id; an id is family/slug, in small letters, digits and hyphens, as in url-port/voice-dropped", id)
	}
	published, err := readIDs(c.files)
	if err != nil {
		return nil, err
	}
	if p, taken := published[id]; taken && p.retired != "" {
		return nil, fmt.Errorf("%s was retired and is never used again: %s", id, p.retired)
	}
	if slices.ContainsFunc(c.Vectors(), func(v *Vector) bool { return v.ID == id }) {
		return nil, fmt.Errorf("%s is taken; choose another slug", id)
	}
	f := c.family(name)
	v := &Vector{
		ID:        id,
		Comment:   todo + ": what this tests, in one sentence",
		Flags:     []string{todo},
		Source:    Source{Kind: "derived", Ref: todo + ": the section of the docs, the test, the thread, or what it is derived from"},
		AuthToken: "12345",
		Request: Request{Method: "POST", URL: "https://example.com/myapp", ContentType: new("application/x-www-form-urlencoded"),
			Body: "Digits=1234"},
		Signed: &Signed{},
		Result: result,
	}
	switch {
	case like != nil:
		v = like.copyAs(id, f)
	case result == Question:
		v.Flags, v.Question, v.Answer = nil, todo, todo
	case result == Invalid:
		v.Rules, v.Signed.URL = []string{todo}, todo+": what was signed instead; or give params, token, mac or encoding"
	default:
		v.Rules = []string{todo}
	}
	v.Family = f
	f.Vectors = append(f.Vectors, v)
	return v, nil
}

// family returns the family of that name, a new one if there is none.
func (c *Corpus) family(name string) *Family {
	for _, f := range c.Families {
		if f.Name == name {
			return f
		}
	}
	f := &Family{Name: name, Title: todo + ": what these vectors are about", File: path.Join(c.dir, name+".json")}
	c.Families = append(c.Families, f)
	return f
}

// copyAs copies a vector under another id into a family. What is derived is
// left to be derived again, and its notes come along.
func (v *Vector) copyAs(id string, f *Family) *Vector {
	copied := *v
	copied.ID, copied.Comment = id, todo+": "+v.Comment
	for _, flag := range v.Flags {
		if note, known := v.Family.Notes[flag]; known && v.Family.Name != f.Name {
			if f.Notes == nil {
				f.Notes = map[string]Note{}
			}
			f.Notes[flag] = note
		}
	}
	if v.Signed == nil || v.Signed.TokenUndisclosed {
		return &copied
	}
	signed := *v.Signed
	signed.String, signed.StringBase64, copied.Request.Signature = "", nil, nil
	if plain := (&Vector{Request: v.Request, AuthToken: v.AuthToken, Signed: &Signed{}}); plain.Sign() == nil {
		if plain.Signed.URL == signed.URL {
			signed.URL = ""
		}
		if slices.Equal(plain.Signed.Pairs(), signed.Pairs()) {
			signed.Params, signed.ParamsBase64 = nil, nil
		}
	}
	copied.Signed = &signed
	return &copied
}

// Unfinished reports whether the vector still waits for its author to say
// something.
func (v *Vector) Unfinished() bool {
	return lintTodo(v, func(_, _, _ string) {})
}

// lintTodo reports what the author of a vector has not said yet; true if there
// is anything.
func lintTodo(v *Vector, at at) bool {
	hints := map[string]string{
		"/comment": "say what this tests, in one sentence",
		"/source/ref": "say where the expectation comes from: a section of Twilio's Security page (norm), a test of an SDK (sdk-test), " +
			"a thread (field), or what it is derived from",
		"/rules/0": "name the rule that demands the result; 'sigconform rules' lists them",
		"/flags/0": "name the mistake that the vector is for, and explain it under \"notes\" of the family, as in {\"PortKept\": " +
			"{\"bugType\": \"FALSE_REJECT\", \"effect\": \"…\"}}; this family has " + orNone(v.Family.Notes),
		"/question": "name the question; 'sigconform rules' lists them",
		"/answer":   "name the answer that accepting the vector means",
		"/signed/url": "give the url that was signed; or delete the line and say under \"signed\" what else differs: params, token, " +
			"mac, encoding",
	}
	found := false
	for _, place := range []struct{ pointer, text string }{
		{"/comment", v.Comment}, {"/rules/0", first(v.Rules)}, {"/flags/0", first(v.Flags)}, {"/source/ref", v.Source.Ref},
		{"/question", v.Question}, {"/answer", v.Answer}, {"/signed/url", v.signedURL()},
	} {
		if strings.HasPrefix(place.text, todo) {
			found = true
			at(place.pointer, "still says "+todo, hints[place.pointer])
		}
	}
	return found
}

// signedURL is the URL that was signed, as text; "" if nothing was.
func (v *Vector) signedURL() string {
	if v.Signed == nil {
		return ""
	}
	return string(v.Signed.URL)
}

func first(words []string) string {
	for _, word := range words {
		return word
	}
	return ""
}

func orNone(notes map[string]Note) string {
	if len(notes) == 0 {
		return "none yet"
	}
	return strings.Join(slices.Sorted(maps.Keys(notes)), ", ")
}

// StartLine returns the line on which the vector starts in the text of its
// family's file.
func (v *Vector) StartLine(text []byte) int {
	at, err := lines(text)
	if err != nil {
		return 0
	}
	return at[fmt.Sprintf("/vectors/%d", slices.Index(v.Family.Vectors, v))]
}
