// This file answers: what do people get wrong about the order of parameters?

package defect

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"sigconform/reference"
)

var order = []Defect{
	{
		Slug:     "unsorted",
		Says:     "does not sort the parameters: it appends them in the order of the body",
		Hint:     "Most frameworks hand parameters over as they arrived. Sort them by name before appending them.",
		BugTypes: both, Breaks: "sorted-by-name",
		Step: orderParams(func(received, _ []reference.Param) []reference.Param { return received }),
	},
	{
		Slug:     "sorted-descending",
		Says:     "sorts the parameters in descending order",
		Hint:     "The comparison has its operands exchanged, or sorts in reverse.",
		BugTypes: both, Breaks: "sorted-by-name",
		Step: sortWith(func(a, b string) int { return strings.Compare(b, a) }),
	},
	{
		Slug: "sorted-ignoring-case",
		Says: "sorts the names without regard to case",
		Hint: "A case-insensitive comparer or a map with one (StringComparer.OrdinalIgnoreCase in C#, TreeMap " +
			"with CASE_INSENSITIVE_ORDER in Java). Sort by bytes: capitals come before small letters.",
		BugTypes: both, Breaks: "sorted-by-name",
		Step: orderParams(func(received, _ []reference.Param) []reference.Param {
			received = slices.Clone(received)
			slices.SortStableFunc(received, func(a, b reference.Param) int {
				return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
			})
			return received
		}),
	},
	{
		Slug: "sorted-by-joined",
		Says: "sorts after joining name and value, so that ReasonConferenceEnded=a comes before Reason=b",
		Hint: "The sort is applied to strings that already hold name and value. Sort by the name alone, then " +
			"append.",
		BugTypes: both, Breaks: "sorted-by-name",
		Step: sortParams(func(a, b reference.Param) int { return strings.Compare(a.Name+a.Value, b.Name+b.Value) }),
	},
	{
		Slug:     "sorted-by-value",
		Says:     "sorts the parameters by their values",
		Hint:     "asort instead of ksort in PHP, or a sort key that takes the wrong half of the pair. Sort by name.",
		BugTypes: both, Breaks: "sorted-by-name",
		Step: sortParams(func(a, b reference.Param) int { return strings.Compare(a.Value, b.Value) }),
	},
	{
		Slug: "sorted-as-numbers",
		Says: "sorts names that are numbers by their value, 9 before 10",
		Hint: "PHP makes integers of array keys that look like integers, and ksort compares them as numbers " +
			"unless it is given SORT_STRING; JavaScript objects enumerate such keys first and in ascending order.",
		BugTypes: both, Breaks: "sorted-by-name",
		Step: sortWith(func(a, b string) int {
			m, errA := strconv.Atoi(a)
			n, errB := strconv.Atoi(b)
			switch {
			case errA == nil && errB == nil:
				return cmp.Compare(m, n)
			case errA == nil:
				return -1
			case errB == nil:
				return 1
			}
			return strings.Compare(a, b)
		}),
	},
	{
		Slug:     "numbers-in-names-sorted",
		Says:     "sorts numbers inside names by their value, MediaUrl9 before MediaUrl10",
		Hint:     "A natural sort (SORT_NATURAL, localeCompare with numeric: true). Sort by bytes.",
		BugTypes: both, Breaks: "sorted-by-name",
		Step: sortWith(func(a, b string) int { return strings.Compare(padNumbers(a), padNumbers(b)) }),
	},
	{
		Slug: "sorted-by-locale",
		Says: "sorts names as a dictionary does: {}",
		Hint: "localeCompare and Intl.Collator in JavaScript (icu), strcoll, string.Compare in C# and sort under a locale ignore case at " +
			"first, and some ignore punctuation. Compare by bytes: (a < b ? -1 : 1), StringComparer.Ordinal, LC_ALL=C.",
		Hints: map[string]string{
			"icu": "localeCompare and Intl.Collator in JavaScript, and ICU elsewhere, sort by letters, and look at case only where " +
				"those are equal. Compare by bytes: (a < b ? -1 : 1) in JavaScript.",
			"punctuation-ignored": "strcoll, sort under a locale, and string.Compare in C# ignore punctuation and case at first. " +
				"Compare by bytes: LC_ALL=C, StringComparer.Ordinal.",
			"hyphens-ignored": "string.Compare and SortedDictionary in C# sort words: case, hyphens and apostrophes count only where all " +
				"else is equal. Compare by bytes: StringComparer.Ordinal.",
			"letters-before-case": "SortedDictionary and OrderBy in C# and collations of databases look at case only where the letters " +
				"are equal. Compare by bytes: StringComparer.Ordinal.",
		},
		BugTypes: both, Breaks: "sorted-by-name",
		Values: []string{"icu", "punctuation-ignored", "hyphens-ignored", "letters-before-case"},
		StepFor: func(value string) Step {
			first := map[string]func(name string) string{
				"punctuation-ignored": collated, "hyphens-ignored": wordSorted, "letters-before-case": strings.ToLower,
			}[value]
			if first == nil {
				return func(v *reference.Validator) {
					collator := collate.New(language.English) // not safe for concurrent use: one for each validator
					sortWith(collator.CompareString)(v)
				}
			}
			return sortWith(func(a, b string) int {
				return cmp.Or(strings.Compare(first(a), first(b)), strings.Compare(caseSwapped(a), caseSwapped(b)))
			})
		},
	},
	{
		Slug:     "order-of-a-hash-map",
		Says:     "signs the parameters in the order of a HashMap in Java",
		Hint:     "HashMap.forEach and entrySet() know no order. Use new TreeMap<>(params), which sorts by name.",
		BugTypes: both, Breaks: "sorted-by-name",
		Brings: []string{"last-value-only", "first-value-only"},
		Step: orderParams(func(received, ordered []reference.Param) []reference.Param {
			names := map[string]bool{}
			for _, p := range ordered {
				names[p.Name] = true
			}
			size := 16
			for size*3/4 < len(names) {
				size *= 2
			}
			put := func(p reference.Param) int { // names in one bucket are in the order in which they came
				return slices.IndexFunc(received, func(r reference.Param) bool { return r.Name == p.Name })
			}
			slices.SortStableFunc(ordered, func(a, b reference.Param) int {
				return cmp.Or(cmp.Compare(bucket(a.Name, size), bucket(b.Name, size)), cmp.Compare(put(a), put(b)))
			})
			return ordered
		}),
	},
	{
		Slug:     "unsorted-beyond-32-names",
		Says:     "does not sort more than 32 names",
		Hint:     "Small maps are ordered by key and larger ones are not (Erlang and Elixir). Sort explicitly.",
		BugTypes: both, Breaks: "sorted-by-name",
		Step: orderParams(func(received, ordered []reference.Param) []reference.Param {
			if len(received) > 32 {
				return received
			}
			return ordered
		}),
	},
	{
		Slug: "sorted-as-utf-16",
		Says: "sorts names by their UTF-16 units, an emoji before a full-width letter",
		Hint: "Strings of JavaScript, Java and C# are compared so. It differs from the order of bytes only " +
			"beyond the BMP.",
		BugTypes: both, Breaks: "sort-beyond-bmp",
		Step: sortWith(func(a, b string) int {
			return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		}),
	},
}

var digits = regexp.MustCompile(`\d+`)

func padNumbers(s string) string {
	return digits.ReplaceAllStringFunc(s, func(n string) string {
		return strings.Repeat("0", max(0, 20-len(n))) + n
	})
}

// bucket is where a HashMap of that size puts a name.
func bucket(name string, size int) int {
	var hash uint32
	for _, unit := range utf16.Encode([]rune(name)) {
		hash = 31*hash + uint32(unit)
	}
	return int(hash^hash>>16) & (size - 1)
}

// collated is s as most locales look at it first.
func collated(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, strings.NewReplacer("é", "e", "É", "E").Replace(s)))
}

// wordSorted is s as .NET on Windows looks at it first: without hyphens and
// apostrophes, punctuation before digits and those before letters.
func wordSorted(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == '\'':
			return -1
		case unicode.IsLetter(r):
			return unicode.ToLower(r) + 0x200
		case unicode.IsDigit(r):
			return r + 0x100
		}
		return r
	}, strings.NewReplacer("é", "e", "É", "E").Replace(s))
}

// caseSwapped has small letters before capital ones, as dictionaries do.
func caseSwapped(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}
