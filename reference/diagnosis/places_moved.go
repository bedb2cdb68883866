package diagnosis

import (
	"slices"
	"strings"

	"sigconform/reference"
)

const (
	// mostSubsets is up to how many parameters all subsets are tried of.
	mostSubsets = 10
	// mostChosen is up to how many parameters some of them are tried alone.
	mostChosen = 400
)

// geography are the parameters that Twilio sends for both ends, often without a
// value. Voice sends each of them twice.
var geography = struct {
	parts []string
	sides [][]string
}{
	[]string{"City", "State", "Zip", "Country"},
	[][]string{{"To"}, {"From"}, {"To", "Called"}, {"From", "Caller"}},
}

// usuallyEmpty are other parameters that Twilio often sends without a value.
var usuallyEmpty = []string{
	"Body", "Digits", "FinishedOnKey", "CallerName", "ForwardedFrom", "SpeechResult", "RecordingUrl", "ErrorCode", "AddOns",
	"MediaUrl0", "ProfileName",
	"ButtonText", "ButtonPayload",
}

// movedWays are the ways in which parameters were lost, or moved between the query
// and the form.
func movedWays(received Received, start signing) []way {
	w := waysFrom(start)
	blankWays(w)
	intoQuery(w, received)
	intoForm(w, received)
	return w.list
}

// blankWays adds parameters without a value, which the receiver dropped: those of
// one end or of both, others, or some of both kinds.
func blankWays(w *ways) {
	have := map[string]bool{}
	for _, p := range w.start.params {
		have[p.Name] = true
	}
	seen := map[string]bool{}
	add := func(cost int, names []string) {
		names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return have[name] })
		key := strings.Join(names, ", ")
		if len(names) == 0 || seen[key] {
			return
		}
		seen[key] = true
		says := "the parameter " + key + " is there, without a value"
		if len(names) > 1 {
			says = "the parameters " + key + " are there, without values"
		}
		var blanks []reference.Param
		for _, name := range names {
			blanks = append(blanks, reference.Param{Name: name})
		}
		w.add(cost, says, "A framework or middleware drops empty values. Hand over every parameter of the body; empty ones are signed "+
			"too.", func(s *signing) {
			s.params = withParams(slices.Clone(s.params), blanks)
		})
	}
	for _, side := range []string{"To", "From", "Called", "Caller"} {
		for _, part := range geography.parts {
			add(usual, []string{side + part})
		}
	}
	for _, name := range usuallyEmpty {
		add(usual, []string{name})
	}
	sets := geographySets()
	for _, names := range sets {
		cost := rare
		if len(names)%len(geography.parts) == 0 {
			cost = usual
		}
		add(cost, names)
	}
	for i, name := range usuallyEmpty {
		for _, other := range usuallyEmpty[i+1:] {
			add(rare, []string{name, other})
		}
		for _, names := range sets {
			add(odd, append(slices.Clone(names), name))
		}
	}
}

// geographySets returns every choice of parts for each end, those for messages
// and those for calls.
func geographySets() [][]string {
	var sets [][]string
	parts := len(geography.parts)
	for family := 0; family < len(geography.sides); family += 2 {
		for mask := 1; mask < 1<<(2*parts); mask++ {
			var names []string
			for end, sides := range geography.sides[family : family+2] {
				for _, side := range sides {
					for i, part := range geography.parts {
						if mask>>(end*parts+i)&1 == 1 {
							names = append(names, side+part)
						}
					}
				}
			}
			sets = append(sets, names)
		}
	}
	return sets
}

// choice is a choice of parameters: those that moved and those that stay.
type choice struct {
	cost        int
	moved, stay []string
}

