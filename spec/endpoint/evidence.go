// This file answers: is an answer the application's own, or anybody's? A status
// tells a rejection from an acceptance only where a validator gave it. On another
// path, in another method or to another media type a server may answer 200 of
// itself. There an answer counts as the application's if it looks like that to
// the right request. The rules are
//
//   - What varies from answer to answer is masked: the same request is sent three
//     times, and only the words that all answers have count. Words with digits
//     (counters, times, ids) never count, nor does what the request said.
//   - What is left must be distinctive: an empty body, <Response/>, OK, {} and null
//     are anybody's.

package endpoint

import (
	"slices"
	"strings"

	"sigconform/adapters/webhook"
)

// portrait is what the answers to one request have in common.
type portrait struct {
	status int
	words  []string // that every answer has, in this order
	spare  int      // how many more words an answer had at most
}

// cookiesOf are the cookies that an answer sets, as a client returns them.
func cookiesOf(reply webhook.Reply) string {
	var pairs []string
	for _, set := range reply.Header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(set, ";")
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "; ")
}

// mostWords is how many words of a body are looked at.
const mostWords = 400

// portraitOf returns what the replies have in common; the path of the request
// and its method are no part of it. The status is that of the first reply.
func portraitOf(request webhook.Delivery, replies ...webhook.Reply) portrait {
	ignored := wordsOf(request.Request.URL + " " + request.Request.Method)
	p := portrait{status: replies[0].Status}
	for i, reply := range replies {
		words := without(wordsOf(reply.Body), ignored)
		if i == 0 {
			p.words = words
		}
		p.words = common(p.words, words)
	}
	for _, reply := range replies {
		p.spare = max(p.spare, len(without(wordsOf(reply.Body), ignored))-len(p.words))
	}
	return p
}

// shows reports whether a body is one of those that the portrait was made of:
// it has all their words, and not many more.
func (p portrait) shows(body string) bool {
	words := wordsOf(body)
	return p.within(words) && len(words) <= len(p.words)+p.spare+len(p.words)/4+2
}

// isPartOf reports whether a body has all the words of the portrait in their order.
func (p portrait) isPartOf(body string) bool { return p.within(wordsOf(body)) }

// mayBe reports whether a body may be one of those that the portrait was made of, if what
// was sent goes into it: it has all their words, or, where they have none, not many.
func (p portrait) mayBe(body string) bool {
	return p.isPartOf(body) && (len(p.words) > 0 || p.shows(body))
}

func (p portrait) within(words []string) bool {
	for _, word := range p.words {
		i := slices.Index(words, word)
		if i < 0 {
			return false
		}
		words = words[i+1:]
	}
	return true
}

// anybodys are bodies that prove nothing, as their words stand together.
var anybodys = []string{
	"", "ok", "okay", "null", "true", "done", "success", "accepted", "response", "responseresponse",
	"oktrue", "statusok", "successtrue", "statussuccess", "receivedtrue",
}

// distinctive reports whether the portrait is the application's alone.
func (p portrait) distinctive() bool {
	words := slices.DeleteFunc(slices.Clone(p.words), func(word string) bool {
		return word == "xml" || word == "version" || word == "encoding" || word == "UTF" || word == "utf"
	})
	return !slices.Contains(anybodys, strings.ToLower(strings.Join(words, "")))
}

// wordsOf returns the words of a body: its runs of letters. A run with a digit
// in it is none.
func wordsOf(body string) []string {
	isPart := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
	}
	var words []string
	for _, word := range strings.FieldsFunc(body, func(c rune) bool { return !isPart(c) }) {
		if !strings.ContainsAny(word, "0123456789") {
			words = append(words, word)
		}
		if len(words) == mostWords {
			break
		}
	}
	return words
}

func without(words, ignored []string) []string {
	return slices.DeleteFunc(words, func(word string) bool { return slices.Contains(ignored, word) })
}

// common returns the longest sequence of words that both have in this order.
func common(a, b []string) []string {
	// longest[i][j] is the length for a[i:] and b[j:].
	longest := make([][]int, len(a)+1)
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var words []string
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			words = append(words, a[i])
			i, j = i+1, j+1
		case longest[i+1][j] >= longest[i][j+1]:
			i++
		default:
			j++
		}
	}
	return words
}
