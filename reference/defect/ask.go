// This file answers: what does a defective validator answer? The reference
// accepts or rejects and never throws; a defect may.

package defect

import (
	"fmt"

	"sigconform/reference"
)

// Thrown is what a step panics with where the mistaken validator throws.
type Thrown string

func (t Thrown) Error() string { return string(t) }

// Ask returns what v answers to r. The detail is what v threw, "" if it
// answered.
func Ask(v reference.Validator, authToken string, r reference.Request) (verdict reference.Verdict, detail string) {
	verdict, detail, _ = Check(v, authToken, r)
	return verdict, detail
}

// Check is Ask, and says which strings' signatures v would have accepted, as
// [reference.Validator.Check] does; none if v threw.
func Check(v reference.Validator, authToken string, r reference.Request) (
	verdict reference.Verdict, detail string, stringsToSign []string,
) {
	err := catch(func() {
		verdict = reference.Reject
		var accepted bool
		if accepted, stringsToSign = v.Check(authToken, r); accepted {
			verdict = reference.Accept
		}
	})
	if err != nil {
		return reference.Error, err.Error(), nil
	}
	return verdict, "", stringsToSign
}

// StringToSign returns the likeliest string whose signature v would accept for
// r, and false if there is none: v rejects r in any case, or throws.
func StringToSign(v reference.Validator, r reference.Request) (stringToSign string, ok bool) {
	err := catch(func() {
		if signed := v.StringsToSign(r); len(signed) > 0 {
			stringToSign, ok = signed[0], true
		}
	})
	return stringToSign, ok && err == nil
}

// Sign returns the signature that v expects r to have, and false if none will
// do. The signature that r has is not looked at.
func Sign(v reference.Validator, authToken string, r reference.Request) (signature string, ok bool) {
	v = v.For(r)
	stringToSign, ok := StringToSign(v, r)
	if !ok {
		return "", false
	}
	err := catch(func() {
		var key reference.Key
		if key, ok = v.ChooseKey(authToken, r); ok {
			signature = v.Encode(v.MAC(key, stringToSign))
		}
	})
	return signature, ok && err == nil
}

// Hashed returns the body that a validator with the defect compares with the hash of
// r, and false if it compares none.
func (v Variant) Hashed(r reference.Request) (body []byte, compares bool) {
	right := reference.New()
	right.Covered = func(r reference.Request) bool {
		body, compares = r.Body, true
		return true
	}
	defective := v.Apply(right).For(r)
	err := catch(func() { defective.Covered(r) })
	return body, compares && err == nil
}

// catch runs f and returns what it threw. Any other panic is a bug of ours and
// goes on.
func catch(f func()) (err error) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case Thrown:
			err = thrown
		default:
			panic(thrown)
		}
	}()
	f()
	return nil
}

// throw is the step that throws.
func throw(format string, args ...any) {
	panic(Thrown(fmt.Sprintf(format, args...)))
}
