// This file answers: are these failures the application's, or does a proxy in front
// rewrite request targets? Then the application receives another URL than was
// sent, and verifies that. It is one cause, whatever it looks like from outside, and
// it remains a failure: Twilio is locked out where a target is rewritten.

package endpoint

import (
	"regexp"
	"slices"
	"strings"

	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
	"sigconform/spec/conformance"
	"sigconform/vectors"
)

// rewriter is the proxy that the answers came through, if it is one that is known to
// rewrite targets; nil if nothing does.
func (e *Endpoint) rewriter() *framework {
	for _, f := range e.likely() {
		if f.proxy && (f.rewritesPath != "" || f.rewritesQuery != "") {
			return f
		}
	}
	return nil
}

// silentRewriters are the proxies of the table that rewrite targets and leave no sign
// of themselves in the answers of the application.
func silentRewriters() []*framework {
	var all []*framework
	for i := range frameworks {
		if frameworks[i].silent {
			all = append(all, &frameworks[i])
		}
	}
	return all
}

// mayRewrite reports whether the proxy is known to rewrite the target of a request.
func (f *framework) mayRewrite(url string) bool {
	parts, _ := reference.SplitURL(url)
	return f.rewritesPath != "" && patterns()[f.rewritesPath].MatchString(parts.Path) ||
		f.rewritesQuery != "" && patterns()[f.rewritesQuery].MatchString(strings.TrimPrefix(parts.Query, "?"))
}

// urlRules are those of vectors that a rewritten target fails.
var urlRules = []string{"url-verbatim", "get-signs-url-only", "self-test"}

// mayHaveFailed reports whether the proxy may be why a result is a failure.
func (f *framework) mayHaveFailed(r *conformance.Result) bool {
	aboutURL := slices.ContainsFunc(r.Vector.Rules, func(rule string) bool { return slices.Contains(urlRules, rule) })
	return !isCheck(r.Vector) && aboutURL && f.mayRewrite(string(r.Vector.Request.URL))
}

// uncleaned is what each proxy that rewrites paths takes out of them, however it is
// configured: doubled slashes are kept by some that decode all the same.
var uncleaned = regexp.MustCompile(`/\.\.?(/|$)`)

// leavesPaths reports whether a right request got through whose path the proxy would
// have cleaned, if it rewrote paths here: whether it does is a matter of how it is
// configured. One that rewrites queries as well does so unless that is switched off.
func (f *framework) leavesPaths(run *conformance.Run) bool {
	return f.rewritesPath == decoded && f.rewritesQuery == "" && slices.ContainsFunc(run.Results, func(r *conformance.Result) bool {
		parts, _ := reference.SplitURL(string(r.Vector.Request.URL))
		return r.Outcome == conformance.Passed && r.Vector.Result == vectors.Valid && uncleaned.MatchString(parts.Path)
	})
}

// blameProxy joins the failures that the proxy in front may have made to one cause.
// One that does not show itself is named only in place of causes that say the same.
func (e *Endpoint) blameProxy(run *conformance.Run) {
	if run.Diagnosis == nil {
		return
	}
	if f := e.rewriter(); f != nil && !f.leavesPaths(run) {
		f.blame(run.Diagnosis, f.name+" in front rewrites targets like these", true)
		return
	}
	for _, f := range silentRewriters() {
		f.blame(run.Diagnosis, f.name+" rewrites targets like these where it stands in front, "+
			"and the application may do the same", false)
	}
}

// blame makes one cause of those whose failures the proxy may have made, all of them; a
// cause that explains others as well is the application's own, and stays. With
// unexplained, failures without a cause are the proxy's, too.
func (f *framework) blame(d *conformance.Diagnosis, why string, unexplained bool) {
	var failures []*conformance.Result
	d.Causes = slices.DeleteFunc(d.Causes, func(c *conformance.Cause) bool {
		if slices.ContainsFunc(c.Explains, func(r *conformance.Result) bool { return !f.mayHaveFailed(r) }) {
			return false
		}
		failures = append(failures, c.Explains...)
		return true
	})
	d.Unexplained = slices.DeleteFunc(d.Unexplained, func(r *conformance.Result) bool {
		if unexplained && f.mayHaveFailed(r) {
			failures = append(failures, r)
			return true
		}
		return false
	})
	if len(failures) == 0 {
		return
	}
	if len(d.Unexplained) == 0 {
		d.Nearest = nil
	}
	slices.SortStableFunc(failures, func(a, b *conformance.Result) int {
		return strings.Compare(string(b.Vector.Result), string(a.Vector.Result)) // valid ones first
	})
	for _, r := range failures {
		// What was signed for the rewritten target gets nobody in who could not sign.
		r.Kind, r.Advice = vectors.FalseReject, []string{"in " + f.name + ": " + f.advice.target}
	}
	d.Causes = append([]*conformance.Cause{{
		Defect: rewritten(why), Explains: failures, State: diagnosis.Likely,
	}}, d.Causes...)
}

// rewritten is the cause that somebody in front rewrites targets.
func rewritten(why string) defect.Variant {
	return shown("target-rewritten-by-proxy",
		"verifies another target than was sent: what the application received is not what was sent, for "+why,
		"To tell whose mistake it is, test the application directly, at the address where the proxy calls "+
			"it, with the same --public-url: if it passes, change the proxy.")
}

// RewrittenBy returns the cause of what is wrong with a request that was drawn, if a proxy
// in front is known to rewrite a target like its own, and did so where a path was tried
// that each such proxy cleans. Advice is what to change in it.
func (e *Endpoint) RewrittenBy(url string) (cause defect.Variant, advice string, is bool) {
	f := e.rewriter()
	if f == nil || !f.mayRewrite(url) || !e.cleaned && f.rewritesQuery == "" {
		return defect.Variant{}, "", false
	}
	return rewritten(f.name + " in front rewrites targets like these"), "in " + f.name + ": " + f.advice.target, true
}

// adviseOn adds to the failures what to change in the framework that answered. What their
// cause is about says more than what the request that shows it is about.
func (e *Endpoint) adviseOn(run *conformance.Run) {
	for _, r := range run.Failures() {
		r.Advice = e.adviceOn(r.Vector)
		if cause := run.Diagnosis.CauseOf(r); cause != nil {
			if about := topicOf[cause.Defect.Breaks]; about != nil && cause.Defect.Breaks != "body-covered" {
				r.Advice = e.advise(about)
			}
			if cause.Defect.Breaks == "url-verbatim" {
				r.Advice = e.adviseTarget(string(r.Vector.Request.URL))
			}
		}
	}
}

// adviceOn is the advice on a failure of a vector.
func (e *Endpoint) adviceOn(v *vectors.Vector) []string {
	switch {
	case v.ID == "endpoint-guard/refusal-time" || v.ID == "endpoint-guard/handshake":
		return e.advise(onSocket)
	case strings.HasPrefix(v.ID, "endpoint-forwarding/"):
		return e.advise(onOrigin)
	}
	request := v.Request.Reference()
	for _, rule := range v.Rules {
		switch {
		case rule == "body-covered" && reference.CoverageOf(request) == reference.CoveredByParams:
			return e.advise(onForm) // a form with more in it than was signed
		case rule == "body-covered" && isMultipart(request):
			return nil // no framework has its raw bytes at hand
		case rule == "url-verbatim":
			return e.adviseTarget(request.URL)
		}
		if about := topicOf[rule]; about != nil {
			return e.advise(about)
		}
	}
	return nil
}
