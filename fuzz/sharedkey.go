package fuzz

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/defect"
)

// This file answers: does the validator under test support SharedKeys (beta)? A
// validator that does not is not accused of refusing what one signed. Like any other it
// must reject what no key signed, whatever the settings header says.

// askAboutKeys finds out whether the validator supports SharedKeys. Whoever names a
// shared key of a place has said that it does. An answer to an open question that the
// validator shows is remembered.
func (r *run) askAboutKeys(sending, looking context.Context, to *asker) error {
	o := &r.Options
	if o.At != nil {
		return nil
	}
	right, byToken, wrong := generate.KeyProbes()
	o.keys.asked = slices.Concat(right, byToken, wrong)
	to.until = sending
	answers, err := to.ask(looking, o.keys.asked)
	switch {
	case sending.Err() != nil && !errors.Is(err, errSilent):
		return nil // the time was up meanwhile
	case err != nil:
		return err
	}
	// Where it accepts what nothing signed, its acceptance says nothing.
	inAny := answers[len(right)+len(byToken):]
	for i := range right {
		if answers[i].Verdict == reference.Accept && inAny[i].Verdict != reference.Accept {
			return nil
		}
	}
	o.keys.none = true
	o.keys.note = fmt.Sprintf("it does not support SharedKeys (beta): it accepts none of %d right requests that one signed, "+
		"so only what must be rejected was tested", len(right))
	switch {
	case said(answers[:len(right)], reference.Unsupported) == len(right):
		o.keys.refused = true
		o.keys.note = "it says that it does not support SharedKeys (beta), so no request with a settings header was sent"
	case said(answers[len(right):len(right)+len(byToken)], reference.Accept) > said(inAny, reference.Accept):
		if ignored, err := defect.Find("settings-header-ignored"); err == nil {
			r.look.known.answer(ignored)
		}
	}
	return nil
}

// besides are the sets of mistakes that may be made beside one that remembers: all others
// that are known and, if SharedKeys are not supported, the settings header ignored as well.
func (l *looker) besides() [][]defect.Variant {
	known := slices.DeleteFunc(l.known.all(nil), func(v defect.Variant) bool { return v.Remembers })
	ignored, err := defect.Find("settings-header-ignored")
	if err != nil || !l.keys.none {
		return [][]defect.Variant{known}
	}
	return [][]defect.Variant{known, append(slices.Clone(known), ignored)}
}

// noteSettings remembers that a validator ignores the settings header that does not support
// SharedKeys, if what is known of it explains only then that it accepted a request with one.
func (l *looker) noteSettings(looked []difference) {
	ignored, err := defect.Find("settings-header-ignored")
	if err != nil || !l.keys.none {
		return
	}
	k := l.known
	for _, d := range looked {
		if d.answer.Verdict == reference.Accept && d.Sent().SignatureSettings != nil && k.causeOf(d.observed) == nil &&
			k.agrees(k.with(append(k.all(nil), ignored)...), d.observed) {
			k.answer(ignored)
			return
		}
	}
}

func said(answers []protocol.Answer, verdict reference.Verdict) (n int) {
	for _, a := range answers {
		if a.Verdict == verdict {
			n++
		}
	}
	return n
}

// episode draws an episode and appends it to cases, judged by what the validator
// supports.
func (o *Options) episode(s *generate.Source, cases []*generate.Case) []*generate.Case {
	from := len(cases)
	cases = generate.Episode(o.At, s, cases)
	if !o.keys.none {
		return cases
	}
	kept := cases[:from]
	for _, c := range cases[from:] {
		if c.Request.SignatureSettings != nil {
			if o.keys.refused {
				continue
			}
			if c.Expected != judge.NotJudged {
				c.Expected = judge.JudgeWithoutSupport(&c.Case)
			}
		}
		kept = append(kept, c)
	}
	return kept
}
