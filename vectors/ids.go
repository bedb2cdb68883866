package vectors

import (
	"bufio"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// published is what ids.txt says of an id: the fingerprint that its vector had
// when it was published, or why it was retired.
type published struct {
	line        int
	fingerprint string
	retired     string
}

const idsHeader = `# Every id ever published, with the fingerprint of what may not change under it: token, request, expectation.
# 'sigconform vectors sign' adds new ids. A vector that was wrong is retired, its id never used again:
#   family/slug  retired: reason
`

// readIDs reads ids.txt; a folder need not have one.
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
		rest = strings.TrimSpace(rest)
		reason, isRetired := strings.CutPrefix(rest, "retired:")
		entry := published{line: line, fingerprint: rest}
		if isRetired {
			entry = published{line: line, retired: strings.TrimSpace(reason)}
		}
		if _, twice := ids[id]; twice || rest == "" || isRetired && entry.retired == "" {
			return nil, lineError{line, fmt.Errorf("%s: an id stands here once, with a fingerprint or with 'retired: reason'", id)}
		}
		ids[id] = entry
	}
	return ids, nil
}

// IDs returns the text of ids.txt with the ids of all finished vectors in it.
// What stood there stays as it was, but for the ids that are said to be
// unpublished: nobody has seen them yet, and they may still change. It is empty
// if there are none.
func (c *Corpus) IDs(unpublished ...string) (string, error) {
	ids, err := readIDs(c.files)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path.Join(c.dir, idsFile), err)
	}
	var entries []string
	for id, entry := range ids {
		rest := entry.fingerprint
		if entry.retired != "" {
			rest = "retired: " + entry.retired
		} else if slices.Contains(unpublished, id) {
			continue
		}
		entries = append(entries, id+"  "+rest)
	}
	for _, v := range c.Vectors() {
		_, known := ids[v.ID]
		if (!known || slices.Contains(unpublished, v.ID)) && !v.Unfinished() {
			entries = append(entries, v.ID+"  "+v.Fingerprint())
		}
	}
	slices.Sort(entries)
	if entries == nil {
		return "", nil
	}
	return idsHeader + strings.Join(slices.Compact(entries), "\n") + "\n", nil
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
				"a published vector stays as it is: undo the change, or retire the id in "+idsFile+" with a reason and give the new vector an id of its own; if nobody has seen it yet: 'sigconform vectors sign --unpublished "+v.ID+"'")
		}
	}
	var faults Faults
	for id, entry := range ids {
		if !seen[id] && entry.retired == "" {
			faults = append(faults, Fault{File: path.Join(c.dir, idsFile), Line: entry.line, Message: id + " has vanished",
				Hint: "a published vector is not deleted: bring it back, or write 'retired: reason' instead of its fingerprint"})
		}
	}
	return faults
}
