package vectors

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// This file answers: which versions of the vectors are there, and what did each of
// them have? A version is three numbers, as in 1.0.0; CHANGELOG.md has a section for
// each. What no version has yet belongs to the [Next] one.

// Next stands for the version that is not released yet.
const Next = "next"

// unreleased is the heading of CHANGELOG.md for the next version.
const unreleased = "Unreleased"

// heading is that of a version in CHANGELOG.md; a date may follow.
var heading = regexp.MustCompile(`(?m)^## +(\d+\.\d+\.\d+|` + unreleased + `)\b`)

// Versions returns the versions that the CHANGELOG.md of the folder has, the oldest
// first; none if it has no such file. What is not released is not among them.
func (c *Corpus) Versions() []string {
	text, err := fs.ReadFile(c.files, changelogFile)
	if err != nil {
		return nil
	}
	var versions []string
	for _, found := range heading.FindAllStringSubmatch(string(text), -1) {
		if found[1] != unreleased {
			versions = append(versions, found[1])
		}
	}
	slices.SortFunc(versions, compareVersions)
	return slices.Compact(versions)
}

// compareVersions compares two versions; the next one is newer than all others.
func compareVersions(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == Next:
		return 1
	case b == Next:
		return -1
	}
	return semver.Compare("v"+a, "v"+b)
}

// isVersion reports whether the text is a version of three numbers, or the next one.
func isVersion(text string) bool {
	plain := semver.Prerelease("v"+text) == "" && semver.Build("v"+text) == ""
	return text == Next || plain && strings.Count(text, ".") == 2 && semver.IsValid("v"+text)
}

// Version returns the version that a person means: 1.0.0, v1.0.0, or 1.0 for the
// newest that begins so. The error lists the versions that there are.
func (c *Corpus) Version(meant string) (string, error) {
	versions := c.Versions()
	plain := strings.TrimPrefix(meant, "v")
	for _, version := range slices.Backward(versions) {
		if plain == version || strings.Count(plain, ".") == 1 && strings.HasPrefix(version, plain+".") {
			return version, nil
		}
	}
	if len(versions) == 0 {
		return "", fmt.Errorf("%s has no versions: it has no %s that lists them", c.dir, changelogFile)
	}
	return "", fmt.Errorf("the vectors have no version %s; there are %s", meant, strings.Join(versions, ", "))
}

// Newer reports whether the vector came after the version. A vector of no folder
// that records it is newer than every version.
func (v *Vector) Newer(version string) bool {
	return v.Since == "" || compareVersions(v.Since, version) > 0
}

// AsOf returns those vectors that the version had and that are still there; the
// others were retired since.
func AsOf(all []*Vector, version string) []*Vector {
	return slices.DeleteFunc(slices.Clone(all), func(v *Vector) bool { return v.Newer(version) })
}

// Since returns the version that first had the id: a vector or a check of endpoints.
// It is "" if the id was never published.
func (c *Corpus) Since(id string) string {
	ids, _ := readIDs(c.files) // lint says what is wrong with it
	return ids[id].since
}

// RetiredSince returns the ids that the version had and that were retired after it,
// sorted.
func (c *Corpus) RetiredSince(version string) ([]string, error) {
	ids, err := readIDs(c.files)
	var retired []string
	for id, entry := range ids {
		if entry.in(version) && entry.retired != "" {
			retired = append(retired, id)
		}
	}
	slices.Sort(retired)
	return retired, err
}

// Release returns ids.txt and CHANGELOG.md with what belongs to the next version
// given to this one. It is an error if the version is not newer than all others, or
// if there is nothing to release.
func (c *Corpus) Release(version string) (ids, changelog string, err error) {
	if !isVersion(version) || version == Next {
		return "", "", fmt.Errorf("%s is no version; one is three numbers, as in 1.2.0", version)
	}
	versions := c.Versions()
	if n := len(versions); n > 0 && compareVersions(version, versions[n-1]) <= 0 {
		return "", "", fmt.Errorf("version %s is not newer than %s", version, versions[n-1])
	}
	entries, err := readIDs(c.files)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", path.Join(c.dir, idsFile), err)
	}
	text, err := fs.ReadFile(c.files, changelogFile)
	if err != nil {
		return "", "", err
	}
	changelog = strings.Replace(string(text), "## "+unreleased+"\n", "## "+version+"\n", 1)
	if changelog == string(text) {
		return "", "", errors.New(changelogFile + " has no section '## " + unreleased + "': say there what changed")
	}
	for id, entry := range entries {
		if entry.since == Next {
			entry.since = version
		}
		if entry.until == Next {
			entry.until = version
		}
		entries[id] = entry
	}
	return writeIDs(entries), changelog, nil
}

// Unreleased returns what keeps the folder from being released as that version: ids
// without a version, a section about what is not released, or a version that is
// newer. A version may change no vector; then CHANGELOG.md does not name it.
func (c *Corpus) Unreleased(version string) (reasons []string) {
	entries, err := readIDs(c.files)
	if err != nil {
		return []string{err.Error()}
	}
	var without []string
	for id, entry := range entries {
		if entry.since == Next || entry.until == Next {
			without = append(without, id)
		}
	}
	slices.Sort(without)
	if len(without) > 0 {
		reasons = append(reasons, fmt.Sprintf("%d ids of %s have no version, %s among them", len(without), idsFile, without[0]))
	}
	if text, err := fs.ReadFile(c.files, changelogFile); err == nil && strings.Contains(string(text), "\n## "+unreleased+"\n") {
		reasons = append(reasons, changelogFile+" has a section "+unreleased)
	}
	versions := c.Versions()
	if n := len(versions); n > 0 && compareVersions(versions[n-1], strings.TrimPrefix(version, "v")) > 0 {
		reasons = append(reasons, fmt.Sprintf("%s is newer than %s: %s has it already", versions[n-1], version, changelogFile))
	}
	return reasons
}
