// This file holds the ways to replace a step. Each keeps the step that is there
// and does something wrong before or after it, so that defects can be combined.

package defect

import (
	"slices"
	"strconv"
	"strings"

	"sigconform/reference"
)

// replace is the type of Defect.Replace.
type replace = func(v *reference.Validator, value string)

// editURL changes the pieces of the URL before the right URLs are made of it. A
// text that is no URL stays as it is.
func editURL(edit func(p *reference.URLParts)) replace {
	return editURLWith(func(p *reference.URLParts, _ string) { edit(p) })
}

// editURLWith is editURL for a defect with values.
func editURLWith(edit func(p *reference.URLParts, value string)) replace {
	return func(v *reference.Validator, value string) {
		right := v.SignedURLs
		v.SignedURLs = func(url string, product reference.Product) []string {
			return right(edited(url, func(p *reference.URLParts) { edit(p, value) }), product)
		}
	}
}

// mapSigned changes each of the URLs that may have been signed, as text.
func mapSigned(change func(signed, url, value string) string) replace {
	return func(v *reference.Validator, value string) {
		right := v.SignedURLs
		v.SignedURLs = func(url string, product reference.Product) []string {
			signed := right(url, product)
			for i := range signed {
				signed[i] = change(signed[i], url, value)
			}
			return signed
		}
	}
}

// editSigned changes the pieces of each of the URLs that may have been signed.
func editSigned(edit func(p *reference.URLParts, value string)) replace {
	return mapSigned(func(signed, _, value string) string {
		return edited(signed, func(p *reference.URLParts) { edit(p, value) })
	})
}

// restore changes the pieces of each of the URLs that may have been signed,
// with a look at those of the URL that they were made of.
func restore(edit func(p *reference.URLParts, configured reference.URLParts)) replace {
	return mapSigned(func(signed, url, _ string) string {
		configured, _ := reference.SplitURL(url)
		return edited(signed, func(p *reference.URLParts) { edit(p, configured) })
	})
}

// editProduct changes what product a request is taken to be of.
func editProduct(edit func(url string, product reference.Product, value string) reference.Product) replace {
	return func(v *reference.Validator, value string) {
		right := v.SignedURLs
		v.SignedURLs = func(url string, product reference.Product) []string {
			return right(url, edit(url, product, value))
		}
	}
}

// alsoSigned adds one more URL to those that may have been signed: the first of
// them, changed.
func alsoSigned(edit func(p *reference.URLParts)) replace {
	return func(v *reference.Validator, _ string) {
		right := v.SignedURLs
		v.SignedURLs = func(url string, product reference.Product) []string {
			signed := right(url, product)
			if another := edited(signed[0], edit); !slices.Contains(signed, another) {
				signed = append(signed, another)
			}
			return signed
		}
	}
}

func edited(url string, edit func(p *reference.URLParts)) string {
	p, ok := reference.SplitURL(url)
	if !ok {
		return url
	}
	edit(&p)
	return p.String()
}

// editForm changes the body of a form before it is decoded.
func editForm(edit func(body string) string) replace {
	return editFormWith(func(body, _ string) string { return edit(body) })
}

func editFormWith(edit func(body, value string) string) replace {
	return func(v *reference.Validator, value string) {
		right := v.Params
		v.Params = func(r reference.Request) []reference.Param {
			if isForm(r) {
				r.Body = []byte(edit(string(r.Body), value))
			}
			return right(r)
		}
	}
}

// isForm reports whether the parameters of r's body are signed.
func isForm(r reference.Request) bool {
	return reference.CoverageOf(r) == reference.CoveredByParams
}

// editParams changes the decoded parameters, which are still in the body's order.
func editParams(edit func(params []reference.Param) []reference.Param) replace {
	return editParamsWith(func(params []reference.Param, _ string) []reference.Param { return edit(params) })
}

func editParamsWith(edit func(params []reference.Param, value string) []reference.Param) replace {
	return func(v *reference.Validator, value string) {
		right := v.Params
		v.Params = func(r reference.Request) []reference.Param { return edit(slices.Clone(right(r)), value) }
	}
}

// dropParams drops the parameters of which drop is true.
func dropParams(drop func(p reference.Param) bool) replace {
	return editParams(func(params []reference.Param) []reference.Param {
		return slices.DeleteFunc(params, drop)
	})
}

// mapParams changes each parameter for itself.
func mapParams(change func(p reference.Param) reference.Param) replace {
	return editParams(func(params []reference.Param) []reference.Param {
		for i, p := range params {
			params[i] = change(p)
		}
		return params
	})
}

// mapText changes each name and each value.
func mapText(change func(s string) string) replace {
	return mapParams(func(p reference.Param) reference.Param {
		return reference.Param{Name: change(p.Name), Value: change(p.Value)}
	})
}

