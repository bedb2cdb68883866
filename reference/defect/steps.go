// This file holds the ways to replace a step. Each keeps the step that it finds
// and does something wrong before or after it, so that defects can be combined.

package defect

import (
	"slices"

	"sigconform/reference"
)

// Step replaces one step of a validator by a mistaken one.
type Step func(v *reference.Validator)

// mapURLs changes the URLs that may have been signed, given the request's URL.
func mapURLs(change func(signed []string, url string, product reference.Product) []string) Step {
	return func(v *reference.Validator) {
		right := v.SignedURLs
		v.SignedURLs = func(url string, product reference.Product) []string {
			return change(right(url, product), url, product)
		}
	}
}

// editText changes the text of the URL before the right URLs are made of it.
func editText(edit func(url string) string) Step {
	return func(v *reference.Validator) {
		right := v.SignedURLs
		v.SignedURLs = func(url string, product reference.Product) []string {
			return right(edit(url), product)
		}
	}
}

// editURL changes the pieces of the URL before the right URLs are made of it. A
// text that is no URL stays as it is.
func editURL(edit func(p *reference.URLParts)) Step {
	return editText(func(url string) string { return edited(url, edit) })
}

// mapSigned changes each of the URLs that may have been signed, as text.
func mapSigned(change func(signed, url string) string) Step {
	return mapURLs(func(signed []string, url string, _ reference.Product) []string {
		for i := range signed {
			signed[i] = change(signed[i], url)
		}
		return signed
	})
}

// editSigned changes the pieces of each of the URLs that may have been signed.
func editSigned(edit func(p *reference.URLParts)) Step {
	return mapSigned(func(signed, _ string) string { return edited(signed, edit) })
}

// restore changes the pieces of each of the URLs that may have been signed,
// with a look at those of the URL that they were made of.
func restore(edit func(p *reference.URLParts, configured reference.URLParts)) Step {
	return mapSigned(func(signed, url string) string {
		configured, _ := reference.SplitURL(url)
		return edited(signed, func(p *reference.URLParts) { edit(p, configured) })
	})
}

// editProduct changes which product a request is taken to be of.
func editProduct(edit func(url string, product reference.Product) reference.Product) Step {
	return func(v *reference.Validator) {
		right := v.SignedURLs
		v.SignedURLs = func(url string, product reference.Product) []string {
			return right(url, edit(url, product))
		}
	}
}

// alsoSigned adds one more URL to those that may have been signed: the first of
// them, changed.
func alsoSigned(edit func(p *reference.URLParts)) Step {
	return mapURLs(func(signed []string, _ string, _ reference.Product) []string {
		return with(signed, edited(signed[0], edit))
	})
}

// with appends what is not there yet.
func with(urls []string, more ...string) []string {
	for _, url := range more {
		if !slices.Contains(urls, url) {
			urls = append(urls, url)
		}
	}
	return urls
}

func edited(url string, edit func(p *reference.URLParts)) string {
	p, ok := reference.SplitURL(url)
	if !ok {
		return url
	}
	before := p
	if edit(&p); p == before {
		return url // mostly, and then the same in memory as well: what compares it later takes no time
	}
	return p.String()
}

// readAs reads the body of a request in another way: where read reports true, its
// parameters are signed and no hash is looked for. It replaces the two steps that
// read the body.
func readAs(read func(r reference.Request) (params []reference.Param, is bool)) Step {
	return func(v *reference.Validator) {
		covered, params := v.Covered, v.Params
		v.Covered = func(r reference.Request) bool {
			_, is := read(r)
			return is || covered(r)
		}
		v.Params = func(r reference.Request) []reference.Param {
			if read, is := read(r); is {
				return read
			}
			return params(r)
		}
	}
}

// editRequest changes the request before its body is read, with the two steps that
// read it.
func editRequest(edit func(r *reference.Request)) Step {
	return func(v *reference.Validator) {
		editCovered(edit)(v)
		params := v.Params
		v.Params = func(r reference.Request) []reference.Param {
			edit(&r)
			return params(r)
		}
	}
}

// mapRequestParams changes the parameters of a request, still in the body's
// order; there are none where the body is no form.
func mapRequestParams(change func(r reference.Request, params []reference.Param) []reference.Param) Step {
	return func(v *reference.Validator) {
		right := v.Params
		v.Params = func(r reference.Request) []reference.Param { return change(r, slices.Clone(right(r))) }
	}
}

// editParams changes the decoded parameters, still in the body's order.
func editParams(edit func(params []reference.Param) []reference.Param) Step {
	return mapRequestParams(func(_ reference.Request, params []reference.Param) []reference.Param { return edit(params) })
}

// editForm changes the body of a form before it is decoded.
func editForm(edit func(body string) string) Step {
	return func(v *reference.Validator) {
		right := v.Params
		v.Params = func(r reference.Request) []reference.Param {
			if isForm(r) {
				r.Body = []byte(edit(string(r.Body)))
			}
			return right(r)
		}
	}
}

// isForm reports whether the parameters of r's body are signed.
func isForm(r reference.Request) bool {
	return reference.CoverageOf(r) == reference.CoveredByParams
}

// parseEveryBody reads every body as a form.
var parseEveryBody = readAs(func(r reference.Request) ([]reference.Param, bool) { return reference.ParseForm(r.Body), true })

func hasNoValue(p reference.Param) bool { return p.Value == "" }

// dropParams drops the parameters for which drop is true.
func dropParams(drop func(p reference.Param) bool) Step {
	return editParams(func(params []reference.Param) []reference.Param { return slices.DeleteFunc(params, drop) })
}

