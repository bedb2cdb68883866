// This file answers: what is the number of a limit, and what does it limit? The
// catalogue has a few numbers; that of the validator is found by doubling and
// halving. A long value makes a long form and a long string to sign as well:
// requests that are long in other places tell the limits apart.

package diagnosis

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strconv"
	"strings"

	"sigconform/reference"
	"sigconform/reference/defect"
)

const (
	// largestSized is the size in bytes of the largest request that is sent to find
	// a limit.
	largestSized = 2 << 20
	// mostLimits is how many kinds of limits are looked for.
	mostLimits = 5
	// mostApart is how many requests are sent to tell limits apart, and timesLarger
	// how many times larger they may be than those next to the limit.
	mostApart, timesLarger = 24, 4
	// timesBeyond is how far beyond a limit a request is that must be cut as well.
	timesBeyond = 3
)

// boundary is where a limit lies: of two requests that differ in size alone the
// validator accepts the smaller one.
type boundary struct{ accepted, rejected reference.Request }

// suspect is a kind of limit that failures may be due to: the requests that it
// would have to do with are larger than all that were accepted.
type suspect struct {
	of       defect.Variant
	accepted int   // the number that the largest accepted request needs
	rejected []int // the numbers that those failures need, ascending
}

// limits finds the number of each limit that the validator may have. Of those that
// could be one and the same it leaves out the ones that further requests refute.
func (q *inquiry) limits(ctx context.Context) error {
	var known []boundary
	var limits made
	for _, s := range q.suspects() {
		n, is := numberAt(s.of, known)
		if !is {
			b, found, err := q.boundary(ctx, s)
			if err != nil {
				return err
			}
			if !found {
				continue
			}
			known = append(known, b)
			n, is = numberAt(s.of, known)
		}
		if !is {
			continue
		}
		limit := defect.Variant{Defect: s.of.Defect, Value: strconv.Itoa(n)}
		cuts, err := q.cuts(ctx, limit, n)
		if err != nil {
			return err
		}
		if cuts {
			limits = append(limits, limit)
		}
	}
	limits, news, err := q.apart(ctx, limits, known)
	for _, limit := range limits {
		// The two requests next to the limit are what confirms it.
		q.tally(limit).sized = true
	}
	q.table.extend(news, slices.DeleteFunc(slices.Clone(limits), func(limit defect.Variant) bool {
		return slices.ContainsFunc(q.table.answered, func(a answered) bool { return a.variant.Key() == limit.Key() })
	})...)
	q.table.completeThose(limits)
	return err
}

// cuts reports whether a request far beyond a limit is accepted if it is signed as far as the
// limit: next to it, leaving out every third parameter looks like signing the first two.
func (q *inquiry) cuts(ctx context.Context, limit defect.Variant, n int) (bool, error) {
	far := q.rightly(limit.Sized(timesBeyond*n + 1))
	if length(far.Request) > largestSized {
		return true, nil
	}
	signature, signs := defect.Sign(limit.New(), q.token, far.Request)
	if !signs {
		return true, nil
	}
	far.Request.Signature = &signature
	_, err := q.send(ctx, []probe{far})
	return q.probed[far.key()] != reference.Reject, err
}

// suspects returns the kinds of limits that failures may be due to, those first
// to which most may be.
func (q *inquiry) suspects() []suspect {
	var accepted, rejected []reference.Request
	for i, o := range q.base {
		switch {
		case o.Verdict == reference.Accept && !o.Failed && !o.Open:
			accepted = append(accepted, o.Request)
		case o.Verdict != reference.Accept && slices.Contains(q.table.failures, i):
			rejected = append(rejected, o.Request)
		}
	}
	// No request needs a larger number than its size: behind the largest ones most need no look.
	slices.SortStableFunc(accepted, func(a, b reference.Request) int { return cmp.Compare(length(b), length(a)) })
	var found []suspect
	for _, d := range q.kindsOfLimits() {
		s := suspect{of: defect.Variant{Defect: d}}
		for _, r := range accepted {
			if length(r) > s.accepted && !within(d, s.accepted, r) {
				s.accepted = needed(d, r)
			}
		}
		for _, r := range rejected {
			if length(r) > s.accepted && !within(d, s.accepted, r) {
				s.rejected = append(s.rejected, needed(d, r))
			}
		}
		if len(s.rejected) > 0 && s.accepted > 0 {
			slices.Sort(s.rejected)
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b suspect) int { return cmp.Compare(len(b.rejected), len(a.rejected)) })
	return found[:min(mostLimits, len(found))]
}

func length(r reference.Request) int { return len(r.URL) + len(r.Body) }

// kindsOfLimits returns the defects that are limits and may be considered.
func (q *inquiry) kindsOfLimits() []*defect.Defect {
	var kinds []*defect.Defect
	for _, d := range defect.Catalogue() {
		if d.Sized != nil && (q.Only == nil || slices.ContainsFunc(q.Only, func(v defect.Variant) bool { return v.Slug == d.Slug })) {
			kinds = append(kinds, d)
		}
	}
	return kinds
}