// mapValues changes each value.
func mapValues(change func(s string) string) replace {
	return mapParams(func(p reference.Param) reference.Param {
		return reference.Param{Name: p.Name, Value: change(p.Value)}
	})
}

// editCovered changes the request before it is asked whether its body is covered.
func editCovered(edit func(r *reference.Request)) replace {
	return func(v *reference.Validator, _ string) {
		right := v.Covered
		v.Covered = func(r reference.Request) bool {
			edit(&r)
			return right(r)
		}
	}
}

// editHashed changes the body before it is compared with its hash.
func editHashed(edit func(body []byte) []byte) replace {
	return editCovered(func(r *reference.Request) {
		if reference.CoverageOf(*r) == reference.CoveredByHash {
			r.Body = edit(r.Body)
		}
	})
}

// sortWith sorts the parameters by name in another order of names. The values
// of a repeated name stay sorted, as the right order has them.
func sortWith(compare func(a, b string) int) replace {
	return sortParams(func(a, b reference.Param) int { return compare(a.Name, b.Name) })
}

// sortParams sorts the parameters once more, in another order.
func sortParams(compare func(a, b reference.Param) int) replace {
	return func(v *reference.Validator, _ string) {
		right := v.OrderParams
		v.OrderParams = func(params []reference.Param) []reference.Param {
			ordered := slices.Clone(right(params))
			slices.SortStableFunc(ordered, compare)
			return ordered
		}
	}
}

// editToken changes the key.
func editToken(edit func(token string) string) replace {
	return editTokenWith(func(token, _ string) string { return edit(token) })
}

func editTokenWith(edit func(token, value string) string) replace {
	return func(v *reference.Validator, value string) {
		right := v.MAC
		v.MAC = func(authToken, stringToSign string) []byte {
			return right(edit(authToken, value), stringToSign)
		}
	}
}

// alsoEqual accepts more than what is equal.
func alsoEqual(equal func(computed, received string) bool) replace {
	return func(v *reference.Validator, _ string) {
		right := v.Equal
		v.Equal = func(computed, received string) bool {
			return right(computed, received) || equal(computed, received)
		}
	}
}

// enforce makes another answer of the finding.
func enforce(answer func(authToken string, r reference.Request, holds bool) bool) replace {
	return func(v *reference.Validator, _ string) {
		right := v.Enforce
		v.Enforce = func(authToken string, r reference.Request, holds bool) bool {
			return answer(authToken, r, right(authToken, r, holds))
		}
	}
}

// tryAgain accepts what holds at a second attempt, under a validator that is
// changed in some way.
func tryAgain(change func(v *reference.Validator)) replace {
	return tryAgainWith(func(v *reference.Validator, _ string) { change(v) })
}

func tryAgainWith(change replace) replace {
	return func(v *reference.Validator, value string) {
		again := *v
		change(&again, value)
		right := v.Enforce
		v.Enforce = func(authToken string, r reference.Request, holds bool) bool {
			return right(authToken, r, holds) || again.Validate(authToken, r)
		}
	}
}

// count is the value of a defect that counts something.
func count(value string) int {
	n, _ := strconv.Atoi(value)
	return n
}

// tryAgainAs accepts what holds at a second attempt, with the request changed.
// Only requests with that method are tried again, "" for any.
func tryAgainAs(edit func(r *reference.Request), method string) replace {
	return func(v *reference.Validator, _ string) {
		again, right := *v, v.Enforce
		v.Enforce = func(authToken string, r reference.Request, holds bool) bool {
			if holds = right(authToken, r, holds); holds || method != "" && r.Method != method {
				return holds
			}
			edit(&r)
			return again.Validate(authToken, r)
		}
	}
}

// sized returns requests of every size: the right ones of a defect that is a limit.
func sized(request func(n int) (url, body string)) func(n int) reference.Request {
	return func(n int) reference.Request {
		url, body := request(n)
		r := reference.Request{Method: "GET", URL: url, Body: []byte(body)}
		if body != "" {
			form := "application/x-www-form-urlencoded"
			r.Method, r.ContentType = "POST", &form
		}
		return r
	}
}

// longForm is a request whose form has n bytes.
var longForm = sized(func(n int) (url, body string) {
	return "https://example.com/myapp", "a=" + strings.Repeat("b", max(0, n-2))
})

// longBody is a request with n bytes of JSON that their hash covers.
func longBody(n int) reference.Request {
	contentType, body := "application/json", []byte(strings.Repeat("1", n))
	url := "https://example.com/myapp?" + reference.BodyHashParam + "=" + reference.BodyHash(body)
	return reference.Request{Method: "POST", URL: url, ContentType: &contentType, Body: body}
}