// mapParams changes each parameter by itself.
func mapParams(change func(p reference.Param) reference.Param) Step {
	return editParams(func(params []reference.Param) []reference.Param {
		for i, p := range params {
			params[i] = change(p)
		}
		return params
	})
}

// mapText changes each name and each value.
func mapText(change func(s string) string) Step {
	return mapParams(func(p reference.Param) reference.Param {
		return reference.Param{Name: change(p.Name), Value: change(p.Value)}
	})
}

// mapNames changes each name.
func mapNames(change func(s string) string) Step {
	return mapParams(func(p reference.Param) reference.Param {
		return reference.Param{Name: change(p.Name), Value: p.Value}
	})
}

// mapValues changes each value.
func mapValues(change func(s string) string) Step {
	return mapParams(func(p reference.Param) reference.Param {
		return reference.Param{Name: p.Name, Value: change(p.Value)}
	})
}

// editCovered changes the request before its body is compared with its hash.
func editCovered(edit func(r *reference.Request)) Step {
	return func(v *reference.Validator) {
		right := v.Covered
		v.Covered = func(r reference.Request) bool {
			edit(&r)
			return right(r)
		}
	}
}

// editHashed changes the body before it is compared with its hash.
func editHashed(edit func(body []byte) []byte) Step {
	return editCovered(func(r *reference.Request) {
		if reference.CoverageOf(*r) == reference.CoveredByHash {
			r.Body = edit(r.Body)
		}
	})
}

// sortWith sorts the parameters by name in another order of names. The values
// of a repeated name stay sorted, as the right order has them.
func sortWith(compare func(a, b string) int) Step {
	return sortParams(func(a, b reference.Param) int { return compare(a.Name, b.Name) })
}

// sortParams sorts the parameters once more, in another order.
func sortParams(compare func(a, b reference.Param) int) Step {
	return orderParams(func(_, ordered []reference.Param) []reference.Param {
		slices.SortStableFunc(ordered, compare)
		return ordered
	})
}

// orderParams puts parameters in another order, given those of the body and the
// right order.
func orderParams(order func(received, ordered []reference.Param) []reference.Param) Step {
	return func(v *reference.Validator) {
		right := v.OrderParams
		v.OrderParams = func(params []reference.Param) []reference.Param {
			return order(params, slices.Clone(right(params)))
		}
	}
}

// mapJoined changes each parameter after they were sorted.
func mapJoined(change func(p reference.Param) reference.Param) Step {
	return joinWith(func(url string, params []reference.Param) (string, []reference.Param) {
		var changed []reference.Param
		for _, p := range params {
			changed = append(changed, change(p))
		}
		return url, changed
	})
}

// joinWith changes what is joined: the URL and the parameters, after they were sorted.
func joinWith(change func(url string, params []reference.Param) (string, []reference.Param)) Step {
	return func(v *reference.Validator) {
		right := v.Join
		v.Join = func(url string, params []reference.Param) string { return right(change(url, params)) }
	}
}

// editString changes the string to sign.
func editString(edit func(s string) string) Step {
	return func(v *reference.Validator) {
		right := v.Join
		v.Join = func(url string, params []reference.Param) string { return edit(right(url, params)) }
	}
}

// editToken changes the auth token where it is the key; a shared key stays as it is.
func editToken(edit func(token string) string) Step {
	return func(v *reference.Validator) {
		right := v.MAC
		v.MAC = func(key reference.Key, stringToSign string) []byte {
			if !key.Shared {
				key.Secret = edit(key.Secret)
			}
			return right(key, stringToSign)
		}
	}
}

// admit does something before the token and the signature are looked at.
func admit(first func(authToken string, signature *string)) Step {
	return func(v *reference.Validator) {
		right := v.Admit
		v.Admit = func(authToken string, signature *string) bool {
			first(authToken, signature)
			return right(authToken, signature)
		}
	}
}

// alsoEqual accepts more than what is equal.
func alsoEqual(equal func(computed, received string) bool) Step {
	return func(v *reference.Validator) {
		right := v.Equal
		v.Equal = func(computed, received string) bool {
			return right(computed, received) || equal(computed, received)
		}
	}
}

// enforce answers something else than what was found.
func enforce(answer func(authToken string, r reference.Request, holds bool) bool) Step {
	return func(v *reference.Validator) {
		right := v.Enforce
		v.Enforce = func(authToken string, r reference.Request, holds bool) bool {
			return answer(authToken, r, right(authToken, r, holds))
		}
	}
}

// unchecked accepts the requests for which trusted is true.
func unchecked(trusted func(r reference.Request) bool) Step {
	return enforce(func(_ string, r reference.Request, holds bool) bool { return holds || trusted(r) })
}

// tryAgain makes a second attempt, with a validator that is changed in some way.
func tryAgain(change Step) Step {
	return func(v *reference.Validator) {
		again := *v
		change(&again)
		enforce(func(authToken string, r reference.Request, holds bool) bool {
			return holds || again.Validate(authToken, r)
		})(v)
	}
}

// tryAgainAs makes a second attempt, with the request changed. Only requests
// with that method are tried again, "" for any.
func tryAgainAs(edit func(r *reference.Request), method string) Step {
	return func(v *reference.Validator) {
		again := *v
		enforce(func(authToken string, r reference.Request, holds bool) bool {
			if holds || method != "" && r.Method != method {
				return holds
			}
			edit(&r)
			return again.Validate(authToken, r)
		})(v)
	}
}
