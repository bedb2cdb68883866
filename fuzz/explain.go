package fuzz

import (
	"context"
	"slices"

	"sigconform/adapters/protocol"
	"sigconform/fuzz/generate"
	"sigconform/fuzz/judge"
	"sigconform/reference"
	"sigconform/reference/defect"
	"sigconform/reference/diagnosis"
)

// This file asks package diagnosis which mistakes explain wrong answers, all of them
// together, as for the answers to vectors. How much it may compute is counted in
// steps, and no clock decides what is found.

const (
	// mostSteps is how many answers of defects one explanation may compute, and
	// vectorSteps how many that of the answers to the vectors: about as many as
	// 'sigconform run' computes in its time.
	mostSteps, vectorSteps = 100_000, 400_000
	// mostProbes is how many requests are sent to test an explanation, and fewProbes
	// how many a validator gets that is not to be sent much.
	mostProbes, fewProbes = 200, 100
	// mostMaterial is how many requests are drawn to make them of.
	mostMaterial = 500
	// mostMaterialEpisodes is how many episodes are drawn for that: of some places few
	// requests must be accepted.
	mostMaterialEpisodes = 4 * mostMaterial
)

// explainer explains wrong answers.
type explainer struct {
	*effort
	second   *asker // sends what is to be looked into
	known    *knowledge
	evidence *evidence
	drawn    []diagnosis.Case // see material
	tested   bool             // … whether it remembers signatures
	keeps    bool             // it accepts a signature for another request, once it has seen it
}

// explanation is a diagnosis of answers that were wrong.
type explanation struct {
	*diagnosis.Diagnosis
	of []*diagnosis.Cause // of each answer; nil where no mistake explains it
}

// explainVectors sends the vectors, once, and asks which mistakes explain the wrong
// answers to them alone, as 'sigconform run' does: they were written to tell mistakes
// apart, and what was drawn so far is little. Of one that is not to be sent much, the
// answers to a few vectors are explained with all others.
func (e *explainer) explainVectors(ctx context.Context) ([]diagnosis.Cause, error) {
	if e.evidence.isVectors {
		return nil, nil
	}
	if err := e.evidence.sendVectors(ctx, e.second, e.mostWaiting()); err != nil || e.Lasting {
		return nil, err
	}
	engine := e.engine(vectorSteps)
	engine.Established, engine.Material = nil, nil // as a run of the vectors has it
	found, err := engine.Explain(ctx, e.evidence.observationsOfVectors())
	e.computed(found.Steps)
	e.known.nearest = found.Nearest
	return found.Causes, err
}

// engine is the diagnosis of the validator, which may compute so many answers of defects.
func (e *explainer) engine(steps int) diagnosis.Engine {
	engine := diagnosis.Engine{
		Established: e.known.established(), Limits: e.At == nil, Application: e.At != nil, Material: e.material(), Ask: e.send,
		Bounds: diagnosis.Bounds{Compute: -1, Steps: steps, Probes: mostProbes, Asking: e.mostWaiting()},
	}
	if e.Lasting {
		engine.Bounds.Probes = fewProbes
	} else {
		engine.Alone = e.sendAlone
	}
	return engine
}

// explain asks which mistakes explain the wrong answers beside those that are known.
// Near are right answers to requests that are much alike.
func (e *explainer) explain(ctx context.Context, wrong, near []observed) (*explanation, error) {
	established := e.known.established()
	understood := defect.In(reference.New(), established...)
	observations, at := e.evidence.observations(func(d dated) bool {
		verdict, _ := defect.Ask(understood, d.AuthToken, d.Request)
		return len(established) > 0 && verdict == d.Verdict
	}, slices.Concat(wrong, near)...)
	found, err := e.engine(mostSteps).Explain(ctx, observations)
	e.computed(found.Steps)
	explained := &explanation{Diagnosis: found}
	for i := range wrong {
		explained.of = append(explained.of, found.CauseOf(at[i]))
	}
	return explained, err
}

// trust says how far a mistake is to be believed that explains one wrong answer.
type trust int

const (
	isNear               trust = iota // other right answers contradict it
	isHardlyContradicted              // next to none contradicts it
	isCertain                         // none does
)

