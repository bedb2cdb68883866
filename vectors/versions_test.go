package vectors

import (
	"slices"
	"strings"
	"testing"
)

const twoVersions = "# Changes\n\n## Unreleased\n\nAdded: three.\n\n## 1.1.0, 2027-01-02\n\n## 1.0.2\n\n## 1.0.0\n"

// versioned is the sound folder with three ids of its two vectors' family, and a
// changelog.
func versioned(t *testing.T, ids string) *Corpus {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, dir, "fam.json", sound)
	writeFile(t, dir, idsFile, ids)
	writeFile(t, dir, changelogFile, twoVersions)
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestVersion: which version a person means.
func TestVersion(t *testing.T) {
	c := versioned(t, soundIDs)
	for meant, want := range map[string]string{
		"1.0.0": "1.0.0", "v1.0.0": "1.0.0", "1.0": "1.0.2", "1.1": "1.1.0", "v1.1": "1.1.0",
		"1": "", "1.0.1": "", "1.2": "", "": "", "next": "", "Unreleased": "", "1.0.": "",
	} {
		got, err := c.Version(meant)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v; want %q", meant, got, err, want)
		}
	}
	_, err := c.Version("2.0")
	if want := "the vectors have no version 2.0; there are 1.0.0, 1.0.2, 1.1.0"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestAsOf: what a version had, and what of it was retired since.
func TestAsOf(t *testing.T) {
	c := versioned(t, "fam/one  1.0.0  a3bac3d99854f019\nfam/two  8291310005dc144f\n"+
		"fam/three  1.0.0  retired 1.1.0: it was wrong\n"+
		"fam/four  1.0.2  retired: wrong\nfam/five  1.0.0  retired 1.0.0: wrong\nfam/six  1.1.0  endpoint\n")
	for version, want := range map[string]struct{ vectors, retired string }{
		"1.0.0": {"fam/one", "fam/three"},
		"1.0.2": {"fam/one", "fam/four fam/three"},
		"1.1.0": {"fam/one", "fam/four"},
		Next:    {"fam/one fam/two", ""},
	} {
		var ids []string
		for _, v := range AsOf(c.Vectors(), version) {
			ids = append(ids, v.ID)
		}
		retired, err := c.RetiredSince(version)
		if got := strings.Join(ids, " "); err != nil || got != want.vectors {
			t.Errorf("%s had %s, want %s (%v)", version, got, want.vectors, err)
		}
		if got := strings.Join(retired, " "); got != want.retired {
			t.Errorf("since %s were retired %s, want %s", version, got, want.retired)
		}
	}
	if since := c.Since("fam/six"); since != "1.1.0" {
		t.Errorf("a check is since %q", since)
	}
}

// TestRelease: what is new gets the number of its version, once.
func TestRelease(t *testing.T) {
	c := versioned(t, "fam/one  1.0.0  a3bac3d99854f019\nfam/two  8291310005dc144f\nfam/three  1.0.0  retired: it was wrong\n")
	for _, wrong := range []string{"1.1.0", "0.9.0", "1.2", "next", "v1.2.0", "1.2.0-rc.1"} {
		if _, _, err := c.Release(wrong); err == nil {
			t.Errorf("%s was released", wrong)
		}
	}
	if reasons := c.Unreleased("v1.2.0"); len(reasons) != 2 {
		t.Errorf("it cannot be released because of %q", reasons)
	}
	ids, changelog, err := c.Release("1.2.0")
	want := idsHeader + "fam/one  1.0.0  a3bac3d99854f019\nfam/three  1.0.0  retired 1.2.0: it was wrong\nfam/two  1.2.0  8291310005dc144f\n"
	if err != nil || ids != want {
		t.Errorf("got\n%s (%v), want\n%s", ids, err, want)
	}
	if want := strings.Replace(twoVersions, "Unreleased", "1.2.0", 1); changelog != want {
		t.Errorf("got\n%s want\n%s", changelog, want)
	}
	dir := t.TempDir()
	writeFile(t, dir, "fam.json", sound)
	writeFile(t, dir, idsFile, ids)
	writeFile(t, dir, changelogFile, changelog)
	if c, err = Load(dir); err != nil {
		t.Fatal(err)
	}
	if reasons := c.Unreleased("v1.2.1"); reasons != nil {
		t.Errorf("it cannot be released because of %q", reasons)
	}
	if reasons := c.Unreleased("v1.1.9"); len(reasons) != 1 {
		t.Errorf("an older version: %q", reasons)
	}
	if _, _, err := c.Release("1.3.0"); err == nil {
		t.Error("a version that changes nothing was released")
	}
}

// TestDiff: added, retired, reworded; and what must not happen.
func TestDiff(t *testing.T) {
	const one, two = "fam/one  1.0.0  a3bac3d99854f019\n", "fam/two  1.1.0  8291310005dc144f\n"
	names := func(changes []Change) string {
		var all []string
		for _, change := range changes {
			all = append(all, strings.TrimSpace(change.ID+" "+strings.Join(change.Parts, ",")))
		}
		return strings.Join(all, " ")
	}
	check := func(label string, changes Changes, added, retired, rewordedIDs, changed, vanished string) {
		t.Helper()
		got := []string{names(changes.Added), names(changes.Retired), names(changes.Reworded), names(changes.Changed), names(changes.Vanished)}
		if want := []string{added, retired, rewordedIDs, changed, vanished}; !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", label, got, want)
		}
	}
	set := func(c *Corpus, err error, version string) Set {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		s, err := SetOf(c)
		if version != "" {
			s, err = SetAsOf(c, version)
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	c := versioned(t, one+two+"fam/zero  1.0.0  retired 1.1.0: it was wrong\n")
	old, now := set(c, nil, "1.0.0"), set(c, nil, "1.1.0")
	check("versions", Diff(old, now), "fam/two", "fam/zero", "", "", "")
	check("backwards", Diff(now, old), "fam/zero", "", "", "", "fam/two")
	check("to the folder", Diff(old, set(c, nil, "")), "fam/two", "fam/zero", "", "", "")

	edited := func(before, after string) Set {
		dir := t.TempDir()
		writeFile(t, dir, "fam.json", strings.Replace(sound, before, after, 1))
		writeFile(t, dir, idsFile, one+two)
		c, err := Load(dir)
		return set(c, err, "")
	}
	check("reworded", Diff(set(c, nil, ""), edited("Signed in another order", "Unsorted")), "", "", "fam/two comment", "", "")
	check("changed", Diff(set(c, nil, ""), edited("b=2&a=1", "a=1&b=2")), "", "", "", "fam/one", "")
}
