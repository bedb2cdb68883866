package generate

import (
	"strconv"
	"strings"

	"sigconform/reference"
)

// This file makes one part of a request as long as a limit might be. Limits are
// round numbers, and software drops or changes silently what exceeds them.

// edges are where buffers, limits and counters end.
var edges = []int{
	8, 16, 20, 32, 50, 55, 64, 100, 128, 200, 255, 256, 500, 512, 1000, 1024, 2000, 2048, 4096, 5000,
	8192, 10000, 16384, 32768, 65536, 102400, 131072,
}

// drawSize draws a size at an edge or next to one, at most most. Large sizes are
// rarer.
func drawSize(s *Source, most int) int {
	n := len(edges)
	for edges[n-1] > most {
		n--
	}
	at := s.below(n)
	if s.oneIn(2) {
		at = min(at, s.below(n))
	}
	return min(edges[at]+pick(s, []int{0, 1, -1}), most)
}

const (
	longestURL   = 4096 // servers accept no longer ones
	longestHost  = 253  // DNS has no longer ones
	longestLabel = 63
	longestToken = 257
	mostParams   = 1000 // more are a question
)

// stretch makes one part of the request long.
func (d *draft) stretch(s *Source) {
	switch s.weighted(8, 1, 2, 2, 1) {
	case 0:
		d.stretchBody(s)
	case 1: // the host
		for n := drawSize(s, longestHost) - len(d.url.Host) - 1; n > 0; n -= longestLabel + 1 {
			d.url.Host = strings.Repeat("h", min(n, longestLabel)) + "." + d.url.Host
		}
	case 2: // a segment, or the number of them
		if n := drawSize(s, longestURL/2); s.oneIn(2) {
			d.url.Path += "/" + strings.Repeat("x", n)
		} else {
			d.url.Path += strings.Repeat("/a", n/4)
		}
	case 3: // a value of the query, or the number of pairs
		if n := drawSize(s, longestURL/2); s.oneIn(2) {
			d.addPair(s, "q="+strings.Repeat("x", n))
		} else {
			d.addPair(s, strings.TrimPrefix(strings.Repeat("&q=1", n/4), "&"))
		}
	case 4: // the URL as a whole
		d.addPair(s, "q="+strings.Repeat("x", max(0, drawSize(s, longestURL)-len(d.url.String())-len("&q="))))
	}
}

func (d *draft) stretchBody(s *Source) {
	filler := pick(s, []string{"x", "ab1", "é", " ", "%", "\U0001f600"})
	fill := func(n int) string { return strings.Repeat(filler, n/len(filler)) + strings.Repeat("x", n%len(filler)) }
	longest := edges[len(edges)-1]
	if !d.form {
		if len(d.body) > 0 {
			d.body = append(d.body[:len(d.body):len(d.body)], fill(max(0, drawSize(s, longest)-len(d.body)))...)
		}
		return
	}
	switch s.weighted(3, 3, 1, 2) {
	case 0: // a value
		d.params = append(d.params, reference.Param{Name: "long", Value: fill(drawSize(s, longest))})
	case 1: // the form as a whole
		value := strings.Repeat("x", max(0, drawSize(s, longest)-len(d.request().Body)-len("&long=")))
		d.params = append(d.params, reference.Param{Name: "long", Value: value})
	case 2: // a name
		d.params = append(d.params, reference.Param{Name: fill(drawSize(s, longestURL)), Value: "1"})
	case 3: // the number of parameters
		for i := range drawSize(s, mostParams) - len(d.params) {
			d.params = append(d.params, reference.Param{Name: "p" + strconv.Itoa(i), Value: pick(s, values[:4])})
		}
	}
}
