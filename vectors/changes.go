package vectors

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// Set is what a version of the vectors, or a folder of them, has.
type Set struct {
	ids map[string]published
	// texts are the vectors as they are written, by id: those of a version are known
	// only if they are still there.
	texts map[string]*Vector
	// rewordable: the texts are those of the set itself, not those of a later version.
	rewordable bool
}

// SetOf returns what the folder has.
func SetOf(c *Corpus) (Set, error) {
	ids, err := readIDs(c.files)
	s := Set{ids: map[string]published{}, texts: map[string]*Vector{}, rewordable: true}
	for id, entry := range ids {
		if entry.retired != "" || entry.fingerprint == endpointCheck {
			s.ids[id] = entry
		}
	}
	for _, v := range c.Vectors() {
		s.ids[v.ID], s.texts[v.ID] = published{since: ids[v.ID].since, fingerprint: v.Fingerprint()}, v
	}
	return s, err
}

// SetAsOf returns what a version of the folder had.
func SetAsOf(c *Corpus, version string) (Set, error) {
	ids, err := readIDs(c.files)
	s := Set{ids: map[string]published{}, texts: map[string]*Vector{}}
	for id, entry := range ids {
		switch {
		case entry.in(version):
			s.ids[id] = published{since: entry.since, fingerprint: entry.fingerprint} // whatever came of it later
		case entry.retired != "" && compareVersions(entry.until, version) <= 0:
			s.ids[id] = entry
		}
	}
	for _, v := range c.Vectors() {
		if _, had := s.ids[v.ID]; had {
			s.texts[v.ID] = v
		}
	}
	return s, err
}

// Change is what became of an id between two sets.
type Change struct {
	ID     string
	Vector *Vector  // as the newer set has it, or else the older; nil if neither knows
	Why    string   // it was retired; "" if the newer set does not say
	Parts  []string // what was reworded: comment, rules, flags, source, …
}

// Changes are the differences between two sets, each sorted by id.
type Changes struct {
	Added, Retired, Reworded []Change
	// Changed: another token, request or expectation under the same id. That is an
	// error of the newer set.
	Changed []Change
	// Vanished: they are not there any more, and nothing says why. That is one, too.
	Vanished []Change
	// Texts: whether the wording of both sets could be compared.
	Texts bool
}

// Diff returns what changed from an older set to a newer one.
func Diff(older, newer Set) Changes {
	changes := Changes{Texts: older.rewordable && newer.rewordable}
	had := func(s Set, id string) bool { entry, known := s.ids[id]; return known && entry.retired == "" }
	all := maps.Clone(older.ids)
	maps.Copy(all, newer.ids)
	for _, id := range slices.Sorted(maps.Keys(all)) {
		before, now := older.ids[id], newer.ids[id]
		change := Change{ID: id, Vector: newer.texts[id], Why: now.retired}
		if change.Vector == nil {
			change.Vector = older.texts[id]
		}
		switch {
		case !had(older, id) && had(newer, id):
			changes.Added = append(changes.Added, change)
		case had(older, id) && !had(newer, id) && now.retired != "":
			changes.Retired = append(changes.Retired, change)
		case had(older, id) && !had(newer, id):
			changes.Vanished = append(changes.Vanished, change)
		case !had(older, id):
		case before.fingerprint != now.fingerprint && before.fingerprint != "" && now.fingerprint != "":
			changes.Changed = append(changes.Changed, change)
		case changes.Texts:
			if change.Parts = reworded(older.texts[id], newer.texts[id]); change.Parts != nil {
				changes.Reworded = append(changes.Reworded, change)
			}
		}
	}
	return changes
}

// reworded names the parts of a vector whose text changed, though it means the same.
func reworded(before, now *Vector) (parts []string) {
	if before == nil || now == nil {
		return nil
	}
	a, b := members(before), members(now)
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !bytes.Equal(a[key], b[key]) {
			parts = append(parts, key)
		}
	}
	return parts
}

func members(v *Vector) map[string]json.RawMessage {
	text, _ := json.Marshal(v)
	members := map[string]json.RawMessage{}
	json.Unmarshal(text, &members)
	return members
}
