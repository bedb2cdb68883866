// This file answers: what is wrong where an endpoint fails a check of its own? The
// requests that got through have shown it, so that it needs no guess. The rules are
//
//   - A check that a known mistake in computing signatures fails as well belongs to
//     that mistake: what got through is sent to a validator that makes it.
//   - Otherwise the check itself names the cause, once, and failures of vectors that
//     show nothing else belong to it.

package endpoint

import (
	"context"
	"slices"
	"strings"

	"sigconform/adapters/protocol"
	"sigconform/adapters/webhook"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// hole is the mistake that failures of checks show.
type hole struct {
	checks []string // their ids; one that ends in / stands for all of a family
	slug   string
	says   string // completes the sentence "It …"
	hint   string
	// shows reports whether the failure of a vector that nothing else explains is due to
	// it as well; nil if none is.
	shows func(*conformance.Run, *conformance.Result) bool
	// beside are vectors about the same without what is special about the checks. If one of
	// them fails the checks show nothing new.
	beside []string
	// absorbs: causes that explain nothing but what shows is true of are the same mistake,
	// seen in part.
	absorbs bool
	// drawn says which drawn requests that are let in wrongly show nothing but the hole;
	// nil if none does.
	drawn func(r reference.Request) bool
	// within are the slugs of causes that a failed check belongs to, if one of them was found:
	// the same code makes both mistakes.
	within []string
	// takes are the slugs of causes that are the same mistake, seen without what is special
	// about the checks.
	takes []string
	// requires must all fail.
	requires []string
	// unless are rules: where a mistake breaks one of them, requests that are drawn show it.
	unless []string
	// ofForms: the checks say something only if right forms are accepted.
	ofForms bool
}

// has reports whether a check is one of the hole's.
func (h hole) has(id string) bool {
	return slices.ContainsFunc(h.checks, func(check string) bool {
		return id == check || strings.HasSuffix(check, "/") && strings.HasPrefix(id, check)
	})
}

// named are the failures that the hole explains, of those of a run that nothing else does.
func (h hole) named(run *conformance.Run, failures []*conformance.Result) []*conformance.Result {
	var of, more []*conformance.Result
	for _, r := range failures {
		switch {
		case h.has(r.Vector.ID):
			of = append(of, r)
		case h.shows != nil && (h.absorbs || !isCheck(r.Vector)) && h.shows(run, r):
			more = append(more, r)
		}
	}
	if of == nil {
		return nil
	}
	return append(of, more...)
}

// absorb takes the causes out of a run that are the hole, seen in part, and returns what
// they explain.
func (h hole) absorb(run *conformance.Run) []*conformance.Result {
	var taken []*conformance.Result
	run.Diagnosis.Causes = slices.DeleteFunc(run.Diagnosis.Causes, func(c *conformance.Cause) bool {
		isPart := h.absorbs && !slices.ContainsFunc(c.Explains, func(r *conformance.Result) bool {
			return !h.has(r.Vector.ID) && !h.shows(run, r)
		})
		if !isPart && !slices.Contains(h.takes, c.Defect.Slug) {
			return false
		}
		taken = append(taken, c.Explains...)
		return true
	})
	return taken
}

// belongsTo is the cause that the failed checks of the hole belong to; nil if there is none.
func (h hole) belongsTo(d *conformance.Diagnosis) *conformance.Cause {
	i := slices.IndexFunc(d.Causes, func(c *conformance.Cause) bool {
		return c.Defect.Defect != nil && slices.Contains(h.within, c.Defect.Slug)
	})
	if i < 0 {
		return nil
	}
	return d.Causes[i]
}

// allFail reports whether all of these vectors fail.
func allFail(run *conformance.Run, ids []string) bool {
	failures := run.Failures()
	return !slices.ContainsFunc(ids, func(id string) bool {
		return !slices.ContainsFunc(failures, func(r *conformance.Result) bool { return r.Vector.ID == id })
	})
}

// besides reports whether a vector beside the checks fails, and its cause if there is one.
func (h hole) besides(run *conformance.Run) (failed bool, cause *conformance.Cause) {
	for _, r := range run.Failures() {
		if slices.Contains(h.beside, r.Vector.ID) {
			return true, run.Diagnosis.CauseOf(r)
		}
	}
	return false, nil
}

// known is the one cause of all that the hole requires; nil if there is none.
func (h hole) known(run *conformance.Run) (known *conformance.Cause) {
	for _, r := range run.Failures() {
		if !slices.Contains(h.requires, r.Vector.ID) {
			continue
		}
		cause := run.Diagnosis.CauseOf(r)
		if cause == nil || known != nil && cause != known {
			return nil
		}
		known = cause
	}
	return known
}

// cause is the hole as a cause of these failures.
func (h hole) cause(failures []*conformance.Result) *conformance.Cause {
	return &conformance.Cause{Defect: shown(h.slug, h.says, h.hint), Explains: failures, State: diagnosis.Confirmed}
}

// shown is a mistake that only a running endpoint shows: the catalogue has no step for it.
func shown(slug, says, hint string) defect.Variant {
	return defect.Variant{Defect: &defect.Defect{
		Slug: slug, Says: says, Hint: hint, Behaviour: true, Step: func(*reference.Validator) {},
	}}
}

// nameHoles gives each failed check a cause.
func (p *Plan) nameHoles(run *conformance.Run) {
	failures := run.Failures()
	if len(failures) == 0 {
		return
	}
	if run.Diagnosis == nil {
		run.Diagnosis = &conformance.Diagnosis{}
	}
	d := run.Diagnosis
	unexplained := slices.DeleteFunc(failures, func(r *conformance.Result) bool {
		if d.CauseOf(r) != nil || slices.Contains(d.Unsteady, r) {
			return true
		}
		cause := p.madeBy(d, r)
		if cause != nil {
			cause.Explains = append(cause.Explains, r)
		}
		return cause != nil
	})
	var holes []*conformance.Cause
	for _, h := range holesOfGuards {
		h.checks = append(slices.Clone(h.checks), p.sameHole(h)...)
		if !allFail(run, h.requires) || h.ofForms && p.endpoint.shape.kind() != kindForm {
			continue
		}
		if failed, cause := h.besides(run); failed {
			if of := h.named(run, unexplained); of != nil && cause != nil {
				cause.Explains = append(cause.Explains, of...)
			}
			continue
		}
		if of := h.named(run, unexplained); of != nil {
			if cause := h.known(run); cause != nil && !slices.ContainsFunc(of, func(r *conformance.Result) bool { return !isCheck(r.Vector) }) {
				cause.Explains = append(cause.Explains, of...)
				continue
			}
			if cause := h.belongsTo(d); cause != nil {
				cause.Explains = append(cause.Explains, of...)
				unexplained = slices.DeleteFunc(unexplained, func(r *conformance.Result) bool { return slices.Contains(of, r) })
				continue
			}
			for _, r := range h.absorb(run) {
				if !slices.Contains(of, r) {
					of = append(of, r)
				}
			}
			for _, r := range of {
				r.Advice = p.endpoint.adviceOn(of[0].Vector)
			}
			holes = append(holes, h.cause(of))
			unexplained = slices.DeleteFunc(unexplained, func(r *conformance.Result) bool { return slices.Contains(of, r) })
		}
	}
	if lacking := fieldsDemanded(run, unexplained); lacking != nil {
		holes = append(holes, lacking)
	}
	d.Causes = append(d.Causes, holes...)
	slices.SortStableFunc(d.Causes, func(a, b *conformance.Cause) int { return letsIn(b) - letsIn(a) })
	d.Unexplained = slices.DeleteFunc(d.Unexplained, func(r *conformance.Result) bool { return d.CauseOf(r) != nil })
	if len(d.Unexplained) == 0 {
		d.Nearest = nil
	}
}

// AskGuard sends the checks of the guard alone, and judges them. What is wrong says
// [Plan.Holes].
func (p *Plan) AskGuard(ctx context.Context) (*conformance.Run, error) {
	run := &conformance.Run{}
	var cases []protocol.Case
	for _, v := range p.Vectors {
		if i := p.items[v.ID]; i.trials != nil || i.settled != nil || isLetIn(v) {
			cases = append(cases, protocol.Case{ID: v.ID, Request: v.Request.Reference()})
		}
	}
	err := p.Ask(ctx, cases, func(i int, a protocol.Answer) {
		r := conformance.Judging{}.Judge(p.items[cases[i].ID].vector, a)
		run.Results = append(run.Results, &r)
	})
	return run, err
}

// isLetIn reports whether a vector is a check of how a body is sent that must be refused,
// and says something without the vectors beside it.
func isLetIn(v *vectors.Vector) bool {
	return isCheck(v) && v.Result == vectors.Invalid && slices.ContainsFunc(holesOfGuards, func(h hole) bool {
		return h.has(v.ID) && (h.unless != nil || h.ofForms && v.Request.Reference().IsForm())
	})
}

// Holes are the causes of the failures of a guard that the known mistakes which were
// found otherwise do not explain.
func (p *Plan) Holes(run *conformance.Run, found []defect.Variant) []*conformance.Cause {
	run.Diagnosis = &conformance.Diagnosis{}
	for _, variant := range found {
		run.Diagnosis.Causes = append(run.Diagnosis.Causes, &conformance.Cause{Defect: variant})
	}
	p.Explain(run)
	return slices.DeleteFunc(run.Diagnosis.Causes, func(c *conformance.Cause) bool {
		return slices.ContainsFunc(found, func(v defect.Variant) bool {
			return v.Key() == c.Defect.Key() || isPartOf(c.Defect.Slug, v)
		})
	})
}

// isPartOf reports whether a hole shows nothing new where a mistake is made: in run the
// vectors beside its checks say so.
func isPartOf(slug string, mistake defect.Variant) bool {
	return slices.ContainsFunc(holesOfGuards, func(h hole) bool {
		return h.slug == slug && slices.Contains(h.unless, mistake.Breaks)
	})
}

// Absorbs reports whether a request that is drawn, and let in wrongly, shows nothing but the
// hole that a cause names.
func Absorbs(cause *conformance.Cause, r reference.Request) bool {
	return slices.ContainsFunc(holesOfGuards, func(h hole) bool {
		return h.drawn != nil && h.slug == cause.Defect.Slug && h.drawn(r)
	})
}

// HoleNames are the words by which a list of known failures may name a hole: its slug and
// its checks.
func HoleNames() []string {
	var names []string
	for _, h := range holesOfGuards {
		names = append(names, h.slug)
		for _, check := range h.checks {
			if strings.HasPrefix(check, "endpoint-") {
				names = append(names, check)
			}
		}
	}
	return names
}

// The checks of content types, of methods, and of what calls a POST another method.
const (
	typeCheck     = "endpoint-guard/type"
	methodCheck   = "endpoint-guard/method"
	overrideCheck = "endpoint-guard/method-override"
)

// letsIn is 1 for a cause that lets attackers in, and 0 for another.
func letsIn(c *conformance.Cause) int {
	if slices.ContainsFunc(c.Explains, func(r *conformance.Result) bool { return r.Kind == vectors.FalseAccept }) {
		return 1
	}
	return 0
}

// madeBy is the known mistake by which a check fails, too; nil if there is none.
func (p *Plan) madeBy(d *conformance.Diagnosis, r *conformance.Result) *conformance.Cause {
	i, is := p.items[r.Vector.ID]
	if !is || !isCheck(r.Vector) || i.settled != nil {
		return nil
	}
	sent := p.through[r.Vector.ID]
	if i.trials == nil {
		one := webhook.Delivery{Case: caseOf(r.Vector.Request.Reference())}
		if i.deliver != nil {
			i.deliver(&one)
		}
		sent = []webhook.Delivery{one}
	}
	for _, cause := range d.Causes {
		if cause.Defect.Defect != nil && p.endpoint.answersAll(cause.Defect, sent, r.Answer.Verdict) {
			return cause
		}
	}
	return nil
}

// answersAll reports whether a validator with the mistake gives the answer to all that
// was sent, and a right one does not. What only headers or another target change is
// beyond a mistake in computing.
func (e *Endpoint) answersAll(mistake defect.Variant, sent []webhook.Delivery, answer reference.Verdict) bool {
	for _, d := range sent {
		if d.Target != "" || d.Header != nil || d.WireBody != nil || d.Signatures != nil && d.SignatureName == "" {
			return false
		}
		request := e.withKeys(d.Request)
		if d.SignatureName != "" && !strings.EqualFold(d.SignatureName, "X-Twilio-Signature") {
			request.Signature = nil
		}
		if d.Method != "" {
			request.Method = d.Method
		}
		accepts := answer == reference.Accept
		verdict, _ := defect.Ask(mistake.New(), e.token, request) // it may throw
		if (verdict == reference.Accept) != accepts || reference.New().Validate(e.token, request) == accepts {
			return false
		}
	}
	return len(sent) > 0
}
