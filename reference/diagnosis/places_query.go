package diagnosis

import (
	"net/url"
	"slices"
	"strings"

	"sigconform/reference"
)

const (
	// mostPermuted is up to how many parameters of a query are tried in all orders:
	// 720 for six.
	mostPermuted = 6
	// mostPairs and mostQuery are up to how many parameters, and bytes of a query,
	// single ones are looked at.
	mostPairs = 40
	mostQuery = 1 << 14
)

const (
	queryVerbatim = "A framework or proxy parsed and rebuilt the query. Hand over the raw query string, as it arrived."
	queryOrder    = "A framework or proxy parsed and rebuilt the query, or Twilio sent another order than it signed, which has been " +
		"seen. Hand over the raw query string, as it arrived."
)

// respelling is another way to write a character of a query.
type respelling struct{ says, from, to string }

var respellings = []respelling{
	{"spaces are + and not %20", "%20", "+"},
	{"spaces are %20 and not +", "+", "%20"},
	{"spaces are %20 and not raw", " ", "%20"},
	{"spaces are + and not raw", " ", "+"},
	{"plus signs are + and not a space", " ", "+"},
	{"plus signs are + and not %20", "%20", "+"},
	{"plus signs are %2B and not +", "+", "%2B"},
	{"plus signs are %2B and not %20", "%20", "%2B"},
	{"plus signs are %2B and not raw spaces", " ", "%2B"},
	{"plus signs are + and not %2B", "%2B", "+"},
	{"plus signs are + and not %2b", "%2b", "+"},
	{"apostrophes are %27", "'", "%27"},
	{"apostrophes are not escaped", "%27", "'"},
}

func queryWays(received Received, start signing) []way {
	const lost = "The URL handed to the validator must have its query: use the full URL, not only host and path."
	q := start.url.Query
	w := waysFrom(start)
	to := func(cost int, says, fix, query string) {
		w.url(cost, says, fix, func(u *reference.URLParts) { u.Query = query })
	}
	to(usual, "there is no query", "A framework, a rewrite rule or a test tool added a query that Twilio does not have. Hand over "+
		"the URL as it is configured.", "")
	to(rare, "there is an empty query: a ? at the end", lost, q+"?")
	if body := received.Request.Body; len(body) > 0 && len(reference.BodyHashes(start.url.String())) == 0 {
		const fix = "bodySHA256 is a part of the configured URL that was signed: hand over the query with it."
		to(usual, "the query has the bodySHA256 of this body", fix, joinQuery(q, reference.BodyHashParam+"="+reference.BodyHash(body)))
		if decoded, ok := base64Body(body); ok {
			to(usual, "the query has the bodySHA256 of this body, which is Base64", base64Fix,
				joinQuery(q, reference.BodyHashParam+"="+reference.BodyHash(decoded)))
		}
	}
	if q == "" {
		return w.list
	}
	for _, r := range respellings {
		to(usual, r.says, queryVerbatim, strings.ReplaceAll(q, r.from, r.to))
	}
	to(rare, "the query has its escapes in capitals", queryVerbatim, hexCase(q, strings.ToUpper))
	to(rare, "the query has its escapes in small letters", queryVerbatim, hexCase(q, strings.ToLower))
	if decoded, err := url.QueryUnescape(q); err == nil {
		to(rare, "the query is decoded", queryVerbatim, decoded)
	}
	if decoded, err := url.PathUnescape(q); err == nil {
		to(rare, "the query is decoded, but for +", queryVerbatim, decoded)
	}
	pairs := strings.Split(q[1:], "&")
	to(usual, "the query is sorted", queryOrder, "?"+strings.Join(slices.Sorted(slices.Values(pairs)), "&"))
	if values, err := url.ParseQuery(q[1:]); err == nil {
		to(usual, "the query is sorted and escaped again", queryVerbatim, "?"+values.Encode())
	}
	if len(pairs) > mostPairs || len(q) > mostQuery {
		return w.list
	}
	pairWays(pairs, to)
	for _, order := range ordersOf(pairs) {
		query := strings.Join(order, "&")
		to(rare, "the query is in another order: "+query, queryOrder, "?"+query)
	}
	return w.list
}

// joinQuery appends pairs to a query, which has its "?" or is empty.
func joinQuery(query, pairs string) string {
	switch {
	case pairs == "":
		return query
	case query == "" || query == "?":
		return "?" + pairs
	}
	return query + "&" + pairs
}

// pairWays are the ways in which one parameter of the query differs: it is not
// there, or its value is spelled otherwise.
func pairWays(pairs []string, to func(cost int, says, fix, query string)) {
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		rest := slices.Delete(slices.Clone(pairs), i, i+1)
		to(rare, "the query has no "+name, "Something between Twilio and the application added this parameter. Hand over the URL "+
			"without it.", joinQuery("", strings.Join(rest, "&")))
		with := func(says, value string) {
			changed := slices.Clone(pairs)
			changed[i] = name + "=" + value
			to(rare, "in the value of "+name+" in the query "+says, queryVerbatim, "?"+strings.Join(changed, "&"))
		}
		for _, r := range respellings {
			with(r.says, strings.ReplaceAll(value, r.from, r.to))
		}
		if isNumber(value) {
			with("there is a + at its start", "+"+value)
			with("there is a %2B at its start", "%2B"+value)
		}
	}
}

// isNumber reports whether a value is a phone number that may have lost its plus.
func isNumber(value string) bool {
	return len(value) >= 7 && strings.Trim(value, "0123456789") == ""
}

// ordersOf returns other orders of the pairs: all of a few, and for more those in
// which one pair has moved, or that are reversed.
func ordersOf(pairs []string) [][]string {
	if len(pairs) <= mostPermuted {
		return permutations(pairs)
	}
	reversed := slices.Clone(pairs)
	slices.Reverse(reversed)
	orders := [][]string{reversed}
	for from := range pairs {
		for to := range pairs {
			moved := slices.Delete(slices.Clone(pairs), from, from+1)
			orders = append(orders, slices.Insert(moved, to, pairs[from]))
		}
	}
	return orders
}

func permutations(items []string) [][]string {
	if len(items) < 2 {
		return [][]string{items}
	}
	var all [][]string
	for i, first := range items {
		for _, rest := range permutations(slices.Delete(slices.Clone(items), i, i+1)) {
			all = append(all, append([]string{first}, rest...))
		}
	}
	return all
}