// boundary finds the largest n for which the validator accepts a request of size n
// that a limit is about; not found if it does not end between what was accepted and
// what was rejected.
func (q *inquiry) boundary(ctx context.Context, s suspect) (b boundary, found bool, err error) {
	fits := func(n int) bool {
		verdict, failed := q.sendRight(ctx, s.of.Sized(n))
		err = failed
		return verdict == reference.Accept
	}
	// A failure may have another reason: it is rejected, and this request is not.
	numbers := slices.DeleteFunc(slices.Clone(s.rejected), func(n int) bool {
		return length(s.of.Sized(n)) > largestSized
	})
	if len(numbers) == 0 || fits(numbers[len(numbers)-1]) || err != nil || !fits(s.accepted) || err != nil {
		return b, false, err
	}
	first := sort.Search(len(numbers)-1, func(i int) bool { return err == nil && !fits(numbers[i]) })
	low, high := s.accepted, numbers[first]
	if first > 0 {
		low = numbers[first-1]
	}
	for high-low > 1 && err == nil && q.budget.room() > 0 {
		if middle := (low + high) / 2; fits(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return boundary{s.of.Sized(low), s.of.Sized(high)}, high-low == 1 && err == nil && q.budget.room() > 0, err
}

// sendRight sends a request with its right signature, and returns the answer.
func (q *inquiry) sendRight(ctx context.Context, request reference.Request) (reference.Verdict, error) {
	p := q.rightly(request)
	_, err := q.send(ctx, []probe{p})
	return q.probed[p.key()], err
}

func (q *inquiry) rightly(request reference.Request) probe {
	signature := reference.Sign(q.token, request)
	request.Signature = &signature
	return probe{Case: Case{AuthToken: q.token, Request: request}}
}

// numberAt returns the number that a kind of limit has if it is the reason of one
// of the boundaries; false if it is not, or has not one number.
func numberAt(of defect.Variant, known []boundary) (n int, is bool) {
	for _, b := range known {
		low, high := needed(of.Defect, b.accepted), needed(of.Defect, b.rejected)
		if high == low+1 {
			return low, true
		}
	}
	return 0, false
}

// needed returns the smallest number of a limit with which a request is accepted.
func needed(limit *defect.Defect, request reference.Request) int {
	low, high := 0, 1
	for !within(limit, high, request) {
		low, high = high, 2*high
	}
	for high-low > 1 {
		if middle := (low + high) / 2; within(limit, middle, request) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// within reports whether a validator with a limit of n signs a request as the
// reference does.
func within(limit *defect.Defect, n int, request reference.Request) bool {
	right, rightly := defect.StringToSign(reference.New(), request)
	if !rightly {
		return true
	}
	signed, ok := defect.StringToSign(defect.Variant{Defect: limit, Value: strconv.Itoa(n)}.New(), request)
	return ok && signed == right
}

func isWithin(limit defect.Variant, request reference.Request) bool {
	n, _ := strconv.Atoi(limit.Value)
	return within(limit.Defect, n, request)
}

// apart sends requests that are within one limit and not within another, and
// leaves out the limits within which one was rejected or beyond which one was accepted.
func (q *inquiry) apart(ctx context.Context, limits made, known []boundary) (left made, news []Observation, err error) {
	sent, most := 0, 0
	for _, b := range known {
		most = max(most, min(largestSized, timesLarger*length(b.rejected)))
	}
	for _, limit := range limits {
		for _, shape := range shapes {
			request, beyond := beyondLimit(limit, shape, most)
			telling := beyond && slices.ContainsFunc(limits, func(other defect.Variant) bool { return isWithin(other, request) })
			if !telling || sent == mostApart {
				continue
			}
			sent++
			more, err := q.send(ctx, []probe{q.rightly(request)})
			news = append(news, more...)
			if err != nil {
				return limits, news, err
			}
		}
	}
	left = slices.DeleteFunc(slices.Clone(limits), func(limit defect.Variant) bool {
		return slices.ContainsFunc(news, func(o Observation) bool {
			return o.Verdict == reference.Accept && !isWithin(limit, o.Request)
		})
	})
	return left, news, nil
}

// beyondLimit returns the smallest request of a shape that is not within a limit;
// false if there is none of that size.
func beyondLimit(limit defect.Variant, shape func(n int) reference.Request, most int) (reference.Request, bool) {
	low, high := 0, 1
	for isWithin(limit, shape(high)) {
		low, high = high, 2*high
		if r := shape(high); length(r) > most {
			return r, false
		}
	}
	for high-low > 1 {
		if middle := (low + high) / 2; isWithin(limit, shape(middle)) {
			low = middle
		} else {
			high = middle
		}
	}
	return shape(high), true
}

// shapes are requests that grow, each in another place.
var shapes = []func(n int) reference.Request{
	// One value; two values; many of a few characters; a long name; escapes, which
	// are longer in the form than in the string to sign.
	longer(func(n int) string { return "a=" + strings.Repeat("b", n) }),
	longer(func(n int) string { return "a=" + strings.Repeat("b", n) + "&c=" + strings.Repeat("d", n) }),
	longer(func(n int) string {
		var form strings.Builder
		for i := range n {
			form.WriteString("&p" + strconv.Itoa(i) + "=value" + strconv.Itoa(i))
		}
		return form.String()[1:]
	}),
	longer(func(n int) string { return strings.Repeat("n", n) + "=b" }),
	longer(func(n int) string { return "a=" + strings.Repeat("%2B", n) }),
	// A long path, with a form and without.
	func(n int) reference.Request {
		r := longer(func(int) string { return "a=b" })(n)
		r.URL += "/" + strings.Repeat("p", n)
		return r
	},
	func(n int) reference.Request {
		return reference.Request{Method: "GET", URL: "https://example.com/myapp/" + strings.Repeat("p", n)}
	},
	// Few values behind a path of moderate length.
	func(n int) reference.Request {
		r := longer(func(n int) string { return "a=" + strings.Repeat("b", n) })(n)
		r.URL += "/" + strings.Repeat("p", 100)
		return r
	},
}

func longer(body func(n int) string) func(n int) reference.Request {
	return func(n int) reference.Request {
		form := "application/x-www-form-urlencoded"
		return reference.Request{Method: "POST", URL: "https://example.com/myapp", ContentType: &form, Body: []byte(body(n))}
	}
}