// explainAlone asks which mistake explains a wrong answer among right ones to requests
// that are much alike, without all others: of a validator with many mistakes most answers
// are due to several, and contradict each of them. It returns nil if there is none.
func (e *explainer) explainAlone(ctx context.Context, wrong observed, near []observed) (*diagnosis.Cause, trust, error) {
	observations, at := new(evidence).observations(nil, append([]observed{wrong}, near...)...)
	found, err := e.engine(mostSteps).Explain(ctx, observations)
	e.computed(found.Steps)
	c := found.CauseOf(at[0])
	if c == nil || c.Defect.Only != "" || c.Defect.Behaviour || isAnswer(c.Defect) {
		return nil, isNear, err
	}
	switch explained, contradicted := e.evidence.weigh(c.Defect.New()); {
	case contradicted == 0 && c.State != diagnosis.Confirmed:
		return nil, isNear, err // it is a guess
	case c.State != diagnosis.Confirmed || contradicted*doubt > explained:
		return c, isNear, err
	case contradicted > 0:
		return c, isHardlyContradicted, err
	}
	return c, isCertain, err
}

// send sends requests that the diagnosis makes.
func (e *explainer) send(ctx context.Context, cases []diagnosis.Case) ([]diagnosis.Answer, error) {
	return sendTo(ctx, e.second, cases)
}

// sendAlone sends them to a validator that was sent nothing before.
func (e *explainer) sendAlone(ctx context.Context, cases []diagnosis.Case) ([]diagnosis.Answer, error) {
	alone := e.asker(false)
	defer alone.close()
	return sendTo(ctx, alone, cases)
}

func sendTo(ctx context.Context, to *asker, cases []diagnosis.Case) ([]diagnosis.Answer, error) {
	asked := make([]protocol.Case, len(cases))
	for i, c := range cases {
		asked[i] = protocol.Case{ID: id(i), AuthToken: c.AuthToken, Request: c.Request}
	}
	answers, err := to.askAll(ctx, asked)
	given := make([]diagnosis.Answer, len(answers))
	for i, a := range answers {
		given[i] = diagnosis.Answer{Verdict: a.Verdict, StringToSign: a.StringToSign}
	}
	return given, err
}

// material returns requests that were not sent and will not be, to make probes of.
func (e *explainer) material() []diagnosis.Case {
	if e.drawn != nil {
		return e.drawn
	}
	e.drawn = []diagnosis.Case{}
	for number := uint64(0); len(e.drawn) < mostMaterial && number < mostMaterialEpisodes; number++ {
		for _, c := range e.episode(generate.Seeded(e.Seed, ^number), nil) { // a run counts up from 0
			if c.Expected == judge.MustAccept {
				e.drawn = append(e.drawn, diagnosis.Case{AuthToken: c.SentToken(), Request: c.Sent()})
			}
		}
	}
	return e.drawn
}

// remembering asks which mistake that remembers explains a wrong answer of a validator
// that cannot be made to forget; nil if none does.
func (e *explainer) remembering(ctx context.Context, wrong observed) (*diagnosis.Cause, error) {
	observations, at := e.evidence.observations(func(dated) bool { return true }, wrong)
	only := slices.DeleteFunc(defect.Variants(), func(v defect.Variant) bool { return !v.Remembers })
	found, err := diagnosis.Engine{Only: only, Bounds: diagnosis.Bounds{Compute: -1, Steps: mostSteps}}.Explain(ctx, observations)
	return found.CauseOf(at[0]), err
}

// keepsSignatures reports whether a validator that cannot be made to forget accepts a
// request that it rejects, once its signature was right for another one: it remembers.
func (e *explainer) keepsSignatures(ctx context.Context) (bool, error) {
	material := e.material()
	if e.tested || len(material) < 2 {
		return e.keeps, nil
	}
	e.tested = true
	right, wrong := material[0], material[1]
	wrong.Request.Signature = right.Request.Signature
	given, err := e.send(ctx, []diagnosis.Case{wrong, right, wrong})
	if err == nil {
		e.keeps = given[0].Verdict != reference.Accept && given[1].Verdict == reference.Accept && given[2].Verdict == reference.Accept
	}
	return e.keeps, err
}