func (c choice) says() string {
	var names []string
	for _, pair := range c.moved {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	if len(names) == 1 {
		return "the parameter " + names[0] + " is"
	}
	return "the parameters " + strings.Join(names, ", ") + " are"
}

// choices returns the choices of pairs: all of them, one, those up to one and those
// from one on, and of a few all subsets.
func choices(pairs []string) []choice {
	var all []choice
	add := func(cost int, takes func(i int) bool) {
		c := choice{cost: cost}
		for i, pair := range pairs {
			if takes(i) {
				c.moved = append(c.moved, pair)
			} else {
				c.stay = append(c.stay, pair)
			}
		}
		if len(c.moved) > 0 {
			all = append(all, c)
		}
	}
	add(usual, func(int) bool { return true })
	if len(pairs) == 1 || len(pairs) > mostChosen {
		return all
	}
	single := rare
	if len(pairs) > mostSearched {
		single = odd
	}
	for n := range pairs {
		add(single, func(i int) bool { return i == n })
	}
	if len(pairs) > mostSubsets {
		for n := range pairs {
			add(odd, func(i int) bool { return i < n })
			add(odd, func(i int) bool { return i >= n })
		}
		return all
	}
	for mask := range 1<<len(pairs) - 1 {
		if mask&(mask-1) != 0 {
			add(odd, func(i int) bool { return mask>>i&1 == 1 })
		}
	}
	return all
}

// pairsOf returns the pairs of a form or a query as they are spelled.
func pairsOf(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "&"), func(pair string) bool { return pair == "" })
}

// paramsOf returns the parameters of pairs in the order in which they are signed.
func paramsOf(pairs ...string) []reference.Param {
	return reference.OrderParams(reference.ParseForm([]byte(strings.Join(pairs, "&"))))
}

// intoQuery moves parameters of the body into the query, where they were signed.
func intoQuery(w *ways, received Received) {
	const fix = "The parameters of the query are handed over as if they were those of a form: a framework merges both, or a GET is " +
		"taken for a POST. " +
		"Hand over the query within the URL, and the parameters of the body alone."
	pairs := pairsOf(string(received.Request.Body))
	if contentType := received.Request.ContentType; len(pairs) == 0 || contentType != nil && !received.Request.IsForm() {
		return
	}
	isForm := len(w.start.params) > 0
	for _, c := range choices(pairs) {
		moved := strings.Join(c.moved, "&")
		for i, spelling := range []string{moved, strings.ReplaceAll(moved, "+", "%20"), strings.ReplaceAll(moved, "%20", "+")} {
			if i > 0 && spelling == moved {
				continue
			}
			w.add(c.cost, c.says()+" in the query, not in the form", fix, func(s *signing) {
				if s.url.Query = joinQuery(s.url.Query, spelling); isForm {
					s.params = paramsOf(c.stay...)
				}
			})
		}
	}
}

// intoForm moves parameters of the query into the form, where they were signed, and
// takes those of the query out of the form.
func intoForm(w *ways, received Received) {
	const (
		moved = "The parameters of the form are handed over in the query: a framework rebuilds the URL from everything that it " +
			"received, or a proxy turns a " +
			"POST into a GET. Hand over the URL as it is configured, and the parameters of the body."
		merged = "A framework merges the query and the form ($_REQUEST in PHP, getParameterMap in Java, r.Form in Go). Hand over the " +
			"parameters of the body alone: the query is signed with the URL."
		mixed = "Whoever made this signature mixed the query into the parameters. Twilio signs the query with the URL alone."
	)
	query := strings.TrimPrefix(w.start.url.Query, "?")
	pairs := pairsOf(query)
	if len(pairs) == 0 {
		return
	}
	body := string(received.Request.Body)
	if len(w.start.params) == 0 {
		body = ""
	}
	inQuery := reference.ParseForm([]byte(query))
	w.params(usual, "the parameters of the query are not among those of the form", merged,
		slices.DeleteFunc(slices.Clone(w.start.params), func(p reference.Param) bool { return slices.Contains(inQuery, p) }))
	for _, c := range choices(pairs) {
		w.add(max(c.cost, rare), c.says()+" in the form, not in the query", moved, func(s *signing) {
			s.url.Query = joinQuery("", strings.Join(c.stay, "&"))
			s.params = paramsOf(append([]string{body}, c.moved...)...)
		})
	}
	w.params(rare, "the parameters of the query are among those of the form as well", mixed, paramsOf(body, query))
}
