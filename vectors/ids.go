package vectors

import (
	"bufio"
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// published is what ids.txt says of an id.
type published struct {
	line        int
	since       string // the version that first had it
	fingerprint string // that its vector had when it was published, or endpointCheck
	retired     string // why it was retired; "" if it was not
	until       string // the version that first did not have it any more; "" if it was not retired
}

// endpointCheck stands for the fingerprint of what only a running endpoint can show:
// it is in no file of vectors.
const endpointCheck = "endpoint"

// in reports whether a version had the id. One that was retired in the version that
// first named it was in none.
func (p published) in(version string) bool {
	return compareVersions(p.since, version) <= 0 && (p.until == "" || compareVersions(p.until, version) > 0)
}

// text is the line of ids.txt, without the id.
func (p published) text() string {
	if p.retired != "" {
		return p.since + "  retired " + p.until + ": " + p.retired
	}
	return p.since + "  " + p.fingerprint
}

const idsHeader = `# Every id ever published: the version that first had it, and the fingerprint of what may not change under it: token,
# request, expectation. The checks of running endpoints ("endpoint") are in spec/endpoint.
# 'sigconform vectors sign' adds new ids, for the next version. A vector that was wrong is retired, its id never used
# again; write by hand:
#   family/slug  1.0.0  retired: reason
`

// readIDs reads ids.txt; a folder need not have one. A version that is missing is
// the next one.
func readIDs(files fs.FS) (map[string]published, error) {
	data, err := fs.ReadFile(files, idsFile)
	if err != nil {
		return nil, nil
	}
	ids := map[string]published{}
	scanner := bufio.NewScanner(strings.NewReader(string(data)))
	for line := 1; scanner.Scan(); line++ {
		text := strings.TrimSpace(scanner.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		id, rest, _ := strings.Cut(text, " ")
		entry, ok := readPublished(strings.TrimSpace(rest))
		if _, twice := ids[id]; twice || !ok {
			return nil, lineError{line, fmt.Errorf("%s: an id stands here once, with a version and a fingerprint, or with 'retired: reason'", id)}
		}
		entry.line = line
		ids[id] = entry
	}
	return ids, nil
}

// readPublished reads what follows the id in a line of ids.txt.
func readPublished(rest string) (entry published, ok bool) {
	entry.since = Next
	if first, after, found := strings.Cut(rest, " "); found && isVersion(first) {
		entry.since, rest = first, strings.TrimSpace(after)
	}
	after, isRetired := strings.CutPrefix(rest, "retired")
	if !isRetired {
		entry.fingerprint = rest
		return entry, rest != "" && !strings.Contains(rest, " ")
	}
	until, reason, found := strings.Cut(after, ":")
	entry.until, entry.retired = cmp.Or(strings.TrimSpace(until), Next), strings.TrimSpace(reason)
	return entry, found && entry.retired != "" && isVersion(entry.until)
}

// writeIDs returns the text of ids.txt; it is empty if there are no ids.
func writeIDs(ids map[string]published) string {
	if len(ids) == 0 {
		return ""
	}
	var out strings.Builder
	out.WriteString(idsHeader)
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		out.WriteString(id + "  " + ids[id].text() + "\n")
	}
	return out.String()
}

// IDs returns the text of ids.txt with the ids of all finished vectors in it and, in
// the suite's own folder, with those of the checks of endpoints. What stood there stays as it was, but for
// the ids that are said to be unpublished: nobody has seen them yet, and they may
// still change. It is empty if there are none.
func (c *Corpus) IDs(checks []string, unpublished ...string) (string, error) {
	ids, err := readIDs(c.files)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path.Join(c.dir, idsFile), err)
	}
	if ids == nil {
		ids = map[string]published{}
	}
	for _, v := range c.Vectors() {
		entry, known := ids[v.ID]
		if !v.Unfinished() && (!known || entry.retired == "" && slices.Contains(unpublished, v.ID)) {
			ids[v.ID] = published{since: cmp.Or(entry.since, Next), fingerprint: v.Fingerprint()}
		}
	}
	for _, id := range checks {
		if _, known := ids[id]; !known && ownsRules(c.files) {
			ids[id] = published{since: Next, fingerprint: endpointCheck}
		}
	}
	return writeIDs(ids), nil
}

// lintIDs checks the ids of c against ids.txt.
func (c *Corpus) lintIDs(report func(*Vector, string, string, string)) Faults {
	ids, err := readIDs(c.files)
	if err != nil {
		return Faults{faultOf(path.Join(c.dir, idsFile), err, "'sigconform vectors sign' writes this file; only a retirement is written by hand")}
	}
	if ids == nil {
		return nil
	}
	seen := map[string]bool{}
	for _, v := range c.Vectors() {
		seen[v.ID] = true
		entry, known := ids[v.ID]
		switch {
		case !known && v.Unfinished():
		case !known:
			report(v, "/id", "the id is not in "+idsFile, "a new vector: run 'sigconform vectors sign' to record it")
		case entry.retired != "":
			report(v, "/id", "the id was retired: "+entry.retired, "an id is never used again: choose another")
		case entry.fingerprint != v.Fingerprint():
			report(v, "/id", "what was published under this id has changed: its token, its request or what is expected",
				"a published vector stays as it is: undo the change, or retire the id in "+idsFile+" with a reason and give the new vector an "+
					"id of its own; if nobody has seen it yet: 'sigconform vectors sign --unpublished "+v.ID+"'")
		}
	}
	var faults Faults
	versions := c.Versions()
	for id, entry := range ids {
		for _, version := range []string{entry.since, entry.until} {
			if versions != nil && version != "" && version != Next && !slices.Contains(versions, version) {
				faults = append(faults, Fault{File: path.Join(c.dir, idsFile), Line: entry.line,
					Message: id + " is of version " + version + ", which " + changelogFile + " does not have",
					Hint: "a new id is of the next version, 'next', until 'sigconform vectors release' gives it one; there are " +
						strings.Join(versions, ", ")})
			}
		}
		if !seen[id] && entry.retired == "" && entry.fingerprint != endpointCheck {
			faults = append(faults, Fault{File: path.Join(c.dir, idsFile), Line: entry.line, Message: id + " has vanished",
				Hint: "a published vector is not deleted: bring it back, or write 'retired: reason' instead of its fingerprint"})
		}
	}
	return faults
}
